"""Vector tiles: decoded again by a reader that knows only the specification."""

from __future__ import annotations

import math
import threading
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.facilities import Trust
from maps.region_file import load_region
from maps.shapes import segment_lines
from maps.tile_encoding import EXTENT, LineGroup, encode_tile
from maps.tiles import BUFFER, TileMaker
from tests.maps.builders import a_lattice, a_region, at


def varint(data, place):
    number = shift = 0
    while True:
        byte = data[place]
        number |= (byte & 0x7F) << shift
        place += 1
        shift += 7
        if byte < 0x80:
            return number, place


def message(data):
    """Return the fields of a protocol buffer: (tag, number or bytes)."""
    fields, place = [], 0
    while place < len(data):
        key, place = varint(data, place)
        if key & 7 == 0:
            value, place = varint(data, place)
        else:
            assert key & 7 == 2
            size, place = varint(data, place)
            value, place = data[place : place + size], place + size
        fields.append((key >> 3, value))
    return fields


def packed(data):
    numbers, place = [], 0
    while place < len(data):
        number, place = varint(data, place)
        numbers.append(number)
    return numbers


def lines_of(commands):
    lines, cursor, place = [], [0, 0], 0
    while place < len(commands):
        command, count = commands[place] & 7, commands[place] >> 3
        place += 1
        assert command in {1, 2}
        if command == 1:
            assert count == 1
            lines.append([])
        for _ in range(count):
            for axis in (0, 1):
                zigzag = commands[place]
                cursor[axis] += (zigzag >> 1) ^ -(zigzag & 1)
                place += 1
            lines[-1].append(tuple(cursor))
    return lines


def decoded(tile):
    """Return {layer: [(properties, lines)]} of a tile."""
    layers = {}
    for tag, layer in message(tile):
        assert tag == 3
        fields = message(layer)
        one = {key: [value for found, value in fields if found == key] for key, _ in fields}
        assert one[15] == [2]
        assert one[5] == [EXTENT]
        keys = [key.decode() for key in one.get(3, [])]
        values = [value_of(value) for value in one.get(4, [])]
        features = []
        for feature in one[2]:
            parts = dict(message(feature))
            tags = packed(parts[2])
            pairs = zip(tags[::2], tags[1::2], strict=True)
            properties = {keys[key]: values[value] for key, value in pairs}
            assert parts[3] == 2
            features.append((properties, lines_of(packed(parts[4]))))
        layers[one[1][0].decode()] = features
    return layers


def value_of(data):
    ((tag, value),) = message(data)
    return value.decode() if tag == 1 else bool(value)


def tile_of(point, z):
    scale = 2**z
    x = (point.lon / 360 + 0.5) * scale
    y = (0.5 - math.asinh(math.tan(math.radians(point.lat))) / (2 * math.pi)) * scale
    return int(x), int(y)


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    drawing = a_lattice(4, 4, {"highway": "primary"}).node(50, 0.5, -0.4)
    drawing.way(301, [1, 50, 2], {"highway": "pedestrian"})
    network, _ = drawing.network(tmp_path_factory.mktemp("map"))
    border = shapely.to_wkb(shapely.box(-1.31, 50.69, -1.28, 50.72), hex=True)
    return a_region(roads=network, trusts=(Trust(code="R1F", name="x", polygon_wkb_hex=border),))


@pytest.fixture(scope="module")
def island():
    return load_region("isle-of-wight")


def test_a_tile_has_roads_by_class_and_borders(region):
    layers = decoded(TileMaker(region).tile(14, *tile_of(at(1, 1), 14)))
    assert list(layers) == ["roads", "trusts"]
    assert [properties for properties, _ in layers["roads"]] == [
        {"class": "path", "blue_light_only": True},
        {"class": "primary", "blue_light_only": False},
    ]
    assert layers["trusts"][0][0] == {"class": "border"}


def test_small_roads_wait_for_their_zoom(region):
    maker = TileMaker(region)
    layers = decoded(maker.tile(12, *tile_of(at(1, 1), 12)))
    assert [properties["class"] for properties, _ in layers["roads"]] == ["primary"]
    assert "roads" not in decoded(maker.tile(3, *tile_of(at(1, 1), 3)))


def test_an_empty_place_is_an_empty_tile(region):
    assert TileMaker(region).tile(14, 0, 0) == b""


def test_points_stay_where_they_are(region):
    """Every drawn point lies within a unit of the road it belongs to."""
    z = 18
    x, y = tile_of(at(0.2, 0.1), z)
    layers = decoded(TileMaker(region).tile(z, x, y))
    lines = segment_lines(region.roads)
    scale = 2.0**z * EXTENT
    world_x = (lines.lon / 360 + 0.5) * scale - x * EXTENT
    world_y = (0.5 - np.arcsinh(np.tan(np.radians(lines.lat))) / (2 * math.pi)) * scale - y * EXTENT
    roads = shapely.MultiLineString(
        [
            np.column_stack((world_x[a:b], world_y[a:b]))
            for a, b in zip(lines.first[:-1], lines.first[1:], strict=True)
        ]
    )
    drawn = [point for _, found in layers["roads"] for line in found for point in line]
    assert len(drawn) >= 2
    assert max(roads.distance(shapely.Point(point)) for point in drawn) < 1.0


