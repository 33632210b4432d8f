"""Proposals for logs as open-data portals and control rooms hand them out; samples are made up."""

import pytest

from benchmarks.call_log.bring_in import bring_in
from benchmarks.call_log.guesses import category_guesses, outcome_guess
from benchmarks.call_log.mapping_file import read_mapping
from benchmarks.call_log.proposal import propose
from benchmarks.call_log.read import read_log
from benchmarks.call_log.stamps import Stamps
from benchmarks.call_log.trial import tried
from benchmarks.call_log.zones import zone_of_zips


def proposed(folder, text, encoding="utf-8"):
    path = folder / "foreign.csv"
    path.write_bytes(text.encode(encoding))
    toml = propose(path)
    return path, toml, read_mapping(toml, str(folder / "proposed.toml"))


VIRGINIA = """\
Call Number,Call Priority,Call Date and Time,Dispatch Date and Time,On Scene Date and Time,Location
E24-1,1,03/04/2024 01:00:00 AM,03/04/2024 01:02:00 AM,03/04/2024 01:09:00 AM,"1200 BLOCK ATLANTIC AV
Virginia Beach, VA
(36.851234, -75.971234)"
E24-2,2,03/05/2024 01:00:00 AM,03/05/2024 01:02:00 AM,,"400 BLOCK 21ST ST
Virginia Beach, VA
(36.841234, -75.981234)"
"""


def test_a_place_behind_an_address_of_several_lines_is_found(tmp_path):
    path, toml, mapping = proposed(tmp_path, VIRGINIA)
    assert (mapping.place.point, mapping.place.order) == ("Location", "lat lon")
    assert mapping.time.zone == "America/New_York"
    told = tried(path, toml, "proposed", 1000)
    assert "2 can be used" in told
    assert "lon -75.981 to -75.971, lat 36.841 to 36.851" in told


UTRECHT = """\
Ritnummer;Aanname melding;Urgentie;Toestandsbeeld;Opdracht;Vertrek standplaats;\
Aankomst plaats incident;Vertrek plaats incident;Aankomst ziekenhuis;Vrijmelding;X-coordinaat;\
Y-coordinaat;Ritresultaat;Roepnummer
2025001;20-10-2025 00:10:00;A1;Val;20-10-2025 00:11:00;20-10-2025 00:12:00;20-10-2025 00:20:00;\
20-10-2025 00:40:00;20-10-2025 00:55:00;20-10-2025 01:20:00;135781,5;455247,5;\
Vervoer naar ziekenhuis;09-101
2025002;21-10-2025 00:10:00;B1;Val;21-10-2025 00:11:00;21-10-2025 00:12:00;21-10-2025 00:20:00;;;\
21-10-2025 01:20:00;135781,5;455247,5;EHGV;09-102
2025003;21-10-2025 03:10:00;A0;Reanimatie;;;;;;;135781,5;455247,5;Loos/afgebroken;
"""


def test_a_dutch_ambulance_service_is_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, UTRECHT)
    assert mapping.file.incident_id == "Ritnummer"
    assert mapping.time.zone == "Europe/Amsterdam"
    assert mapping.time.columns == {
        "received_at": "Aanname melding",
        "first_assigned_at": "Opdracht",
        "first_mobile_at": "Vertrek standplaats",
        "first_on_scene_at": "Aankomst plaats incident",
        "left_scene_at": "Vertrek plaats incident",
        "at_hospital_at": "Aankomst ziekenhuis",
        "clear_at": "Vrijmelding",
    }
    assert mapping.place.system == "EPSG:28992"
    assert mapping.category.words == {"A0": "C1", "A1": "C2", "B1": "C4"}
    assert mapping.words["outcome"].words == {
        "Vervoer naar ziekenhuis": "conveyed_to_ed",
        "EHGV": "see_and_treat",
        "Loos/afgebroken": "cancelled",
    }
    assert "3 can be used" in tried(path, toml, "proposed", 1000)


MILAN = """\
ID Evento;Data e ora chiamata;Codice colore;Mezzo;Ora attivazione;Ora partenza;\
Ora arrivo sul posto;Ora partenza dal posto;Ora arrivo ospedale;Ora fine missione;\
Ospedale destinazione;Esito;Coord X;Coord Y
MI1;20/10/2025 00.10.00;Rosso;A1;20/10/2025 00.11.00;20/10/2025 00.12.00;20/10/2025 00.20.00;\
20/10/2025 00.40.00;20/10/2025 00.55.00;20/10/2025 01.20.00;Niguarda;Trasportato;515246;5035544
MI2;20/10/2025 01.10.00;Giallo;A2;20/10/2025 01.11.00;20/10/2025 01.12.00;20/10/2025 01.20.00;;;\
20/10/2025 01.50.00;;Rifiuta trasporto;515946;5035944
MI3;20/10/2025 02.10.00;Verde;A3;;;;;;;;Annullata;515246;5035544
MI4;20/10/2025 02.10.00;Bianco;A3;;;;;;;;Annullata;515246;5035544
"""


