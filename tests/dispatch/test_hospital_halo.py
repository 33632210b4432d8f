"""A rule proposes at its exact time, persons decide; deflections, pressures and levels."""

from __future__ import annotations

import msgspec
import pytest

from dispatch.admit_hospital import OutOfOrderError
from dispatch.domain import event_hospital as eh
from dispatch.domain.category import Category
from dispatch.domain.decision_hospital import ProposeHalo, ProposeLevel
from dispatch.domain.deflection import Deflection
from dispatch.domain.escalation import LevelPlan, LevelRule, Scheme
from dispatch.domain.event import HospitalUpdated, SettingsChanged
from dispatch.domain.handover_board import Pressure
from dispatch.domain.hospital_settings import EscalationSettings, HospitalSettings
from dispatch.domain.ids import HospitalId, TrustCode, UnitId
from dispatch.domain.incident import Pathway
from dispatch.domain.settings import Settings
from dispatch.domain.trigger_rule import TriggerRule
from dispatch.domain.trigger_state import TriggerOrder, TriggerStatus
from dispatch.domain.unit import UnitStatus
from dispatch.engine import settings_named
from dispatch.rejection import RejectedEventError, UnknownIdError
from tests.dispatch.builders import HOSPITAL, MINUTE, NOON, TRUST
from tests.dispatch.hospital_builders import HospitalRoom, a_room, kinds

FAR = HospitalId("far")


def order(room: HospitalRoom, what: TriggerOrder, by: str = "Duty manager") -> None:
    room.tell(eh.HaloOrdered(hospital=HOSPITAL, rule="halo", order=what, by=by, reason="x"))


def status(room: HospitalRoom) -> TriggerStatus:
    return room.state.flow.desk(HOSPITAL).memory("halo").status


def test_a_wait_that_crosses_its_threshold_by_time_alone_proposes_to_the_millisecond() -> None:
    room = a_room("when waiting_over(20 min) >= 2 until waiting < 2 hold 60 min")
    room.arrive("A1")
    room.go_on(7)
    room.arrive("A2")
    assert "ProposeHalo" not in kinds(room.go_to(NOON + 27 * MINUTE - 1))
    (proposal,) = [d for d in room.go_on(1) if isinstance(d, ProposeHalo)]
    assert room.now_ms - NOON < 28 * MINUTE
    assert room.entries[-1].now_ms == NOON + 27 * MINUTE
    assert proposal.why.note == "waiting_over(20 min) >= 2 (was 2)"
    assert proposal.memory.evidence[0].values == (("waiting_over(20 min)", 2.0),)


def test_a_for_that_is_broken_proposes_nothing() -> None:
    room = a_room("when waiting >= 2 for 10 min")
    room.arrive("A1")
    room.arrive("A2")
    room.go_on(9)
    room.status("A1", UnitStatus.HANDED_OVER)
    room.arrive("A3")
    told = room.go_to(NOON + 19 * MINUTE - 1)
    assert "ProposeHalo" not in kinds(told)
    assert "ProposeHalo" in kinds(room.go_on(1))


def test_inbound_units_count_from_the_order_that_sends_them() -> None:
    room = a_room("when inbound(30 min) >= 1")
    room.sign_on("A1", 0)
    room.report("i", Category.C2, 0)
    for step in ("MOBILE", "AT_SCENE"):
        room.status("A1", UnitStatus(step))
    entry = room.status("A1", UnitStatus.CONVEYING)
    assert kinds(entry.decisions) == ["Convey", "ProposeHalo"]


def test_an_inbound_unit_that_turns_back_lets_the_proposal_lapse() -> None:
    room = a_room("when inbound(30 min) >= 1")
    room.sign_on("A1", 0)
    room.report("i", Category.C2, 10)
    for step in ("MOBILE", "AT_SCENE", "CONVEYING"):
        room.status("A1", UnitStatus(step))
    assert status(room) is TriggerStatus.PROPOSED
    entry = room.status("A1", UnitStatus.AVAILABLE)
    assert "LapseHalo" in kinds(entry.decisions)
    assert status(room) is TriggerStatus.IDLE


