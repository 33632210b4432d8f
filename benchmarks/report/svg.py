"""Small words to draw with: scales, axes, marks; each returns a piece of SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from benchmarks.report.palette import INK, LINE, SOFT

TICKS: Final = (1, 2, 5, 10)
WIDE_MIN: Final = 800


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value; values outside are drawn at the edge."""
        span = self.high - self.low or 1.0
        share = min(1.0, max(0.0, (value - self.low) / span))
        return self.start + share * (self.end - self.start)


def nice_step(high: float, steps: int = 5) -> float:
    """Return a round step that divides the way from 0 to ``high`` into about ``steps``."""
    if high <= 0:
        return 1.0
    raw = high / steps
    power = 1.0
    while power > raw:
        power /= 10
    while power * 10 <= raw:
        power *= 10
    return next(power * tick for tick in TICKS if power * tick >= raw * 0.999)


def nice_ticks(high: float, steps: int = 5) -> list[float]:
    """Return round values from 0 up to at least ``high``."""
    step = nice_step(high, steps)
    ticks = [0.0]
    while ticks[-1] < high - step * 1e-9:
        ticks.append(round(ticks[-1] + step, 10))
    return ticks


def chart(
    width: int, height: int, title: str, parts: Iterable[str], *, shrinks: bool = False
) -> str:
    """Return a whole drawing; the title is read aloud and shown on hover.

    On a narrow screen a wide one is moved sideways, that its words stay readable, unless it
    ``shrinks``.
    """
    kind = ' class="wide"' if width >= WIDE_MIN and not shrinks else ""
    return (
        f'<svg viewBox="0 0 {width} {height}"{kind} role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: float = 12,
    anchor: str = "start",
    colour: str = INK,
    bold: bool = False,
    halo: bool = False,
) -> str:
    """Return words at a place; a halo keeps them readable over a map."""
    weight = ' font-weight="600"' if bold else ""
    weight += ' paint-order="stroke" stroke="#fff" stroke-width="3"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" '
        f'fill="{colour}"{weight}>{escape(words)}</text>'
    )


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    colour: str = LINE,
    width: float = 1,
    dash: str = "",
) -> str:
    """Return a straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width:g}"{dashes}/>'
    )


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    colour: str,
    note: str = "",
    round_by: float = 0,
) -> str:
    """Return a filled rectangle; ``note`` shows on hover."""
    shape = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" '
        f'height="{max(0.0, height):.1f}" fill="{colour}"'
    )
    if round_by:
        shape += f' rx="{round_by:g}"'
    return shape + (f"><title>{escape(note)}</title></rect>" if note else "/>")


def dot(x: float, y: float, radius: float, *, colour: str, note: str = "", rim: float = 0.5) -> str:
    """Return a filled circle with a thin rim; ``note`` shows on hover."""
    shape = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" '
        f'stroke="{INK}" stroke-width="{rim:g}"'
    )
    return shape + (f"><title>{escape(note)}</title></circle>" if note else "/>")


def path(
    points: Sequence[tuple[float, float]],
    *,
    colour: str,
    width: float = 2,
    fill: str = "none",
    dash: str = "",
) -> str:
    """Return a polyline through points."""
    way = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{way}" fill="{fill}" stroke="{colour}" stroke-width="{width:g}" '
        f'stroke-linejoin="round"{dashes}/>'
    )


def area(points: Sequence[tuple[float, float]], floor: float, colour: str) -> str:
    """Return the filled surface between points and a floor."""
    if not points:
        return ""
    ring = [(points[0][0], floor), *points, (points[-1][0], floor)]
    way = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z"
    return f'<path d="{way}" fill="{colour}" fill-opacity="0.25" stroke="none"/>'


def left_axis(scale: Scale, ticks: Iterable[float], x: float, right: float, unit: str = "") -> str:
    """Return horizontal grid lines with their values on the left."""
    parts = []
    for tick in ticks:
        y = scale(tick)
        parts.append(line(x, y, right, y))
        parts.append(text(x - 6, y + 4, f"{tick:g}{unit}", size=11, anchor="end", colour=SOFT))
    return "".join(parts)
