"""Incident records as columns, from which every indicator is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.category import RANK, Category, reported_as
from dispatch.domain.clock import c1_transport_ms, response_ms
from dispatch.domain.incident import IncidentRecord, Outcome

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ABSENT: Final = -1
"""In columns of this table: the thing never happened, or is nobody."""

CATEGORIES: Final = tuple(Category)
OUTCOMES: Final = tuple(Outcome)
_CATEGORY: Final = {category: i for i, category in enumerate(CATEGORIES)}
_OUTCOME: Final = {outcome: i for i, outcome in enumerate(OUTCOMES)}


def category_number(category: Category) -> int:
    """Return the number of a category in the columns."""
    return _CATEGORY[category]


def outcome_number(outcome: Outcome) -> int:
    """Return the number of an outcome in the columns."""
    return _OUTCOME[outcome]


@dataclass(frozen=True, slots=True, eq=False)
class RecordTable:
    """Incident records, one row each, in the order in which the incidents ended.

    Instants and durations are in milliseconds, `ABSENT` where there is none. ``category`` is the
    category as triaged, ``reported`` the one under which AmbSYS counts the response; both are
    numbers of `CATEGORIES`. ``trust`` and ``hospital`` are numbers of ``trusts`` and
    ``hospitals``; ``aided_by`` is the first other trust that sent a unit.
    """

    trusts: tuple[str, ...]
    hospitals: tuple[str, ...]
    trust: Int64s
    hospital: Int64s
    category: Int64s
    reported: Int64s
    rank: Int64s
    outcome: Int64s
    lon: Float64s
    lat: Float64s
    connected_ms: Int64s
    clock_ms: Int64s
    assigned_ms: Int64s
    on_scene_ms: Int64s
    left_scene_ms: Int64s
    at_hospital_ms: Int64s
    handed_over_ms: Int64s
    closed_ms: Int64s
    response_ms: Int64s
    transport_ms: Int64s
    allocated: Int64s
    arrived: Int64s
    diversions: Int64s
    aided_by: Int64s

    def __len__(self) -> int:
        return len(self.trust)

    def where(self, rows: Bools) -> RecordTable:
        """Return the table of some rows."""
        return RecordTable(
            self.trusts,
            self.hospitals,
            **{name: getattr(self, name)[rows] for name in _COLUMNS},
        )

    def of_trust(self, trust: str) -> RecordTable:
        """Return the incidents of one home trust; none when the table does not know it."""
        number = self.trusts.index(trust) if trust in self.trusts else len(self.trusts)
        return self.where(self.trust == number)

    def is_category(self, category: Category) -> Bools:
        """Return which incidents AmbSYS counts under a category."""
        found: Bools = self.reported == _CATEGORY[category]
        return found

    def is_outcome(self, *outcomes: Outcome) -> Bools:
        """Return which incidents ended in one of some ways."""
        found: Bools = np.isin(self.outcome, [_OUTCOME[outcome] for outcome in outcomes])
        return found


_COLUMNS: Final = tuple(
    f.name for f in fields(RecordTable) if f.name not in ("trusts", "hospitals")
)


def table_of(records: Sequence[IncidentRecord]) -> RecordTable:
    """Return records as columns."""
    helpers = {record.aided_by for record in records if record.aided_by is not None}
    trusts = tuple(sorted({record.trust for record in records} | helpers))
    hospitals = tuple(sorted({r.hospital for r in records if r.hospital is not None}))
    trust = {name: i for i, name in enumerate(trusts)}
    hospital = {name: i for i, name in enumerate(hospitals)}
    return RecordTable(
        trusts,
        hospitals,
        trust=_whole(trust[r.trust] for r in records),
        hospital=_whole(ABSENT if r.hospital is None else hospital[r.hospital] for r in records),
        category=_whole(_CATEGORY[r.category] for r in records),
        reported=_whole(_CATEGORY[reported_as(r.category)] for r in records),
        rank=_whole(RANK[r.category] for r in records),
        outcome=_whole(_OUTCOME[r.outcome] for r in records),
        lon=np.array([r.at.lon for r in records], np.float64),
        lat=np.array([r.at.lat for r in records], np.float64),
        connected_ms=_whole(r.connected_at_ms for r in records),
        clock_ms=_whole(r.clock_start_at_ms for r in records),
        assigned_ms=_known(r.assigned_at_ms for r in records),
        on_scene_ms=_known(r.responder_on_scene_at_ms for r in records),
        left_scene_ms=_known(r.left_scene_at_ms for r in records),
        at_hospital_ms=_known(r.at_hospital_at_ms for r in records),
        handed_over_ms=_known(r.handed_over_at_ms for r in records),
        closed_ms=_whole(r.closed_at_ms for r in records),
        response_ms=_known(map(response_ms, records)),
        transport_ms=_known(map(c1_transport_ms, records)),
        allocated=_whole(r.units_allocated for r in records),
        arrived=_whole(r.units_arrived for r in records),
        diversions=_whole(r.diversions for r in records),
        aided_by=_whole(ABSENT if r.aided_by is None else trust[r.aided_by] for r in records),
    )


def joined(tables: Sequence[RecordTable]) -> RecordTable:
    """Return several tables as one; their trusts and hospitals may differ."""
    trusts = tuple(sorted({name for table in tables for name in table.trusts}))
    hospitals = tuple(sorted({name for table in tables for name in table.hospitals}))
    columns = {name: np.concatenate([getattr(t, name) for t in tables]) for name in _COLUMNS}
    columns["trust"] = np.concatenate([_renamed(t.trust, t.trusts, trusts) for t in tables])
    columns["aided_by"] = np.concatenate([_renamed(t.aided_by, t.trusts, trusts) for t in tables])
    columns["hospital"] = np.concatenate(
        [_renamed(t.hospital, t.hospitals, hospitals) for t in tables]
    )
    return RecordTable(trusts, hospitals, **columns)


def _renamed(column: Int64s, old: tuple[str, ...], new: tuple[str, ...]) -> Int64s:
    # The last entry is what -1 looks up: nobody stays nobody.
    return np.array([*(new.index(name) for name in old), ABSENT], np.int64)[column]


def _whole(values: Iterable[int]) -> Int64s:
    return np.fromiter(values, np.int64)


def _known(values: Iterable[int | None]) -> Int64s:
    return np.fromiter((ABSENT if value is None else value for value in values), np.int64)
