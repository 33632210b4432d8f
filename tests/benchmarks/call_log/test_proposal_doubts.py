"""What a proposal does where columns leave room for doubt: it takes the likelier, and says so."""

import pytest

from benchmarks.call_log.guesses import category_guesses, turned_round
from benchmarks.call_log.mapping_file import read_mapping
from benchmarks.call_log.proposal import propose
from benchmarks.call_log.trial import tried


def proposed(folder, text, encoding="utf-8"):
    path = folder / "foreign.csv"
    path.write_bytes(text.encode(encoding))
    toml = propose(path)
    return path, toml, read_mapping(toml, str(folder / "proposed.toml"))


def test_without_a_time_of_the_call_the_first_order_goes_for_it(tmp_path):
    text = (
        "Incident Number;Arrive Date Time;Cleared Date Time;Dispatch Date Time;Geo Point\n"
        "1;2024-03-04T00:32:00-05:00;2024-03-04T01:10:00-05:00;2024-03-04T00:24:00-05:00;"
        "35.79, -78.78\n"
    )
    path, toml, mapping = proposed(tmp_path, text)
    assert mapping.time.columns == {
        "received_at": "Dispatch Date Time",
        "first_on_scene_at": "Arrive Date Time",
        "clear_at": "Cleared Date Time",
    }
    assert "the file has no time of the call; this goes for it" in toml
    assert "1 can be used" in tried(path, toml, "p", 100)


def test_a_day_on_which_an_event_was_closed_is_no_time_of_the_call(tmp_path):
    text = "event_number,dispatch_datetime,event_close_date,event_close_time,latitude,longitude\n"
    text += "1,2024-03-04 09:00:00,2024-03-04,09:26:00,53.5,-113.5\n" * 3
    _, _, mapping = proposed(tmp_path, text)
    assert mapping.time.columns == {"received_at": "dispatch_datetime"}


def test_a_point_goes_before_numbers_of_an_unknown_grid(tmp_path):
    text = "NOPD_Item,TimeCreate,MapX,MapY,Location\n"
    text += "C1,03/04/2024 10:00:00 AM,3681000,533000,POINT (-90.07123 29.96123)\n" * 3
    path, toml, mapping = proposed(tmp_path, text)
    assert (mapping.place.point, mapping.place.order) == ("Location", "lon lat")
    assert mapping.time.zone == "America/Chicago"
    assert mapping.file.incident_id == "NOPD_Item"
    assert "lat 29.961" in tried(path, toml, "p", 100)


def test_dates_with_points_and_clocks_of_their_own_are_joined(tmp_path):
    text = "Einsatz-Nr;Datum;Anrufzeit;Ausfahrt;Ankunft Spital;Dringlichkeit;E_LV95;N_LV95\n"
    text += "1;12.06.2025;00:03;00:18;00:49;P3;2684996;1241923\n"
    text += "2;13.06.2025;23:53;23:59;00:49;P1;2684996;1241923\n"
    path, toml, mapping = proposed(tmp_path, text)
    assert mapping.file.incident_id == "Einsatz-Nr"
    assert mapping.time.format == "%d.%m.%Y %H:%M"
    assert mapping.time.columns["at_hospital_at"] == ("Datum", "Ankunft Spital")
    assert (mapping.place.system, mapping.place.x) == ("EPSG:2056", "E_LV95")
    assert mapping.time.zone == "Europe/Zurich"
    assert "2 can be used" in tried(path, toml, "p", 100)


