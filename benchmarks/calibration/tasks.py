"""What the commands do: trusts one by one, each written as soon as it is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import typer

from benchmarks.calibration.crew_file import (
    CrewCalibration,
    TrustCalibration,
    bundled_crews,
    load_crews,
    save_crews,
)
from benchmarks.calibration.crews import TrustCrews
from benchmarks.calibration.search import Pair, fitted
from benchmarks.calibration.trial import Trial
from benchmarks.region_part import region_of_trusts
from benchmarks.replay import travel_times
from benchmarks.report.wording import clock
from dispatch.engine import settings_named
from maps.region import Region
from maps.region_file import load_region


@dataclass(frozen=True, slots=True)
class Asked:
    """How to fit: months, policy, and how much is replayed."""

    months: tuple[str, ...]
    test: tuple[str, ...]
    policy: str
    incidents: int
    evaluations: int
    seed: int
    start: str | None = None
    """A calibration from whose crews the search begins: a file, or a region with a bundled one."""


def calibrate_fleet(region_name: str, trusts: Sequence[str], asked: Asked, out: Path) -> None:
    """Fit the crews of some trusts and write them into a file, beside those it has.

    Raises
    ------
    ValueError
        When a test month is a fitted one too, or the file is of another region or policy.
    """
    if both := sorted(set(asked.months) & set(asked.test)):
        raise ValueError(f"Expected test months that are not fitted, was {', '.join(both)}.")
    whole = load_region(region_name)
    calibration = CrewCalibration(
        region=whole.name, made=datetime.now(UTC).date(), policy=asked.policy
    )
    if out.exists():
        before = load_crews(out)
        if (before.region, before.policy) != (whole.name, asked.policy):
            raise ValueError(
                f"Expected {out} to be of {whole.name} under {asked.policy}, was of "
                f"{before.region} under {before.policy}."
            )
        calibration = msgspec.structs.replace(before, made=calibration.made)
    begun = {} if asked.start is None else calibration_named(asked.start).trusts
    for code in trusts or [trust.code for trust in whole.trusts]:
        start = begun[code].crews if code in begun else None
        found = _of_trust(region_of_trusts(whole, [code]), asked, start)
        calibration = msgspec.structs.replace(
            calibration, trusts={**calibration.trusts, code: found}
        )
        save_crews(calibration, out)


def _of_trust(part: Region, asked: Asked, start: TrustCrews | None) -> TrustCalibration:
    trial = Trial(
        region=part,
        travel=travel_times(part),
        settings=settings_named(asked.policy),
        seed=asked.seed,
        incidents=asked.incidents,
    )
    crews, pairs = fitted(trial, asked.months, evaluations=asked.evaluations, say=_say, start=start)
    tested = tuple(
        Pair(published=trial.published(month), modelled=trial.modelled(month, crews))
        for month in asked.test
    )
    return TrustCalibration(crews=crews, fitted=pairs, tested=tested)


def _say(words: str) -> None:
    typer.echo(words, err=True)


def table_of_file(file: str) -> Iterator[str]:
    """Yield the lines of a table: each trust and month, published and modelled."""
    calibration = calibration_named(file)
    yield (
        "| trust | crews | month | C1 mean | C1 90th | C2 mean | C2 90th | conveyed "
        "| C1 off | C2 off |"
    )
    yield "|---|---|---|---|---|---|---|---|--:|--:|"
    for code, trust in sorted(calibration.trusts.items()):
        for kind, pairs in (("fitted", trust.fitted), ("tested", trust.tested)):
            for pair in pairs:
                yield _row(code, trust, kind, pair)
    yield ""
    yield from _summary(calibration)


def calibration_named(file: str) -> CrewCalibration:
    """Return the calibration of a file, or the one that is bundled for a region.

    Raises
    ------
    ValueError
        When it is neither.
    """
    path = Path(file)
    return load_crews(path) if path.is_file() else bundled_crews(file)


def _row(code: str, trust: TrustCalibration, kind: str, pair: Pair) -> str:
    crews, was, found = trust.crews, pair.published, pair.modelled
    said = f"{crews.day:.2f} of the fleet"
    if crews.night != crews.day:
        said += f" (night {crews.night:.2f})"
    if crews.cars != 1.0:
        said += f", {crews.cars:.2f} of the cars"
    if crews.responders:
        said += f", {crews.responders} responders"
    if crews.without:
        said += f", without {len(crews.without)}"
    cells = [code, said, f"{was.month} {kind}"]
    cells += [
        f"{clock(getattr(was, name))} → {clock(getattr(found, name))}"
        for name in ("c1_mean_s", "c1_p90_s", "c2_mean_s", "c2_p90_s")
    ]
    cells.append(f"{100 * was.conveyed:.1f} → {100 * found.conveyed:.1f} %")
    cells.append(f"{100 * (found.c1_mean_s / was.c1_mean_s - 1):+.0f} %")
    cells.append(f"{100 * (found.c2_mean_s / was.c2_mean_s - 1):+.0f} %")
    return "| " + " | ".join(cells) + " |"


FIGURES: Final = {
    "c1_mean_s": "C1 mean",
    "c1_p90_s": "C1 90th",
    "c2_mean_s": "C2 mean",
    "c2_p90_s": "C2 90th",
    "handover_mean_s": "handover mean",
    "conveyed": "conveyed",
}


def _summary(calibration: CrewCalibration) -> Iterator[str]:
    """Yield what the months together say: sums of modelled over sums of published figures."""
    yield "| trust | months | C1 mean | C1 90th | C2 mean | C2 90th | handover mean | conveyed |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|"
    near: Counter[tuple[str, str]] = Counter()
    for code, trust in sorted(calibration.trusts.items()):
        for kind, pairs in (("fitted", trust.fitted), ("tested", trust.tested)):
            if not pairs:
                continue
            off = {name: _off(pairs, name) for name in FIGURES}
            near.update((name, kind) for name, value in off.items() if abs(value) <= NEAR_PCT)
            cells = " | ".join(f"{value:+.0f} %" for value in off.values())
            yield f"| {code} | {kind} | {cells} |"
    words = (
        f"{said} {near[(name, 'fitted')]} fitted, {near[(name, 'tested')]} tested"
        for name, said in FIGURES.items()
    )
    yield ""
    yield f"Within a tenth, of {len(calibration.trusts)} trusts: {'; '.join(words)}."


NEAR_PCT: Final = 10.0


def _off(pairs: Sequence[Pair], name: str) -> float:
    modelled = sum(float(getattr(pair.modelled, name)) for pair in pairs)
    published = sum(float(getattr(pair.published, name)) for pair in pairs)
    return 100.0 * (modelled / published - 1.0)
