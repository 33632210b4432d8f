"""Patient flow at hospitals: handovers, releases, cohorts, deflections, pressures, HALO."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from api.desk import Desk
from api.inputs import ID_PATTERN, ms_or, ms_or_none
from api.inputs_hospital import (
    CohortHandover,
    CohortOpening,
    CohortPatient,
    DeflectionAgreement,
    DeflectionEnd,
    HaloDecision,
    HaloRule,
    HandoverStart,
    Minuting,
    PressureReport,
    Release,
    ReleaseReply,
    ReleaseRequest,
    Sitting,
)
from api.live import LiveDep
from api.problems import FieldProblem, ProblemError
from api.routes.doors import NOT_FOUND, READS, WRITES, DoorDep, HospitalPath, decided, shown
from api.scenes_hospital import board_view
from api.store.sqlite import Answer
from api.views import Decided
from api.views_hospital import BoardView
from dispatch.domain import event_hospital as eh
from dispatch.domain.deflection import Deflection
from dispatch.domain.event import Event
from dispatch.domain.handover import HandoverRules, VisitId
from dispatch.domain.handover_board import Pressure
from dispatch.domain.ids import HospitalId, IncidentId, UnitId
from dispatch.domain.local_time import LONDON, day_of
from dispatch.domain.trigger_language import RuleError
from dispatch.domain.trigger_rule import TriggerRule

router = APIRouter(prefix="/v1/hospitals/{hospital}", tags=["hospitals"])

IdPath = Annotated[str, Path(pattern=ID_PATTERN)]
_DONE = {200: {"model": Decided}, **WRITES, **NOT_FOUND}


def _carry(
    hospital: str, make: Callable[[Desk], Event], *named: str, unit: str | None = None
) -> Callable[[Desk], Answer]:
    """Return what tells the desk of an event about a hospital and answers with what followed."""

    def act(desk: Desk) -> Answer:
        try:
            event = make(desk)
        except RuleError as error:
            raise rule_problem(error) from error
        except ValueError as error:
            raise ProblemError(422, "invalid", str(error)) from error
        entries = desk.tell(event, (hospital, *named))
        return decided(desk, entries, hospital=hospital, unit=unit)

    return act


def rule_problem(error: RuleError) -> ProblemError:
    """Return the problem of a rule that cannot be used: what was expected, and the column."""
    return ProblemError(
        422,
        "invalid-rule",
        str(error),
        errors=[FieldProblem(pointer="/text", detail=str(error))],
        more={"column": error.column},
    )


@router.get(
    "/board",
    responses={200: {"model": BoardView}, **READS, **NOT_FOUND},
    operation_id="getHandoverBoard",
)
async def get_handover_board(
    hospital: HospitalPath,
    live: LiveDep,
    ahead_min: Annotated[float, Query(ge=0, le=240, allow_inf_nan=False)] = 0.0,
) -> Response:
    """Show one hospital's board: visits and timers, prediction with interval, HALO, agreements.

    `ahead_min` is how many minutes from now the arrival comes whose handover is predicted.
    """

    def question(desk: Desk) -> BoardView:
        if HospitalId(hospital) not in desk.dispatcher.state.hospitals:
            raise ProblemError(404, "unknown-id", "Expected a known hospital, was another.")
        return board_view(desk, HospitalId(hospital), ahead_min)

    return await shown(live.runner.ask(question))


@router.post("/handover-starts", responses=_DONE, operation_id="startHandover")
async def start_handover(hospital: HospitalPath, start: HandoverStart, door: DoorDep) -> Response:
    """Say that a handover begins. Its end is the crew's status report HANDED_OVER."""

    def make(desk: Desk) -> Event:
        return eh.HandoverStarted(
            hospital=HospitalId(hospital),
            unit=UnitId(start.unit),
            reported_at_ms=ms_or(start.reported_at, desk.now_ms()),
        )

    return await door.carry_out(_carry(hospital, make, unit=start.unit))


@router.post("/releases", responses=_DONE, operation_id="releaseToRespond")
async def release_to_respond(hospital: HospitalPath, release: Release, door: DoorDep) -> Response:
    """Release a crew at the limit: a stable patient is taken by somebody named.

    Refused (409 `not-released`) when it is too early, not agreed, or the patient is not stable:
    the crew stays. Nothing clears a crew; it reports AVAILABLE itself.
    """

    def make(_desk: Desk) -> Event:
        return eh.ReleasedToRespond(
            hospital=HospitalId(hospital),
            unit=UnitId(release.unit),
            is_stable=release.is_stable,
            clinician=release.clinician,
            recipient=release.recipient,
        )

    return await door.carry_out(_carry(hospital, make, unit=release.unit))


