"""Regions without streets."""

from __future__ import annotations

import pyarrow as pa
import pytest
from pyarrow import parquet

from maps.build import RegionSources, build_region
from maps.geo import LonLat
from maps.region import CrowFlies
from maps.region_file import load_region, save_region
from maps.table_region import NO_WAY_MS, read_matrix

PLACES = {"a": LonLat(-1.3, 50.7), "b": LonLat(-1.2, 50.7), "c": LonLat(-1.1, 50.7)}
HEAD = "from,to,blue_light_s,ordinary_s\n"

TOML = """
[[trusts]]
code = "R1F"
name = "Isle of Wight"
[[hospitals]]
id = "H"
name = "Hospital"
lon = -1.3
lat = 50.7
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
[[places]]
id = "a"
lon = -1.3
lat = 50.7
population = 100
aged_65_plus = 20
[[places]]
id = "b"
lon = -1.2
lat = 50.7
population = 50
is_rural = true
"""


def written(folder, text, name="matrix.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_matrix_is_read_row_to_column(tmp_path):
    matrix = read_matrix(written(tmp_path, HEAD + "a,b,60,90\nb,a,61.5,91\nb,b,1,2\n"), PLACES)
    assert matrix.place_id == ("a", "b")
    assert matrix.lon.tolist() == [-1.3, -1.2]
    assert matrix.blue_light_ms.tolist() == [[0, 60_000], [61_500, 1_000]]
    assert matrix.ordinary_ms.tolist() == [[0, 90_000], [91_000, 2_000]]


def test_a_pair_without_a_time_has_no_way(tmp_path):
    matrix = read_matrix(written(tmp_path, HEAD + "a,b,60,90\nb,c,,\n"), PLACES)
    assert matrix.blue_light_ms[1, 0] == NO_WAY_MS
    assert matrix.blue_light_ms[1, 2] == NO_WAY_MS
    assert matrix.blue_light_ms[2, 2] == 0


@pytest.mark.parametrize(("unit", "factor"), [("ms", 1), ("s", 1_000), ("min", 60_000)])
def test_the_unit_is_in_the_name_of_the_column(tmp_path, unit, factor):
    head = f"from,to,blue_light_{unit},ordinary_{unit}\n"
    matrix = read_matrix(written(tmp_path, head + "a,b,3,4\n"), PLACES)
    assert (matrix.blue_light_ms[0, 1], matrix.ordinary_ms[0, 1]) == (3 * factor, 4 * factor)


def test_ordinary_times_alone_do_with_a_share_for_blue_lights(tmp_path):
    path = written(tmp_path, "from,to,ordinary_min\na,b,10\n")
    matrix = read_matrix(path, PLACES, blue_light_share=0.75)
    assert (matrix.blue_light_ms[0, 1], matrix.ordinary_ms[0, 1]) == (450_000, 600_000)
    with pytest.raises(ValueError, match="blue_light_share"):
        read_matrix(path, PLACES)


def test_parquet_says_the_same_as_csv(tmp_path):
    columns = {
        "from": ["a", "b"],
        "to": ["b", "a"],
        "blue_light_s": [60, None],
        "ordinary_s": [90.0, 91.0],
    }
    path = tmp_path / "matrix.parquet"
    parquet.write_table(pa.table(columns), path)
    one = read_matrix(path, PLACES)
    two = read_matrix(written(tmp_path, HEAD + "a,b,60,90\nb,a,,91\n"), PLACES)
    assert one.place_id == two.place_id
    assert one.blue_light_ms.tolist() == two.blue_light_ms.tolist()
    assert one.ordinary_ms.tolist() == two.ordinary_ms.tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from,to,blue_light_s\na,b,1\n", "Expected the columns from, to"),
        ("a,b,c\n1,2,3\n", "Expected the columns from, to"),
        ("", "1 to 6000 places, was 0"),
        (HEAD + "a,nowhere,1,2\n", "was 'nowhere'"),
        (HEAD + "a,b,1,2\na,b,1,2\n", r"row 3: Expected every pair once.*row 2"),
        (HEAD + "a,b,fast,2\n", "row 2, blue_light_s: Expected a number, was 'fast'"),
        (HEAD + "a,b,nan,2\n", "row 2, blue_light_s: Expected a time"),
        (HEAD + "a,b,1,-2\n", "row 2, ordinary_s: Expected a time"),
        (HEAD + "a,b,1,1e9\n", "row 2, ordinary_s: Expected a time"),
        (HEAD + ",b,1,2\n", "row 2, from: Expected the name of a place"),
        (HEAD + '"a,b', "Expected CSV"),
    ],
)
def test_a_bad_matrix_is_named_by_file_row_and_field(tmp_path, text, expected):
    with pytest.raises(ValueError, match=expected) as caught:
        read_matrix(written(tmp_path, text), PLACES)
    assert "matrix.csv" in str(caught.value)


