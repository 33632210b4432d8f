from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.ids import CallId
from dispatch.domain.recontact import WITHIN_MS, Contact, Likeness, earlier_contacts
from maps.geo import LonLat

HERE = LonLat(-1.3, 50.7)


def a_contact(name: str, at_ms: int = 0, **changes: Any) -> Contact:
    return Contact(call=CallId(name), at_ms=at_ms, **changes)


def test_a_day_is_24_hours_to_the_millisecond() -> None:
    earlier = a_contact("A", 0, patient="P")
    assert earlier_contacts(a_contact("B", WITHIN_MS, patient="P"), [earlier])
    assert not earlier_contacts(a_contact("B", WITHIN_MS + 1, patient="P"), [earlier])
    assert not earlier_contacts(a_contact("B", -1, patient="P"), [earlier])


def test_patient_line_and_place_link_in_this_order_of_certainty() -> None:
    now = a_contact("N", 100, patient="P", line="L", at=HERE, complaint="fall")
    history = [
        a_contact("A", 90, patient="P"),
        a_contact("B", 80, line="L"),
        a_contact("C", 70, at=LonLat(HERE.lon, HERE.lat + 0.0002), complaint="fall"),
        a_contact("D", 60, at=LonLat(HERE.lon, HERE.lat + 0.0004), complaint="fall"),
        a_contact("E", 50, at=HERE, complaint="fever"),
        a_contact("F", 40, patient="OTHER", line="L", at=HERE, complaint="fall"),
        a_contact("N", 30, patient="P"),
    ]
    links = earlier_contacts(now, history)
    assert [(link.call, link.likeness) for link in links] == [
        ("A", Likeness.SAME_PATIENT),
        ("B", Likeness.SAME_LINE),
        ("C", Likeness.SAME_PLACE),
    ]


def test_nothing_known_links_nothing() -> None:
    assert earlier_contacts(a_contact("B", 5), [a_contact("A", 1)]) == []
    assert earlier_contacts(a_contact("B", 5, at=HERE), [a_contact("A", 1, at=HERE)]) == []


@given(st.lists(st.tuples(st.integers(0, 2 * WITHIN_MS), st.sampled_from(["P", "Q"])), max_size=12))
def test_links_are_exactly_the_same_patients_of_the_last_day(seen: list[tuple[int, str]]) -> None:
    now = a_contact("N", 2 * WITHIN_MS, patient="P")
    history = [a_contact(f"C{i}", at_ms, patient=who) for i, (at_ms, who) in enumerate(seen)]
    wanted = sum(who == "P" and at_ms >= WITHIN_MS for at_ms, who in seen)
    assert len(earlier_contacts(now, history)) == wanted
