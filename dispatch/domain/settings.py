"""Configuration of the core: typed, dated, with a source or the word 'assumed' for each number."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dispatch.domain.agreement import Agreement
from dispatch.domain.call_rules import CallSettings
from dispatch.domain.care_settings import CareSettings
from dispatch.domain.crew_rules import CrewRules
from dispatch.domain.degraded_rules import DegradedRules
from dispatch.domain.forecast_use import ForecastUse
from dispatch.domain.hospital_settings import EscalationSettings, HospitalSettings
from dispatch.domain.ids import TrustCode
from dispatch.domain.term_switches import TermSwitches
from dispatch.domain.weighing import CoverRules, HarmParameters, JointRules


class ClockRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Caps of the clock start after call connect, in seconds."""

    c1_cap_s: int = 30
    """AmbSYS specification (background knowledge, to be verified): C1 within 30 s of connect."""
    other_cap_s: int = 240
    """The same for C2 to C4: dispatch on disposition, 240 s."""


class DiversionRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When a unit on its way may be given a graver incident."""

    by_rank: tuple[int, ...] = (1, 2)
    """Incidents of these ranks may take a unit from a lower one. Assumed: a good dispatcher does
    so for C1 and C2; the naive baseline for C1 only."""
    gain_min_s: int = 120
    """Least advantage over the best idle unit, after the penalty. Assumed."""
    penalty_s: int = 120
    """What a diversion must be worth beside the gain: turning round, a disappointed caller.
    Assumed."""
    spare_s: int = 180
    """A unit this near its arrival is left alone. Assumed."""
    diversions_max: int = 1
    """How often one incident may lose its unit. Assumed; C1 is exempt as taker, not as loser."""


class FreshnessRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How old a position may be before it is trusted less, or not at all.

    It applies to units away from a station, and only where units send positions.
    """

    applies: bool = False
    penalised_after_s: int = 120
    penalty_s: int = 60
    """Assumed extra travel for a unit whose position is stale."""
    refused_after_s: int = 1800


class AidScope(StrEnum):
    """Whose units may go to a trust's incidents."""

    SILO = "silo"
    """Only its own."""
    C1_NEAREST = "c1_nearest"
    """Its own; and for C1 another trust's when much nearer."""
    PRICED = "priced"
    """As above, and for others when worth more here than there."""
    POOLED = "pooled"
    """Anyone's."""


class AidRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How trusts help each other."""

    scope: AidScope = AidScope.SILO
    c1_gain_s: int = 180
    """A unit of another trust goes to a C1 only when this much nearer. Assumed."""
    c2_gain_s: int = 300
    """The same for other categories. Assumed."""
    agreements: tuple[Agreement, ...] | None = None
    """Who lends to whom; None: all have agreed with all."""
    job_min: float = 90.0
    """Mean minutes that a job occupies a unit; large trusts' cycles are 85 to 110 (background)."""
    queue_weight: float = 0.8
    """Mean weight of a minute of queueing (C2 = 1) over those who queue. Assumed."""
    floor_share: float = 0.06
    """Share of a trust's units on duty that stay idle at home whatever others need. Assumed."""


class PolicyNames(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Which policy answers each question."""

    assign: str = "nearest"
    convey: str = "nearest"
    relocate: str = "home"
    rebalance: str = "never"
    redirect: str = "none"


class ClearRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When a unit on a job is taken to be nearly clear, and so a candidate for the next patient."""

    look_ahead_s: int = 900
    """Units expected to be clear within this time are considered. Assumed."""
    handover_s: int = 1800
    """Expected handover where a hospital's board has no recent ones: England's mean of 2025/26 was
    29:55 (AmbSYS A142)."""
    clear_s: int = 840
    """Expected time from handover to clear: median 13.7 min (NHS England job-cycle model, C2)."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All configuration of the core that a journal must name to be replayed.

    ``trust_policies`` overrides ``policies`` for single trusts. ``name`` and ``effective_from``
    (ISO date) identify a set.
    """

    name: str = "b2"
    effective_from: str = "2026-04-01"
    policies: PolicyNames = PolicyNames()
    trust_policies: dict[TrustCode, PolicyNames] = {}
    clock: ClockRules = ClockRules()
    diversion: DiversionRules = DiversionRules()
    freshness: FreshnessRules = FreshnessRules()
    aid: AidRules = AidRules()
    clear: ClearRules = ClearRules()
    care: CareSettings = CareSettings()
    calls: CallSettings = CallSettings()
    hospital: HospitalSettings = HospitalSettings()
    escalation: EscalationSettings = EscalationSettings()
    degraded: DegradedRules = DegradedRules()
    crew: CrewRules = CrewRules()
    harm: HarmParameters = HarmParameters()
    joint: JointRules = JointRules()
    cover: CoverRules = CoverRules()
    terms: TermSwitches = TermSwitches()
    forecast: ForecastUse = ForecastUse()
    round_every_s: int | None = None
    """While somebody waits, look again this long after the last look; None: only when something
    happens."""
    rebalance_every_s: int = 600
    """How often the rebalancing question is asked, where a policy for it is in force. Assumed."""
    destination_every_s: int | None = None
    """While patients are conveyed, ask again this often whether another hospital would take them
    much earlier; None: a crew keeps its course."""
    relocations_max: int = 6
    """How often a crew may be moved in one duty without a patient (assumed)."""
    candidates_max: int = 12
    """How many candidates and refusals an explanation lists by name; the rest are counted."""
    mobilisation_s: int = 60
    """Expected time from assignment to wheels rolling; board norm of 30 to 60 s on standby, 60 to
    90 s at night (background knowledge). Belief: the world draws its own."""
    road_mobilisation_s: int = 15
    """The same for a crew that sits in its vehicle. Assumed."""
    cfr_reach_s: int = 480
    """A community responder is asked only for patients this near. Assumed."""

    def policies_of(self, trust: TrustCode) -> PolicyNames:
        """Return the policies in force for a trust."""
        return self.trust_policies.get(trust, self.policies)
