from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.category import RANK, Category
from dispatch.domain.complaint import COMPLAINTS
from dispatch.domain.ids import IncidentId
from dispatch.policies.match_calls import (
    KnownIncident,
    Likelihood,
    MatchRules,
    NewReport,
    are_compatible,
    category_after_repeat,
    match_calls,
)
from maps.geo import LonLat

HERE = LonLat(-1.3, 50.7)
MINUTE = 60_000


def north(metres: float) -> LonLat:
    return LonLat(HERE.lon, HERE.lat + metres / 111_195)


def known(name: str = "I1", **changes: Any) -> KnownIncident:
    fields: dict[str, Any] = {"at": HERE, "reported_at_ms": 0, "complaint": "fall"}
    return KnownIncident(incident=IncidentId(name), **(fields | changes))


def report(minutes: float = 5, **changes: Any) -> NewReport:
    fields: dict[str, Any] = {"at": north(50), "complaint": "fall"}
    return NewReport(at_ms=round(minutes * MINUTE), **(fields | changes))


def test_close_in_place_and_time_with_the_same_complaint_is_likely() -> None:
    (match,) = match_calls(report(), [known()])
    assert match.likelihood is Likelihood.LIKELY
    assert match.why == "50 m away, 5 min ago, fall"


def test_too_far_too_late_or_another_complaint_is_no_match() -> None:
    assert match_calls(report(at=north(160)), [known()]) == []
    assert match_calls(report(181), [known()]) == []
    assert match_calls(report(31), [known(is_open=False)]) == []
    assert match_calls(report(complaint="dental_pain"), [known()]) == []
    assert match_calls(report(-1), [known()]) == []


def test_a_longer_wait_or_an_alike_complaint_is_possible() -> None:
    assert match_calls(report(45), [known()])[0].likelihood is Likelihood.POSSIBLE
    assert match_calls(report(complaint="collapse"), [known()])[0].likelihood is Likelihood.POSSIBLE
    assert match_calls(report(complaint=None), [known()])[0].likelihood is Likelihood.POSSIBLE


def test_a_provisional_place_widens_the_search_but_not_the_certainty() -> None:
    (match,) = match_calls(report(at=north(400), is_provisional=True), [known()])
    assert match.likelihood is Likelihood.POSSIBLE


def test_the_same_line_matches_wherever_it_rings_from() -> None:
    incident = known(lines=("L1",))
    (match,) = match_calls(report(at=north(5000), line="L1", complaint="fever"), [incident])
    assert match.likelihood is Likelihood.SAME_CALLER
    assert match_calls(report(at=None, line="L1"), [incident])[0].distance_m is None
    assert match_calls(report(at=None), [incident]) == []


def test_the_likeliest_come_first_and_only_a_few() -> None:
    incidents = [
        known("FAR", at=north(-90)),
        known("NEAR", at=north(60)),
        known("LINE", at=north(900), lines=("L",)),
        known("OLD", at=north(55), reported_at_ms=-60 * MINUTE),
        known("MORE", at=north(-95)),
    ]
    found = match_calls(report(line="L"), incidents, MatchRules(proposals_max=4))
    assert [match.incident for match in found] == ["LINE", "NEAR", "FAR", "MORE"]


@given(st.sampled_from(Category), st.sampled_from(Category))
def test_a_repeat_never_lowers_a_priority(was: Category, said: Category) -> None:
    after = category_after_repeat(was, said)
    assert RANK[after] == min(RANK[was], RANK[said])
    assert after == was or RANK[said] < RANK[was]


@given(st.sampled_from(sorted(COMPLAINTS)), st.sampled_from(sorted(COMPLAINTS)))
def test_compatibility_is_mutual(one: str, other: str) -> None:
    assert are_compatible(one, other) == are_compatible(other, one)
    assert are_compatible(one, one)
