"""Run the application in this process: in the foreground, or beside other work."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.clock import Clock, WallClock
from api.desk import Desk
from api.ground import Ground, open_ground
from api.restart import Seat, reopen
from api.settings import ServerSettings

EXIT_JOURNAL_FAILED: Final = 74
"""Exit status when the journal can no longer be written (EX_IOERR of sysexits)."""

ANSWERS_OUT_S: Final = 0.5
"""Time for the last refusals to leave before the process ends."""

START_MAX_S: Final = 60.0


class _Server(uvicorn.Server):
    """A server that tells its address when it listens, and lets streams go when it stops."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started and not self.should_exit:
            port = self.servers[0].sockets[0].getsockname()[1]
            self._on_ready(f"http://{self.config.host}:{port}")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.let_streams_go()
        super().handle_exit(sig, frame)

    def let_streams_go(self) -> None:
        """End every event stream, so that stopping need not wait for them."""
        app = self.config.app
        live = getattr(app.state, "live", None) if isinstance(app, FastAPI) else None
        if live is not None:
            live.broadcast.close()


def serve(
    settings: ServerSettings,
    *,
    ground: Ground | None = None,
    clock: Clock | None = None,
    seat: Seat = Desk,
) -> None:
    """Serve until a signal stops the process, or its journal fails.

    Raises
    ------
    ValueError, StoreError, LockedError
        When region or journal cannot be opened; nothing was served.
    """
    ground = open_ground(settings.region) if ground is None else ground
    desk = reopen(ground, settings, clock or WallClock(), seat)
    entries = desk.seq + 1

    def announce(address: str) -> None:
        print(
            f"Bluelight serves {desk.ground.name} on {address} "
            f"(journal {settings.store}, {entries} entries). "
            "Open it in a browser; stop with Ctrl-C.",
            flush=True,
        )

    server = _server(settings, desk, announce, _end_process)
    server.run()
    if not server.started:
        sys.exit(1)


def _end_process(error: Exception) -> None:
    print(f"The journal failed: {error} The process ends.", file=sys.stderr, flush=True)
    threading.Timer(ANSWERS_OUT_S, os._exit, (EXIT_JOURNAL_FAILED,)).start()


@contextlib.contextmanager
def running(
    settings: ServerSettings,
    *,
    ground: Ground | None = None,
    clock: Clock | None = None,
    on_failure: Callable[[Exception], None] | None = None,
) -> Iterator[str]:
    """Serve on a thread of this process while the block runs; yields the server's address.

    Raises
    ------
    ValueError, StoreError, LockedError
        When region or journal cannot be opened.
    RuntimeError
        When the server does not come up.
    """
    ground = open_ground(settings.region) if ground is None else ground
    desk = reopen(ground, settings, clock or WallClock())
    ready = threading.Event()
    addresses: list[str] = []

    def announce(address: str) -> None:
        addresses.append(address)
        ready.set()

    server = _server(settings, desk, announce, on_failure)
    thread = threading.Thread(target=_run, args=(server, ready), name="server", daemon=True)
    thread.start()
    ready.wait(START_MAX_S)
    try:
        if not addresses:
            raise RuntimeError(
                f"Expected the server to listen on port {settings.port}, it did not."
            )
        yield addresses[0]
    finally:
        server.let_streams_go()
        server.should_exit = True
        thread.join()


def _run(server: uvicorn.Server, ready: threading.Event) -> None:
    try:
        server.run()
    finally:
        ready.set()


def _server(
    settings: ServerSettings,
    desk: Desk,
    on_ready: Callable[[str], None],
    on_failure: Callable[[Exception], None] | None,
) -> _Server:
    config = uvicorn.Config(
        create_app(settings, desk=desk, on_failure=on_failure),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=3,
    )
    return _Server(config, on_ready)
