"""The door of this room: travel times for a region, by whatever the region has, kept live."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Protocol

from maps.region import Region
from maps.speeds import SpeedProfile, load_profile
from routing.changes import LiveChanges, RoadChange, RoadFinder, check_change
from routing.crow_flies import CrowFliesTimes
from routing.roads import ORDER_KEY, order_for, prepare
from routing.snapshot import RoadTimes
from routing.table import TableTimes
from routing.weights import DriveMode

__all__ = [
    "Engine",
    "FixedEngine",
    "RoadEngine",
    "Times",
    "engine_for",
    "order_for",
    "travel_times_for",
]

Times = RoadTimes | TableTimes | CrowFliesTimes


class Engine(Protocol):
    """What answers for a region over time: the current snapshot, and changes of it."""

    @property
    def current(self) -> Times:
        """The snapshot that holds now."""
        ...

    def apply(self, change: RoadChange, now_ms: int) -> Times:
        """Put a live change in force; return the snapshot that holds from now on."""
        ...

    def withdraw(self, change_id: str) -> Times:
        """End a live change; return the snapshot that holds from now on."""
        ...

    def expire(self, now_ms: int) -> Times:
        """End the changes whose time has passed; return the snapshot that holds from now on."""
        ...


class RoadEngine:
    """Travel times on roads, kept live: snapshots follow one another, readers never wait.

    A change makes a new snapshot beside the current one and then takes its place in one step.
    Who holds a snapshot keeps its answers for as long as they like.
    """

    def __init__(self, times: RoadTimes) -> None:
        self._current = times
        self._finder = RoadFinder(times.roads.network)
        self._changing = threading.Lock()

    @property
    def current(self) -> RoadTimes:
        """The snapshot that holds now."""
        return self._current

    def apply(self, change: RoadChange, now_ms: int) -> RoadTimes:
        """Put a live change in force; return the snapshot that holds from now on.

        A change with the identifier of another replaces it.

        Raises
        ------
        ValueError
            When the change cannot be meant: expired, an unknown road, a polygon that crosses
            itself, an absurd speed; nothing is changed then.
        """
        check_change(change, now_ms)
        edges = self._finder.edges_of(change.where)
        with self._changing:
            return self._swap(self._current.changes.with_change(change, edges))

    def withdraw(self, change_id: str) -> RoadTimes:
        """End a live change; return the snapshot that holds from now on.

        Raises
        ------
        ValueError
            When no change of that identifier is in force.
        """
        with self._changing:
            self._current.changes.edges_of(change_id)
            return self._swap(self._current.changes.without([change_id]))

    def expire(self, now_ms: int) -> RoadTimes:
        """End the changes whose time has passed; return the snapshot that holds from now on."""
        with self._changing:
            gone = self._current.changes.expired(now_ms)
            return self._swap(self._current.changes.without(gone)) if gone else self._current

    def restore(self, changes: Iterable[RoadChange]) -> RoadTimes:
        """Put changes in force that a journal recorded, without asking for their age."""
        with self._changing:
            live = LiveChanges()
            for change in changes:
                live = live.with_change(change, self._finder.edges_of(change.where))
            return self._swap(live)

    def warm(self, hour_classes: Iterable[int], modes: Iterable[DriveMode] = DriveMode) -> None:
        """Customise weights before they are first asked for."""
        for hour_class in hour_classes:
            for mode in modes:
                self._current.weights(mode, hour_class)

    def _swap(self, changes: LiveChanges) -> RoadTimes:
        self._current = self._current.with_changes(changes)
        return self._current


class FixedEngine:
    """Travel times without streets: nothing about them can be closed."""

    def __init__(self, times: TableTimes | CrowFliesTimes) -> None:
        self._times = times

    @property
    def current(self) -> TableTimes | CrowFliesTimes:
        """The one snapshot."""
        return self._times

    def apply(self, change: RoadChange, now_ms: int) -> TableTimes | CrowFliesTimes:
        """Refuse: there is no road to change."""
        del now_ms
        raise ValueError(f"Expected a region with roads for change {change.id!r}, was none.")

    def withdraw(self, change_id: str) -> TableTimes | CrowFliesTimes:
        """Refuse: there is no change in force."""
        raise ValueError(f"Expected a change in force, was {change_id!r}.")

    def expire(self, now_ms: int) -> TableTimes | CrowFliesTimes:
        """Return the one snapshot."""
        del now_ms
        return self._times


def engine_for(region: Region, profile: SpeedProfile | None = None) -> RoadEngine | FixedEngine:
    """Return the engine of a region: on its roads, from its table, or as the crow flies.

    Raises
    ------
    ValueError
        When the region has none of the three, or they break a rule; the message says which.
    """
    version = f"{region.name}@{region.version[:12]}"
    if region.roads is not None:
        profile = load_profile() if profile is None else profile
        roads = prepare(region.roads, region.extras.get(ORDER_KEY))
        times = RoadTimes(
            roads,
            profile,
            version=f"{version}+{profile.name}@{profile.version}",
            timezone=region.timezone,
        )
        return RoadEngine(times)
    if region.matrix is not None:
        return FixedEngine(TableTimes(region.matrix, version))
    if region.crow_flies is not None:
        return FixedEngine(CrowFliesTimes(region.crow_flies, version))
    raise ValueError(
        f"Expected roads, a matrix or a crow-flies model in region {region.name!r}, was none."
    )


def travel_times_for(region: Region, profile: SpeedProfile | None = None) -> Times:
    """Return the travel times of a region as they are without live changes."""
    return engine_for(region, profile).current
