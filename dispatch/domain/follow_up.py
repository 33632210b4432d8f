"""Follow-up alerts: who is told that a patient was not conveyed, and by when they should act."""

from __future__ import annotations

from typing import Final

import msgspec

from dispatch.domain.ids import IncidentId, ServiceId
from dispatch.domain.incident import Outcome
from dispatch.domain.local_time import HOUR_MS
from dispatch.domain.patient import Patient
from dispatch.domain.referral import Referral, ReferralStatus

FOLLOW_UP_MS: Final = 24 * HOUR_MS
"""By when a patient who was left at home is followed up. Assumed: a day."""

URGENT_FOLLOW_UP_MS: Final = 4 * HOUR_MS
"""The same for a repeat or frail patient, or one who did not come. Assumed: four hours."""

FRAIL_CFS: Final = 5
"""From this Clinical Frailty Scale a patient is frail (Rockwood's scale: 5, living with mild
frailty)."""

NOT_CONVEYED: Final = frozenset({Outcome.SEE_AND_TREAT, Outcome.HEAR_AND_TREAT, Outcome.REFERRED})
"""Outcomes after which the patient stays where they are."""


class FollowUp(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An alert that a patient was not conveyed (AM.01).

    ``to`` is the service that knows the patient best; None: the trust's own follow-up desk.
    ``is_overdue`` says that it was due and the desk was told so, once.
    """

    incident: IncidentId
    to: ServiceId | None
    due_at_ms: int
    why: str
    is_overdue: bool = False


def follow_up(
    incident: IncidentId,
    outcome: Outcome,
    patient: Patient,
    closed_at_ms: int,
    referral: Referral | None = None,
) -> FollowUp | None:
    """Return the alert that follows from how an incident ended; None when conveyed or cancelled.

    A completed referral needs no other alert: the service has seen the patient. A patient who did
    not come is looked for soon.
    """
    if outcome not in NOT_CONVEYED:
        return None
    if referral is not None and referral.status is ReferralStatus.COMPLETED:
        return None
    reasons = [f"not conveyed: {outcome.value}"]
    if referral is not None and referral.status is ReferralStatus.NOT_ATTENDED:
        reasons.append(f"did not come to {referral.service}")
    if patient.is_repeat:
        reasons.append(f"{patient.earlier_contacts_24h} earlier contacts in 24 h")
    if patient.frailty_cfs is not None and patient.frailty_cfs >= FRAIL_CFS:
        reasons.append(f"frail (CFS {patient.frailty_cfs})")
    due_ms = URGENT_FOLLOW_UP_MS if len(reasons) > 1 else FOLLOW_UP_MS
    return FollowUp(
        incident=incident,
        to=patient.case_manager or patient.virtual_ward or patient.gp,
        due_at_ms=closed_at_ms + due_ms,
        why="; ".join(reasons),
    )
