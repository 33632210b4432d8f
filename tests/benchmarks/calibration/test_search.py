"""The search for crews, on a world whose answer is known, and on a small real one."""

from math import exp

import pytest

from benchmarks.calibration.crews import TrustCrews
from benchmarks.calibration.search import at_crews, crews_at, fitted
from benchmarks.calibration.trial import Trial, figures_of
from benchmarks.published import month
from benchmarks.replay import travel_times
from dispatch.engine import settings_named
from maps.region_file import load_region


class World:
    """A trust whose C2 and C1 means follow a law: what a search has to find out."""

    region = load_region("isle-of-wight")
    travel = None
    settings = None
    seed = 1
    incidents = 900

    def __init__(self):
        self.tried = []

    def counting(self, incidents):
        self.counted = incidents
        return self

    def published(self, name):
        return figures_of(name, month("R1F", name).values)

    def modelled(self, name, crews):
        self.tried.append((name, crews))
        was = self.published(name)
        level = crews.responders / len(self.region.posts) + crews.cars - 1.0
        return type(was)(
            **{field: getattr(was, field) for field in was.__struct_fields__}
            | {
                "c2_mean_s": was.c2_mean_s * (0.72 / crews.day) ** 5,
                "c1_mean_s": was.c1_mean_s * exp(-0.3 * (level - 0.4)) * (0.72 / crews.day) ** 0.4,
            }
        )


def test_a_fleet_that_gives_both_means_is_found():
    crews, pairs = fitted(World(), ["2026-01", "2026-02"], evaluations=12)
    assert crews.day == pytest.approx(0.72, rel=0.01)
    assert crews.night == crews.day
    assert crews.responders == pytest.approx(4, abs=1)
    assert [pair.published.month for pair in pairs] == ["2026-01", "2026-02"]


def test_a_search_begins_at_given_crews_on_all_incidents_of_all_months():
    world, start = World(), TrustCrews(day=0.74, night=0.74, responders=3, part_time=True)
    found, _ = fitted(world, ["2026-01", "2026-02"], evaluations=8, start=start)
    assert world.tried[0] == ("2026-01", start)
    assert world.counted == world.incidents
    assert len(world.tried) <= 2 * 4
    assert found.day == pytest.approx(0.72, rel=0.01)


def test_crews_and_points_of_the_search_are_each_others_inverse():
    points = ({"day": 0.8, "night": 0.8, "responders": 4}, {"cars": 0.6})
    for crews in (TrustCrews(**point, part_time=True) for point in points):
        assert crews_at(at_crews(crews, 10), 10) == crews
    low = at_crews(TrustCrews(day=0.01, night=0.01), 10)
    assert crews_at(low, 10).day == 0.3


def test_levels_below_none_take_cars_away():
    assert crews_at((0.0, -0.25), 10) == TrustCrews(cars=0.75, part_time=True)
    assert crews_at((0.0, 0.25), 10) == TrustCrews(responders=2, part_time=True)


def test_there_must_be_months():
    with pytest.raises(ValueError, match="was 0 and 8"):
        fitted(World(), [])


def test_more_units_answer_sooner_on_the_same_calls():
    region = load_region("isle-of-wight")
    trial = Trial(region, travel_times(region), settings_named("b2"), seed=1, incidents=200)
    few, many = (trial.modelled("2026-03", TrustCrews(day=f, night=f)) for f in (0.7, 1.5))
    assert few.incidents == many.incidents
    assert few.incidents == pytest.approx(trial.published("2026-03").incidents / 31 * 3, rel=0.3)
    assert few.c2_mean_s > many.c2_mean_s
    assert few == trial.modelled("2026-03", TrustCrews(day=0.7, night=0.7))
