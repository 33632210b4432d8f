"""Indicators: the identities of the published file, and figures counted by hand."""

import dataclasses

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.metrics import harm_c2_minutes, measure, part_of, to_builtins
from benchmarks.metrics_ambsys import ambsys
from benchmarks.metrics_hours import Clock
from benchmarks.metrics_places import equality, is_rural_tenth
from benchmarks.metrics_sample import centile, sample_of
from benchmarks.metrics_table import joined, table_of
from benchmarks.published import codes, definition
from benchmarks.replay import replay
from benchmarks.simulator.settings import WorldSettings
from dispatch.domain.category import Category
from dispatch.domain.clock import c1_transport_ms, response_ms
from dispatch.domain.ids import HospitalId, IncidentId, TrustCode
from dispatch.domain.incident import IncidentRecord, Outcome
from dispatch.engine import settings_named
from tests.benchmarks.towns import (
    HOUR,
    MIDNIGHT,
    MINUTE,
    a_busy_day,
    a_call,
    a_log,
    a_town,
    a_unit,
    at,
)

TOWN = a_town(a_unit("A1", 0), a_unit("A2", 3), a_unit("A3", 6), a_unit("R1", 3, kind="RRV"))


@pytest.fixture(scope="module")
def run():
    return replay(a_busy_day(60), TOWN, settings_named("b2"), WorldSettings(seed=2))


def a_record(category="C2", outcome=Outcome.CONVEYED_TO_ED, **more):
    """Return an incident: unit after 1 minute, there after 10, left at 30, 40 to 60 at hospital."""
    stamps = {
        "assigned_at_ms": 1,
        "responder_on_scene_at_ms": 10,
        "conveying_on_scene_at_ms": 10,
        "left_scene_at_ms": 30,
        "at_hospital_at_ms": 40,
        "handed_over_at_ms": 60,
    }
    conveyed = outcome in (Outcome.CONVEYED_TO_ED, Outcome.CONVEYED_ELSEWHERE)
    for name, minute in stamps.items():
        stamps[name] = MIDNIGHT + minute * MINUTE
        if not conveyed and name in ("left_scene_at_ms", "at_hospital_at_ms", "handed_over_at_ms"):
            stamps[name] = None
    known = {
        "incident": IncidentId("i"),
        "trust": TrustCode("T1"),
        "at": at(0),
        "category": Category(category),
        "first_category": Category(category),
        "segment": None,
        "pathway": None,
        "connected_at_ms": MIDNIGHT,
        "clock_start_at_ms": MIDNIGHT,
        "hospital": HospitalId("hospital3") if conveyed else None,
        "closed_at_ms": MIDNIGHT + 70 * MINUTE,
        "outcome": outcome,
        "units_allocated": 1,
        "units_arrived": 1,
        "diversions": 0,
        "aided_by": None,
    }
    return IncidentRecord(**(known | stamps | more))


def by_telephone(category="C5", outcome=Outcome.HEAR_AND_TREAT):
    nothing = dict.fromkeys(
        ("assigned_at_ms", "responder_on_scene_at_ms", "conveying_on_scene_at_ms"), None
    )
    return a_record(category, outcome, units_allocated=0, units_arrived=0, **nothing)


def indicators(*records):
    return ambsys(table_of(records))


def test_the_sums_of_the_published_file_hold(run):
    found = ambsys(table_of(run.records))
    assert found["A7"] == found["A17"] + found["A56"]
    assert found["A17"] == found["A18"] + found["A19"] + found["A21"] + found["A22"]
    assert found["A56"] == found["A53"] + found["A54"] + found["A55"]
    assert found["A8"] == found["A74"] + found["A78"] + found["A115"]
    assert found["A10"] == found["A75"] + found["A79"] + found["A119"]


def test_every_mean_is_its_total_over_its_count(run):
    found = ambsys(table_of(run.records))
    triples = (
        ("A8", "A24", "A25"),
        ("A9", "A27", "A28"),
        ("A10", "A30", "A31"),
        ("A11", "A33", "A34"),
        ("A140", "A141", "A142"),
    )
    for count, total, mean in triples:
        assert found[mean] == int(found[total] / found[count] + 0.5)


def test_every_code_is_one_that_is_published(run):
    found = ambsys(table_of(run.records))
    assert set(found) <= set(codes())
    for code, value in found.items():
        assert value is None or value >= 0
        assert definition(code).unit in ("count", "s", "s total")


def test_a_conveyed_c2_is_counted_where_it_belongs():
    found = indicators(a_record("C2"))
    expected = {"A7": 1, "A10": 1, "A119": 1, "A53": 1, "A56": 1, "A31": 600, "A43": 1, "A44": 1}
    assert {code: found[code] for code in expected} == expected
    assert (found["A140"], found["A142"], found["A144"], found["A145"]) == (1, 1200, 1, 0)


def test_requests_of_professionals_count_with_c1_and_c2():
    found = indicators(a_record("HCP1"), a_record("IFT2"), a_record("HCP3"))
    assert (found["A8"], found["A74"], found["A115"]) == (1, 1, 0)
    assert (found["A10"], found["A79"], found["A119"]) == (1, 1, 0)
    assert (found["A11"], found["A76"], found["A89"]) == (0, 1, 600)


def test_advice_by_telephone_is_hear_and_treat():
    found = indicators(by_telephone(), by_telephone("C3", Outcome.REFERRED))
    assert (found["A7"], found["A17"], found["A21"], found["A19"], found["A56"]) == (2, 2, 1, 1, 0)


