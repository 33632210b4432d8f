"""What the server answers about telephone calls."""

from __future__ import annotations

from pydantic import Field

from api.views import InstantText, View


class CallView(View):
    """A call that has not ended."""

    call: str
    trust: str
    status: str
    connected_at: InstantText
    waiting_s: float | None = None
    offered_to: str | None = None
    answered_by: str | None = None
    answered_at: InstantText | None = None
    complaint: str | None = None
    incident: str | None = None


class RoomView(View):
    """A trust's call room now."""

    trust: str
    handlers: int
    busy: int
    waiting: int
    slack: int = Field(description="Who would be free once everyone who waits is answered.")
    takes_calls: bool


class AnswerTimesView(View):
    """Answer times of the calls that ended lately, in seconds; absent without calls."""

    trust: str
    answered: int
    abandoned: int
    elsewhere: int
    mean_s: float | None = None
    median_s: float | None = None
    p90_s: float | None = None
    p95_s: float | None = None
    p99_s: float | None = None
    longest_s: float | None = None


class CallsView(View):
    """Open calls, the longest waiting first; call rooms; answer times."""

    seq: int
    at: InstantText
    calls: list[CallView]
    rooms: list[RoomView]
    answer_times: list[AnswerTimesView]


class ForecastView(View):
    """What callers may expect; a wait without end is absent."""

    erlangs: float
    needed: int = Field(description="Least handlers that meet the target.")
    handlers: int
    mean_s: float | None = None
    p90_s: float | None = None
    p95_s: float | None = None
    p99_s: float | None = None
    within_target: float
    abandoned: float
    busy: float
