"""Posts and assumed fleets of the trusts."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.facilities import Post
from maps.geo import LonLat
from maps.strategic_fleet import (
    SHIFT_HOURS,
    SHIFT_STARTS,
    assumed_fleet,
    hour_shares,
    planned_post_counts,
    read_posts,
    shift_starts,
)
from maps.strategic_places import read_places
from maps.strategic_trusts import trust_facts
from tests.maps.strategic_worlds import some_places


def on_duty(starts):
    return np.array(
        [sum(starts[(hour - back) % 24] for back in range(SHIFT_HOURS)) for hour in range(24)]
    )


def test_the_shares_of_the_day_sum_to_one_and_peak_by_day():
    shares = hour_shares()

    assert shares.sum() == pytest.approx(1.0)
    assert 11 <= int(shares.argmax()) <= 16
    assert 2 <= int(shares.argmin()) <= 6


@settings(max_examples=10, deadline=None)
@given(st.floats(2.0, 300.0))
def test_shifts_follow_the_hours_wanted(mean_units):
    wanted = hour_shares() * 24.0 * mean_units

    starts = shift_starts(wanted)

    assert set(np.flatnonzero(starts).tolist()) <= set(SHIFT_STARTS)
    gap = np.abs(on_duty(starts) - wanted)
    assert gap.mean() <= max(1.0, 0.06 * mean_units)


@pytest.fixture(scope="module")
def fleet():
    places = some_places(40)
    codes = [row["code"] for row in trust_facts()]
    posts = [
        Post(
            id=f"{code}-P{number}",
            name="post",
            trust=code,
            at=LonLat(float(places.lon[number]), float(places.lat[number])),
        )
        for code in codes
        for number in range(3)
    ]
    # Places of every trust lie on one another: only the numbers matter here.
    trust_of = [codes[row % len(codes)] for row in range(len(places))]
    return assumed_fleet(places, trust_of, posts), posts


def test_every_trust_has_units_and_all_are_marked_assumed(fleet):
    units, posts = fleet
    assert {unit.trust for unit in units} == {row["code"] for row in trust_facts()}
    assert all(unit.assumed for unit in units)
    assert len({unit.id for unit in units}) == len(units)
    home_trust = {post.id: post.trust for post in posts}
    assert all(home_trust[unit.home] == unit.trust for unit in units)
    assert 3_000 < len(units) < 4_500


def test_units_are_ambulances_with_some_cars_and_shifts_of_twelve_hours(fleet):
    units, _ = fleet
    kinds = Counter(unit.kind for unit in units)
    assert kinds["DCA"] > 8 * kinds["RRV"] > 0
    for unit in units:
        (shift,) = unit.shifts
        assert (shift.end_min - shift.start_min) % 1_440 == SHIFT_HOURS * 60


def test_one_post_sees_day_and_night(fleet):
    units, _ = fleet
    starts = Counter(unit.shifts[0].start_min for unit in units if unit.home == "RRU-P0")
    assert len(starts) > 4


def test_a_trust_without_posts_is_named():
    places = some_places(5)
    with pytest.raises(ValueError, match="Expected a post of trust R1F for its units, was none"):
        assumed_fleet(places, ["R1F"] * 5, [])


def test_known_stations_are_known_and_planned_points_assumed(data_folder):
    folder = data_folder / "england"
    posts = read_posts(folder, read_places(folder))

    stations = [post for post in posts if post.is_station]
    assert {post.trust for post in stations} == {"RYC"}
    assert len(stations) == 80
    planned = Counter(post.trust for post in posts if post.assumed)
    assert planned == {code: n for code, n in planned_post_counts().items() if n}
    assert list(posts) == sorted(posts, key=lambda post: post.id)
