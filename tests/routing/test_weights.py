"""Edge times are whole milliseconds, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from maps.road_network import Access
from maps.speeds import load_profile
from routing.weights import UNREACHABLE_MS, DriveMode, checked_weights, edge_weights
from tests.routing.builders import a_network, street


def test_two_unreachable_times_fit_the_same_integer():
    doubled = np.int32(UNREACHABLE_MS) + np.int32(UNREACHABLE_MS)
    assert doubled == 2 * UNREACHABLE_MS


def test_blue_lights_are_never_slower_than_ordinary_driving():
    network = a_network([street(0, 1, 60_000)])
    profile = load_profile()
    for hour_class in range(len(profile.hour_classes)):
        lights = edge_weights(network, profile, DriveMode.BLUE_LIGHT, hour_class)
        ordinary = edge_weights(network, profile, DriveMode.ORDINARY, hour_class)
        assert (lights <= ordinary).all()


def test_an_edge_that_a_mode_may_not_use_is_impassable_for_it():
    gate = a_network([street(0, 1, 60_000, access=Access.BLUE_LIGHT)])
    profile = load_profile()
    assert (edge_weights(gate, profile, DriveMode.ORDINARY, 0) == UNREACHABLE_MS).all()
    assert (edge_weights(gate, profile, DriveMode.BLUE_LIGHT, 0) < UNREACHABLE_MS).all()


@pytest.mark.parametrize(
    ("weights", "complaint"),
    [
        ([1, -1, 3], "edge 1, was -1"),
        ([1.0, 2.0, float("nan")], "edge 2, was nan"),
        ([1.5, 2.0, 3.0], "edge 0, was 1.5"),
        ([1, 2, 2**31], "edge 2, was 2147483648"),
        ([1, 2], "Expected 3 edge times in ms, was shape"),
        (["1", "2", "3"], "Expected whole edge times in ms, was dtype"),
    ],
)
def test_an_absurd_time_is_refused_by_the_edge_that_has_it(weights, complaint):
    with pytest.raises(ValueError, match=complaint):
        checked_weights(weights, 3)


def test_whole_times_pass_whatever_their_type():
    assert checked_weights([0.0, 7.0], 2).tolist() == [0, 7]
    assert checked_weights(np.array([0, UNREACHABLE_MS]), 2).dtype == np.int32
