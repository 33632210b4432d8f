"""Proposing a mapping: what the columns of logs from many places mean."""

import pytest

from benchmarks.call_log.column_profile import profile
from benchmarks.call_log.mapping_file import read_mapping
from benchmarks.call_log.proposal import propose
from benchmarks.call_log.trial import tried

NEW_YORK = """\
CAD_INCIDENT_ID,INCIDENT_DATETIME,INITIAL_CALL_TYPE,FINAL_SEVERITY_LEVEL_CODE,\
FIRST_ASSIGNMENT_DATETIME,FIRST_ACTIVATION_DATETIME,FIRST_ON_SCENE_DATETIME,\
FIRST_TO_HOSP_DATETIME,FIRST_HOSP_ARRIVAL_DATETIME,INCIDENT_CLOSE_DATETIME,ZIPCODE
1,05/06/2007 07:55:31 AM,ARREST,1,05/06/2007 07:56:11 AM,05/06/2007 07:56:30 AM,\
05/06/2007 08:01:01 AM,,,05/06/2007 08:51:44 AM,10031
2,05/06/2007 07:56:46 AM,SICK,6,05/06/2007 07:57:20 AM,05/06/2007 07:57:40 AM,\
05/06/2007 08:06:12 AM,05/06/2007 08:20:46 AM,05/06/2007 08:31:02 AM,05/06/2007 09:01:11 AM,10467
"""

PENNSYLVANIA = """\
lat,lng,desc,zip,title,timeStamp,twp,addr,e
40.2978759,-75.5812935,REINDEER CT & DEAD END,19525,EMS: BACK PAINS,2015-12-10 17:10:52,N,R,1
40.2580614,-75.2646799,BRIAR PATH,19446,EMS: DIABETIC EMERGENCY,2015-12-10 17:29:21,H,B,1
"""

ENGLAND = """\
CAD Number;Call Connect;Call Answered;Determinant;First Allocated;First Mobile;First Arrived;\
Left Scene;Arrived Hospital;Handover Complete;Clear;Easting;Northing;Receiving Hospital;Age;Name
A1;13/03/2026 00:01:12;13/03/2026 00:01:15;06D01;13/03/2026 00:03:00;13/03/2026 00:04:00;\
13/03/2026 00:10:00;13/03/2026 00:40:00;13/03/2026 01:00:00;13/03/2026 01:20:00;\
13/03/2026 01:30:00;450123;89321;St Mary's;71;Jane
A2;13/03/2026 00:05:12;13/03/2026 00:05:15;17A03G;13/03/2026 00:33:00;13/03/2026 00:34:00;\
13/03/2026 00:50:00;;;;13/03/2026 01:30:00;451123;89521;;88;Joan
"""

UNITS = """\
Incident,Unit,Received,Arrived,Priority,Location
7,M1,2026-03-01T10:00:00-08:00,2026-03-01T10:09:00-08:00,Emergency,"(37.75, -122.42)"
7,E1,2026-03-01T10:00:00-08:00,2026-03-01T10:05:00-08:00,Emergency,"(37.75, -122.42)"
8,M2,2026-03-01T11:00:00-08:00,2026-03-01T11:07:00-08:00,Routine,"(37.76, -122.43)"
"""


def proposed(folder, text):
    path = folder / "foreign.csv"
    path.write_text(text)
    toml = propose(path)
    return path, toml, read_mapping(toml, "proposed")


def test_the_new_york_columns_are_understood(tmp_path):
    _, toml, mapping = proposed(tmp_path, NEW_YORK)
    assert mapping.time.columns == {
        "received_at": "INCIDENT_DATETIME",
        "first_assigned_at": "FIRST_ASSIGNMENT_DATETIME",
        "first_mobile_at": "FIRST_ACTIVATION_DATETIME",
        "first_on_scene_at": "FIRST_ON_SCENE_DATETIME",
        "left_scene_at": "FIRST_TO_HOSP_DATETIME",
        "at_hospital_at": "FIRST_HOSP_ARRIVAL_DATETIME",
        "clear_at": "INCIDENT_CLOSE_DATETIME",
    }
    assert mapping.time.format == "%m/%d/%Y %I:%M:%S %p"
    assert mapping.time.handover_lasts_until_clear
    assert "day before month, or the reverse?" in toml
    assert (mapping.place.system, mapping.place.postcode) == ("postcode", "ZIPCODE")
    assert mapping.category.column == "FINAL_SEVERITY_LEVEL_CODE"
    assert mapping.category.words == {"1": "C1", "6": "C4"}


