"""Charts of a comparison: intervals against no change, and responses side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.report.palette import INK, SOFT
from benchmarks.report.svg import Scale, chart, dot, line, nice_step, path, text
from benchmarks.report.wording import percent, signed

Floats = npt.NDArray[np.float64]

WIDE: Final = 1060
HALF: Final = 520
ROW: Final = 30
HEADING: Final = 26
VAGUE_PCT: Final = 80.0
NOTE_PX: Final = 90
"""Room for the words at a limit."""
HOURS_FROM_S: Final = 4 * 3600
"""An axis longer than this counts hours."""


class Interval(NamedTuple):
    """A difference in per cent with its interval, under a heading, in a colour."""

    name: str
    middle: float
    lower: float | None
    upper: float | None
    colour: str


def forest(title: str, groups: Sequence[tuple[str, Sequence[Interval]]], width: int = WIDE) -> str:
    """Return intervals under one another around no change; left of it is better.

    ``groups`` are (heading, intervals). One that leaves the axis ends in an arrow at its edge; its
    figures stand beside it.
    """
    ends = [
        abs(end)
        for _, rows in groups
        for row in rows
        for end in (row.middle, row.lower, row.upper)
        if end is not None and not _is_vague(row)
    ]
    # A vague interval may leave the axis, but never the figure itself.
    middles = [abs(row.middle) for _, rows in groups for row in rows]
    reach = max(min(max([*ends, 5.0]) * 1.08, 100.0), max(middles, default=0.0) * 1.15)
    x = Scale(-reach, reach, 190, width - 200)
    height = sum(HEADING + ROW * len(rows) for _, rows in groups) + 44
    parts = _forest_axis(x, reach, height)
    y = 6.0
    for heading, rows in groups:
        parts.append(text(0, y + 16, heading, bold=True, size=13, halo=True))
        y += HEADING
        for row in rows:
            parts += _forest_row(row, x, y + ROW / 2)
            y += ROW
    return chart(width, height, title, parts)


def _is_vague(row: Interval) -> bool:
    """Test whether an interval says so little that it shall not set the scale."""
    return row.lower is not None and row.upper is not None and row.upper - row.lower > VAGUE_PCT


def _forest_axis(x: Scale, reach: float, height: int) -> list[str]:
    step = nice_step(reach, 3)
    count = int(reach / step + 1e-9)
    parts = []
    for i in range(-count, count + 1):
        value = i * step
        parts.append(line(x(value), 4, x(value), height - 34))
        words = signed(value, 0, " %") if i else "no change"
        parts.append(text(x(value), height - 18, words, anchor="middle", size=11, colour=SOFT))
    parts.append(line(x(0), 4, x(0), height - 34, colour=INK, width=1.6))
    parts.append(text(x(-reach), height - 4, "faster", size=11, colour=SOFT))
    parts.append(text(x(reach), height - 4, "slower", size=11, anchor="end", colour=SOFT))
    return parts


def _forest_row(row: Interval, x: Scale, y: float) -> list[str]:
    parts = [text(18, y + 4, row.name, size=12.5)]
    words = signed(row.middle, 1, " %")
    if row.lower is not None and row.upper is not None:
        parts.append(line(x(row.lower), y, x(row.upper), y, colour=row.colour, width=3))
        parts += [_end(x, end, y, row.colour) for end in (row.lower, row.upper)]
        words += f"  ({signed(row.lower, 1)} to {signed(row.upper, 1)})"
    parts.append(dot(x(row.middle), y, 5.5, colour=row.colour, note=f"{row.name}: {words}"))
    parts.append(text(x.end + 12, y + 4, words, size=12))
    return parts


def _end(x: Scale, end: float, y: float, colour: str) -> str:
    """Return the end of an interval: a stroke, or an arrow where it goes on beyond the axis."""
    at = x(end)
    if x.low <= end <= x.high:
        return line(at, y - 5, at, y + 5, colour=colour, width=2)
    back = 9 if end < x.low else -9
    return (
        f'<path d="M{at:.1f} {y:.1f}L{at + back:.1f} {y - 6:.1f}L{at + back:.1f} {y + 6:.1f}Z" '
        f'fill="{colour}"><title>goes on beyond the axis</title></path>'
    )


def reached_by(
    title: str,
    lines: Sequence[tuple[str, Floats, str]],
    limits: Sequence[tuple[float, str]] = (),
) -> str:
    """Return curves of the share of patients reached by a time; (name, seconds, colour)."""
    known = [(name, np.sort(values), colour) for name, values, colour in lines if len(values)]
    if not known:
        return chart(HALF, 60, title, [text(0, 30, f"{title}: none", colour=SOFT)])
    top_s = max(float(np.quantile(values, 0.97)) for _, values, _ in known)
    x, y = Scale(0, top_s, 44, HALF - 10), Scale(0, 1, 226, 26)
    parts = [text(0, 14, title, bold=True, size=14)]
    for share in (0.0, 0.25, 0.5, 0.75, 0.9, 1.0):
        parts.append(line(44, y(share), HALF - 10, y(share)))
        words = percent(share, 0)
        parts.append(text(40, y(share) + 4, words, anchor="end", size=10.5, colour=SOFT))
    unit_s, unit = (3600, "hours") if top_s > HOURS_FROM_S else (60, "minutes")
    step = nice_step(top_s / unit_s, 6)
    for i in range(int(top_s / unit_s / step) + 1):
        at = x(i * step * unit_s)
        parts.append(text(at, 242, f"{i * step:g}", anchor="middle", size=11, colour=SOFT))
    parts.append(text(HALF - 10, 256, unit, anchor="end", size=11, colour=SOFT))
    grid = np.linspace(0.0, top_s, 90)
    for _, values, colour in known:
        shares = np.searchsorted(values, grid, side="right") / len(values)
        points = list(
            zip((x(t) for t in grid.tolist()), (y(s) for s in shares.tolist()), strict=True)
        )
        parts.append(path(points, colour=colour, width=2.2))
    for row, (limit, words) in enumerate((s, w) for s, w in limits if s <= top_s):
        parts.append(line(x(limit), 26, x(limit), 226, colour=INK, dash="4 3", width=1.3))
        is_late = x(limit) > HALF - NOTE_PX
        anchor, shift = ("end", -4) if is_late else ("start", 4)
        # Under one another, for the limits may be close; over the curves, which go up there.
        y_words = 220 - 15 * row
        parts.append(text(x(limit) + shift, y_words, words, size=11, anchor=anchor, halo=True))
    return chart(HALF, 260, title, parts)
