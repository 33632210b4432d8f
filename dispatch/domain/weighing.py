"""What a minute of waiting, a switch and a gap in cover weigh: numbers of the joint decisions."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

MS_PER_MINUTE: Final = 60_000


class HarmParameters(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Weights of `H_c(t) = w_c (t + t² / growth_min)`.

    Attributes
    ----------
    weight_by_rank
        Weight of one minute by rank of service (C1, C2, C3, C4, C5 and what is served with each),
        relative to C2. 25, 1, 0.35 and 0.2 are the design's judgement; simulated results do not
        depend on C3 between 0.35 and 0.5. C5 is set like C4 (assumed).
    growth_min
        Minutes over which the quadratic part becomes as large as the linear one. Simulated results
        do not depend on it between 60 and infinity.
    """

    weight_by_rank: tuple[float, ...] = (25.0, 1.0, 0.35, 0.2, 0.2)
    growth_min: float = 120.0

    def __post_init__(self) -> None:
        """Refuse weights that are not positive and growth that is."""
        if not self.weight_by_rank or min(self.weight_by_rank) <= 0:
            raise ValueError(f"Expected positive weights, was {self.weight_by_rank}.")
        if self.growth_min <= 0:
            raise ValueError(f"Expected growth_min above 0, was {self.growth_min}.")

    @property
    def weights_milli(self) -> npt.NDArray[np.int64]:
        """Weights in thousandths, row 0 for rank 1."""
        return np.array([round(1000 * w) for w in self.weight_by_rank], dtype=np.int64)

    @property
    def growth_ms(self) -> int:
        """Growth in milliseconds."""
        return round(self.growth_min * MS_PER_MINUTE)

    def weight_milli(self, rank: int) -> int:
        """Return the weight of a rank (1 is served first) in thousandths."""
        if not 1 <= rank <= len(self.weight_by_rank):
            raise ValueError(f"Expected a rank in 1..{len(self.weight_by_rank)}, was {rank}.")
        return round(1000 * self.weight_by_rank[rank - 1])


class JointRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Numbers of the joint problem.

    Attributes
    ----------
    wait_s
        How much longer an incident is taken to wait if it gets no unit now. Two hours: with 25 to
        60 minutes, far patients were never served in simulation.
    switch_s
        What taking a unit off its way must be worth, in seconds of the new patient's category.
        Half an hour: few are taken off their way, nearly all of them for who would have nobody
        (record 0090).
    gain_min_s
        Least advantage of a unit on its way elsewhere over the best unit that is free.
    spare_s
        A unit this near its patient is left alone.
    diversions_max
        How often one patient may lose the unit that is on its way. One: a second brings 2 to 4
        points of the C2 mean and costs trust.
    growth_max_min
        Below C2 a patient's earlier waiting counts up to this; nought: every minute of a C3 counts
        alike. Without a limit, at high load C2 waited for C3 that had waited for hours: C2 mean
        37 min against B2's 25 (one trust of region england, three days, fleet cut to 75 %). With
        nought, 15.5 against 19.8 at 80 %, and C3 still halved.
    crow_max
        Candidates of each incident by crow, for which travel times are asked.
    nearest_max
        Candidates of each incident by expected arrival, which enter the problem.
    """

    wait_s: int = 7200
    switch_s: int = 1800
    gain_min_s: int = 180
    spare_s: int = 180
    diversions_max: int = 1
    growth_max_min: float = 0.0
    crow_max: int = 13
    nearest_max: int = 10

    def __post_init__(self) -> None:
        """Refuse numbers under which patients would be left without a word."""
        _check_least(self, 1, ("wait_s", "nearest_max", "crow_max"))
        _check_least(
            self, 0, ("switch_s", "gain_min_s", "spare_s", "diversions_max", "growth_max_min")
        )
        if self.crow_max < self.nearest_max:
            raise ValueError(
                f"Expected crow_max of nearest_max ({self.nearest_max}) or more, "
                f"was {self.crow_max}."
            )


class CoverRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Numbers of cover and relocation.

    Attributes
    ----------
    reach_s
        A unit within this travel time covers a point: 8 min, the older national standard that the
        relocation literature uses.
    drive_price_per_min
        Gain, as a share of demand, that a minute's drive must bring.
    drive_min_max
        Longest drive to a standby point.
    moves_max
        Moves of one rebalancing. Few bring nearly all of the gain (van Barneveld 2016).
    gain_min
        Least net gain of a rebalancing move, as a share of demand. Assumed.
    minutes_of_unit
        C2-minutes that a unit's average cover is worth in the joint problem (1 min of arrival for
        5 % of it). It gains nothing at English load, so policies leave it off by default.
    idle_share_min
        Below this share of idle units cover is no criterion.
    """

    reach_s: int = 480
    drive_price_per_min: float = 1.5e-4
    drive_min_max: float = 25.0
    moves_max: int = 2
    gain_min: float = 0.005
    minutes_of_unit: float = 20.0
    idle_share_min: float = 0.05

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        names = ("reach_s", "drive_price_per_min", "drive_min_max", "moves_max", "gain_min")
        _check_least(self, 0, (*names, "minutes_of_unit", "idle_share_min"))


def _check_least(rules: msgspec.Struct, least: int, names: tuple[str, ...]) -> None:
    for name in names:
        value = getattr(rules, name)
        # Written so that a number that is none (NaN) is refused too.
        if not value >= least:
            raise ValueError(f"Expected {name} of {least} or more, was {value}.")
