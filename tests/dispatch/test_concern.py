"""Whose patients and units an event concerns."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.concern import ROUND, concerned, neighbours, rounds_after
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Assign, SetTimer
from dispatch.domain.ids import IncidentId, PostId, TrustCode, UnitId
from dispatch.domain.incident import Outcome
from dispatch.domain.settings import AidScope
from dispatch.ports import Picture
from tests.dispatch.builders import NOON, a_unit, an_incident, at
from tests.dispatch.country import PLACES, a_country


def focus(dispatcher: Dispatcher, event: ev.Event) -> frozenset[TrustCode] | None:
    return concerned(Picture(dispatcher.state, dispatcher.travel, NOON), event)


def report(name: str, trust: str, category: Category = Category.C2) -> ev.IncidentReported:
    return an_incident(name, category, minutes=PLACES[trust], trust=trust)


def trusts(*names: str) -> frozenset[TrustCode]:
    return frozenset(TrustCode(name) for name in names)


def test_without_mutual_aid_an_event_concerns_its_own_trust() -> None:
    country = a_country(AidScope.SILO)
    country.handle(report("a", "NEAR"), NOON)
    assert focus(country, report("a", "NEAR")) == trusts("NEAR")
    assert focus(country, ev.TimerFired(timer="round:FAR", due_at_ms=NOON)) == trusts("FAR")


def test_with_aid_for_c1_trusts_in_which_a_c1_waits_join_in() -> None:
    country = a_country(AidScope.C1_NEAREST)
    for number in range(7):
        # Six units, so the last of these C1 has nobody.
        country.handle(report(f"far-{number}", "FAR", Category.C1), NOON)
    country.handle(report("a", "NEAR"), NOON)
    assert focus(country, report("a", "NEAR")) == trusts("NEAR", "FAR")


@pytest.mark.parametrize("scope", [AidScope.PRICED, AidScope.POOLED])
def test_trusts_that_weigh_their_units_together_are_those_that_are_near(scope: AidScope) -> None:
    country = a_country(scope)
    country.handle(report("a", "NEAR"), NOON)
    assert focus(country, report("a", "NEAR")) == trusts("NEAR", "NEXT")
    country.handle(report("b", "FAR"), NOON)
    assert focus(country, report("b", "FAR")) == trusts("FAR")


def test_what_concerns_nobody_in_particular_concerns_all() -> None:
    country = a_country(AidScope.SILO)
    assert focus(country, ev.TimerFired(timer=ROUND, due_at_ms=NOON)) is None
    assert focus(country, ev.TimerFired(timer="round:NOWHERE", due_at_ms=NOON)) is None
    assert focus(country, report("never reported", "NEAR")) is None
    assert rounds_after(None) == [ROUND]
    assert rounds_after(trusts("NEXT", "FAR")) == ["round:FAR", "round:NEXT"]


def test_the_event_that_ends_an_incident_concerns_its_trust_and_no_other() -> None:
    country = a_country(AidScope.SILO)
    country.handle(report("a", "NEAR"), NOON)
    over = ev.IncidentClosed(incident=IncidentId("a"), outcome=Outcome.HEAR_AND_TREAT)
    country.handle(over, NOON)
    assert focus(country, over) == trusts("NEAR")
    later = Picture(country.state, country.travel, NOON + 1)
    assert concerned(later, over) is None, "what ended before is not known any more"


def test_near_is_mutual_and_a_trust_without_posts_is_near_all() -> None:
    country = a_country(AidScope.POOLED)
    stranger = a_unit("S-1", trust="STRANGER", home=PostId("NEAR"))
    country.handle(ev.UnitSignedOn(unit=stranger, at=at(3), until_ms=None), NOON)
    near = neighbours(Picture(country.state, country.travel, NOON))
    assert near["NEAR"] == trusts("NEXT", "STRANGER")  # type: ignore[index]
    for one, others in near.items():
        assert one not in others
        assert all(one in near[other] for other in others if other in near)


def test_a_released_unit_is_looked_at_again_in_its_trust() -> None:
    country = a_country(AidScope.SILO, assign="joint")
    for number in range(3):
        country.handle(report(f"c3-{number}", "NEXT", Category.C3), NOON)
    ended = country.handle(
        ev.IncidentClosed(incident=report("c3-0", "NEXT").incident, outcome="cancelled"),  # type: ignore[arg-type]
        NOON,
    )
    timers = [d.timer for d in ended.decisions if isinstance(d, SetTimer)]
    assert "round:NEXT" in timers
    assert ROUND not in timers


@settings(deadline=None, max_examples=25)
@given(
    days=st.lists(
        st.tuples(
            st.sampled_from(sorted(PLACES)),
            st.sampled_from([Category.C1, Category.C2, Category.C3]),
            st.integers(0, 40),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_a_trust_that_stands_alone_decides_as_if_the_others_were_not_there(days) -> None:
    reports = [
        an_incident(f"i{number}", category, minutes=PLACES[trust] + ahead, trust=trust)
        for number, (trust, category, ahead) in enumerate(days)
    ]
    together = orders_of(a_country(AidScope.SILO), reports)
    for trust in PLACES:
        own = [event for event in reports if event.trust == trust]
        names = {event.incident for event in own}
        alone = orders_of(a_country(AidScope.SILO), own)
        assert [order for order in together if order[0] in names] == alone


def orders_of(
    country: Dispatcher, reports: list[ev.IncidentReported]
) -> list[tuple[IncidentId, UnitId]]:
    decisions = [d for event in reports for d in country.handle(event, NOON).decisions]
    return [(d.incident, d.unit) for d in decisions if isinstance(d, Assign)]