@pytest.mark.parametrize("z", [8, 11, 13, 14, 16, 19])
def test_nothing_is_drawn_far_outside_the_tile(island, z):
    maker = TileMaker(island)
    x, y = tile_of(island.hospitals[0].at, z)
    for features in decoded(maker.tile(z, x, y)).values():
        for _, lines in features:
            for line in lines:
                assert len(line) >= 2
                assert all(a != b for a, b in pairwise(line))
                for point in line:
                    assert all(-BUFFER - 1 <= c <= EXTENT + BUFFER + 1 for c in point)


def test_neighbouring_tiles_meet_at_the_seam(island):
    """What leaves one tile to the east enters the next from the west, at the same height."""
    maker, z = TileMaker(island), 14
    x, y = tile_of(island.hospitals[0].at, z)

    def crossings(tile, edge):
        found = set()
        for _, lines in decoded(tile)["roads"]:
            for line in lines:
                for (x0, y0), (x1, y1) in pairwise(line):
                    if min(x0, x1) < edge <= max(x0, x1):
                        found.add(round(y0 + (y1 - y0) * (edge - x0) / (x1 - x0)))
        return found

    east, west = crossings(maker.tile(z, x, y), EXTENT), crossings(maker.tile(z, x + 1, y), 0)
    assert len(east) > 3
    # Both are simplified alike, and rounded apart: a few units of 4096.
    assert all(min(abs(height - other) for other in west) <= 2 for height in east)


def test_tiles_together_hold_all_roads(island):
    """The length of primary roads over all tiles of a zoom, margins apart, is the true one."""
    maker, z = TileMaker(island), 13
    bounds = maker.bounds()
    assert bounds is not None
    x0, y0 = tile_of(type(at(0, 0))(bounds.west, bounds.north), z)
    x1, y1 = tile_of(type(at(0, 0))(bounds.east, bounds.south), z)
    box = shapely.box(0, 0, EXTENT, EXTENT)
    units = 0.0
    for x in range(x0, x1 + 1):
        for y in range(y0, y1 + 1):
            for properties, lines in decoded(maker.tile(z, x, y)).get("roads", []):
                if properties["class"] == "primary":
                    units += shapely.MultiLineString(lines).intersection(box).length
    metres = units * 40_075_016.7 / 2**z / EXTENT * math.cos(math.radians(50.67))
    roads = island.roads
    names = np.array(roads.classes)[roads.road_class]
    is_primary = np.isin(names, ("primary", "primary_link"))
    per_segment = dict(
        zip(roads.segment[is_primary].tolist(), roads.length_m[is_primary].tolist(), strict=True)
    )
    assert metres == pytest.approx(sum(per_segment.values()), rel=0.01)


def test_low_zooms_are_small(island):
    maker = TileMaker(island)
    for z in range(5, 11):
        assert len(maker.tile(z, *tile_of(island.hospitals[0].at, z))) < 20_000


def test_the_same_tile_is_the_same_bytes_from_any_thread(island):
    z = 13
    x, y = tile_of(island.hospitals[0].at, z)
    expected = TileMaker(island).tile(z, x, y)
    maker, found = TileMaker(island), []
    threads = [threading.Thread(target=lambda: found.append(maker.tile(z, x, y))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


@pytest.mark.parametrize("numbers", [(-1, 0, 0), (23, 0, 0), (3, 8, 0), (3, 0, -1)])
def test_a_tile_that_is_not_there_is_refused(region, numbers):
    with pytest.raises(ValueError, match="Expected a tile z/x/y"):
        TileMaker(region).tile(*numbers)


def test_a_region_without_streets_or_borders_draws_nothing():
    maker = TileMaker(a_region())
    assert maker.bounds() is None
    assert maker.tile(0, 0, 0) == b""


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(-(2**30), 2**30), st.integers(-(2**30), 2**30)),
            min_size=2,
            max_size=6,
        ),
        min_size=1,
        max_size=6,
    ),
    st.dictionaries(st.text(max_size=5), st.text(max_size=200) | st.booleans(), max_size=4),
)
def test_any_lines_come_back_from_the_encoding(lines, properties):
    points = np.array([point for line in lines for point in line], dtype=np.int64)
    first = np.concatenate(([0], np.cumsum([len(line) for line in lines])))
    tile = encode_tile([LineGroup("roads", properties, points, first)])
    if any(not text for text in properties.values() if isinstance(text, str)):
        return  # an empty string is a field without content, which the small reader passes over
    ((told, found),) = decoded(tile)["roads"]
    assert told == properties
    assert found == lines
