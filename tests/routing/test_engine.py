"""The door: travel times for any region, kept live without stopping those who ask."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from dispatch.ports import TravelTimes
from maps.region import CrowFlies, TravelMatrix
from routing.changes import Closed, Factor, OnEdges, OnRoad, RoadChange, WithinArea
from routing.crow_flies import CrowFliesTimes
from routing.dijkstra import Dijkstra
from routing.engine import FixedEngine, engine_for, order_for, travel_times_for
from routing.position import pack
from routing.roads import ORDER_KEY
from routing.table import TableTimes
from routing.weights import UNREACHABLE_MS, DriveMode
from tests.routing.builders import a_network, edge_between, street
from tests.routing.snapshots import NOW_MS, a_region, an_engine
from tests.routing.worlds import a_grid, random_positions

LIGHTS = DriveMode.BLUE_LIGHT
HOUR_MS = 3_600_000


def a_closure(name="closure", edges=(0,), **more):
    return RoadChange(
        id=name, where=OnEdges(tuple(edges)), effect=Closed(), reported_at_ms=NOW_MS, **more
    )


def a_matrix():
    times = np.array([[0, 60_000], [70_000, 0]], dtype=np.int32)
    return TravelMatrix(
        place_id=("a", "b"),
        lon=np.array([-1.3, -1.2]),
        lat=np.array([50.7, 50.7]),
        blue_light_ms=times,
        ordinary_ms=times * 2,
    )


def test_each_kind_of_region_gets_the_times_it_has_and_all_fit_the_protocol():
    roads = travel_times_for(a_region(roads=a_grid(3)))
    table = travel_times_for(a_region(matrix=a_matrix()))
    crow = travel_times_for(a_region(crow_flies=CrowFlies(60.0, 40.0, 1.3)))
    assert isinstance(table, TableTimes)
    assert isinstance(crow, CrowFliesTimes)
    for times in (roads, table, crow):
        assert isinstance(times, TravelTimes)
        assert times.version.startswith("town@aaaaaaaaaaaa")
    with pytest.raises(ValueError, match="Expected roads, a matrix or a crow-flies model"):
        travel_times_for(a_region())


def test_a_kept_order_gives_the_same_answers_as_one_computed_anew():
    network = a_grid(8, banned=5)
    kept = order_for(network)
    assert kept[ORDER_KEY].dtype == np.int32
    positions = random_positions(network, 20, seed=1)
    answers = [
        travel_times_for(region).matrix_ms(positions, positions, LIGHTS, NOW_MS)
        for region in (a_region(roads=network), a_region(roads=network, extras=kept))
    ]
    assert np.array_equal(*answers)


def test_an_order_of_another_network_is_refused():
    with pytest.raises(ValueError, match="Expected an order of 9 nodes"):
        travel_times_for(a_region(roads=a_grid(3), extras=order_for(a_grid(4))))


def test_a_closure_sends_everyone_round_and_its_end_brings_them_back():
    short, long = [street(0, 1, 60_000), street(1, 2, 60_000)], [street(0, 3, 90_000)]
    roads = [*short, *long, street(3, 2, 90_000)]
    network = a_network(roads)
    engine = an_engine(network)
    start, end = pack(edge_between(network, 0, 1), 0.0), pack(edge_between(network, 1, 2), 1.0)
    before = engine.current
    plain = before.leg(start, end, LIGHTS, NOW_MS).total_ms
    closed = engine.apply(a_closure(edges=[edge_between(network, 0, 1)]), NOW_MS)
    assert closed is engine.current
    assert closed.leg(start, end, LIGHTS, NOW_MS).total_ms > plain
    assert before.leg(start, end, LIGHTS, NOW_MS).total_ms == plain
    opened = engine.withdraw("closure")
    assert opened.leg(start, end, LIGHTS, NOW_MS).total_ms == plain
    assert opened.version == before.version != closed.version
    with pytest.raises(ValueError, match="Expected a change in force, was 'closure'"):
        engine.withdraw("closure")


def test_a_change_expires():
    engine = an_engine(a_grid(4))
    plain = engine.current.version
    engine.apply(a_closure(expires_at_ms=NOW_MS + HOUR_MS), NOW_MS)
    assert engine.expire(NOW_MS + HOUR_MS - 1).version != plain
    assert engine.expire(NOW_MS + HOUR_MS).version == plain


def test_a_refused_change_changes_nothing():
    engine = an_engine(a_grid(4))
    before = engine.current
    for wrong in (
        a_closure(edges=[10**6]),
        a_closure(expires_at_ms=NOW_MS - 40 * 366 * 24 * HOUR_MS),
        RoadChange(id="x", where=OnRoad("Nowhere"), effect=Closed(), reported_at_ms=NOW_MS),
    ):
        with pytest.raises(ValueError, match="Expected"):
            engine.apply(wrong, NOW_MS)
    assert engine.current is before


def test_changes_over_changes_equal_the_oracle():
    network = a_grid(9, seed=2, banned=8)
    engine = an_engine(network)
    positions = random_positions(network, 15, seed=6)
    rng = np.random.default_rng(3)
    engine.warm([0])
    for step in range(12):
        edges = tuple(int(edge) for edge in rng.choice(network.edge_count, 3))
        effect = Closed() if step % 2 else Factor(0.3)
        change = RoadChange(
            id=f"c{step % 5}", where=OnEdges(edges), effect=effect, reported_at_ms=NOW_MS
        )
        times = engine.apply(change, NOW_MS)
        if step % 4 == 3:
            times = engine.withdraw(f"c{step % 5}")
        weighted = times.weights_at(LIGHTS, NOW_MS)
        weights = weighted.metric.arc_ms[: network.edge_count]
        oracle = Dijkstra(network, weights, weighted.offset_ms)
        expected = [oracle.from_one_ms(int(p), positions) for p in positions]
        found = times.matrix_ms(positions, positions, LIGHTS, NOW_MS)
        assert np.array_equal(found, expected)


def test_weights_first_asked_for_under_a_change_know_of_it():
    network = a_grid(6)
    changes = [a_closure("a", [3]), a_closure("b", [8])]
    eager, lazy = an_engine(network), an_engine(network)
    eager.warm(range(4))
    for change in changes:
        eager.apply(change, NOW_MS)
        lazy.apply(change, NOW_MS)
    positions = random_positions(network, 20, seed=6)
    for hours in (0, 8, 16):
        now_ms = NOW_MS + hours * HOUR_MS
        assert np.array_equal(
            eager.current.matrix_ms(positions, positions, LIGHTS, now_ms),
            lazy.current.matrix_ms(positions, positions, LIGHTS, now_ms),
        )
    assert eager.current.version == lazy.current.version


def test_changes_of_a_journal_are_restored_whatever_their_age():
    engine, restarted = an_engine(a_grid(5)), an_engine(a_grid(5))
    old = a_closure("old", [2])
    engine.apply(old, NOW_MS)
    assert restarted.restore([old]).version == engine.current.version


def test_a_polygon_closes_what_it_touches():
    network = a_grid(4)
    engine = an_engine(network)
    area = {
        "type": "Polygon",
        "coordinates": [
            [
                [-1.301, 50.699],
                [-1.299, 50.699],
                [-1.299, 50.701],
                [-1.301, 50.701],
                [-1.301, 50.699],
            ]
        ],
    }
    times = engine.apply(
        RoadChange(id="flood", where=WithinArea(area), effect=Closed(), reported_at_ms=NOW_MS),
        NOW_MS,
    )
    weights = times.weights_at(LIGHTS, NOW_MS).metric.arc_ms[: network.edge_count]
    at_corner = (network.tails() == 0) | (network.head == 0)
    assert (weights[at_corner] == UNREACHABLE_MS).all()
    assert (weights[~at_corner] < UNREACHABLE_MS).all()


def test_readers_get_the_answers_of_their_snapshot_while_changes_are_made():
    network = a_grid(10, seed=4)
    engine = an_engine(network)
    positions = random_positions(network, 25, seed=8)
    stop = threading.Event()
    wrong: list[str] = []
    expected: dict[str, np.ndarray] = {}

    def read() -> None:
        while not stop.is_set():
            times = engine.current
            found = times.matrix_ms(positions, positions, LIGHTS, NOW_MS)
            known = expected.setdefault(times.version, found)
            if not np.array_equal(known, found):
                wrong.append(times.version)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    rng = np.random.default_rng(1)
    for step in range(60):
        edges = rng.choice(network.edge_count, 4)
        engine.apply(a_closure(f"c{step % 3}", [int(edge) for edge in edges]), NOW_MS)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    fresh = an_engine(network)
    fresh.restore(engine.current.changes.changes)
    assert np.array_equal(
        engine.current.matrix_ms(positions, positions, LIGHTS, NOW_MS),
        fresh.current.matrix_ms(positions, positions, LIGHTS, NOW_MS),
    )


def test_a_region_without_roads_cannot_have_them_closed():
    engine = engine_for(a_region(crow_flies=CrowFlies(60.0, 40.0, 1.3)))
    assert isinstance(engine, FixedEngine)
    with pytest.raises(ValueError, match="Expected a region with roads for change 'closure'"):
        engine.apply(a_closure(), NOW_MS)
    with pytest.raises(ValueError, match="Expected a change in force"):
        engine.withdraw("closure")
    assert engine.expire(NOW_MS) is engine.current
