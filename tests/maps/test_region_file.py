"""Regions on disk."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import fields, is_dataclass, replace

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maps.facilities import Demand, FleetUnit, Shift, Trust
from maps.region import TravelMatrix
from maps.region_file import (
    FORMAT_VERSION,
    MAGIC,
    bundled_regions,
    load_region,
    save_region,
    sealed,
)
from tests.maps.builders import a_lattice, a_region


@pytest.fixture(scope="module")
def streets(tmp_path_factory):
    drawing = a_lattice(3, 3).node(50, 0.5, 0.5)
    drawing.way(301, [1, 50, 5], {"highway": "primary", "name": "Straße ½"})
    drawing.restriction(9, "no_left_turn", 301, ("n", 5), 102)
    network, _ = drawing.network(tmp_path_factory.mktemp("map"))
    path = tuple(int(edge) for edge in (0, network.first_out[network.head[0]], 0))
    third = int(network.first_out[network.head[path[1]]])
    network = replace(network, banned_paths=((path[0], path[1], third),))
    order = np.arange(network.node_count, dtype=np.int32)[::-1].copy()
    return a_region(roads=network, extras={"routing/order": order})


def same(one, other, where=""):
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype, where
        np.testing.assert_array_equal(one, other, err_msg=where)
    elif is_dataclass(one) or isinstance(one, Demand):
        names = (
            [entry.name for entry in fields(one)] if is_dataclass(one) else one.__struct_fields__
        )
        for name in names:
            same(getattr(one, name), getattr(other, name), f"{where}.{name}")
    elif isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one:
            same(one[key], other[key], f"{where}[{key}]")
    else:
        assert one == other, where


def test_a_region_with_streets_comes_back_whole(streets, tmp_path):
    saved = save_region(streets, tmp_path / "toy.region")
    same(saved, load_region(tmp_path / "toy.region"))


def test_a_region_with_a_matrix_comes_back_whole(tmp_path):
    times = np.array([[0, 5], [7, 2**30 - 1]], dtype=np.int32)
    matrix = TravelMatrix(
        ("a", "b"), np.array([-1.3, -1.2]), np.array([50.7, 50.71]), times, times.T
    )
    saved = save_region(a_region(matrix=matrix), tmp_path / "toy.region")
    same(saved, load_region(tmp_path / "toy.region"))


def test_a_region_as_the_crow_flies_comes_back_whole(tmp_path):
    units = (
        FleetUnit(
            id="U", trust="R1F", kind="DCA", skill="EMT", home="P",
            shifts=(Shift(start_min=420, end_min=1140, weekdays=(1, 7)),),
        ),
    )  # fmt: skip
    saved = save_region(a_region(fleet=units), tmp_path / "toy.region")
    same(saved, load_region(str(tmp_path / "toy.region")))


def test_equal_regions_give_equal_bytes(streets, tmp_path):
    save_region(streets, tmp_path / "one.region")
    save_region(load_region(tmp_path / "one.region"), tmp_path / "two.region")
    assert (tmp_path / "one.region").read_bytes() == (tmp_path / "two.region").read_bytes()


def test_the_version_is_that_of_the_content(streets):
    base = sealed(streets).version
    assert len(base) == 64
    assert sealed(replace(streets, version="whatever")).version == base
    assert sealed(replace(streets, extras={})).version == base, "extras change no answer"
    assert sealed(replace(streets, name="other")).version != base
    roads = streets.roads
    longer = replace(roads, length_m=roads.length_m * np.float32(1.000001))
    assert sealed(replace(streets, roads=longer)).version != base
    no_bans = replace(roads, banned_turns=np.zeros((0, 2), dtype=np.int32))
    assert sealed(replace(streets, roads=no_bans)).version != base
    other = (Trust(code="R1F", name="Other"),)
    assert sealed(replace(streets, trusts=other)).version != base


def test_arrays_of_a_loaded_region_cannot_be_written(streets, tmp_path):
    save_region(streets, tmp_path / "toy.region")
    region = load_region(tmp_path / "toy.region")
    with pytest.raises(ValueError, match="read-only"):
        region.roads.length_m[0] = 1.0


def test_a_region_that_breaks_a_rule_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match="known post as home of unit 'U'"):
        save_region(a_region(posts=()), tmp_path / "bad.region")
    assert list(tmp_path.iterdir()) == []


def test_nothing_half_written_stays_behind(streets, tmp_path):
    save_region(streets, tmp_path / "toy.region")
    assert [path.name for path in tmp_path.iterdir()] == ["toy.region"]


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 a zip", b"{}", b"BLUELIGHT-REGIOM" + b"\0" * 100],
    ids=["empty", "zip", "json", "near miss"],
)
def test_a_foreign_file_is_refused(tmp_path, content):
    path = tmp_path / "foreign.region"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"Expected a region file .*foreign\.region"):
        load_region(path)


def test_another_format_version_is_refused_with_advice(streets, tmp_path):
    path = tmp_path / "toy.region"
    save_region(streets, path)
    data = bytearray(path.read_bytes())
    data[16:18] = struct.pack("<H", 9)
    path.write_bytes(data)
    with pytest.raises(
        ValueError, match=f"Expected region format {FORMAT_VERSION} .*, was 9: build"
    ):
        load_region(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(share=st.floats(0.0, 0.999))
def test_a_truncated_file_is_refused(streets, tmp_path, share):
    path = tmp_path / "toy.region"
    if not path.exists():
        save_region(streets, path)
    data = path.read_bytes()
    cut = tmp_path / "cut.region"
    cut.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ValueError, match=r"cut\.region"):
        load_region(cut)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(where=st.floats(0.0, 0.9999), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed_or_changes_nothing(streets, tmp_path, where, bit):
    path = tmp_path / "toy.region"
    if not path.exists():
        save_region(streets, path)
    data = bytearray(path.read_bytes())
    place = int(len(data) * where)
    data[place] ^= 1 << bit
    damaged = tmp_path / "damaged.region"
    damaged.write_bytes(data)
    assert _version_or_fault(damaged) in {
        "damaged.region",
        # A bit that fills up the last byte of a packed part means nothing.
        sealed(streets).version,
    }


def _version_or_fault(path):
    try:
        return sealed(load_region(path)).version
    except ValueError as error:
        return path.name if path.name in str(error) else str(error)


def test_a_file_that_goes_on_too_long_is_refused(streets, tmp_path):
    path = tmp_path / "toy.region"
    save_region(streets, path)
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(ValueError, match="the file is too long"):
        load_region(path)


def test_content_that_was_altered_with_its_checksums_is_noticed(streets, tmp_path):
    path = tmp_path / "toy.region"
    save_region(streets, path)
    data = path.read_bytes()
    size = struct.unpack_from("<I", data, 20)[0]
    table = msgspec.json.decode(data[56 : 56 + size])
    table["version"] = "0" * 64
    raw = msgspec.json.encode(table)
    head = struct.pack(
        "<16sHHI32s", MAGIC, FORMAT_VERSION, 0, len(raw), hashlib.sha256(raw).digest()
    )
    path.write_bytes(head + raw + data[56 + size :])
    with pytest.raises(ValueError, match="the file was altered"):
        load_region(path)


def test_an_unknown_name_lists_what_is_there(tmp_path):
    with pytest.raises(ValueError, match=r"isle-of-wight.* was 'atlantis'"):
        load_region("atlantis")
    with pytest.raises(ValueError, match=r"was '.*gone\.region'"):
        load_region(tmp_path / "gone.region")


def test_bundled_regions_are_found_by_name():
    assert "isle-of-wight" in bundled_regions()
    assert load_region("isle-of-wight").name == "isle-of-wight"
