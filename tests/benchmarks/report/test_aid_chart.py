"""Aid between trusts: counted once, and drawn as a matrix."""

import msgspec

from benchmarks.metrics_aid import aid_flows
from benchmarks.metrics_table import table_of
from benchmarks.replay import replay
from benchmarks.report.aid_chart import aid_matrix
from benchmarks.simulator.settings import WorldSettings
from dispatch.engine import settings_named
from tests.benchmarks.towns import a_busy_day, a_town

NAMES = {"RX6": "North East Ambulance Service NHS Foundation Trust", "RX8": "Yorkshire"}


def test_without_aid_there_are_no_flows():
    run = replay(a_busy_day(20), a_town(), settings_named("b2"), WorldSettings(seed=1))
    assert aid_flows(table_of(run.records)) == {}


def test_flows_add_up_to_the_incidents_with_help():
    run = replay(a_busy_day(20), a_town(), settings_named("b2"), WorldSettings(seed=1))

    helped = [
        msgspec.structs.replace(record, aided_by="T2" if number % 3 else "T3")
        for number, record in enumerate(run.records)
    ]
    flows = aid_flows(table_of(helped))
    assert set(flows) == {"T2", "T3"}
    assert sum(flows["T2"].values()) == sum(1 for n in range(len(helped)) if n % 3)
    assert sum(n for row in flows.values() for n in row.values()) == len(helped)


def test_the_matrix_shows_who_gave_and_who_took():
    drawn = aid_matrix({"RX6": {"RX8": 1_234}, "RX8": {"RX6": 34}}, NAMES)
    assert "1,234" in drawn
    assert "+1,200" not in drawn
    assert "+1200" in drawn
    assert "\N{MINUS SIGN}1200" in drawn
    assert "Yorkshire helped North East" in drawn


def test_a_matrix_without_flows_is_empty_and_whole():
    drawn = aid_matrix({}, NAMES)
    assert drawn.startswith("<svg")
    assert drawn.endswith("</svg>")