def test_persons_confirm_deploy_and_stand_down_each_by_name() -> None:
    room = a_room("when waiting >= 1 until waiting = 0 hold 60 min")
    room.arrive("A1")
    assert status(room) is TriggerStatus.PROPOSED
    with pytest.raises(OutOfOrderError, match="deploy"):
        order(room, TriggerOrder.DEPLOY)
    with pytest.raises(OutOfOrderError, match="name"):
        order(room, TriggerOrder.CONFIRM, by=" ")
    order(room, TriggerOrder.CONFIRM)
    room.go_on(10)
    order(room, TriggerOrder.DEPLOY)
    room.status("A1", UnitStatus.HANDED_OVER)
    # The hold counts from the confirmation.
    assert "ProposeHaloEnd" not in kinds(room.go_to(NOON + 60 * MINUTE - 1))
    assert "ProposeHaloEnd" in kinds(room.go_to(NOON + 60 * MINUTE))
    assert status(room) is TriggerStatus.DEPLOYED, "nobody has stood it down"
    order(room, TriggerOrder.STAND_DOWN)
    assert status(room) in (TriggerStatus.STOOD_DOWN, TriggerStatus.IDLE)
    log = room.state.flow.desk(HOSPITAL).halo_log
    assert [(row.status.value, row.by) for row in log] == [
        ("confirmed", "Duty manager"),
        ("deployed", "Duty manager"),
        ("stood_down", "Duty manager"),
    ]


def test_a_rule_is_set_switched_off_and_needs_a_person() -> None:
    room = a_room()
    rule = TriggerRule(id="q", about="hospital", subject=HOSPITAL, text="when waiting >= 1")
    with pytest.raises(OutOfOrderError):
        room.tell(eh.HaloRuleSet(hospital=HOSPITAL, rule=rule, by="", reason="r"))
    room.tell(eh.HaloRuleSet(hospital=HOSPITAL, rule=rule, by="M", reason="r"))
    room.arrive("A1")
    assert room.state.flow.desk(HOSPITAL).memory("q").status is TriggerStatus.PROPOSED
    off = msgspec.structs.replace(rule, is_on=False)
    room.tell(eh.HaloRuleSet(hospital=HOSPITAL, rule=off, by="M", reason="r"))
    assert room.state.flow.desk(HOSPITAL).memory("q").status is TriggerStatus.IDLE
    with pytest.raises(UnknownIdError):
        room.tell(eh.HaloOrdered(hospital=HOSPITAL, rule="z", order=TriggerOrder.CONFIRM, by="M"))


def test_a_rule_of_more_than_a_day_is_refused() -> None:
    text = "when mean_handover(2000 min) > 30 min"
    rule = TriggerRule(id="q", about="hospital", subject=HOSPITAL, text=text)
    with pytest.raises(OutOfOrderError, match="up to 24 h"):
        a_room().tell(eh.HaloRuleSet(hospital=HOSPITAL, rule=rule, by="M", reason="r"))
    with pytest.raises(ValueError, match="up to 24 h"):
        HospitalSettings(halo_rules=(rule,))


# -- deflection --------------------------------------------------------------------------------


def deflection(minutes: float = 60, **fields: object) -> Deflection:
    given = {
        "id": "d",
        "from_hospital": HOSPITAL,
        "to_hospital": FAR,
        "starts_at_ms": NOON,
        "ends_at_ms": NOON + round(minutes * MINUTE),
        "agreed_from": "A",
        "agreed_to": "B",
        "authorised_by": "C",
    } | fields
    return Deflection(**given)  # type: ignore[arg-type]


def destination(room: HospitalRoom, category: Category = Category.C2, **more: object) -> str:
    room.sign_on("A1", 0)
    room.report("i", category, 0, **more)
    for step in ("MOBILE", "AT_SCENE", "CONVEYING"):
        entry = room.status("A1", UnitStatus(step))
    (convey,) = [d for d in entry.decisions if type(d).__name__ == "Convey"]
    return str(convey.hospital)


def test_a_deflection_sends_patients_to_the_other_hospital_until_it_expires() -> None:
    room = a_room()
    room.tell(eh.DeflectionAgreed(deflection=deflection()))
    assert destination(room) == "far"
    assert kinds(room.go_on(60)) == ["ExpireDeflection"]
    assert room.state.flow.deflections == ()
    room.status("A1", UnitStatus.AVAILABLE)


