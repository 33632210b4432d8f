"""The safety of redirection through the one core: who is never redirected, and nobody is lost."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.admit_care import BarredError
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain import event_call as call
from dispatch.domain import event_care as care
from dispatch.domain.call import CallDisposition
from dispatch.domain.category import RANK, Category, Segment
from dispatch.domain.complaint import COMPLAINTS, RED_FLAGS
from dispatch.domain.decision_care import HoldForClinician, OfferServices, Refer
from dispatch.domain.ids import CallId, IncidentId, ReferralId, ServiceId
from dispatch.domain.incident import Outcome
from dispatch.domain.redirection import Protocol, RedirectRules
from dispatch.domain.service import CapacityLevel
from dispatch.domain.service_type import Referrer, ServiceType
from dispatch.domain.unit import UnitStatus
from dispatch.domain.validation import ValidationResult
from dispatch.domain.welfare import WelfareResult
from dispatch.journal import entry_of, to_line
from dispatch.policies.tables import POLICIES
from dispatch.rejection import RejectedEventError
from tests.dispatch.builders import TRUST, a_unit, an_incident, at
from tests.dispatch.care_room import WELFARE, CareRoom, every, ranked
from tests.dispatch.redirection_builders import a_patient
from tests.properties.test_any_day import check

EVERYTHING = ranked(
    RedirectRules(
        p_serious_max=1.0,
        missed_harm=0.0,
        recontact_min=0.0,
        protocols=(
            Protocol(
                name="all",
                types=tuple(ServiceType),
                complaints=tuple(COMPLAINTS),
                switched_on_by="Dr A",
            ),
        ),
    ),
    welfare=WELFARE,
)
"""A trust that has switched on everything that can be."""


def refuses(room: CareRoom, name: str) -> bool:
    for who in Referrer:
        try:
            room.refer(name, "CLINIC", f"{name}-{who}", who)
        except BarredError:
            continue
        except RejectedEventError:
            return False
        return False
    return True


@pytest.mark.parametrize("category", Category)
def test_no_category_1_or_2a_and_no_repeat_caller_is_referred_by_the_core(
    category: Category,
) -> None:
    room = CareRoom(EVERYTHING)
    cases = itertools.product((None, *Segment), COMPLAINTS, (0, 1, 3))
    for number, (segment, complaint, contacts) in enumerate(cases):
        name = f"I{number}"
        room.report(name, category, segment=segment)
        patient = a_patient(complaint, 40, earlier_contacts_24h=contacts)
        entry = room.describe(name, patient)
        rank = RANK[category]
        is_immediate = rank == 1 or (rank == 2 and segment not in (Segment.B, Segment.C))
        if is_immediate or contacts or rank == 2:
            assert every(entry, Refer) == []
        if is_immediate:
            assert every(entry, OfferServices) == []
            assert every(entry, HoldForClinician) == []
            assert refuses(room, name)
        assert IncidentId(name) in room.state.waiting
        room.tell(ev.IncidentClosed(incident=IncidentId(name), outcome=Outcome.CANCELLED))
        room.state.care.contacts.rows.clear()


@pytest.mark.parametrize("flag", RED_FLAGS)
def test_no_red_flag_is_referred_by_the_core(flag: str) -> None:
    room = CareRoom(EVERYTHING)
    for number, complaint in enumerate(COMPLAINTS):
        name = f"I{number}"
        room.report(name, Category.C5)
        entry = room.describe(name, a_patient(complaint, 40, red_flags=(flag,)))
        assert every(entry, Refer) == []
        assert every(entry, OfferServices) == []
        assert refuses(room, name)
        room.tell(ev.IncidentClosed(incident=IncidentId(name), outcome=Outcome.CANCELLED))


incidents = st.sampled_from([IncidentId(f"I{i}") for i in range(4)])
calls = st.sampled_from([CallId(f"C{i}") for i in range(3)])
referrals = st.sampled_from(
    [ReferralId(f"R{i}") for i in range(4)] + [ReferralId(f"I{i}-P1") for i in range(4)]
)
services = st.sampled_from([ServiceId(s) for s in ("LIFT", "CLINIC", "UTC", "SDEC", "CAS")])
patients = st.builds(
    a_patient,
    st.sampled_from(["fall", "wound", "cellulitis", "suicidal_thoughts", "chest_pain"]),
    st.just(70),
    red_flags=st.sampled_from([(), (), (), ("syncope",)]),
    pseudonym=st.sampled_from([None, "p", "q"]),
)
by = {"by": "x"}
EVENTS: tuple[Any, ...] = (
    st.builds(
        lambda i, c, s, m: lambda now: an_incident(i, c, segment=s, minutes=m, now_ms=now),
        incidents,
        st.sampled_from(list(Category)),
        st.sampled_from([None, *Segment]),
        st.integers(0, 20),
    ),
    st.builds(
        care.PatientDescribed,
        incident=incidents,
        patient=patients,
        asked_by=st.sampled_from(list(Referrer)),
    ),
    st.builds(
        care.ReferralOffered,
        referral=referrals,
        incident=incidents,
        service=services,
        asked_by=st.sampled_from(list(Referrer)),
        by=st.just("x"),
    ),
    st.builds(care.ReferralConfirmed, referral=referrals, by=st.just("x")),
    st.builds(
        care.ReferralRefused, referral=referrals, code=st.sampled_from([22, 99, 7]), by=st.just("x")
    ),
    st.builds(care.ReferralReturned, referral=referrals, by=st.just("x"), reason=st.just("r")),
    st.builds(care.ReferralCompleted, referral=referrals, by=st.just("x")),
    st.builds(care.ReferralNotAttended, referral=referrals, by=st.just("x")),
    st.builds(care.ReferralWithdrawn, referral=referrals, by=st.just("x"), reason=st.just("r")),
    st.builds(care.ValidationStarted, incident=incidents, clinician=st.just("n")),
    st.builds(
        care.ClinicianReviewed,
        incident=incidents,
        clinician=st.just("n"),
        result=st.sampled_from(list(ValidationResult)),
        new_category=st.sampled_from([None, Category.C1, Category.C4]),
    ),
    st.builds(
        care.WelfareCalled,
        incident=incidents,
        by=st.just("d"),
        result=st.sampled_from(list(WelfareResult)),
    ),
    st.builds(
        care.ServiceCapacityReported,
        service=services,
        by=st.just("m"),
        level=st.sampled_from(list(CapacityLevel)),
    ),
    st.builds(ev.IncidentClosed, incident=incidents, outcome=st.just(Outcome.CANCELLED)),
    st.builds(
        lambda u, s: lambda now: ev.UnitStatusReported(unit=u, status=s, reported_at_ms=now),
        st.sampled_from(["A", "B"]),
        st.sampled_from(list(UnitStatus)),
    ),
    st.builds(call.CallPresented, call=calls, trust=st.just(TRUST), caller=st.just("line")),
    st.builds(call.CallAnswered, call=calls, by=st.just(TRUST), handler=st.just("h")),
    st.builds(call.CallAbandoned, call=calls),
    st.builds(
        call.CallEnded,
        call=calls,
        disposition=st.sampled_from(list(CallDisposition)),
        incident=st.one_of(st.none(), incidents),
    ),
    st.builds(call.IncidentsMatched, incident=incidents, into=incidents, by=st.just("h")),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 12), st.one_of(*EVENTS)), min_size=20, max_size=70))
def test_whatever_a_day_brings_nobody_is_lost_and_it_replays(day: list[tuple[int, Any]]) -> None:
    room = CareRoom(EVERYTHING)
    for name in ("A", "B"):
        room.tell(ev.UnitSignedOn(unit=a_unit(name), at=at(3)))
    reported: set[str] = set()
    for wait, made in day:
        room.wait(wait)
        event = made(room.now_ms) if callable(made) else made
        before = room.state.digest()
        try:
            room.tell(event)
        except RejectedEventError:
            assert room.state.digest() == before
            continue
        if isinstance(event, ev.IncidentReported):
            reported.add(event.incident)
        check(room.state)
        _check_care(room, reported)
    room.wait(48 * 60)
    assert not room.state.care.referrals.rows
    assert not room.state.care.referred.rows
    again = Dispatcher(room.travel, POLICIES)
    for entry in room.entries:
        recorded = entry_of(to_line(entry))
        assert again.handle(recorded.event, recorded.now_ms) == entry
    assert again.state.digest() == room.state.digest()


def _check_care(room: CareRoom, reported: set[str]) -> None:
    """Assert that every incident is open or has ended, and every referral has one consequence."""
    state = room.state
    ended = {record.incident for record in state.closed}
    assert reported == set(state.incidents) | ended
    assert not set(state.care.referred.rows) & set(state.incidents)
    for care_row in state.care.by_incident.rows.values():
        in_picture = care_row.incident in state.incidents
        assert in_picture or care_row.incident in state.care.referred.rows
        if care_row.validation is not None and care_row.validation.is_open:
            assert in_picture
            assert f"validation:{care_row.incident}" in state.timers
    for referral in state.care.referrals.rows.values():
        if referral.is_open:
            assert referral.incident in state.incidents
            assert state.timers[f"referral:{referral.id}"] == referral.fail_safe_at_ms
