"""What a forecast of demand is used for, where there is one."""

from __future__ import annotations

import msgspec


class ForecastUse(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which questions read the forecast; without one in force they are answered as without it.

    Attributes
    ----------
    cover
        Relocation weighs places by the forecast of the hour, not by residents.
    prices
        Prices of a unit follow the forecast of the coming hours, not the rate of the last one.
    """

    cover: bool = False
    prices: bool = False

    @property
    def is_used(self) -> bool:
        """Whether anything reads a forecast."""
        return self.cover or self.prices