def test_never_a_c1_and_not_to_a_hospital_that_does_not_accept() -> None:
    room = a_room()
    room.tell(eh.DeflectionAgreed(deflection=deflection()))
    assert destination(room, Category.C1) == HOSPITAL
    room = a_room()
    room.tell(eh.DeflectionAgreed(deflection=deflection()))
    room.tell(HospitalUpdated(hospital=FAR, is_accepting=False))
    assert destination(room) == HOSPITAL


def test_never_a_specialist_pathway() -> None:
    room = a_room()
    room.tell(eh.DeflectionAgreed(deflection=deflection()))
    assert destination(room, pathway=Pathway.STROKE) == HOSPITAL


def test_two_hospitals_that_deflect_to_each_other_change_nothing() -> None:
    room = a_room()
    room.tell(eh.DeflectionAgreed(deflection=deflection()))
    back = deflection(id="e", from_hospital=FAR, to_hospital=HOSPITAL)
    room.tell(eh.DeflectionAgreed(deflection=back))
    assert destination(room) == HOSPITAL


def test_a_deflection_is_ended_by_somebody_named() -> None:
    room = a_room()
    room.tell(eh.DeflectionAgreed(deflection=deflection()))
    with pytest.raises(OutOfOrderError):
        room.tell(eh.DeflectionEnded(deflection="d", by=""))
    entry = room.tell(eh.DeflectionEnded(deflection="d", by="C"))
    assert kinds(entry.decisions) == ["ExpireDeflection"]
    assert destination(room) == HOSPITAL
    with pytest.raises(UnknownIdError):
        room.tell(eh.DeflectionEnded(deflection="d", by="C"))


# -- pressures and levels --------------------------------------------------------------------------


def pressure(name: str, value: float, at_ms: int = NOON, **more: object) -> Pressure:
    return Pressure(name=name, value=value, reported_at_ms=at_ms, **more)  # type: ignore[arg-type]


def test_pressures_propose_an_opel_which_a_person_confirms() -> None:
    room = a_room("when opel >= 3")
    reported = tuple(
        pressure(name, value)
        for name, value in (
            ("bed_occupancy", 99.0),
            ("majors_occupancy", 130.0),
            ("four_hour_performance", 50.0),
            ("discharge_ready_share", 20.0),
        )
    )
    entry = room.tell(eh.PressureReported(hospital=HOSPITAL, pressures=reported))
    (proposal,) = [d for d in entry.decisions if isinstance(d, ProposeLevel)]
    assert (proposal.level, proposal.level_max) == (3, 4)
    assert room.state.flow.levels.level_of(Scheme.OPEL, HOSPITAL) == 1
    confirm = eh.LevelConfirmed(
        scheme=Scheme.OPEL, subject=HOSPITAL, level=3, by="Site manager", reason="full"
    )
    entry = room.tell(confirm)
    assert "ProposeHalo" in kinds(entry.decisions)
    with pytest.raises(OutOfOrderError, match="in force"):
        room.tell(confirm)


@pytest.mark.parametrize(
    "event",
    [
        eh.PressureReported(hospital=HOSPITAL, pressures=(pressure("mood", 1.0),)),
        eh.PressureReported(hospital=HOSPITAL, pressures=(pressure("opel", 4.0),)),
        eh.PressureReported(hospital=HOSPITAL, pressures=(pressure("bed_occupancy", 999.0),)),
        eh.PressureReported(hospital=HOSPITAL, pressures=(pressure("bed_occupancy", -1.0),)),
        eh.PressureReported(hospital=HOSPITAL, pressures=()),
        eh.PressureReported(pressures=(pressure("sickness", 3.0),)),
        eh.PressureReported(trust=TrustCode("X"), pressures=(pressure("sickness", 3.0),)),
        eh.LevelConfirmed(scheme=Scheme.REAP, subject=TRUST, level=3, by="", reason="r"),
        eh.LevelConfirmed(scheme=Scheme.REAP, subject=TRUST, level=5, by="p", reason="r"),
        eh.LevelConfirmed(scheme=Scheme.REAP, subject=TRUST, level=2, by="p", reason=""),
        eh.LevelConfirmed(scheme=Scheme.REAP, subject="moon", level=2, by="p", reason="r"),
        eh.LevelUndone(scheme=Scheme.REAP, subject=TRUST, by="p", reason="r"),
    ],
)
def test_what_cannot_be_believed_is_refused_and_changes_nothing(event: object) -> None:
    room = a_room()
    before = room.state.digest()
    with pytest.raises(RejectedEventError):
        room.tell(event)  # type: ignore[arg-type]
    assert room.state.digest() == before


