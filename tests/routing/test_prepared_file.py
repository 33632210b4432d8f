"""Prepared roads survive the disk, and nothing else passes for them."""

from __future__ import annotations

import numpy as np
import pytest

from routing.prepared_file import MAGIC, load_prepared, network_digest, save_prepared
from routing.query import weighted
from routing.roads import prepare
from tests.routing.worlds import a_grid, random_positions


@pytest.fixture(scope="module")
def roads():
    return prepare(a_grid(9, seed=3, banned=7))


@pytest.fixture
def saved(roads, tmp_path):
    path = tmp_path / "town.prepared"
    save_prepared(roads, path)
    return path


def test_the_answers_are_the_same_before_and_after(roads, saved):
    loaded = load_prepared(roads.network, saved)
    plain = roads.network.fixed_ms
    positions = random_positions(roads.network, 40, seed=1)
    before, after = (weighted(each, plain, plain) for each in (roads, loaded))
    assert np.array_equal(
        before.matrix_ms(positions, positions), after.matrix_ms(positions, positions)
    )
    for origin, destination in zip(positions[:20].tolist(), positions[20:].tolist(), strict=True):
        one, two = before.way(origin, destination), after.way(origin, destination)
        assert one.edges.tolist() == two.edges.tolist()


def test_kernels_see_the_same_kinds_of_arrays(roads, saved):
    loaded = load_prepared(roads.network, saved)
    pairs = zip(
        (*roads.label_arrays, *roads.graph_arrays, *roads.way_arrays, *roads.side_arrays),
        (*loaded.label_arrays, *loaded.graph_arrays, *loaded.way_arrays, *loaded.side_arrays),
        strict=True,
    )
    for built, mapped in pairs:
        assert (built.dtype, built.ndim) == (mapped.dtype, mapped.ndim)
        assert mapped.flags.writeable
        assert mapped.flags.c_contiguous
        assert mapped.flags.aligned


def test_saving_leaves_no_other_file(saved):
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_file_of_another_network_is_refused(roads, saved):
    other = a_grid(9, seed=4, banned=7)
    assert network_digest(other) != network_digest(roads.network)
    with pytest.raises(ValueError, match=r"of this network in .*town\.prepared, was another's"):
        load_prepared(other, saved)


def test_other_banned_turns_make_another_network(roads):
    assert network_digest(a_grid(9, seed=3, banned=6)) != network_digest(roads.network)


def test_a_truncated_file_is_refused(roads, saved):
    saved.write_bytes(saved.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"it is truncated"):
        load_prepared(roads.network, saved)


def test_a_damaged_file_is_refused_when_its_content_is_checked(roads, saved):
    content = bytearray(saved.read_bytes())
    content[-200] ^= 1
    saved.write_bytes(content)
    with pytest.raises(ValueError, match="checksum"):
        load_prepared(roads.network, saved)
    load_prepared(roads.network, saved, check_content=False)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "was something else"),
        (b"PK\x03\x04 something else entirely", "was something else"),
        (MAGIC + (20).to_bytes(8, "little") + b"{not json", "Expected a readable header"),
    ],
)
def test_a_foreign_file_is_refused(roads, tmp_path, content, complaint):
    path = tmp_path / "foreign"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=complaint):
        load_prepared(roads.network, path)


def test_a_file_of_a_later_format_is_refused(roads, saved):
    content = saved.read_bytes().replace(b'"format_version":1', b'"format_version":9')
    saved.write_bytes(content)
    with pytest.raises(ValueError, match=r"Expected format version 1 in .*, was 9"):
        load_prepared(roads.network, saved)


def test_nothing_there_is_refused(roads, tmp_path):
    with pytest.raises(ValueError, match="was nothing there"):
        load_prepared(roads.network, tmp_path / "none")
