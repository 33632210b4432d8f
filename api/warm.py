"""Make ready before it is asked: weights of the hour, compiled kernels, the first decision."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import numpy as np

from api.desk import Desk
from api.problems import ProblemError
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.ids import IncidentId
from dispatch.domain.travel import Mode, Position, TravelUnavailableError
from dispatch.ports import TravelTimes
from dispatch.rehearsal import rehearse

AHEAD_MS: Final = 10 * 60_000
"""How long before an hour class begins its weights are made ready."""

EVERY_S: Final = 120.0
"""How often that is looked at."""

_log = logging.getLogger("bluelight")


def warm_up(desk: Desk) -> None:
    """Ask once what will be asked all day, so that the first patient does not wait for it."""
    state, now_ms = desk.dispatcher.state, desk.now_ms()
    for at in _somewhere(desk):
        make_ready(desk.dispatcher.travel, at, now_ms)
    desk.closures.warm()
    _rehearse(desk)
    post = next(iter(state.posts.values()), None)
    if post is None:
        return
    for category in (Category.C1, Category.C3):
        event = ev.IncidentReported(
            incident=IncidentId("warm-up"),
            trust=post.trust,
            at=post.at,
            category=category,
            connected_at_ms=now_ms,
            coded_at_ms=now_ms,
        )
        try:
            desk.recommend(event)
        except ProblemError as problem:
            _log.warning("The first decision could not be tried: %s", problem.detail)


def _rehearse(desk: Desk) -> None:
    """Play a busy quarter of an hour on a picture of its own: kernels are compiled by it.

    On a new machine that takes half a minute, which the first order would else wait for.
    """
    opened = desk.ground.opening(desk.dispatcher.state.settings)
    try:
        rehearse(desk.dispatcher.twin(), opened, desk.now_ms())
    except TravelUnavailableError:
        # Routing that fails is left to the desk, which falls back when it asks for a way.
        _log.exception("The rehearsal could not be held.")


def make_ready(travel: TravelTimes, at: Position, at_ms: int) -> None:
    """Let travel times prepare both ways of driving at an instant.

    Routing that fails here is left to the desk, which falls back when it next asks for a way.
    """
    there = np.array([at], np.int64)
    try:
        for mode in Mode:
            travel.from_one_ms(at, there, mode, at_ms)
    except Exception:  # noqa: BLE001 - a server whose routing is broken must still come up
        _log.exception("Travel times could not be made ready.")


async def keep_warm(desk: Desk) -> None:
    """Prepare the coming hour beside the desk's work, until cancelled.

    Travel times may be asked from several threads; nothing else of the desk is touched.
    """
    places = _somewhere(desk)
    while True:
        await asyncio.sleep(EVERY_S)
        for at in places:
            ahead_ms = desk.clock.now_ms() + AHEAD_MS
            await asyncio.to_thread(make_ready, desk.dispatcher.travel, at, ahead_ms)


def _somewhere(desk: Desk) -> list[Position]:
    """Return one position of the region, or none where it has no place at all."""
    state = desk.dispatcher.state
    places = [*state.post_positions.values(), *(b.position for b in state.hospitals.values())]
    return places[:1]
