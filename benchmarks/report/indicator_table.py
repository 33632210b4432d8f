"""The table of national indicators, beside those of the published month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Final

from benchmarks.published import Indicators, definition
from benchmarks.report import page
from benchmarks.report.wording import clock, count, signed

WHOLE_MONTH: Final = 0.05
"""A run that is longer or shorter than the month by more has other counts because of that."""

_SUMS: Final = frozenset({"count", "s total"})


def indicators(
    values: Mapping[str, int | None],
    published: Indicators | None,
    days: float,
    *,
    knows_calls: bool,
) -> str:
    """Return the section of national indicators.

    Parameters
    ----------
    values
        Indicators of the run by their codes.
    published
        Those of the published month, if there is one.
    days
        How many days the calls of the run cover: counts of a week are not held against a month's.
    knows_calls
        Whether calls rang in this run, so that it knows how they were answered.
    """
    is_month = published is not None and _is_whole(published.month, days)
    rows = []
    for code, value in values.items():
        meaning = definition(code)
        theirs = None if published is None else published[code]
        if not value and not theirs:
            continue
        is_alike = is_month or meaning.unit not in _SUMS
        rows.append(
            (
                f"{code}  {meaning.meaning}",
                _said(value, meaning.unit),
                _said(theirs, meaning.unit),
                _difference(value, theirs) if is_alike else "",
            )
        )
    month_words = "" if published is None else spoken_month(published.month)
    head = ("indicator", "this run", f"published {month_words}".strip(), "difference")
    words = (
        "Ambulance quality indicators (AmbSYS) under their published codes. Those that this run "
        f"cannot know{'' if knows_calls else ', such as call answering,'} are left out. Times are "
        "minutes and seconds, from an hour on hours, minutes and seconds; total times are whole "
        "seconds."
    )
    if published is not None and not is_month:
        calls = "Calls of 1 day" if round(days) == 1 else f"Calls of {days:.0f} days"
        words += (
            f" {calls} were replayed: counts and total times are not compared with those of the "
            "whole month."
        )
    return page.section(
        "National indicators",
        page.paragraph(words),
        page.folded("All indicators", page.table(head, rows)),
    )


def other_volume(calls: int, days: float, published: Indicators) -> str:
    """Return a caution where a log is of far more or fewer calls than the published month."""
    theirs = published["A7"]
    if theirs is None or days < DAYS_MIN:
        return ""
    first = date.fromisoformat(published.month + "-01")
    published_a_day = theirs / monthrange(first.year, first.month)[1]
    ours_a_day = calls / days
    if VOLUME_MIN <= ours_a_day / published_a_day <= 1 / VOLUME_MIN:
        return ""
    return (
        f" That month had {count(published_a_day)} incidents a day, this log has "
        f"{count(ours_a_day)}: its waits are those of another load."
    )


DAYS_MIN: Final = 0.9
"""Of less than a day no number of incidents a day can be told."""

VOLUME_MIN: Final = 0.7
"""A log with fewer incidents a day than this share of the month's, or as many more, is of another
load."""


def spoken_month(name: str) -> str:
    """Return a month such as March 2026.

    Examples
    --------
    >>> spoken_month("2026-03")
    'March 2026'
    """
    return f"{date.fromisoformat(name + '-01'):%B %Y}"


def _is_whole(month: str, days: float) -> bool:
    first = date.fromisoformat(month + "-01")
    return abs(days / monthrange(first.year, first.month)[1] - 1) <= WHOLE_MONTH


def _said(value: int | None, unit: str) -> str:
    return count(value) if unit in _SUMS else clock(value)


def _difference(value: int | None, published: int | None) -> str:
    if value is None or not published:
        return ""
    return signed(100 * (value / published - 1), 0, " %")
