"""Proposals for logs as other cities and countries write them; the samples are made up."""

import pytest

from benchmarks.call_log.codes import decimal_degrees
from benchmarks.call_log.column_profile import profile
from benchmarks.call_log.guesses import category_guesses, is_for_others, outcome_guess
from benchmarks.call_log.mapping import TimeBlock
from benchmarks.call_log.mapping_file import read_mapping
from benchmarks.call_log.proposal import propose
from benchmarks.call_log.stamps import Stamps
from benchmarks.call_log.trial import tried


def proposed(folder, text, encoding="utf-8"):
    path = folder / "foreign.csv"
    path.write_bytes(text.encode(encoding))
    toml = propose(path)
    return path, toml, read_mapping(toml, str(folder / "proposed.toml"))


FRANCE = """\
Numéro d'intervention;Nature;Priorité;Date et heure appel;Date alerte;Départ;\
Arrivée sur les lieux;Départ lieux;Arrivée hôpital;Disponible;X_L93;Y_L93;Devenir victime
2024001;Malaise à domicile;P2;25/10/2024 00:10;25/10/2024 00:12;25/10/2024 00:15;\
25/10/2024 00:24;25/10/2024 00:50;25/10/2024 01:02;25/10/2024 01:40;842001,25;6519804,75;Transporté
2024002;Feu d'habitation;P1;25/10/2024 00:20;25/10/2024 00:21;25/10/2024 00:24;\
25/10/2024 00:31;;;25/10/2024 02:00;843120,50;6520001,00;Annulé
2024003;Chute à domicile;P3;26/10/2024 03:20;26/10/2024 03:22;26/10/2024 03:25;\
26/10/2024 03:39;;;26/10/2024 04:30;841333,10;6518111,90;Laissé sur place
"""


def test_a_french_fire_and_rescue_service_is_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, FRANCE, "cp1252")
    assert (mapping.file.delimiter, mapping.file.encoding) == (";", "cp1252")
    assert mapping.file.decimal == ","
    assert mapping.file.incident_id == "Numéro d'intervention"
    assert mapping.keep[0].words_not == ("Feu d'habitation",)
    assert mapping.time.zone == "Europe/Paris"
    assert mapping.time.columns == {
        "received_at": "Date et heure appel",
        "first_assigned_at": "Date alerte",
        "first_mobile_at": "Départ",
        "first_on_scene_at": "Arrivée sur les lieux",
        "left_scene_at": "Départ lieux",
        "at_hospital_at": "Arrivée hôpital",
        "clear_at": "Disponible",
    }
    assert mapping.place.system == "EPSG:2154"
    assert mapping.words["outcome"].words["Laissé sur place"] == "see_and_treat"
    told = tried(path, toml, "proposed", 1000)
    assert "1 are left out" in told
    assert "2 can be used" in told
    assert "lat 45.7" in told


GERMANY = """\
Einsatznummer;Stichwort;Sondersignal;Notrufeingang;Alarmierung;Ausgerückt (Status 3);\
Am Einsatzort (Status 4);Transportbeginn (Status 7);Am Krankenhaus (Status 8);Einsatzende;\
Rechtswert;Hochwert;Zielklinik
E-1;Sturz;nein;01.07.2024 00:10:00;01.07.2024 00:12:00;01.07.2024 00:13:00;01.07.2024 00:20:00;\
01.07.2024 00:40:00;01.07.2024 00:55:00;01.07.2024 01:20:00;474000,5;5548000,5;Uniklinik
E-2;Atemnot;ja;02.07.2024 10:10:00;02.07.2024 10:12:00;02.07.2024 10:13:00;02.07.2024 10:20:00;\
;;02.07.2024 11:20:00;475000,5;5549000,5;
"""


