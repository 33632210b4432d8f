"""A drawing of how a replay's cost grows with the number of trusts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.report.palette import INK, LINE, SERIES, SOFT
from benchmarks.report.svg import Scale, chart, dot, left_axis, line, nice_ticks, path, text

WIDTH: Final = 1060
HEIGHT: Final = 330
PANELS: Final = (
    # key, title, unit
    ("cpu_s", "CPU-seconds", " s"),
    ("peak_mb", "Peak memory", " MB"),
)


def growth_plot(found: Mapping[str, Any]) -> str:
    """Return an SVG file: CPU time and memory over incidents, and the line of proportion."""
    rows: Sequence[Mapping[str, Any]] = found["growth"]
    parts = []
    for number, (key, title, unit) in enumerate(PANELS):
        left = 70 + number * (WIDTH / 2)
        parts += _panel(rows, key, f"{title}, policy {found['policy']}", unit, left)
    drawn = chart(WIDTH, HEIGHT, "Cost of a replay by incidents", parts)
    return drawn.replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" ', 1
    )


def _panel(
    rows: Sequence[Mapping[str, Any]], key: str, title: str, unit: str, left: float
) -> list[str]:
    right, floor, top = left + WIDTH / 2 - 100, HEIGHT - 46, 44
    incidents = [row["incidents"] for row in rows]
    values = [row[key] for row in rows]
    y_ticks, x_ticks = nice_ticks(max(values) * 1.05), nice_ticks(max(incidents), 4)
    x = Scale(0, max(x_ticks), left, right)
    y = Scale(0, max(y_ticks), floor, top)
    parts = [text(left, 20, title, bold=True), left_axis(y, y_ticks, left, right, unit)]
    parts.append(line(left, floor, right, floor, colour=INK))
    parts += [
        text(x(tick), floor + 16, f"{tick:,.0f}", anchor="middle", size=11, colour=SOFT)
        for tick in x_ticks
    ]
    parts.append(text(right, floor + 34, "incidents", anchor="end", size=11, colour=SOFT))
    if key == "cpu_s":
        # What the smallest would cost, were all as dear.
        most = values[0] / incidents[0] * incidents[-1]
        parts.append(line(x(0), y(0), x(incidents[-1]), y(most), colour=LINE, width=2, dash="6 4"))
        parts.append(text(left + 8, top + 12, "dashed: in proportion to the first", colour=SOFT))
    points = [(x(n), y(v)) for n, v in zip(incidents, values, strict=True)]
    parts.append(path(points, colour=SERIES[0]))
    for row, (at_x, at_y) in zip(rows, points, strict=True):
        parts.append(dot(at_x, at_y, 4, colour=SERIES[0], note=f"{row['trusts']} trusts"))
        parts.append(text(at_x - 6, at_y - 8, str(row["trusts"]), size=11, anchor="end"))
    return parts
