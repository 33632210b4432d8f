"""Open a journal, new or old, and stand where it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from api.clock import Clock
from api.desk import Desk
from api.fleet import on_duty
from api.ground import Ground, roads_of
from api.problems import ProblemError
from api.settings import ServerSettings
from api.store.sqlite import ForeignStoreError, SqliteStore
from api.version import bluelight_version
from api.warm import warm_up
from dispatch.dispatcher import Dispatcher
from dispatch.domain.event import SettingsChanged, UnitSignedOn
from dispatch.domain.settings import Settings
from dispatch.domain.unit import UnitStatus
from dispatch.engine import open_dispatcher, settings_from_json, settings_named
from dispatch.journal import Header
from dispatch.policies.forecast_file import forecast_from_json, given

DEFAULT_POLICY: Final = "b2"
"""Configuration of a new journal when none is asked for."""

_log = logging.getLogger("bluelight")


Seat = Callable[[Dispatcher, Ground, SqliteStore, Clock], Desk]
"""Makes a desk; another than `Desk` itself may add to what it does, as a demonstration does."""


def reopen(ground: Ground, settings: ServerSettings, clock: Clock, seat: Seat = Desk) -> Desk:
    """Return the desk that a journal leads to; a missing journal is begun.

    A recorded entry is followed, not decided anew: orders that were given stand.

    Raises
    ------
    ForeignStoreError
        When the journal belongs to another region, or another version of it or of its roads.
    BrokenStoreError, LockedError, StoreError
        When the journal is damaged, in use, or cannot be opened.
    ValueError
        When the policy asked for is unknown.
    """
    if settings.policy is not None:
        settings_asked(settings.policy)
    store = SqliteStore(settings.store)
    try:
        dispatcher = open_dispatcher(
            ground.travel, region=ground.region, roads=roads_of(ground), commit=store.append
        )
        desk = seat(dispatcher, ground, store, clock)
        header = store.header()
        if header is None:
            _begin(desk, settings.policy or DEFAULT_POLICY)
        else:
            check_header(header, ground)
            _follow(desk)
            if settings.policy is not None:
                _put_into_force(desk, settings.policy)
        if settings.forecast is not None:
            _expect(desk, settings.forecast)
        if settings.sign_on_fleet:
            _sign_on(desk)
        desk.fire_due()
        store.commit()
        warm_up(desk)
    except BaseException:
        store.close()
        raise
    return desk


def settings_asked(policy: str) -> Settings:
    """Return a configuration by name, or from a file of JSON.

    Raises
    ------
    ValueError
        When there is none of that name, or the file is not a configuration.
    """
    if policy.endswith(".json"):
        return settings_from_json(Path(policy).read_bytes())
    return settings_named(policy)


def header_for(ground: Ground) -> Header:
    """Return the header of a journal that is begun on this ground."""
    return Header(
        engine=bluelight_version(),
        region=ground.name,
        region_version=ground.version,
        travel_version=ground.travel.version,
    )


def check_header(header: Header, ground: Ground) -> None:
    """Check that a journal belongs to this ground.

    Raises
    ------
    ForeignStoreError
        When region, its version, or the version of its travel times is another.
    """
    here = header_for(ground)
    for what in ("region", "region_version", "travel_version"):
        expected, found = getattr(header, what), getattr(here, what)
        if expected != found:
            raise ForeignStoreError(
                f"The journal was written on {what.replace('_', ' ')} {expected}, "
                f"but the server stands on {found}."
            )


def _begin(desk: Desk, policy: str) -> None:
    desk.store.begin_journal(header_for(desk.ground))
    desk.tell(desk.ground.opening(settings_asked(policy)))


def _follow(desk: Desk) -> None:
    count = 0
    for entry in desk.store.entries():
        desk.dispatcher.follow(entry)
        desk.remember(entry)
        desk.not_before(entry.now_ms)
        count += 1
    _log.info("The journal %s was followed: %d entries.", desk.store.path, count)


def _put_into_force(desk: Desk, policy: str) -> None:
    wanted = settings_asked(policy)
    if wanted != desk.dispatcher.state.settings:
        desk.tell(SettingsChanged(settings=wanted, by="start-up", reason=f"--policy {policy}"))


def _expect(desk: Desk, path: Path) -> None:
    """Put the forecast of a file into force, unless it is already."""
    forecast = forecast_from_json(path.read_bytes(), desk.ground.name)
    feeds = desk.dispatcher.state.feeds
    if feeds.forecast_at(desk.now_ms()) != forecast:
        desk.tell(given(forecast, desk.now_ms()))


def _sign_on(desk: Desk) -> None:
    """Sign on who is on shift and not on duty; a crew that cannot be is reported and left."""
    units = desk.dispatcher.state.units
    members = list(desk.ground.fleet.values())
    for member, until_ms in on_duty(members, desk.ground.timezone, desk.now_ms()):
        known = units.get(member.spec.id)
        if known is not None and known.status is not UnitStatus.OFF_DUTY:
            continue
        try:
            desk.tell(UnitSignedOn(unit=member.spec, at=member.base, until_ms=until_ms))
        except ProblemError as problem:
            _log.warning("Unit %s was not signed on: %s", member.spec.id, problem.detail)
