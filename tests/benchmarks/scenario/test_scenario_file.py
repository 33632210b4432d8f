"""Scenario files: readable, checked, stamped."""

import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import published
from benchmarks.scenario.scenario import Scenario
from benchmarks.scenario.scenario_file import (
    bundled_scenarios,
    load_scenario,
    read_scenario,
    stamped,
)

PLAIN = """
checksum = ""
title = "Plain"
description = "Nothing happens."
seed = 7

[log]
region = "grid"
month = "2026-03"
days = 3
"""


BAD_SHARES = (
    "[[major_incident]]\nname='a'\nat=2026-03-01T10:00:00\nlon=0\nlat=51\n"
    "trust='R1F'\npatients=10\ncategories={C1=0.5}"
)


def test_the_seven_scenarios_are_bundled():
    assert bundled_scenarios() == (
        "bank-holiday",
        "control-room-down",
        "flu-month",
        "hospital-stops-handovers",
        "major-incident",
        "trust-in-trouble",
        "winter-peak",
    )


@pytest.mark.parametrize("name", bundled_scenarios())
def test_each_bundled_scenario_is_whole_and_published(name):
    scenario = load_scenario(name)
    assert scenario.log.month in published.months()
    assert scenario.compare
    assert scenario.checksum.startswith("sha256:")
    changes = (scenario.demand, scenario.fleet, scenario.hospital)
    others = (scenario.call_room, scenario.major_incident)
    assert any(changes) or any(others)


@pytest.mark.parametrize("name", bundled_scenarios())
def test_a_changed_figure_is_noticed_and_a_changed_comment_is_not(name):
    folder = resources.files("benchmarks.scenario").joinpath("bundled")
    text = folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")
    read_scenario("# another comment\n" + text, name)
    seed = tomllib.loads(text)["seed"]
    with pytest.raises(ValueError, match="what the file says was changed"):
        read_scenario(text.replace(f"seed = {seed}", f"seed = {seed + 1}"), name)


def test_stamping_writes_the_checksum_and_nothing_else():
    text = stamped(PLAIN, "plain")
    assert read_scenario(text, "plain").title == "Plain"
    assert re.sub(r'checksum = ".*"', 'checksum = ""', text) == PLAIN
    assert stamped(text, "plain") == text


def test_a_file_without_a_checksum_is_stamped_at_its_head():
    text = PLAIN.replace('checksum = ""\n', "")
    assert stamped(text, "plain").startswith('checksum = "sha256:')
    with pytest.raises(ValueError, match="Expected a checksum in plain, was none"):
        read_scenario(text, "plain")


@given(st.integers(0, 2**31), st.integers(0, 2**31))
def test_equal_words_have_equal_checksums(one, other):
    first, second = (stamped(PLAIN.replace("seed = 7", f"seed = {n}"), "p") for n in (one, other))
    checksums = [read_scenario(text, "p").checksum for text in (first, second)]
    assert (checksums[0] == checksums[1]) == (one == other)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("weather = 'bad'", "unknown field `weather`"),
        ("[[demand]]\nname='a'\nfactor=-1", "'a' has factor -1.0"),
        (
            "[[fleet]]\nname='a'\nfactor=0.5\nfrom=2026-03-02T00:00:00\nto=2026-03-01T00:00:00",
            "fleet 'a' ends before it begins",
        ),
        (
            "[[fleet]]\nname='a'\nfactor=0.5\nfrom=2026-03-02T00:00:00Z",
            "times are local times",
        ),
        ("[[fleet]]\nname='a'\nfactor=0.5\nhours=[7, 30]", "hours outside 0 to 24"),
        (
            "[[call_room]]\nname='a'\ntrust='R1F'\nbuddies=['R1F']\ndelay_s=10",
            "needs buddies, and not itself",
        ),
        (
            "[[demand]]\nname='a'\nfactor=2\n[[demand]]\nname='a'\nfactor=3",
            "Two demand changes have one name",
        ),
        (
            BAD_SHARES,
            "do not add up to 1",
        ),
        ("title = ", "Expected TOML"),
    ],
)
def test_a_scenario_that_cannot_happen_is_refused(more, message):
    with pytest.raises(ValueError, match=message):
        stamped(more + PLAIN if message.startswith("unknown") else PLAIN + more, "plain")


def test_an_unknown_scenario_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="winter-peak, was comet"):
        load_scenario("comet")


def test_the_scenario_in_the_how_to_can_be_stamped_and_its_tables_exist():
    page = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "write-a-scenario.md"
    text = page.read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert read_scenario(stamped(block, "how-to"), "how-to").fleet[0].factor == 0.7
    named = set(re.findall(r"`\[\[(\w+)\]\]`", text))
    assert named == {"demand", "fleet", "hospital", "call_room", "major_incident"}
    assert named <= set(Scenario.__struct_fields__)


@pytest.mark.parametrize("line", ['checksum = ""\n', ""])
def test_a_file_without_a_checksum_is_told_how_to_get_one(line):
    text = PLAIN.replace('checksum = ""\n', line)
    with pytest.raises(ValueError, match=r"was none. `bluelight scenario stamp mine.toml`"):
        read_scenario(text, "mine.toml")
    assert read_scenario(stamped(text, "mine.toml"), "mine.toml").title == "Plain"


def test_a_changed_file_is_told_how_to_be_stamped_again():
    text = stamped(PLAIN, "mine.toml").replace("seed = 7", "seed = 8")
    with pytest.raises(ValueError, match=r"was changed. `bluelight scenario stamp mine.toml`"):
        read_scenario(text, "mine.toml")
