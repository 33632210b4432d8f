"""Made-up journeys of which the truth is known."""

from __future__ import annotations

import numpy as np

from benchmarks.call_log.columns import Words
from benchmarks.call_log.streams import Stream
from benchmarks.travel_calibration.curve import crow_m
from benchmarks.travel_calibration.journeys import Journeys
from maps.region import CrowFlies
from routing.crow_flies import CrowFliesTimes

MARCH = 1_772_323_200_000
BASE = "grid@0+crow"


def crow_times(version: str = BASE) -> CrowFliesTimes:
    """Return travel times as the crow flies, 60 km/h with a detour of a third."""
    return CrowFliesTimes(CrowFlies(60.0, 40.0, 1.33), version)


def made_journeys(
    count: int = 6_000,
    stations: int = 40,
    *,
    start_s: float = 60.0,
    usual_s: float = 240.0,
    power: float = 0.7,
    area_factor: float = 1.0,
    station_sd: float = 0.0,
    noise_sd: float = 0.25,
    seed: int = 1,
) -> Journeys:
    """Return routed journeys that take start + usual * (distance / 2 km)**power, with noise.

    The eastern half takes ``area_factor`` times as long; stations differ by ``station_sd``.
    """
    draw = {n: Stream(seed, n).uniform(count) for n in ("when", "who", "east", "north")}
    noise = np.sqrt(12 / 5) * (
        np.sum([Stream(seed, "noise", str(i)).uniform(count) for i in range(5)], axis=0) - 2.5
    )
    east, north = (Stream(seed, "homes", name).uniform(stations) for name in ("east", "north"))
    home = np.floor(draw["who"] * stations).astype(np.int64)
    origin_lon, origin_lat = -0.5 + 0.6 * east[home], 51.3 + 0.4 * north[home]
    lon = origin_lon + 0.08 * (draw["east"] - 0.5)
    lat = origin_lat + 0.05 * (draw["north"] - 0.5)
    distance_m = crow_m(origin_lon, origin_lat, lon, lat)
    routed_s = distance_m * 1.33 / (60 / 3.6)
    of_station = station_sd * (Stream(seed, "station effect").uniform(stations) - 0.5) * np.sqrt(12)
    factor = np.where(lon > -0.2, area_factor, 1.0) * np.exp(of_station[home])
    expected_s = start_s + usual_s * (np.maximum(distance_m, 50) / 2_000) ** power
    return Journeys(
        station=Words.of(f"station {n:02d}" for n in home.tolist()),
        origin_lon=origin_lon,
        origin_lat=origin_lat,
        lon=lon,
        lat=lat,
        started_at_ms=MARCH + np.floor(draw["when"] * 28 * 86_400_000).astype(np.int64),
        observed_s=expected_s * factor * np.exp(noise_sd * noise),
        mode=np.zeros(count, dtype=np.int8),
        measured_from="first_mobile_at",
        routed_s=routed_s,
    )
