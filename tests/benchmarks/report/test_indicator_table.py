"""Counts of a week are not held against those of a month."""

import re

import pytest

from benchmarks.published import month
from benchmarks.report.indicator_table import indicators, other_volume

MARCH = month("Eng", "2026-03")


def cells_of(days):
    html = indicators({"A7": 17_000, "A25": 451, "A5": 30}, MARCH, days, knows_calls=True)
    rows = re.findall(r"<tr><td>(A\d+) .*?</td>.*?<td>([^<]*)</td></tr>", html)
    return dict(rows), html


@pytest.mark.parametrize("days", [30.0, 30.99, 31.0])
def test_a_month_is_compared_in_all(days):
    cells, html = cells_of(days)
    assert all(cells.values())
    assert "not compared" not in html


def test_of_a_week_only_times_are_compared():
    cells, html = cells_of(6.99)
    assert cells["A7"] == ""
    assert cells["A25"]
    assert "Calls of 7 days were replayed: counts and total times are not compared" in html


def test_without_a_published_month_nothing_is_compared():
    html = indicators({"A25": 451}, None, 7.0, knows_calls=False)
    assert "such as call answering" in html
    assert "not compared" not in html


def test_a_log_of_another_volume_is_told_to_be():
    a_day = MARCH["A7"] / 31
    assert other_volume(round(7 * a_day), 7.0, MARCH) == ""
    assert "this log has 571: its waits" in other_volume(4_000, 7.0, MARCH)
    assert "another load" in other_volume(round(14 * a_day), 7.0, MARCH)
    assert other_volume(20, 0.01, MARCH) == ""