def test_a_german_control_room_is_understood(tmp_path):
    _, _, mapping = proposed(tmp_path, GERMANY, "iso-8859-1")
    assert mapping.time.zone == "Europe/Berlin"
    assert mapping.time.format == "%d.%m.%Y %H:%M:%S"
    assert mapping.time.columns["received_at"] == "Notrufeingang"
    assert mapping.time.columns["at_hospital_at"] == "Am Krankenhaus (Status 8)"
    assert mapping.time.columns["clear_at"] == "Einsatzende"
    assert mapping.place.system == "EPSG:25832"
    assert mapping.category.words == {"ja": "C2", "nein": "C3"}


TEXAS = """\
Master_Incident_Number ,Response_Date,Problem,Priority_Description ,Time_PhonePickUp,\
Time_First_Unit_Assigned,Time_First_Unit_Enroute,Time_First_Unit_Arrived,Time_CallClosed,\
Latitude,Longitude,Destination_Name
1,2024-05-01 00:00:12.000,Falls,5 - Priority 5,2024-05-01 00:00:12.000,2024-05-01 00:01:00.000,\
2024-05-01 00:02:00.000,2024-05-01 00:09:00.000,2024-05-01 00:50:00.000,30267153,97743061,Seton
2,2024-05-01 01:00:12.000,Chest Pain,1 - Priority 1,2024-05-01 01:00:12.000,\
2024-05-01 01:01:00.000,2024-05-01 01:02:00.000,NULL,2024-05-01 01:50:00.000,30277153,97733061,NULL
"""


def test_millionths_of_a_degree_without_their_sign_are_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, "\N{BYTE ORDER MARK}" + TEXAS)
    assert mapping.time.zone == "America/Chicago"
    assert mapping.time.columns["received_at"] == "Response_Date"
    assert mapping.time.columns["first_mobile_at"] == "Time_First_Unit_Enroute"
    assert (mapping.place.x_factor, mapping.place.y_factor) == (-1e-6, 1e-6)
    assert mapping.category.words == {"1 - Priority 1": "C1", "5 - Priority 5": "C4"}
    assert "Seem to tell" not in toml
    assert "lon -97.743 to -97.733, lat 30.267 to 30.277" in tried(path, toml, "p", 1000)


ARIZONA = """\
Incident #,Call Date,Call Time,Dispatch Time,On Scene Time,Determinant Level,Y,X,Category
24-1,03/01/24,11:58 PM,23:59:10,00:07:20,Delta,33.41,-112.05,EMS
24-2,03/05/24,09:30 AM,09:31:10,09:37:20,Alpha,33.42,-112.06,EMS
24-3,03/12/24,09:30 AM,09:31:10,09:37:20,Omega,33.43,-112.07,FIRE
"""


def test_times_of_day_follow_the_date_of_the_call_past_midnight(tmp_path):
    path, toml, mapping = proposed(tmp_path, ARIZONA)
    assert mapping.time.zone == "America/Phoenix"
    assert mapping.time.format == ("%m/%d/%y %I:%M %p", "%m/%d/%y %H:%M:%S")
    assert mapping.time.clocks_pass_midnight
    assert mapping.time.columns["first_on_scene_at"] == ("Call Date", "On Scene Time")
    assert mapping.category.column == "Determinant Level"
    told = tried(path, toml, "proposed", 1000)
    assert "3 can be used" in told
    assert "from 2024-03-02T06:58:00.000Z" in told


