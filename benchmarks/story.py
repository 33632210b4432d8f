"""One patient's story out of a journal: what happened, what was decided, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from benchmarks.journal_file import opened_journal
from benchmarks.report.wording import clock
from dispatch.domain import event as ev
from dispatch.domain.decision import Assign, Candidate, Convey, Decision, StandDown, Wait
from dispatch.domain.ids import HospitalId, UnitId
from dispatch.domain.unit import UnitSpec, UnitStatus
from dispatch.domain.wording import (
    Directory,
    candidate_names,
    candidate_sentence,
    decision_sentence,
    event_sentence,
)
from dispatch.journal import Entry

TIMEZONE: Final = "Europe/London"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a story: when, what, and for a decision those who were considered."""

    seq: int
    at_ms: int
    words: str
    is_decision: bool
    considered: tuple[str, ...] = ()


class _Names:
    """What identifiers of a journal stand for, learnt as it is read."""

    def __init__(self) -> None:
        self._units: dict[UnitId, UnitSpec] = {}
        self._hospitals: dict[HospitalId, str] = {}
        self.directory = Directory(unit=self._units.get, hospital=self._hospitals.get)

    def learn(self, event: ev.Event) -> None:
        """Take in the names that an event brings."""
        if isinstance(event, ev.UnitSignedOn):
            self._units[event.unit.id] = event.unit
        elif isinstance(event, ev.PictureOpened):
            self._hospitals |= {site.id: site.name for site in event.hospitals}


def story(path: Path, incident: str) -> list[Line]:
    """Return everything that a journal says of one incident, in order.

    Raises
    ------
    BrokenJournalError
        When the file is no journal, or was altered or cut short.
    ValueError
        When the journal knows no such incident.
    """
    names, course = _Names(), _Course(incident)
    found: list[Line] = []
    some: list[str] = []
    with opened_journal(path) as (_, entries):
        for entry in entries:
            names.learn(entry.event)
            if isinstance(entry.event, ev.IncidentReported) and len(some) < 3:
                some.append(entry.event.incident)
            course.see(entry)
            found += _lines(entry, incident, names.directory)
    if not found:
        known = f" such as {', '.join(some)}" if some else ""
        raise ValueError(f"Expected an incident of {path.name}{known}, was {incident!r}.")
    if (words := course.words()) is not None:
        last = found[-1]
        found.append(Line(seq=last.seq, at_ms=last.at_ms, words=words, is_decision=False))
    return found


class _Course:
    """The times of one incident by which its wait is told."""

    def __init__(self, incident: str) -> None:
        self._incident = incident
        self._reported_ms: int | None = None
        self._reached_ms: int | None = None
        self._outcome: str | None = None

    def see(self, entry: Entry) -> None:
        """Take in one entry of the journal."""
        event = entry.event
        if getattr(event, "incident", None) != self._incident:
            return
        if isinstance(event, ev.IncidentReported):
            self._reported_ms = entry.now_ms
        elif isinstance(event, ev.IncidentClosed):
            self._outcome = event.outcome.value
        elif isinstance(event, ev.UnitStatusReported):
            if event.status is UnitStatus.AT_SCENE and self._reached_ms is None:
                self._reached_ms = entry.now_ms
            if event.outcome is not None:
                self._outcome = event.outcome.value

    def words(self) -> str | None:
        """Return when somebody came and how it ended; None while nothing of it is known."""
        parts = []
        if self._reached_ms is not None and self._reported_ms is not None:
            wait = clock((self._reached_ms - self._reported_ms) / 1000)
            parts.append(f"A unit was there {wait} after the report.")
        if self._outcome is not None:
            parts.append(f"Outcome: {self._outcome.replace('_', ' ').replace(' ed', ' ED')}.")
        return " ".join(parts) or None


def local_words(at_ms: int, timezone: str = TIMEZONE) -> str:
    """Return a local date and time of day with seconds."""
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b %H:%M:%S}"


def _lines(entry: Entry, incident: str, directory: Directory) -> Iterator[Line]:
    if getattr(entry.event, "incident", None) == incident:
        yield Line(
            seq=entry.seq,
            at_ms=entry.now_ms,
            words=event_sentence(entry.event, directory),
            is_decision=False,
        )
    for decision in entry.decisions:
        if _concerns(decision, incident):
            name_of = candidate_names(decision, directory)
            yield Line(
                seq=entry.seq,
                at_ms=entry.now_ms,
                words=decision_sentence(decision, directory),
                is_decision=True,
                considered=tuple(candidate_sentence(c, name_of) for c in _considered(decision)),
            )


def _concerns(decision: Decision, incident: str) -> bool:
    if isinstance(decision, Assign) and decision.diverted_from == incident:
        return True
    return getattr(decision, "incident", None) == incident


def _considered(decision: Decision) -> tuple[Candidate, ...]:
    if isinstance(decision, Assign | Convey | Wait | StandDown):
        return decision.why.candidates
    return ()
