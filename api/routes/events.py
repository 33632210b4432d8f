"""What happens, as it happens: a long poll and a stream of server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response, StreamingResponse

from api.live import LiveDep
from api.problems import ProblemError
from api.routes.doors import READS, problem
from api.views import EventsView

router = APIRouter(prefix="/v1/events", tags=["events"])

SEQ_MAX = 2**62

After = Annotated[
    int | None,
    Query(ge=-1, le=SEQ_MAX, description="Number of the last entry that is known; -1 for none."),
]


@router.get(
    "",
    responses={
        200: {"model": EventsView},
        **READS,
        410: problem("The entry is too far back, or of another journal: take a fresh picture."),
    },
    operation_id="listEvents",
)
async def list_events(
    live: LiveDep,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    wait_s: Annotated[
        float, Query(ge=0, le=30, description="How long to wait for the first, in seconds.")
    ] = 0.0,
) -> Response:
    """Return the entries that follow one, waiting for the first if there are none yet.

    Without ``after``, only what comes from now on.
    """
    broadcast = live.broadcast
    seq = broadcast.last_seq if after is None else after
    if wait_s > 0:
        await broadcast.wait(seq, wait_s)
    lines = await broadcast.after(seq, limit)
    if lines is None:
        raise ProblemError(
            410,
            "fresh-start",
            "Expected a recent entry of this journal; take a picture and go on from its seq.",
            more={"last_seq": broadcast.last_seq},
        )
    last = lines[-1].seq if lines else seq
    body = b'{"events":[%b],"next":%d}' % (b",".join(line.json for line in lines), last)
    return Response(body, media_type="application/json")


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events: `entry` with an entry of the journal as data and "
            "its number as id; `reset` when a fresh picture must be taken; comments as heartbeat.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **READS,
    },
    operation_id="streamEvents",
)
async def stream_events(
    live: LiveDep,
    after: After = None,
    last_event_id: Annotated[
        str | None,
        Header(alias="Last-Event-ID", pattern=r"^(-1|\d{1,18})$", description="Wins over after."),
    ] = None,
) -> StreamingResponse:
    """Stream the entries that follow one, then what comes; without a number, only what comes."""
    seq = after if last_event_id is None else int(last_event_id)
    frames: AsyncIterator[bytes] = live.broadcast.frames(seq, live.settings.heartbeat_s)
    return StreamingResponse(
        frames,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
