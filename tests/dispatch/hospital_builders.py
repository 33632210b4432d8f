"""Builders: a control room with crews at a hospital."""

from __future__ import annotations

from typing import Any

from dispatch.domain.category import Category
from dispatch.domain.decision import SetTimer
from dispatch.domain.event import TimerFired
from dispatch.domain.hospital_settings import HospitalSettings
from dispatch.domain.ids import UnitId
from dispatch.domain.settings import Settings
from dispatch.domain.trigger_rule import TriggerRule
from dispatch.domain.unit import UnitStatus
from tests.dispatch.builders import HOSPITAL, MINUTE, ControlRoom


class HospitalRoom(ControlRoom):
    """A control room whose timers fire at their exact time."""

    def go_to(self, at_ms: int) -> list[Any]:
        """Let the time pass and every timer fire on the way; return what was decided."""
        told: list[Any] = []
        while True:
            due = min(self.state.timers.items(), key=lambda item: (item[1], item[0]), default=None)
            if due is None or due[1] > at_ms:
                break
            self.now_ms = max(self.now_ms, due[1])
            entry = self.dispatcher.handle(TimerFired(timer=due[0], due_at_ms=due[1]), self.now_ms)
            self.entries.append(entry)
            told += [d for d in entry.decisions if not isinstance(d, SetTimer)]
        self.now_ms = at_ms
        return told

    def go_on(self, minutes: float) -> list[Any]:
        return self.go_to(self.now_ms + round(minutes * MINUTE))

    def arrive(self, unit: str, category: Category = Category.C2) -> None:
        """Bring a crew with a patient to the hospital, at once."""
        self.sign_on(unit, 0)
        self.report(f"i-{unit}", category, 0)
        if self.state.units[UnitId(unit)].incident is None:
            raise AssertionError("the unit was not sent")
        for status in ("MOBILE", "AT_SCENE"):
            self.status(unit, UnitStatus(status))
        self.status(unit, UnitStatus.CONVEYING, hospital=HOSPITAL)
        self.status(unit, UnitStatus.AT_HOSPITAL)

    def visit(self, unit: str) -> Any:
        desk = self.state.flow.desk(HOSPITAL)
        rows = [row.visit for row in desk.rows] + list(desk.done)
        return next(visit for visit in rows if visit.unit == unit)


def a_room(rule: str | None = None, **hospital: Any) -> HospitalRoom:
    rules = ()
    if rule is not None:
        rules = (TriggerRule(id="halo", about="hospital", subject="*", text=rule),)
    return HospitalRoom(Settings(hospital=HospitalSettings(halo_rules=rules, **hospital)))


def kinds(decisions: Any) -> list[str]:
    return [type(d).__name__ for d in decisions if not isinstance(d, SetTimer)]
