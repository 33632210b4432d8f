"""The application: routes around one running desk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from api.clock import WallClock
from api.desk import Desk
from api.ground import open_ground
from api.live import Live
from api.middleware import BodyLimit, Observed
from api.problems import FieldProblem, ProblemDetails, install
from api.restart import reopen
from api.routes import (
    balance,
    calls,
    escalation,
    events,
    health,
    hospital_flow,
    hospitals,
    incidents,
    orders,
    patients,
    picture,
    referrals,
    road_closures,
    services,
    units,
)
from api.runner import Runner
from api.settings import ServerSettings
from api.stream import Broadcast, lines_of
from api.version import bluelight_version
from api.warm import keep_warm
from dispatch.journal import Entry

CONSOLE: Final = Path(__file__).parent / "console"
"""Folder of the control-room page."""

ROUTERS: Final = tuple(
    module.router
    for module in (
        incidents,
        units,
        orders,
        hospitals,
        hospital_flow,
        escalation,
        road_closures,
        events,
        picture,
        balance,
        health,
        calls,
        patients,
        referrals,
        services,
    )
)

_log = logging.getLogger("bluelight")


def create_app(
    settings: ServerSettings | None = None,
    *,
    desk: Desk | None = None,
    on_failure: Callable[[Exception], None] | None = None,
) -> FastAPI:
    """Return the application; region and journal are opened when it starts.

    Parameters
    ----------
    settings
        Where to stand and what to keep; from the environment when missing.
    desk
        An opened journal to serve; opened as the settings say when missing.
    on_failure
        Called when the journal can no longer be written: the process should end.
    """
    settings = ServerSettings() if settings is None else settings
    app = FastAPI(
        title="Bluelight",
        summary="Ambulance dispatch and intelligent routing.",
        description=_DESCRIPTION,
        version=bluelight_version(),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        lifespan=_lifespan(settings, desk, on_failure),
    )
    for router in ROUTERS:
        app.include_router(router)
    install(app, [*app.router.routes, *(route for router in ROUTERS for route in router.routes)])
    app.add_middleware(BodyLimit, body_max_bytes=settings.body_max_bytes)
    app.add_middleware(Observed)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    if settings.console and CONSOLE.is_dir():
        _mount_console(app)
    return app


_DESCRIPTION: Final = """\
Report what happens; the answer says what is decided and why. Instants are RFC 3339 in UTC,
durations are seconds (`_s`), places are WGS84 `lat` and `lon`. Every POST that changes something
needs an `Idempotency-Key`: the same key with the same body is answered again
(`Idempotent-Replayed: true`), with another body it is refused. Errors are RFC 9457 problem
details. An answer means that what it tells is on disk.
"""


def _lifespan(
    settings: ServerSettings,
    desk: Desk | None,
    on_failure: Callable[[Exception], None] | None,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        opened = await asyncio.to_thread(_opened, settings) if desk is None else desk
        live = _live(opened, settings, on_failure)
        live.runner.start()
        app.state.live = live
        warming = asyncio.create_task(keep_warm(opened))
        try:
            yield
        finally:
            app.state.live = None
            warming.cancel()
            live.broadcast.close()
            await live.runner.stop()

    return lifespan


def _opened(settings: ServerSettings) -> Desk:
    return reopen(open_ground(settings.region), settings, WallClock())


def _live(
    desk: Desk, settings: ServerSettings, on_failure: Callable[[Exception], None] | None
) -> Live:
    loop = asyncio.get_running_loop()
    broadcast = Broadcast(
        settings.store, desk.directory, kept=settings.stream_kept, last_seq=desk.seq
    )

    def on_entries(entries: list[Entry]) -> None:
        loop.call_soon_threadsafe(broadcast.publish, lines_of(desk, entries))

    def failed(error: Exception) -> None:
        broadcast.close()
        if on_failure is not None:
            on_failure(error)

    runner = Runner(
        desk,
        queue_max=settings.queue_max,
        batch_max=settings.batch_max,
        idempotency_kept_h=settings.idempotency_kept_h,
        on_entries=on_entries,
        on_failure=failed,
    )
    desk.take_told()
    return Live(
        settings=settings,
        ground=desk.ground,
        runner=runner,
        broadcast=broadcast,
        metrics=desk.metrics,
    )


def _mount_console(app: FastAPI) -> None:
    async def to_console() -> RedirectResponse:
        return RedirectResponse("/console/")

    app.add_api_route("/", to_console, include_in_schema=False)
    app.mount("/console", StaticFiles(directory=CONSOLE, html=True), name="console")


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return the description of the API, with problem details as the form of every error."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
            license_info=app.license_info,
        )
        models = schema.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            models.pop(name, None)
        reference = "#/components/schemas/{model}"
        models["ProblemDetails"] = ProblemDetails.model_json_schema(ref_template=reference)
        models["ProblemDetails"].pop("$defs", None)
        models["FieldProblem"] = FieldProblem.model_json_schema(ref_template=reference)
        app.openapi_schema = schema
    return app.openapi_schema
