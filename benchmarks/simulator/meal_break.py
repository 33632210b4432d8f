"""Crews take the meal breaks that they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from benchmarks.simulator.agenda import Agenda, Turn
from benchmarks.simulator.crew import Crew
from benchmarks.simulator.crew_behaviour import CrewBehaviour
from benchmarks.simulator.duty import Duty
from dispatch.domain import event as ev
from dispatch.domain.crew_rules import MealBreak
from dispatch.domain.decision_crew import GiveBreak
from dispatch.domain.event import Event
from dispatch.domain.ids import UnitId
from dispatch.domain.unit import UnitStatus
from dispatch.journal import Entry

HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000


class Floor(Protocol):
    """What crews need of the world."""

    agenda: Agenda
    crews: dict[UnitId, Crew]
    now_ms: int

    def tell(self, event: Event) -> Entry:
        """Tell the core of something."""


class MealBreaks:
    """Windows of the crews' breaks, and the breaks themselves."""

    def __init__(self, floor: Any, behaviour: CrewBehaviour) -> None:
        self._floor: Final[Floor] = floor
        self._behaviour: Final = behaviour

    def answers(self) -> dict[type, Callable[[Any], None]]:
        """Return what is done about each kind of decision."""
        return {GiveBreak: self._begin}

    def window(self, duty: Duty) -> MealBreak | None:
        """Return the window of a duty's break; None where it has none."""
        begins_ms, ends_ms = duty
        how = self._behaviour
        if not how.meal_breaks or ends_ms is None:
            return None
        if ends_ms - begins_ms < how.duty_min_h * HOUR_MS:
            return None
        opens, closes = (begins_ms + round(hours * HOUR_MS) for hours in how.window_h)
        return MealBreak(from_ms=opens, until_ms=min(closes, ends_ms), minutes=how.minutes)

    def _begin(self, order: GiveBreak) -> None:
        """Go on the break, unless the crew was sent elsewhere in the same breath."""
        crew = self._floor.crews[order.unit]
        if not (crew.is_free and crew.is_at_post and crew.is_on_duty):
            return
        self._say(crew, UnitStatus.ON_BREAK)
        ends_ms = self._floor.now_ms + order.minutes * MINUTE_MS
        self._floor.agenda.add(ends_ms, Turn.CREW, self._end, (crew, crew.order))

    def _end(self, step: tuple[Crew, int]) -> None:
        crew, order = step
        if crew.order == order:
            self._say(crew, UnitStatus.ON_STATION)

    def _say(self, crew: Crew, status: UnitStatus) -> None:
        self._floor.tell(
            ev.UnitStatusReported(
                unit=crew.spec.id, status=status, reported_at_ms=self._floor.now_ms
            )
        )
