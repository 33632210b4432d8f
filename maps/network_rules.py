"""What a road network must satisfy before anything drives on it; each failure names its edge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from maps.components import Directed, strong_labels
from maps.geo import EARTH_RADIUS_M
from maps.road_network import DEGREE_SCALE, Access, Bools, Int32s, RoadNetwork

TIME_MS_MAX: Final = 2**30 - 2
"""Largest given time of an edge: one below "impassable"."""

_SHORTCUT_TOLERANCE: Final = 0.999
"""A length may fall short of the straight line by rounding only: 0.1 % and half a metre."""

Rule = Callable[[RoadNetwork], Iterator[str]]


def check_network(network: RoadNetwork) -> None:
    """Raise on a network that breaks a rule.

    Raises
    ------
    ValueError
        Naming the first failure with its edge, and how many there are.
    """
    faults = network_faults(network)
    if faults:
        more = f" ({len(faults) - 1} more rules broken)" if len(faults) > 1 else ""
        raise ValueError(f"{faults[0]}{more}")


def network_faults(network: RoadNetwork) -> list[str]:
    """Return a sentence for each rule that the network breaks; empty for a sound one. O(m log m).

    Rules build on one another: what the form of the arrays forbids is reported alone.
    """
    for rules in (_FORM_RULES, _CONTENT_RULES, _WHOLE_RULES):
        faults = [fault for rule in rules for fault in rule(network)]
        if faults:
            return faults
    return []


def describe_edge(network: RoadNetwork, edge: int) -> str:
    """Return an edge in words: its number, nodes, way and road name."""
    segment = int(network.segment[edge])
    tail = int(np.searchsorted(network.first_out, edge, side="right")) - 1
    way = int(network.way_id[segment])
    name = network.names[int(network.name_index[segment])]
    on = f" of way {way}" if way else ""
    return f"edge {edge}{on} ({name or 'no name'}, node {tail} to {int(network.head[edge])})"


def _failing(network: RoadNetwork, bad: Bools, expected: str) -> Iterator[str]:
    """Yield one sentence that names the first bad edge and counts the others."""
    edges = np.flatnonzero(bad)
    if len(edges):
        others = f" and {len(edges) - 1} other edges" if len(edges) > 1 else ""
        yield f"Expected {expected}, was not so on {describe_edge(network, int(edges[0]))}{others}."


def _lengths_agree(network: RoadNetwork) -> Iterator[str]:
    sizes = {
        "lat": (len(network.lat), network.node_count),
        "first_out": (len(network.first_out), network.node_count + 1),
        "shape_lat": (len(network.shape_lat), len(network.shape_lon)),
        "name_index": (len(network.name_index), len(network.way_id)),
        "shape_first": (len(network.shape_first), len(network.way_id) + 1),
    }
    per_edge = ("length_m", "road_class", "posted_kmh", "fixed_ms", "access", "segment")
    for field in (*per_edge, "is_forward"):
        sizes[field] = (len(getattr(network, field)), network.edge_count)
    if network.built_up is not None:
        sizes["built_up"] = (len(network.built_up), network.edge_count)
    for field, (found, expected) in sizes.items():
        if found != expected:
            yield f"Expected {expected} entries in {field}, was {found}."


def _rows_are_ordered(network: RoadNetwork) -> Iterator[str]:
    for field, end in (("first_out", network.edge_count), ("shape_first", len(network.shape_lon))):
        rows = getattr(network, field)
        if len(rows) == 0 or rows[0] != 0 or rows[-1] != end or (np.diff(rows) < 0).any():
            yield f"Expected {field} to rise from 0 to {end}, was {rows[:3]}…{rows[-3:]}."


def _indices_exist(network: RoadNetwork) -> Iterator[str]:
    bounds = (
        ("head", network.head, network.node_count),
        ("segment", network.segment, len(network.way_id)),
        ("road_class", network.road_class, len(network.classes)),
    )
    for field, values, end in bounds:
        bad = np.flatnonzero((values < 0) | (values >= end))
        if len(bad):
            yield f"Expected {field} in [0, {end}), was {values[bad[0]]} on edge {bad[0]}."
    if ((network.name_index < 0) | (network.name_index >= len(network.names))).any():
        yield f"Expected name_index in [0, {len(network.names)}), was another on a segment."


def _is_sorted(network: RoadNetwork) -> Iterator[str]:
    tail = network.tails()
    order = np.lexsort((network.segment, network.head, tail))
    bad = order != np.arange(network.edge_count)
    yield from _failing(network, bad, "edges sorted by (tail, head, segment)")


def _is_on_globe(network: RoadNetwork) -> Iterator[str]:
    for name, values, limit in (("lon", network.lon, 180.0), ("lat", network.lat, 90.0)):
        bad_node = ~(np.abs(values) <= limit)
        bad = bad_node[network.head] | bad_node[network.tails()]
        yield from _failing(network, bad, f"{name} in [-{limit:.0f}, {limit:.0f}] at both ends")
    for name, bends, limit in (
        ("shape_lon", network.shape_lon, 180),
        ("shape_lat", network.shape_lat, 90),
    ):
        point = np.flatnonzero(np.abs(bends.astype(np.int64)) > limit * DEGREE_SCALE)
        if len(point):
            segment = int(np.searchsorted(network.shape_first, point[0], side="right")) - 1
            bad = network.segment == segment
            yield from _failing(network, bad, f"{name} in [-{limit}, {limit}] degrees")


def _has_no_loops(network: RoadNetwork) -> Iterator[str]:
    yield from _failing(network, network.head == network.tails(), "two different ends")


def _lengths_are_real(network: RoadNetwork) -> Iterator[str]:
    length = network.length_m.astype(np.float64)
    positive = np.isfinite(length) & (length > 0)
    yield from _failing(network, ~positive, "a positive, finite length")
    crow = _crow_m(network)
    bad = positive & (length < crow * _SHORTCUT_TOLERANCE - 0.5)
    yield from _failing(network, bad, "a length of at least the straight line")


def _crow_m(network: RoadNetwork) -> npt.NDArray[np.float64]:
    lon, lat = np.radians(network.lon), np.radians(network.lat)
    a, b = network.tails(), network.head
    h = (
        np.sin((lat[b] - lat[a]) / 2) ** 2
        + np.cos(lat[a]) * np.cos(lat[b]) * np.sin((lon[b] - lon[a]) / 2) ** 2
    )
    crow: npt.NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0)))
    return crow


def _access_is_known(network: RoadNetwork) -> Iterator[str]:
    both = int(Access.ORDINARY | Access.BLUE_LIGHT)
    bad = (network.access == 0) | (network.access > both)
    yield from _failing(network, bad, "some access, of ordinary and blue light")
    blue, ordinary = int(Access.BLUE_LIGHT), int(Access.ORDINARY)
    bad = ((network.access & ordinary) != 0) & ((network.access & blue) == 0)
    yield from _failing(network, bad, "blue-light access wherever ordinary access is")


def _given_times_fit(network: RoadNetwork) -> Iterator[str]:
    bad = (network.fixed_ms < 0) | (network.fixed_ms > TIME_MS_MAX)
    yield from _failing(network, bad, f"a given time in [0, {TIME_MS_MAX}] ms")


def _segments_pair_up(network: RoadNetwork) -> Iterator[str]:
    count = len(network.way_id)
    for is_forward in (True, False):
        uses = np.bincount(network.segment[network.is_forward == is_forward], minlength=count)
        twice = (uses[network.segment] > 1) & (network.is_forward == is_forward)
        yield from _failing(network, twice, "one edge for each direction of a segment")
    unused = np.flatnonzero(np.bincount(network.segment, minlength=count) == 0)
    if len(unused):
        yield f"Expected an edge on every segment, was none on segment {unused[0]}."
    opposite = network.opposites()
    paired = opposite >= 0
    tail, back = network.tails(), np.where(paired, opposite, 0)
    bad = paired & ((tail != network.head[back]) | (network.head != tail[back]))
    yield from _failing(network, bad, "the same two ends in both directions of a segment")
    bad = paired & (network.length_m != network.length_m[back])
    yield from _failing(network, bad, "the same length in both directions of a segment")


def _bans_are_drivable(network: RoadNetwork) -> Iterator[str]:
    turns = network.banned_turns
    if turns.ndim != 2 or turns.shape[1] != 2:
        yield f"Expected banned turns in rows of two edges, was the shape {turns.shape}."
        return
    known = ((turns >= 0) & (turns < network.edge_count)).all(axis=1)
    for row in turns[~known][:1]:
        yield f"Expected banned turns of known edges, was {row.tolist()}."
    tails = network.tails()
    apart = turns[known][network.head[turns[known, 0]] != tails[turns[known, 1]]]
    for edge_in, edge_out in apart[:1].tolist():
        yield (
            f"Expected a banned turn to share a node, was {describe_edge(network, edge_in)} to "
            f"{describe_edge(network, edge_out)}."
        )
    yield from _paths_are_drivable(network, tails)


def _paths_are_drivable(network: RoadNetwork, tails: Int32s) -> Iterator[str]:
    for path in network.banned_paths:
        if len(path) < 3 or not all(0 <= edge < network.edge_count for edge in path):
            yield f"Expected banned paths of at least 3 known edges, was {list(path)}."
            return
        gap = next(
            (pair for pair in pairwise(path) if network.head[pair[0]] != tails[pair[1]]), None
        )
        if gap is not None:
            yield (
                f"Expected a banned path without a gap, was {list(path)} with one after "
                f"{describe_edge(network, gap[0])}."
            )
            return


def _nothing_is_a_trap(network: RoadNetwork) -> Iterator[str]:
    tail = network.tails()
    graph = Directed(network.node_count, tail, network.head, network.access)
    for bit in Access:
        usable = (network.access & int(bit)) != 0
        label = strong_labels(graph, usable)
        bad = usable & (label[tail] != label[network.head])
        way = str(bit.name).lower().replace("_", " ")
        yield from _failing(network, bad, f"a way back from every edge under {way} driving")


def _no_ban_is_a_trap(network: RoadNetwork) -> Iterator[str]:
    for bit in Access:
        bad = banned_in(network, bit)
        way = str(bit.name).lower().replace("_", " ")
        yield from _failing(network, bad, f"a turn that is allowed at the end under {way} driving")


def banned_in(network: RoadNetwork, bit: Access) -> Bools:
    """Return the edges after which every turn is banned, bool[m]: who enters is caught."""
    usable = (network.access & int(bit)) != 0
    counted = np.append(usable, False).astype(np.int32)
    exits = np.add.reduceat(counted, network.first_out[:-1])
    exits = np.where(np.diff(network.first_out) > 0, exits, 0)
    turns = network.banned_turns[usable[network.banned_turns[:, 1]]]
    banned = np.bincount(turns[:, 0], minlength=network.edge_count)
    caught: Bools = usable & (banned > 0) & (banned >= exits[network.head])
    return caught


_FORM_RULES: Final[tuple[Rule, ...]] = (_lengths_agree, _rows_are_ordered, _indices_exist)
_CONTENT_RULES: Final[tuple[Rule, ...]] = (
    _is_sorted,
    _is_on_globe,
    _has_no_loops,
    _lengths_are_real,
    _access_is_known,
    _given_times_fit,
    _segments_pair_up,
    _bans_are_drivable,
    _nothing_is_a_trap,
)
_WHOLE_RULES: Final[tuple[Rule, ...]] = (_no_ban_is_a_trap,)
