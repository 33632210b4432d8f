"""Hold fitted bays against whole worlds: crews that wait bring nobody, and queues stay shorter.

Queues alone go on receiving patients however long they are. In a world the crews that would bring
them stand in the queue, so that with the same bays handovers are shorter, the more so the longer
they are. How much is found by replaying fitted months, each with two numbers of bays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Final

import msgspec
import numpy as np

from benchmarks.calibration.bays_months import at_mean
from benchmarks.calibration.crews import TrustCrews
from benchmarks.calibration.trial import Trial
from benchmarks.published import month as published_month
from benchmarks.simulator.settings import BayAssumptions
from benchmarks.simulator.staffed_bays import BayFit, WorldAnswer

FACTORS: Final = (0.8, 1.25)
"""Each month is replayed with the bays that give queues alone its published mean times these."""

SLOPE_MIN: Final = 0.4
SLOPE_MAX: Final = 1.1
"""A slope beyond these is chance: the logarithm of a world's mean rises as the queue's, or less."""


@dataclass(frozen=True, slots=True)
class CrewedTrial:
    """Crews of a trust, and the trial in which they are replayed."""

    trial: Trial
    crews: TrustCrews

    def mean_min(self, fit: BayFit, month: str, seed: int) -> float:
        """Return the mean handover of a world with the very bays of a fit, in minutes."""
        bays = BayAssumptions(fits={fit.trust: msgspec.structs.replace(fit, answer=None)})
        found = replace(self.trial, bays=bays, seed=seed).indicators(month, self.crews)
        if not found["A140"]:
            raise ValueError(f"Expected handovers of {fit.trust} in {month}, was none.")
        return (found["A141"] or 0) / found["A140"] / 60.0


def in_world(
    fit: BayFit,
    months: Sequence[str],
    crewed: CrewedTrial,
    say: Callable[[str], None] | None = None,
) -> BayFit:
    """Return a fit with what whole worlds make of its queues, and its usual bays for a world.

    Parameters
    ----------
    fit
        With its curve.
    months
        Fitted months, each replayed with a chance of its own.
    crewed
        Where they are replayed.
    say
        Told each replay.

    Raises
    ------
    ValueError
        When no month is given, or a world hands nobody over.
    """
    if not months:
        raise ValueError("Expected at least one fitted month to replay, was none.")
    alone, world = np.empty((2, len(months), len(FACTORS)))
    ends = fit.curve[0][0], fit.curve[-1][0]
    for row, name in enumerate(months):
        published = published_month(fit.trust, name)
        usual = published.known("A141") / published.known("A140") / 60.0
        for column, factor in enumerate(FACTORS):
            wanted = min(max(usual * factor, ends[0]), ends[1])
            found = crewed.mean_min(at_mean(fit, wanted), name, crewed.trial.seed + row)
            alone[row, column], world[row, column] = log(wanted), log(found)
            if say is not None:
                say(f"{fit.trust} {name}: {wanted:.1f} min alone, {found:.1f} in the world")
    # Chance is a month's own: the slope is told within months, the level by all.
    x, y = (each - each.mean(axis=1, keepdims=True) for each in (alone, world))
    spread = float((x * x).sum())
    slope = float(np.clip((x * y).sum() / spread, SLOPE_MIN, SLOPE_MAX)) if spread else 1.0
    level = float(world.mean() - slope * alone.mean())
    answer = WorldAnswer(level=round(level, 4), slope=round(slope, 4), months=tuple(months))
    usual = answer.alone(float(np.exp(alone.mean())))
    return msgspec.structs.replace(at_mean(fit, usual), world=answer)
