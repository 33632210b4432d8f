from __future__ import annotations

import csv
import io
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.directory import (
    COLUMNS,
    directory_from_csv,
    directory_from_json,
    rejects_csv,
)
from dispatch.domain.opening_hours import parse_opening_hours
from dispatch.domain.service import AgeRange, ReferralMethod, SymptomCode
from dispatch.domain.service_type import Referrer, ServiceType

FULL = """\
id,name,type,lon,lat,hours,ages,sexes,complaints,symptoms,dispositions,exclusions,frailty,\
referrers,methods,trusts,radius_m,reach_min,respond_min,books_slots,is_active,ods_code,colour
UTC1,"St Mary's, UTC",urgent_treatment_centre,-1.30,50.71,"Mon-Sun 08:00-20:00; 2026-12-25 closed",\
0-364;6575-,female,minor_injury;wound,1110:4003;1203,Dx05;Dx06,pregnant,4-9,clinician;crew,\
bars;walk_in,R1F,15000,40,60,yes,1,R1F01,blue
"""


def test_every_column_is_read() -> None:
    result = directory_from_csv(FULL.encode("utf-8-sig"))
    assert result.rejects == ()
    assert result.ignored == ("colour",)
    (service,) = result.services
    assert service.name == "St Mary's, UTC"
    assert service.type is ServiceType.URGENT_TREATMENT_CENTRE
    assert service.hours == parse_opening_hours("daily 08:00-20:00; 2026-12-25 closed")
    assert service.ages == (AgeRange(0, 364), AgeRange(6575))
    assert service.symptoms == (SymptomCode(1110, 4003), SymptomCode(1203))
    assert (service.frailty_min, service.frailty_max) == (4, 9)
    assert service.referrers == (Referrer.CLINICIAN, Referrer.CREW)
    assert service.methods == (ReferralMethod.BARS, ReferralMethod.WALK_IN)
    assert (service.radius_m, service.reach_min, service.respond_min) == (15_000.0, 40, 60)
    assert service.books_slots
    assert service.is_active


def test_json_and_csv_mean_the_same() -> None:
    services = directory_from_csv(FULL.encode()).services
    assert directory_from_json(msgspec.json.encode(services)).services == services
    assert directory_from_json(msgspec.json.encode({"services": services})).services == services


def test_british_grid_coordinates_are_taken() -> None:
    text = "id,name,type,easting,northing\nA,A,pharmacy,450000,89000\n"
    (service,) = directory_from_csv(text.encode()).services
    assert service.at is not None
    assert service.at.lat == pytest.approx(50.7, abs=0.01)
    assert service.at.lon == pytest.approx(-1.29, abs=0.02)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("A,One,pharmacy,,,", "coordinates of A"),
        ("A,One,pharmacy,-1.3,,", "both lon and lat"),
        ("A,One,pharmacy,x,50,", "a number as lon, was 'x'"),
        ("A,One,pharmacy,nan,50,", "finite"),
        ("A,One,pharmacies,-1.3,50.7,", "Invalid enum value 'pharmacies'"),
        ("A,,pharmacy,-1.3,50.7,", "Expected name, was nothing"),
        (",One,pharmacy,-1.3,50.7,", "Expected id, was nothing"),
        ("A,One,pharmacy,-1.3,50.7", "6 cells, was 5"),
        ("A,One,pharmacy,-1.3,50.7,Mon 08:00-12:00; Mon 11:00-13:00", "overlap on Mon"),
        ("A,One,pharmacy,-1.3,50.7,whenever", "span such as"),
    ],
)
def test_a_bad_row_is_a_reject_and_the_others_are_kept(row: str, why: str) -> None:
    text = f"id,name,type,lon,lat,hours\n{row}\nOK,Fine,pharmacy,-1.3,50.7,\n"
    result = directory_from_csv(text.encode())
    assert [service.id for service in result.services] == ["OK"]
    (reject,) = result.rejects
    assert reject.row == 2
    assert why in reject.why


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("ages", "20-10", "age range that rises"),
        ("ages", "child", "ages such as 4-9"),
        ("frailty", "9-4", "frailty bounds that rise"),
        ("symptoms", "head", "symptom such as 1110"),
        ("dispositions", "5", "disposition such as Dx012"),
        ("complaints", "sneeze", "known complaints"),
        ("referrers", "anyone", "Invalid enum value"),
        ("reach_min", "4.5", "a number as reach_min"),
        ("books_slots", "maybe", "yes or no as books_slots"),
        ("polygon_wkb_hex", "zz", "polygon as WKB"),
    ],
)
def test_each_column_says_what_it_expects(column: str, cell: str, why: str) -> None:
    text = f"id,name,type,lon,lat,{column}\nA,One,pharmacy,-1.3,50.7,{cell}\n"
    result = directory_from_csv(text.encode())
    assert result.services == ()
    assert why in result.rejects[0].why


def test_a_repeated_id_is_a_reject() -> None:
    text = "id,name,type,lon,lat\nA,One,pharmacy,-1.3,50.7\n\nA,Two,pharmacy,-1.3,50.7\n"
    result = directory_from_csv(text.encode())
    assert [service.name for service in result.services] == ["One"]
    assert (
        rejects_csv(result.rejects) == "row,id,why\n4,A,\"Expected each id once, was 'A' again.\"\n"
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "a header row"),
        (b"id,name\nA,B\n", "none 'type'"),
        (b"id,name,type,id\n", "each column once"),
        (b"\xff\xfe", "UTF-8"),
        (b'id,name,type\n"A', "Expected CSV"),
    ],
)
def test_a_file_that_is_no_directory_is_refused_whole(data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        directory_from_csv(data)


@pytest.mark.parametrize("data", [b"{", b"5", b'{"a": 1}', b'"text"', b"\xff"])
def test_json_that_is_no_directory_is_refused_whole(data: bytes) -> None:
    with pytest.raises(ValueError, match="Expected"):
        directory_from_json(data)


def test_json_entries_are_rejected_one_by_one() -> None:
    entries = [
        5,
        {"id": "A", "name": "A", "type": "pharmacy", "at": [-1.3, 50.7], "colour": "blue"},
        {"id": "B", "name": "B", "type": "pharmacy", "at": [-1.3, 50.7], "hours": "Mon 9-5"},
        {"id": "C", "name": "C", "type": "pharmacy", "at": [-1.3]},
        {"id": "D", "name": "D", "type": "pharmacy", "at": [-1.3, 50.7], "hours": "24/7"},
        {"name": "E", "type": "pharmacy", "at": [-1.3, 50.7]},
    ]
    result = directory_from_json(json.dumps(entries).encode())
    assert [service.id for service in result.services] == ["D"]
    assert [(reject.row, reject.id) for reject in result.rejects] == [
        (1, ""),
        (2, "A"),
        (3, "B"),
        (4, "C"),
        (6, ""),
    ]
    assert "known fields, was 'colour'" in result.rejects[1].why


cells = st.text(st.characters(exclude_characters="\r\n"), max_size=12)


@given(st.lists(st.lists(cells, min_size=1, max_size=5), max_size=5))
def test_every_row_is_a_service_or_a_reject(rows: list[list[str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("id", "name", "type", "hours", "ages"))
    writer.writerows(rows)
    result = directory_from_csv(out.getvalue().encode("utf-8", "replace"))
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    assert len(result.services) + len(result.rejects) == len(filled)


def test_the_columns_are_known_by_name() -> None:
    assert len(set(COLUMNS)) == len(COLUMNS)
