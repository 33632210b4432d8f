"""Roads as OpenStreetMap has them, before they become a network: ways, barriers, restrictions."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from maps.osm_tags import RoadFacts
from maps.road_network import Access

MISSING: int = 2**31 - 1
"""Coordinate of a way's node that the file does not hold (the extract ended there)."""


@dataclass(frozen=True, slots=True)
class RawRestriction:
    """A turn restriction: from ways, via one node or a chain of ways, to ways.

    ``is_only`` tells a mandatory turn (``only_…``) from a banned one (``no_…``).
    """

    id: int
    is_only: bool
    from_ways: tuple[int, ...]
    to_ways: tuple[int, ...]
    via_node: int | None
    via_ways: tuple[int, ...]


@dataclass(slots=True)
class RawRoads:
    """Ways in rows of nodes, with what their tags mean; grows while a file is read.

    Way i has the nodes ``first[i]:first[i + 1]`` of ``ref``, at ``x`` and ``y`` in 1e-7 degrees
    (`MISSING` where unknown).
    """

    way_id: list[int] = field(default_factory=list)
    facts: list[RoadFacts] = field(default_factory=list)
    first: list[int] = field(default_factory=lambda: [0])
    ref: array[int] = field(default_factory=lambda: array("q"))
    x: array[int] = field(default_factory=lambda: array("i"))
    y: array[int] = field(default_factory=lambda: array("i"))
    node_access: dict[int, Access] = field(default_factory=dict)
    restrictions: list[RawRestriction] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    """How many things were passed over, by reason."""

    def ignore(self, reason: str) -> None:
        """Count one thing that was passed over."""
        self.ignored[reason] = self.ignored.get(reason, 0) + 1

    def close_way(self, way_id: int, facts: RoadFacts) -> None:
        """End the way whose nodes were appended since the last call."""
        self.way_id.append(way_id)
        self.facts.append(facts)
        self.first.append(len(self.ref))