MARIN = """\
Incident Number,Responding Unit,Latitude,Longitude,Response Mode,Time Call Was Received,\
Time Vehicle was Dispatched,Time Vehicle was en Route to Scene,Time Arrived on Scene,\
Time Arrived at Patient,Time Departed from the Scene,Time Arrived at Destination,\
Time Call was Closed,Disposition
S-1,M4,37.95,-122.5,Emergent,2023-09-14 00:00:00,2023-09-14 00:01:00,2023-09-14 00:02:00,\
2023-09-14 00:08:00,2023-09-14 00:09:00,2023-09-14 00:20:00,2023-09-14 00:31:00,\
2023-09-14 00:59:00,"Treated, Transported by EMS"
S-1,E2,37.95,-122.5,Emergent,2023-09-14 00:00:00,2023-09-14 00:01:00,2023-09-14 00:02:00,\
2023-09-14 00:05:00,2023-09-14 00:05:30,,,2023-09-14 00:30:00,No Patient Found
S-2,M1,37.96,-122.51,Non-Emergent,2023-09-15 00:00:00,2023-09-15 00:01:00,2023-09-15 00:02:00,\
2023-09-15 00:08:00,2023-09-15 00:09:00,,,2023-09-15 00:59:00,Canceled (Prior to Arrival)
"""


def test_the_way_to_the_scene_is_not_taken_for_the_arrival(tmp_path):
    _, _, mapping = proposed(tmp_path, MARIN)
    assert mapping.file.one_row_per == "unit"
    assert mapping.time.columns["first_mobile_at"] == "Time Vehicle was en Route to Scene"
    assert mapping.time.columns["first_on_scene_at"] == "Time Arrived on Scene"
    assert mapping.time.columns["at_hospital_at"] == "Time Arrived at Destination"
    assert mapping.category.words == {"Emergent": "C2", "Non-Emergent": "C4"}
    assert mapping.words["outcome"].words == {
        "Treated, Transported by EMS": "conveyed_to_ed",
        "No Patient Found": "cancelled",
        "Canceled (Prior to Arrival)": "cancelled",
    }


NEMSIS = """\
eResponse.03 Incident Number\teTimes.01 PSAP Call Date/Time\teTimes.03 Unit Notified Date/Time\t\
eTimes.05 En Route\teTimes.06 Arrived on Scene\teTimes.07 Arrived at Patient\teTimes.12 Transfer\t\
eTimes.13 Back in Service\teScene.11 GPS
7\t2024-03-01T00:00:11-05:00\t2024-03-01T00:01:11-05:00\t2024-03-01T00:02:11-05:00\t\
2024-03-01T00:08:11-05:00\t2024-03-01T00:09:11-05:00\t\t2024-03-01T00:59:11-05:00\t35.79,-78.69
"""


def test_the_numbers_of_nemsis_are_known_and_offsets_need_no_zone(tmp_path):
    path, toml, mapping = proposed(tmp_path, NEMSIS)
    assert mapping.file.delimiter == "\t"
    assert "not used: every time has its offset" in toml
    assert mapping.time.columns == {
        "received_at": "eTimes.01 PSAP Call Date/Time",
        "first_assigned_at": "eTimes.03 Unit Notified Date/Time",
        "first_mobile_at": "eTimes.05 En Route",
        "first_on_scene_at": "eTimes.06 Arrived on Scene",
        "clear_at": "eTimes.13 Back in Service",
    }
    assert mapping.place.order == "lat lon"
    assert "lon -78.690 to -78.690" in tried(path, toml, "proposed", 1000)


def test_areas_are_looked_up_where_a_file_says_no_more_of_the_place(tmp_path):
    text = "data;bairro;tipo;idade\n" + "2023-01-01T10:00:00;Boa Viagem;Socorro;40\n" * 2
    text += "2023-01-02T10:00:00;Água Fria;Socorro;50\n"
    (tmp_path / "areas.csv").write_text("name,lon,lat\nBOA VIAGEM,-34.9,-8.1\nAgua Fria,-34.8,-8\n")
    path, toml, mapping = proposed(tmp_path, text)
    assert (mapping.place.system, mapping.place.postcode) == ("postcode", "bairro")
    assert "3 can be used" in tried(path, toml, str(tmp_path / "m.toml"), 1000)


