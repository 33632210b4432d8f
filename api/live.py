"""What the routes of one running server share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from api.ground import Ground
from api.metrics import Metrics
from api.problems import ProblemError
from api.runner import Runner
from api.settings import ServerSettings
from api.stream import Broadcast


@dataclass(frozen=True, slots=True)
class Live:
    """A running server: where requests are handed over, and where news comes from."""

    settings: ServerSettings
    ground: Ground
    runner: Runner
    broadcast: Broadcast
    metrics: Metrics


async def _the_live(request: Request) -> Live:
    live = getattr(request.app.state, "live", None)
    if live is None:
        raise ProblemError(
            503, "starting", "The server is not ready yet.", headers={"Retry-After": "1"}
        )
    return cast("Live", live)


LiveDep = Annotated[Live, Depends(_the_live)]
"""Parameter of a route that needs the running server."""
