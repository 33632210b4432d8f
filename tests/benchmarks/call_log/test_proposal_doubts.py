"""What a proposal does where columns leave room for doubt: it takes the likelier, and says so."""

import pytest

from benchmarks.call_log.bring_in import bring_in
from benchmarks.call_log.column_profile import profile
from benchmarks.call_log.guesses import category_guesses, turned_round
from benchmarks.call_log.mapping import TimeBlock
from benchmarks.call_log.mapping_file import read_mapping
from benchmarks.call_log.proposal import propose
from benchmarks.call_log.read import read_log
from benchmarks.call_log.stamps import Stamps
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


EXTRACT = """\
Incident Extract - FOI 2025/123,,,,,,,,
Printed 01/12/2025,,,,,,,,
,,,,,,,,
Incident No.,Clock Start,Response Category,Lat,Lon,Time At Scene,Time At Hospital,Handover Mins,\
Time Clear
SW1,03/11/2025 00:10,Cat1,51.45,-2.6,03/11/2025 00:19,03/11/2025 00:50,21.5,03/11/2025 01:30
SW2,13/11/2025 00:10,Cat2,51.45,-2.6,13/11/2025 00:25,13/11/2025 00:55,31.5,13/11/2025 01:45
SW3,14/11/2025 00:10,Cat3,51.45,-2.6,14/11/2025 00:45,14/11/2025 00:55,41.0,14/11/2025 01:50
Total,3,,,,,,,
"""


def test_a_title_with_empty_cells_is_no_header_and_a_total_is_no_incident(tmp_path):
    path, toml, mapping = proposed(tmp_path, EXTRACT)
    assert mapping.file.skip_lines == 3
    assert mapping.category.words == {"Cat1": "C1", "Cat2": "C2", "Cat3": "C3"}
    told = tried(path, toml, "p", 100)
    assert "3 can be used" in told
    assert "1 cannot be used" in told


def test_the_length_of_a_handover_ends_it_before_the_crew_is_clear(tmp_path):
    path, toml, mapping = proposed(tmp_path, EXTRACT)
    assert "handover_lasts_until_clear" not in toml
    assert mapping.time.elapsed["handed_over_at"].after == "at_hospital_at"
    bring_in(path, mapping, tmp_path / "log.csv")
    call = read_log(tmp_path / "log.csv").log[0]
    assert (call.handover_s, call.clear_s) == (21.5 * 60, 18.5 * 60)


INDIA = """\
Case ID,Call Date Time,Criticality,Vehicle Assignment Time,Base Departure Time,\
Scene Arrival Time,Scene Departure Time,Hospital Arrival Time,Back to Base Time,Scene Lat Long
K1,02-Jun-2025 12:01:00 AM,Critical,02-Jun-2025 12:02:00 AM,02-Jun-2025 12:04:00 AM,\
02-Jun-2025 12:21:00 AM,02-Jun-2025 12:41:00 AM,02-Jun-2025 01:01:00 AM,02-Jun-2025 01:31:00 AM,\
"12.971234,77.591234"
K2,03-Jun-2025 12:01:00 PM,Stable,03-Jun-2025 12:02:00 PM,03-Jun-2025 12:04:00 PM,\
03-Jun-2025 12:31:00 PM,,,03-Jun-2025 01:31:00 PM,"12.981234,77.581234"
"""


def test_places_named_before_what_happens_there_are_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, INDIA)
    assert mapping.time.format == "%d-%b-%Y %I:%M:%S %p"
    assert mapping.time.zone == "Asia/Kolkata"
    assert mapping.time.columns == {
        "received_at": "Call Date Time",
        "first_assigned_at": "Vehicle Assignment Time",
        "first_mobile_at": "Base Departure Time",
        "first_on_scene_at": "Scene Arrival Time",
        "left_scene_at": "Scene Departure Time",
        "at_hospital_at": "Hospital Arrival Time",
        "clear_at": "Back to Base Time",
    }
    assert mapping.category.words == {"Critical": "C1", "Stable": "C3"}
    assert "2 can be used" in tried(path, toml, "p", 100)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("13-MAR-2024 08:15:00 AM", "%d-%b-%Y %I:%M:%S %p"),
        ("13/Mar/2024 08:15:00", "%d/%b/%Y %H:%M:%S"),
        ("Wed, 13 Mar 2024 08:15:00 +0000", "%a, %d %b %Y %H:%M:%S %z"),
        ("08:15:00 13/03/2024", "%H:%M:%S %d/%m/%Y"),
        ("Mar 13, 2024 08:15:00", "%b %d, %Y %H:%M:%S"),
        ("2024-03-13 8:15 AM", "%Y-%m-%d %I:%M %p"),
    ],
)
def test_more_ways_to_write_a_time_are_read(text, form):
    assert profile("when", [text] * 3).formats[0] == form
    (stamp,), bad = Stamps(TimeBlock(zone="UTC", format=form)).read([text])
    assert (stamp, bad) == (1_710_317_700_000, [])
