"""A calibration: the base curve and the effects of hour, mode, area and station; fit and use."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.travel_calibration.curve import Curve, crow_m, fit_curve
from benchmarks.travel_calibration.journeys import Journeys
from benchmarks.travel_calibration.pooling import explained, pooled_effects
from dispatch.ports import Mode
from maps.speeds import SpeedProfile, hour_class_of, load_profile

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

AREA_DEGREES: Final = 0.03
"""Side of the squares that share an effect: 3.3 km north to south."""
AREAS_A_DISTRICT: Final = 4
"""A district is this many areas wide and high: a place where no journey went has its effect."""
RESIDUAL_MAX: Final = 1.0
"""Journeys that took less than 0.37 or more than 2.7 times what is expected count as these."""
JOURNEYS_MIN: Final = 100
_DECIMALS: Final = 6


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A square of the map, by its number from west and from south, with its effects.

    ``effect`` is of all hours, ``by_hour`` what each hour class adds to it.
    """

    west: int
    south: int
    journeys: int
    effect: float
    by_hour: tuple[float, ...]


class District(msgspec.Struct, frozen=True, kw_only=True):
    """A square of four by four areas, by its number from west and from south."""

    west: int
    south: int
    journeys: int
    effect: float


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """A station whose units are faster or slower than others."""

    name: str
    journeys: int
    effect: float


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """Travel times fitted to observed journeys.

    The time of a journey is ``curve * exp(level + mode + hour + district + area + area by hour +
    station)``.
    ``base`` names the travel times that it stands on; only times of the same region can use it.
    ``modes`` holds effects of the modes that were observed, by name. ``prior_sd`` says how far the
    groups of each kind were found to differ, ``noise_sd`` how far journeys of one group do, and
    ``residual_sd`` is the deviation of the logarithm of time that remains. ``version`` names the
    content.
    """

    name: str
    version: str
    base: str
    timezone: str
    speed_profile: str
    attribution: str
    measured_from: str
    journeys: int
    first_at: str
    last_at: str
    area_degrees: float
    prior_sd: dict[str, float]
    noise_sd: float
    residual_sd: float
    level: float
    curve: Curve
    modes: dict[str, float]
    hours: dict[str, float]
    districts: tuple[District, ...]
    areas: tuple[Area, ...]
    stations: tuple[Station, ...]


