"""Places of foreign logs: degrees, grid metres, texts of points, postcodes."""

import pytest

from benchmarks.call_log.mapping import PlaceBlock
from benchmarks.call_log.postcodes import Postcodes
from benchmarks.call_log.spots import Places, grid_reference


def spots(block, columns, lookup=None):
    return Places(PlaceBlock(**block), lookup).read(columns)


def test_the_british_grid_becomes_degrees():
    # Ordnance Survey's worked example: Caister water tower, with OSTN15 within a few metres.
    found = spots({"system": "BNG", "x": "e", "y": "n"}, {"e": ["651,409.903"], "n": ["313177.27"]})
    assert found.lon[0] == pytest.approx(1.716, abs=0.001)
    assert found.lat[0] == pytest.approx(52.658, abs=0.001)


def test_any_reference_system_may_be_named():
    block = {"system": "EPSG:2263", "x": "x", "y": "y"}
    found = spots(block, {"x": ["987700"], "y": ["211000"]})
    assert found.lon[0] == pytest.approx(-73.986, abs=0.01)
    assert found.lat[0] == pytest.approx(40.746, abs=0.01)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("(37.75, -122.42)", "lat lon"),
        ("POINT (-122.42 37.75)", "lon lat"),
        ("-122.42;37.75", "lon lat"),
        ('{"type": "Point", "coordinates": [-122.42, 37.75]}', "lon lat"),
    ],
)
def test_a_point_may_be_a_text(text, order):
    found = spots({"point": "p", "order": order}, {"p": [text]})
    assert (found.lon[0], found.lat[0]) == (-122.42, 37.75)


@pytest.mark.parametrize("text", ["", "here", "1 2 3", "POINT EMPTY"])
def test_a_text_without_two_numbers_is_no_point(text):
    found = spots({"point": "p"}, {"p": [text]})
    assert found.problems[0].field == "p"


@pytest.mark.parametrize("text", ["", "x", "inf", "nan"])
def test_a_coordinate_that_is_no_number_is_a_fault(text):
    found = spots({"x": "x", "y": "y"}, {"x": [text, "1"], "y": ["50", "51"]})
    assert list(found.problems) == [0]
    assert found.problems[0].field == "x"


def lookup(
    folder, text="Postcode,lat,LONGITUDE\nN21 1AA,51.6,-0.1\nN21,51.5,-0.2\n94112,37.7,-122\n"
):
    path = folder / "postcodes.csv"
    path.write_text(text)
    return path


def test_postcodes_are_looked_up_whole_then_by_district(tmp_path):
    block = {"system": "postcode", "postcode": "pc"}
    texts = ["n211aa", "N21 9ZZ", "94112", "ZZ1 1ZZ", ""]
    found = spots(block, {"pc": texts}, lookup(tmp_path))
    assert found.lon[:3].tolist() == [-0.1, -0.2, -122.0]
    assert sorted(found.problems) == [3, 4]
    assert found.problems[3].reason == "unknown postcode"


def test_a_lookup_without_coordinates_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"column lon \(or longitude"):
        Postcodes(lookup(tmp_path, "postcode,x\nN21,1\n"))
    with pytest.raises(ValueError, match="Expected postcodes"):
        Postcodes(lookup(tmp_path, "postcode,lon,lat\n"))


def test_a_mapping_by_postcode_needs_a_lookup():
    with pytest.raises(ValueError, match="CSV file of postcodes"):
        spots({"system": "postcode", "postcode": "pc"}, {"pc": []})


def test_an_unknown_reference_system_is_refused():
    with pytest.raises(ValueError, match="EPSG:999999"):
        spots({"system": "EPSG:999999", "x": "x", "y": "y"}, {"x": [], "y": []})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NT 25912 73554", (325912.5, 673554.5)),
        ("nt2591273554", (325912.5, 673554.5)),
        ("SZ 508 899", (450850.0, 89950.0)),
        ("TQ38", None),
        ("NT 2591 73554", None),
        ("UNKNOWN", None),
        ("IT 25912 73554", None),
    ],
)
def test_references_to_the_british_grid_are_read(text, expected):
    assert grid_reference(text) == expected


def test_a_reference_to_the_grid_lies_where_its_metres_do():
    by_reference = Places(PlaceBlock(system="BNG", point="p"), None).read({"p": ["NT 25912 73554"]})
    by_metres = Places(PlaceBlock(system="BNG", x="e", y="n"), None).read(
        {"e": ["325912.5"], "n": ["673554.5"]}
    )
    assert by_reference.lon[0] == pytest.approx(by_metres.lon[0], abs=1e-9)
    assert by_reference.lat[0] == pytest.approx(by_metres.lat[0], abs=1e-9)


def test_scenes_without_coordinates_are_found_by_their_postcodes(tmp_path):
    lookup = tmp_path / "postcodes.csv"
    lookup.write_text("postcode,lon,lat\nM4C,-79.3,43.7\n", encoding="utf-8")
    columns = {
        "x": ["-79.4", "", "0", "0"],
        "y": ["43.6", "", "0", "0"],
        "fsa": ["M4C", "M4C", "M4C", "Z9Z"],
    }
    spots = Places(PlaceBlock(x="x", y="y", postcode="fsa"), lookup).read(columns)
    assert spots.lon.tolist() == [-79.4, -79.3, -79.3, 0.0]
    assert spots.problems == {}


def test_a_scene_that_neither_finds_keeps_its_fault(tmp_path):
    lookup = tmp_path / "postcodes.csv"
    lookup.write_text("postcode,lon,lat\nM4C,-79.3,43.7\n", encoding="utf-8")
    block = PlaceBlock(x="x", y="y", postcode="fsa")
    spots = Places(block, lookup).read({"x": [""], "y": [""], "fsa": ["Z9Z"]})
    assert spots.problems[0].reason == "no place"
