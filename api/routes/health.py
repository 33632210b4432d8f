"""Is the server alive, ready, and which one is it."""

from __future__ import annotations

import platform
import sqlite3
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from api.desk import Desk
from api.live import Live, LiveDep
from api.routes.doors import READS, shown
from api.scenes import versions
from api.version import bluelight_version
from api.views import HealthView, VersionView
from dispatch.domain.unit import UnitStatus
from dispatch.policies.degraded import wanting

router = APIRouter(tags=["health"])

FREE_BYTES_MIN: Final = 100_000_000
"""A disk with less space left is reported: the journal must never fill it (assumed)."""

SKEW_MAX_MS: Final = 60_000
"""A machine whose clock lies this far behind the journal is reported (assumed)."""

WAL_RESET_FIXED: Final = (3, 51, 3)
"""First SQLite without the bug that two writers of one log could corrupt it."""


@router.get(
    "/livez",
    responses={200: {"model": HealthView}, 503: {"model": HealthView}},
    operation_id="livez",
)
async def livez(request: Request) -> Response:
    """Say whether the process should be left running."""
    live: Live | None = getattr(request.app.state, "live", None)
    failed = live is not None and not live.runner.is_alive
    view = HealthView(status="failed" if failed else "alive", checks={})
    return Response(view.encoded(), 503 if failed else 200, media_type="application/json")


@router.get(
    "/readyz",
    responses={200: {"model": HealthView}, 503: {"model": HealthView}},
    operation_id="readyz",
)
async def readyz(live: LiveDep) -> Response:
    """Say whether requests can be served: journal, roads, clock, disk and queue, check by check."""
    checks = {
        "journal": "ok" if live.runner.is_alive else "failed: it cannot be written",
        "queue": f"ok: {live.runner.queue_size} waiting",
        "sqlite": _sqlite_words(),
    }
    if live.runner.is_alive:
        checks |= await live.runner.ask(_desk_checks, is_emergency=True)
    is_ready = all(words.startswith(("ok", "note")) for words in checks.values())
    view = HealthView(status="ready" if is_ready else "not ready", checks=checks)
    return Response(view.encoded(), 200 if is_ready else 503, media_type="application/json")


def _sqlite_words() -> str:
    if sqlite3.sqlite_version_info >= WAL_RESET_FIXED:
        return f"ok: {sqlite3.sqlite_version}"
    return f"note: {sqlite3.sqlite_version} is safe with one writer only, which the lock ensures"


def _desk_checks(desk: Desk) -> dict[str, str]:
    free = desk.store.free_bytes()
    behind_ms = desk.now_ms() - desk.clock.now_ms()
    off = wanting(desk.dispatcher.picture(desk.now_ms()))
    return {
        "roads": f"ok: {desk.dispatcher.travel.version}",
        **{feed.value: f"note: {words}" for feed, words in off.items()},
        "disk": "ok" if free >= FREE_BYTES_MIN else f"low: {free // 1_000_000} MB left",
        "clock": "ok" if behind_ms < SKEW_MAX_MS else f"wrong: {behind_ms // 1000} s behind",
    }


@router.get("/version", responses={200: {"model": VersionView}, **READS}, operation_id="getVersion")
async def get_version(live: LiveDep) -> Response:
    """Return the versions of program, region, roads and configuration."""

    def question(desk: Desk) -> VersionView:
        return VersionView(
            bluelight=bluelight_version(),
            python=platform.python_version(),
            sqlite=sqlite3.sqlite_version,
            versions=versions(desk),
        )

    return await shown(live.runner.ask(question))


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **READS},
    operation_id="getMetrics",
)
async def get_metrics(live: LiveDep) -> Response:
    """Return counts and durations in the Prometheus text form."""
    gauges = await live.runner.ask(_gauges)
    gauges["bluelight_queue_requests"] = ("Requests that wait.", live.runner.queue_size)
    gauges["bluelight_stream_listeners"] = ("Open event streams.", live.broadcast.listeners)
    text = live.metrics.text(gauges)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


def _gauges(desk: Desk) -> dict[str, tuple[str, float]]:
    state, now_ms = desk.dispatcher.state, desk.now_ms()
    on_duty = [unit for unit in state.units.values() if unit.status is not UnitStatus.OFF_DUTY]
    away = [unit for unit in on_duty if unit.status is not UnitStatus.ON_STATION]
    oldest_ms = max((now_ms - unit.position_at_ms for unit in away), default=0)
    handovers = sum(len(board.waiting) for board in state.hospitals.values())
    return {
        "bluelight_journal_entries": ("Entries in the journal.", desk.seq + 1),
        "bluelight_incidents_open": ("Open incidents.", len(state.incidents)),
        "bluelight_incidents_waiting": ("Incidents that need somebody.", len(state.waiting)),
        "bluelight_units_on_duty": ("Units on duty.", len(on_duty)),
        "bluelight_handovers_waiting": ("Crews that wait to hand over.", handovers),
        "bluelight_position_age_seconds_max": ("Oldest position.", max(0, oldest_ms) / 1000),
        "bluelight_answers_kept": ("Answers kept for repeats.", desk.store.answers_kept()),
        "bluelight_disk_free_bytes": ("Free space for the journal.", desk.store.free_bytes()),
    }
