"""What was decided, and what happened, in sentences that a dispatcher would say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from dispatch.domain import event as ev
from dispatch.domain.decision import (
    Assign,
    Candidate,
    Convey,
    Decision,
    Explanation,
    Relocate,
    SetTimer,
    StandDown,
    Verdict,
    Wait,
)
from dispatch.domain.decision_crew import GiveBreak
from dispatch.domain.ids import HospitalId, UnitId
from dispatch.domain.incident import Role
from dispatch.domain.unit import Skill, UnitKind, UnitSpec
from dispatch.domain.wording_call import CALL_DECISIONS, CALL_EVENTS
from dispatch.domain.wording_care import CARE_DECISIONS, CARE_EVENTS
from dispatch.domain.wording_feed import FEED_EVENTS
from dispatch.domain.wording_hospital import DECISION_WORDS as HOSPITAL_DECISIONS
from dispatch.domain.wording_hospital import EVENT_WORDS as HOSPITAL_EVENTS
from dispatch.domain.wording_hospital import hospital_named


@dataclass(frozen=True, slots=True)
class Directory:
    """Where a sentence finds what an identifier stands for; None where nothing is known."""

    unit: Callable[[UnitId], UnitSpec | None]
    hospital: Callable[[HospitalId], str | None]


def _nobody(_id: UnitId) -> None:
    return None


def _nowhere(_id: HospitalId) -> None:
    return None


EMPTY: Final = Directory(unit=_nobody, hospital=_nowhere)
"""A directory without entries: sentences name things by their identifiers alone."""

KIND_WORDS: Final[dict[UnitKind, str]] = {
    UnitKind.FALLS: "falls vehicle",
    UnitKind.MENTAL_HEALTH: "mental-health vehicle",
    UnitKind.URGENT_CARE: "urgent-care crew",
    UnitKind.PTS: "patient transport",
    UnitKind.AUXILIARY: "auxiliary ambulance",
}
"""Kinds whose code is not what people call them; the others are called by their code."""

SKILL_WORDS: Final[dict[Skill, str]] = {
    Skill.RESPONDER: "first responder",
    Skill.ECA: "ECA",
    Skill.EMT: "EMT",
    Skill.PARAMEDIC: "paramedic",
    Skill.ADVANCED: "advanced paramedic",
    Skill.CRITICAL_CARE: "critical-care paramedic",
    Skill.DOCTOR: "doctor",
}

VERDICT_WORDS: Final[dict[Verdict, tuple[str, str]]] = {
    Verdict.CHOSEN: ("is chosen", "chosen"),
    Verdict.SLOWER: ("would arrive later", "slower"),
    Verdict.COSTLIER: ("would cost other patients more", "better kept for others"),
    Verdict.OFF_DUTY: ("is off duty", "off duty"),
    Verdict.OUT_OF_SERVICE: ("is out of service", "out of service"),
    Verdict.ON_BREAK: ("is on its break", "on break"),
    Verdict.BUSY: ("is on a job that it cannot leave", "on a job"),
    Verdict.WRONG_KIND: ("is of a kind that is not sent here", "of another kind"),
    Verdict.UNSKILLED: ("lacks the skill needed", "without the skill needed"),
    Verdict.OTHER_TRUST: ("belongs to a trust whose help is not agreed here", "of other trusts"),
    Verdict.SHIFT_ENDED: ("has reached the end of its shift", "at the end of their shift"),
    Verdict.STALE_POSITION: ("has not sent its position for too long", "with an old position"),
    Verdict.UNREACHABLE: ("has no way there", "without a way there"),
    Verdict.OUT_OF_REACH: ("is further away than it is asked to travel", "out of reach"),
    Verdict.NOT_GRAVER: ("is on its way to a patient as urgent", "bound for a patient as urgent"),
    Verdict.NEARLY_THERE: ("is nearly with its patient", "nearly with their patient"),
    Verdict.ALREADY_DIVERTED: (
        "goes to a patient who has lost a unit before",
        "diverted once already",
    ),
    Verdict.GAIN_TOO_SMALL: ("would gain too little time", "gaining too little"),
    Verdict.FULL: ("is not accepting", "not accepting"),
    Verdict.NO_PATHWAY: ("cannot take this pathway", "without this pathway"),
    Verdict.DEFLECTED: ("is deflecting such patients for now", "deflecting"),
    Verdict.CAPPED: ("has had its share of arrivals this hour", "at their share of arrivals"),
}
"""For each verdict, what is said of one candidate after its name, and of several after their
number."""


def duration(ms: int) -> str:
    """Return a duration as it is said in a control room: ``45 s``, ``6 min 20``, ``1 h 05``."""
    seconds = max(0, round(ms / 1000))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min" if seconds == 0 else f"{minutes} min {seconds:02d}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d}"


def unit_words(unit: UnitId, directory: Directory = EMPTY) -> str:
    """Return a unit's callsign with its kind and skill, where they are known."""
    spec = directory.unit(unit)
    if spec is None:
        return str(unit)
    return f"{unit} ({KIND_WORDS.get(spec.kind, spec.kind.value)}, {SKILL_WORDS[spec.skill]})"


