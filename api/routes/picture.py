"""Everything at once for a map, the digest of the picture, and the map's tiles."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.desk import Desk
from api.live import LiveDep
from api.problems import ProblemError
from api.routes.doors import NOT_FOUND, READS, shown
from api.scenes import picture_view
from api.views import DigestView, PictureView

router = APIRouter(prefix="/v1", tags=["picture"])

ZOOM_MAX: Final = 22


@router.get("/picture", responses={200: {"model": PictureView}, **READS}, operation_id="getPicture")
async def get_picture(live: LiveDep) -> Response:
    """Return units with their ways, incidents, handover boards, posts and the latest decisions.

    Go on from its ``seq`` with the stream.
    """
    return await shown(live.runner.ask(picture_view))


@router.get(
    "/state/digest", responses={200: {"model": DigestView}, **READS}, operation_id="getStateDigest"
)
async def get_state_digest(live: LiveDep) -> Response:
    """Return what the picture hashes to: a replay of the journal must come to the same."""

    def question(desk: Desk) -> DigestView:
        return DigestView(seq=desk.seq, digest=desk.dispatcher.state.digest())

    return await shown(live.runner.ask(question))


@router.get(
    "/maps/{region}/tiles/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses={
        200: {
            "description": "A Mapbox vector tile.",
            "content": {
                "application/vnd.mapbox-vector-tile": {
                    "schema": {"type": "string", "contentMediaType": "application/octet-stream"}
                }
            },
        },
        304: {"description": "The tile is as it was."},
        **READS,
        **NOT_FOUND,
    },
    operation_id="getTile",
)
async def get_tile(
    region: Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$")],
    z: Annotated[int, Path(ge=0, le=ZOOM_MAX)],
    x: Annotated[int, Path(ge=0, lt=2**ZOOM_MAX)],
    y: Annotated[int, Path(ge=0, lt=2**ZOOM_MAX)],
    live: LiveDep,
    request: Request,
) -> Response:
    """Return one tile of our own map: roads by class, drawn from the region."""
    ground = live.ground
    if ground.tile is None or region != ground.name or max(x, y) >= 2**z:
        raise ProblemError(404, "no-such-tile", "Expected a tile of this server's region.")
    tag = f'"{hashlib.sha256(f"{ground.version}/{z}/{x}/{y}".encode()).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=3600"}
    if request.headers.get("If-None-Match") == tag:
        return Response(status_code=304, headers=headers)
    body = await asyncio.to_thread(ground.tile, z, x, y)
    return Response(body, headers=headers, media_type="application/vnd.mapbox-vector-tile")
