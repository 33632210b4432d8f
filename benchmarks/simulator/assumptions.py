"""What a trust's patients need, from published figures: who is conveyed, and how long it takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.published import (
    ENGLAND,
    Indicators,
    JobCycle,
    conveyance,
    job_cycle,
    month,
    months,
    trusts,
)
from benchmarks.published.durations import Part
from benchmarks.simulator.handover_times import TimesOfTrust, times_of
from benchmarks.simulator.quantile import exponential, natural_log
from dispatch.domain.category import RANK, Category

MODEL_CATEGORIES: Final = ("C1", "C2", "C3", "C4")
"""Categories by which job cycles are published, by rank of service."""

HCP_CONVEYED: Final = 0.85
"""Share of health professionals' requests that end in a conveyance. Assumed."""
IFT_CONVEYED: Final = 0.98
"""Share of transfers between facilities that end in a conveyance. Assumed."""

_COUNTS: Final = {
    Category.C1: "A115",
    Category.C2: "A119",
    Category.C3: "A11",
    Category.C4: "A12",
    Category.HCP1: "A74",
    Category.HCP2: "A75",
    Category.HCP3: "A76",
    Category.HCP4: "A77",
    Category.IFT1: "A78",
    Category.IFT2: "A79",
    Category.IFT3: "A80",
    Category.IFT4: "A81",
}
"""Published count of the incidents of each category with a response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustWorld:
    """What happens to the patients of one trust.

    ``conveyed_share`` by category is the share of patients seen who are conveyed, ``ed_share`` the
    share of those who go to an emergency department.
    """

    trust: str
    source: str
    conveyed_share: dict[Category, float]
    ed_share: float
    handover: TimesOfTrust


def published_month(asked: str | None) -> str:
    """Return a bundled month that has handover times: the one asked for, else the newest.

    Handovers are published since October 2023. A log of another year, or from another country,
    is given the newest England.
    """
    bundled = [name for name in months() if month(ENGLAND, name)["A142"] is not None]
    return asked if asked in bundled else bundled[-1]


def trust_world(trust: str, month_name: str) -> TrustWorld:
    """Return what the published figures of a month say of a trust, or else of England."""
    code = trust if trust in trusts() else ENGLAND
    published = month(code, month_name)
    return TrustWorld(
        trust=trust,
        source=f"AmbSYS {month_name}, {code}",
        conveyed_share=_conveyed_shares(published),
        ed_share=published.known("A53") / (published.known("A53") + published.known("A54")),
        handover=times_of(published),
    )


def parts_by_rank(part: Part, *, conveyed: bool) -> tuple[tuple[float, float], ...]:
    """Return log mean (of seconds) and log sd of a part of the job cycle, by rank 1 to 4."""
    cycle: JobCycle = job_cycle()
    shapes = (cycle.conveyed if conveyed else cycle.not_conveyed)[part]
    to_seconds = float(natural_log(np.array([60.0]))[0])
    return tuple(
        (shapes[name].log_mean + to_seconds, shapes[name].log_sd) for name in MODEL_CATEGORIES
    )


def _conveyed_shares(published: Indicators) -> dict[Category, float]:
    """Return the model shares by category, moved together until they give the trust's total.

    All odds are multiplied by one factor: the order of the categories stays, and no share leaves
    (0, 1). The factor is found by bisection.
    """
    model = conveyance().conveyed_share
    shares = {category: _model_share(category, model) for category in _COUNTS}
    counts = np.array([published[code] or 0 for code in _COUNTS.values()], np.float64)
    conveyed = published.known("A53") + published.known("A54")
    target = conveyed / published.known("A56")
    odds = np.array([share / (1.0 - share) for share in shares.values()])
    low, high = -8.0, 8.0
    for _ in range(60):
        middle = (low + high) / 2.0
        moved = odds * float(exponential(np.array([middle]))[0])
        # A sum that rounds once: its bits do not depend on the machine.
        total = math.fsum((counts * moved / (1.0 + moved)).tolist()) / math.fsum(counts.tolist())
        low, high = (middle, high) if total < target else (low, middle)
    moved = odds * float(exponential(np.array([low]))[0])
    found = dict(zip(_COUNTS, (moved / (1.0 + moved)).tolist(), strict=True))
    return found | {Category.C4T: IFT_CONVEYED, Category.C5: 0.0}


def _model_share(category: Category, model: dict[str, float]) -> float:
    if category.startswith("HCP"):
        return HCP_CONVEYED
    if category.startswith("IFT"):
        return IFT_CONVEYED
    return model[MODEL_CATEGORIES[RANK[category] - 1]]
