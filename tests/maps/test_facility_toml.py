"""Facilities from TOML."""

from __future__ import annotations

import pytest

from maps.facilities import Shift
from maps.facility_toml import parse_shift, read_facilities

GOOD = """
attribution = ["me"]
[[trusts]]
code = "R1F"
name = "Isle of Wight"
[[hospitals]]
id = "H"
name = "Hospital"
lon = -1.3
lat = 50.7
pathways = ["stroke"]
[[posts]]
id = "P"
name = "Post"
trust = "R1F"
lon = -1.3
lat = 50.7
[[fleet]]
id = "DCA"
kind = "DCA"
skill = "PARAMEDIC"
trust = "R1F"
home = "P"
count = 2
shifts = ["07:00-19:00"]
"""


def written(tmp_path, text):
    path = tmp_path / "facilities.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_the_file_says_is_what_comes_out(tmp_path):
    told = read_facilities(written(tmp_path, GOOD))
    assert [trust.code for trust in told.trusts] == ["R1F"]
    assert told.hospitals[0].at == (-1.3, 50.7)
    assert told.hospitals[0].pathways == ("stroke",)
    assert [unit.id for unit in told.fleet] == ["DCA-1", "DCA-2"]
    assert told.fleet[0].shifts == (Shift(start_min=420, end_min=1140),)
    assert told.timezone == "Europe/London"


@pytest.mark.parametrize(
    ("text", "start", "end", "weekdays"),
    [
        ("07:00-19:00", 420, 1140, (1, 2, 3, 4, 5, 6, 7)),
        ("19:00-07:00", 1140, 420, (1, 2, 3, 4, 5, 6, 7)),
        ("Mon-Fri 08:30-20:30", 510, 1230, (1, 2, 3, 4, 5)),
        ("Sat,Sun 10:00-22:00", 600, 1320, (6, 7)),
        ("fri-mon 00:00-24:00", 0, 1440, (1, 5, 6, 7)),
        ("Tuesday 9:00-10:00", 540, 600, (2,)),
    ],
)
def test_shifts_are_read(text, start, end, weekdays):
    assert parse_shift(text) == Shift(start_min=start, end_min=end, weekdays=weekdays)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "7-19",
        "07:00",
        "25:00-26:00",
        "07:60-08:00",
        "Mun-Fri 07:00-08:00",
        "A-B-C 1:00-2:00",
    ],
)
def test_what_is_no_shift_is_refused(text):
    with pytest.raises(ValueError, match="Expected"):
        parse_shift(text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("lon = -1.3", 'lon = "west"', r"hospitals\[0\]\.lon"),
        ("lon = -1.3\n", "", r"missing required field `lon`.*hospitals\[0\]"),
        ('name = "Hospital"', 'name = "Hospital"\nbeddds = 4', "beddds"),
        ("count = 2", "count = 0", "count from 1 to 2000 of unit 'DCA', was 0"),
        ("07:00-19:00", "noon", "Unit 'DCA': Expected a shift .* was 'noon'"),
        ("[[trusts]]", "[[trusts", "Expected facilities as TOML"),
    ],
)
def test_a_bad_entry_is_named_with_its_file(tmp_path, old, new, expected):
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ValueError, match=expected) as caught:
        read_facilities(path)
    assert "facilities.toml" in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nothing at .*gone\.toml"):
        read_facilities(tmp_path / "gone.toml")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "facilities.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="Expected facilities as TOML"):
        read_facilities(path)
