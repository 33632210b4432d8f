"""An ablation as a table: for the console and for the page."""

from __future__ import annotations

from benchmarks.ablation import Ablation, Row
from benchmarks.comparison_stats import Difference
from benchmarks.report import page
from benchmarks.report.wording import NOTHING, signed


def lines(found: Ablation) -> list[str]:
    """Return the table as lines of text."""
    head = f"{'term':<20}{'in ' + found.base:<12}{'C1 mean':>25}{'C2 mean':>25}{'C2 90th':>9}"
    rows = [
        f"What each term of {found.base} earns ({found.seeds} seeds): with it against without it.",
        f"{head}{'C3 mean':>25}  {'C2':<10}",
    ]
    rows += [
        f"{row.term:<20}{'on' if row.was_on else 'off':<12}{_mean(row, 'C1'):>25}"
        f"{_mean(row, 'C2'):>25}{_high(row):>9}{_mean(row, 'C3'):>25}  {row.verdict:<10}"
        for row in found.rows
    ]
    return rows


def section(found: Ablation) -> str:
    """Return the table as a section of a page."""
    head = ("term", "", "", "C1 mean", "C2 mean", "C2 90th", "C3 mean", "diversions", "C2 mean")
    rows = [
        (
            row.term,
            row.words,
            "on" if row.was_on else "off",
            _mean(row, "C1"),
            _mean(row, "C2"),
            _high(row),
            _mean(row, "C3"),
            signed(row.measures["diversions"].difference, 1),
            row.verdict,
        )
        for row in found.rows
    ]
    return page.section(
        f"What each term of {found.base} earns",
        page.paragraph(
            f"Each term of {found.base} switched in turn, on the same {found.seeds} seeds: "
            "responses with the term against those without it, in per cent, with paired 95 % "
            "intervals. Negative is faster thanks to the term. A term that is off is shown as it "
            "would be if it were on. The intervals are not corrected for several comparisons."
        ),
        page.table(head, rows, "words"),
    )


def _mean(row: Row, category: str) -> str:
    found: Difference | None = row.categories[category]
    if found is None:
        return NOTHING
    words = signed(found.mean_pct, 1)
    if found.mean_pct_lower is None or found.mean_pct_upper is None:
        return words
    return f"{words} ({signed(found.mean_pct_lower, 1)} to {signed(found.mean_pct_upper, 1)})"


def _high(row: Row) -> str:
    found = row.categories["C2"]
    return NOTHING if found is None else signed(found.p90_pct, 1)
