"""How many incidents of each kind a trust has in a month, and how they end: published figures."""

from __future__ import annotations

from math import fsum
from typing import Final

import msgspec

from benchmarks import published
from benchmarks.call_log.assumptions import Assumptions
from benchmarks.published import Indicators
from dispatch.domain.category import Category

_SEEN: Final = {
    Category.C1: "A115",
    Category.HCP1: "A74",
    Category.IFT1: "A78",
    Category.C2: "A119",
    Category.HCP2: "A75",
    Category.IFT2: "A79",
    Category.C3: "A11",
    Category.C4: "A12",
    Category.HCP3: "A76",
    Category.IFT3: "A80",
    Category.HCP4: "A77",
    Category.IFT4: "A81",
}
"""Codes of incidents with a face-to-face response."""
_LEVELS_3_AND_4: Final = (Category.HCP3, Category.IFT3, Category.HCP4, Category.IFT4)
_ARRIVING: Final = {"C1": ("A40", "A8"), "C2": ("A44", "A10"), "C3": ("A46", "A11")}
_STEPS: Final = 100


class Flow(msgspec.Struct, frozen=True):
    """Incidents of one kind: expected number in the month, and how they end.

    ``conveyed`` is the share conveyed of those seen face to face; ``is_seen`` is False for hear
    and treat. ``responders`` is the mean number of units that arrive.
    """

    category: Category
    is_seen: bool
    count: float
    conveyed: float
    responders: float


class MonthOfTrust(msgspec.Struct, frozen=True):
    """What is known of one trust in one month before anything is drawn.

    ``to_ed`` is the share of conveyed patients taken to an emergency department; ``early_c1``
    the share of C1 found before full triage, in ``early_mean_s`` on average and ``early_90th_s``
    at the 90th centile; ``answer_s`` the call-answer times at `ANSWER_SHARES`.
    """

    trust: str
    month: str
    flows: tuple[Flow, ...]
    to_ed: float
    early_c1: float
    early_mean_s: float
    early_90th_s: float
    answer_s: tuple[float, ...]


ANSWER_SHARES: Final = (0.0, 0.5, 0.9, 0.95, 0.99, 1.0)


def month_of_trust(trust: str, month: str, assumptions: Assumptions) -> MonthOfTrust:
    """Return the flows of one trust (ODS code, or ``Eng``) in one month (``2026-03``).

    Face-to-face incidents add up to A56 and all to A7. Where the categories leave a rest of A56,
    it is C5 with a response on scene; where they exceed it (some trusts count HCP and IFT of
    levels 3 and 4 in C3 and C4 too), those levels give way.

    Raises
    ------
    ValueError
        When the month or trust is not published.
    """
    figures = published.month(trust, month)
    seen = _seen(figures)
    conveyed = _conveyed(figures, seen, assumptions)
    flows = [
        Flow(category, True, count, conveyed[category], _responders(figures, category))
        for category, count in seen.items()
    ]
    flows += _heard(figures, assumptions)
    return MonthOfTrust(
        trust=trust,
        month=month,
        flows=tuple(flow for flow in flows if flow.count > 0),
        to_ed=figures.known("A53") / (figures.known("A53") + figures.known("A54")),
        early_c1=min(1.0, _number(figures, "A13") / figures.known("A8")),
        early_mean_s=_number(figures, "A15"),
        early_90th_s=_number(figures, "A16"),
        answer_s=_answer_s(figures),
    )


def _seen(figures: Indicators) -> dict[Category, float]:
    seen = {category: _number(figures, code) for category, code in _SEEN.items()}
    rest = figures.known("A56") - fsum(seen.values())
    if rest >= 0:
        return seen | {Category.C5: rest}
    lower = fsum(seen[category] for category in _LEVELS_3_AND_4)
    share = max(0.0, (lower + rest) / lower) if lower else 0.0
    return seen | {category: seen[category] * share for category in _LEVELS_3_AND_4}


def _heard(figures: Indicators, assumptions: Assumptions) -> list[Flow]:
    split = assumptions.hear_and_treat
    advised = _number(figures, "A18") + _number(figures, "A19")
    counts = {
        Category.C2: advised * split.C2,
        Category.C3: advised * split.C3,
        Category.C4: advised * split.C4,
        Category.C5: _number(figures, "A21") + _number(figures, "A22"),
    }
    return [
        Flow(c, is_seen=False, count=n, conveyed=0.0, responders=0.0) for c, n in counts.items()
    ]


def _conveyed(
    figures: Indicators, seen: dict[Category, float], assumptions: Assumptions
) -> dict[Category, float]:
    """Return the share conveyed by category, so that the trust's total is A53 + A54.

    C1 is published (A9 of A8). The others start from the model shares, whose odds are multiplied
    by one factor for all: the factor that gives the total.
    """
    c1 = min(1.0, _number(figures, "A9") / figures.known("A8"))
    model = published.conveyance().conveyed_share
    given = assumptions.conveyance
    start = {"C2": model["C2"], "C3": model["C3"], "C4": model["C4"], "C5": given.C5}
    start |= {"HCP": given.HCP, "IFT": given.IFT}
    fixed = {Category.C1, Category.HCP1, Category.IFT1}
    free = {c: start[kind_of(c)] for c in seen if c not in fixed}
    wanted = figures.known("A53") + figures.known("A54") - c1 * fsum(seen[c] for c in fixed)
    low, high = 0.0, 1e6
    for _ in range(_STEPS):
        factor = (low + high) / 2
        total = fsum(seen[c] * _odds_times(p, factor) for c, p in free.items())
        low, high = (factor, high) if total < wanted else (low, factor)
    shares = {c: _odds_times(p, high) for c, p in free.items()}
    return shares | dict.fromkeys(fixed, c1)


def _odds_times(share: float, factor: float) -> float:
    return share * factor / (1.0 - share + share * factor)


def kind_of(category: Category) -> str:
    """Return C1 to C5, HCP or IFT: what assumptions are given by."""
    word = category.value
    return word[:3] if word[0] in "HI" else word[:2]


def _responders(figures: Indicators, category: Category) -> float:
    """Return how many units arrive on average; at least one."""
    codes = _ARRIVING.get(category.value)
    if codes is None or not figures[codes[1]]:
        return 1.0
    return max(1.0, _number(figures, codes[0]) / figures.known(codes[1]))


def _answer_s(figures: Indicators) -> tuple[float, ...]:
    """Return answer times at `ANSWER_SHARES`; the longest is taken as twice the 99th centile."""
    published_s = [_number(figures, code) for code in ("A4", "A114", "A5", "A6")]
    rising = [0.0]
    for value in (*published_s, 2 * published_s[-1]):
        rising.append(max(value, rising[-1]))
    return tuple(rising)


def _number(figures: Indicators, code: str) -> float:
    value = figures[code]
    return 0.0 if value is None else float(value)
