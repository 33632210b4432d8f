"""Clinicians in the control room: they speak to those who wait for them, the next breach first."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final

from benchmarks.simulator.agenda import Turn
from benchmarks.simulator.care_behaviour import CareBehaviour
from benchmarks.simulator.quantile import lognormal
from benchmarks.simulator.services import Street
from benchmarks.simulator.streams import Streams, key_of
from dispatch.domain import event_care as care
from dispatch.domain.category import RANK, Category
from dispatch.domain.ids import IncidentId, TrustCode
from dispatch.domain.local_time import MINUTE_MS
from dispatch.domain.validation import Validation, ValidationStatus

NO_REPLY_MIN: Final = 1.0
"""How long a call takes that nobody answers. Assumed."""

TRIES_MAX: Final = 5
"""After so many calls that nobody answered a clinician does not ring again. Assumed."""

_Waiting = tuple[int, int, int, IncidentId]
"""Breach time, rank, since when, and whose: the order of the core's own validation queue."""


class Clinicians:
    """The clinicians of every trust.

    Parameters
    ----------
    floor
        The world.
    behaviour, seed
        How they work, and their chance.
    on_duty
        How many each trust has.
    decide
        Called at the end of a conversation with a patient: the clinician decides.
    """

    def __init__(
        self,
        floor: Street,
        behaviour: CareBehaviour,
        seed: int,
        on_duty: dict[TrustCode, int],
        decide: Callable[[IncidentId, str], None],
    ) -> None:
        self._floor, self._behaviour, self._decide = floor, behaviour, decide
        self._streams = Streams(seed)
        self._free = {
            trust: [f"clinician {i + 1} of {trust}" for i in reversed(range(count))]
            for trust, count in on_duty.items()
        }
        self._queue: dict[TrustCode, list[_Waiting]] = {trust: [] for trust in on_duty}
        self._tries: dict[IncidentId, int] = {}

    def await_one(self, trust: TrustCode, incident: IncidentId, breach_at_ms: int) -> None:
        """Put an incident before the clinicians of its trust."""
        known = self._floor.dispatcher.state.incidents[incident]
        row = (breach_at_ms, RANK[known.category], self._floor.now_ms, incident)
        heappush(self._queue[trust], row)
        self._later(0.0, self._next, trust)

    def _next(self, trust: TrustCode) -> None:
        """Let every free clinician ring the next patient."""
        free, queue = self._free[trust], self._queue[trust]
        while free and queue:
            row = heappop(queue)
            if self._still_waits(row[3]):
                self._ring(trust, row, free.pop(), self.validation_of(row[3]))

    def _still_waits(self, incident: IncidentId) -> bool:
        """Test whether a conversation can still change what happens to an incident."""
        known = self._floor.dispatcher.state.incidents.get(incident)
        if known is None:
            return False
        validation = self.validation_of(incident)
        if validation is not None and validation.status is ValidationStatus.WAITING:
            return True
        is_over = validation is not None and validation.status in _OVER
        return not is_over and known.category is Category.C5

    def _ring(
        self, trust: TrustCode, row: _Waiting, clinician: str, validation: Validation | None
    ) -> None:
        incident = row[3]
        tries = self._tries[incident] = self._tries.get(incident, 0) + 1
        drawn = self._chance("clinician's call answered", f"{incident}/{tries}")
        waits = validation is not None and validation.status is ValidationStatus.WAITING
        if drawn < self._behaviour.no_reply_share and tries < TRIES_MAX:
            if waits:
                self._floor.tell(care.ValidationAttempted(incident=incident, clinician=clinician))
            self._later(NO_REPLY_MIN, self._give_up, (trust, clinician))
            self._later(self._behaviour.ring_again_min, self._again, (trust, row))
            return
        if waits:
            self._floor.tell(care.ValidationStarted(incident=incident, clinician=clinician))
        self._later(self._minutes(incident), self._finish, (trust, incident, clinician))

    def _again(self, job: tuple[TrustCode, _Waiting]) -> None:
        trust, row = job
        heappush(self._queue[trust], row)
        self._next(trust)

    def _give_up(self, job: tuple[TrustCode, str]) -> None:
        trust, clinician = job
        self._free[trust].append(clinician)
        self._next(trust)

    def _finish(self, job: tuple[TrustCode, IncidentId, str]) -> None:
        trust, incident, clinician = job
        self._tries.pop(incident, None)
        if incident in self._floor.dispatcher.state.incidents:
            self._decide(incident, clinician)
        self._give_up((trust, clinician))

    def validation_of(self, incident: IncidentId) -> Validation | None:
        """Return the validation of an incident; None when it has none."""
        return self._floor.dispatcher.state.care.care_of(incident).validation

    def _minutes(self, incident: IncidentId) -> float:
        sd = self._behaviour.review_log_sd
        drawn = lognormal(
            self._streams.uniform("clinician's conversation", key_of(incident)), -sd * sd / 2.0, sd
        )
        return self._behaviour.review_min * float(drawn[0])

    def _chance(self, stream: str, subject: str) -> float:
        return float(self._streams.uniform(stream, key_of(subject))[0])

    def _later(self, minutes: float, step: Callable[[Any], None], subject: Any) -> None:
        at_ms = self._floor.now_ms + round(minutes * MINUTE_MS)
        self._floor.agenda.add(at_ms, Turn.HOSPITAL, step, subject)


_OVER: Final = frozenset(
    {ValidationStatus.DONE, ValidationStatus.ENDED, ValidationStatus.IN_PROGRESS}
)