def verdict_words(verdict: Verdict) -> str:
    """Return what is said of one candidate with this verdict."""
    words = VERDICT_WORDS.get(verdict)
    return f"is {verdict.value.replace('_', ' ')}" if words is None else words[0]


def candidate_sentence(candidate: Candidate, name_of: Callable[[str], str] = str) -> str:
    """Return one line about a candidate: its name, its ETA where known, what became of it.

    ``name_of`` is that of the decision that weighed it, see `candidate_names`.
    """
    eta = "" if candidate.eta_ms is None else f", {duration(candidate.eta_ms)},"
    return f"{name_of(candidate.id)}{eta} {verdict_words(candidate.verdict)}."


def candidate_names(decision: Decision, directory: Directory) -> Callable[[str], str]:
    """Return what a decision's candidates are called: hospitals by name, units by callsign."""
    if not isinstance(decision, Convey):
        return str
    return lambda name: directory.hospital(HospitalId(name)) or name


def decision_sentence(decision: Decision, directory: Directory = EMPTY) -> str:
    """Return what a decision does, and why, in a few sentences.

    Examples
    --------
    >>> from dispatch.domain.decision import SetTimer
    >>> decision_sentence(SetTimer(timer="round", due_at_ms=1_772_366_400_000))
    'Looks again at 12:00:00 UTC (round).'
    """
    words = _DECISIONS.get(type(decision))
    return _by_name(decision) if words is None else words(decision, directory)


def event_sentence(event: ev.Event, directory: Directory = EMPTY) -> str:
    """Return what happened, in one sentence. It names identifiers, never a place or free text."""
    words = _EVENTS.get(type(event))
    return _by_name(event) if words is None else words(event, directory)


def _at_hospital(words: Callable[[Any, str], str]) -> Callable[[Any, Directory], str]:
    """Let words that need a hospital's name find it in a directory."""
    return lambda thing, directory: words(thing, hospital_named(thing, directory.hospital))


# -- decisions -------------------------------------------------------------------------------


def _assign(decision: Assign, directory: Directory) -> str:
    role = " as first responder" if decision.role is Role.RESPONDER else ""
    unit = unit_words(decision.unit, directory)
    head = f"Sends {unit} to {decision.incident}{role}, {duration(decision.eta_ms)}"
    parts = [f"{head}; {_rivals(decision.why, decision.unit, decision.eta_ms)}".removesuffix("; ")]
    if decision.diverted_from is not None:
        parts.append(f"It is diverted from {decision.diverted_from}")
    return _joined([*parts, *_reasons(decision.why, decision.ordered_by)])


def _wait(decision: Wait, directory: Directory) -> str:
    del directory
    whom = "a first responder" if decision.role is Role.RESPONDER else "a conveying unit"
    rest = Explanation(
        terms=decision.why.terms, degraded=decision.why.degraded, note=decision.why.note
    )
    counted = _counted(_tally(decision.why.candidates, decision.why.others))
    why = f": {counted}" if counted else ": nobody is on duty"
    return _joined([f"{decision.incident} waits for {whom}{why}", *_reasons(rest, None)])


def _stand_down(decision: StandDown, directory: Directory) -> str:
    head = f"Stands {unit_words(decision.unit, directory)} down from {decision.incident}"
    return _joined([head, *_reasons(decision.why, decision.ordered_by)])


