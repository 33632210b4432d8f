"""What a log itself says of arrivals, beside what a run of it made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from benchmarks.call_log.log import CallLog
from benchmarks.call_log.schema import ABSENT_MS
from benchmarks.metrics_sample import Sample, sample_of
from benchmarks.metrics_table import ABSENT, RecordTable, category_number
from benchmarks.report import page
from benchmarks.report.wording import clock, count, signed
from dispatch.domain.category import Category

CATEGORIES: Final = (Category.C1, Category.C2, Category.C3, Category.C4)
OBSERVED_MIN: Final = 30
"""With fewer observed arrivals of a category nothing is compared."""


def observed_of(log: CallLog) -> dict[str, Sample]:
    """Return, by category, the times from call to first arrival that a log records."""
    arrived = log.instants.get("first_on_scene_at")
    if arrived is None:
        return {}
    words = np.array(list(log.category))
    known = arrived != ABSENT_MS
    found = {
        category.value: sample_of((arrived - log.received_at_ms)[known & (words == category.value)])
        for category in CATEGORIES
    }
    return {name: sample for name, sample in found.items() if sample.count >= OBSERVED_MIN}


def section(observed: Mapping[str, Sample], table: RecordTable) -> str:
    """Return arrivals of a run beside those of its log; nothing where the log has none."""
    if not observed:
        return ""
    rows = []
    for category in CATEGORIES:
        theirs = observed.get(category.value)
        if theirs is None or theirs.mean_s is None:
            continue
        ours = _simulated(table, category)
        more = None if ours.mean_s is None else 100 * (ours.mean_s / theirs.mean_s - 1)
        rows.append(
            (
                category.value,
                count(theirs.count),
                clock(theirs.mean_s),
                clock(theirs.p90_s),
                count(ours.count),
                clock(ours.mean_s),
                clock(ours.p90_s),
                signed(more, 0, " %"),
            )
        )
    head = (
        *("", "arrivals in the log", "mean", "90th", "arrivals in this run", "mean", "90th"),
        "run against log, mean",
    )
    return page.section(
        "Beside what happened",
        page.paragraph(
            "From the call to the first arrival, as the log records it and as this run has it. The "
            "run has other crews, another policy, and patients of its own where the log is silent: "
            "a large difference says that the region or its crews are not those of the log, and "
            "that only comparisons of policies should be read here."
        ),
        page.table(head, rows),
    )


def _simulated(table: RecordTable, category: Category) -> Sample:
    rows = (table.category == category_number(category)) & (table.on_scene_ms != ABSENT)
    return sample_of((table.on_scene_ms - table.connected_ms)[rows])
