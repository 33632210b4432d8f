"""Builders for tests of redirection: each shows only what its test is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.domain.category import Category
from dispatch.domain.ids import ServiceId
from dispatch.domain.opening_hours import OpeningHours, parse_opening_hours
from dispatch.domain.patient import Patient
from dispatch.domain.redirection import Redirection, RedirectRules, Situation
from dispatch.domain.service import CapacityReport, Service
from dispatch.domain.service_type import ServiceType
from dispatch.policies.redirect_ranked import RedirectRanked, Slots
from dispatch.policies.service_index import Capacities, ServiceIndex
from maps.geo import LonLat

NEWPORT = LonLat(-1.2926, 50.7005)
"""A town on the Isle of Wight; services of the tests lie around it."""

YEAR = 365.25

T = ServiceType


def at(text: str) -> int:
    """Return the instant of a London wall-clock time."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))
    return int(local.timestamp() * 1000)


TUESDAY_NOON = at("2026-11-24T12:00")


def a_service(kind: ServiceType, name: str | None = None, **changes: Any) -> Service:
    hours = changes.pop("hours", None)
    if isinstance(hours, str):
        hours = parse_opening_hours(hours)
    assert hours is None or isinstance(hours, OpeningHours)
    return Service(
        id=ServiceId(name or str(kind)),
        name=name or str(kind),
        type=kind,
        at=changes.pop("at", LonLat(NEWPORT.lon + 0.01, NEWPORT.lat)),
        hours=hours,
        **changes,
    )


def a_patient(complaint: str = "minor_injury", years: float | None = 40, **changes: Any) -> Patient:
    days = None if years is None else round(years * YEAR)
    return Patient(**({"complaint": complaint, "age_days": days} | changes))


def a_situation(category: Category = Category.C3, **changes: Any) -> Situation:
    return Situation(**({"at": NEWPORT, "now_ms": TUESDAY_NOON, "category": category} | changes))


def ask(
    services: list[Service],
    patient: Patient,
    situation: Situation | None = None,
    rules: RedirectRules | None = None,
    reports: tuple[CapacityReport, ...] = (),
    slots: Slots | None = None,
) -> Redirection:
    index = ServiceIndex(services)
    capacities = Capacities(index)
    for report in reports:
        capacities.report(report)
    policy = RedirectRanked(index, rules=rules)
    return policy.redirect(patient, situation or a_situation(), capacities, slots)


def offered(answer: Redirection) -> list[str]:
    return [offer.service for offer in answer.offers]


def refused(answer: Redirection) -> dict[str, str]:
    return {refusal.service: str(refusal.code) for refusal in answer.refused}
