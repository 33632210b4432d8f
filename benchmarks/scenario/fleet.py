"""Which units stay away and which come twice, when a scenario changes a fleet."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from benchmarks.scenario.scenario import FleetChange
from benchmarks.scenario.windows import Span, spans
from maps.facilities import FleetUnit


class Absence(msgspec.Struct, frozen=True, order=True):
    """A unit is not there, whatever its shifts say."""

    unit: str
    from_ms: int
    to_ms: int


def changed_fleet(
    fleet: Sequence[FleetUnit],
    changes: Sequence[FleetChange],
    seed: int,
    whole: Span,
    zone: ZoneInfo,
) -> tuple[tuple[FleetUnit, ...], tuple[Absence, ...]]:
    """Return the fleet with units that come twice, and the absences of all units, in order.

    Which units a change touches follows from the seed, its name and the unit's identifier, so it
    does not depend on other units of another trust. A unit that only comes for a while is absent
    for the rest of the log.
    """
    units = list(fleet)
    absences: list[Absence] = []
    for change in changes:
        open_spans = spans(change, whole, zone)
        for trust in sorted({unit.trust for unit in fleet}):
            touched = [unit for unit in fleet if unit.trust == trust and _is_meant(unit, change)]
            order = sorted(touched, key=lambda unit: _rank(seed, change.name, unit.id))
            count = round(abs(change.factor - 1.0) * len(order))
            if change.factor < 1.0:
                absences += [
                    Absence(unit.id, *span) for unit in order[:count] for span in open_spans
                ]
                continue
            for number in range(count):
                unit = order[number % len(order)]
                twin = replace(unit, id=f"{unit.id}+{change.name}{number // len(order) + 1}")
                units.append(replace(twin, assumed=True))
                absences += [Absence(twin.id, *span) for span in _outside(open_spans, whole)]
    return tuple(units), tuple(sorted(absences))


def _is_meant(unit: FleetUnit, change: FleetChange) -> bool:
    of_trust = not change.trusts or unit.trust in change.trusts
    return of_trust and (not change.kinds or unit.kind in change.kinds)


def _rank(seed: int, name: str, unit: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{name}\x1f{unit}".encode()).digest()


def _outside(open_spans: Sequence[Span], whole: Span) -> list[Span]:
    edges = [whole[0], *(edge for span in open_spans for edge in span), whole[1]]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(start, end) for start, end in pairs if end > start]