def test_a_missing_list_of_postcodes_is_asked_for(tmp_path):
    text = "id,received,zip\n1,03/13/2024 01:00:00 PM,10001\n2,03/14/2024 01:00:00 PM,10002\n"
    path, toml, _ = proposed(tmp_path, text)
    assert 'zone = "America/New_York"' in toml
    told = tried(path, toml, str(tmp_path / "m.toml"), 1000)
    assert "Expected a list of postcodes or areas at" in told


def test_a_column_that_comes_twice_is_numbered(tmp_path):
    text = "id,date,lon,lat,date\n1,2026-03-01T00:00:00Z,-1.3,50.7,2026-03-01T00:10:00Z\n"
    path, toml, mapping = proposed(tmp_path, text)
    assert mapping.time.columns["received_at"] == "date"
    assert "date (2)" in tried(path, toml, "proposed", 1000)


def test_months_and_days_exchanged_would_tear_a_file_apart(tmp_path):
    rows = "".join(f"{d},0{3}/0{d}/2024 10:00:00,-1.3,50.7\n" for d in range(1, 8))
    _, toml, mapping = proposed(tmp_path, "id,received,lon,lat\n" + rows)
    assert mapping.time.format == "%m/%d/%Y %H:%M:%S"
    assert "The sample fits both: check" in toml


def test_scenes_far_from_all_others_are_told(tmp_path):
    rows = "".join(f"{n},2024-03-01T10:00:00Z,-79.4,43.{n}\n" for n in range(10, 30))
    path, toml, _ = proposed(tmp_path, "id,received,lon,lat\n" + rows + "9,2024-03-01,-79.4,0\n")
    assert "1 lie far from all others, such as row 22" in tried(path, toml, "proposed", 1000)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1", "2", "3"], ["C1", "C2", "C3"]),
        (["Cat 1", "Cat 5", "HCP L3"], ["C1", "C5", "HCP3"]),
        (["P1", "P3", "NU"], ["C1", "C3", None]),
        ([str(n) for n in range(1, 9)], ["C1", "C2", "C2", "C3", "C3", "C4", "C4", "C4"]),
        (["Non-Emergent", "Emergent"], ["C4", "C2"]),
        (["Echo", "Omega", "Bravo"], ["C1", "C5", "C3"]),
        (["1A", "2B"], ["C1", "C2"]),
    ],
)
def test_words_of_urgency_become_categories(texts, expected):
    assert list(category_guesses(texts).values()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Conveyed - ED", "conveyed_to_ed"),
        ("Conveyed - Non ED", "conveyed_elsewhere"),
        ("MED: MEDIC NO TRANSPORT", "see_and_treat"),
        ("DUPF: DUPLICATE", "duplicate"),
        ("Hear & Treat", "hear_and_treat"),
        ("Against Medical Advice", "see_and_treat"),
        ("Stood down", "cancelled"),
        ("SEM REMOÇÃO", "see_and_treat"),
        ("SFPD", ""),
    ],
)
def test_words_of_outcomes_are_guessed(text, expected):
    assert outcome_guess(text) == expected


def test_calls_for_others_are_told_from_those_for_an_ambulance():
    assert is_for_others("Auto Fire Alarm")
    assert is_for_others("Fire: GAS-ODOR/LEAK")
    assert not is_for_others("EMS: FALL VICTIM")
    assert not is_for_others("Fire - burned patient")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2024-03-13 08:15:00 UTC", "iso"),
        ("2024-03-13 08:15:00.123+00", "iso"),
        ("2024-3-13 8:15:00", "iso"),
        ("2024/03/13 08:15:00+00", "%Y/%m/%d %H:%M:%S%z"),
        ("Mar 13 2024  8:15AM", "%b %d %Y %I:%M %p"),
        ("13-MAR-24 08.15.00.000000 AM", "%d-%b-%y %I.%M.%S %p"),
        ("13MAR2024:08:15:00", "%d%b%Y:%H:%M:%S"),
        ("Wednesday, March 13, 2024 8:15:00 AM", "%A, %B %d, %Y %I:%M:%S %p"),
        ("20240313T081500Z", "%Y%m%dT%H%M%S%z"),
        ("20240313 0815", "%Y%m%d %H%M"),
        ("13.03.24 08:15", "%d.%m.%y %H:%M"),
        ("13-03-2024 08:15:00.000", "%d-%m-%Y %H:%M:%S"),
    ],
)
def test_times_as_databases_write_them_are_read(text, form):
    assert profile("when", [text] * 3).formats[0] == form
    (stamp,), bad = Stamps(TimeBlock(zone="UTC", format=form)).read([text])
    assert not bad
    assert abs(stamp - 1_710_317_700_000) < 1000