def test_foreign_parquet_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"matrix\.parquet: Expected a Parquet file"):
        read_matrix(written(tmp_path, "no parquet", "matrix.parquet"), PLACES)


def test_a_missing_matrix_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nothing at .*gone\.csv"):
        read_matrix(tmp_path / "gone.csv", PLACES)


def build(folder, travel):
    path = written(folder, TOML + travel, "region.toml")
    return build_region(RegionSources(name="toy", toml=path))


def test_a_region_with_a_matrix_is_built_from_toml(tmp_path):
    written(tmp_path, HEAD + "a,b,60,90\nb,a,60,90\nP,a,5,6\n")
    region, report = build(tmp_path, '[travel]\nmatrix = "matrix.csv"\n')
    assert region.matrix is not None
    assert region.matrix.place_id == ("P", "a", "b")
    assert region.demand.population.tolist() == [100, 50]
    assert region.demand.trust == ("R1F", "R1F")
    assert report.remarks == ()
    save_region(region, tmp_path / "toy.region")
    assert load_region(tmp_path / "toy.region").version == region.version


def test_a_region_as_the_crow_flies_is_built_from_toml(tmp_path):
    speeds = "[travel]\nblue_light_kmh = 60.0\nordinary_kmh = 40.0\ndetour_factor = 1.3\n"
    region, _ = build(tmp_path, speeds)
    assert region.crow_flies == CrowFlies(60.0, 40.0, 1.3)
    assert region.roads is None


@pytest.mark.parametrize(
    ("travel", "expected"),
    [
        ("", r"Expected a \[travel\] table"),
        ('[travel]\nmatrix = "m.csv"\nordinary_kmh = 40.0\n', "was both"),
        ("[travel]\nordinary_kmh = 40.0\n", "Expected a matrix, or blue_light_kmh"),
        ('[travel]\nmatrix = "gone.csv"\n', r"nothing at .*gone\.csv"),
        ('[travel]\nmatrix = "m.csv"\nblue_light_share = 1.5\n', r"in \(0, 1\], was 1\.5"),
        ("[travel]\nblue_light_kmh = 0.0\nordinary_kmh = 4.0\ndetour_factor = 1.0\n", "positive"),
    ],
)
def test_half_a_travel_model_is_refused(tmp_path, travel, expected):
    with pytest.raises(ValueError, match=expected):
        build(tmp_path, travel)


def test_a_region_without_places_is_built_with_a_remark(tmp_path):
    speeds = "[travel]\nblue_light_kmh = 60.0\nordinary_kmh = 40.0\ndetour_factor = 1.3\n"
    path = written(tmp_path, TOML.partition("[[places]]")[0] + speeds, "region.toml")
    region, report = build_region(RegionSources(name="toy", toml=path))
    assert len(region.demand) == 0
    assert report.remarks == ("no demand places: no calls can be composed",)
