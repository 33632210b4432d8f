"""AM.10: a redirected patient is handed a booked slot at the receiving service."""

from __future__ import annotations

import pytest

from dispatch.domain.category import Category
from dispatch.domain.ids import IncidentId, ReferralId
from dispatch.domain.referral import Consequence, Referral, booked, confirmed, refused
from dispatch.domain.service import ReferralMethod, Slot, SlotTakenError, released
from dispatch.domain.service import booked as taken
from tests.dispatch.redirection_builders import TUESDAY_NOON, T, a_patient, a_service, ask

MINUTE = 60_000


def test_am_10_the_slot_of_an_offer_is_booked_and_confirmed_or_given_back() -> None:
    centre = a_service(
        T.URGENT_TREATMENT_CENTRE, "UTC", books_slots=True, methods=(ReferralMethod.BARS,)
    )
    start = TUESDAY_NOON + 45 * MINUTE
    slot = Slot(id="1245", service=centre.id, starts_at_ms=start, ends_at_ms=start + 15 * MINUTE)
    offer = ask([centre], a_patient("wound"), slots={centre.id: (slot,)}).offers[0]
    assert offer.slot == slot
    assert offer.care_at_ms == start
    full = taken(slot)
    with pytest.raises(SlotTakenError):
        taken(full)
    referral = Referral(
        id=ReferralId("R"),
        incident=IncidentId("I"),
        service=offer.service,
        category=Category.C4,
        offered_at_ms=TUESDAY_NOON,
        fail_safe_at_ms=offer.fail_safe_at_ms,
        by="Nurse",
    )
    referral = booked(referral, slot.id, by="Nurse", now_ms=TUESDAY_NOON + MINUTE)
    assert referral.slot == "1245"
    assert referral.consequence is Consequence.WAITS
    yes = confirmed(referral, by="UTC", now_ms=TUESDAY_NOON + 2 * MINUTE)
    assert yes.consequence is Consequence.ENDS
    no = refused(referral, 31, by="UTC", now_ms=TUESDAY_NOON + 2 * MINUTE)
    assert no.consequence is Consequence.DISPATCHES
    assert released(full) == slot
