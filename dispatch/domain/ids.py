"""Identifiers, each a type of its own so that a unit is never taken for an incident."""

from __future__ import annotations

from typing import NewType

CallId = NewType("CallId", str)
IncidentId = NewType("IncidentId", str)
UnitId = NewType("UnitId", str)
TrustCode = NewType("TrustCode", str)
HospitalId = NewType("HospitalId", str)
PostId = NewType("PostId", str)
ServiceId = NewType("ServiceId", str)
ReferralId = NewType("ReferralId", str)
