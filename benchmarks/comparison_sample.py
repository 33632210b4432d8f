"""What one run contributes to a comparison: small enough to travel between machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.metrics import fleet_of, handovers_of, harm_c2_minutes
from benchmarks.metrics_aid import aid_flows
from benchmarks.metrics_places import is_rural_tenth, place_of
from benchmarks.metrics_table import ABSENT, CATEGORIES, RecordTable, table_of
from benchmarks.replay import Run
from benchmarks.simulator.streams import keys_of
from dispatch.domain.call import answer_times
from dispatch.domain.category import Category
from dispatch.domain.incident import Outcome

MEASURES: Final = {
    "diversions": "diversions per 100 incidents seen",
    "relocations": "relocations per 100 incidents seen",
    "drive_min": "minutes of driving per incident seen",
    "hours_lost": "crew hours lost at hospitals beyond 15 minutes, a day",
    "handover_mean_s": "mean handover at emergency departments",
    "harm": "harm of waiting per incident seen, in minutes of a C2 patient",
    "busy_fraction": "share of their time that ambulances are busy",
    "aided": "incidents with help from another trust, per 100 seen",
    "to_ed": "incidents taken to an emergency department, per 100",
    "advised": "incidents closed with advice, per 100",
    "referred": "incidents that a service took, per 100",
    "second_calls": "redirected patients who called again, per 100 incidents",
    "answer_mean_s": "mean answer of calls, where calls are simulated",
    "abandoned": "callers who hung up, per 100 calls, where calls are simulated",
    "unfinished": "incidents still open at the end",
}
"""Measures of a run beside response times, by name, in words."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One policy, one seed: every response, and the measures beside.

    ``key`` stands for an incident whatever its log, so that two policies can be compared incident
    by incident; ``category`` indexes `CATEGORIES` as AmbSYS reports, ``trust`` the trusts
    of the region. Only incidents with a response are here, in order of ``key``.
    """

    policy: str
    seed: int
    key: npt.NDArray[np.uint64]
    category: npt.NDArray[np.int8]
    trust: npt.NDArray[np.int8]
    is_rural: npt.NDArray[np.bool_]
    response_ms: npt.NDArray[np.int32]
    measures: dict[str, float]
    by_trust: dict[str, dict[str, float]]
    """Diversions, incidents and help given and taken, by trust."""
    aid: dict[str, dict[str, int]] = field(default_factory=dict)
    """Incidents with help, by the helping trust and then by the one that was helped."""


def sample_of_run(run: Run, seed: int, warm_up_ms: int = 0) -> Sample:
    """Return what a run contributes; incidents of the warm-up are left out."""
    table = table_of(run.records)
    keys = keys_of(record.incident for record in run.records)
    keep = table.connected_ms >= run.ledger.start_ms + warm_up_ms
    table, keys = table.where(keep), keys[keep]
    codes = [trust.code for trust in run.region.trusts]
    rural = is_rural_tenth(run.region)
    place = place_of(table, run.region)
    seen = table.response_ms != ABSENT
    order = np.argsort(keys[seen], kind="stable")
    renumber = np.array([codes.index(code) for code in table.trusts] or [0], np.int8)

    def column(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        found: npt.NDArray[np.int64] = values[seen][order]
        return found

    return Sample(
        policy=run.settings.name,
        seed=seed,
        key=keys[seen][order],
        category=column(table.reported).astype(np.int8),
        trust=renumber[column(table.trust)],
        is_rural=(rural[column(place)] if len(rural) else np.zeros(int(seen.sum()), np.bool_)),
        response_ms=column(table.response_ms).astype(np.int32),
        measures=_measures(run, table),
        by_trust=_by_trust(table, codes),
        aid=aid_flows(table),
    )


def _measures(run: Run, table: RecordTable) -> dict[str, float]:
    seen = max(1, int((table.arrived > 0).sum()))
    fleet = fleet_of(run.ledger, run.ledger.spells())
    days = max((run.ledger.end_ms - run.ledger.start_ms) / 86_400_000, 1e-9)
    handovers = handovers_of(table)
    answers = answer_times(run.telephone)
    incidents = max(1, len(table))
    driving_h = fleet.drive_to_scene_h + fleet.drive_to_hospital_h + fleet.drive_to_post_h
    return {
        "diversions": 100.0 * int(table.diversions.sum()) / seen,
        "relocations": 100.0 * fleet.relocations / seen,
        "drive_min": 60.0 * driving_h / seen,
        "hours_lost": handovers.hours_lost / days,
        "handover_mean_s": handovers.times.mean_s or 0.0,
        "harm": harm_c2_minutes(table) / seen,
        "busy_fraction": fleet.busy_fraction or 0.0,
        "aided": 100.0 * int((table.aided_by != ABSENT).sum()) / seen,
        "to_ed": 100.0 * int(table.is_outcome(Outcome.CONVEYED_TO_ED).sum()) / incidents,
        "advised": 100.0 * int(table.is_outcome(Outcome.HEAR_AND_TREAT).sum()) / incidents,
        "referred": 100.0 * int(table.is_outcome(Outcome.REFERRED).sum()) / incidents,
        "second_calls": 100.0 * run.second_calls / incidents,
        "answer_mean_s": answers.mean_s or 0.0,
        "abandoned": 100.0 * answers.abandoned / max(1, len(run.telephone)),
        "unfinished": float(run.unfinished),
    }


def _by_trust(table: RecordTable, codes: Sequence[str]) -> dict[str, dict[str, float]]:
    found = {}
    for code in codes:
        own = table.of_trust(code)
        seen = int((own.arrived > 0).sum())
        given = 0
        if code in table.trusts:
            given = int((table.aided_by == table.trusts.index(code)).sum())
        found[code] = {
            "incidents": float(seen),
            "diversions": 100.0 * int(own.diversions.sum()) / max(1, seen),
            "aid_taken": float((own.aided_by != ABSENT).sum()),
            "aid_given": float(given),
        }
    return found


def category_index(category: Category) -> int:
    """Return the number by which samples know a category."""
    return CATEGORIES.index(category)
