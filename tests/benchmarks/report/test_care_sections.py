"""What a page tells of redirection and of the telephone."""

import pytest

from benchmarks.metrics import measure
from benchmarks.metrics_care import CareMeasures
from benchmarks.metrics_sample import sample_of
from benchmarks.metrics_table import table_of
from benchmarks.replay import replay
from benchmarks.report.care_charts import fates_of, services_chart, steps_chart, within_chart
from benchmarks.report.care_sections import redirection, telephone
from benchmarks.report.run_report import RunReport, Source
from benchmarks.simulator.settings import call_behaviour, care_behaviour, world_settings
from dispatch.engine import settings_named
from tests.benchmarks.report.test_run_report import Page
from tests.benchmarks.towns import a_busy_day, a_town


@pytest.fixture(scope="module")
def run():
    world = world_settings(
        seed=3,
        care=care_behaviour(redirection=True, services=None),
        calls=call_behaviour(answering=True, handlers=0.5, buddies_after_s=None, down=None),
    )
    return replay(a_busy_day(150), a_town(), settings_named("default"), world)


def test_the_page_tells_of_the_telephone_hour_by_hour(run):
    found = measure(run)
    html = RunReport(run, found, table_of(run.records), Source("calls.csv")).html()
    assert Page(html).open == []
    assert "At the telephone" in html
    assert "The telephone hour by hour" in html
    assert "such as call answering" not in html
    assert len(found.telephone.hours) == 24
    assert sum(row.calls for row in found.telephone.hours) == len(run.telephone)
    assert sum(row.abandoned for row in found.telephone.hours) == found.telephone.total.abandoned


def test_the_page_tells_of_patients_who_were_redirected(run):
    found = measure(run)
    html = redirection(found.care)
    assert "Patients who need no ambulance" in html
    assert "held for a clinician" in html
    steps = found.care.services
    confirmed = {kind: row["confirmed"] for kind, row in steps.items() if "confirmed" in row}
    assert confirmed == found.care.confirmed


def test_where_nobody_rang_and_nobody_was_described_nothing_is_told():
    assert telephone(None, [], 1.0) == ""
    assert redirection(None) == ""


def test_every_referral_ends_in_one_way():
    found = fates_of(
        {
            "referred": 12,
            "confirmed": 7,
            "completed": 3,
            "returned": 1,
            "refused": 2,
            "withdrawn": 1,
        }
    )
    assert found["open"] == 3
    assert found["waiting"] == 2
    assert sum(found.values()) == 12


def test_charts_say_what_they_show():
    services = {"gp": {"referred": 4, "confirmed": 3, "completed": 3, "refused": 1}}
    drawing = services_chart(services)
    assert "GP: 3 seen by the service" in drawing
    assert "GP: 1 refused" in drawing
    assert "held: 1,200" in steps_chart([("held", 1200, "#000")])
    assert "75.0 %" in within_chart([0.0, 1.0, 2.0, 30.0], (5,))


def test_a_policy_that_refers_nobody_is_said_so():
    care = CareMeasures(
        counts={"patients_described": 3, "held_for_clinician": 2, "reviews": 1},
        results={"kept": 1},
        refusals={"23": 1},
        confirmed={},
        services={},
        validation=sample_of(table_of([]).response_ms),
        call_back=sample_of(table_of([]).response_ms),
        second_calls=0,
    )
    html = redirection(care)
    assert "0 referrals were made: the policy refers nobody" in html
    assert "Not clinically appropriate" in html
