"""Closures and live speeds of roads: what is in force, and the events that change it.

A closure lives in the roads that the dispatcher drives on, and in the journal's events that led
there; nothing else keeps it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from api.problems import FieldProblem, ProblemError
from dispatch.dispatcher import Dispatcher
from dispatch.domain.event import TravelTimesChanged
from routing.changes import NoRoadThereError, OnEdges, OnRoad, RoadChange, Where, WithinArea
from routing.live import LiveRoads, RoadNews, news_text
from routing.snapshot import RoadTimes

LINES_MAX: Final = 2_000
"""Stretches of road that are drawn of one closure; of a larger one a map shows these."""

DIGITS: Final = 6
"""Decimals of a degree in a line: about 10 cm."""

Lines = list[list[tuple[float, float]]]


class Closures:
    """The closures of a desk: makes the events that begin and end them, and reads what holds."""

    def __init__(self, dispatcher: Dispatcher, live: LiveRoads | None) -> None:
        self._dispatcher = dispatcher
        self._live = live
        self._lines: dict[str, tuple[RoadChange, Lines]] = {}

    def warm(self) -> None:
        """Make ready for the first closure, where the region has roads."""
        travel = self._dispatcher.travel
        if self._live is not None and isinstance(travel, RoadTimes):
            self._live.warm(travel)

    def in_force(self) -> tuple[RoadChange, ...]:
        """Return the changes in force, by identifier."""
        travel = self._dispatcher.travel
        return travel.changes.changes if isinstance(travel, RoadTimes) else ()

    def expiries_ms(self) -> list[int]:
        """Return when closures end by themselves; those without a time are not among them."""
        return [c.expires_at_ms for c in self.in_force() if c.expires_at_ms is not None]

    def begin(self, change: RoadChange, now_ms: int) -> TravelTimesChanged:
        """Return the event that puts a change in force.

        Raises
        ------
        ProblemError
            When the region has no roads, or the change cannot be meant: its time has passed, its
            identifier is in use, or nothing of its description is among the roads.
        """
        live = self._roads()[1]
        if change.expires_at_ms is not None and change.expires_at_ms <= now_ms:
            raise _field(422, "until-past", "/until", "Expected an instant to come, was past.")
        if any(change.id == other.id for other in self.in_force()):
            text = "Expected a new identifier, but one like it is in force."
            raise _field(409, "duplicate-id", "/closure", text)
        _check_found(live, change.where)
        return self._event(RoadNews(put=(change,)), change.by)

    def end(self, closure: str, by: str, reason: str) -> TravelTimesChanged:
        """Return the event that ends a change before its time.

        Raises
        ------
        ProblemError
            When the region has no roads, or no such change is in force.
        """
        self._roads()
        if all(closure != change.id for change in self.in_force()):
            raise ProblemError(404, "unknown-id", "Expected a closure in force, was none.")
        return self._event(RoadNews(ended=(closure,), reason=reason), by)

    def expiry(self, now_ms: int) -> TravelTimesChanged:
        """Return the event that ends the changes whose time has come."""
        times, _ = self._roads()
        return self._event(RoadNews(ended=times.changes.expired(now_ms)), "")

    def edge_count(self, closure: str) -> int:
        """Return how many edges a change in force touches."""
        return len(self._roads()[0].changes.edges_of(closure))

    def lines(self, change: RoadChange) -> Lines:
        """Return the stretches that a change touches as points (lon, lat), one line for each."""
        kept = self._lines.get(change.id)
        if kept is None or kept[0] is not change:
            in_force = {other.id for other in self.in_force()}
            self._lines = {key: kept for key, kept in self._lines.items() if key in in_force}
            kept = self._lines[change.id] = (change, self._drawn(change.id))
        return kept[1]

    def _drawn(self, closure: str) -> Lines:
        times, _ = self._roads()
        edges = times.changes.edges_of(closure)
        # Both directions of a street are one line.
        _, first = np.unique(times.roads.network.segment[edges], return_index=True)
        shapes = (times.line_of(int(edge)) for edge in edges[np.sort(first)[:LINES_MAX]])
        return [
            list(zip(lon.round(DIGITS).tolist(), lat.round(DIGITS).tolist(), strict=True))
            for lon, lat in shapes
        ]

    def _event(self, news: RoadNews, by: str) -> TravelTimesChanged:
        times, live = self._roads()
        text = news_text(news)
        return TravelTimesChanged(
            version=live.after(times, text).version,
            changes=text,
            begun=tuple(change.id for change in news.put),
            ended=news.ended,
            by=by,
        )

    def _roads(self) -> tuple[RoadTimes, LiveRoads]:
        travel = self._dispatcher.travel
        if self._live is None or not isinstance(travel, RoadTimes):
            raise ProblemError(
                409,
                "no-streets",
                "Expected a region with streets: the travel times of this one come from a table "
                "or as the crow flies, and have no road that could be closed.",
            )
        return travel, self._live


def _check_found(live: LiveRoads, where: Where) -> None:
    """Check that there is what a description means, part by part, so that a problem names it."""
    match where:
        case OnEdges():
            _try(live, where, "unknown-edge", "/edges")
        case OnRoad():
            _try(live, OnRoad(where.name), "unknown-road", "/road")
            if where.area is not None:
                _try(live, WithinArea(where.area), "bad-area", "/area")
                _try(live, where, "bad-area", "/area")
        case WithinArea():
            _try(live, where, "bad-area", "/area")


_HINT: Final = "; close to it are "


def _try(live: LiveRoads, where: Where, code: str, pointer: str) -> None:
    try:
        live.edges_of(where)
    except NoRoadThereError as error:
        what = "a stretch of that road" if isinstance(where, OnRoad) else "a road"
        text = f"Expected {what} there, was none."
        raise _field(422, "no-road-there", pointer, text) from error
    except ValueError as error:
        text = str(error)
        if isinstance(where, OnRoad):
            _, found, hint = text.rpartition(_HINT)
            near = f"{_HINT}{hint.removesuffix('.')}." if found else "."
            text = f"Expected the name of a road of this region{near}"
        raise _field(422, code, pointer, text) from error


def _field(status: int, code: str, pointer: str, detail: str) -> ProblemError:
    return ProblemError(status, code, detail, errors=[FieldProblem(pointer=pointer, detail=detail)])


def geometry(lines: Lines) -> dict[str, Any]:
    """Return lines as a GeoJSON MultiLineString."""
    return {"type": "MultiLineString", "coordinates": lines}
