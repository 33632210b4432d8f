"""Drawings that a reader must not be misled by: axes, edges, labels, scales."""

import re

import numpy as np
import pytest

from benchmarks.report import page
from benchmarks.report.charts import distribution
from benchmarks.report.comparison_charts import Interval, forest, reached_by
from benchmarks.report.map_chart import Sheet, scale_bar
from benchmarks.report.svg import chart


def heights_of(drawing):
    return [float(h) for h in re.findall(r'<rect [^>]*height="([\d.]+)"', drawing)]


def test_times_in_whole_minutes_leave_no_gaps_between_bars():
    minutes = np.repeat(np.arange(1, 21), 5) * 60
    drawing = distribution("C1", minutes, [(420.0, "mean standard")], "#000")
    notes = re.findall(r"<title>(\d+:\d\d) to (\d+:\d\d): 5</title>", drawing)
    assert ("1:00", "2:00") in notes
    assert len(notes) >= 18
    assert len(set(heights_of(drawing)[:18])) == 1


def test_times_to_the_second_have_finer_bars():
    seconds = np.arange(1, 1200)
    drawing = distribution("C1", seconds, [(420.0, "mean standard")], "#000")
    assert len(heights_of(drawing)) == 40


def test_a_figure_is_never_drawn_outside_its_axis():
    rows = [
        Interval("pool", -48.3, -163.9, 67.3, "#111"),
        Interval("aid", -5.0, -9.0, -1.0, "#222"),
    ]
    drawing = forest("Mean", [("C2", rows)])
    ticks = [float(x) for x in re.findall(r'<line x1="([\d.]+)"', drawing)]
    dots = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawing)]
    assert all(190.0 < x < 860.0 for x in dots)
    assert min(ticks) >= 190.0


def test_an_interval_that_goes_on_beyond_the_axis_ends_in_arrows():
    vague = Interval("pool", -10.0, -163.9, 67.3, "#111")
    narrow = Interval("aid", -5.0, -9.0, -1.0, "#222")
    assert forest("Mean", [("C2", [vague])]).count("goes on beyond the axis") == 2
    assert "goes on beyond the axis" not in forest("Mean", [("C2", [narrow])])


def test_limits_close_to_each_other_are_named_under_one_another():
    limits = [(1080.0, "standard"), (2400.0, "90 % standard")]
    times = np.linspace(0.0, 12_000.0, 50)
    drawing = reached_by("C2", [("b2", times, "#111")], limits)
    places = {
        words: float(y)
        for y, words in re.findall(r'y="([\d.]+)"[^>]*>((?:90 % )?standard)</text>', drawing)
    }
    assert abs(places["standard"] - places["90 % standard"]) >= 12


@pytest.mark.parametrize(("longest_s", "unit"), [(3_000.0, "minutes"), (90_000.0, "hours")])
def test_a_long_axis_counts_hours(longest_s, unit):
    drawing = reached_by("C3", [("b2", np.linspace(0.0, longest_s, 50), "#111")])
    assert f">{unit}</text>" in drawing


@pytest.mark.parametrize("across", [0.2, 1.0, 6.0])
def test_a_map_says_how_far_is_far(across):
    sheet = Sheet(np.array([-1.0, -1.0 + across]), np.array([52.0, 52.0 + across]))
    drawing = scale_bar(sheet)
    (km,) = re.findall(r">([\d.]+) km</text>", drawing)
    (start, end) = re.findall(r'<line x1="([\d.]+)" [^>]*x2="([\d.]+)"', drawing)[0]
    assert 60.0 <= float(end) - float(start) <= 260.0
    # A pixel is the same length in both directions.
    assert float(km) / (float(end) - float(start)) == pytest.approx(
        sheet.pixel_degrees * 111.2, rel=0.02
    )


def test_wide_drawings_stay_readable_on_a_narrow_screen_and_tables_do_not_run_out_of_it():
    assert 'class="wide"' in chart(1060, 10, "day", [])
    assert 'class="wide"' not in chart(1060, 10, "map", [], shrinks=True)
    assert 'class="wide"' not in chart(520, 10, "half", [])
    assert page.table(("a",), [("1",)]).startswith('<div class="scroll"><table>')