@pytest.mark.parametrize("before", ["sep=,\n", "CAD extract\nGenerated 1 April\n\n"])
def test_lines_before_the_header_are_passed_over(tmp_path, before):
    path, toml, mapping = proposed(tmp_path, before + ARIZONA)
    assert mapping.file.skip_lines == before.count("\n")
    told = tried(path, toml, "proposed", 1000)
    assert "3 can be used" in told
    bad = ARIZONA.replace("33.42", "")
    path.write_text(before + bad)
    assert f"row {mapping.file.skip_lines + 3}, Y" in tried(path, toml, "proposed", 1000)


def test_utf_16_is_read_by_a_mapping(tmp_path):
    path, toml, mapping = proposed(tmp_path, FRANCE.replace(";", "\t"), "utf-16")
    assert (mapping.file.encoding, mapping.file.delimiter) == ("utf-16", "\t")
    assert "2 can be used" in tried(path, toml, "proposed", 1000)


PARTS = """\
Day,Month,Year,Time of Call,Incident Number,X Coordinate,Y Coordinate,Ward
1,July,2014,01:54:02,1,376***,165***,Abbey
13,July,2014,06:13:58,2,365***,180***,Winterbourne
"""


def test_a_date_in_three_columns_and_masked_metres_are_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, PARTS)
    assert mapping.time.columns["received_at"] == ("Day", "Month", "Year", "Time of Call")
    assert mapping.place.system == "BNG"
    told = tried(path, toml, "proposed", 1000)
    assert "from 2014-07-01T00:54:02.000Z to 2014-07-13T05:13:58.000Z" in told
    assert "lon -2.499 to -2.339" in told


def test_days_without_hours_are_said_to_be_too_little(tmp_path):
    path = tmp_path / "foreign.csv"
    path.write_text("INCIDENT_DT,COUNTY,MINS\n2025-02-19,HARRISON,4\n2025-04-22,LAKE,9\n")
    toml = propose(path)
    assert "INCIDENT_DT has days without a time of day; a replay needs hours." in toml
    assert "every time has its offset" not in toml


def test_commas_in_numbers_are_no_separators(tmp_path):
    text = "id;received;lon;lat\n" + "1;2024-03-01 10:00:00;4,85;45,75\n" * 3
    _, _, mapping = proposed(tmp_path, text)
    assert (mapping.file.delimiter, mapping.file.decimal) == (";", ",")
    assert mapping.file.skip_lines == 0


def rows_of(head, *rows, times=1):
    return head + "\n" + "\n".join(rows * times) + "\n"


