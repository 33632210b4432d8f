"""A whole plan: points, units by hour, tables and the page."""

from __future__ import annotations

import csv
import re

import msgspec
import numpy as np
import pytest

from benchmarks.planning.demand import shared_out, trust_demands
from benchmarks.planning.drawing import plan_page
from benchmarks.planning.plan import (
    PlanSettings,
    StandbyPlan,
    instant_ms,
    nearest_minutes,
    plan_standby,
)
from benchmarks.planning.table import write_tables
from routing.engine import travel_times_for
from tests.benchmarks.planning.builders import a_planned_region

NOON = PlanSettings(hour=12, standard_min=4.0)


@pytest.fixture(scope="module")
def region():
    return a_planned_region(trusts=("R1F", "RX6"))


@pytest.fixture(scope="module")
def times(region):
    return travel_times_for(region)


def test_every_trust_gets_its_points_and_units(region, times):
    plan = plan_standby(region, times, {"R1F": 3, "RX6": 5}, {"R1F": 4, "RX6": 9}, NOON)

    assert [(t.trust, len(t.points)) for t in plan.trusts] == [("R1F", 3), ("RX6", 5)]
    for trust, units in zip(plan.trusts, (4, 9), strict=True):
        (hour,) = trust.hours
        assert hour.units == units
        assert sum(point.units[0] for point in trust.points) <= units
        assert sum(point.incident_share for point in trust.points) == pytest.approx(1.0)
        assert 0.0 < hour.expected_coverage <= hour.bound <= 1.0


def test_more_points_bring_units_nearer_than_the_one_old_station(region, times):
    few = plan_standby(region, times, {"R1F": 2}, {"R1F": 4}, NOON, ["R1F"]).trusts[0]
    many = plan_standby(region, times, {"R1F": 8}, {"R1F": 8}, NOON, ["R1F"]).trusts[0]

    assert many.reach.mean_min < few.reach.mean_min < few.existing.mean_min


def test_a_whole_day_has_24_hours_and_whole_shifts(region, times):
    settings = PlanSettings(standard_min=4.0, incidents_per_day=80.0)

    (trust,) = plan_standby(region, times, 4, 6, settings, ["R1F"]).trusts

    assert [hour.hour for hour in trust.hours] == list(range(24))
    assert sum(length * count for _, length, count in trust.shifts) <= 6 * 24
    assert all(len(point.units) == 24 for point in trust.points)
    units = np.array([point.units for point in trust.points]).sum(axis=0)
    assert (units <= [hour.units for hour in trust.hours]).all()
    assert trust.hours[13].units > trust.hours[4].units


def test_covering_may_choose_other_points_than_the_median(region, times):
    settings = msgspec.structs.replace(NOON, siting="mexclp")

    (trust,) = plan_standby(region, times, {"R1F": 3}, {"R1F": 6}, settings, ["R1F"]).trusts

    assert len(trust.points) <= 3
    assert trust.siting_gap < 1e-3


def test_totals_are_shared_out_by_incidents(region):
    demands = trust_demands(region, "2026-03")

    shares = shared_out(10, demands)

    assert sum(shares.values()) == 10
    assert min(shares.values()) >= 1
    with pytest.raises(ValueError, match="Expected at least 2, was 1"):
        shared_out(1, demands)


def test_the_same_question_has_the_same_answer(region, times):
    first, second = (plan_standby(region, times, 6, 9, NOON) for _ in range(2))

    assert msgspec.json.encode(first) == msgspec.json.encode(second)


def test_tables_and_page_hold_the_plan_and_ask_nothing_outside(region, times, tmp_path):
    plan = plan_standby(region, times, 6, 9, NOON)
    points, _, whole = write_tables(plan, tmp_path)
    nearest = nearest_minutes(plan, region, times)
    page = plan_page(plan, region, nearest)

    with points.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == sum(len(trust.points) for trust in plan.trusts)
    assert msgspec.json.decode(whole.read_bytes(), type=StandbyPlan) == plan
    assert page.count("<circle") == len(rows)
    assert not re.search(r"https?://|src=|@import|url\(", page)
    assert np.isfinite(nearest).all()


def test_a_number_for_every_trust_is_needed(region, times):
    with pytest.raises(ValueError, match="Expected a number for RX6, was none"):
        plan_standby(region, times, {"R1F": 3}, 9, NOON)


def test_instants_are_local_hours():
    from datetime import date

    assert instant_ms(date(2026, 7, 1), 12, "Europe/London") % 86_400_000 == 11 * 3_600_000