@router.post("/fit-to-sit", responses=_DONE, operation_id="reportFitToSit")
async def report_fit_to_sit(hospital: HospitalPath, sitting: Sitting, door: DoorDep) -> Response:
    """Say that a patient who can walk was taken to the waiting room by somebody named."""

    def make(_desk: Desk) -> Event:
        return eh.FitToSit(
            hospital=HospitalId(hospital),
            unit=UnitId(sitting.unit),
            is_ambulatory=sitting.is_ambulatory,
            recipient=sitting.recipient,
        )

    return await door.carry_out(_carry(hospital, make, unit=sitting.unit))


# -- cohorts --------------------


@router.post("/cohorts", responses=_DONE, operation_id="openCohort")
async def open_cohort(hospital: HospitalPath, cohort: CohortOpening, door: DoorDep) -> Response:
    """Let patients of several crews stay with one clinician, as somebody authorised."""

    def make(_desk: Desk) -> Event:
        return eh.CohortOpened(
            hospital=HospitalId(hospital),
            cohort=cohort.cohort,
            clinician=cohort.clinician,
            authorised_by=cohort.authorised_by,
            patients_max=cohort.patients_max,
        )

    return await door.carry_out(_carry(hospital, make))


@router.post("/cohorts/{cohort}/patients", responses=_DONE, operation_id="joinCohort")
async def join_cohort(
    hospital: HospitalPath, cohort: IdPath, patient: CohortPatient, door: DoorDep
) -> Response:
    """Take a crew's patient into a cohort: the crew may clear, the patient's clock goes on."""

    def make(_desk: Desk) -> Event:
        return eh.PatientCohorted(
            hospital=HospitalId(hospital), unit=UnitId(patient.unit), cohort=cohort
        )

    return await door.carry_out(_carry(hospital, make, cohort, unit=patient.unit))


@router.post("/visits/{visit}/handover", responses=_DONE, operation_id="handOverFromCohort")
async def hand_over_from_cohort(
    hospital: HospitalPath, visit: IdPath, handover: CohortHandover, door: DoorDep
) -> Response:
    """Take a patient out of a cohort: the handover ends."""

    def make(desk: Desk) -> Event:
        return eh.CohortHandedOver(
            hospital=HospitalId(hospital),
            visit=VisitId(visit),
            recipient=handover.recipient,
            reported_at_ms=ms_or(handover.reported_at, desk.now_ms()),
        )

    return await door.carry_out(_carry(hospital, make, visit))


# -- immediate release --------------------


@router.post("/immediate-releases", responses=_DONE, operation_id="requestImmediateRelease")
async def request_immediate_release(
    hospital: HospitalPath, request: ReleaseRequest, door: DoorDep
) -> Response:
    """Ask a hospital for a crew, for an emergency that nobody can go to. Silence is escalated."""

    def make(_desk: Desk) -> Event:
        return eh.ImmediateReleaseRequested(
            hospital=HospitalId(hospital),
            request=request.request,
            incident=IncidentId(request.incident),
            by=request.by,
        )

    return await door.carry_out(_carry(hospital, make))


@router.post(
    "/immediate-releases/{request}/answer",
    responses=_DONE,
    operation_id="answerImmediateRelease",
)
async def answer_immediate_release(
    hospital: HospitalPath, request: IdPath, reply: ReleaseReply, door: DoorDep
) -> Response:
    """Answer such a request; a refusal needs a reason and goes to the executives on call."""

    def make(_desk: Desk) -> Event:
        return eh.ImmediateReleaseAnswered(
            hospital=HospitalId(hospital),
            request=request,
            accepts=reply.accepts,
            by=reply.by,
            reason=reply.reason,
            unit=None if reply.unit is None else UnitId(reply.unit),
        )

    return await door.carry_out(_carry(hospital, make, request, unit=reply.unit))


# -- deflection, pressures, minutes --------------------