def test_cancelled_calls_and_duplicates_are_no_incidents():
    found = indicators(by_telephone("C3", Outcome.CANCELLED), by_telephone("C3", Outcome.DUPLICATE))
    assert found["A7"] == 0


def test_the_c1_clock_stops_at_the_first_responder_and_c1t_at_the_ambulance():
    found = indicators(a_record("C1", responder_on_scene_at_ms=MIDNIGHT + 4 * MINUTE))
    assert (found["A25"], found["A28"]) == (240, 600)


def test_see_and_treat_has_no_handover():
    found = indicators(a_record("C2", Outcome.SEE_AND_TREAT))
    assert (found["A55"], found["A140"], found["A142"]) == (1, 0, None)


def test_a_handover_elsewhere_is_not_counted():
    assert indicators(a_record("C2", Outcome.CONVEYED_ELSEWHERE))["A140"] == 0


def test_the_table_agrees_with_the_cores_own_clock(run):
    table = table_of(run.records)
    for row, record in enumerate(run.records):
        assert table.response_ms[row] == (
            -1 if response_ms(record) is None else response_ms(record)
        )
        transport = c1_transport_ms(record)
        assert table.transport_ms[row] == (-1 if transport is None else transport)


@given(st.lists(st.integers(0, 100_000), min_size=1), st.integers(0, 100))
def test_the_centile_is_numpys_linear_one(values, percent):
    expected = np.quantile(np.array(values), percent / 100)
    assert centile(np.array(values), percent) == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.integers(-1, 10_000_000)))
def test_a_sample_leaves_absent_durations_out(durations):
    found = sample_of(np.array(durations, np.int64))
    known = [(d + 500) // 1000 for d in durations if d >= 0]
    assert found.count == len(known)
    assert found.total_s == sum(known)
    assert found.mean_s == (sum(known) / len(known) if known else None)


def test_tables_of_two_trusts_join(run):
    here = table_of(run.records)
    there = dataclasses.replace(here, trusts=("A0",))
    both = joined([here, there])
    assert both.trusts == ("A0", "T1")
    assert len(both.of_trust("A0")) == len(both.of_trust("T1")) == len(here)
    assert ambsys(both.of_trust("T1")) == ambsys(here)


def test_a_trust_without_incidents_has_figures_of_nothing():
    part = part_of(table_of([]), "T1")
    assert part.incidents == 0
    assert part.responses["C2"].mean_s is None
    assert part.diversion_share is None


def test_harm_grows_faster_than_waiting():
    # A minute of C2 costs 1 + 1/120, ten cost 10 + 100/120.
    short = harm_c2_minutes(table_of([a_record(responder_on_scene_at_ms=None)]))
    assert short == pytest.approx(10 + 100 / 120)


def test_busy_and_idle_hours_add_up(run):
    fleet = measure(run).fleet
    assert fleet.units == 4
    span_h = (run.ledger.end_ms - run.ledger.start_ms) / HOUR
    assert fleet.on_duty_h == pytest.approx(4 * span_h)
    assert 0 < fleet.busy_fraction < 1
    driving = fleet.drive_to_scene_h + fleet.drive_to_hospital_h + fleet.at_hospital_h
    assert driving < fleet.on_job_h < fleet.on_duty_h
    assert fleet.assignments == sum(record.units_allocated for record in run.records)


def test_the_hours_of_a_day_know_the_calls_and_the_queue(run):
    hours = measure(run).hours
    days = (run.ledger.end_ms - run.ledger.start_ms) / (24 * HOUR)
    assert sum(row.calls_per_day for row in hours.hours) * days == pytest.approx(len(run.records))
    assert any(row.waiting_mean > 0 for row in hours.hours)
    assert all(row.on_duty_mean == 3 for row in hours.hours)
    assert hours.first_day == "2026-03-01"


def test_a_period_holds_the_looks_from_its_start_to_before_its_end():
    clock = Clock(MIDNIGHT, MIDNIGHT + HOUR, "Europe/London")
    start, end = MIDNIGHT + 10 * MINUTE, MIDNIGHT + 20 * MINUTE
    counts = clock.counts(np.array([start]), np.array([end]))
    assert counts.tolist() == [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]


def test_the_rural_tenth_is_where_the_fewest_people_are():
    assert np.flatnonzero(is_rural_tenth(TOWN)).tolist() == [0]


def test_places_are_compared(run):
    found = equality(table_of(run.records), TOWN)
    assert (found.places, found.rural_places) == (7, 1)
    both = found.rural["C2"].count + found.other["C2"].count
    assert both == ambsys(table_of(run.records))["A10"]
    means = [place.mean_s for place in found.worst]
    assert means == sorted(means, reverse=True)
    assert all(place.count >= 5 for place in found.worst)


def test_everything_goes_into_json(run):
    text = msgspec.json.encode(to_builtins(measure(run)))
    assert b'"A31"' in text


def test_hear_and_treat_is_counted_under_its_own_code():
    calls = [
        a_call(10 * n, 1, code, outcome=outcome)
        for n, (code, outcome) in enumerate(
            (
                ("C2", "hear_and_treat"),
                ("C3", "hear_and_treat"),
                ("C4", "referred"),
                ("C5", "hear_and_treat"),
                ("C5", "referred"),
                ("C2", "see_and_treat"),
            )
        )
    ]
    run = replay(a_log(*calls), a_town(), settings_named("b2"), WorldSettings(noise=False))
    found = measure(run).total.indicators
    codes = ("A7", "A17", "A18", "A19", "A21", "A22", "A56", "A10")
    assert [found[code] for code in codes] == [6, 5, 2, 1, 1, 1, 1, 1]
