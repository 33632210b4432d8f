"""Some trusts of a region, as a region of its own."""

import pytest

from benchmarks.region_part import region_of_trusts, trusts_of_version
from tests.benchmarks.simulator.test_home_trust import two_trusts
from tests.benchmarks.towns import a_town


def test_only_the_named_trusts_remain():
    part = region_of_trusts(two_trusts(), ["E"])
    assert [trust.code for trust in part.trusts] == ["E"]
    assert part.demand.id == ("place3", "place4", "place5", "place6")
    assert len(part.demand.population) == 4


def test_a_part_has_a_version_of_its_own():
    whole = two_trusts()
    west, east = region_of_trusts(whole, ["W"]), region_of_trusts(whole, ["E"])
    assert len({whole.version, west.version, east.version}) == 3
    assert region_of_trusts(whole, ["E", "W"]) is whole


def test_a_trust_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="Expected trusts of T1, was X"):
        region_of_trusts(a_town(), ["X"])
    with pytest.raises(ValueError, match="was none"):
        region_of_trusts(a_town(), [])


def test_the_trust_of_a_journal_is_found_by_its_version():
    whole = two_trusts()
    east = region_of_trusts(whole, ["E"])
    assert trusts_of_version(whole, east.version) == ("E",)
    assert trusts_of_version(whole, whole.version) == ()
    assert trusts_of_version(whole, "of another map") == ()
