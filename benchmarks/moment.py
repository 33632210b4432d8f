"""The picture of one moment out of a journal: units, patients and hospital doors as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from benchmarks.journal_file import opened_journal
from benchmarks.verify import check_versions
from dispatch.dispatcher import Dispatcher
from dispatch.domain.unit import UnitStatus
from dispatch.engine import open_dispatcher
from dispatch.ports import TravelTimes, position_now
from dispatch.state import Incident, Unit
from maps.geo import LonLat
from maps.region import Region
from routing.live import roads_from

TIME_ONLY: Final = 5
"""Length of a time of day alone: 18:40."""


class UnitThen(msgspec.Struct, frozen=True, kw_only=True):
    """A unit at a moment; ``at`` is where it was believed to be, ``to`` where it was going."""

    id: str
    trust: str
    kind: str
    status: str
    at: LonLat
    to: LonLat | None
    incident: str | None
    due_at_ms: int | None


class IncidentThen(msgspec.Struct, frozen=True, kw_only=True):
    """An open incident at a moment; ``units`` are those assigned to it."""

    id: str
    trust: str
    category: str
    at: LonLat
    waited_s: int
    units: tuple[str, ...]
    has_unit_on_scene: bool


class HospitalThen(msgspec.Struct, frozen=True, kw_only=True):
    """A hospital's door at a moment: crews there, the longest there, crews coming."""

    id: str
    name: str
    at: LonLat
    waiting: int
    longest_s: int
    inbound: int


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at one moment, ordered by identifier; units off duty are left out."""

    at_ms: int
    entries: int
    units: tuple[UnitThen, ...]
    incidents: tuple[IncidentThen, ...]
    hospitals: tuple[HospitalThen, ...]


def moment(path: Path, region: Region, travel: TravelTimes, asked: str) -> Moment:
    """Return the picture after everything that a journal records up to a moment.

    Parameters
    ----------
    path
        The journal.
    region, travel
        Where it was written.
    asked
        Local time: ``2026-03-10T18:40``, or ``18:40`` of its first day; an offset may follow.

    Raises
    ------
    ValueError
        When the time cannot be read, or lies before the journal begins or after its last day.
    OtherVersionError, BrokenJournalError
        As in verification.
    """
    dispatcher = open_dispatcher(travel, region=region, roads=roads_from(travel))
    at_ms = None
    last_ms = 0
    with opened_journal(path) as (header, entries):
        check_versions(header, region, travel, path)
        for entry in entries:
            if at_ms is None:
                at_ms = instant_of(asked, entry.now_ms, region.timezone)
                if at_ms < entry.now_ms:
                    first = datetime.fromtimestamp(entry.now_ms / 1000, ZoneInfo(region.timezone))
                    raise ValueError(
                        f"Expected a time from {first:%Y-%m-%dT%H:%M} on, was {asked!r}."
                    )
            if entry.now_ms > at_ms:
                break
            last_ms = entry.now_ms
            dispatcher.follow(entry)
        else:
            _refuse_later(asked, at_ms, last_ms, region.timezone)
    return _seen(dispatcher, 0 if at_ms is None else at_ms)


def _refuse_later(asked: str, at_ms: int | None, last_ms: int, timezone: str) -> None:
    """Refuse a moment of a day on which the journal records nothing any more."""
    zone = ZoneInfo(timezone)
    last = datetime.fromtimestamp(last_ms / 1000, zone)
    if at_ms is not None and datetime.fromtimestamp(at_ms / 1000, zone).date() > last.date():
        raise ValueError(
            f"Expected a time up to {last:%Y-%m-%dT%H:%M}, the journal's last entry, was {asked!r}."
        )


def instant_of(asked: str, first_ms: int, timezone: str) -> int:
    """Return the instant that a person means, in UTC milliseconds.

    A time of day alone means the first such time since ``first_ms``.

    Raises
    ------
    ValueError
        When it cannot be read.
    """
    zone = ZoneInfo(timezone)
    first = datetime.fromtimestamp(first_ms / 1000, zone)
    text = asked.strip()
    try:
        if len(text) <= TIME_ONLY:
            clock = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - local by meaning
            found = datetime.combine(first.date(), clock, zone)
            if found < first.replace(second=0, microsecond=0):
                found += timedelta(days=1)
        else:
            found = datetime.fromisoformat(text)
            if found.tzinfo is None:
                found = found.replace(tzinfo=zone)
    except ValueError as error:
        raise ValueError(f"Expected a time such as 2026-03-10T18:40, was {asked!r}.") from error
    return round(found.astimezone(UTC).timestamp() * 1000)


def _seen(dispatcher: Dispatcher, at_ms: int) -> Moment:
    state = dispatcher.state
    units = (unit for _, unit in sorted(state.units.items()))
    return Moment(
        at_ms=at_ms,
        entries=dispatcher.next_seq,
        units=tuple(
            _unit(unit, dispatcher, at_ms)
            for unit in units
            if unit.status is not UnitStatus.OFF_DUTY
        ),
        incidents=tuple(_incident(i, at_ms) for _, i in sorted(state.incidents.items())),
        hospitals=tuple(
            HospitalThen(
                id=board.spec.id,
                name=board.spec.name,
                at=board.spec.at,
                waiting=len(board.waiting),
                longest_s=max(((at_ms - since) // 1000 for _, since in board.waiting), default=0),
                inbound=len(board.inbound),
            )
            for _, board in sorted(state.hospitals.items())
        ),
    )


def _unit(unit: Unit, dispatcher: Dispatcher, at_ms: int) -> UnitThen:
    travel = dispatcher.travel
    to = None if unit.destination is None else travel.lonlat(unit.destination)
    return UnitThen(
        id=unit.spec.id,
        trust=unit.spec.trust,
        kind=unit.spec.kind.value,
        status=unit.status.value,
        at=travel.lonlat(position_now(unit, travel, at_ms)),
        to=to,
        incident=unit.incident,
        due_at_ms=unit.due_at_ms or None,
    )


def _incident(incident: Incident, at_ms: int) -> IncidentThen:
    return IncidentThen(
        id=incident.id,
        trust=incident.trust,
        category=incident.category.value,
        at=incident.at,
        waited_s=max(0, at_ms - incident.clock_start_at_ms) // 1000,
        units=tuple(response.unit for response in incident.responses),
        has_unit_on_scene=incident.responder_on_scene_at_ms is not None,
    )
