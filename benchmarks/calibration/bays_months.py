"""What a month does to handovers: pressure on emergency departments, and what a trust usually has.

The volume of arrivals hardly moves from month to month, handover times move by a half. Their
logarithm is told by a level of the trust, by the pressure on its departments with slopes that all
trusts share in part, and by what the months nearby had more than that (a Gaussian process in time).
Best linear unbiased prediction; every number is published before the month is predicted, but for
its pressure, which hospitals report apart from ambulance handovers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.calibration.pressure import Pressure, pressure
from benchmarks.published import month, trusts
from benchmarks.simulator.staffed_bays import NEAR_MONTHS, BayFit, MonthAnswer

Float64s = npt.NDArray[np.float64]

NEAR_SD: Final = 0.25
"""Spread of what lasts for months and no pressure tells, of the logarithm of the mean."""

MONTH_SD: Final = 0.03
"""Spread of what is one month's alone."""

SLOPE_SD: Final = 0.05
"""Spread of slopes between trusts, for a usual change of each pressure. These three and
`NEAR_MONTHS` had the least error on months before October 2025 (decision 0091)."""

OVER_12H_MIN: Final = 1e-3
"""Fewer 12-hour waits are taken as so many: a logarithm needs some."""


def month_answers(months: Sequence[str]) -> dict[str, MonthAnswer]:
    """Return how the handovers of every trust answer to a month, from some published months.

    Months of which a trust's pressure is not known are left out.

    Raises
    ------
    ValueError
        When no month of a trust is known.
    """
    series = {trust: _series(trust, months) for trust in sorted(trusts())}
    spread = np.vstack([one.pressure - one.usual for one in series.values()]).std(axis=0)
    scale = np.where(spread > 0.0, spread, 1.0)
    slopes = _common_slopes(list(series.values()), scale)
    return {trust: _answer(one, scale, slopes) for trust, one in series.items()}


def expected_mean_min(answer: MonthAnswer, name: str, found: Pressure) -> float:
    """Return the mean handover to expect in a month of some pressure, in minutes."""
    row = _row(found)
    near = sum(
        weight * exp(-abs(_number(name) - _number(at)) / NEAR_MONTHS) for at, weight in answer.near
    )
    return exp(answer.level + answer.over_4h * row[0] + answer.over_12h * row[1] + near)


def at_month(fit: BayFit, name: str) -> BayFit:
    """Return a fit with a whole world's bays of a month; unchanged when its pressure is unknown."""
    wanted = _expected_min(fit, name)
    return fit if wanted is None else at_mean(fit, alone_min(fit, wanted))


def alone_at_month(fit: BayFit, name: str) -> BayFit:
    """Return a fit with the bays of a month for queues alone, whose arrivals never slacken."""
    wanted = _expected_min(fit, name)
    return fit if wanted is None else at_mean(fit, wanted)


def alone_min(fit: BayFit, mean_min: float) -> float:
    """Return the mean of queues alone with which a whole world has ``mean_min``."""
    return mean_min if fit.world is None else fit.world.alone(mean_min)


def _expected_min(fit: BayFit, name: str) -> float | None:
    found = pressure(fit.trust, name)
    if fit.answer is None or found is None:
        return None
    return expected_mean_min(fit.answer, name, found)


def at_mean(fit: BayFit, mean_min: float) -> BayFit:
    """Return a fit with the bays that give queues alone a mean: those of its curve, or its ends'.

    Raises
    ------
    ValueError
        When the fit has no curve.
    """
    if not fit.curve:
        raise ValueError(f"Expected a fit of {fit.trust} with its curve, was one without.")
    means, bays = (np.log([point[i] for point in fit.curve]) for i in range(2))
    found = exp(float(np.interp(log(mean_min), means, bays)))
    return msgspec.structs.replace(fit, bays_per_load=round(found, 4))


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """A trust's months: their numbers, logarithms of their means, their pressure."""

    names: tuple[str, ...]
    log_mean: Float64s
    pressure: Float64s

    @property
    def usual(self) -> Float64s:
        found: Float64s = self.pressure.mean(axis=0)
        return found

    def deviates(self, scale: Float64s) -> Float64s:
        """Return how far each month's pressure is from the trust's usual one."""
        found: Float64s = (self.pressure - self.usual) / scale
        return found

    def near(self) -> Float64s:
        """Return how alike each two months are in what lasts."""
        at = np.array([_number(name) for name in self.names])
        found: Float64s = NEAR_SD**2 * np.exp(-np.abs(at[:, None] - at[None]) / NEAR_MONTHS)
        return found

    def weights(self, scale: Float64s) -> tuple[Float64s, Float64s]:
        """Return the inverse of the months' covariance, and the same without their level."""
        z = self.deviates(scale)
        noise = MONTH_SD**2 * np.eye(len(self.names))
        covariance = self.near() + noise + SLOPE_SD**2 * z @ z.T
        inverse = np.linalg.inv(covariance).astype(np.float64)
        ones = np.ones(len(self.names))
        levelled = inverse - np.outer(inverse @ ones, ones @ inverse) / (ones @ inverse @ ones)
        return inverse, levelled


def _series(trust: str, months: Sequence[str]) -> _Series:
    known = [(name, found) for name in months if (found := pressure(trust, name)) is not None]
    if not known:
        raise ValueError(f"Expected months of {trust} with a known pressure, was none.")
    means = [month(trust, name) for name, _ in known]
    return _Series(
        names=tuple(name for name, _ in known),
        log_mean=np.log([row.known("A141") / row.known("A140") / 60.0 for row in means]),
        pressure=np.array([_row(found) for _, found in known]),
    )


def _common_slopes(series: Sequence[_Series], scale: Float64s) -> Float64s:
    """Return the slopes of all trusts together, by generalised least squares."""
    left, right = np.zeros((2, 2)), np.zeros(2)
    for one in series:
        z, (_, levelled) = one.deviates(scale), one.weights(scale)
        left += z.T @ levelled @ z
        right += z.T @ levelled @ one.log_mean
    # With one month nothing is known of slopes: they are nought.
    return np.linalg.solve(left + 1e-9 * np.eye(2), right).astype(np.float64)


def _answer(one: _Series, scale: Float64s, slopes: Float64s) -> MonthAnswer:
    z, (inverse, _) = one.deviates(scale), one.weights(scale)
    ones = np.ones(len(one.names))
    told = one.log_mean - z @ slopes
    level = float(ones @ inverse @ told / (ones @ inverse @ ones))
    left = inverse @ (told - level)
    own = (slopes + SLOPE_SD**2 * z.T @ left) / scale
    return MonthAnswer(
        level=round(level - float(own @ one.usual), 5),
        over_4h=round(float(own[0]), 5),
        over_12h=round(float(own[1]), 5),
        near=tuple(
            (name, round(NEAR_SD**2 * weight, 5))
            for name, weight in zip(one.names, left.tolist(), strict=True)
        ),
    )


def _row(found: Pressure) -> tuple[float, float]:
    return found.over_4h, log(max(found.over_12h, OVER_12H_MIN))


def _number(name: str) -> int:
    year, number = (int(part) for part in name.split("-"))
    return 12 * year + number
