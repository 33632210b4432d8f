"""Times under one set of weights equal the oracle's, to the millisecond, however they are asked."""

from __future__ import annotations

import gc
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import routing.query
from routing.dijkstra import Dijkstra
from routing.query import WeightedRoads, weighted
from routing.restrictions import BannedSequences
from routing.roads import PreparedRoads, prepare
from routing.weights import UNREACHABLE_MS
from tests.routing.worlds import World, a_grid, random_positions, times, worlds


def oracle_matrix(oracle: Dijkstra, positions):
    return np.array([oracle.from_one_ms(int(origin), positions) for origin in positions])


@settings(deadline=None, max_examples=300)
@given(worlds())
def test_all_ways_of_asking_equal_the_oracle(world: World):
    engine, positions = world.engine(), world.positions
    expected = oracle_matrix(world.oracle(), positions)
    assert np.array_equal(engine.matrix_ms(positions, positions), expected)
    for at, position in enumerate(positions.tolist()):
        assert np.array_equal(engine.to_one_ms(positions, position), expected[:, at])
        assert np.array_equal(engine.from_one_ms(position, positions), expected[at])
        repeated = np.full(len(positions), position)
        assert np.array_equal(engine.pairs_ms(repeated, positions), expected[at])
        assert np.array_equal(engine.pairs_ms(positions, repeated), expected[:, at])
    shuffled = np.roll(positions, 1)
    diagonal = expected[np.arange(len(positions)), np.roll(np.arange(len(positions)), 1)]
    assert np.array_equal(engine.pairs_ms(positions, shuffled), diagonal)


@settings(deadline=None, max_examples=200)
@given(worlds())
def test_a_way_is_connected_obeys_every_restriction_and_sums_to_its_time(world: World):
    engine, network = world.engine(), world.network
    rules, tails = BannedSequences(network), network.tails()
    for origin in world.positions.tolist():
        for destination in world.positions.tolist():
            way = engine.way(origin, destination)
            if way is None:
                continue
            driven = [way.first_edge, *way.edges.tolist(), way.last_edge]
            edges = [edge for edge in driven if edge is not None]
            state = ()
            for at, edge in enumerate(edges):
                assert at == 0 or network.head[edges[at - 1]] == tails[edge]
                state = rules.after(state, edge)
                assert state is not None, "a banned sequence was driven"
            assert (world.weight_ms[way.edges] < UNREACHABLE_MS).all()
            assert world.weight_ms[way.edges].sum() <= way.total_ms


@settings(deadline=None, max_examples=150)
@given(worlds(), st.data())
def test_changed_weights_equal_the_oracle_and_leave_the_old_ones_alone(world: World, data):
    engine = world.engine()
    weight, offset = world.weight_ms.copy(), world.offset_ms.copy()
    for _ in range(3):
        count = world.network.edge_count
        edges = np.array(
            sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=3))),
            dtype=np.int32,
        )
        engine.matrix_ms(world.positions, world.positions)
        ends = (
            np.repeat(world.positions, len(world.positions)),
            np.tile(world.positions, len(world.positions)),
        )
        engine.pairs_ms(*ends)
        before = oracle_matrix(Dijkstra(world.network, weight, offset), world.positions)
        old, weight, offset = engine, weight.copy(), offset.copy()
        weight[edges] = data.draw(st.lists(times, min_size=len(edges), max_size=len(edges)))
        offset[edges] = np.where(weight[edges] < UNREACHABLE_MS, weight[edges], 77)
        engine = old.changed(edges, weight[edges], offset[edges])
        after = oracle_matrix(Dijkstra(world.network, weight, offset), world.positions)
        assert np.array_equal(engine.matrix_ms(world.positions, world.positions), after)
        assert np.array_equal(engine.pairs_ms(*ends), after.ravel())
        assert np.array_equal(old.pairs_ms(*ends), before.ravel())
        assert np.array_equal(old.matrix_ms(world.positions, world.positions), before)


class Town:
    """A town with banned turns, and its times as the oracle has them."""

    def __init__(self) -> None:
        self.network = a_grid(14, seed=3, banned=12)
        self.roads: PreparedRoads = prepare(self.network)
        self.plain = self.network.fixed_ms
        self.positions = random_positions(self.network, 60, seed=4)
        self.expected = oracle_matrix(Dijkstra(self.network, self.plain), self.positions)

    def engine(self) -> WeightedRoads:
        return weighted(self.roads, self.plain, self.plain)


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


def test_a_town_equals_the_oracle(town):
    assert np.array_equal(town.engine().matrix_ms(town.positions, town.positions), town.expected)


def test_labels_that_were_pushed_out_are_computed_again(town, monkeypatch):
    monkeypatch.setattr(routing.query, "LABELS_KEPT", 8)
    monkeypatch.setattr(routing.query, "_BLOCK", 4)
    engine = town.engine()
    for at in np.random.default_rng(0).permutation(60).tolist():
        found = engine.to_one_ms(town.positions, int(town.positions[at]))
        assert np.array_equal(found, town.expected[:, at])
    assert np.array_equal(engine.matrix_ms(town.positions, town.positions), town.expected)