def test_an_italian_control_room_is_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, MILAN, "cp1252")
    assert mapping.file.incident_id == "ID Evento"
    assert mapping.time.zone == "Europe/Rome"
    assert mapping.time.format == "%d/%m/%Y %H.%M.%S"
    assert mapping.time.columns["first_mobile_at"] == "Ora partenza"
    assert mapping.time.columns["left_scene_at"] == "Ora partenza dal posto"
    assert mapping.time.columns["at_hospital_at"] == "Ora arrivo ospedale"
    assert mapping.time.columns["clear_at"] == "Ora fine missione"
    assert mapping.place.system == "EPSG:25832"
    assert mapping.category.words == {"Rosso": "C1", "Giallo": "C2", "Verde": "C3", "Bianco": "C4"}
    assert mapping.words["destination"].column == "Ospedale destinazione"
    assert "4 can be used" in tried(path, toml, "proposed", 1000)


BERLIN = """\
Einsatznr;Einsatzcode;Eingang Notruf;Alarmzeit;Ausrückzeit;Ankunft E-Ort;Abfahrt E-Ort;Ankunft KH;\
Frei;Länge;Breite
1;RD3 REANIMATION;45950,50125;45950,50225;45950,50325;45950,50525;45950,50625;45950,50725;\
45950,50825;13,401;52,501
2;RD2 NOTFALL NA;45951,60125;45951,60225;45951,60325;45951,60525;;;45951,60825;13,402;52,502
3;RD1 NOTFALL;45952,70125;45952,70225;45952,70325;45952,70525;;;45952,70825;13,403;52,503
4;KT Krankentransport;45952,80125;;;;;;;13,404;52,504
"""


def test_days_of_a_spreadsheet_with_a_comma_are_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, BERLIN, "cp1252")
    assert mapping.time.format == "excel_days"
    assert mapping.time.columns["received_at"] == "Eingang Notruf"
    assert mapping.time.columns["first_mobile_at"] == "Ausrückzeit"
    assert mapping.time.columns["left_scene_at"] == "Abfahrt E-Ort"
    assert mapping.time.columns["at_hospital_at"] == "Ankunft KH"
    assert mapping.time.columns["clear_at"] == "Frei"
    assert (mapping.place.x, mapping.place.y) == ("Länge", "Breite")
    assert mapping.category.words["RD3 REANIMATION"] == "C1"
    assert mapping.category.words["KT Krankentransport"] == "C4"
    bring_in(path, mapping, tmp_path / "log.csv")
    call = read_log(tmp_path / "log.csv").log[0]
    (expected,), _ = Stamps(mapping.time).read(["45950.50125"])
    assert call.received_at_ms == expected
    assert "4 can be used" in tried(path, toml, "proposed", 1000)


MIDLANDS = """\
CAD Number,Call Date,T0 Call Connect,ARP Category,Pathways Disposition,Easting,Northing,Callsign,\
T7 At Scene,T9 At Hospital,Receiving Site Code,Stop Code
1,02/03/2026,23:58:00,Category 2,Dx0111,407000,287000,WM101,00:09:00,00:40:00,RRK15,See & Convey ED
2,03/03/2026,10:58:00,HCP Level 3,Dx0333,407100,287000,,,,,Hear & Treat
3,13/03/2026,10:58:00,IFT Level 4,Dx0112,407100,287000,WM102,11:09:00,,,See & Treat
"""


def test_a_disposition_of_pathways_is_no_outcome_where_a_stop_code_is(tmp_path):
    path, toml, mapping = proposed(tmp_path, MIDLANDS)
    assert mapping.words["outcome"].words == {
        "See & Convey ED": "conveyed_to_ed",
        "Hear & Treat": "hear_and_treat",
        "See & Treat": "see_and_treat",
    }
    assert mapping.category.words["HCP Level 3"] == "HCP3"
    assert mapping.words["destination"].column == "Receiving Site Code"
    assert "3 can be used" in tried(path, toml, "proposed", 1000)


