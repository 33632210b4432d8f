"""From one snapshot of the roads to the next, by words that a journal can keep."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any, Final, Protocol

import msgspec

from maps.road_network import Int32s, RoadNetwork
from routing.changes import (
    Closed,
    LiveChanges,
    NoRoadThereError,
    OnEdges,
    RoadChange,
    RoadFinder,
    Where,
    WithinArea,
)
from routing.crow_flies import CrowFliesTimes
from routing.snapshot import RoadTimes
from routing.table import TableTimes

Times = RoadTimes | TableTimes | CrowFliesTimes


class RoadNews(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What leads from one snapshot to the next: changes put in force, and changes that end.

    ``reason`` is why changes end before their time.
    """

    put: tuple[RoadChange, ...] = ()
    ended: tuple[str, ...] = ()
    reason: str = ""


TINY_DEG: Final = 1e-4
"""Side of the area with which a closure is tried, in degrees."""

_NEWS: Final = msgspec.json.Decoder(RoadNews)


def news_text(news: RoadNews) -> str:
    """Return news as the text that a journal keeps."""
    return msgspec.json.encode(news).decode()


def news_of(text: str) -> RoadNews:
    """Return the news of a text.

    Raises
    ------
    ValueError
        When the text is not of this form.
    """
    try:
        return _NEWS.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(f"Expected news of roads, was something else: {error}") from error


class Changing(Protocol):
    """What this room reads of an event that changes the roads."""

    @property
    def changes(self) -> str | None:
        """News of roads, as `news_text` writes them."""
        ...


class LiveRoads:
    """Leads from snapshot to snapshot of one road network; keeps nothing that decides.

    The same snapshot and the same news always lead to equal travel times under an equal version,
    so that a journal of the news leads again to each of them. One caller at a time.
    """

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._last: tuple[RoadTimes, str, RoadTimes] | None = None

    @cached_property
    def _finder(self) -> RoadFinder:
        return RoadFinder(self._network)

    def warm(self, times: RoadTimes) -> None:
        """Try a closure and forget it, so that the first one need not wait for what all need."""
        if not self._network.edge_count:
            return
        where = OnEdges((0,))
        trial = RoadChange(id="warm", where=where, effect=Closed(), reported_at_ms=0)
        times.with_changes(LiveChanges().with_change(trial, self._finder.edges_of(where)))
        lon, lat = float(self._network.lon[0]), float(self._network.lat[0])
        ring = [[lon, lat], [lon + TINY_DEG, lat], [lon, lat + TINY_DEG], [lon, lat]]
        with suppress(NoRoadThereError):
            self._finder.edges_of(WithinArea({"type": "Polygon", "coordinates": [ring]}))

    def edges_of(self, where: Where) -> Int32s:
        """Return the edges that are meant, ascending.

        Raises
        ------
        ValueError
            When nothing of that description is among the roads.
        """
        return self._finder.edges_of(where)

    def after(self, times: RoadTimes, text: str) -> RoadTimes:
        """Return the snapshot that follows one by news; the one before stays as it is.

        Raises
        ------
        ValueError
            When the text is not news, or speaks of what these roads do not have.
        """
        if self._last is not None and self._last[0] is times and self._last[1] == text:
            return self._last[2]
        news = news_of(text)
        changes = times.changes
        for gone in news.ended:
            changes.edges_of(gone)
        changes = changes.without(news.ended)
        for change in news.put:
            changes = changes.with_change(change, self._finder.edges_of(change.where))
        following = times.with_changes(changes)
        self._last = (times, text, following)
        return following

    def follow(self, times: RoadTimes, event: Changing) -> RoadTimes:
        """Return the snapshot to which an event of the core leads; fits its `Roads` by shape.

        Raises
        ------
        ValueError
            When the event does not say what changes.
        """
        if event.changes is None:
            raise ValueError("Expected an event that says what changes, was only a version.")
        return self.after(times, event.changes)


def live_roads(times: Times) -> LiveRoads | None:
    """Return what keeps the roads of some travel times live; None where there are no roads."""
    return LiveRoads(times.roads.network) if isinstance(times, RoadTimes) else None


def roads_from(times: object) -> Callable[[Any, Changing], Any] | None:
    """Return what leads from snapshot to snapshot by the events of a journal, for a dispatcher.

    None where there are no roads. It takes and returns `RoadTimes`; the core, a stranger, knows
    them by shape.
    """
    return LiveRoads(times.roads.network).follow if isinstance(times, RoadTimes) else None
