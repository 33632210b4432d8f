"""From the picture to what screens show of telephone calls."""

from __future__ import annotations

import math

from api.desk import Desk
from api.views_call import AnswerTimesView, CallsView, CallView, ForecastView, RoomView
from api.wire import instant, instant_or_none
from dispatch.decide_call import call_rooms
from dispatch.domain.call import answer_times
from dispatch.domain.dated import version_at
from dispatch.domain.ids import TrustCode
from dispatch.policies.answer_erlang import CallLoad, forecast, handlers_needed
from dispatch.state.rows_call import OpenCall


def call_view(row: OpenCall, now_ms: int) -> CallView:
    """Return an open call for the wire."""
    call = row.call
    waits = call.answered_at_ms is None
    return CallView(
        call=call.id,
        trust=call.trust,
        status=call.status,
        connected_at=instant(call.connected_at_ms),
        waiting_s=max(0, now_ms - call.connected_at_ms) / 1000 if waits else None,
        offered_to=call.offered_to,
        answered_by=call.answered_by,
        answered_at=instant_or_none(call.answered_at_ms),
        complaint=row.complaint,
        incident=row.incident,
    )


def calls_view(desk: Desk) -> CallsView:
    """Return the open calls, the call rooms, and how quickly calls were answered."""
    now_ms, board = desk.now_ms(), desk.dispatcher.state.calls
    rows = sorted(
        board.calls.rows.values(), key=lambda row: (row.call.connected_at_ms, row.call.id)
    )
    rooms = call_rooms(desk.dispatcher.state)
    ended = list(desk.calls)
    trusts = sorted({*rooms, *(call.trust for call in ended)})
    return CallsView(
        seq=desk.seq,
        at=instant(now_ms),
        calls=[call_view(row, now_ms) for row in rows],
        rooms=[
            RoomView(
                trust=trust,
                handlers=room.handlers,
                busy=room.busy,
                waiting=room.waiting,
                slack=room.slack,
                takes_calls=room.takes_calls,
            )
            for trust, room in sorted(rooms.items())
        ],
        answer_times=[_times(desk, trust) for trust in trusts],
    )


def _times(desk: Desk, trust: TrustCode) -> AnswerTimesView:
    times = answer_times(desk.calls, trust)
    return AnswerTimesView(
        trust=trust,
        **{name: getattr(times, name) for name in AnswerTimesView.model_fields if name != "trust"},
    )


def forecast_view(desk: Desk, load: CallLoad, handlers: int | None) -> ForecastView:
    """Return how many handlers are needed, and what callers may expect."""
    target = version_at(desk.dispatcher.state.settings.calls.target, desk.now_ms())
    needed = handlers_needed(load, target)
    answer = forecast(load, needed if handlers is None else handlers, target)

    def finite(value: float) -> float | None:
        return value if math.isfinite(value) else None

    return ForecastView(
        erlangs=load.erlangs,
        needed=needed,
        handlers=answer.handlers,
        mean_s=finite(answer.mean_s),
        p90_s=finite(answer.p90_s),
        p95_s=finite(answer.p95_s),
        p99_s=finite(answer.p99_s),
        within_target=answer.within_target,
        abandoned=answer.abandoned,
        busy=answer.busy,
    )