def test_times_of_day_without_dates_are_said_to_be_too_little(tmp_path):
    head = "Randomized Incident Number,First In District,Incident Creation Time (GMT)\n"
    path = tmp_path / "foreign.csv"
    path.write_text(head + "".join(f"{n},{n % 7},10:{n}:00\n" for n in range(10, 40)))
    toml = propose(path)
    assert "Incident Creation Time (GMT) has times of day, and no column has dates." in toml
    told = tried(path, toml, "proposed", 1000)
    assert "time.columns.received_at is missing" in told
    assert "The file has the columns Randomized Incident Number, First In District, Inc" in told


def test_a_family_of_grids_is_asked_for_a_spot(tmp_path):
    text = "id,received,MGA_X,MGA_Y\n" + "1,2025-03-31T10:00:00,318021.5,6251450.5\n" * 3
    path, toml, _ = proposed_text(tmp_path, text)
    assert 'system = "EPSG:0"' in toml
    mapping = read_mapping(propose(path, near=(151.2, -33.87)), "near")
    assert mapping.time.zone == "Australia/Sydney"
    assert "lat -33.8" in tried(path, propose(path, near=(151.2, -33.87)), "near", 1000)


def proposed_text(folder, text):
    path = folder / "foreign.csv"
    path.write_text(text)
    return path, propose(path), None


def test_a_header_in_japanese_is_kept_for_a_person_to_name(tmp_path):
    text = "救急番号,覚知日時,緯度,経度\n" + "7-1,2025/03/03 10:00,35.68,139.7\n" * 3
    path = tmp_path / "tokyo.csv"
    path.write_bytes(text.encode("cp932"))
    toml = propose(path)
    assert 'encoding = "cp932"' in toml
    assert "The file has the columns 救急番号, 覚知日時, 緯度, 経度." in tried(
        path, toml, "p", 1000
    )
    named = toml.replace("[place]", '[place]\nx = "経度"\ny = "緯度"')
    assert "3 can be used" in tried(path, named, "p", 1000)


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Asia/Dubai", "03:00 by the clock of Asia/Dubai, fewest 15:00: are times written in"),
        ("America/Chicago", "17:00 by the clock of America/Chicago, fewest 05:00\n"),
        ("UTC", "23:00 by the clock of UTC, fewest 11:00\n"),
    ],
)
def test_the_quiet_hours_tell_whether_the_zone_is_right(tmp_path, zone, told):
    rows = []
    for n in range(600):
        hour = (17 + round(((n * 7919) % 600 / 300 - 1) ** 3 * 11)) % 24
        rows.append(f"{n},2024-03-0{n % 7 + 1}T{hour:02d}:{n % 60:02d}:00-06:00,-97.7,30.3\n")
    path, toml, _ = proposed_text(tmp_path, "id,received,lon,lat\n" + "".join(rows))
    mended = toml.replace('zone = "UTC"', f'zone = "{zone}"')
    assert f"most calls come about {told}" in tried(path, mended, "proposed", 1000)


def test_names_and_cells_of_several_lines_do_not_break_the_proposal(tmp_path):
    text = 'id,received,"Patient\nPhone",lon,lat,"empty\ncolumn"\n' + (
        '1,2025-03-31T10:00:00Z,"123\n456",-1.2,52.1,\n' * 3
    )
    path, toml, _ = proposed(tmp_path, text)
    assert "not kept: Patient Phone" in toml
    assert "Empty in the sample: empty column" in toml
    assert "can be used" in tried(path, toml, "proposed", 1000)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1", "4", "9", "12"], ["C1", "C2", "C3", "C4"]),
        (["1", "3", "5", "7"], ["C1", "C2", "C3", "C4"]),
        (["1A", "1B", "2", "3"], ["C1", "C2", "C3", "C4"]),
        (["7"], ["C4"]),
        (["Red", "Orange", "Yellow", "Green", "Blue"], ["C1", "C2", "C3", "C4", "C4"]),
        (["Red", "Amber", "Green"], ["C2", "C3", "C4"]),
        (["Purple", "Red", "Amber", "Yellow", "Green"], ["C1", "C2", "C3", "C3", "C4"]),
    ],
)
def test_ranks_and_colours_are_spread(texts, expected):
    assert [*category_guesses(texts).values()] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See & Convey ED", "conveyed_to_ed"),
        ("Geen vervoer", "see_and_treat"),
        ("MED: MEDIC TRANSPORT", "conveyed_to_ed"),
    ],
)
def test_outcomes_in_more_words(text, expected):
    assert outcome_guess(text) == expected


def test_the_zone_of_american_postcodes_is_known():
    assert zone_of_zips(["89101"]) == "America/Los_Angeles"
    assert zone_of_zips(["85001", "85002"]) == "America/Phoenix"
    assert zone_of_zips(["80202"]) == "America/Denver"