def _convey(decision: Convey, directory: Directory) -> str:
    hospital = directory.hospital(decision.hospital) or str(decision.hospital)
    instead = "" if decision.origin is None else "now "
    head = (
        f"{unit_words(decision.unit, directory)} {instead}takes the patient of "
        f"{decision.incident} to {hospital}, {duration(decision.eta_ms)}"
    )
    name_of = candidate_names(decision, directory)
    rivals = _rivals(decision.why, decision.hospital, decision.eta_ms, name_of)
    return _joined([f"{head}; {rivals}".removesuffix("; "), *_reasons(decision.why, None)])


def _relocate(decision: Relocate, directory: Directory) -> str:
    unit = unit_words(decision.unit, directory)
    head = f"Moves {unit} to {decision.post}, {duration(decision.eta_ms)}"
    return _joined([head, *_reasons(decision.why, decision.ordered_by)])


def _give_break(decision: GiveBreak, directory: Directory) -> str:
    head = f"{unit_words(decision.unit, directory)} may take a break of {decision.minutes} min"
    return _joined([head, *_reasons(decision.why, None)])


def _set_timer(decision: SetTimer, directory: Directory) -> str:
    del directory
    due = datetime.fromtimestamp(decision.due_at_ms / 1000, UTC)
    return f"Looks again at {due:%H:%M:%S} UTC ({decision.timer})."


_DECISIONS: Final[dict[type, Callable[[Any, Directory], str]]] = {
    Assign: _assign,
    Wait: _wait,
    StandDown: _stand_down,
    Convey: _convey,
    Relocate: _relocate,
    SetTimer: _set_timer,
    GiveBreak: _give_break,
    **CARE_DECISIONS,
    **CALL_DECISIONS,
    **{kind: _at_hospital(words) for kind, words in HOSPITAL_DECISIONS.items()},
}


def _rivals(why: Explanation, chosen: str, eta_ms: int, name_of: Callable[[str], str] = str) -> str:
    """Return who else could have come: the nearest if it was not chosen, else who was next."""
    timed = [c for c in why.candidates if c.eta_ms is not None and c.id != chosen]
    timed.sort(key=lambda c: (c.eta_ms or 0, c.id))
    nearer = [c for c in timed if c.eta_ms is not None and c.eta_ms < eta_ms]
    if nearer:
        first = nearer[0]
        return (
            f"nearest was {name_of(first.id)}, {duration(first.eta_ms or 0)}, "
            f"but it {verdict_words(first.verdict)}"
        )
    if timed:
        return f"next was {name_of(timed[0].id)}, {duration(timed[0].eta_ms or 0)}"
    return ""


def _reasons(why: Explanation, ordered_by: str | None) -> list[str]:
    """Return the sentences that follow what is done: who ordered it, the note, who could not."""
    parts = []
    if ordered_by is not None:
        parts.append(f"Ordered by {ordered_by}" + (f": {why.note}" if why.note else ""))
    elif why.note:
        parts.append(why.note[:1].upper() + why.note[1:])
    refused = _counted(_tally((c for c in why.candidates if c.eta_ms is None), why.others))
    if refused:
        parts.append(f"Others: {refused}")
    if why.degraded:
        parts.append("Not taken into account: " + ", ".join(why.degraded))
    return parts


def _tally(candidates: Iterable[Candidate], others: dict[Verdict, int]) -> dict[Verdict, int]:
    """Return how many candidates met each verdict, in the order of the verdicts."""
    counts: dict[Verdict, int] = dict(others)
    for candidate in candidates:
        counts[candidate.verdict] = counts.get(candidate.verdict, 0) + 1
    return {verdict: counts[verdict] for verdict in Verdict if counts.get(verdict)}


def _counted(counts: dict[Verdict, int]) -> str:
    return ", ".join(
        f"{count} {VERDICT_WORDS.get(verdict, ('', verdict.value.replace('_', ' ')))[1]}"
        for verdict, count in counts.items()
        if verdict is not Verdict.CHOSEN
    )


def _joined(parts: list[str]) -> str:
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts)


# -- events ----------------------------------------------------------------------------------


