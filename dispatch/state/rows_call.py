"""What the core knows of telephone calls and call rooms."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from dispatch.domain.call import Call, CallStatus
from dispatch.domain.ids import CallId, IncidentId, TrustCode
from dispatch.state.book import Book, Timers, books_json
from maps.geo import LonLat


class OpenCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call that has not ended, and what the handler has learned so far."""

    call: Call
    at: LonLat | None = None
    is_provisional: bool = True
    complaint: str | None = None
    incident: IncidentId | None = None


class RoomOnDuty(msgspec.Struct, frozen=True, kw_only=True):
    """A trust's call handlers on duty."""

    handlers: int
    takes_calls: bool = True
    handle_s: float = 360.0
    is_linked: bool = True


class HandBackDue(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that its home trust is to take over."""

    trust: TrustCode
    due_at_ms: int


class AboutIncident(msgspec.Struct, frozen=True, kw_only=True):
    """From which lines an open incident was reported (pseudonyms), and as what."""

    lines: tuple[str, ...] = ()
    complaint: str | None = None
    is_provisional: bool = False


ANSWERS_KEPT: Final = 400
"""Answer times that a trust's rules may look back on: an hour and a half of the busiest trust."""


class CallBoard:
    """Open calls, call rooms, and who called about which open incident."""

    __slots__ = (
        "_books",
        "about",
        "answers",
        "calls",
        "ended",
        "ended_before",
        "hand_backs",
        "rooms",
    )

    def __init__(self) -> None:
        self.calls: Book[CallId, OpenCall] = Book()
        self.rooms: Book[TrustCode, RoomOnDuty] = Book()
        self.about: Book[IncidentId, AboutIncident] = Book()
        self.hand_backs: Book[IncidentId, HandBackDue] = Book()
        self.answers: Book[TrustCode, tuple[tuple[int, int], ...]] = Book()
        """By trust: when its last calls were answered, and after which wait, in milliseconds."""
        self.ended: list[Call] = []
        """Calls that are over, until the driver takes them."""
        self.ended_before = 0
        self._books: Final[dict[str, Book[Any, Any]]] = {
            "calls": self.calls,
            "call_rooms": self.rooms,
            "callers": self.about,
            "hand_backs": self.hand_backs,
            "answers": self.answers,
        }

    def mark(self) -> None:
        """Begin an event: what it changes can be taken back."""
        for book in self._books.values():
            book.mark()
        self.ended_before = len(self.ended)

    def restore(self) -> None:
        """Take back what an event changed."""
        for book in self._books.values():
            book.restore()
        del self.ended[self.ended_before :]

    def move(self, call: Call) -> None:
        """Enter what became of a call; one that is over leaves the board."""
        if call.status in (CallStatus.ENDED, CallStatus.ABANDONED):
            self.calls.drop(call.id)
            self.ended.append(call)
            return
        known = self.calls.get(call.id)
        if call.status is CallStatus.ANSWERED and call.answered_at_ms is not None:
            kept = (self.answers.get(call.trust) or ())[1 - ANSWERS_KEPT :]
            wait_ms = call.answered_at_ms - call.connected_at_ms
            self.answers.put(call.trust, (*kept, (call.answered_at_ms, wait_ms)))
        row = OpenCall(call=call, at=call.at) if known is None else known
        self.calls.put(call.id, msgspec.structs.replace(row, call=call))

    def link(self, incident: IncidentId, row: OpenCall) -> None:
        """Keep from which line and as what an incident was reported."""
        known = self.about.get(incident) or AboutIncident()
        line = row.call.caller
        lines = known.lines if line is None or line in known.lines else (*known.lines, line)
        self.about.put(
            incident,
            msgspec.structs.replace(known, lines=lines, complaint=known.complaint or row.complaint),
        )

    def incident_ended(self, incident: IncidentId, timers: Timers) -> None:
        """Forget who called about an incident that has ended."""
        self.about.drop(incident)
        if self.hand_backs.drop(incident) is not None:
            timers.pop(hand_back_timer(incident), None)

    def take_ended(self) -> list[Call]:
        """Return the calls that ended since the last call of this, and forget them."""
        ended, self.ended, self.ended_before = self.ended, [], 0
        return ended

    def to_builtins(self) -> dict[str, Any]:
        """Return everything for the canonical picture; nothing while there is nothing."""
        return books_json(self._books)


CALL_TIMER: Final = "call:"
HAND_BACK_TIMER: Final = "hand-back:"


def call_timer(call: CallId) -> str:
    """Return the name of the timer at which a waiting call is looked at again."""
    return f"{CALL_TIMER}{call}"


def hand_back_timer(incident: IncidentId) -> str:
    """Return the name of the timer by which a home trust must have taken over."""
    return f"{HAND_BACK_TIMER}{incident}"
