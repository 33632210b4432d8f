"""Fates: everything is drawn before the first event, and what the log brings is used."""

import numpy as np
import pytest

from benchmarks.published import month
from benchmarks.simulator.fate import ABSENT, fates
from benchmarks.simulator.settings import WorldSettings
from dispatch.domain.incident import Outcome
from tests.benchmarks.towns import a_busy_day, a_call, a_log

MONTH = "2026-03"


def drawn(log, **settings):
    return fates(log, ["R1F"] * len(log), MONTH, WorldSettings(**settings))


def many(category, count=4000):
    return a_log(*(a_call(category=category) for _ in range(count)))


def test_an_incident_meets_the_same_fate_in_another_log():
    calls = [a_call(minute, id=f"x{minute}") for minute in range(5)]
    whole, part = drawn(a_log(*calls)), drawn(a_log(*calls[3:]))
    assert whole.scene_ms[3:] == part.scene_ms
    assert whole.travel_factor[3:] == part.travel_factor


def test_another_seed_is_another_world():
    log = a_busy_day()
    assert drawn(log, seed=1).scene_ms == drawn(log, seed=1).scene_ms
    assert drawn(log, seed=1).scene_ms != drawn(log, seed=2).scene_ms


def test_what_the_log_brings_is_used():
    log = a_log(
        a_call(scene_s=600.0, travel_s=120.5, handover_s=7.0, outcome="see_and_treat"), a_call()
    )
    fate = drawn(log)
    assert (fate.scene_ms[0], fate.travel_ms[0], fate.handover_ms[0]) == (600_000, 120_500, 7_000)
    assert fate.outcome[0] is Outcome.SEE_AND_TREAT
    assert fate.travel_ms[1] == ABSENT
    assert fate.scene_ms[1] != 600_000


def test_a_column_that_is_not_believed_is_drawn():
    log = a_log(a_call(scene_s=1.0, travel_s=1.0))
    fate = drawn(log, ignored_columns=("scene_s", "travel_s"))
    assert fate.scene_ms[0] > 1000
    assert fate.travel_ms[0] == ABSENT


def test_without_noise_equal_patients_take_equally_long():
    fate = drawn(a_log(*(a_call(outcome="conveyed_to_ed") for _ in range(5))), noise=False)
    assert len(set(fate.scene_ms)) == len(set(fate.handover_ms)) == len(set(fate.clear_ms)) == 1
    assert set(fate.travel_factor) == {1.0}
    assert set(fate.mobilisation_ms) == {60_000}


def test_journeys_take_on_average_what_routing_says():
    fate = drawn(many("C2"))
    assert np.mean(fate.travel_factor) == pytest.approx(1.0, abs=0.02)
    assert np.std(np.log(fate.travel_factor)) == pytest.approx(0.25, abs=0.01)


def test_mobilisation_has_the_mean_of_the_settings():
    assert np.mean(drawn(many("C2")).mobilisation_ms) == pytest.approx(60_000, rel=0.03)


def test_patients_are_conveyed_as_published():
    counts = {"C1": 139, "C2": 1192, "C3": 707, "C4": 37}
    log = a_log(*(a_call(category=c) for c, n in counts.items() for _ in range(2 * n)))
    published = month("R1F", MONTH)
    conveyed = [
        o in (Outcome.CONVEYED_TO_ED, Outcome.CONVEYED_ELSEWHERE) for o in drawn(log).outcome
    ]
    expected = (published.known("A53") + published.known("A54")) / published.known("A56")
    # HCP and IFT requests, of whom more are conveyed, are not in this log.
    assert expected - 0.06 < np.mean(conveyed) < expected + 0.01


def test_a_c5_is_closed_by_telephone():
    assert set(drawn(many("C5", 5)).outcome) == {Outcome.HEAR_AND_TREAT}


def test_handover_elsewhere_is_short():
    to_ed = drawn(a_log(*(a_call(outcome="conveyed_to_ed", id=f"p{i}") for i in range(900))))
    other = drawn(a_log(*(a_call(outcome="conveyed_elsewhere", id=f"p{i}") for i in range(900))))
    assert np.mean(other.handover_ms) == pytest.approx(540_000, rel=0.08)
    assert np.mean(to_ed.handover_ms) == pytest.approx(1_056_000, rel=0.08)
