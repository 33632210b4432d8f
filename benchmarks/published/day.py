"""The shape of a day and of a week: when incidents happen, and of which category."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources

import msgspec


class DayShape(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of incidents by local hour and weekday, and the mix of categories by hour.

    ``hour_share`` has 24 entries that sum to 1; ``weekday_share`` 7, Monday first, that sum to
    1; ``category_share`` gives, for C1 to C4, 24 entries: the share of that category among the
    incidents of the hour. ``units_on_duty`` is the hourly fleet of the same large trust.
    """

    source: str
    licence: str
    confidence: str
    hour_share: tuple[float, ...]
    weekday_share: tuple[float, ...]
    category_share: dict[str, tuple[float, ...]]
    units_on_duty: tuple[int, ...]


@lru_cache(maxsize=1)
def day_shape() -> DayShape:
    """Return the bundled shape of a day."""
    text = resources.files(__package__).joinpath("day.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["day"], DayShape)
