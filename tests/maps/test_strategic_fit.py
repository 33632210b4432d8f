"""The fit of link times, on a made-up country whose times are known."""

from __future__ import annotations

import numpy as np
import pytest

from maps.strategic_fit import FitSettings, agreement, entries, fit_links
from maps.strategic_model import PaceModel
from maps.strategic_places import people_per_km2
from tests.maps.strategic_worlds import links_of, made_up_times, some_places


@pytest.fixture(scope="module")
def world():
    places = some_places()
    return places, links_of(places), made_up_times(places)


def held_out(fit, published):
    rows = published.is_held_out
    return agreement(fit.minutes[rows], published.minutes.T[rows])


def test_the_fit_brings_unseen_hospitals_near(world):
    places, links, published = world

    start = fit_links(places, links, published, FitSettings(rounds=1))
    fitted = fit_links(places, links, published, FitSettings(rounds=150))

    assert held_out(start, published).median_error_pct > 10.0
    assert held_out(fitted, published).median_error_pct < 4.0
    assert held_out(fitted, published).correlation > 0.99


def test_held_out_hospitals_do_not_touch_the_fit(world):
    places, links, published = world
    spoiled = published.minutes.copy()
    spoiled[:, published.is_held_out] = 999.0
    other = type(published)(
        published.postcode,
        published.easting_m,
        published.northing_m,
        spoiled,
        published.is_held_out,
    )

    first = fit_links(places, links, published, FitSettings(rounds=20))
    second = fit_links(places, links, other, FitSettings(rounds=20))

    np.testing.assert_array_equal(first.link_min, second.link_min)


def test_equal_input_gives_equal_times(world):
    places, links, published = world

    first, second = (fit_links(places, links, published, FitSettings(rounds=20)) for _ in range(2))

    np.testing.assert_array_equal(first.link_min, second.link_min)


def test_progress_is_told_each_round(world):
    places, links, published = world
    told = []

    fit_links(places, links, published, FitSettings(rounds=5), lambda n, e: told.append((n, e)))

    assert [number for number, _ in told] == [0, 1, 2, 3, 4]
    assert told[-1][1] < told[0][1]


def test_gradients_are_the_derivatives_of_link_times(world):
    places, links, _ = world
    model = PaceModel(links, places.plane_m, people_per_km2(places))
    parameters = model.start()
    random = np.random.default_rng(5)
    weight = random.random(len(links))

    gradients = model.gradients(weight)

    for name, array in parameters.arrays().items():
        spot = np.unravel_index(np.argmax(np.abs(gradients[name])), array.shape)
        base = float(np.log(model.link_min(parameters)) @ weight)
        array[spot] += 1e-6
        change = float(np.log(model.link_min(parameters)) @ weight) - base
        array[spot] -= 1e-6
        assert change / 1e-6 == pytest.approx(gradients[name][spot], rel=1e-4)


def test_a_facility_enters_at_the_nearest_places(world):
    places, _, _ = world

    place, minutes = entries(places.plane_m, places.plane_m[:2] + 1.0)

    assert place[:, 0].tolist() == [0, 1]
    assert (np.diff(minutes, axis=1) >= 0.0).all()


def test_agreement_counts_only_known_journeys_under_the_limit():
    found = agreement(
        np.array([11.0, 20.0, np.inf, 90.0]), np.array([10.0, 20.0, 30.0, 100.0]), 60.0
    )

    assert found.journeys == 2
    assert found.median_error_pct == pytest.approx(5.0)
    assert found.median_error_min == pytest.approx(0.5)


def test_agreement_over_nothing_is_refused():
    with pytest.raises(ValueError, match="Expected at least 2 journeys to compare, was 0"):
        agreement(np.array([np.nan]), np.array([1.0]))
