"""Who may go on its meal break: while nobody waits if it can be, in its window if at all."""

from __future__ import annotations

from typing import Final

import numpy as np

from dispatch.domain import event as ev
from dispatch.domain.decision import SetTimer
from dispatch.domain.decision_crew import GiveBreak
from dispatch.domain.explanation import Explanation
from dispatch.domain.ids import UnitId
from dispatch.domain.unit import STATUS_NUMBER, UnitStatus
from dispatch.policies.eligibility import ELIGIBLE, STATUS_CODE
from dispatch.ports import Picture
from dispatch.state import FAR_FUTURE_MS, Unit

BREAKS: Final = "breaks"
"""The timer that asks who may go on its break."""

BEGIN_MS: Final = 10 * 60_000
"""A crew that was given its break and has not begun by then is told again. Assumed."""

_ON_STATION: Final = STATUS_NUMBER[UnitStatus.ON_STATION]
_OFF_DUTY: Final = STATUS_NUMBER[UnitStatus.OFF_DUTY]


def breaks(picture: Picture, event: ev.Event, taken: set[UnitId]) -> list[GiveBreak | SetTimer]:
    """Return the breaks that begin now, and when to ask again; ``taken`` were given orders.

    Asked when a crew that is owed a break reaches a post, and every few minutes while any crew is
    owed one.
    """
    if isinstance(event, ev.UnitStatusReported) and event.status is UnitStatus.ON_STATION:
        unit = picture.state.units[event.unit]
        return [] if unit.owed_break is None else list(_given(picture, [unit], taken))
    if isinstance(event, ev.UnitSignedOn) and event.meal_break is not None:
        return [] if BREAKS in picture.state.timers else [_again(picture)]
    if not (isinstance(event, ev.TimerFired) and event.timer == BREAKS):
        return []
    table = picture.state.table
    size = table.size
    owed = table.break_ms[:size] < FAR_FUTURE_MS
    if not (owed & (table.status[:size] != _OFF_DUTY)).any():
        return []
    stands = owed & (table.status[:size] == _ON_STATION)
    units = [table.units[slot] for slot in np.flatnonzero(stands).tolist()]
    # Whose window ends first goes first.
    units.sort(key=lambda unit: (table.break_ms[unit.slot], unit.spec.id))
    return [*_given(picture, units, taken), _again(picture)]


def _again(picture: Picture) -> SetTimer:
    every_ms = picture.settings.crew.breaks_every_s * 1000
    return SetTimer(timer=BREAKS, due_at_ms=picture.now_ms + every_ms)


def _given(picture: Picture, units: list[Unit], taken: set[UnitId]) -> list[GiveBreak]:
    given: list[GiveBreak] = []
    for unit in units:
        if unit.spec.id in taken:
            continue
        gone = taken | {decision.unit for decision in given}
        note = _reason(picture, unit, gone)
        if note is not None:
            assert unit.owed_break is not None
            given.append(
                GiveBreak(
                    unit=unit.spec.id, minutes=unit.owed_break.minutes, why=Explanation(note=note)
                )
            )
    return given


def _reason(picture: Picture, unit: Unit, gone: set[UnitId]) -> str | None:
    """Return why a unit goes on its break now; None when it does not."""
    owed, now_ms, rules = unit.owed_break, picture.now_ms, picture.settings.crew
    if owed is None or now_ms < owed.from_ms or _just_given(unit, now_ms):
        return None
    late_min = (now_ms - owed.latest_start_ms) // 60_000
    if late_min > 0:
        return f"its meal break, {late_min} min later than its window allowed: it was not free"
    trust = unit.spec.trust
    if now_ms + rules.breaks_every_s * 1000 > owed.latest_start_ms:
        return "its meal break: the window is about to end"
    waits = bool(picture.state.waiting.of(trust))
    if waits or _others_free(picture, unit, gone) < rules.spare_units_min:
        return None
    return "its meal break, in its window, while nobody waits"


def _just_given(unit: Unit, now_ms: int) -> bool:
    """Test whether the crew was told a moment ago and has not begun."""
    given_ms = unit.break_given_at_ms
    return given_ms is not None and now_ms < given_ms + BEGIN_MS


def _others_free(picture: Picture, unit: Unit, gone: set[UnitId]) -> int:
    """Return how many other units of the trust that convey could go now."""
    table = picture.state.table
    size = table.size
    own = table.trust[:size] == table.trust[unit.slot]
    free = own & (STATUS_CODE[table.status[:size]] == ELIGIBLE)
    units = (table.units[slot] for slot in np.flatnonzero(free).tolist())
    return sum(
        other.spec.conveys and other is not unit and other.spec.id not in gone for other in units
    )
