"""The page of a scenario: what is different, where, when and by how much, in words."""

from datetime import date

import pytest

from benchmarks.report.scenario_report import ScenarioReport
from benchmarks.scenario.scenario_file import bundled_scenarios, load_scenario


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "trust-in-trouble",
            ("RX9", "30 % fewer units", "11 March 2026 06:00 to 12 March 2026 18:00"),
        ),
        ("winter-peak", ("more incidents",)),
        ("flu-month", ("5 January 2026 00:00 to 12", "handovers 15 % longer", "10 % fewer bays")),
        ("hospital-stops-handovers", ("takes no handovers",)),
        ("control-room-down", ("answer, ", " s later")),
        ("major-incident", ("patients within",)),
    ],
)
def test_what_is_different_is_said_in_words(name, words):
    page = ScenarioReport(load_scenario(name), {}).html()
    assert all(word in page for word in words), name
    assert " x 0." not in page


def test_every_bundled_scenario_says_its_month():
    for name in bundled_scenarios():
        said = load_scenario(name)
        month = f"{date.fromisoformat(said.log.month + '-01'):%B %Y}"
        assert month in ScenarioReport(said, {}).html(), name