def test_a_norwegian_log_and_a_zone_of_utm_by_its_name_are_understood(tmp_path):
    text = (
        "Hendelse-ID;Mottatt;Hastegrad;Varslet;Rykker ut;Fremme hentested;Avreist hentested;"
        "Ankomst sykehus;Ledig;UTM33 X;UTM33 Y;Enhet\n"
    )
    times = ";".join(f"02.06.2025 0{n}:10:00" for n in range(2, 8))
    text += "".join(
        f"A{n};02.06.2025 01:10:00;{word};{times};262000;6649000;A1\n"
        for n, word in enumerate(("Akutt", "Haster", "Vanlig"))
    )
    path, toml, mapping = proposed(tmp_path, text)
    assert mapping.place.system == "EPSG:32633"
    assert mapping.time.zone == "Europe/Oslo"
    assert mapping.time.columns == {
        "received_at": "Mottatt",
        "first_assigned_at": "Varslet",
        "first_mobile_at": "Rykker ut",
        "first_on_scene_at": "Fremme hentested",
        "left_scene_at": "Avreist hentested",
        "at_hospital_at": "Ankomst sykehus",
        "clear_at": "Ledig",
    }
    assert mapping.category.words == {"Akutt": "C2", "Haster": "C3", "Vanlig": "C4"}
    assert "3 can be used" in tried(path, toml, "p", 100)


def ranked(folder, minutes, elapsed=False):
    """Return a proposal for a log in which each rank waits so many minutes."""
    rows = []
    for n in range(40 * len(minutes)):
        rank = [*minutes][n % len(minutes)]
        wait = (
            f"{minutes[rank]}.{n % 9}"
            if elapsed
            else f"2025-03-0{n % 7 + 1} 10:{minutes[rank]:02d}"
        )
        rows.append(f"{n},{rank},2025-03-0{n % 7 + 1} 10:00,{wait},43.7,-79.4\n")
    head = "response_time_min" if elapsed else "arrived"
    return proposed(folder, f"id,priority,received,{head},lat,lon\n" + "".join(rows))


@pytest.mark.parametrize("elapsed", [False, True])
def test_waits_tell_which_end_of_the_ranks_is_the_gravest(tmp_path, elapsed):
    _, toml, mapping = ranked(tmp_path, {4: 8, 3: 12, 1: 30}, elapsed)
    assert mapping.category.words == {"4": "C1", "3": "C2", "1": "C4"}
    assert 'check each: calls of "4" were reached soonest' in toml
    _, toml, mapping = ranked(tmp_path, {1: 8, 2: 12, 4: 30}, elapsed)
    assert mapping.category.words == {"1": "C1", "2": "C2", "4": "C4"}
    assert 'check each: calls of "1" were reached soonest' in toml


def test_where_waits_are_alike_a_person_is_asked(tmp_path):
    _, toml, mapping = ranked(tmp_path, {1: 8, 2: 8, 3: 9})
    assert mapping.category.words == {"1": "C1", "2": "C2", "3": "C3"}
    assert "is 1 the gravest, or the mildest?" in toml


def test_words_are_not_turned_round_by_waits(tmp_path):
    _, toml, mapping = ranked(tmp_path, {"Emergent": 30, "Routine": 8})
    assert mapping.category.words == {"Emergent": "C2", "Routine": "C4"}
    assert "is 1 the gravest, or the mildest?" in toml


def test_levels_are_known_by_what_they_say_whatever_the_column_is_called(tmp_path):
    rows = [
        f"{n},2025-03-01T10:00:00Z,{word},53.3,-6.2\n"
        for n, word in enumerate(("Echo", "Delta", "Alpha", "Omega"))
    ]
    _, _, mapping = proposed(tmp_path, "id,received,clinicalStatus,lat,lon\n" + "".join(rows))
    assert mapping.category.words == {"Echo": "C1", "Delta": "C2", "Alpha": "C3", "Omega": "C5"}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["PURPLE", "RED", "ORANGE", "GREEN"], ["C1", "C2", "C3", "C4"]),
        (["Code 1A", "Code 1B", "Code 2A", "Code 3"], ["C1", "C2", "C3", "C4"]),
        (["Code 1A", "Code 2B"], ["C1", "C2"]),
    ],
)
def test_purple_and_codes_with_letters_are_ranked(texts, expected):
    assert [*category_guesses(texts, code_3_is_gravest=False).values()] == expected


def test_only_ranks_can_be_turned_round():
    assert turned_round(["4 - Urgent", "1 - Deferrable"]) == {}
    assert turned_round(["P1", "P4"]) == {"P1": "C4", "P4": "C1"}