def test_abbreviations_of_american_fire_departments_are_understood(tmp_path):
    text = rows_of(
        "Inc #,Rig,MPDS,Time Rcvd,Time Dsp,Time Enr,Time Arr,Time Txp,Time Hosp,Time AOR,X,Y",
        "F1,M1,17-D-3G,11/1/2025 1:00:00 PM,11/1/2025 1:01:00 PM,11/1/2025 1:02:00 PM,"
        "11/1/2025 1:08:00 PM,11/1/2025 1:30:00 PM,11/1/2025 1:41:00 PM,11/1/2025 2:10:00 PM,"
        '"1,271,234.5","225,017.2"',
        "F1,M2,17-D-3G,11/1/2025 1:00:00 PM,11/1/2025 1:03:00 PM,11/1/2025 1:04:00 PM,"
        '11/1/2025 1:12:00 PM,,,11/1/2025 1:20:00 PM,"1,271,234.5","225,017.2"',
    )
    path, toml, _ = proposed_text(tmp_path, text)
    assert 'system = "EPSG:0"' in toml
    told = tried(path, toml, "proposed", 1000)
    assert "place.system is to be named" in told
    assert "--near LON,LAT" in told
    mapping = read_mapping(propose(path, near=(-122.3, 47.6)), "near")
    assert mapping.place.system == "EPSG:2285"
    assert mapping.time.zone == "America/Los_Angeles"
    assert (mapping.file.incident_id, mapping.file.unit) == ("Inc #", "Rig")
    assert mapping.time.columns == {
        "received_at": "Time Rcvd",
        "first_assigned_at": "Time Dsp",
        "first_mobile_at": "Time Enr",
        "first_on_scene_at": "Time Arr",
        "left_scene_at": "Time Txp",
        "at_hospital_at": "Time Hosp",
        "clear_at": "Time AOR",
    }


def proposed_text(folder, text, encoding="utf-8"):
    path = folder / "foreign.csv"
    path.write_bytes(text.encode(encoding))
    return path, propose(path), None


REGULATION = """\
SAMU 75 - Extraction;;;
;;;

N° dossier;Date;Heure décroché;Heure décision;Départ SMUR;Arrivée SLL;Départ SLL;Arrivée CH;\
Fin de mission;Code postal;Long;Lat;Niveau de priorité;Décision
25001;20/10/25;23h50;23h51;23h55;00h05;00h25;00h40;01h20;75020;2,304283;48,842228;P0;Transport
25002;21/10/25;08h10;08h12;08h15;08h30;;;09h00;75012;2,404283;48,852228;P2;Laissé sur place
25003;21/10/25;09h10;;;;;;;75012;;;P3;Conseil médical
"""


def test_a_french_control_room_with_clocks_of_its_own_is_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, REGULATION, "cp1252")
    assert mapping.file.incident_id == "N° dossier"
    assert mapping.time.format == "%d/%m/%y %Hh%M"
    assert mapping.time.handover_lasts_until_clear
    assert mapping.time.columns["left_scene_at"] == ("Date", "Départ SLL")
    assert mapping.time.columns["at_hospital_at"] == ("Date", "Arrivée CH")
    assert mapping.category.words == {"P0": "C1", "P2": "C3", "P3": "C4"}
    assert mapping.words["outcome"].words["Conseil médical"] == "hear_and_treat"
    assert '# postcode = "Code postal"' in toml
    assert "2 can be used" in tried(path, toml, "proposed", 1000)
    (tmp_path / "postcodes.csv").write_text("code_postal;latitude;longitude\n75012;48.84;2.4\n")
    mended = toml.replace("# postcode =", "postcode =").replace("# lookup =", "lookup =")
    assert "3 can be used" in tried(path, mended, str(tmp_path / "m.toml"), 1000)


SCOTLAND = (
    """\
CAD Ref,Call Date,T0 Connect,Colour Code,Final Code,Callsign,Allocated,At Scene,Clear,Grid Ref
E1,Fri 24 Oct 2025,11:58:01pm,Amber,06D01a,M1,11:59:00pm,12:16:24am,1:23:10am,UNKNOWN
E1,Fri 24 Oct 2025,11:58:01pm,Amber,06D01a,M2,11:59:30pm,12:18:24am,1:03:10am,NT 19780 65156
E2,Sat 25 Oct 2025,12:03:58am,Purple,09E01,M3,12:04:34am,12:09:28am,12:25:52am,NT 27963 68218
E3,Sat 25 Oct 2025,1:03:58am,Green,26A08,M3,1:04:34am,1:09:28am,1:25:52am,NT 27963 68218
"""
    + "E4,Sat 25 Oct 2025,2:03:58am,Red,17D03,M3,2:04:34am,2:09:28am,2:25:52am,NT 27963 68218\n"
    * 40
)


