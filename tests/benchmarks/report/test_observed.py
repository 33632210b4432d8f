"""A log that says when crews arrived is held beside the run of it."""

import dataclasses

import numpy as np

from benchmarks.call_log.schema import ABSENT_MS
from benchmarks.metrics import measure
from benchmarks.metrics_table import table_of
from benchmarks.replay import replay
from benchmarks.report.observed import observed_of, section
from benchmarks.report.run_report import RunReport, Source
from dispatch.engine import settings_named
from tests.benchmarks.towns import MINUTE, a_busy_day, a_town


def with_arrivals(log, minutes):
    arrived = np.where(
        np.arange(len(log)) % 10 == 0, ABSENT_MS, log.received_at_ms + minutes * MINUTE
    )
    return dataclasses.replace(log, instants={"first_on_scene_at": arrived})


def test_arrivals_of_the_log_stand_beside_those_of_the_run():
    log = with_arrivals(a_busy_day(150), 8)
    observed = observed_of(log)
    assert observed
    assert {sample.mean_s for sample in observed.values()} == {480.0}
    run = replay(log, a_town(), settings_named("b2"))
    html = RunReport(
        run, measure(run), table_of(run.records), Source("calls.csv", observed=observed)
    ).html()
    assert "Beside what happened" in html
    assert "8:00" in html
    assert "The standards are those of England." in html


def test_a_log_without_arrivals_has_nothing_to_compare():
    assert observed_of(a_busy_day(150)) == {}
    assert observed_of(with_arrivals(a_busy_day(20), 8)) == {}
    assert section({}, table_of([])) == ""
