"""Where a vehicle is after so long, and what remains."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.leg import leg_between
from routing.position import FRACTION_BITS, FULL, pack
from routing.query import weighted
from routing.restrictions import BannedSequences
from routing.roads import prepare
from routing.weights import UNREACHABLE_MS
from tests.routing.builders import a_network, edge_between, one_way, street, times_of
from tests.routing.worlds import World, a_grid, random_positions, worlds


@settings(deadline=None, max_examples=200)
@given(worlds())
def test_a_leg_takes_what_the_oracle_says_and_drives_connected_allowed_edges(world: World):
    engine, oracle = world.engine(), world.oracle()
    rules, tails = BannedSequences(world.network), world.network.tails()
    for origin in world.positions.tolist():
        expected = oracle.from_one_ms(origin, world.positions).tolist()
        for destination, time_ms in zip(world.positions.tolist(), expected, strict=True):
            leg = leg_between(engine, origin, destination)
            if leg is None:
                assert time_ms == UNREACHABLE_MS
                continue
            assert leg.total_ms == time_ms
            assert (leg.ends_ms[-1] if leg.ends_ms else 0) == leg.total_ms
            assert list(leg.ends_ms) == sorted(leg.ends_ms)
            state = ()
            for before, edge in zip((None, *leg.edges), leg.edges, strict=False):
                assert before is None or world.network.head[before] == tails[edge]
                state = rules.after(state, edge)
                assert state is not None


@settings(deadline=None, max_examples=200)
@given(worlds(restricted=False), st.data())
def test_what_remains_is_the_total_less_the_time_elapsed(world: World, data):
    engine, oracle = world.engine(), world.oracle()
    origin, destination = world.positions[0].item(), world.positions[-1].item()
    leg = leg_between(engine, origin, destination)
    if leg is None:
        return
    elapsed_ms = data.draw(st.integers(0, leg.total_ms))
    here = leg.after(elapsed_ms)
    # Positions are whole milliseconds apart on edges of less than 4.6 hours.
    if all(world.offset_ms[edge] <= FULL for edge in leg.edges):
        assert oracle.one_ms(here, destination) == leg.total_ms - elapsed_ms
        assert leg.elapsed_ms(here) is not None
        assert leg.remaining_ms(here) == leg.total_ms - leg.elapsed_ms(here)


def test_in_a_restricted_town_only_turning_round_in_the_street_can_be_quicker():
    # A crew that passed a junction with a banned turn may turn round and drive it from behind.
    network = a_grid(10, seed=6, banned=15)
    engine = weighted(prepare(network), network.fixed_ms, network.fixed_ms)
    positions = random_positions(network, 40, seed=1).tolist()
    for origin, destination in zip(positions[:20], positions[20:], strict=True):
        leg = leg_between(engine, origin, destination)
        for share in range(1, 10):
            elapsed_ms = leg.total_ms * share // 10
            here = leg.after(elapsed_ms)
            assert leg.elapsed_ms(here) == elapsed_ms
            remaining = leg_between(engine, here, destination).total_ms
            assert remaining <= leg.remaining_ms(here) == leg.total_ms - elapsed_ms


def test_before_it_starts_and_after_it_ends_a_leg_is_at_its_ends():
    network = a_network([street(0, 1, 1_000)])
    engine = weighted(prepare(network), times_of(network), times_of(network))
    origin, destination = pack(0, 0.25), pack(0, 0.75)
    leg = leg_between(engine, origin, destination)
    assert leg.after(-5) == leg.after(0) == origin
    assert leg.after(leg.total_ms) == leg.after(10**9) == destination
    assert leg.remaining_ms(origin) == leg.total_ms
    assert leg.remaining_ms(destination) == 0


def test_a_position_off_the_way_has_no_remaining_time():
    network = a_network([street(0, 1, 1_000), street(1, 2, 1_000)])
    engine = weighted(prepare(network), times_of(network), times_of(network))
    leg = leg_between(engine, pack(edge_between(network, 0, 1), 0.5), pack(0, 0.9))
    assert leg.elapsed_ms(pack(edge_between(network, 1, 2), 0.5)) is None
    assert leg.remaining_ms(pack(edge_between(network, 0, 1), 0.1)) is None
    assert leg.remaining_ms(pack(edge_between(network, 1, 0), 0.2)) is None


def test_the_same_place_on_the_other_side_of_the_street_is_no_journey():
    network = a_network([street(0, 1, 1_000)])
    engine = weighted(prepare(network), times_of(network), times_of(network))
    there = (0 << FRACTION_BITS) | 1_000
    back = (1 << FRACTION_BITS) | (FULL - 1_000)
    leg = leg_between(engine, there, back)
    assert leg.total_ms == 0
    assert leg.edges == ()
    assert leg.after(0) == back
    assert leg.after(-1) == there


def test_no_way_is_none():
    network = a_network([one_way(0, 1, 10), street(2, 3, 10)], node_count=4)
    engine = weighted(prepare(network), times_of(network), times_of(network))
    assert leg_between(engine, pack(0, 0.5), pack(1, 0.5)) is None
    assert leg_between(engine, pack(0, 0.9), pack(0, 0.1)) is None