def test_references_to_the_grid_and_half_days_are_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, SCOTLAND)
    assert (mapping.place.system, mapping.place.point) == ("BNG", "Grid Ref")
    assert "such as NT 27963 68218" in toml
    assert mapping.time.format == "%a %d %b %Y %I:%M:%S %p"
    assert "Or by Colour Code, which seems to rank calls too." in toml
    told = tried(path, toml, "proposed", 1000)
    assert "1: Grid Ref: no place" in told
    assert "lat 55.873 to 55.902" in told


def test_exchanged_names_of_longitude_and_latitude_are_noticed(tmp_path):
    text = rows_of(
        "id,received,LATITUDE,LONGITUDE,priority",
        "1,2025-10-27T04:01:00Z,-79.44,43.67,1",
        "2,2025-10-27T04:02:00Z,-79.45,43.68,2",
    )
    path, toml, mapping = proposed(tmp_path, text)
    assert (mapping.place.x, mapping.place.y) == ("LATITUDE", "LONGITUDE")
    assert "the names say the reverse" in toml
    wrong = toml.replace('x = "LATITUDE"', 'x = "LONGITUDE"').replace(
        'y = "LONGITUDE"', 'y = "LATITUDE"'
    )
    assert "Nobody lives at such latitudes" in tried(path, wrong, "wrong", 1000)


@pytest.mark.parametrize(
    ("texts", "in_america", "elsewhere"),
    [
        (("Code 1", "Code 2", "Code 3"), ["C4", "C3", "C2"], ["C1", "C2", "C3"]),
        (("P0", "P1", "P2"), ["C1", "C2", "C3"], ["C1", "C2", "C3"]),
    ],
)
def test_codes_are_ranked_as_their_country_does(texts, in_america, elsewhere):
    assert [*category_guesses(texts).values()] == in_america
    assert [*category_guesses(texts, code_3_is_gravest=False).values()] == elsewhere


def test_an_answer_is_an_outcome_only_where_the_question_was_of_transport(tmp_path):
    text = rows_of(
        "id,received,lon,lat,priority,xfer_flag",
        "1,2025-10-27T04:01:00Z,-79.44,43.67,1,Y",
        "2,2025-10-27T04:02:00Z,-79.45,43.68,2,N",
    )
    _, _, mapping = proposed(tmp_path, text)
    assert mapping.words["outcome"].words == {"Y": "conveyed_to_ed", "N": "see_and_treat"}


def test_each_reason_has_its_example_however_many_rows_another_has(tmp_path):
    rows = [f"{n},2025-10-27T04:01:00Z,,,1" for n in range(300)]
    rows += ["x,2025-10-27T04:01:00Z,-79.4,43.7", "y,2025-10-27T04:01:00Z,-79.4,43.7,1"]
    path, toml, _ = proposed(tmp_path, rows_of("id,received,lon,lat,priority", *rows))
    told = tried(path, toml, "proposed", 1000)
    assert "300: lon: no place" in told or "300: lat: no place" in told
    assert "1: the row: wrong number of cells, such as" in told


@pytest.mark.parametrize(
    ("place", "head", "expected"),
    [
        ("SW1A 1AA", "postcode", "%d/%m/%Y %I:%M %p"),
        ("-0.12,51.5", "lon,lat", "%d/%m/%Y %I:%M %p"),
        ("-87.6,41.9", "lon,lat", "%m/%d/%Y %I:%M %p"),
        ("60601", "zip", "%m/%d/%Y %I:%M %p"),
    ],
)
def test_halves_of_a_day_do_not_make_an_american_of_a_british_file(tmp_path, place, head, expected):
    rows = [f"{n},05/06/2025 1:3{n} AM,{place},{n}" for n in range(1, 5)]
    _, toml, mapping = proposed(tmp_path, rows_of(f"id,received,{head},sev", *rows))
    assert mapping.time.format == expected
    assert "check" in toml.split("format =")[1].splitlines()[0]
    assert mapping.category.column == "sev"


