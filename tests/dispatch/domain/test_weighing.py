"""Numbers of the matching are checked where they come in."""

from __future__ import annotations

import pytest

from dispatch.domain.weighing import CoverRules, JointRules
from dispatch.engine import settings_from_json


@pytest.mark.parametrize("name", ["wait_s", "nearest_max", "crow_max"])
def test_a_matching_that_could_serve_nobody_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"Expected {name} of 1 or more, was 0"):
        JointRules(**{name: 0})


@pytest.mark.parametrize("name", ["switch_s", "gain_min_s", "spare_s", "diversions_max"])
def test_a_price_below_nought_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"Expected {name} of 0 or more, was -5"):
        JointRules(**{name: -5})


def test_more_candidates_cannot_enter_than_are_measured() -> None:
    with pytest.raises(ValueError, match="crow_max of nearest_max"):
        JointRules(crow_max=5, nearest_max=6)


def test_cover_is_not_measured_with_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="Expected gain_min of 0 or more, was nan"):
        CoverRules(gain_min=float("nan"))


def test_a_configuration_file_says_which_number_is_wrong() -> None:
    with pytest.raises(ValueError, match="nearest_max of 1 or more, was 0"):
        settings_from_json(b'{"joint": {"nearest_max": 0}}')