def test_the_pennsylvania_columns_are_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, PENNSYLVANIA)
    assert mapping.time.zone == "America/New_York"
    assert mapping.time.columns == {"received_at": "timeStamp"}
    assert (mapping.place.x, mapping.place.y) == ("lng", "lat")
    assert mapping.words["complaint"].column == "title"
    told = tried(path, toml, "proposed", 1000)
    assert "2 can be used" in told
    assert "addr (such as 'R')" in told


def test_an_english_export_is_understood(tmp_path):
    path, toml, mapping = proposed(tmp_path, ENGLAND)
    assert mapping.file.delimiter == ";"
    assert mapping.time.format == "%d/%m/%Y %H:%M:%S"
    assert mapping.time.columns["handed_over_at"] == "Handover Complete"
    assert mapping.place.system == "BNG"
    assert mapping.category.scheme == "ampds"
    assert mapping.words["destination"].column == "Receiving Hospital"
    assert mapping.numbers == {"age_years": "Age"}
    assert "not kept: Name" in toml
    told = tried(path, toml, "proposed", 1000)
    assert "C2 1, C3 1" in told
    assert "handover_s: 1 of 2" in told


def test_rows_of_units_are_recognised(tmp_path):
    path, toml, mapping = proposed(tmp_path, UNITS)
    assert mapping.file.one_row_per == "unit"
    assert mapping.file.incident_id == "Incident"
    assert (mapping.place.point, mapping.place.order) == ("Location", "lat lon")
    assert mapping.category.words == {"Emergency": "C2", "Routine": "C4"}
    assert "They are 2 incidents." in tried(path, toml, "proposed", 1000)


def test_a_date_and_a_time_in_two_columns_are_joined(tmp_path):
    text = (
        "id,CallDate,CallTime,lon,lat\n1,13/03/2026,08:15,-1.3,50.7\n2,14/03/2026,09:15,-1.3,50.7\n"
    )
    _, _, mapping = proposed(tmp_path, text)
    assert mapping.time.columns == {"received_at": ("CallDate", "CallTime")}
    assert mapping.time.format == "%d/%m/%Y %H:%M"


def test_dispositions_are_left_to_the_person(tmp_path):
    text = "id,received,dx,lon,lat\n1,2026-03-01T00:00:00Z,Dx010,-1.3,50.7\n"
    _, toml, mapping = proposed(tmp_path, text + text.splitlines()[1].replace("010", "011") + "\n")
    assert mapping.category.scheme == "pathways"
    assert "fill them in" in toml


def test_a_file_in_another_encoding_is_read(tmp_path):
    path = tmp_path / "foreign.csv"
    text = "id,received,lon,lat,town\n" + "1,2026-03-01T00:00:00Z,-1.3,50.7,K\xf6ln\n" * 3
    path.write_bytes(text.encode("cp1252"))
    assert read_mapping(propose(path), "p").file.encoding == "cp1252"


def test_what_is_not_found_is_asked_for(tmp_path):
    path = tmp_path / "foreign.csv"
    path.write_text("a,b\nred,green\nblue,white\n")
    toml = propose(path)
    assert "received_at: no column of times found" in toml
    assert "No coordinates and no postcodes were found" in toml
    told = tried(path, toml, "proposed", 1000)
    assert told.startswith("The mapping is not complete yet.")
    assert "time.columns.received_at is missing" in told


def test_a_file_without_rows_cannot_be_understood(tmp_path):
    path = tmp_path / "foreign.csv"
    path.write_text("a,b\n")
    with pytest.raises(ValueError, match="Expected rows"):
        propose(path)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["01/02/2026 10:00", "13/02/2026 10:00"], ("%d/%m/%Y %H:%M",)),
        (["01/02/2026 10:00", "02/13/2026 10:00"], ("%m/%d/%Y %H:%M",)),
        (["2026-03-01T10:00:00Z"], ("iso",)),
        (["1586244658"], ("epoch_s",)),
        (["43928.31"], ("excel_days",)),
        (["ten o'clock"], ()),
        (["7", "8"], ()),
    ],
)
def test_formats_of_time_are_found_in_the_values(cells, expected):
    assert profile("when", cells).formats == expected


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("file", "left_out", "usable"),
    [
        ("sf_fire_ems/sf_calls_2020-04-07_20.csv.gz", 1_064, 9_330),
        ("lfb_london_2024/lfb_2024_first_pump_response.csv.gz", 6_430, 13_570),
        ("lfb_dwelling_fires_2009/fstimes.csv", 0, 6_708),
    ],
)
def test_the_proposal_for_each_known_log_can_be_followed_at_once(
    data_folder, file, left_out, usable
):
    path = data_folder / "calls" / file
    told = tried(path, propose(path), "proposed", 20_000)
    assert f"{left_out:,} are left out" in told
    assert f"{usable:,} can be used" in told