def fit(
    journeys: Journeys,
    *,
    name: str,
    base: str,
    timezone: str = "Europe/London",
    attribution: str = "",
    area_degrees: float = AREA_DEGREES,
) -> Calibration:
    """Fit a calibration to journeys that have been routed.

    Parameters
    ----------
    journeys
        With ``routed_s``.
    name
        Name of the profile.
    base
        Version of the travel times that routed them.
    timezone
        Of the hours.
    attribution
        Whose journeys these are.
    area_degrees
        Side of the areas that share an effect.

    Raises
    ------
    ValueError
        When there are fewer than `JOURNEYS_MIN` journeys, or they were not routed.
    """
    if len(journeys) < JOURNEYS_MIN or len(journeys.routed_s) != len(journeys):
        raise ValueError(
            f"Expected at least {JOURNEYS_MIN} routed journeys, was {len(journeys.routed_s)}."
        )
    profile = load_profile()
    hour = hour_classes(journeys.started_at_ms, profile, timezone)
    distance_m = crow_m(journeys.origin_lon, journeys.origin_lat, journeys.lon, journeys.lat)
    count = len(profile.hour_classes)
    curve = fit_curve(journeys.observed_s, journeys.routed_s, distance_m, hour, count)
    ratio = journeys.observed_s / curve.at(journeys.routed_s, distance_m, hour)
    residual = np.clip(np.log(ratio), -RESIDUAL_MAX, RESIDUAL_MAX)
    squares, area = _numbered(squares_of(journeys.lon, journeys.lat, area_degrees))
    blocks, district = _numbered(squares[area] // AREAS_A_DISTRICT)
    groups = {
        "mode": journeys.mode.astype(np.int64),
        "hour": hour,
        "district": district,
        "area": area,
        "area by hour": area * count + hour,
        "station": journeys.station.code.astype(np.int64),
    }
    most = (len(Mode), count, len(blocks), len(squares), len(squares) * count)
    sizes = dict(zip(groups, (*most, len(journeys.station.vocabulary)), strict=True))
    pooled = pooled_effects(residual, groups, sizes)
    effects = pooled.effects
    remaining = residual - explained(effects, groups)
    # The median, so that half of all journeys are faster than is said and half are slower.
    level = float(np.median(remaining))
    calibration = Calibration(
        name=name,
        version="",
        base=base,
        timezone=timezone,
        speed_profile=f"{profile.name}@{profile.version}",
        attribution=attribution,
        measured_from=journeys.measured_from,
        journeys=len(journeys),
        first_at=_text(journeys.started_at_ms.min()),
        last_at=_text(journeys.started_at_ms.max()),
        area_degrees=area_degrees,
        prior_sd={kind: round(sd, _DECIMALS) for kind, sd in pooled.prior_sd.items()},
        noise_sd=round(pooled.noise_sd, _DECIMALS),
        residual_sd=round(float(np.std(remaining)), _DECIMALS),
        level=round(level, _DECIMALS),
        curve=curve,
        modes=_modes(groups["mode"], effects["mode"]),
        hours=dict(zip(_hour_names(profile), _rounded(effects["hour"]), strict=True)),
        districts=_districts(blocks, district, effects["district"]),
        areas=_areas(squares, area, effects, count),
        stations=_stations(journeys, effects["station"]),
    )
    return msgspec.structs.replace(calibration, version=content_version(calibration))


def _modes(mode: Int64s, effect: Float64s) -> dict[str, float]:
    """Return the effects of the modes that were observed, by name."""
    return {m.name.lower(): _rounded(effect)[m] for m in Mode if (mode == m).any()}


def _hour_names(profile: SpeedProfile) -> list[str]:
    return [hours.name for hours in profile.hour_classes]


def _rounded(values: Float64s) -> list[float]:
    return [round(value, _DECIMALS) for value in values.tolist()]


def _numbered(squares: Int64s) -> tuple[Int64s, Int64s]:
    """Return the different squares in order, and for each journey the number of its square."""
    different, number = np.unique(squares, axis=0, return_inverse=True)
    return different, number.reshape(-1)


def _districts(blocks: Int64s, district: Int64s, effect: Float64s) -> tuple[District, ...]:
    counts = np.bincount(district, minlength=len(blocks)).tolist()
    return tuple(
        District(
            west=west, south=south, journeys=counts[i], effect=round(float(effect[i]), _DECIMALS)
        )
        for i, (west, south) in enumerate(blocks.tolist())
    )


def _areas(
    squares: Int64s, area: Int64s, effects: dict[str, Float64s], hours: int
) -> tuple[Area, ...]:
    counts = np.bincount(area, minlength=len(squares)).tolist()
    by_hour = effects["area by hour"].reshape(-1, hours)
    return tuple(
        Area(
            west=int(west),
            south=int(south),
            journeys=counts[i],
            effect=round(float(effects["area"][i]), _DECIMALS),
            by_hour=tuple(round(float(v), _DECIMALS) for v in by_hour[i]),
        )
        for i, (west, south) in enumerate(squares.tolist())
    )


def _stations(journeys: Journeys, effect: Float64s) -> tuple[Station, ...]:
    words = journeys.station
    counts = np.bincount(words.code, minlength=len(words.vocabulary)).tolist()
    return tuple(
        Station(name=name, journeys=counts[i], effect=round(float(effect[i]), _DECIMALS))
        for i, name in enumerate(words.vocabulary)
        if counts[i]
    )


def content_version(calibration: Calibration) -> str:
    """Return the SHA-256 of everything that a calibration says, but its version and name."""
    said = msgspec.structs.replace(calibration, version="", name="")
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def hour_classes(started_at_ms: Int64s, profile: SpeedProfile, timezone: str) -> Int64s:
    """Return the hour class of each instant."""
    quarters, inverse = np.unique(started_at_ms // 900_000, return_inverse=True)
    found = [hour_class_of(profile, quarter * 900_000, timezone) for quarter in quarters.tolist()]
    return np.array(found, dtype=np.int64)[inverse]


def squares_of(lon: Float64s, lat: Float64s, area_degrees: float) -> Int64s:
    """Return the square of each point as (west, south): rows of whole numbers.

    A square is ``area_degrees`` high and 1.6 times as wide in degrees, so that it is about as
    wide as high in the latitudes of Britain.
    """
    west = np.floor(lon / (area_degrees * 1.6))
    south = np.floor(lat / area_degrees)
    return np.column_stack((west, south)).astype(np.int64)


def _text(at_ms: np.int64) -> str:
    stamp = np.datetime64(int(at_ms), "ms")
    return f"{np.datetime_as_string(stamp, unit='s')}Z"


def _block(west: int, south: int) -> tuple[int, int]:
    """Return the district of an area."""
    return west // AREAS_A_DISTRICT, south // AREAS_A_DISTRICT


class Effects:
    """The effects of a calibration, ready to be looked up."""

    def __init__(self, calibration: Calibration) -> None:
        self._calibration = calibration
        hours = list(calibration.hours.values())
        self._hours = np.array(hours)
        self._mode = np.array([calibration.modes.get(m.name.lower(), 0.0) for m in Mode])
        nothing = [0.0] * len(hours)
        wide = {(d.west, d.south): d.effect for d in calibration.districts}
        table = [nothing]
        self._district: dict[tuple[int, int], int] = {}
        self._area: dict[tuple[int, int], int] = {}
        for block, effect in wide.items():
            self._district[block] = len(table)
            table.append([effect] * len(hours))
        for area in calibration.areas:
            effect = area.effect + wide.get(_block(area.west, area.south), 0.0)
            self._area[area.west, area.south] = len(table)
            table.append([effect + of_hour for of_hour in area.by_hour])
        self._table = np.array(table)
        self._station = {s.name: s.effect for s in calibration.stations}

    def area_rows(self, lon: Float64s, lat: Float64s) -> Int64s:
        """Return the row of the area of each point, else of its district; 0 for neither."""
        squares = squares_of(lon, lat, self._calibration.area_degrees).tolist()
        return np.array([self._row(west, south) for west, south in squares], dtype=np.int64)

    def _row(self, west: int, south: int) -> int:
        row = self._area.get((west, south))
        return self._district.get(_block(west, south), 0) if row is None else row

    def factor(self, area_row: Int64s, hour: Int64s, mode: Int64s) -> Float64s:
        """Return the factor on the curve, without the station's."""
        total = self._calibration.level + self._hours[hour] + self._mode[mode]
        grown: Float64s = np.exp(total + self._table[area_row, hour])
        return grown

    def stations(self, names: Sequence[str | None]) -> Float64s:
        """Return the effect of each station; 0 for one that was never seen."""
        return np.array([self._station.get(name or "", 0.0) for name in names])


def predicted_s(calibration: Calibration, journeys: Journeys) -> Float64s:
    """Return how long a calibration says that routed journeys take, in seconds."""
    hour = hour_classes(journeys.started_at_ms, load_profile(), calibration.timezone)
    distance_m = crow_m(journeys.origin_lon, journeys.origin_lat, journeys.lon, journeys.lat)
    effects = Effects(calibration)
    rows = effects.area_rows(journeys.lon, journeys.lat)
    factor = effects.factor(rows, hour, journeys.mode.astype(np.int64))
    station = np.exp(effects.stations(list(journeys.station)))
    return calibration.curve.at(journeys.routed_s, distance_m, hour) * factor * station