@pytest.mark.parametrize("most", [4, 12])
def test_a_label_that_is_needed_is_not_pushed_out_by_those_computed_after_it(
    town, monkeypatch, most
):
    monkeypatch.setattr(routing.query, "LABELS_KEPT", 8)
    monkeypatch.setattr(routing.query, "_BLOCK", 4)
    engine, rng = town.engine(), np.random.default_rng(7)
    for _ in range(400):
        # Some of them are kept, others not, in any order, and some come twice.
        asked, one = rng.integers(0, 60, rng.integers(1, most + 1)), int(rng.integers(0, 60))
        to = engine.to_one_ms(town.positions[asked], int(town.positions[one]))
        assert np.array_equal(to, town.expected[asked, one])
        fro = engine.from_one_ms(int(town.positions[one]), town.positions[asked])
        assert np.array_equal(fro, town.expected[one, asked])


@pytest.mark.parametrize("kept", [1, 16, 2**16])
def test_times_of_pairs_are_kept_and_those_that_share_a_place_take_turns(town, monkeypatch, kept):
    monkeypatch.setattr(routing.query, "PAIRS_KEPT", kept)
    engine, rng = town.engine(), np.random.default_rng(5)
    for _ in range(40):
        start, end = rng.integers(0, len(town.positions), (2, 30))
        found = engine.pairs_ms(town.positions[start], town.positions[end])
        assert np.array_equal(found, town.expected[start, end])


def test_several_threads_get_the_same_answers_at_the_same_time(town):
    engine = town.engine()
    wrong = []

    def ask(seed: int) -> None:
        for at in np.random.default_rng(seed).integers(0, 60, 200).tolist():
            to = engine.to_one_ms(town.positions, int(town.positions[at]))
            fro = engine.from_one_ms(int(town.positions[at]), town.positions)
            if not (
                np.array_equal(to, town.expected[:, at]) and np.array_equal(fro, town.expected[at])
            ):
                wrong.append(at)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_arrays_of_forgotten_weights_serve_again_and_those_in_use_never(town):
    engine = town.engine()
    rng = np.random.default_rng(9)
    kept = []
    weight = town.plain.copy()
    for round_number in range(30):
        edges = np.sort(rng.choice(len(weight), 3, replace=False)).astype(np.int32)
        weight = weight.copy()
        weight[edges] = rng.choice([UNREACHABLE_MS, 1, 30_000], 3)
        offsets = np.where(weight < UNREACHABLE_MS, weight, town.plain)
        engine = engine.changed(edges, weight[edges], offsets[edges])
        fresh = weighted(town.roads, weight, offsets)
        assert np.array_equal(engine.metric.up, fresh.metric.up)
        assert np.array_equal(engine.metric.down, fresh.metric.down)
        assert np.array_equal(engine.metric.arc_ms, fresh.metric.arc_ms)
        assert np.array_equal(engine.offset_ms, fresh.offset_ms)
        if round_number % 7 == 0:
            kept.append((engine, fresh))
        gc.collect()
    for old, fresh in kept:
        assert np.array_equal(old.metric.up, fresh.metric.up)
        assert np.array_equal(old.offset_ms, fresh.offset_ms)


def test_two_changes_of_the_same_weights_do_not_meet(town):
    engine = town.engine()
    edge = np.array([3], dtype=np.int32)
    slow = np.array([50_000], dtype=np.int32)
    quick = np.array([10], dtype=np.int32)
    first, second = engine.changed(edge, slow, slow), engine.changed(edge, quick, quick)
    for changed, value in ((first, slow), (second, quick)):
        weight = town.plain.copy()
        weight[edge] = value
        fresh = weighted(town.roads, weight, weight)
        assert np.array_equal(changed.metric.up, fresh.metric.up)


def test_a_change_of_very_many_edges_is_customised_from_scratch(town):
    edges = np.arange(town.network.edge_count, dtype=np.int32)
    doubled = (town.plain * 2).astype(np.int32)
    changed = town.engine().changed(edges, doubled, doubled)
    fresh = weighted(town.roads, doubled, doubled)
    assert np.array_equal(
        changed.matrix_ms(town.positions, town.positions),
        fresh.matrix_ms(town.positions, town.positions),
    )


def test_weights_alike_share_numbers_but_no_labels_and_survive_their_twin(town):
    engine = town.engine()
    twin = WeightedRoads.like(engine)
    edge, shut = np.array([7], dtype=np.int32), np.array([UNREACHABLE_MS], dtype=np.int32)
    for _ in range(4):
        twin = twin.changed(edge, shut, town.plain[edge])
        gc.collect()
    assert np.array_equal(engine.matrix_ms(town.positions, town.positions), town.expected)


def test_no_origins_give_no_times(town):
    none = np.zeros(0, dtype=np.int64)
    engine = town.engine()
    assert engine.to_one_ms(none, int(town.positions[0])).tolist() == []
    assert engine.matrix_ms(none, town.positions).shape == (0, 60)
    assert engine.pairs_ms(none, none).tolist() == []
