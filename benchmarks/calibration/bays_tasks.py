"""What ``bluelight calibrate handover`` does: fits, tests, a file and a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import typer

from benchmarks.calibration.bays import (
    NEAR_POINTS,
    NEAR_SHARE,
    SHARES,
    BayMonth,
    Depth,
    fit_bays,
    published_shape,
    refit_months,
    run_bays,
    together,
)
from benchmarks.calibration.bays_world import CrewedTrial, in_world
from benchmarks.calibration.tasks import calibration_named
from benchmarks.calibration.trial import Trial
from benchmarks.published import months as published_months
from benchmarks.region_part import region_of_trusts
from benchmarks.replay import travel_times
from benchmarks.simulator.settings import bay_assumptions
from benchmarks.simulator.staffed_bays import BayFit, BayFits
from dispatch.engine import settings_named
from maps.region import Region
from maps.region_file import load_region

FIGURES: Final = ("mean_min", *SHARES)

LAST_MONTHS: Final = 3
"""A forecast that knows nothing else: the last so many fitted months again."""

HEAD: Final = (
    "| trust | month | mean min | over 15 min | over 30 min | over 60 min | mean by last months |",
    "|---|---|---|---|---|---|--:|",
)

NAMES: Final = ("mean", "over 15", "over 30", "over 60")


@dataclass(frozen=True, slots=True)
class Worlds:
    """Crews in whose worlds fits are held against months, if any, and whose shapes are kept.

    ``crews`` is a calibration of crews and ``start`` a file of fitted bays, or each a region's
    whose calibration is bundled; None: queues alone are fitted, and shapes searched for.
    """

    crews: str | None = None
    start: Path | None = None
    incidents: int = 6_000


def calibrate_handover(
    region_name: str,
    asked: tuple[Sequence[str], Sequence[str], Sequence[str]],
    out: Path | None,
    *,
    depth: Depth,
    say: Callable[[str], None],
    worlds: Worlds = Worlds(),
) -> dict[str, BayFit]:
    """Fit the trusts of a region, tell the tests as a table, and write the file.

    ``asked`` is the months to fit, the months to test, and the trusts (none: all). The tests are
    of queues alone; ``bluelight calibrate check`` tests whole worlds.

    Raises
    ------
    ValueError
        When a month is not published, or is both fitted and tested.
    """
    fitted, tested = (month_range(words) for words in asked[:2])
    if both := sorted(set(fitted) & set(tested)):
        raise ValueError(f"Expected months to test that are not fitted, was {', '.join(both)}.")
    region = load_region(region_name)
    found: dict[str, BayFit] = {}
    counts = _Counts()
    for line in HEAD:
        say(line)
    for trust in asked[2] or [trust.code for trust in region.trusts]:
        last = fitted[-LAST_MONTHS:]
        fit = found[trust] = _fit(trust, fitted, region, depth, worlds)
        if out is not None:
            write_fits(found, out)
        for kind, names in (("fitted", last), ("tested", tested)):
            rows = [run_bays(fit, name, region, depth) for name in names]
            for line in counts.lines(trust, kind, rows, last):
                say(line)
    say("")
    for line in counts.summary(len(found)):
        say(line)
    if out is not None:
        say(f"Written: {out}")
    return found


def _fit(trust: str, fitted: Sequence[str], region: Region, depth: Depth, worlds: Worlds) -> BayFit:
    """Return the bays of one trust: of its queues alone, then held against its worlds."""
    if worlds.start is None:
        fit = fit_bays(trust, fitted, region, depth)
    else:
        fit = refit_months(_started(worlds.start, trust), fitted)
    if worlds.crews is None:
        return fit
    crewed = _crewed(trust, region, worlds, depth.seed)
    return in_world(fit, fitted[-LAST_MONTHS:], crewed, _tell)


def _started(file: Path, trust: str) -> BayFit:
    """Return the bays of a trust in a file, or of a region whose bays are bundled."""
    fits = bay_assumptions(file).fits
    if trust not in fits:
        raise ValueError(f"Expected bays of {trust} in {file}, was none.")
    return fits[trust]


def _crewed(trust: str, region: Region, worlds: Worlds, seed: int) -> CrewedTrial:
    """Return the crews of a trust and where they are replayed."""
    calibration = calibration_named(worlds.crews or region.name)
    if trust not in calibration.trusts:
        raise ValueError(f"Expected crews of {trust} in {worlds.crews}, was none.")
    part = region_of_trusts(region, [trust])
    trial = Trial(
        region=part,
        travel=travel_times(part),
        settings=settings_named(calibration.policy),
        seed=seed,
        incidents=worlds.incidents,
    )
    return CrewedTrial(trial, calibration.trusts[trust].crews)


def _tell(words: str) -> None:
    typer.echo(words, err=True)


def write_fits(fits: dict[str, BayFit], out: Path) -> None:
    """Write a file of fits; equal fits are equal files."""
    text = msgspec.json.format(msgspec.json.encode(BayFits(fits=fits)), indent=1)
    out.write_bytes(text + b"\n")


class _Counts:
    """How many trusts and months came near, by figure, and the rows of the table."""

    def __init__(self) -> None:
        self._near: Counter[tuple[str, str]] = Counter()
        self._months: Counter[str] = Counter()

    def lines(
        self, trust: str, kind: str, rows: Sequence[BayMonth], last: Sequence[str]
    ) -> Iterator[str]:
        """Yield the rows of a trust, those of all its months together last; count them."""
        if not rows:
            return
        again = published_shape(trust, last)
        for one in rows:
            self._count(f"{kind} month", one)
            self._count(f"{kind} month again", _said(one, again))
            self._months[kind] += 1
            yield row_of(trust, kind, one, again.mean_min)
        whole = together(rows)
        self._count(kind, whole)
        self._count(f"{kind} again", _said(whole, again))
        yield row_of(trust, f"**{kind}**", whole, again.mean_min)

    def _count(self, what: str, one: BayMonth) -> None:
        for name, is_near in one.near.items():
            self._near[(what, name)] += is_near

    def summary(self, trusts: int) -> Iterator[str]:
        """Yield how many came near: trusts over all their months, and single months."""
        yield (
            f"Near: a mean within {100 * NEAR_SHARE:.0f} %, a share within {100 * NEAR_SHARE:.0f} "
            f"% or {100 * NEAR_POINTS:.0f} points."
        )
        yield ""
        yield "| near | " + " | ".join(NAMES) + " |"
        yield "|---|" + "--:|" * len(NAMES)
        for kind, count in self._months.items():
            for what, of, said in (
                (kind, trusts, f"trusts, months {kind} together"),
                (f"{kind} month", count, f"single months {kind}"),
                (f"{kind} again", trusts, f"trusts, months {kind}, by the last fitted months"),
                (f"{kind} month again", count, f"single months {kind}, by the last fitted months"),
            ):
                if kind == "fitted" and what.endswith("again"):
                    continue
                cells = [f"{self._near[(what, name)]} of {of}" for name in FIGURES]
                yield f"| {said} | " + " | ".join(cells) + " |"


def _said(one: BayMonth, shape: object) -> BayMonth:
    """Return a month as some other shape would have told it."""
    found: BayMonth = msgspec.structs.replace(one, modelled=shape)
    return found


def row_of(trust: str, kind: str, found: BayMonth, again_min: float | None = None) -> str:
    """Return the row of a month: published → modelled; a figure that is not near is marked."""
    was, got, near = found.published, found.modelled, found.near
    off = 100 * found.errors["mean_min"]
    cells = [f"{was.mean_min:.1f} → {got.mean_min:.1f} ({off:+.0f} %)"]
    cells += [
        f"{100 * getattr(was, name):.1f} → {100 * getattr(got, name):.1f} %" for name in SHARES
    ]
    marked = [
        cell if near[name] else f"{cell} ✗" for name, cell in zip(FIGURES, cells, strict=True)
    ]
    if again_min is not None:
        marked.append(f"{100 * (again_min / was.mean_min - 1):+.0f} %")
    return f"| {trust} | {found.month} {kind} | " + " | ".join(marked) + " |"


def month_range(words: Sequence[str]) -> list[str]:
    """Return months from words such as ``2025-09`` or ``2024-10:2026-02``.

    Raises
    ------
    ValueError
        When one is not published.
    """
    known = published_months()
    found: list[str] = []
    for word in words:
        first, _, last = word.partition(":")
        ends = (first, last or first)
        if not set(ends) <= set(known):
            raise ValueError(f"Expected months from {known[0]} to {known[-1]}, was {word!r}.")
        found += [name for name in known if ends[0] <= name <= ends[1]]
    return sorted(set(found))
