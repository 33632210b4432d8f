"""Survival of cardiac arrests by response time: two published curves, always shown together.

They disagree by more than the policies do, so one number would be a pretence. Only arrests among
C1 are counted. For other patients the one natural experiment found no certain effect on deaths
(Central Norway, 239,320 patients: 5 min later, 7-day deaths +0.10 points, -0.17 to 0.36), so none
is claimed here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DE_MAIO_INTERCEPT: Final = 0.679
DE_MAIO_SLOPE_PER_MIN: Final = 0.262
"""De Maio, V.J., et al. (2003). Optimal defibrillation response intervals for maximum
out-of-hospital cardiac arrest survival rates. *Annals of Emergency Medicine*, 42, 242-250.
doi:10.1067/mem.2003.266. The source at hand gives the curve without an interval of its slope."""

OKEEFFE_ODDS_RATIO: Final = 1.24
OKEEFFE_ODDS_RATIO_LOWER: Final = 1.04
OKEEFFE_ODDS_RATIO_UPPER: Final = 1.48
"""Odds of survival for each minute earlier, four English services, with its 95 % interval.
O'Keeffe, C., et al. (2011). Role of ambulance response times in the survival of patients with
out-of-hospital cardiac arrest. *Emergency Medicine Journal*, 28, 703-706.
doi:10.1136/emj.2009.086363."""

SURVIVAL_ENGLAND: Final = 0.093
"""30-day survival of treated arrests in the UK (28,729 in 2014), at which the odds are anchored."""

ARREST_SHARE_LOWER: Final = 0.10
ARREST_SHARE_UPPER: Final = 0.15
"""Arrests among C1 incidents (background knowledge, unverified)."""


class SurvivalCurve(StrEnum):
    """A published relation of survival and response time."""

    DE_MAIO_2003 = "De Maio 2003"
    OKEEFFE_2011 = "O'Keeffe 2011"


class SurvivalGain(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Survivors that one set of C1 response times has beyond another, by one curve.

    The interval spans the share of arrests among C1 and, for O'Keeffe, the interval of the odds
    ratio; it does not contain the sampling error of the response times, which a comparison adds by
    computing this for each seed.
    """

    curve: SurvivalCurve
    survivors: float
    lower: float
    upper: float
    points_per_arrest: float
    """Change in survival of one arrest, in percentage points."""


def de_maio(response_min: Floats) -> Floats:
    """Return survival to discharge by minutes to the first responder.

    Examples
    --------
    >>> import numpy as np
    >>> [round(float(s), 4) for s in de_maio(np.array([4.0, 8.0]))]
    [0.151, 0.0587]
    """
    survival: Floats = 1.0 / (
        1.0 + np.exp(DE_MAIO_INTERCEPT + DE_MAIO_SLOPE_PER_MIN * response_min)
    )
    return survival


def okeeffe(
    response_min: Floats, anchor_min: float, odds_ratio: float = OKEEFFE_ODDS_RATIO
) -> Floats:
    """Return survival if it is `SURVIVAL_ENGLAND` at ``anchor_min`` and odds fall by the minute."""
    odds = SURVIVAL_ENGLAND / (1.0 - SURVIVAL_ENGLAND) * odds_ratio ** (anchor_min - response_min)
    survival: Floats = odds / (1.0 + odds)
    return survival


def survivors_gained(before_s: Floats, after_s: Floats) -> tuple[SurvivalGain, SurvivalGain]:
    """Return how many more of the C1 patients survive, by each curve.

    Parameters
    ----------
    before_s, after_s
        C1 response times in seconds of the same incidents under two policies, or of equally many.

    Raises
    ------
    ValueError
        When the sizes differ, or there are none.
    """
    if before_s.size != after_s.size or not before_s.size:
        raise ValueError(
            f"Expected as many times before as after, at least one, was {before_s.size} and"
            f" {after_s.size}."
        )
    before, after = before_s / 60.0, after_s / 60.0
    anchor = float(before.mean())

    def by_odds(ratio: float) -> float:
        return float((okeeffe(after, anchor, ratio) - okeeffe(before, anchor, ratio)).mean())

    ratios = (OKEEFFE_ODDS_RATIO_LOWER, OKEEFFE_ODDS_RATIO_UPPER)
    logistic = float((de_maio(after) - de_maio(before)).mean())
    return (
        _gain(SurvivalCurve.DE_MAIO_2003, before.size, logistic, (logistic,)),
        _gain(
            SurvivalCurve.OKEEFFE_2011,
            before.size,
            by_odds(OKEEFFE_ODDS_RATIO),
            tuple(by_odds(ratio) for ratio in ratios),
        ),
    )


def _gain(
    curve: SurvivalCurve, incidents: int, change: float, bounds: tuple[float, ...]
) -> SurvivalGain:
    share = (ARREST_SHARE_LOWER + ARREST_SHARE_UPPER) / 2
    corners = [
        incidents * arrest_share * bound
        for arrest_share in (ARREST_SHARE_LOWER, ARREST_SHARE_UPPER)
        for bound in (*bounds, change)
    ]
    return SurvivalGain(
        curve=curve,
        survivors=incidents * share * change,
        lower=min(corners),
        upper=max(corners),
        points_per_arrest=100.0 * change,
    )
