"""Turn restrictions: split the restricted junctions, and only those, into states.

A vehicle that has driven the beginning of a banned sequence of edges stands in another state than
one that has not, though both are at the same junction. The states are the proper beginnings of
the banned sequences; where two apply, the longest, as in the string-matching automaton of Aho and
Corasick. A network without restrictions is its own expansion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from maps.road_network import Bools, Int32s, RoadNetwork, UInt8s
from routing.kernel import unlocked

Sequence = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ExpandedGraph:
    """Junctions and their states as nodes, edges and their copies as arcs.

    Nodes 0 to n - 1 are the junctions of the network, the rest are states. Arcs 0 to m - 1 are
    the edges of the network, in order; the rest are copies that leave a state.

    Attributes
    ----------
    node_count
        Junctions and states.
    tail, head
        Nodes of each arc, int32[a].
    copied_edge
        The edge that each arc after the first m copies, int32[a - m], ascending.
    state_arc_first, state_arc
        int32[s + 1] into int32: the copies that leave each state, the first state being node n.
    is_split
        Whether an edge touches a split junction at either end, uint8[m].
    state_first, state_node
        int32[n + 1] into int32; the states of each junction, without itself.
    companions
        Pairs of nodes, int32[c, 2], that the hierarchy must keep on one branch of its tree, so
        that a position next to a split junction can start and end in any of its states.
    """

    node_count: int
    tail: Int32s
    head: Int32s
    copied_edge: Int32s
    state_arc_first: Int32s
    state_arc: Int32s
    is_split: UInt8s
    state_first: Int32s
    state_node: Int32s
    companions: Int32s

    def joined(self) -> tuple[Int32s, Int32s]:
        """Return the ends of all pairs of nodes that the hierarchy must join: arcs, companions."""
        if not len(self.companions):
            return self.tail, self.head
        tail = np.concatenate((self.tail, self.companions[:, 0]))
        return tail, np.concatenate((self.head, self.companions[:, 1]))


class BannedSequences:
    """The banned sequences of a network, and what follows from having driven part of one."""

    def __init__(self, network: RoadNetwork) -> None:
        self._tails = network.tails()
        self._heads = network.head
        turns = (tuple(int(edge) for edge in turn) for turn in network.banned_turns)
        paths = (tuple(int(edge) for edge in path) for path in network.banned_paths)
        self.banned: frozenset[Sequence] = frozenset(
            self._checked(sequence) for sequence in (*turns, *paths)
        )
        beginnings = {
            sequence[:length] for sequence in self.banned for length in range(1, len(sequence))
        }
        self.states: tuple[Sequence, ...] = tuple(sorted(beginnings, key=lambda s: (len(s), s)))
        self._beginnings = frozenset(beginnings)

    def _checked(self, sequence: Sequence) -> Sequence:
        edge_count = len(self._heads)
        if len(sequence) < 2 or not all(0 <= edge < edge_count for edge in sequence):
            raise ValueError(
                f"Expected a banned sequence of 2 or more of {edge_count} edges, was {sequence}."
            )
        for before, after in pairwise(sequence):
            if self._heads[before] != self._tails[after]:
                raise ValueError(
                    f"Expected banned edges that meet, was {before} ending at node "
                    f"{self._heads[before]} and {after} starting at {self._tails[after]}."
                )
        return sequence

    def after(self, state: Sequence, edge: int) -> Sequence | None:
        """Return the state after one more edge, () for none in particular; None if banned."""
        driven = (*state, edge)
        endings = [driven[start:] for start in range(len(driven))]
        if any(ending in self.banned for ending in endings):
            return None
        return next((ending for ending in endings if ending in self._beginnings), ())


def expand(network: RoadNetwork) -> ExpandedGraph:
    """Return the graph in which every path obeys the turn restrictions.

    O(m), and for each state the out-degree of its junction.

    Raises
    ------
    ValueError
        When a banned sequence names an edge that does not exist, or edges that do not meet.
    """
    rules = BannedSequences(network)
    count = network.node_count
    number = {state: count + index for index, state in enumerate(rules.states)}

    def node_of(state: Sequence, edge: int) -> int:
        return number[state] if state else int(network.head[edge])

    # Shared with the network where no junction is split.
    heads = network.head.copy() if rules.states else unlocked(network.head)
    for state in rules.states:
        if len(state) == 1:
            heads[state[0]] = number[state]
    copies = sorted(
        (edge, number[state], node_of(follows, edge))
        for state in rules.states
        for edge in _edges_out(network, int(network.head[state[-1]]))
        if (follows := rules.after(state, edge)) is not None
    )
    extra = np.array(copies, dtype=np.int32).reshape(-1, 3)
    junction = np.array([network.head[state[-1]] for state in rules.states], dtype=np.int32)
    state_first, state_node = _grouped(junction, count)
    arc_first, arc = _grouped(extra[:, 1] - count, len(rules.states))
    is_split_node = np.diff(state_first) > 0
    tails = network.tails()
    is_split = is_split_node[tails] | is_split_node[network.head]
    return ExpandedGraph(
        node_count=count + len(rules.states),
        tail=np.concatenate((tails, extra[:, 1])) if len(extra) else tails,
        head=np.concatenate((heads, extra[:, 2])) if len(extra) else heads,
        copied_edge=np.ascontiguousarray(extra[:, 0]),
        state_arc_first=arc_first,
        state_arc=arc + np.int32(network.edge_count),
        is_split=is_split.astype(np.uint8),
        state_first=state_first,
        state_node=state_node + np.int32(count),
        companions=_companions(network, is_split, state_first, state_node + count, tails),
    )


def _edges_out(network: RoadNetwork, node: int) -> Iterable[int]:
    return range(int(network.first_out[node]), int(network.first_out[node + 1]))


def _grouped(group: Int32s, group_count: int) -> tuple[Int32s, Int32s]:
    """Return the members of each group in compressed rows, ascending."""
    first = np.zeros(group_count + 1, dtype=np.int32)
    np.cumsum(np.bincount(group, minlength=group_count), out=first[1:])
    return first, np.argsort(group, kind="stable").astype(np.int32)


def _companions(
    network: RoadNetwork, is_split: Bools, first: Int32s, states: Int32s, tails: Int32s
) -> Int32s:
    def nodes_at(junction: int) -> Iterator[int]:
        yield junction
        yield from (int(node) for node in states[first[junction] : first[junction + 1]])

    pairs: set[tuple[int, int]] = set()
    for edge in np.flatnonzero(is_split):
        ends = {*nodes_at(int(tails[edge])), *nodes_at(int(network.head[edge]))}
        pairs.update(combinations(sorted(ends), 2))
    return np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
