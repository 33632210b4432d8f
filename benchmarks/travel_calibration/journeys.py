"""Observed journeys: who left where and when, and how long it took to the scene."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.call_log.columns import Words
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.schema import ABSENT_MS
from benchmarks.call_log.sites import read_sites
from dispatch.domain.category import RANK, Category
from dispatch.ports import UNREACHABLE_MS, Mode, TravelTimes
from maps.geo import LonLat

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
Int8s = npt.NDArray[np.int8]

OBSERVED_S_MIN: Final = 30.0
OBSERVED_S_MAX: Final = 3_600.0
"""Shorter or longer journeys are mistakes of a button, and are left out."""
STARTS: Final = ("first_mobile_at", "first_assigned_at", "received_at")
BLUE_LIGHT_RANK_MAX: Final = 3
"""C1 to C3, and requests of those levels, are driven to on blue lights; C4 is not. Assumed."""
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True, eq=False)
class Journeys:
    """Observed journeys, one entry each.

    Attributes
    ----------
    station
        Where the unit came from; journeys are held out by it.
    origin_lon, origin_lat, lon, lat
        From and to, WGS84 degrees.
    started_at_ms
        When the clock of the journey started, UTC milliseconds.
    observed_s
        How long it took.
    mode
        Numbers of `dispatch.ports.Mode`.
    measured_from
        Which stamp started the clock: after ``first_mobile_at`` it is driving alone, after the
        others it includes turning out.
    routed_s
        What the base says, NaN where it knows no way; empty until `routed` has filled it.
    """

    station: Words
    origin_lon: Float64s
    origin_lat: Float64s
    lon: Float64s
    lat: Float64s
    started_at_ms: Int64s
    observed_s: Float64s
    mode: Int8s
    measured_from: str
    routed_s: Float64s

    def __len__(self) -> int:
        return len(self.observed_s)

    def taken(self, rows: Int64s) -> Journeys:
        """Return the given journeys."""
        return Journeys(
            station=self.station.taken(rows),
            origin_lon=self.origin_lon[rows],
            origin_lat=self.origin_lat[rows],
            lon=self.lon[rows],
            lat=self.lat[rows],
            started_at_ms=self.started_at_ms[rows],
            observed_s=self.observed_s[rows],
            mode=self.mode[rows],
            measured_from=self.measured_from,
            routed_s=self.routed_s[rows] if len(self.routed_s) else self.routed_s,
        )


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents of a log that are no journeys, by reason."""

    without_times: int
    without_station: int
    too_short_or_long: int
    off_the_roads: int = 0


def read_stations(path: Path, delimiter: str | None = None) -> dict[str, LonLat]:
    """Return where stations are, from a CSV file with a name, a longitude and a latitude.

    Names are compared without regard to letter case and surrounding space. ``delimiter`` parts
    the cells; None: it is found out.

    Raises
    ------
    ValueError
        When a column is missing, or a coordinate is no number.
    """
    sites = read_sites(path, "stations", delimiter)
    return {_plain(site.name): LonLat(site.lon, site.lat) for site in sites}


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def journeys_of(
    log: CallLog, stations: dict[str, LonLat], measured_from: str = "first_mobile_at"
) -> tuple[Journeys, LeftOut]:
    """Return the journeys of a log whose incidents say which station the first unit came from.

    Parameters
    ----------
    log
        With ``observed_from`` and ``first_on_scene_at``.
    stations
        Where the stations are (see `read_stations`).
    measured_from
        The stamp at which the clock starts, one of `STARTS`.

    Raises
    ------
    ValueError
        When the log has no such stamps or no stations.
    """
    if measured_from not in STARTS:
        raise ValueError(f"Expected one of {', '.join(STARTS)}, was {measured_from!r}.")
    arrived = log.instants.get("first_on_scene_at")
    left = log.received_at_ms if measured_from == "received_at" else log.instants.get(measured_from)
    came_from = log.words.get("observed_from")
    if arrived is None or left is None or came_from is None:
        raise ValueError(
            f"Expected a log with observed_from, {measured_from} and first_on_scene_at, was "
            f"with {', '.join([*log.words, *log.instants]) or 'none of them'}."
        )
    timed = (arrived != ABSENT_MS) & (left != ABSENT_MS)
    observed_s = np.where(timed, arrived - left, 0) / 1000
    spots = [stations.get(_plain(name)) for name in came_from.vocabulary]
    known = np.array([spot is not None for spot in spots])[came_from.code]
    fits = (observed_s >= OBSERVED_S_MIN) & (observed_s <= OBSERVED_S_MAX)
    rows = np.flatnonzero(timed & known & fits)
    code = came_from.code[rows]
    lon, lat = (np.array([spot[i] if spot else np.nan for spot in spots]) for i in (0, 1))
    categories = [Category(word) if word else Category.C2 for word in log.category.vocabulary]
    modes = np.array([_mode(category) for category in categories], dtype=np.int8)
    journeys = Journeys(
        station=came_from.taken(rows),
        origin_lon=lon[code],
        origin_lat=lat[code],
        lon=log.lon[rows],
        lat=log.lat[rows],
        started_at_ms=left[rows],
        observed_s=observed_s[rows],
        mode=modes[log.category.code[rows]],
        measured_from=measured_from,
        routed_s=np.empty(0),
    )
    left_out = LeftOut(
        without_times=int((~timed).sum()),
        without_station=int((timed & ~known).sum()),
        too_short_or_long=int((timed & known & ~fits).sum()),
    )
    return journeys, left_out


def _mode(category: Category) -> Mode:
    return Mode.BLUE_LIGHT if RANK[category] <= BLUE_LIGHT_RANK_MAX else Mode.ORDINARY


def routed(journeys: Journeys, times: TravelTimes) -> tuple[Journeys, int]:
    """Return the journeys with the base's time for each, and how many were off the roads.

    Journeys whose ends are too far from any road, or between which there is no way, are left out.
    """
    origin = _positions(journeys.origin_lon, journeys.origin_lat, times)
    destination = _positions(journeys.lon, journeys.lat, times)
    routed_s = np.full(len(journeys), np.nan)
    on_roads = (origin >= 0) & (destination >= 0)
    hour = journeys.started_at_ms // _HOUR_MS
    # One question an hour of the week and mode: times hold for an hour class at the least.
    key = (hour % 168) * len(Mode) + journeys.mode
    for group in np.unique(key[on_roads]).tolist():
        rows = np.flatnonzero(on_roads & (key == group))
        now_ms = int(journeys.started_at_ms[rows[0]])
        mode = Mode(int(journeys.mode[rows[0]]))
        found_ms = times.pairs_ms(origin[rows], destination[rows], mode, now_ms)
        routed_s[rows] = np.where(found_ms < UNREACHABLE_MS, found_ms / 1000, np.nan)
    kept = np.flatnonzero(np.isfinite(routed_s))
    return replace(journeys, routed_s=routed_s).taken(kept), len(journeys) - len(kept)


def _positions(lon: Float64s, lat: Float64s, times: TravelTimes) -> Int64s:
    """Return the position of each point; -1 where it is off the roads. Each place is asked once."""
    known: dict[tuple[float, float], int] = {}
    found = np.empty(len(lon), dtype=np.int64)
    for row, spot in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
        if spot not in known:
            try:
                known[spot] = int(times.snap(LonLat(*spot)))
            except ValueError:  # travel engines have their own error for a place off the roads
                known[spot] = -1
        found[row] = known[spot]
    return found
