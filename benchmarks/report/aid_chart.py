"""Aid between trusts as a matrix: rows help, columns are helped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.metrics_aid import AidFlows
from benchmarks.report.palette import GROUND, INK, SOFT, ramp
from benchmarks.report.svg import box, chart, text
from benchmarks.report.wording import count, signed

CELL: Final = 58.0
ROW: Final = 30.0
LEFT: Final = 190.0
TOP: Final = 54.0
SUMS: Final = 96.0
WIDE: Final = 1060.0
"""As wide as the other charts, so that words have one size all over a page."""


def aid_matrix(flows: AidFlows, names: Mapping[str, str]) -> str:
    """Return the matrix of some trusts; ``names`` by code, in the order in which they stand.

    The last two columns say what each trust gave in all, and its balance: what it took less what
    it gave.
    """
    codes = list(names)
    most = max((n for row in flows.values() for n in row.values()), default=0)
    width = max(WIDE, LEFT + CELL * len(codes) + 2 * SUMS)
    height = TOP + ROW * len(codes) + 8
    parts = [text(0, 16, "helps  \N{DOWNWARDS ARROW}   whom  \N{RIGHTWARDS ARROW}", colour=SOFT)]
    for column, code in enumerate(codes):
        parts.append(text(_x(column) + CELL / 2, TOP - 10, code, anchor="middle", bold=True))
    for number, words in enumerate(("gave", "took less gave")):
        x = _x(len(codes)) + SUMS * (number + 1) - 6
        parts.append(text(x, TOP - 10, words, anchor="end", size=11, colour=SOFT))
    for row, code in enumerate(codes):
        parts += _row(row, code, flows, names, most)
    return chart(round(width), round(height), "Aid between trusts", parts)


def _row(
    row: int, code: str, flows: AidFlows, names: Mapping[str, str], most: int
) -> Sequence[str]:
    codes = list(names)
    y = TOP + ROW * row
    parts = [text(0, y + 19, f"{_short(names[code])}", size=12)]
    parts.append(text(LEFT - 10, y + 19, code, anchor="end", bold=True))
    for column, other in enumerate(codes):
        number = flows.get(code, {}).get(other, 0)
        share = number / most if most else 0.0
        colour = GROUND if not number else ramp(share * 0.999)
        note = f"{names[code]} helped {names[other]} with {number:,} incidents"
        parts.append(box(_x(column) + 1, y + 1, CELL - 2, ROW - 2, colour=colour, note=note))
        if number:
            ink = "#ffffff" if share > 0.6 else INK
            parts.append(
                text(_x(column) + CELL / 2, y + 19, count(number), anchor="middle", colour=ink)
            )
    gave = sum(flows.get(code, {}).values())
    took = sum(row_.get(code, 0) for row_ in flows.values())
    ends = _x(len(codes))
    parts.append(text(ends + SUMS - 6, y + 19, count(gave), anchor="end"))
    parts.append(text(ends + 2 * SUMS - 6, y + 19, signed(took - gave, 0), anchor="end"))
    return parts


def _x(column: int) -> float:
    return LEFT + CELL * column


def _short(name: str) -> str:
    """Return a trust's name without what all have in common."""
    for words in (" NHS Foundation Trust", " NHS Trust", " University", " Ambulance Service"):
        name = name.replace(words, "")
    return name if len(name) <= 22 else name[:21] + "\N{HORIZONTAL ELLIPSIS}"