def escalating(*plans: LevelPlan, rule: str = "when unassigned >= 1 for 10 min") -> HospitalRoom:
    item = LevelRule(
        scheme=Scheme.SAFETY_PLAN,
        level=1,
        rule=TriggerRule(id="plan-1", about="trust", subject="*", text=rule, action="plan"),
    )
    settings = EscalationSettings(rules=(item,), plans=plans, tight_from=0)
    return HospitalRoom(Settings(escalation=settings))


def test_a_level_is_proposed_confirmed_takes_effect_and_is_undone() -> None:
    plan = LevelPlan(
        scheme=Scheme.SAFETY_PLAN,
        level=1,
        name="one",
        settings={"diversion.gain_min_s": 30, "policies.convey": "least_wait"},
    )
    room = escalating(plan)
    room.report("i", Category.C2, 0)
    told = [d for d in room.go_on(11) if isinstance(d, ProposeLevel)]
    assert [(d.scheme, d.level, d.rule) for d in told] == [(Scheme.SAFETY_PLAN, 1, "plan-1")]
    base = room.state.settings
    room.tell(
        eh.LevelConfirmed(
            scheme=Scheme.SAFETY_PLAN, subject=TRUST, level=1, by="Commander", reason="queue"
        )
    )
    assert room.state.settings.diversion.gain_min_s == 30
    assert room.state.settings.policies_of(TRUST).convey == "least_wait"
    assert room.state.settings.policies.convey == "nearest"
    undo = eh.LevelUndone(scheme=Scheme.SAFETY_PLAN, subject=TRUST, by="Commander", reason="over")
    room.tell(undo)
    assert room.state.settings == base


def test_going_down_is_proposed_when_the_rule_lets_go() -> None:
    room = escalating(rule="when unassigned >= 1 until unassigned = 0")
    room.report("i", Category.C2, 0)
    room.go_on(1)
    room.tell(
        eh.LevelConfirmed(scheme=Scheme.SAFETY_PLAN, subject=TRUST, level=1, by="C", reason="q")
    )
    room.sign_on("A1", 0)
    told = [d for d in room.go_on(2) if isinstance(d, ProposeLevel)]
    assert [(d.level, d.why.note) for d in told] == [(0, "released and held")]
    assert room.state.flow.levels.level_of(Scheme.SAFETY_PLAN, TRUST) == 1


def test_another_configuration_comes_into_force_under_the_levels() -> None:
    plan = LevelPlan(scheme=Scheme.REAP, level=3, name="three", settings={"mobilisation_s": 45})
    room = escalating(plan)
    room.tell(eh.LevelConfirmed(scheme=Scheme.REAP, subject=TRUST, level=3, by="C", reason="q"))
    new = msgspec.structs.replace(room.state.flow.base, name="new", mobilisation_s=70)
    room.tell(SettingsChanged(settings=new, by="C", reason="r"))
    assert (room.state.settings.name, room.state.settings.mobilisation_s) == ("new", 45)
    room.tell(eh.LevelUndone(scheme=Scheme.REAP, subject=TRUST, by="C", reason="over"))
    assert room.state.settings.mobilisation_s == 70


@pytest.mark.parametrize(
    "settings", [{"no.such": 1}, {"mobilisation_s": "soon"}, {"policies.convey": "magic"}]
)
def test_a_plan_that_cannot_take_effect_is_refused(settings: dict[str, object]) -> None:
    plan = LevelPlan(scheme=Scheme.REAP, level=3, name="three", settings=settings)  # type: ignore[arg-type]
    with pytest.raises(RejectedEventError):
        escalating(plan).tell(
            eh.LevelConfirmed(scheme=Scheme.REAP, subject=TRUST, level=3, by="C", reason="q")
        )


def test_the_recommended_configuration_proposes_by_the_default_rules() -> None:
    room = HospitalRoom(settings_named("default"))
    for unit in ("A1", "A2", "A3", "A4"):
        room.arrive(unit)
    told = kinds(room.go_on(30))
    assert "ProposeHalo" in told
    assert room.state.units[UnitId("A1")].status is UnitStatus.AT_HOSPITAL
