"""Reading the published places and times."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from maps.strategic_matrix import (
    HELD_OUT_SHARE,
    MATRIX_FILE,
    NAMES_FILE,
    POSTCODES_FILE,
    held_out,
    is_welsh,
    read_published_times,
)
from maps.strategic_places import PLACES_FILE, people_per_km2, read_places

HEADER = (
    "lsoa21_code,lsoa21_name,easting,northing,lon,lat,area_km2,pop_total,"
    "pop_Aged_65_years_and_over,ruc21_code,ambo22\n"
)
ROWS = (
    "E2,Town 001B,400100,300000,-2.0,52.59,0.5,1500,200,UN1,WMAS\n"
    "E1,Town 001A,400000,300000,-2.1,52.59,40,1000,400,RSN1,WMAS\n"
)


def write_places(folder, text=HEADER + ROWS):
    (folder / PLACES_FILE).write_bytes(gzip.compress(text.encode()))


def write_table(folder, rows="Town 001A,10,20,30\nTown 001B,11,,31\nGone 001A,1,2,3\n"):
    table = "LSOA,AA11AA,CF11AA,BB11BB\n" + rows
    (folder / MATRIX_FILE).write_bytes(gzip.compress(table.encode()))
    names = "lsoa,lsoa_code\nTown 001A,E1\nTown 001B,E2\nGone 001A,E9\n"
    (folder / NAMES_FILE).write_bytes(gzip.compress(names.encode()))
    (folder / POSTCODES_FILE).write_text(
        "postcode,BNG_E,BNG_N\nAA11AA,400000,300000\nBB11BB,410000,300000\nCF11AA,300000,200000\n"
    )


def test_places_come_sorted_by_code(tmp_path):
    write_places(tmp_path)

    places = read_places(tmp_path)

    assert places.code == ("E1", "E2")
    assert places.is_rural.tolist() == [True, False]
    assert places.aged_65_plus.tolist() == [400, 200]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER.replace("ambo22", "trust") + ROWS, "expected columns ambo22"),
        (HEADER + ROWS.replace("400100", "east"), "easting: expected a number, was 'east'"),
        (HEADER + ROWS.replace("-2.0", "nan"), "row 3, lon: expected a number, was 'nan'"),
    ],
)
def test_a_bad_file_is_named_with_row_and_field(tmp_path, text, said):
    write_places(tmp_path, text)
    with pytest.raises(ValueError, match=said):
        read_places(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=f"Expected the file .*{PLACES_FILE}"):
        read_places(tmp_path)


def test_density_is_that_of_the_neighbourhood(tmp_path):
    write_places(tmp_path)

    assert people_per_km2(read_places(tmp_path)).tolist() == pytest.approx([2_500 / 40.5] * 2)


def test_the_table_is_joined_by_code_and_wales_left_out(tmp_path):
    write_places(tmp_path)
    write_table(tmp_path)

    times = read_published_times(tmp_path, read_places(tmp_path))

    assert times.postcode == ("AA11AA", "BB11BB")
    np.testing.assert_array_equal(times.minutes, [[10.0, 30.0], [11.0, 31.0]])


def test_a_short_row_of_the_table_is_named(tmp_path):
    write_places(tmp_path)
    write_table(tmp_path, "Town 001A,10,20\n")
    with pytest.raises(ValueError, match="row 2: expected 3 times, was 2"):
        read_published_times(tmp_path, read_places(tmp_path))


def test_who_is_held_out_depends_on_the_postcodes_alone():
    postcodes = [f"AA{number}1AA" for number in range(100)]

    chosen = held_out(postcodes)
    turned = held_out(postcodes[::-1])

    assert chosen.sum() == int(100 * HELD_OUT_SHARE)
    np.testing.assert_array_equal(chosen, turned[::-1])


@pytest.mark.parametrize(
    ("postcode", "welsh"),
    [("CF144XW", True), ("SY231ER", True), ("SY38XQ", False), ("S57AU", False)],
)
def test_welsh_postcodes_are_told(postcode, welsh):
    assert is_welsh(postcode) is welsh


def test_a_published_file_may_lie_there_gzipped_or_plain(tmp_path):
    plain = PLACES_FILE.removesuffix(".gz")
    (tmp_path / plain).write_text(HEADER + ROWS)
    assert read_places(tmp_path).code == ("E1", "E2")
    with pytest.raises(ValueError, match="gzipped or plain"):
        read_places(tmp_path / "nowhere")
