"""What ``bluelight calibrate check`` does: given crews in a month of choice, beside what it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.calibration.bays import NEAR_SHARE, tolerance
from benchmarks.calibration.bays_tasks import month_range
from benchmarks.calibration.crew_file import CrewCalibration, TrustCalibration
from benchmarks.calibration.tasks import calibration_named
from benchmarks.calibration.trial import Trial
from benchmarks.published import month as published_month
from benchmarks.region_part import region_of_trusts
from benchmarks.replay import travel_times
from benchmarks.report.wording import clock
from benchmarks.simulator.settings import BayAssumptions, bay_assumptions
from dispatch.engine import settings_named
from maps.region_file import load_region

TIMES: Final = (
    ("C1 mean", "A25"),
    ("C1 90th", "A26"),
    ("C2 mean", "A31"),
    ("C2 90th", "A32"),
    ("handover mean", "A142"),
    ("handover 90th", "A143"),
)

SHARES: Final = (
    ("handovers over 15 min", "A144", "A140"),
    ("handovers over 30 min", "A145", "A140"),
    ("handovers over 60 min", "A146", "A140"),
    ("heard and treated", "A17", "A7"),
    ("seen and treated", "A55", "A7"),
    ("conveyed to an ED", "A53", "A7"),
    ("conveyed elsewhere", "A54", "A7"),
)

TOGETHER: Final = {
    "**C2 mean and handover mean**": ("C2 mean", "handover mean"),
    "**all shares of handovers**": tuple(name for name, *_ in SHARES[:3]),
    "**the whole split of incidents**": tuple(name for name, *_ in SHARES[3:]),
}
"""Figures that are asked for together: each of them has to be near."""

HEAD: Final = (
    "| trust | month | figure | published | modelled | difference |",
    "|---|---|---|--:|--:|--:|",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to replay: months, trusts (none: all of the file), how much, and whose bays."""

    months: tuple[str, ...]
    trusts: tuple[str, ...]
    incidents: int
    seed: int
    bays: Path | None = None


def check_crews(file: str, wanted: Wanted) -> Iterator[str]:
    """Yield a table of each figure, published and modelled, then how many trusts come near.

    Raises
    ------
    ValueError
        When a month is not published, or a trust is not in the calibration.
    """
    months = month_range(wanted.months)
    if not months:
        raise ValueError("Expected at least one month to check, was none.")
    calibration = calibration_named(file)
    codes = wanted.trusts or tuple(sorted(calibration.trusts))
    if missing := sorted(set(codes) - set(calibration.trusts)):
        known = ", ".join(sorted(calibration.trusts))
        raise ValueError(f"Expected trusts of {known}, was {', '.join(missing)}.")
    bays = BayAssumptions() if wanted.bays is None else bay_assumptions(wanted.bays)
    yield from HEAD
    verdict = Verdict()
    for code in codes:
        used = calibration.trusts[code]
        known_to = bays.fits[code].months if code in bays.fits else ()
        published, modelled = _replayed(calibration, code, months, wanted)
        for name, was, found in zip(months, published, modelled, strict=True):
            yield from _rows(code, f"{name} {_use(used, known_to, name)}", was, found)
        whole = [_mean(rows) for rows in (published, modelled)]
        if len(months) > 1:
            yield from _rows(code, f"{len(months)} months", whole[0], whole[1])
        again = [_figures(published_month(code, p.published.month).values) for p in used.fitted]
        verdict.add(whole[0], whole[1], _mean(again) if again else None)
    yield ""
    yield from verdict.lines(f"{', '.join(months)}{' together' if len(months) > 1 else ''}")


class Verdict:
    """How many trusts come near in which figure, beside saying the fitted months again."""

    def __init__(self) -> None:
        self._near: Counter[str] = Counter()
        self._again: Counter[str] = Counter()
        self._trusts = self._known = 0

    def add(
        self,
        was: Mapping[str, float],
        found: Mapping[str, float],
        again: Mapping[str, float] | None,
    ) -> None:
        """Count a trust: published, modelled, and the published mean of the fitted months."""
        self._trusts += 1
        near = {name: is_near(name, was[name], found[name]) for name in was}
        self._near.update(name for name, yes in near.items() if yes)
        for name, parts in TOGETHER.items():
            self._near[name] += all(near[part] for part in parts)
        if again is None:
            return
        self._known += 1
        same = {name: is_near(name, was[name], again[name]) for name in was}
        self._again.update(name for name, yes in same.items() if yes)
        for name, parts in TOGETHER.items():
            self._again[name] += all(same[part] for part in parts)

    def lines(self, months: str) -> Iterator[str]:
        """Yield the table."""
        yield f"Trusts that are near in {months} (a time within a tenth, a share or two points):"
        yield ""
        yield "| figure | near | if the fitted months came again |"
        yield "|---|--:|--:|"
        for name in (*dict(TIMES), *(row[0] for row in SHARES), *TOGETHER):
            again = f"{self._again[name]} of {self._known}" if self._known else ""
            yield f"| {name} | {self._near[name]} of {self._trusts} | {again} |"


def _replayed(
    calibration: CrewCalibration, code: str, months: list[str], wanted: Wanted
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Return the figures of each month, published and modelled."""
    part = region_of_trusts(load_region(calibration.region), [code])
    trial = Trial(
        region=part,
        travel=travel_times(part),
        settings=settings_named(calibration.policy),
        seed=wanted.seed,
        incidents=wanted.incidents,
        bays=None if wanted.bays is None else bay_assumptions(wanted.bays),
    )
    crews = calibration.trusts[code].crews
    return (
        [_figures(published_month(code, name).values) for name in months],
        [_figures(trial.indicators(name, crews)) for name in months],
    )


def _figures(found: Mapping[str, int | None]) -> dict[str, float]:
    """Return seconds and shares by their names; nought where nothing was counted."""
    times = {name: float(found.get(code) or 0) for name, code in TIMES}
    shares = {
        name: (found.get(part) or 0) / (found.get(whole) or 1) for name, part, whole in SHARES
    }
    return times | shares


def _mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def is_near(name: str, was: float, found: float) -> bool:
    """Test whether a modelled figure is near: a tenth, or for a share two percentage points."""
    limit = NEAR_SHARE * was if name in dict(TIMES) else tolerance(was)
    return abs(found - was) <= limit


def _use(used: TrustCalibration, bays: Sequence[str], name: str) -> str:
    """Say what a month was to crews, or to the bays that they queue for."""
    if name in {pair.published.month for pair in used.fitted}:
        return "fitted"
    if name in bays:
        return "fitted (bays)"
    return "tested" if name in {pair.published.month for pair in used.tested} else "not used"


def _rows(
    code: str, what: str, published: Mapping[str, float], modelled: Mapping[str, float]
) -> Iterator[str]:
    for name, was in published.items():
        found = modelled[name]
        if name in dict(TIMES):
            said, got = clock(round(was)), clock(round(found))
            off = f"{100 * (found / was - 1):+.0f} %" if was else ""
        else:
            said, got = f"{100 * was:.1f} %", f"{100 * found:.1f} %"
            off = f"{100 * (found - was):+.1f} points"
        mark = "" if is_near(name, was, found) else " ✗"
        yield f"| {code} | {what} | {name} | {said} | {got} | {off}{mark} |"
