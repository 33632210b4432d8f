"""A composed log: equal for equal seeds, true to what is published, near roads, on land."""

import math
from collections import Counter

import numpy as np
import pytest

from benchmarks import published
from benchmarks.call_log.assumptions import load_assumptions
from benchmarks.call_log.compose import Surge, compose
from benchmarks.call_log.places import scatter_of
from benchmarks.call_log.read import bounds_of, read_log
from benchmarks.call_log.streams import Stream
from benchmarks.call_log.write import write_log
from dispatch.domain.category import Category
from maps.facilities import Demand
from tests.benchmarks.call_log.regions import a_demand, a_region, two_streets

MARCH = 1_772_323_200_000
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def island():
    return compose(a_region(), "2026-03", 1)


def two_trusts():
    one, two = a_demand(50), a_demand(40, "RX6", 2_647_021, 540_569)
    both = Demand(
        id=tuple(f"p{i}" for i in range(90)),
        lon=np.concatenate([one.lon, two.lon]),
        lat=np.concatenate([one.lat, two.lat]),
        population=np.concatenate([one.population * 89 // 50, two.population]),
        aged_65_plus=np.concatenate([one.aged_65_plus * 89 // 50, two.aged_65_plus]),
        is_rural=np.zeros(90, dtype=np.bool_),
        trust=one.trust + two.trust,
    )
    return a_region(both, ("R1F", "RX6"))


def test_equal_seeds_give_equal_logs_on_every_version_of_python(island):
    assert island.log.sha256 == compose(a_region(), "2026-03", 1).log.sha256
    assert island.log.sha256 == "52ca51f7038dc7612b07ed5b38a881f720ae1a9e998478153a93814d24e1f2bd"


def test_another_seed_gives_another_log(island):
    assert compose(a_region(), "2026-03", 2).log.sha256 != island.log.sha256


def test_equal_seeds_give_equal_files(island, tmp_path):
    write_log(island.log, tmp_path / "a.csv")
    write_log(compose(a_region(), "2026-03", 1).log, tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_the_reader_finds_no_fault_in_a_composed_log(island, tmp_path):
    write_log(island.log, tmp_path / "a.parquet")
    reading = read_log(tmp_path / "a.parquet", bounds=bounds_of(a_region()))
    assert reading.rejects.count == 0
    assert reading.log.sha256 == island.log.sha256


def test_the_expected_number_is_the_published_one(island):
    assert island.expected_count == pytest.approx(2508, abs=0.5)
    assert abs(len(island.log) - 2508) < 5 * math.sqrt(2508)


def test_many_seeds_average_to_the_published_mix():
    counts, ends, n = Counter(), Counter(), 12
    for seed in range(n):
        for call in compose(a_region(), "2026-03", seed).log:
            counts[call.category] += call.outcome != "hear_and_treat"
            ends[call.outcome] += 1
    figures = published.month("R1F", "2026-03")
    for code, word in (("A115", "C1"), ("A119", "C2"), ("A11", "C3"), ("A12", "C4")):
        expected = figures.known(code) * n
        assert abs(counts[word] - expected) < 5 * math.sqrt(expected), word
    for code, word in (
        ("A53", "conveyed_to_ed"),
        ("A54", "conveyed_elsewhere"),
        ("A55", "see_and_treat"),
        ("A17", "hear_and_treat"),
    ):
        expected = figures.known(code) * n
        assert abs(ends[word] - expected) < 5 * math.sqrt(expected), word


def test_a_week_is_the_beginning_of_the_month(island):
    week = compose(a_region(), "2026-03", 1, days=7).log
    assert list(week) == list(island.log.calls(0, len(week)))


def test_a_log_may_begin_later_in_the_month(island):
    later = compose(a_region(), "2026-03", 1, first_day=10, days=2).log
    named = {call.incident_id: call for call in island.log}
    assert {call.incident_id[4:10] for call in later} == {"260310", "260311"}
    same = [named[call.incident_id] == call for call in later]
    assert np.mean(same) > 0.9


def test_each_trust_has_its_incidents_with_or_without_the_others():
    region = two_trusts()
    both = compose(region, "2026-03", 1, days=3).log
    alone = compose(region, "2026-03", 1, days=3, trusts=["R1F"]).log
    assert [c for c in both if c.trust == "R1F"] == list(alone)
    assert len(both) > 10 * len(alone)


def test_a_surge_adds_incidents_and_moves_none(island):
    surge = Surge(name="flu", factor=2.0, from_ms=MARCH + DAY_MS, to_ms=MARCH + 3 * DAY_MS)
    more = compose(a_region(), "2026-03", 1, surges=[surge]).log
    before = set(island.log)
    added = [call for call in more if call not in before]
    assert before <= set(more)
    assert 100 < len(added) < 240
    assert all(surge.from_ms <= call.received_at_ms < surge.to_ms for call in added)
    assert all("-flu-" in call.incident_id for call in added)


def test_a_lull_takes_incidents_away_and_moves_none(island):
    lull = Surge(
        name="lull",
        factor=0.5,
        from_ms=MARCH,
        to_ms=MARCH + 31 * DAY_MS,
        categories=(Category.C3,),
    )
    fewer = compose(a_region(), "2026-03", 1, surges=[lull]).log
    lost = set(island.log) - set(fewer)
    assert set(fewer) <= set(island.log)
    assert {call.category for call in lost} == {"C3"}
    assert len(lost) == pytest.approx(371, abs=60)


def test_a_surge_of_another_trust_changes_nothing(island):
    surge = Surge(name="s", factor=3.0, from_ms=0, to_ms=2 * MARCH, trusts=("RRU",))
    assert compose(a_region(), "2026-03", 1, surges=[surge]).log.sha256 == island.log.sha256


def test_the_day_has_its_shape(island):
    hours = Counter((call.received_at_ms // 3_600_000) % 24 for call in island.log)
    night = sum(hours[h] for h in range(1, 6))
    morning = sum(hours[h] for h in range(9, 14))
    assert morning > 2 * night


def test_the_day_on_which_the_clocks_go_forward_has_23_hours():
    log = compose(a_region(), "2026-03", 1, scale=20).log
    start = MARCH + 28 * DAY_MS
    sunday = [c for c in log if start <= c.received_at_ms < start + 23 * 3_600_000]
    monday = [c for c in log if start + 23 * 3_600_000 <= c.received_at_ms]
    assert {c.incident_id[4:10] for c in sunday} == {"260329"}
    assert {c.incident_id[4:10] for c in monday} == {"260330", "260331"}


def test_stamps_and_codes_follow_the_call(island):
    for call in island.log:
        assert call.call_answered_at_ms >= call.received_at_ms
        answered_s = (call.call_answered_at_ms - call.received_at_ms) / 1000
        assert call.coded_after_s >= answered_s - 0.06
        assert (call.segment is not None) == (call.category == "C2")
        assert call.pathway is None or call.outcome == "conveyed_to_ed"
        assert 1 <= call.responders_needed <= 3


def test_what_is_closed_by_telephone_is_never_segment_a(island):
    heard = [c for c in island.log if c.outcome == "hear_and_treat"]
    assert {c.segment for c in heard} <= {None, "B", "C"}
    assert "C1" not in {c.category for c in heard}


def test_repeat_callers_ring_from_where_they_were(island):
    by_caller = {}
    repeats = 0
    for call in island.log:
        first = by_caller.setdefault(call.caller_id, call)
        if first is not call:
            repeats += 1
            assert (call.lon, call.lat, call.age_years) == (first.lon, first.lat, first.age_years)
            assert call.category[0] == "C"
    assert 50 < repeats < 150


def test_a_region_with_half_of_the_people_has_half_of_the_incidents():
    half = a_region(a_demand(40, "R1F", 140_463 // 2, 41_023 // 2))
    composition = compose(half, "2026-03", 1)
    assert composition.expected_count == pytest.approx(2508 / 2, rel=0.01)
    assert "50.0% of the trust's people" in composition.notes[0]


def test_an_unpublished_trust_has_englands_incidents_per_person():
    region = a_region(a_demand(20, "XX1", 564_896, 104_000), ("XX1",))
    composition = compose(region, "2026-03", 1, days=2)
    assert "nothing is published" in composition.notes[0]
    assert composition.expected_count == pytest.approx(8118 * 2 / 31, rel=0.15)


def test_without_people_the_number_a_day_must_be_given():
    region = a_region(a_demand(20, "XX1", 0, 0), ("XX1",))
    with pytest.raises(ValueError, match="the number of incidents a day"):
        compose(region, "2026-03", 1)
    given = compose(region, "2026-03", 1, incidents_per_day=40.0)
    assert given.expected_count == pytest.approx(40 * 31, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"month": "2031-01"}, "2023-04 to 2026-03"),
        ({"month": "March"}, "a month such as 2026-03"),
        ({"days": 32}, "1 to 31 days"),
        ({"days": 0}, "1 to 31 days"),
        ({"first_day": 30, "days": 3}, "1 to 2 days from day 30"),
        ({"first_day": 32}, "first day from 1 to 31"),
        ({"scale": 0.0}, "scale above 0"),
        ({"trusts": ["RRU"]}, "was RRU"),
    ],
)
def test_what_cannot_be_composed_is_refused(change, message):
    arguments = {"month": "2026-03"} | change
    with pytest.raises(ValueError, match=message):
        compose(a_region(), arguments.pop("month"), 1, **arguments)


def test_scenes_lie_beside_the_nearest_street():
    demand = a_demand(2, "R1F", 140_463, 41_023)
    region = a_region(demand, roads=two_streets())
    scatter = scatter_of(region, load_assumptions())
    n = 2_000
    uniform = [Stream(1, name).uniform(n) for name in ("along", "across", "which")]
    lon, lat = scatter.scenes(np.zeros(n, dtype=np.int64), *uniform)
    # The bend at (-1.495, 50.602) parts the street into two legs of about 0.005 by 0.002 degree.
    on_leg = 50.602 - np.abs(lon + 1.495) * 0.4
    assert np.abs(lat - on_leg).max() < 0.0003
    assert lon.min() < -1.499
    assert lon.max() > -1.491


def test_a_place_without_streets_gives_scenes_close_to_it():
    region = a_region(a_demand(9))
    scatter = scatter_of(region, load_assumptions())
    uniform = [Stream(1, name).uniform(500) for name in ("a", "b", "c")]
    lon, lat = scatter.scenes(np.full(500, 4, dtype=np.int64), *uniform)
    assert np.abs(lon - region.demand.lon[4]).max() < 0.0006
    assert np.abs(lat - region.demand.lat[4]).max() < 0.0004


def test_older_places_have_more_incidents_and_older_patients():
    demand = a_demand(2, "R1F", 140_463, 41_023)
    old = Demand(
        id=demand.id,
        lon=demand.lon,
        lat=demand.lat,
        population=np.array([70_000, 70_000], dtype=np.int32),
        aged_65_plus=np.array([5_000, 36_000], dtype=np.int32),
        is_rural=demand.is_rural,
        trust=demand.trust,
    )
    log = compose(a_region(old), "2026-03", 1).log
    young_place = [c for c in log if c.lon < -1.48]
    old_place = [c for c in log if c.lon >= -1.48]
    assert len(old_place) > 1.5 * len(young_place)
    aged = [np.mean([c.age_years >= 65 for c in part]) for part in (young_place, old_place)]
    assert aged[1] > aged[0] + 0.2
