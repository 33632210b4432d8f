"""Callers in truth: they ring, wait, hang up, ring again; handlers answer who waited longest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.call_log.log import CallLog
from benchmarks.published import day_shape
from benchmarks.simulator.agenda import Agenda, Turn
from benchmarks.simulator.call_behaviour import CallBehaviour
from benchmarks.simulator.call_plan import Ring, RingKind, published_of
from benchmarks.simulator.quantile import lognormal, natural_log
from benchmarks.simulator.streams import Streams, key_of
from dispatch.dispatcher import Dispatcher
from dispatch.domain import event_call as call_ev
from dispatch.domain.call import CallDisposition
from dispatch.domain.call_rules import AnswerTarget
from dispatch.domain.decision_call import HandBack, OfferCall
from dispatch.domain.event import Event
from dispatch.domain.ids import CallId, IncidentId, TrustCode
from dispatch.journal import Entry
from dispatch.policies.answer_erlang import CallLoad, handlers_needed
from maps.geo import LonLat

HOUR_MS: Final = 3_600_000
Report = Callable[[int], IncidentId | None]
HangUp = Callable[[IncidentId | None], None]

END_AFTER_MS: Final = 30_000
"""A call about a new incident goes on at least this long after it was coded. Assumed."""


class Switchboard(Protocol):
    """What callers and handlers need of the world."""

    dispatcher: Dispatcher
    agenda: Agenda
    now_ms: int

    def tell(self, event: Event) -> Entry:
        """Tell the core of something."""


@dataclass(slots=True)
class _Room:
    """A call room: handlers on duty, those on a call, and who waits there."""

    handlers: int = 0
    busy: int = 0
    planned: int = 0
    own: dict[CallId, Ring] = field(default_factory=dict)
    offered: dict[CallId, Ring] = field(default_factory=dict)


class Callers:
    """Everyone who rings 999, and everyone who answers.

    Parameters
    ----------
    floor
        The world.
    behaviour, seed
        How people behave, and their chance.
    log
        The incidents; ``rings`` says which of them come by telephone.
    rings
        Every call that is to come, by trust.
    doors
        What reports an incident of the log by its row and returns its name, or None when it was
        refused; and what is told when the call about it has ended.
    """

    def __init__(
        self,
        floor: Any,
        behaviour: CallBehaviour,
        seed: int,
        log: CallLog,
        rings: list[Ring],
        doors: tuple[Report, HangUp],
    ) -> None:
        self._floor: Final[Switchboard] = floor
        self._behaviour, self._log = behaviour, log
        self._report, self._hung_up = doors
        self._streams = Streams(seed)
        trusts = sorted({ring.trust for ring in rings})
        self._rooms = {trust: _Room() for trust in trusts}
        self._calls = Counter(ring.trust for ring in rings)
        self._start_ms: Final[int] = floor.now_ms
        self._incident: dict[int, IncidentId] = {}
        self.to_come = sum(ring.row is not None for ring in rings)
        """Incidents whose callers nobody has heard yet."""
        for ring in rings:
            floor.agenda.add(ring.at_ms, Turn.CALL, self._connect, ring)

    def answers(self) -> dict[type, Callable[[Any], None]]:
        """Return what people do about which decision."""
        return {OfferCall: self._offered, HandBack: self._handed_back}

    # -- handlers on duty ------------------------------------------------------------------------

    def staff(self, days: float, month: str) -> None:
        """Put handlers on duty, hour by hour, so many as the hour's calls need.

        Parameters
        ----------
        days
            Over how many days the calls are spread.
        month
            Whose published answer times are aimed at, where none is asked for.
        """
        for trust, room in self._rooms.items():
            asked = self._behaviour.answer_mean_s
            aim_s = published_of(trust, month).known("A3") if asked is None else asked
            a_day = self._calls[trust] / max(1.0, days)
            plan = _plan_of(a_day, max(0.1, float(aim_s)), self._behaviour)
            self._change_shift((trust, room, plan))
        for outage in self._behaviour.down:
            for hours in (outage.from_h, outage.until_h):
                at_ms = self._start_ms + round(hours * HOUR_MS)
                agenda = self._floor.agenda
                agenda.add(at_ms, Turn.SHIFT, self._look_at_room, TrustCode(outage.trust))

    def _change_shift(self, job: tuple[TrustCode, _Room, list[int]]) -> None:
        trust, room, plan = job
        hour = datetime.fromtimestamp(self._floor.now_ms / 1000, UTC).astimezone(_LONDON).hour
        room.planned = plan[hour]
        self._look_at_room(trust)
        if self.to_come:
            next_ms = (self._floor.now_ms // HOUR_MS + 1) * HOUR_MS
            self._floor.agenda.add(next_ms, Turn.SHIFT, self._change_shift, job)

    def _look_at_room(self, trust: TrustCode) -> None:
        room = self._rooms.get(trust)
        if room is None:
            return
        is_down = self._is_down(trust)
        handlers = 0 if is_down else room.planned
        if handlers == room.handlers and not self._behaviour.down and room.handlers:
            return
        room.handlers = handlers
        self._floor.tell(
            call_ev.HandlersOnDuty(
                trust=trust,
                handlers=handlers,
                handle_s=self._behaviour.handle_s,
                takes_calls=not is_down,
                is_linked=not is_down,
            )
        )
        self._pick(trust)

    def _is_down(self, trust: TrustCode) -> bool:
        hours = (self._floor.now_ms - self._start_ms) / HOUR_MS
        return any(
            outage.trust == trust and outage.from_h <= hours < outage.until_h
            for outage in self._behaviour.down
        )

    # -- a call ----------------------------------------------------------------------------------

    def _connect(self, ring: Ring) -> None:
        room = self._rooms[ring.trust]
        room.own[ring.call] = ring
        self._floor.tell(
            call_ev.CallPresented(call=ring.call, trust=ring.trust, caller=ring.caller)
        )
        patience_s = -self._behaviour.patience_s * float(
            natural_log(1.0 - self._streams.uniform("patience", key_of(ring.call)))[0]
        )
        self._later(patience_s * 1000, self._hang_up, ring)
        self._pick(ring.trust)

    def _hang_up(self, ring: Ring) -> None:
        room = self._rooms[ring.trust]
        if ring.call not in room.own:
            return
        self._forget(ring)
        self._floor.tell(call_ev.CallAbandoned(call=ring.call))
        if ring.row is not None:
            again = ring.again()
            self._later(self._behaviour.rings_again_s * 1000, self._connect, again)

    def _pick(self, trust: TrustCode) -> None:
        """Let free handlers answer who waits, whoever has waited longest first."""
        room = self._rooms[trust]
        while room.busy < room.handlers:
            ring = self._next(trust, room)
            if ring is None:
                return
            self._forget(ring)
            room.busy += 1
            handler = f"handler {room.busy} of {trust}"
            self._floor.tell(call_ev.CallAnswered(call=ring.call, by=trust, handler=handler))
            self._talk(ring, trust)

    def _next(self, trust: TrustCode, room: _Room) -> Ring | None:
        calls = self._floor.dispatcher.state.calls.calls
        for name in list(room.offered):
            row = calls.get(name)
            if row is None or row.call.offered_to != trust:
                del room.offered[name]
        return min(
            (*room.own.values(), *room.offered.values()),
            key=lambda ring: (ring.at_ms, ring.call),
            default=None,
        )

    def _forget(self, ring: Ring) -> None:
        for room in self._rooms.values():
            room.own.pop(ring.call, None)
            room.offered.pop(ring.call, None)

    # -- the conversation ------------------------------------------------------------------------

    def _talk(self, ring: Ring, by: TrustCode) -> None:
        sd = self._behaviour.handle_log_sd
        drawn = lognormal(
            self._streams.uniform("call length", key_of(ring.call)), -sd * sd / 2.0, sd
        )
        lasts_ms = self._behaviour.handle_s * 1000 * float(drawn[0])
        if ring.row is not None:
            self._later(ring.coding_ms, self._code, ring)
            lasts_ms = max(lasts_ms, ring.coding_ms + END_AFTER_MS)
        elif ring.kind is RingKind.SAME_INCIDENT:
            self._later(ring.coding_ms, self._locate, ring)
            lasts_ms = max(lasts_ms / 2.0, ring.coding_ms + END_AFTER_MS)
        else:
            lasts_ms /= 2.0
        self._later(lasts_ms, self._end, (ring, by))

    def _code(self, ring: Ring) -> None:
        assert ring.row is not None
        self.to_come -= 1
        incident = self._report(ring.row)
        if incident is None:
            return
        self._incident[ring.row] = incident
        if incident in self._floor.dispatcher.state.incidents:
            self._describe(ring, ring.row, incident)

    def _locate(self, ring: Ring) -> None:
        assert ring.about is not None
        self._describe(ring, ring.about, None)

    def _describe(self, ring: Ring, row: int, incident: IncidentId | None) -> None:
        at = LonLat(float(self._log.lon[row]), float(self._log.lat[row]))
        self._floor.tell(
            call_ev.CallDescribed(
                call=ring.call, at=at, complaint=ring.complaint, incident=incident
            )
        )

    def _end(self, job: tuple[Ring, TrustCode]) -> None:
        ring, by = job
        about = self._about(ring)
        if about is None:
            disposition = CallDisposition.NO_INCIDENT
        elif ring.row is not None:
            disposition = CallDisposition.NEW_INCIDENT
        else:
            disposition = CallDisposition.SAME_INCIDENT
        self._floor.tell(call_ev.CallEnded(call=ring.call, disposition=disposition, incident=about))
        if ring.row is not None:
            self._hung_up(self._incident.get(ring.row))
        self._rooms[by].busy -= 1
        self._pick(by)

    def _about(self, ring: Ring) -> IncidentId | None:
        """Return the incident that a call was about, when the core can still be told."""
        row = ring.about if ring.row is None else ring.row
        incident = None if row is None else self._incident.get(row)
        if incident is None or incident in self._floor.dispatcher.state.incidents:
            return incident
        known = self._floor.dispatcher.state.calls.calls.rows[ring.call]
        return incident if known.incident == incident else None

    # -- between trusts --------------------------------------------------------------------------

    def _offered(self, order: OfferCall) -> None:
        room = self._rooms.get(order.trust)
        for home in self._rooms.values():
            ring = home.own.get(order.call)
            if ring is not None and room is not None:
                room.offered[order.call] = ring
                self._later(0, self._pick, order.trust)

    def _handed_back(self, order: HandBack) -> None:
        self._later(self._behaviour.hand_back_s * 1000, self._take_over, order)

    def _take_over(self, order: HandBack) -> None:
        if order.incident in self._floor.dispatcher.state.calls.hand_backs.rows:
            self._floor.tell(call_ev.CallHandedBack(incident=order.incident, by=order.trust))

    def _later(self, after_ms: float, step: Callable[[Any], None], subject: Any) -> None:
        at_ms = self._floor.now_ms + round(after_ms)
        self._floor.agenda.add(at_ms, Turn.CALL, step, subject)


_LONDON: Final = ZoneInfo("Europe/London")


def _plan_of(calls_a_day: float, answer_s: float, behaviour: CallBehaviour) -> list[int]:
    """Return the handlers on duty in each hour of a day."""
    target = AnswerTarget(mean_s=answer_s, share=None)
    found = []
    for share in day_shape().hour_share:
        load = CallLoad(
            calls_per_h=calls_a_day * share,
            handle_s=behaviour.handle_s,
            patience_s=behaviour.patience_s,
        )
        needed = handlers_needed(load, target) * behaviour.handlers_factor
        found.append(max(1, int(np.rint(needed))))
    return found
