"""What ``bluelight calibrate handover`` does: fits, tests, a file and a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.calibration.bays import (
    ANSWER_MONTHS_MIN,
    BayMonth,
    fit_answer,
    fit_bays,
    run_bays,
)
from benchmarks.published import months as published_months
from benchmarks.simulator.staffed_bays import BayFit, BayFits
from maps.region_file import load_region

SHAPE_MONTHS: Final = 6
"""The last so many months of the fit give bays and spreads; all of them, how bays answer."""

HEAD: Final = (
    "| trust | month | | mean min | over 15 | over 30 | over 60 |",
    "|---|---|---|---|---|---|---|",
)


def calibrate_handover(
    region_name: str,
    asked: tuple[Sequence[str], Sequence[str], Sequence[str]],
    out: Path | None,
    *,
    days: int,
    seed: int,
    say: Callable[[str], None],
) -> dict[str, BayFit]:
    """Fit the trusts of a region, tell the tests as a table, and write the file.

    ``asked`` is the months to fit, the months to test, and the trusts (none: all).

    Raises
    ------
    ValueError
        When a month is not published, or is both fitted and tested.
    """
    fitted, tested = (month_range(words) for words in asked[:2])
    both = sorted(set(fitted) & set(tested))
    if both:
        raise ValueError(f"Expected months to test that are not fitted, was {', '.join(both)}.")
    region = load_region(region_name)
    found: dict[str, BayFit] = {}
    for line in HEAD:
        say(line)
    for trust in asked[2] or [trust.code for trust in region.trusts]:
        fit = fit_bays(trust, fitted[-SHAPE_MONTHS:], region, seed=seed, days=days)
        if len(fitted) >= ANSWER_MONTHS_MIN:
            fit = fit_answer(fit, fitted, region, seed=seed, days=days)
        found[trust] = fit
        for name in (fitted[-1], *tested):
            kind = "tested" if name in tested else "fitted"
            for line in rows_of(trust, kind, run_bays(fit, name, region, seed=seed, days=days)):
                say(line)
    if out is not None:
        text = msgspec.json.format(msgspec.json.encode(BayFits(fits=found)), indent=1)
        out.write_bytes(text + b"\n")
        say(f"Written: {out}")
    return found


def rows_of(trust: str, kind: str, found: BayMonth) -> list[str]:
    """Return the rows of a month in the table: published, and modelled with relative errors."""
    published, modelled, errors = found.published, found.modelled, found.errors
    first = (
        f"| {trust} | {found.month} {kind} | published | {published.mean_min:.1f} | "
        f"{100 * published.over_15:.1f} % | {100 * published.over_30:.1f} % | "
        f"{100 * published.over_60:.1f} % |"
    )
    second = (
        f"| | | queue | {modelled.mean_min:.1f} ({100 * errors['mean_min']:+.0f} %) | "
        f"{100 * modelled.over_15:.1f} % ({100 * errors['over_15']:+.0f} %) | "
        f"{100 * modelled.over_30:.1f} % ({100 * errors['over_30']:+.0f} %) | "
        f"{100 * modelled.over_60:.1f} % ({100 * errors['over_60']:+.0f} %) |"
    )
    return [first, second]


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
        missing = [name for name in ends if name not in known]
        if missing:
            raise ValueError(
                f"Expected months from {known[0]} to {known[-1]}, was {', '.join(missing)}."
            )
        found += [name for name in known if ends[0] <= name <= ends[1]]
    return sorted(set(found))
