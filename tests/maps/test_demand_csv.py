"""Demand places from CSV."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.demand_csv import read_demand

HEAD = "id,lon,lat,population,aged_65_plus,is_rural,trust\n"
ROW = "E01,-1.3,50.7,1500,300,true,R1F\n"


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "demand.csv"
    path.write_text(text, encoding=encoding, newline="")
    return path


def test_what_the_file_says_is_what_comes_out(tmp_path):
    (one, two) = read_demand(written(tmp_path, HEAD + ROW + "E02,-1.2,50.6,10,,,\n"))
    assert (one.id, one.at, one.population, one.aged_65_plus) == ("E01", (-1.3, 50.7), 1500, 300)
    assert (one.is_rural, one.trust) == (True, "R1F")
    assert (two.aged_65_plus, two.is_rural, two.trust) == (0, False, None)


def test_optional_columns_may_be_absent_and_others_are_passed_over(tmp_path):
    (one,) = read_demand(written(tmp_path, "name,id,lat,lon,population\nx,E01,50.7,-1.3,5\n"))
    assert one.trust is None


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path):
    assert len(read_demand(written(tmp_path, HEAD + ROW, encoding="utf-8-sig"))) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id,lon,lat\nE01,-1.3,50.7\n", "row 1: Expected the columns .* was without population"),
        ("", "row 1: Expected the columns"),
        (HEAD, "at least one demand place"),
        (HEAD + ROW + ROW, "row 3, id: Expected every id once, was 'E01' also in row 2"),
        (HEAD + ROW.replace("-1.3", "west"), "row 2, lon: Expected a number, was 'west'"),
        (HEAD + ROW.replace("-1.3", "NaN"), "row 2, lon: Expected a finite number"),
        (HEAD + ROW.replace("-1.3", "1e400"), "row 2, lon: Expected a finite number"),
        (HEAD + ROW.replace("-1.3,50.7", "50.7,-101.3"), "Are lon and lat swapped"),
        (HEAD + ROW.replace("1500", "-5"), "row 2, population: Expected a whole number of people"),
        (HEAD + ROW.replace("1500", "1.5"), "row 2, population: Expected a whole number of people"),
        (HEAD + ROW.replace("1500", "1e300"), "row 2, population: Expected a whole number"),
        (HEAD + ROW.replace("300", "1501"), "row 2, aged_65_plus: Expected at most the population"),
        (HEAD + ROW.replace("true", "perhaps"), "row 2, is_rural: Expected true or false"),
        (HEAD + ROW.replace("E01", ""), "row 2, id: Expected a name"),
        (HEAD + ROW.replace("R1F", "R1F,more,yet"), "row 2, Expected as many fields as columns"),
        (HEAD + ROW.replace("E01", "E" * 2000), "row 2, id: Expected at most 1000 characters"),
        (HEAD + ROW.replace("E01", "E" * 10_000_000), "Expected CSV, was: field larger"),
        (HEAD + '"E01', "Expected CSV"),
    ],
)
def test_a_bad_row_is_named_by_file_row_and_field(tmp_path, text, expected):
    with pytest.raises(ValueError, match=expected) as caught:
        read_demand(written(tmp_path, text))
    assert "demand.csv" in str(caught.value)


def test_text_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "demand.csv"
    path.write_bytes(HEAD.encode() + ROW.replace("E01", "caf\xe9").encode("latin-1"))
    with pytest.raises(ValueError, match="Expected UTF-8"):
        read_demand(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nothing at .*gone\.csv"):
        read_demand(tmp_path / "gone.csv")


@given(st.lists(st.text(max_size=12), min_size=1, max_size=7))
def test_any_row_is_read_or_refused_with_its_number(tmp_path_factory, cells):
    line = ",".join('"' + cell.replace('"', '""').replace("\0", "") + '"' for cell in cells)
    path = written(tmp_path_factory.mktemp("csv"), HEAD + line + "\n", encoding="utf-8")
    try:
        read_demand(path)
    except UnicodeEncodeError:
        return
    except ValueError as error:
        assert "demand.csv" in str(error)  # noqa: PT017
