"""Carry decisions about hospitals into the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from dispatch.domain import decision_hospital as dc
from dispatch.domain.ids import TrustCode
from dispatch.domain.immediate_release import ImmediateReleaseStatus
from dispatch.state.rows_hospital import with_memory
from dispatch.state.state import State


def _alert(state: State, decision: dc.HandoverAlert, _now_ms: int) -> None:
    desk = state.flow.desk(decision.hospital)
    rows = tuple(
        msgspec.structs.replace(row, told_to_ms=max(row.told_to_ms, decision.due_at_ms))
        if row.visit.id == decision.visit
        else row
        for row in desk.rows
    )
    state.flow.change(decision.hospital, rows=rows)


def _predict(state: State, decision: dc.PredictHandover, _now_ms: int) -> None:
    desk = state.flow.desk(decision.hospital)
    rows = tuple(
        msgspec.structs.replace(row, predicted=decision.prediction)
        if row.visit.id == decision.visit
        else row
        for row in desk.rows
    )
    state.flow.change(decision.hospital, rows=rows)


def _remember(
    state: State,
    decision: dc.ProposeHalo | dc.ProposeHaloEnd | dc.LapseHalo | dc.NoteHalo,
    _now_ms: int,
) -> None:
    desk = state.flow.desk(decision.hospital)
    memories = with_memory(desk.memories, decision.rule, decision.memory)
    state.flow.change(decision.hospital, memories=memories)


def _close_request(
    state: State, decision: dc.LapseImmediateRelease | dc.EndImmediateRelease, _now_ms: int
) -> None:
    lapses = isinstance(decision, dc.LapseImmediateRelease)
    status = ImmediateReleaseStatus.LAPSED if lapses else ImmediateReleaseStatus.ENDED
    desk = state.flow.desk(decision.hospital)
    requests = tuple(
        msgspec.structs.replace(r, status=status) if r.id == decision.request else r
        for r in desk.requests
    )
    state.flow.change(decision.hospital, requests=requests)


def _expire(state: State, decision: dc.ExpireDeflection, _now_ms: int) -> None:
    state.flow.deflections = tuple(d for d in state.flow.deflections if d.id != decision.deflection)


def _propose_level(state: State, decision: dc.ProposeLevel, _now_ms: int) -> None:
    if decision.rule is not None and decision.memory is not None:
        _remember_rule(state, TrustCode(decision.subject), decision.rule, decision.memory)


def _note_level(state: State, decision: dc.NoteLevelRule, _now_ms: int) -> None:
    _remember_rule(state, decision.trust, decision.rule, decision.memory)


def _remember_rule(state: State, trust: TrustCode, rule: str, memory: Any) -> None:
    memories = with_memory(state.flow.trust(trust).memories, rule, memory)
    state.flow.change_trust(trust, memories=memories)


APPLY_HOSPITAL: Final[dict[type, Callable[[State, Any, int], None]]] = {
    dc.HandoverAlert: _alert,
    dc.PredictHandover: _predict,
    dc.ProposeHalo: _remember,
    dc.ProposeHaloEnd: _remember,
    dc.LapseHalo: _remember,
    dc.NoteHalo: _remember,
    dc.LapseImmediateRelease: _close_request,
    dc.EndImmediateRelease: _close_request,
    dc.ExpireDeflection: _expire,
    dc.ProposeLevel: _propose_level,
    dc.NoteLevelRule: _note_level,
}
