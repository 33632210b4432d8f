"""Regions as GeoJSON."""

from __future__ import annotations

import json

import pytest
import shapely

from maps.facilities import Trust
from maps.geojson import LAYERS, write_geojson
from tests.maps.builders import a_lattice, a_region

BORDER = shapely.to_wkb(shapely.box(-1.4, 50.6, -1.2, 50.8), hex=True)


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    drawing = a_lattice(3, 3)
    drawing.ways[0] = (101, [1, 2, 3], {"highway": "primary", "oneway": "-1", "maxspeed": "30 mph"})
    drawing.ways[1] = (102, [4, 5, 6], {"highway": "pedestrian"})
    network, _ = drawing.network(tmp_path_factory.mktemp("map"))
    return a_region(roads=network, trusts=(Trust(code="R1F", name="IoW", polygon_wkb_hex=BORDER),))


def exported(region, path, layers=None):
    count = write_geojson(region, path, layers)
    told = json.loads(path.read_text(encoding="utf-8"))
    assert len(told["features"]) == count
    return told


def test_every_feature_is_geometry_with_a_layer(region, tmp_path):
    told = exported(region, tmp_path / "out.geojson")
    for feature in told["features"]:
        assert shapely.from_geojson(json.dumps(feature["geometry"])).is_valid
        assert feature["properties"]["layer"] in LAYERS
    assert told["attribution"] == ["nobody"]
    layers = [feature["properties"]["layer"] for feature in told["features"]]
    assert sorted(set(layers)) == sorted(LAYERS)
    assert layers.count("roads") == len(region.roads.way_id)


def test_roads_say_who_may_use_them(region, tmp_path):
    roads = exported(region, tmp_path / "out.geojson", ["roads"])["features"]
    by_way = {feature["properties"]["way"]: feature["properties"] for feature in roads}
    assert by_way[101]["one_way"]
    assert by_way[101]["against_line"]
    assert by_way[101]["posted_kmh"] == 48
    assert by_way[102]["blue_light_only"]
    assert by_way[103]["posted_kmh"] is None
    assert not by_way[103]["one_way"]


def test_layers_can_be_chosen(region, tmp_path):
    told = exported(region, tmp_path / "out.geojson", ["hospitals", "posts"])
    assert [feature["properties"]["id"] for feature in told["features"]] == ["H", "P"]


def test_an_unknown_layer_is_named(region, tmp_path):
    with pytest.raises(ValueError, match="was rivers"):
        write_geojson(region, tmp_path / "out.geojson", ["roads", "rivers"])


def test_a_region_without_streets_has_no_roads(tmp_path):
    assert exported(a_region(), tmp_path / "out.geojson", ["roads"])["features"] == []
