"""Who should go, and who else could: recommendations, which change nothing."""

from __future__ import annotations

from typing import Final

import numpy as np

from api.desk import Desk
from api.inputs import RecommendationRequest
from api.problems import ProblemError
from api.scenes import decision_view, versions
from api.views import Advice, RoleAdvice, UnitCandidateView
from api.wire import instant, seconds
from dispatch.concern import ROUND
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.decision import Assign, Decision, Explanation, Wait
from dispatch.domain.ids import IncidentId, TrustCode, UnitId
from dispatch.domain.incident import Role
from dispatch.domain.unit import Skill
from dispatch.domain.wording import candidate_sentence
from dispatch.policies.round import Round
from dispatch.state import Incident, open_roles
from maps.geo import LonLat

SUPPOSED: Final = IncidentId("supposed")
"""Name of an incident that was not reported: it lives for one question."""


def advise(desk: Desk, request: RecommendationRequest) -> Advice:
    """Return who should go to an incident, role by role, and the others with reasons.

    Raises
    ------
    ProblemError
        When the incident is not known, or a supposed one lies off the roads or in no trust.
    """
    if request.incident is not None:
        name = IncidentId(request.incident)
        if name not in desk.dispatcher.state.incidents:
            raise ProblemError(404, "unknown-id", "Expected a known open incident, was another.")
        advice = _for_known(desk, desk.dispatcher.state.incidents[name])
    else:
        name, advice = SUPPOSED, _for_supposed(desk, request)
    return Advice(
        seq=desk.seq,
        at=instant(desk.now_ms()),
        incident=None if name == SUPPOSED else name,
        advice=advice,
        versions=versions(desk),
    )


def _for_supposed(desk: Desk, request: RecommendationRequest) -> list[RoleAdvice]:
    at, category = request.at, request.category
    assert at is not None
    assert category is not None
    event = _supposed(desk, at, category, request)
    decisions = _about(desk.recommend(event), SUPPOSED)
    return [_role_advice(desk, decision) for decision in decisions]


def _supposed(
    desk: Desk, at: LonLat, category: Category, request: RecommendationRequest
) -> ev.IncidentReported:
    trust = request.trust or desk.ground.home_trust(at)
    if trust is None:
        raise ProblemError(
            422, "no-home-trust", "Expected a place within a trust of the region, was in none."
        )
    now_ms = desk.now_ms()
    return ev.IncidentReported(
        incident=SUPPOSED,
        trust=TrustCode(trust),
        at=at,
        category=category,
        connected_at_ms=now_ms,
        coded_at_ms=now_ms,
        pathway=request.pathway,
    )


def _for_known(desk: Desk, incident: Incident) -> list[RoleAdvice]:
    """Return what another look at everybody who waits would decide for this incident."""
    now_ms = desk.now_ms()
    decisions = desk.recommend(ev.TimerFired(timer=ROUND, due_at_ms=now_ms))
    advice = [_role_advice(desk, decision) for decision in _about(decisions, incident.id)]
    told = {row.role for row in advice}
    open_ = open_roles(desk.dispatcher.state, incident)
    unanswered = [role for role in open_ or (Role.CONVEYING,) if role.value not in told]
    return advice + [_survey(desk, incident, role, is_open=bool(open_)) for role in unanswered]


def _about(decisions: tuple[Decision, ...], incident: IncidentId) -> list[Assign | Wait]:
    return [d for d in decisions if isinstance(d, Assign | Wait) and d.incident == incident]


def _role_advice(desk: Desk, decision: Assign | Wait) -> RoleAdvice:
    view = decision_view(decision, desk.now_ms(), desk.directory)
    return RoleAdvice(
        role=decision.role,
        decision=view,
        words=view.words,
        candidates=_candidates(desk, decision.why),
        others=view.others,
    )


def _survey(desk: Desk, incident: Incident, role: Role, *, is_open: bool) -> RoleAdvice:
    """Return who could go where the engine would send nobody now, nearest first."""
    dispatcher = desk.dispatcher
    round_ = Round(dispatcher.picture(desk.now_ms()))
    slots = np.concatenate((round_.idle(incident, role), round_.divertible(incident, role)))
    etas = round_.etas_ms(slots, round_.origins(slots), incident)
    why = round_.explain(incident, role, slots, etas, None)
    words = (
        "The engine would send nobody in this role now."
        if is_open
        else "Everybody who is needed has been sent."
    )
    return RoleAdvice(
        role=role,
        words=words,
        candidates=_candidates(desk, why),
        others={verdict.value: count for verdict, count in why.others.items()},
    )


def _candidates(desk: Desk, why: Explanation) -> list[UnitCandidateView]:
    rows = []
    for rank, candidate in enumerate(why.candidates, start=1):
        unit = desk.dispatcher.state.units.get(UnitId(candidate.id))
        spec = None if unit is None else unit.spec
        rows.append(
            UnitCandidateView(
                rank=rank,
                unit=candidate.id,
                verdict=candidate.verdict,
                words=candidate_sentence(candidate),
                eta_s=seconds(candidate.eta_ms),
                trust=None if spec is None else spec.trust,
                kind=None if spec is None else spec.kind,
                skill=None if spec is None else Skill(spec.skill).name,
                status=None if unit is None else unit.status,
                conveys=None if spec is None else spec.conveys,
            )
        )
    return rows
