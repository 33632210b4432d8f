"""The charts of a run: figures against standards, distributions, the day, the queue, the doors."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.metrics_hours import HospitalHours, Hours
from benchmarks.report.palette import (
    INK,
    LINE,
    PUBLISHED,
    RAMP,
    SERIES,
    SOFT,
    STANDARD,
)
from benchmarks.report.svg import (
    Scale,
    area,
    box,
    chart,
    left_axis,
    line,
    nice_ticks,
    path,
    text,
)
from benchmarks.report.wording import clock, count, percent

Int64s = npt.NDArray[np.int64]

BINS: Final = 40
WHOLE_MINUTES_SHARE: Final = 0.9
WIDE: Final = 1060
HALF: Final = 520

NAME_LETTERS: Final = 36
"""Longest name that fits before a chart."""

NOTE_WIDTH: Final = 210.0
"""Room for the words at a limit."""


def bullet(
    value: float | None,
    standard: float | None,
    published: float | None,
    colour: str,
    interval: tuple[float, float] | None = None,
) -> str:
    """Return a bar for a value, a black mark at the standard, a diamond at the published figure.

    An interval is a thin line along the bar with its ends marked.
    """
    known = [number for number in (value, standard, published) if number is not None]
    known += interval or ()
    top = max(known, default=1.0) * 1.12
    x = Scale(0, top, 2, 218)
    parts = [box(2, 7, 216, 10, colour=LINE, round_by=3)]
    if value is not None:
        parts.append(box(2, 7, x(value) - 2, 10, colour=colour, round_by=3))
    if interval is not None:
        low, high = map(x, interval)
        parts += [
            line(low, 12, high, 12, colour="#fff", width=4.5),
            line(low, 12, high, 12, colour=INK, width=1.6),
        ]
        parts += [line(end, 8, end, 16, colour=INK, width=1.6) for end in (low, high)]
    if standard is not None:
        parts.append(box(x(standard) - 1.5, 2, 3, 20, colour=STANDARD, note="standard"))
    if published is not None:
        at = x(published)
        parts.append(
            f'<path d="M{at:.1f} 4L{at + 6:.1f} 12L{at:.1f} 20L{at - 6:.1f} 12Z" '
            f'fill="#fff" stroke="{PUBLISHED}" stroke-width="2.2"><title>published</title></path>'
        )
    return chart(220, 24, "value, standard and published figure", parts)


def distribution(
    name: str, durations_s: Int64s, limits: Sequence[tuple[float, str]], colour: str
) -> str:
    """Return a histogram of durations with vertical limits, and the share beyond each.

    ``limits`` are (seconds, words). The highest 2 % are gathered in the last bar.
    """
    if not len(durations_s):
        return chart(HALF, 60, name, [text(0, 30, f"{name}: none in this run", colour=SOFT)])
    top_s = max(float(np.quantile(durations_s, 0.98)), *(limit * 1.1 for limit, _ in limits), 60.0)
    step, bins = top_s / BINS, BINS
    if float((durations_s % 60 == 0).mean()) > WHOLE_MINUTES_SHARE:
        # Bars of less than the minute in which a log tells its times would leave gaps.
        step = 60.0 * max(1, round(step / 60))
        bins = ceil(top_s / step)
        top_s = step * bins
    counts = np.bincount(np.minimum(durations_s / step, bins - 1).astype(np.int64), minlength=bins)
    x = Scale(0, top_s, 8, HALF - 8)
    y = Scale(0, max(1, int(counts.max())), 176, 44)
    parts = [
        box(
            x(i * step) + 0.5,
            y(n),
            x(step) - x(0) - 1,
            176 - y(n),
            colour=colour,
            note=f"{clock(i * step)} to {clock((i + 1) * step)}: {n}",
        )
        for i, n in enumerate(counts.tolist())
        if n
    ]
    parts.append(line(8, 176, HALF - 8, 176, colour=INK))
    parts += [
        text(
            x(minutes * 60),
            192,
            f"{minutes:g}",
            anchor="middle" if x(minutes * 60) < HALF - 24 else "end",
            size=11,
        )
        for minutes in nice_ticks(top_s / 60, 6)
        if minutes * 60 <= top_s
    ]
    parts.append(text(HALF - 8, 206, "minutes", anchor="end", size=11, colour=SOFT))
    parts.append(text(8, 14, name, bold=True, size=14))
    for row, (limit, words) in enumerate(limits):
        beyond = float((durations_s > limit).mean())
        height = 26 + 14 * row
        parts.append(
            line(x(limit), height + 3, x(limit), 176, colour=STANDARD, dash="4 3", width=1.4)
        )
        # A note before its line would run into the line of the limit before it.
        has_room = row == 0 or x(limit) - x(limits[row - 1][0]) > NOTE_WIDTH
        side = "end" if limit > top_s * 0.6 and has_room else "start"
        is_tight = side == "start" and x(limit) + NOTE_WIDTH > HALF
        shift = -5 if side == "end" else 5
        parts.append(
            text(
                x(limit) + shift,
                height + 6,
                f"{'' if is_tight else words + ' '}{clock(limit)}: {percent(beyond, 0)} later",
                size=11.5,
                anchor=side,
            )
        )
    return chart(HALF, 210, f"{name}: distribution", parts)


def day_chart(hours: Hours) -> str:
    """Return calls, queue, and units busy and on duty, by hour of the day, under one another."""
    x = Scale(0, 24, 48, WIDE - 10)
    rows = hours.hours
    parts: list[str] = []
    calls = [row.calls_per_day for row in rows]
    parts += panel("Calls an hour", 16, x, max(calls))
    y = Scale(0, nice_ticks(max(calls), 3)[-1], 110, 30)
    parts += [
        box(
            x(i) + 2,
            y(n),
            x(1) - x(0) - 4,
            110 - y(n),
            colour=SERIES[5],
            note=f"{i:02d}:00 {n:.1f} calls",
        )
        for i, n in enumerate(calls)
    ]
    most = max(1.0, *(row.waiting_p90 for row in rows))
    words = "Patients waiting for a unit: mean (line); one moment in ten has more than the dashes"
    parts += panel(words, 136, x, most)
    y = Scale(0, nice_ticks(most, 3)[-1], 230, 150)
    high = stairs([row.waiting_p90 for row in rows], x, y)
    parts += [area(high, 230, SERIES[1]), path(high, colour=SERIES[1], width=1, dash="3 3")]
    parts.append(
        path(stairs([row.waiting_mean for row in rows], x, y), colour=SERIES[1], width=2.4)
    )
    most = max(row.on_duty_mean for row in rows) or 1.0
    parts += panel("Ambulances on duty (black) and busy (blue)", 256, x, most)
    y = Scale(0, nice_ticks(most, 3)[-1], 370, 270)
    duty = stairs([row.on_duty_mean for row in rows], x, y)
    busy = stairs([row.busy_mean for row in rows], x, y)
    parts += [path(duty, colour=INK, width=1.6), area(busy, 370, SERIES[0])]
    parts.append(path(busy, colour=SERIES[0], width=2.4))
    for row in rows:
        if row.busy_fraction is not None and row.hour % 2 == 0:
            words = percent(row.busy_fraction, 0)
            at = x(row.hour + 0.5)
            parts.append(text(at, 366, words, anchor="middle", size=10.5, halo=True))
    parts += [
        text(x(h), 388, f"{h:02d}:00", anchor="middle", size=11, colour=SOFT)
        for h in range(0, 24, 3)
    ]
    return chart(WIDE, 394, "The day hour by hour", parts)


def panel(title: str, top: int, x: Scale, most: float) -> list[str]:
    """Return the title and the axis of one of several charts under one another."""
    height = 80 if top < 200 else 100
    floor = top + 14 + height
    ticks = nice_ticks(most, 3)
    scale = Scale(0, ticks[-1], floor, top + 14)
    return [
        text(48, top, title, bold=True, size=13),
        left_axis(scale, ticks, 48, x(24)),
    ]


def stairs(values: Sequence[float], x: Scale, y: Scale) -> list[tuple[float, float]]:
    """Return a line that stays level for each hour."""
    points: list[tuple[float, float]] = []
    for hour, value in enumerate(values):
        points += [(x(hour), y(value)), (x(hour + 1), y(value))]
    return points


def queue_calendar(hours: Hours) -> tuple[str, list[tuple[str, str]]]:
    """Return a square for every hour of every day, darker for a longer queue; and its legend."""
    days = hours.waiting_by_day
    known = sorted(v for row in days for v in row if v is not None)
    steps = _classes(max(1.0, known[int(len(known) * 0.995)] if known else 1.0))
    shades = [RAMP[round(i * (len(RAMP) - 1) / (len(steps) - 2))] for i in range(len(steps) - 1)]
    cell_w, cell_h, left = (WIDE - 92) / 24, 15 if len(days) <= 40 else 9, 92
    first = date.fromisoformat(hours.first_day)
    parts = [
        text(left + (h + 0.5) * cell_w, 12, f"{h:02d}", size=11, anchor="middle", colour=SOFT)
        for h in range(24)
    ]
    for number, row in enumerate(days):
        day = first + timedelta(days=number)
        y = 18 + number * cell_h
        words = f"{day:%a} {day.day} {day:%b}"
        if cell_h > 10 or day.weekday() == 0:
            parts.append(text(left - 8, y + cell_h - 4, words, size=11, anchor="end"))
        for hour, value in enumerate(row):
            if value is not None:
                at = min(bisect_left(steps, value), len(shades)) - 1
                shade = "#f6f8fa" if value < 0.005 else shades[max(0, at)]
                note = f"{words} {hour:02d}:00: {value:.1f} waiting on average"
                x = left + hour * cell_w
                parts.append(box(x, y, cell_w - 1, cell_h - 1, colour=shade, note=note))
    bands = [
        (colour, f"{low:g} to {high:g}")
        for colour, (low, high) in zip(shades, pairwise(steps), strict=True)
    ]
    drawing = chart(WIDE, round(22 + len(days) * cell_h), "Queue by day and hour", parts)
    return drawing, [("#f6f8fa", "nobody waits"), *bands]


def _classes(high: float) -> list[float]:
    """Return the round bounds of as many classes as there are shades, or a few less."""
    least = high / len(RAMP)
    power = 10.0 ** floor(log10(least))
    step = next(power * tick for tick in CLASS_STEPS if power * tick >= least * 0.999)
    return [round(step * i, 10) for i in range(ceil(high / step - 1e-9) + 1)]


CLASS_STEPS: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0)


def hospital_board(boards: Sequence[HospitalHours], names: dict[str, str], most: int = 8) -> str:
    """Return crews at hospital doors through the day: bars for the mean, a line for the most."""
    shown = list(boards[:most])
    height = 96
    peak = max((max(board.most) for board in shown), default=1)
    x = Scale(0, 24, 300, WIDE - 10)
    parts: list[str] = []
    for row, board in enumerate(shown):
        top = row * height + 6
        floor = top + height - 26
        y = Scale(0, max(1, peak), floor, top + 4)
        name = names.get(board.hospital, board.hospital)
        parts.append(text(0, top + 22, _cut(name, NAME_LETTERS), bold=True))
        parts.append(text(0, top + 40, f"{count(board.handovers)} handovers", colour=SOFT))
        parts.append(left_axis(y, [0, peak], 300, x(24)))
        for hour, value in enumerate(board.mean):
            note = f"{hour:02d}:00 {value:.2f} crews on average, at most {board.most[hour]}"
            parts.append(
                box(
                    x(hour) + 1.5,
                    y(value),
                    x(1) - x(0) - 3,
                    floor - y(value),
                    colour=SERIES[0],
                    note=note,
                )
            )
        parts.append(path(stairs(list(board.most), x, y), colour=SERIES[1], width=1.4))
        parts += [
            text(x(h), floor + 14, f"{h:02d}", anchor="middle", size=10, colour=SOFT)
            for h in range(0, 25, 3)
        ]
    return chart(WIDE, max(20, len(shown) * height), "Crews at hospital doors by hour", parts)


def _cut(words: str, letters: int) -> str:
    return words if len(words) <= letters else words[: letters - 1] + "\N{HORIZONTAL ELLIPSIS}"


def shares(parts_of: Sequence[tuple[str, float, str]], unit: str = "h") -> str:
    """Return one bar divided into named shares; (words, amount, colour)."""
    total = sum(amount for _, amount, _ in parts_of) or 1.0
    x = 0.0
    drawn: list[str] = []
    for words, amount, colour in parts_of:
        width = WIDE * amount / total
        drawn.append(
            box(x, 4, width - 1.5, 30, colour=colour, note=f"{words}: {amount:,.0f} {unit}")
        )
        if width > 54:
            share = percent(amount / total, 0)
            ink = INK if colour in {LINE, "#f6f8fa", *RAMP[:3]} else "#fff"
            drawn.append(text(x + width / 2, 24, share, anchor="middle", colour=ink, bold=True))
        x += width
    return chart(WIDE, 38, ", ".join(words for words, _, _ in parts_of), drawn)