@router.post("/deflections", responses=_DONE, operation_id="agreeDeflection")
async def agree_deflection(
    hospital: HospitalPath, agreement: DeflectionAgreement, door: DoorDep
) -> Response:
    """Send this hospital's ambulances to another for up to four hours; it expires by itself.

    Never for specialist pathways, nor for C1 unless the configuration says so.
    """

    def make(desk: Desk) -> Event:
        return eh.DeflectionAgreed(
            deflection=Deflection(
                id=agreement.deflection,
                from_hospital=HospitalId(hospital),
                to_hospital=HospitalId(agreement.to),
                starts_at_ms=ms_or(agreement.starts_at, desk.now_ms()),
                ends_at_ms=ms_or(agreement.ends_at, desk.now_ms()),
                agreed_from=agreement.agreed_from,
                agreed_to=agreement.agreed_to,
                authorised_by=agreement.authorised_by,
                reason=agreement.reason,
            )
        )

    return await door.carry_out(_carry(hospital, make))


@router.post("/deflections/{deflection}/end", responses=_DONE, operation_id="endDeflection")
async def end_deflection(
    hospital: HospitalPath, deflection: IdPath, end: DeflectionEnd, door: DoorDep
) -> Response:
    """End a deflection before its time."""

    def make(_desk: Desk) -> Event:
        return eh.DeflectionEnded(deflection=deflection, by=end.by)

    return await door.carry_out(_carry(hospital, make, deflection))


@router.post("/pressures", responses=_DONE, operation_id="reportHospitalPressures")
async def report_hospital_pressures(
    hospital: HospitalPath, report: PressureReport, door: DoorDep
) -> Response:
    """Report beds, 4-hour performance, discharge-ready, community beds; an OPEL may be proposed."""

    def make(desk: Desk) -> Event:
        return eh.PressureReported(
            hospital=HospitalId(hospital), pressures=pressures_of(report, desk.now_ms())
        )

    return await door.carry_out(_carry(hospital, make), is_emergency=False)


def pressures_of(report: PressureReport, now_ms: int) -> tuple[Pressure, ...]:
    """Return what was reported in the engine's words."""
    return tuple(
        Pressure(
            name=item.name,
            value=item.value,
            reported_at_ms=ms_or(item.reported_at, now_ms),
            valid_until_ms=ms_or_none(item.valid_until),
            source=item.source,
        )
        for item in report.pressures
    )


@router.post("/minutes", responses=_DONE, operation_id="setHandoverMinutes")
async def set_handover_minutes(
    hospital: HospitalPath, minuting: Minuting, door: DoorDep
) -> Response:
    """Set the minutes of this hospital's timers, or go back to the configuration's."""

    def make(desk: Desk) -> Event:
        values = minuting.minutes
        rules = None
        if values is not None:
            today = day_of(LONDON, desk.now_ms()).isoformat()
            rules = HandoverRules(**values.model_dump(), effective_from=today)
        return eh.HandoverRulesSet(
            hospital=HospitalId(hospital), rules=rules, by=minuting.by, reason=minuting.reason
        )

    return await door.carry_out(_carry(hospital, make))


# -- liaison officers --------------------


@router.post("/halo-rules/{rule}", responses=_DONE, operation_id="setHaloRule")
async def set_halo_rule(
    hospital: HospitalPath, rule: IdPath, given: HaloRule, door: DoorDep
) -> Response:
    """Put a rule for a liaison officer into force here, or switch it off.

    A rule that cannot be read, or that never or always fires, is refused (422 `invalid-rule`).
    """

    def make(_desk: Desk) -> Event:
        return eh.HaloRuleSet(
            hospital=HospitalId(hospital),
            rule=TriggerRule(
                id=rule,
                about="hospital",
                subject=hospital,
                text=given.text,
                is_on=given.is_on,
                source=f"{given.by}: {given.reason}",
            ),
            by=given.by,
            reason=given.reason,
        )

    return await door.carry_out(_carry(hospital, make, rule))


@router.post("/halo-rules/{rule}/orders", responses=_DONE, operation_id="orderHalo")
async def order_halo(
    hospital: HospitalPath, rule: IdPath, decision: HaloDecision, door: DoorDep
) -> Response:
    """Confirm, decline, deploy or stand down what a rule has proposed."""

    def make(_desk: Desk) -> Event:
        return eh.HaloOrdered(
            hospital=HospitalId(hospital),
            rule=rule,
            order=decision.order,
            by=decision.by,
            reason=decision.reason,
        )

    return await door.carry_out(_carry(hospital, make, rule))