def test_days_of_a_spreadsheet_are_times_whatever_their_name(tmp_path):
    rows = [f"{n},4596{n}.{n}5,51.5,-0.12,{n}" for n in range(1, 5)]
    _, _, mapping = proposed(tmp_path, rows_of("Event ID,When,Lat,Lng,Pri", *rows))
    assert mapping.time.columns["received_at"] == "When"
    assert mapping.time.format == "excel_days"
    assert mapping.category.column == "Pri"


RURAL = """\
Run Number,Date,Call Time,Disp Time,On Scene Time,In Service,Latitude,Longitude,Acuity,\
Response (sec)
25-1,05/01/2025,2358,2359,0008,0057,44°00'49.6"N,93°16'02.6"W,Emergent,"600"
25-2,05/02/2025,0959,1000,1011,1057,44°01'49.6"N,93°15'02.6"W,Critical,"1,320"
25-3,05/02/2025,1359,1400,1411,1457,44°02'49.6"N,93°14'02.6"W,Lower Acuity,"720"
"""


def test_times_of_four_digits_and_degrees_with_minutes_are_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, RURAL)
    assert mapping.time.format == "%m/%d/%Y %H%M"
    assert mapping.time.zone == "America/Chicago"
    assert mapping.time.clocks_pass_midnight
    assert mapping.time.elapsed == {}
    assert (mapping.place.system, mapping.place.x) == ("WGS84", "Longitude")
    assert mapping.category.words == {"Critical": "C1", "Emergent": "C2", "Lower Acuity": "C3"}
    told = tried(path, toml, "proposed", 1000)
    assert "3 can be used" in told
    assert "lat 44.014 to 44.047" in told
    assert "from 2025-05-02T04:58:00.000Z" in told


COLOMBIA = """\
Número de incidente;Fecha y hora de llamada;Fecha despacho;Llegada al sitio;Salida del sitio;\
Latitud;Longitud;Prioridad
1;13/05/2025 9:01:00 a. m.;13/05/2025 9:02:00 a. m.;13/05/2025 9:12:00 a. m.;\
1/01/1900 12:00:00 a. m.;\
4.65;-74.05;Alta
2;13/05/2025 9:01:00 p. m.;13/05/2025 9:02:00 p. m.;13/05/2025 9:12:00 p. m.;\
13/05/2025 9:32:00 p. m.;\
4.66;-74.06;Baja
"""


def test_a_stamp_of_1900_is_none_and_the_spanish_halves_of_a_day_are_read(tmp_path):
    path, toml, mapping = proposed(tmp_path, COLOMBIA)
    assert mapping.time.format == "%d/%m/%Y %I:%M:%S %p"
    assert mapping.time.columns["left_scene_at"] == "Salida del sitio"
    assert mapping.category.words == {"Alta": "C2", "Baja": "C4"}
    told = tried(path, toml, "proposed", 1000)
    assert "2 can be used" in told
    assert "left_scene_at: 1 of 2" in told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("51°30'36\"N", "51.51"),
        ("-0° 7\u2032 40\u2033", "-0.1277778"),
        ("W 93 15.6", "-93.26"),
        ("44 00 49.64 S", "-44.0137889"),
        ("0°07.5'W", "-0.125"),
        ("51.51", "51.51"),
        ("1 271 234", "1 271 234"),
        ("12 E", "12"),
    ],
)
def test_degrees_minutes_and_seconds_become_degrees(text, expected):
    assert decimal_degrees(text) == expected
