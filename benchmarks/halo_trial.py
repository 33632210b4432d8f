"""A rule for a liaison officer tried on what a journal records, before it is switched on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.journal_file import opened_journal
from benchmarks.verify import check_versions
from dispatch.dispatcher import Dispatcher
from dispatch.domain.handover import Visit
from dispatch.domain.handover_board import Inbound, next_change_ms
from dispatch.domain.hospital_settings import check_live_rule
from dispatch.domain.ids import HospitalId
from dispatch.domain.local_time import MINUTE_MS
from dispatch.domain.trigger_check import thresholds_of
from dispatch.domain.trigger_rule import TriggerRule
from dispatch.domain.trigger_trial import Moment, Trial, try_on_history
from dispatch.engine import open_dispatcher
from dispatch.policies.hospital_values import inbound_at, values_at, visits_at
from dispatch.ports import TravelTimes
from dispatch.state.observe_hospital import rules_at
from maps.region import Region


class HospitalTrial(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would have done at one hospital."""

    hospital: HospitalId
    trial: Trial


def try_rule(
    text: str,
    journal: Path,
    region: Region,
    travel: TravelTimes,
    hospitals: Sequence[str] = (),
) -> list[HospitalTrial]:
    """Return what a rule would have done at each hospital over a journal's history.

    Between two entries the history is looked at whenever a quantity may have crossed a threshold
    by time alone, so that a firing has its exact instant. ``hospitals`` limits the trial; empty:
    every emergency department.

    Raises
    ------
    RuleError
        When the rule cannot be read.
    ValueError
        When a hospital is not known, or the rule reaches further back than is remembered.
    OtherVersionError, BrokenJournalError
        When the journal belongs to other places or roads, or was altered.
    """
    check_live_rule(_rule(text, HospitalId("*")))
    dispatcher = open_dispatcher(travel)
    histories: dict[HospitalId, _History] = {}
    with opened_journal(journal) as (header, entries):
        check_versions(header, region, travel, journal)
        for entry in entries:
            for history in histories.values():
                history.go_to(entry.now_ms)
            dispatcher.follow(entry)
            dispatcher.state.take_closed()
            if not histories:
                histories = _histories(text, dispatcher, hospitals)
            for history in histories.values():
                history.look(entry.now_ms)
    return [histories[key].tried() for key in sorted(histories)]


def _rule(text: str, hospital: HospitalId) -> TriggerRule:
    return TriggerRule(id="trial", about="hospital", subject=hospital, text=text)


def _histories(
    text: str, dispatcher: Dispatcher, hospitals: Sequence[str]
) -> dict[HospitalId, _History]:
    boards = dispatcher.state.hospitals
    unknown = sorted(set(hospitals) - set(boards))
    if unknown:
        raise ValueError(f"Expected hospitals of the journal, was {', '.join(unknown)}.")
    chosen = [HospitalId(name) for name in hospitals] or [
        name for name, board in boards.items() if board.spec.has_emergency_department
    ]
    return {name: _History(_rule(text, name), dispatcher, name) for name in chosen}


class _History:
    """The values of one hospital's quantities over time, and its breaches."""

    def __init__(self, rule: TriggerRule, dispatcher: Dispatcher, hospital: HospitalId) -> None:
        self._rule, self._state, self._hospital = rule, dispatcher.state, hospital
        self._thresholds = thresholds_of(rule.tree)
        self._window_ms = round(max((q.minutes or 0.0) for q in rule.needs) * MINUTE_MS)
        self._moments: list[Moment] = []
        self._breaches: dict[str, int] = {}
        self._seen: object = None
        self._last_ms: int | None = None

    def go_to(self, now_ms: int) -> None:
        """Look at every instant before another at which time alone may change the answer."""
        while self._last_ms is not None:
            due_ms = next_change_ms(
                self._thresholds, self._visits(), self._inbound(self._last_ms), self._last_ms
            )
            if due_ms is None or due_ms >= now_ms:
                return
            self._add(due_ms)

    def look(self, now_ms: int) -> None:
        """Look after an entry, when it changed anything here or is the first."""
        board = self._state.hospitals[self._hospital]
        levels = self._state.flow.levels
        seen = (self._state.flow.desk(self._hospital), board.inbound, levels)
        if seen == self._seen:
            return
        self._seen = seen
        self._note_breaches(now_ms)
        self._add(now_ms)

    def tried(self) -> HospitalTrial:
        """Return what the rule would have done."""
        end_ms = self._last_ms or 0
        breaches = sorted(at_ms for at_ms in self._breaches.values() if at_ms <= end_ms)
        trial = try_on_history(self._rule, self._moments, breaches)
        return HospitalTrial(hospital=self._hospital, trial=trial)

    def _add(self, now_ms: int) -> None:
        values = values_at(
            self._state, self._hospital, self._rule.needs, self._inbound(now_ms), now_ms
        )
        self._moments.append(Moment(now_ms, values))
        self._last_ms = now_ms

    def _note_breaches(self, now_ms: int) -> None:
        """Keep when each handover passes the minutes of a breach, unless it ended before."""
        minutes = rules_at(self._state, self._hospital, now_ms).breach_min
        desk = self._state.flow.desk(self._hospital)
        for visit in [row.visit for row in desk.rows] + list(desk.done[-8:]):
            at_ms = visit.arrived_at_ms + minutes * MINUTE_MS
            if visit.handed_over_at_ms is not None and visit.handed_over_at_ms <= at_ms:
                self._breaches.pop(visit.id, None)
            else:
                self._breaches[visit.id] = at_ms

    def _visits(self) -> list[Visit]:
        assert self._last_ms is not None
        return visits_at(self._state, self._hospital, self._last_ms - self._window_ms)

    def _inbound(self, now_ms: int) -> list[Inbound]:
        return inbound_at(self._state, self._hospital, (), now_ms)
