"""Drawings that a reader must not be misled by: axes, edges, labels, scales."""

import dataclasses
import re

import msgspec
import numpy as np
import pytest

from benchmarks.metrics_hours import HourOfDay, Hours
from benchmarks.report import page
from benchmarks.report.charts import distribution, queue_calendar
from benchmarks.report.comparison_charts import Interval, forest, reached_by
from benchmarks.report.map_chart import Sheet, response_map, scale_bar
from benchmarks.report.svg import chart
from maps.geo import LonLat
from tests.benchmarks.towns import a_town


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


def hours_of(*waiting):
    hour = {"calls_per_day": 1.0, "waiting_mean": 0.0, "waiting_p90": 0.0, "on_duty_mean": 1.0}
    hour |= {"busy_mean": 0.0, "at_hospital_mean": 0.0, "at_hospital_p90": 0.0}
    return Hours(
        hours=tuple(HourOfDay(hour=n, **hour) for n in range(24)),
        first_day="2026-03-01",
        waiting_by_day=(tuple([*waiting, *([0.0] * 24)][:24]),),
    )


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (78.0, ["0 to 15", "15 to 30", "30 to 45", "45 to 60", "60 to 75", "75 to 90"]),
        (2.0, ["0 to 0.4", "0.4 to 0.8", "0.8 to 1.2", "1.2 to 1.6", "1.6 to 2"]),
        (0.01, ["0 to 0.2", "0.2 to 0.4", "0.4 to 0.6", "0.6 to 0.8", "0.8 to 1"]),
    ],
)
def test_the_calendar_of_queues_has_round_classes(most, expected):
    drawing, legend = queue_calendar(hours_of(most, most / 3))
    assert [words for _, words in legend[1:]] == expected
    colours = {words: colour for colour, words in legend}
    assert f'fill="{colours[expected[-1]]}"' in drawing or most < 1.0


def test_places_that_are_reached_soon_are_told_apart_on_the_map():
    town = a_town()
    counts = np.full(len(town.demand), 10)
    _, slow = response_map(town, counts, counts * 900)
    _, quick = response_map(town, counts, counts * np.arange(len(counts)) * 60)
    assert (slow[0][1], quick[0][1]) == ("up to 12 min", "up to 4 min")


def test_names_of_hospitals_stand_where_they_have_room():
    town = a_town(hospitals=(3, 5))
    counts = np.full(len(town.demand), 10)
    drawing, _ = response_map(town, counts, counts * 900)
    assert ">Hospital 3<" in drawing
    assert ">Hospital 5<" in drawing
    crowd = a_town(hospitals=(2, 3, 5))
    near = dataclasses.replace(
        crowd,
        hospitals=tuple(
            msgspec.structs.replace(site, at=LonLat(-0.7 + n / 1e5, 52.0))
            for n, site in enumerate(crowd.hospitals)
        ),
    )
    drawing, _ = response_map(near, counts, counts * 900)
    assert len(re.findall(r"<text [^>]*>Hospital \d<", drawing)) == 2
