"""Charts of redirection and of the telephone: where patients went, how calls were answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.metrics_care import AnswerHour
from benchmarks.report.charts import WIDE, panel, stairs
from benchmarks.report.palette import INK, LINE, SERIES, SOFT
from benchmarks.report.svg import Scale, area, box, chart, nice_ticks, path, text
from benchmarks.report.wording import count, percent

LABEL: Final = 300
"""Room for words before a bar."""
ROW: Final = 30

FATES: Final = (
    ("completed", "seen by the service", SERIES[2]),
    ("open", "taken, not yet seen", SERIES[5]),
    ("not_attended", "did not come", SERIES[4]),
    ("returned", "given back for an ambulance", SERIES[1]),
    ("refused", "refused", SERIES[3]),
    ("withdrawn", "withdrawn by the control room", SOFT),
    ("waiting", "no answer in time", LINE),
)
"""Ends of a referral: how steps are named, what they mean, and their colour."""


def steps_chart(steps: Sequence[tuple[str, int, str]]) -> str:
    """Return a bar for each step on the way to a service: words, patients, colour."""
    most = max((number for _, number, _ in steps), default=1) or 1
    x = Scale(0, most, LABEL, WIDE - 120)
    parts: list[str] = []
    for row, (words, number, colour) in enumerate(steps):
        top = row * ROW
        parts.append(text(LABEL - 10, top + 19, words, anchor="end", size=13))
        note = f"{words}: {count(number)}"
        parts.append(box(LABEL, top + 5, x(number) - LABEL, ROW - 10, colour=colour, note=note))
        parts.append(text(x(number) + 8, top + 19, count(number), size=13, bold=True))
    return chart(WIDE, len(steps) * ROW + 4, "Steps on the way to a service", parts)


def fates_of(steps: Mapping[str, int]) -> dict[str, int]:
    """Return how many referrals to a type of service ended in each way of `FATES`.

    A referral that was taken and given back is given back; one that was taken and of which
    nothing more was heard is open.
    """
    found = {name: steps.get(name, 0) for name, _, _ in FATES}
    after = found["completed"] + found["not_attended"] + found["returned"]
    found["open"] = max(0, steps.get("confirmed", 0) - after)
    answered = steps.get("confirmed", 0) + found["refused"] + found["withdrawn"]
    found["waiting"] = max(0, steps.get("referred", 0) - answered)
    return found


def services_chart(services: Mapping[str, Mapping[str, int]]) -> str:
    """Return a bar for each type of service: to how many it was offered, and how they ended."""
    rows = sorted(services.items(), key=lambda row: (-row[1].get("referred", 0), row[0]))
    totals = [sum(fates_of(steps).values()) for _, steps in rows]
    x = Scale(0, max(totals, default=1) or 1, LABEL, WIDE - 120)
    parts: list[str] = []
    for row, (kind, steps) in enumerate(rows):
        top, at = row * ROW, float(LABEL)
        parts.append(text(LABEL - 10, top + 19, spoken(kind), anchor="end", size=13))
        found = fates_of(steps)
        for name, words, colour in FATES:
            width = x(found[name]) - LABEL
            if found[name]:
                note = f"{spoken(kind)}: {found[name]} {words}"
                parts.append(box(at, top + 5, width - 1, ROW - 10, colour=colour, note=note))
                at += width
        parts.append(text(at + 8, top + 19, count(totals[row]), size=13, bold=True))
    return chart(WIDE, len(rows) * ROW + 4, "Referrals by service", parts)


def spoken(word: str) -> str:
    """Return a word of the engine as people say it.

    Examples
    --------
    >>> spoken("urgent_treatment_centre"), spoken("gp_out_of_hours")
    ('Urgent treatment centre', 'GP out of hours')
    """
    words = word.replace("_", " ")
    return ("GP" + words[2:]) if words.startswith("gp") else words[:1].upper() + words[1:]


def telephone_chart(hours: Sequence[AnswerHour], days: float) -> str:
    """Return calls, the share abandoned, and times to answer by hour of the day."""
    x = Scale(0, 24, 48, WIDE - 10)
    calls = [row.calls / days for row in hours]
    parts = [*panel("Calls an hour, and those abandoned", 16, x, max(calls))]
    y = Scale(0, nice_ticks(max(calls), 3)[-1], 110, 30)
    for row in hours:
        left, gone = x(row.hour) + 2, row.abandoned / days
        share = row.abandoned / row.calls if row.calls else 0.0
        note = f"{row.hour:02d}:00 {row.calls / days:.1f} calls, {percent(share)} abandoned"
        width = x(1) - x(0) - 4
        parts.append(
            box(
                left,
                y(row.calls / days),
                width,
                110 - y(row.calls / days),
                colour=SERIES[5],
                note=note,
            )
        )
        parts.append(box(left, y(gone), width, 110 - y(gone), colour=SERIES[1], note=note))
    means = [row.mean_s or 0.0 for row in hours]
    highs = [row.p95_s or 0.0 for row in hours]
    most = max(1.0, *means, *highs)
    parts += panel("Seconds to answer: mean, and 95th centile", 136, x, most)
    y = Scale(0, nice_ticks(most, 3)[-1], 230, 150)
    high = stairs(highs, x, y)
    parts += [area(high, 230, SERIES[0]), path(high, colour=SERIES[0], width=1, dash="3 3")]
    parts.append(path(stairs(means, x, y), colour=SERIES[0], width=2.4))
    parts += [
        text(x(h), 250, f"{h:02d}:00", anchor="middle", size=11, colour=SOFT)
        for h in range(0, 24, 3)
    ]
    return chart(WIDE, 256, "The telephone hour by hour", parts)


def within_chart(waits_s: Sequence[float], limits_s: Sequence[int]) -> str:
    """Return the share of answered calls that was answered within each of some limits."""
    parts: list[str] = []
    x = Scale(0, 1, LABEL, WIDE - 120)
    for row, limit in enumerate(limits_s):
        share = sum(wait <= limit for wait in waits_s) / len(waits_s) if waits_s else 0.0
        top = row * 24
        parts.append(
            text(
                LABEL - 10,
                top + 16,
                f"within {limit} s" if limit else "at once",
                anchor="end",
                size=12.5,
            )
        )
        parts.append(box(LABEL, top + 4, x(1) - LABEL, 16, colour=LINE))
        parts.append(box(LABEL, top + 4, x(share) - LABEL, 16, colour=SERIES[0]))
        parts.append(text(x(1) + 8, top + 16, percent(share), size=12.5, colour=INK))
    return chart(WIDE, len(limits_s) * 24 + 4, "Calls answered within so many seconds", parts)
