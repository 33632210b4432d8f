"""The same map driven beside OSRM's default car profile: ``bluelight bench osrm``.

An optional environment: ``osrm-bindings`` has wheels from Python 3.12 on and is no dependency. Both
read one OpenStreetMap extract; both are asked for the same journeys in the same process. The
speeds are not the same and are not meant to be; a way that only one of them drives is a finding.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from maps.geo import LonLat
from maps.network_builder import build_network
from maps.osm import read_osm
from maps.speeds import load_profile
from routing.position import FRACTION_BITS
from routing.roads import prepare
from routing.route import Route, route_between
from routing.snapshot import RoadTimes
from routing.weights import UNREACHABLE_MS, DriveMode

PLACES: Final = 300
DESTINATIONS: Final = 20
ROUTES: Final = 200
SAME_WAY_SHARE: Final = 0.02
"""Two routes as long as each other within this share are taken for the same way."""

_MODE: Final = DriveMode.ORDINARY
_FREE_FLOW_MS: Final = 1_790_132_400_000
"""Three in the morning on a Wednesday in September 2026: no traffic, as OSRM assumes."""

_MS_PER_M_AT_10_KMH: Final = 360.0

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


class Difference(NamedTuple):
    """One journey that both drive otherwise: seconds and metres, ours first."""

    origin: LonLat
    destination: LonLat
    ours_s: float
    theirs_s: float
    ours_m: float
    theirs_m: float


def is_osrm_installed() -> bool:
    """Test whether the optional package is there."""
    return importlib.util.find_spec("osrm") is not None


def check_with_osrm(pbf: Path, *, seed: int = 1) -> dict[str, Any]:
    """Return how our times, ways and speed compare with OSRM's on one extract.

    Raises
    ------
    ValueError
        When OSRM is not installed, or cannot read the extract.
    """
    if not is_osrm_installed():
        raise ValueError("Expected osrm-bindings (Python 3.12 or later), was not installed.")
    network, _ = build_network(read_osm(pbf).roads)
    times = RoadTimes(prepare(network), load_profile(), version="check", timezone="Europe/London")
    rng = np.random.default_rng(seed)
    usable = np.flatnonzero(network.access & 1)
    edges = rng.choice(usable, PLACES + DESTINATIONS).astype(np.int64)
    positions = (edges << FRACTION_BITS) | rng.integers(1, 2**FRACTION_BITS - 1, len(edges))
    places = [times.lonlat(int(position)) for position in positions]
    with TemporaryDirectory() as folder:
        begun = time.perf_counter()
        osrm = _Osrm(pbf, Path(folder))
        their_prepare_s = time.perf_counter() - begun
        result = _compare_times(times, positions, places, osrm)
        result |= _compare_ways(times, positions, places, osrm)
    return {
        "junctions": network.node_count,
        "osrm_version": importlib.metadata.version("osrm-bindings"),
        "osrm_prepare_s": their_prepare_s,
        **result,
    }


class _Osrm:
    def __init__(self, pbf: Path, folder: Path) -> None:
        self._osrm: Any = importlib.import_module("osrm")
        shutil.copy(pbf, folder / "map.osm.pbf")
        profile = Path(str(self._osrm.__file__)).parent / "share" / "profiles" / "car.lua"
        base = str(folder / "map.osrm")
        for arguments in (
            ["extract", "-p", str(profile), str(folder / "map.osm.pbf")],
            ["contract", base],
        ):
            done = subprocess.run(  # noqa: S603 -- our own arguments, no shell
                [sys.executable, "-m", "osrm", *arguments],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise ValueError(
                    f"Expected OSRM to {arguments[0]} {pbf}, was: {done.stderr[-500:]}"
                )
        self._engine = self._osrm.OSRM(
            storage_config=base,
            use_shared_memory=False,
            algorithm="CH",
            max_locations_distance_table=10_000,
        )

    def table_s(self, origins: list[LonLat], destinations: list[LonLat]) -> Floats:
        count = len(origins)
        parameters = self._osrm.TableParameters(
            coordinates=[tuple(place) for place in (*origins, *destinations)],
            sources=list(range(count)),
            destinations=list(range(count, count + len(destinations))),
            annotations=["duration"],
        )
        rows = self._engine.Table(parameters)["durations"]
        return np.array([[np.nan if cell is None else float(cell) for cell in row] for row in rows])

    def route(self, origin: LonLat, destination: LonLat) -> tuple[float, float, list[LonLat]]:
        """Return seconds, metres and the line of a route."""
        parameters = self._osrm.RouteParameters(
            coordinates=[tuple(origin), tuple(destination)], overview="full", geometries="geojson"
        )
        route = self._engine.Route(parameters)["routes"][0]
        line = [LonLat(lon, lat) for lon, lat in route["geometry"]["coordinates"]]
        return float(route["duration"]), float(route["distance"]), line


def _compare_times(
    times: RoadTimes, positions: Positions, places: list[LonLat], osrm: _Osrm
) -> dict[str, Any]:
    origins, destinations = positions[:PLACES].copy(), positions[PLACES:].copy()
    times.matrix_ms(origins, destinations, _MODE, _FREE_FLOW_MS)
    begun = time.perf_counter()
    ours_ms = times.matrix_ms(origins, destinations, _MODE, _FREE_FLOW_MS)
    ours_taken = time.perf_counter() - begun
    begun = time.perf_counter()
    theirs_s = osrm.table_s(places[:PLACES], places[PLACES:])
    theirs_taken = time.perf_counter() - begun
    both = np.isfinite(theirs_s) & (ours_ms < UNREACHABLE_MS) & (theirs_s > 60)
    ratio = ours_ms[both] / 1000.0 / theirs_s[both]
    return {
        "journeys": int(both.sum()),
        "only_we_reach": int((~np.isfinite(theirs_s) & (ours_ms < UNREACHABLE_MS)).sum()),
        "only_they_reach": int((np.isfinite(theirs_s) & (ours_ms >= UNREACHABLE_MS)).sum()),
        "correlation": float(np.corrcoef(ours_ms[both], theirs_s[both])[0, 1]),
        "time_ratio": {f"p{c}": float(np.percentile(ratio, c)) for c in (1, 10, 50, 90, 99)},
        f"table_{PLACES}x{DESTINATIONS}_ms": ours_taken * 1000.0,
        f"osrm_table_{PLACES}x{DESTINATIONS}_ms": theirs_taken * 1000.0,
    }


def _compare_ways(
    times: RoadTimes, positions: Positions, places: list[LonLat], osrm: _Osrm
) -> dict[str, Any]:
    """Compare routes by their lengths: equal lengths are the same way at another speed."""
    ours_taken, theirs_taken = [], []
    differences: list[Difference] = []
    same, undrivable = 0, 0
    for at in range(ROUTES):
        a, b = at, PLACES + at % DESTINATIONS
        begun = time.perf_counter()
        route: Route | None = route_between(
            times, int(positions[a]), int(positions[b]), _MODE, _FREE_FLOW_MS
        )
        ours_taken.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        theirs_s, theirs_m, line = osrm.route(places[a], places[b])
        theirs_taken.append(time.perf_counter() - begun)
        if route is None:
            continue
        if abs(route.length_m - theirs_m) <= SAME_WAY_SHARE * theirs_m + 20:
            same += 1
        else:
            ours_s = route.total_ms / 1000.0
            differences.append(
                Difference(places[a], places[b], ours_s, theirs_s, route.length_m, theirs_m)
            )
            undrivable += not _can_drive(times, line)
    differences.sort(key=lambda d: -abs(d.ours_m - d.theirs_m) / max(d.theirs_m, 1.0))
    return {
        "same_way_share": same / ROUTES,
        "other_way_share": len(differences) / ROUTES,
        "other_way_that_we_cannot_drive": undrivable,
        "route_ms": float(np.median(ours_taken) * 1000.0),
        "osrm_route_ms": float(np.median(theirs_taken) * 1000.0),
        "largest_differences": [difference._asdict() for difference in differences[:5]],
    }


def _can_drive(times: RoadTimes, line: list[LonLat]) -> bool:
    """Test whether each step of a line can be driven here without a detour of a minute."""
    positions = np.array([times.snap(point) for point in line], dtype=np.int64)
    steps_ms = times.pairs_ms(positions[:-1], positions[1:], _MODE, _FREE_FLOW_MS)
    east, north = times.plane_m(positions)
    walked_ms = np.hypot(np.diff(east), np.diff(north)) * _MS_PER_M_AT_10_KMH
    return bool((steps_ms <= walked_ms + 60_000).all())
