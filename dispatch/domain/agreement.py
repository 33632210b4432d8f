"""Agreements of mutual aid: who lends to whom, for what, with which units, when and until when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from dispatch.domain.ids import TrustCode
from dispatch.domain.local_time import LONDON, day_of, minute_of_day
from dispatch.domain.unit import Skill, UnitKind

DAY_MIN: Final = 24 * 60


class LocalHours(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Hours of the local day, in minutes after midnight, on days of the week (ISO: Monday is 1).

    Hours that end at or before they begin go on into the next day; their weekday is the one on
    which they began.
    """

    from_min: int = 0
    until_min: int = DAY_MIN
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)

    def __post_init__(self) -> None:
        """Refuse what is no time of day or no day of the week."""
        for minute in (self.from_min, self.until_min):
            if not 0 <= minute <= DAY_MIN:
                raise ValueError(f"Expected minutes of a day in 0..{DAY_MIN}, was {minute}.")
        if not self.weekdays or not set(self.weekdays) <= set(range(1, 8)):
            raise ValueError(f"Expected weekdays of 1 to 7, was {self.weekdays}.")

    def hold(self, at_ms: int) -> bool:
        """Test whether an instant lies within these hours, by the clocks of England."""
        minute, weekday = minute_of_day(LONDON, at_ms), day_of(LONDON, at_ms).isoweekday()
        if self.from_min < self.until_min:
            return self.from_min <= minute < self.until_min and weekday in self.weekdays
        if minute >= self.from_min:
            return weekday in self.weekdays
        yesterday = weekday - 1 or 7
        return minute < self.until_min and yesterday in self.weekdays


class Agreement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A lender agrees to send units to a borrower's incidents up to a rank, until a time.

    Attributes
    ----------
    rank_max
        2 means C1 and C2.
    until_ms
        None: until it is taken out of the configuration.
    hours
        When units may be asked for; empty: at any time.
    kinds
        Which of the lender's units; empty: all.
    skill_min
        Least skill on board of those that are lent.
    is_pool
        The lender exists to be lent: an auxiliary service or voluntary responders under contract.
        Its units are the borrower's whatever the scope of mutual aid, at no price, without a
        margin, and it keeps no floor for itself.
    """

    lender: TrustCode
    borrower: TrustCode
    rank_max: int = 2
    until_ms: int | None = None
    hours: tuple[LocalHours, ...] = ()
    kinds: tuple[UnitKind, ...] = ()
    skill_min: Skill = Skill.RESPONDER
    is_pool: bool = False

    def holds(self, rank: int, now_ms: int) -> bool:
        """Test whether a unit may be asked for now, for an incident of a rank."""
        if rank > self.rank_max or (self.until_ms is not None and now_ms >= self.until_ms):
            return False
        return not self.hours or any(hours.hold(now_ms) for hours in self.hours)

    @property
    def is_particular(self) -> bool:
        """Whether not every unit of the lender is lent."""
        return bool(self.kinds) or self.skill_min > Skill.RESPONDER

    def lends(self, kind: UnitKind, skill: int) -> bool:
        """Test whether a unit of this kind and skill is lent."""
        return (not self.kinds or kind in self.kinds) and skill >= self.skill_min


def holding(
    agreements: Sequence[Agreement] | None,
    lender: TrustCode,
    borrower: TrustCode,
    rank: int,
    now_ms: int,
) -> list[Agreement]:
    """Return the agreements under which one trust lends to another now, for a rank."""
    return [
        a
        for a in agreements or ()
        if a.lender == lender and a.borrower == borrower and a.holds(rank, now_ms)
    ]


def allows(
    agreements: Sequence[Agreement] | None,
    lender: TrustCode,
    borrower: TrustCode,
    rank: int,
    now_ms: int,
) -> bool:
    """Test whether a unit of one trust may go to an incident of another.

    ``agreements`` None means that every trust has agreed with every other.
    """
    if agreements is None or lender == borrower:
        return True
    return bool(holding(agreements, lender, borrower, rank, now_ms))


def pools_of(
    agreements: Sequence[Agreement] | None, borrower: TrustCode, rank: int, now_ms: int
) -> frozenset[TrustCode]:
    """Return the pools whose units are a borrower's now, for a rank."""
    return frozenset(
        a.lender
        for a in agreements or ()
        if a.is_pool and a.borrower == borrower and a.holds(rank, now_ms)
    )


def with_pools(
    agreements: Sequence[Agreement] | None, trusts: frozenset[TrustCode]
) -> frozenset[TrustCode]:
    """Return trusts with the pools that they draw on, and with whoever else draws on those."""
    found = set(trusts)
    shared = [a for a in agreements or () if a.is_pool]
    grew = True
    while grew:
        grew = False
        for a in shared:
            pair = {a.lender, a.borrower}
            if pair & found and not pair <= found:
                found |= pair
                grew = True
    return frozenset(found)
