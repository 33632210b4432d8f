"""What the core knows of patient flow: visits, cohorts, requests, rules and levels.

Every row is immutable, so that undoing an event is to put the former rows back.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from dispatch.domain.deflection import Deflection
from dispatch.domain.escalation import LevelLog
from dispatch.domain.handover import Cohort, HandoverRules, Visit
from dispatch.domain.handover_board import Pressure
from dispatch.domain.handover_prediction import HandoverPrediction, PredictionErrors
from dispatch.domain.ids import HospitalId, TrustCode
from dispatch.domain.immediate_release import ImmediateRelease
from dispatch.domain.local_time import HOUR_MS
from dispatch.domain.settings import Settings
from dispatch.domain.trigger_rule import TriggerRule
from dispatch.domain.trigger_state import TriggerMemory, TriggerStatus

VISITS_KEPT_MS: Final = 25 * HOUR_MS
"""Ended visits are remembered for the longest local day."""

HALO_LOG_KEPT: Final = 50
"""Latest orders about liaison officers that a board shows; the journal has them all."""


CLOSED_KEPT: Final = 20
"""Requests that are closed, and cohorts without patients, that a board remembers."""


class VisitRow(msgspec.Struct, frozen=True, kw_only=True):
    """A visit that goes on. ``told_to_ms`` is up to when its timers have been told."""

    visit: Visit
    told_to_ms: int
    predicted: HandoverPrediction | None = None


class HaloOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order about a liaison officer: who, when, why, and the status that it led to."""

    rule: str
    status: TriggerStatus
    by: str
    reason: str
    at_ms: int


class HospitalDesk(msgspec.Struct, frozen=True, kw_only=True):
    """One hospital's visits and what belongs to them.

    ``rows`` are in the order of arrival, ``done`` in that of their end. ``rules`` and
    ``halo_rules`` are what persons have set over the configuration.
    """

    arrivals: int = 0
    rows: tuple[VisitRow, ...] = ()
    done: tuple[Visit, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    requests: tuple[ImmediateRelease, ...] = ()
    pressures: tuple[Pressure, ...] = ()
    rules: HandoverRules | None = None
    halo_rules: tuple[TriggerRule, ...] = ()
    memories: tuple[tuple[str, TriggerMemory], ...] = ()
    halo_log: tuple[HaloOrder, ...] = ()
    errors: PredictionErrors = PredictionErrors()

    def memory(self, rule: str) -> TriggerMemory:
        """Return what is remembered of a rule."""
        return dict(self.memories).get(rule, TriggerMemory())


class TrustDesk(msgspec.Struct, frozen=True, kw_only=True):
    """One trust's pressures, what is remembered of its rules, and its latest responses.

    ``responses`` are, in order, the instant of arrival, rank and response time of each, kept only
    where a rule asks for them.
    """

    pressures: tuple[Pressure, ...] = ()
    memories: tuple[tuple[str, TriggerMemory], ...] = ()
    responses: tuple[tuple[int, int, int], ...] = ()

    def memory(self, rule: str) -> TriggerMemory:
        """Return what is remembered of a rule."""
        return dict(self.memories).get(rule, TriggerMemory())


class PatientFlow(msgspec.Struct, kw_only=True):
    """Everything about hospitals that is not a bed's place on the map.

    ``base`` is the configuration without the levels laid over it; None before a picture is opened.
    """

    desks: dict[HospitalId, HospitalDesk] = {}
    trusts: dict[TrustCode, TrustDesk] = {}
    deflections: tuple[Deflection, ...] = ()
    levels: LevelLog = LevelLog()
    base: Settings | None = None

    def copy(self) -> PatientFlow:
        """Return a copy that shares the rows, which never change."""
        return PatientFlow(
            desks=dict(self.desks),
            trusts=dict(self.trusts),
            deflections=self.deflections,
            levels=self.levels,
            base=self.base,
        )

    def desk(self, hospital: HospitalId) -> HospitalDesk:
        """Return a hospital's desk; an empty one when nothing has happened there."""
        return self.desks.get(hospital, _EMPTY)

    def trust(self, trust: TrustCode) -> TrustDesk:
        """Return a trust's desk; an empty one when nothing is known."""
        return self.trusts.get(trust, _EMPTY_TRUST)

    def change(self, hospital: HospitalId, **fields: Any) -> HospitalDesk:
        """Replace fields of a hospital's desk."""
        desk = msgspec.structs.replace(self.desk(hospital), **fields)
        self.desks[hospital] = desk
        return desk

    def change_trust(self, trust: TrustCode, **fields: Any) -> None:
        """Replace fields of a trust's desk."""
        self.trusts[trust] = msgspec.structs.replace(self.trust(trust), **fields)


def with_memory(
    memories: tuple[tuple[str, TriggerMemory], ...], rule: str, memory: TriggerMemory
) -> tuple[tuple[str, TriggerMemory], ...]:
    """Return memories with that of one rule replaced; sorted by rule."""
    return tuple(sorted((dict(memories) | {rule: memory}).items()))


_EMPTY: Final = HospitalDesk()
_EMPTY_TRUST: Final = TrustDesk()