def _opened(event: ev.PictureOpened, directory: Directory) -> str:
    del directory
    return (
        f"The picture of {event.region} is opened: {len(event.hospitals)} hospitals, "
        f"{len(event.posts)} posts, configuration {event.settings.name}."
    )


def _reported(event: ev.IncidentReported, directory: Directory) -> str:
    del directory
    pathway = "" if event.pathway is None else f", {event.pathway.replace('_', ' ')} pathway"
    coded = "" if event.coded_at_ms is not None else ", not coded yet"
    return f"{event.category} incident {event.incident} is reported{pathway}{coded}."


def _closed(event: ev.IncidentClosed, directory: Directory) -> str:
    del directory
    return f"{event.incident} is closed: {event.outcome.replace('_', ' ')}."


def _signed_on(event: ev.UnitSignedOn, directory: Directory) -> str:
    del directory
    known = Directory(unit=lambda _id: event.unit, hospital=_nowhere)
    return f"{unit_words(event.unit.id, known)} signs on."


def _status(event: ev.UnitStatusReported, directory: Directory) -> str:
    del directory
    on = "" if event.incident is None else f" ({event.incident})"
    return f"{event.unit} reports {event.status.replace('_', ' ').lower()}{on}."


def _hospital(event: ev.HospitalUpdated, directory: Directory) -> str:
    name = directory.hospital(event.hospital) or str(event.hospital)
    news = [] if event.bays is None else [f"has {event.bays} bays"]
    if event.is_accepting is not None:
        news.append("accepts patients" if event.is_accepting else "does not accept patients")
    return f"{name} {' and '.join(news) or 'reports no change'}."


def _roads(event: ev.TravelTimesChanged, directory: Directory) -> str:
    del directory
    if not event.begun and not event.ended:
        return f"Roads change to {event.version}."
    if not event.by:
        return f"The time of {', '.join(event.ended)} is up: roads are as they were before it."
    news = [] if not event.begun else [f"closes or slows roads ({', '.join(event.begun)})"]
    if event.ended:
        news.append(f"ends what was said of roads ({', '.join(event.ended)})")
    return f"{event.by} {' and '.join(news)}."


def _rejected(event: ev.EventRejected, directory: Directory) -> str:
    del directory
    return f"Refused {event.subject}: {event.reason}"


_EVENTS: Final[dict[type, Callable[[Any, Directory], str]]] = {
    ev.PictureOpened: _opened,
    ev.IncidentReported: _reported,
    ev.IncidentRecoded: lambda e, _: f"{e.incident} is coded {e.category}.",
    ev.IncidentClosed: _closed,
    ev.UnitSignedOn: _signed_on,
    ev.UnitSignedOff: lambda e, _: f"{e.unit} signs off.",
    ev.UnitStatusReported: _status,
    ev.UnitPositionReported: lambda e, _: f"{e.unit} sends its position.",
    ev.AssignmentOrdered: lambda e, _: f"{e.by} orders {e.unit} to {e.incident}.",
    ev.StandDownOrdered: lambda e, _: f"{e.by} orders {e.unit} down from {e.incident}.",
    ev.RelocationOrdered: lambda e, _: f"{e.by} orders {e.unit} to {e.post}.",
    ev.HospitalUpdated: _hospital,
    ev.TravelTimesChanged: _roads,
    ev.SettingsChanged: lambda e, _: f"{e.by} puts configuration {e.settings.name} into force.",
    ev.TimerFired: lambda e, _: f"It is time to look again ({e.timer}).",
    ev.EventRejected: _rejected,
    **CARE_EVENTS,
    **CALL_EVENTS,
    **FEED_EVENTS,
    **{kind: _at_hospital(words) for kind, words in HOSPITAL_EVENTS.items()},
}

_IDENTIFIERS: Final = ("incident", "unit", "hospital", "post", "call", "service", "trust")


def _by_name(thing: object) -> str:
    """Return a plain sentence for a kind of event or decision that has no words of its own."""
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(thing).__name__).lower()
    ids = [getattr(thing, field, None) for field in _IDENTIFIERS]
    known = ", ".join(value for value in ids if isinstance(value, str))
    return f"{name[:1].upper()}{name[1:]}{': ' if known else ''}{known}."
