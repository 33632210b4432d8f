"""Turn restrictions of a map, told in edges: banned turns and banned paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from maps.osm_roads import RawRestriction


class Arc(NamedTuple):
    """A directed edge with the map ways at its two ends."""

    edge: int
    segment: int
    tail: int
    head: int
    tail_way: int
    head_way: int


class Banned(NamedTuple):
    """Banned turns (edge in, edge out), banned longer paths, and how many bans found no edges."""

    turns: tuple[tuple[int, int], ...]
    paths: tuple[tuple[int, ...], ...]
    unresolved: int


class RestrictionResolver:
    """Finds the edges that a restriction speaks of. Nodes are the map's own node numbers."""

    def __init__(self, arcs: Iterable[Arc]) -> None:
        self._out: dict[int, list[Arc]] = defaultdict(list)
        self._in: dict[int, list[Arc]] = defaultdict(list)
        self._by_way: dict[int, list[Arc]] = defaultdict(list)
        for arc in arcs:
            self._out[arc.tail].append(arc)
            self._in[arc.head].append(arc)
            self._by_way[arc.head_way].append(arc)

    def resolve(self, restrictions: Sequence[RawRestriction]) -> Banned:
        """Return all bans, sorted, without repeats."""
        turns: set[tuple[int, int]] = set()
        paths: set[tuple[int, ...]] = set()
        unresolved = 0
        for restriction in restrictions:
            if restriction.via_node is not None:
                found = set(self._turns(restriction, restriction.via_node))
                turns |= found
            else:
                chains = set(self._paths(restriction))
                paths |= chains
                found = {(chain[0], chain[-1]) for chain in chains}
            unresolved += not found
        return Banned(tuple(sorted(turns)), tuple(sorted(paths)), unresolved)

    def _turns(self, ban: RawRestriction, via: int) -> Iterator[tuple[int, int]]:
        for way_in in ban.from_ways:
            arrivals = [arc for arc in self._in[via] if arc.head_way == way_in]
            wanted = [arc for arc in self._out[via] if arc.tail_way in ban.to_ways]
            # A way that runs through the junction cannot say which of its arms is meant.
            if len(arrivals) != 1 or not wanted:
                continue
            exits = self._others(via, wanted) if ban.is_only else wanted
            yield from ((arrivals[0].edge, arc.edge) for arc in exits)

    def _others(self, node: int, wanted: Iterable[Arc]) -> list[Arc]:
        edges = {arc.edge for arc in wanted}
        return [arc for arc in self._out[node] if arc.edge not in edges]

    def _paths(self, ban: RawRestriction) -> Iterator[tuple[int, ...]]:
        for way_in in ban.from_ways:
            for chain in self._chains(way_in, ban.via_ways):
                last = chain[-1]
                wanted = [arc for arc in self._out[last.head] if arc.tail_way in ban.to_ways]
                if not wanted:
                    continue
                if not ban.is_only:
                    yield from ((*(arc.edge for arc in chain), out.edge) for out in wanted)
                    continue
                # Who turned from the first way into the via way must follow it to the end.
                for stop in range(2, len(chain) + 1):
                    follow = [chain[stop]] if stop < len(chain) else wanted
                    taken = tuple(arc.edge for arc in chain[:stop])
                    for out in self._others(chain[stop - 1].head, follow):
                        yield (*taken, out.edge)

    def _chains(self, way_in: int, via_ways: Sequence[int]) -> Iterator[list[Arc]]:
        """Yield each drive from the first way along all via ways: its edges in order."""
        for start in sorted(self._by_way.get(way_in, ())):
            chain: list[Arc] = [start]
            for way, following in zip(via_ways, (*via_ways[1:], None), strict=True):
                chain = self._follow(chain, way, following)
                if not chain:
                    break
            if chain:
                yield chain

    def _follow(self, chain: list[Arc], way: int, following: int | None) -> list[Arc]:
        """Return a chain prolonged along one way to where the next begins; empty if it cannot."""
        used = {arc.segment for arc in chain}
        while True:
            onward = [arc for arc in self._along(chain[-1], way) if arc.segment not in used]
            if len(onward) != 1:
                break
            chain = [*chain, onward[0]]
            used.add(onward[0].segment)
            if following is not None and self._along(chain[-1], following):
                return chain
        is_on_way = chain[-1].head_way == way and len(chain) > 1
        return chain if is_on_way and following is None else []

    def _along(self, arc: Arc, way: int) -> list[Arc]:
        return [out for out in self._out[arc.head] if out.tail_way == way]
