"""Shifts of a day equal complete enumeration on short days."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.planning.hourly_fleet import expected_met, hourly_fleet, met_incidents

HOURS = 5


def best_of_all(rates, job_h, unit_hours, length):
    """Return the most incidents met over every number of shifts that starts in each hour."""
    most = unit_hours // length
    best = 0.0
    for starts in product(range(most + 1), repeat=HOURS):
        if sum(starts) * length > unit_hours:
            continue
        units = [
            sum(n for start, n in enumerate(starts) if (hour - start) % HOURS < length)
            for hour in range(HOURS)
        ]
        best = max(best, expected_met(rates, job_h, units))
    return best


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.0, 4.0), min_size=HOURS, max_size=HOURS),
    st.floats(0.3, 2.0),
    st.integers(2, 9),
    st.integers(1, 3),
)
def test_the_shifts_are_as_good_as_the_best_of_all(rates, job_h, unit_hours, length):
    unit_hours = max(unit_hours, length)

    fleet = hourly_fleet(rates, job_h, unit_hours, shift_hours=(length,))

    best = best_of_all(rates, job_h, unit_hours, length)
    assert fleet.value == pytest.approx(best, rel=2e-4, abs=1e-6)
    assert fleet.bound >= best - 1e-6
    assert sum(length * count for _, length, count in fleet.shifts) <= unit_hours
    assert fleet.value == pytest.approx(expected_met(rates, job_h, fleet.units))


def test_more_units_are_on_duty_when_more_happens():
    rates = [1.0] * 12 + [6.0] * 12

    fleet = hourly_fleet(rates, 1.5, 24 * 8)

    assert min(fleet.units[13:23]) > max(fleet.units[1:11])


def test_shifts_start_only_at_the_hours_allowed():
    fleet = hourly_fleet([3.0] * 24, 1.5, 24 * 6, start_hours=(6, 18))

    assert {start for start, _, _ in fleet.shifts} <= {6, 18}


def test_met_incidents_follow_erlangs_loss_formula():
    # Two erlangs: B(1) = 2/3, B(2) = 2/5, by hand.
    assert met_incidents(2.0, 1.0, 2) == pytest.approx([0.0, 2.0 / 3.0, 6.0 / 5.0])


@given(st.floats(0.0, 50.0), st.floats(0.1, 3.0))
def test_each_further_unit_meets_less_than_the_one_before(rate, job_h):
    met = met_incidents(rate, job_h, 60)
    assert (np.diff(met) >= -1e-9).all()
    assert (np.diff(met, n=2) <= 1e-9).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"incidents_per_hour": [1.0, -1.0, 1.0]}, "not negative"),
        ({"incidents_per_hour": []}, "finite and not negative"),
        ({"job_h": 0.0}, "Expected a positive job_h, was 0.0"),
        ({"shift_hours": (4,)}, r"Expected shifts of 1 to 3 hours, was \[4\]"),
        ({"start_hours": (3,)}, r"Expected starts from 0 to 2, was \[3\]"),
        ({"unit_hours": 1}, "Expected unit_hours for one shift of 2 h, was 1"),
    ],
)
def test_bad_days_are_refused(change, said):
    day = {
        "incidents_per_hour": [1.0, 1.0, 1.0],
        "job_h": 1.0,
        "unit_hours": 6,
        "shift_hours": (2,),
    } | change
    with pytest.raises(ValueError, match=said):
        hourly_fleet(**day)
