"""Search for the crews that give a trust's published C1 and C2 means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.calibration.crews import TrustCrews
from benchmarks.calibration.trial import Figures, Trial

Float64s = npt.NDArray[np.float64]

START: Final = (log(0.88), 0.6)
"""Where the search begins: logarithm of the fleet's factor, and level of responders."""

SLOPES: Final = ((-3.5, 0.0), (-0.5, -0.35))
"""How the logarithms of the C2 and C1 means answer to both, before anything was tried."""

STEPS: Final = (0.3, 0.5)
"""Longest step of each."""

LOWEST: Final = (log(0.3), -1.0)
HIGHEST: Final = (log(2.0), 1.0)

CLOSE: Final = (0.03, 0.02)
"""A search ends when the logarithms of the C2 and C1 means are this near."""

SAME: Final = 0.004
"""Factors that are less apart are the same."""

Say = Callable[[str], None]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """What was published of a month, and what the calibrated crews give."""

    published: Figures
    modelled: Figures


@dataclass(frozen=True, slots=True)
class _Tried:
    at: Float64s
    error: Float64s
    pairs: tuple[Pair, ...]

    @property
    def distance(self) -> float:
        """How far off: C2, for which fleets are sized, counts twice."""
        return float(max(abs(self.error[0]), abs(self.error[1]) / 2.0))


class Search:
    """Broyden's search for two unknowns, under equal chance: every trial meets the same calls.

    The unknowns are the logarithm of one factor for the units that convey, which C2 answers to,
    and a level of first responders, which C1 answers to: from -1 (no response cars) over 0 (the
    region's cars) to 1 (a first responder at every post).
    """

    def __init__(
        self, trial: Trial, say: Say | None = None, start: TrustCrews | None = None
    ) -> None:
        self._trial, self._say = trial, say
        self._posts = len(trial.region.posts)
        self._slopes = np.array(SLOPES)
        self._at = np.array(START) if start is None else at_crews(start, self._posts)

    def run(self, months: Sequence[str], evaluations: int, incidents: int) -> _Tried:
        """Try fleets on some months until they are close; return the closest."""
        trial = self._trial.counting(incidents)
        found: list[_Tried] = []
        for _ in range(evaluations):
            found.append(self._try(trial, months))
            if len(found) > 1:
                self._learn(found[-2], found[-1])
            if _is_close(found[-1]):
                break
            self._at = self._next(found)
            if self._is_known(found):
                # Responders are whole: with those that are nearest, C2 may still come nearer.
                nearest = min(found, key=lambda tried: abs(float(tried.error[1])))
                self._at = np.array([self._at[0], nearest.at[1]])
                if self._is_known(found):
                    break
        best = min(found, key=lambda tried: tried.distance)
        self._at = best.at
        return best

    def _is_known(self, found: Sequence[_Tried]) -> bool:
        """Test whether the crews that come next were tried already."""
        return any(_is_same(self._at, tried.at, self._posts) for tried in found)

    def _try(self, trial: Trial, months: Sequence[str]) -> _Tried:
        crews = crews_at(self._at, self._posts)
        pairs = tuple(
            Pair(published=trial.published(month), modelled=trial.modelled(month, crews))
            for month in months
        )
        errors = [
            (
                log(pair.modelled.c2_mean_s / pair.published.c2_mean_s),
                log(pair.modelled.c1_mean_s / pair.published.c1_mean_s),
            )
            for pair in pairs
        ]
        tried = _Tried(self._at, np.mean(errors, axis=0), pairs)
        if self._say is not None:
            c2, c1 = tried.error.tolist()
            self._say(
                f"{trial.region.trusts[0].code}: day {crews.day:.3f}, cars {crews.cars:.2f}, "
                f"responders {crews.responders}: C2 {100 * c2:+.1f} %, C1 {100 * c1:+.1f} %"
            )
        return tried

    def _next(self, found: Sequence[_Tried]) -> Float64s:
        """Return where to try next: by slopes, for C2 between too few crews and too many."""
        last = found[-1]
        step = np.linalg.solve(self._slopes, -last.error)
        step = np.clip(step, -np.array(STEPS), np.array(STEPS))
        at: Float64s = np.clip(last.at + step, LOWEST, HIGHEST)
        slow = [tried for tried in found if tried.error[0] > 0.0]
        quick = [tried for tried in found if tried.error[0] <= 0.0]
        if slow and quick:
            few = min(slow, key=lambda tried: float(tried.error[0]))
            many = max(quick, key=lambda tried: float(tried.error[0]))
            share = few.error[0] / (few.error[0] - many.error[0])
            at[0] = few.at[0] + share * (many.at[0] - few.at[0])
        return at

    def _learn(self, before: _Tried, after: _Tried) -> None:
        """Correct the slopes by what the last step did, but never let a lever work backwards."""
        step = after.at - before.at
        length = float(step @ step)
        if length < 1e-8:
            return
        surprise = after.error - before.error - self._slopes @ step
        slopes = self._slopes + np.outer(surprise, step) / length
        slopes[0, 1] = 0.0  # first responders convey nobody
        slopes[0, 0] = np.clip(slopes[0, 0], -12.0, -1.5)
        slopes[1, 0] = np.clip(slopes[1, 0], -2.0, 0.0)
        slopes[1, 1] = np.clip(slopes[1, 1], -1.0, -0.12)
        self._slopes = slopes


