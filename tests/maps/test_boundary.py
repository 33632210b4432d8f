"""Trust polygons from GeoJSON."""

from __future__ import annotations

import json

import pytest
import shapely

from maps.boundary import with_boundaries
from maps.facilities import Trust

ONE = (Trust(code="R1F", name="Isle of Wight"),)
TWO = (*ONE, Trust(code="RYE", name="South Central"))
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[-1.4, 50.6], [-1.2, 50.6], [-1.2, 50.8], [-1.4, 50.8], [-1.4, 50.6]]],
}
EAST = {
    "type": "Polygon",
    "coordinates": [[[-1.2, 50.6], [-1.0, 50.6], [-1.0, 50.8], [-1.2, 50.8], [-1.2, 50.6]]],
}
METRES = [[[445000, 85000], [455000, 85000], [455000, 95000], [445000, 85000]]]
BOW = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def written(tmp_path, content):
    path = tmp_path / "borders.geojson"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def area_of(trust):
    return shapely.from_wkb(trust.polygon_wkb_hex)


@pytest.mark.parametrize(
    "content",
    [
        SQUARE,
        feature(SQUARE),
        {"type": "FeatureCollection", "features": [feature(SQUARE)]},
    ],
    ids=["geometry", "feature", "collection"],
)
def test_one_trust_takes_whatever_polygon_there_is(tmp_path, content):
    (trust,) = with_boundaries(ONE, written(tmp_path, content))
    assert area_of(trust).equals(shapely.from_geojson(json.dumps(SQUARE)))


def test_polygons_of_one_trust_are_put_together(tmp_path):
    content = {"type": "FeatureCollection", "features": [feature(SQUARE), feature(EAST)]}
    (trust,) = with_boundaries(ONE, written(tmp_path, content))
    assert area_of(trust).bounds == (-1.4, 50.6, -1.0, 50.8)


def test_several_trusts_are_told_apart_by_a_property(tmp_path):
    content = {
        "type": "FeatureCollection",
        "features": [feature(EAST, ods_code="RYE"), feature(SQUARE, trust="R1F")],
    }
    wight, south = with_boundaries(TWO, written(tmp_path, content))
    assert area_of(wight).bounds[0] == -1.4
    assert area_of(south).bounds[2] == -1.0


def test_the_british_grid_is_understood(tmp_path):
    metres = {
        "type": "Polygon",
        "coordinates": [
            [[445_000, 85_000], [455_000, 85_000], [455_000, 95_000], [445_000, 85_000]]
        ],
    }
    content = feature(metres) | {
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    }
    (trust,) = with_boundaries(ONE, written(tmp_path, content))
    west, south, east, north = area_of(trust).bounds
    assert -1.4 < west < east < -1.2
    assert 50.6 < south < north < 50.8


@pytest.mark.parametrize(
    ("trusts", "content", "expected"),
    [
        (ONE, "not json", "Expected GeoJSON"),
        (ONE, "[1]", "Expected GeoJSON"),
        (ONE, {"type": "FeatureCollection", "features": []}, "Expected a polygon"),
        (ONE, feature(None), "feature 1: Expected"),
        (ONE, feature({"type": "Point", "coordinates": [0, 0]}), "was Point"),
        (ONE, feature({"type": "Polygon", "coordinates": "x"}), "feature 1: Expected"),
        (ONE, feature(BOW), "Expected a valid polygon, was: Self-intersection"),
        (ONE, feature({"type": "Polygon", "coordinates": METRES}), "EPSG:27700"),
        (TWO, feature(SQUARE), "was None"),
        (TWO, feature(SQUARE, trust="XX"), "was 'XX'"),
    ],
)  # fmt: skip
def test_a_bad_file_is_named(tmp_path, trusts, content, expected):
    with pytest.raises(ValueError, match=expected) as caught:
        with_boundaries(trusts, written(tmp_path, content))
    assert "borders.geojson" in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nothing at .*gone\.geojson"):
        with_boundaries(ONE, tmp_path / "gone.geojson")
