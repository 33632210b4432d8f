"""A crew in truth: where it really is, what it is doing, and until when it is on duty."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.simulator.duty import Duty
from dispatch.domain.ids import HospitalId, IncidentId
from dispatch.domain.incident import Outcome
from dispatch.domain.travel import Mode, Position
from dispatch.domain.unit import UnitSpec
from maps.geo import LonLat


class Job:
    """An incident in truth: its row in the log, its place, how it will end, and who is there.

    ``outcome`` is how it ends when an ambulance comes; for the second call of a patient it is not
    that of the row.
    """

    __slots__ = ("conveyor", "outcome", "position", "rank", "responders", "row")

    def __init__(self, row: int, position: Position, rank: int, outcome: Outcome) -> None:
        self.row, self.position, self.rank, self.outcome = row, position, rank, outcome
        self.conveyor: Crew | None = None
        self.responders: list[Crew] = []


class Crew:
    """A unit with its crew.

    ``order`` counts the orders and steps it was given: an entry of the agenda that was made under
    another number is void. A crew that drives left ``origin`` at ``departed_at_ms`` and will be at
    ``destination`` after ``travel_ms`` of driving, for which routing says ``routed_ms``.
    ``can_close`` tells a clinician, who may treat and leave, from a community responder.
    ``is_at_post`` says that the crew waits at a post; ``ready_at_ms`` when the
    vehicle is back at its station after a duty.
    """

    __slots__ = (
        "can_close",
        "departed_at_ms",
        "destination",
        "duties",
        "duty",
        "home",
        "home_at",
        "hospital",
        "incident",
        "is_at_post",
        "is_driving",
        "is_free",
        "is_on_duty",
        "job",
        "mode",
        "order",
        "origin",
        "ready_at_ms",
        "routed_ms",
        "spec",
        "travel_ms",
    )

    def __init__(
        self,
        spec: UnitSpec,
        home: Position,
        home_at: LonLat,
        duties: Iterator[Duty],
        *,
        can_close: bool,
    ) -> None:
        self.spec, self.home, self.home_at, self.duties = spec, home, home_at, duties
        self.can_close = can_close
        self.incident: IncidentId | None = None
        self.duty: Duty = (0, None)
        self.order = 0
        self.is_on_duty = False
        self.is_free = True
        self.is_at_post = True
        self.is_driving = False
        self.job: Job | None = None
        self.hospital: HospitalId | None = None
        self.origin = home
        self.destination = home
        self.mode = Mode.ORDINARY
        self.departed_at_ms = 0
        self.travel_ms = 0
        self.routed_ms = 0
        self.ready_at_ms = 0

    def halt(self, at: Position) -> None:
        """Stand still at a place; whatever was entered for this crew is void."""
        self.order += 1
        self.origin = self.destination = at
        self.is_driving = False

    def depart(
        self, destination: Position, mode: Mode, now_ms: int, times_ms: tuple[int, int]
    ) -> None:
        """Drive off: ``times_ms`` is what routing says, and what it will really take."""
        self.destination, self.mode = destination, mode
        self.departed_at_ms = now_ms
        self.routed_ms, self.travel_ms = times_ms
        self.is_driving = True

    def routed_so_far_ms(self, now_ms: int) -> int:
        """Return how far the journey has come, in routing's time: traffic is even all the way."""
        if self.travel_ms <= 0:
            return self.routed_ms
        return (now_ms - self.departed_at_ms) * self.routed_ms // self.travel_ms