def crews_at(at: Float64s, posts: int) -> TrustCrews:
    """Return the crews at a point of the search, rounded as a file keeps them."""
    factor, level = round(exp(float(at[0])), 3), float(at[1])
    return TrustCrews(
        day=factor,
        night=factor,
        cars=round(1.0 + min(level, 0.0), 3),
        responders=round(max(level, 0.0) * posts),
        part_time=True,
    )


def at_crews(crews: TrustCrews, posts: int) -> Float64s:
    """Return the point of the search at which some crews are, within its bounds."""
    level = crews.responders / posts if crews.responders else crews.cars - 1.0
    return np.clip([log(crews.day), level], LOWEST, HIGHEST)


def _is_close(tried: _Tried) -> bool:
    """Test whether a fleet need not be bettered, or for C1 cannot be."""
    most = tried.at[1] >= HIGHEST[1] and tried.error[1] > 0.0
    fewest = tried.at[1] <= LOWEST[1] and tried.error[1] < 0.0
    c2, c1 = (abs(value) < limit for value, limit in zip(tried.error, CLOSE, strict=True))
    return bool(c2 and (c1 or most or fewest))


def _is_same(at: Float64s, tried: Float64s, posts: int) -> bool:
    """Test whether two points are the same crews, as nearly as a published mean can tell."""
    one, other = crews_at(at, posts), crews_at(tried, posts)
    is_same_c1 = one.responders == other.responders and abs(one.cars - other.cars) < SAME
    return bool(is_same_c1 and abs(one.day / other.day - 1.0) < SAME)


def fitted(
    trial: Trial,
    months: Sequence[str],
    *,
    evaluations: int = 8,
    say: Say | None = None,
    start: TrustCrews | None = None,
) -> tuple[TrustCrews, tuple[Pair, ...]]:
    """Return the crews with which a trust comes nearest to some published months.

    The first months are tried coarsely on a part of the incidents, then all on all of them; with
    crews to ``start`` from, the coarse part is left out.

    Raises
    ------
    ValueError
        When there are no months, or fewer than 2 evaluations.
    """
    if not months or evaluations < 2:
        raise ValueError(
            f"Expected months and at least 2 evaluations, was {len(months)} and {evaluations}."
        )
    search = Search(trial, say, start)
    coarse = evaluations // 2 if start is None else 0
    if coarse:
        search.run(months[:1], coarse, max(1, trial.incidents // 3))
    best = search.run(months, evaluations - coarse, trial.incidents)
    return crews_at(best.at, len(trial.region.posts)), best.pairs
