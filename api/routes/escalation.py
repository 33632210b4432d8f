"""Escalation: OPEL of hospitals, REAP and clinical safety plan of trusts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.desk import Desk
from api.inputs import ID_PATTERN
from api.inputs_hospital import LevelOrder, LevelUndo, PressureReport
from api.live import LiveDep
from api.routes.doors import NOT_FOUND, READS, WRITES, DoorDep, decided, shown
from api.routes.hospital_flow import pressures_of, rule_problem
from api.scenes_hospital import escalation_view
from api.store.sqlite import Answer
from api.views import Decided
from api.views_hospital import EscalationView, RuleExplained
from dispatch.domain import event_hospital as eh
from dispatch.domain.ids import TrustCode
from dispatch.domain.trigger_check import quantities_of
from dispatch.domain.trigger_language import RULE_LENGTH_MAX, RuleError
from dispatch.domain.trigger_rule import canonical_text, explain, read_rule

router = APIRouter(prefix="/v1/escalation", tags=["escalation"])

TrustPath = Annotated[str, Path(pattern=ID_PATTERN, description="ODS code of a trust.")]


@router.get("", responses={200: {"model": EscalationView}, **READS}, operation_id="getEscalation")
async def get_escalation(live: LiveDep) -> Response:
    """Show levels in force, who put them there and why, the rules that propose them, the plans."""
    return await shown(live.runner.ask(escalation_view))


@router.post("/levels", responses={200: {"model": Decided}, **WRITES}, operation_id="confirmLevel")
async def confirm_level(order: LevelOrder, door: DoorDep) -> Response:
    """Put a level into force: a person's act, whether it was proposed or not.

    Its plan takes effect at once on what the engine decides with.
    """

    def act(desk: Desk) -> Answer:
        event = eh.LevelConfirmed(
            scheme=order.scheme,
            subject=order.subject,
            level=order.level,
            by=order.by,
            reason=order.reason,
        )
        return decided(desk, desk.tell(event))

    return await door.carry_out(act)


@router.post(
    "/levels/undo", responses={200: {"model": Decided}, **WRITES}, operation_id="undoLevel"
)
async def undo_level(order: LevelUndo, door: DoorDep) -> Response:
    """Take the last level back: the one before it, and its settings, are in force again."""

    def act(desk: Desk) -> Answer:
        event = eh.LevelUndone(
            scheme=order.scheme, subject=order.subject, by=order.by, reason=order.reason
        )
        return decided(desk, desk.tell(event))

    return await door.carry_out(act)


@router.post(
    "/trusts/{trust}/pressures",
    responses={200: {"model": Decided}, **WRITES, **NOT_FOUND},
    operation_id="reportTrustPressures",
)
async def report_trust_pressures(
    trust: TrustPath, report: PressureReport, door: DoorDep
) -> Response:
    """Report what a trust's rules need and the engine does not see: staffing, call waiting."""

    def act(desk: Desk) -> Answer:
        event = eh.PressureReported(
            trust=TrustCode(trust), pressures=pressures_of(report, desk.now_ms())
        )
        return decided(desk, desk.tell(event, (trust,)))

    return await door.carry_out(act, is_emergency=False)


@router.get(
    "/rules/explanation",
    responses={200: {"model": RuleExplained}, **READS},
    operation_id="explainRule",
)
async def explain_rule(
    live: LiveDep,
    text: Annotated[str, Query(min_length=1, max_length=RULE_LENGTH_MAX)],
    about: Annotated[Literal["hospital", "trust"], Query()] = "hospital",
) -> Response:
    """Read a rule and say what it means, before it is put into force."""

    def question(_desk: object) -> RuleExplained:
        try:
            tree = read_rule(text, about)
        except RuleError as error:
            raise rule_problem(error) from error
        return RuleExplained(
            canonical=canonical_text(text, about),
            words=explain(tree, about),
            needs=[need.text() for need in quantities_of(tree)],
        )

    return await shown(live.runner.ask(question))
