"""What is assumed of a map about which nothing else is known: demand, a post, a fleet.

A map that nobody has described must still be one that can be tried out. All of it is marked as
assumed, and named in the build report.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from maps.facilities import FleetUnit, Hospital, Post, Shift
from maps.facility_toml import DemandEntry
from maps.geo import LonLat
from maps.road_network import RoadNetwork
from maps.shapes import segment_lines

PEOPLE_PER_RESIDENTIAL_KM: Final = 400.0
"""People who live along a kilometre of residential street, assumed.

Census 2021 over OpenStreetMap's residential streets: Isle of Wight 442, Rutland 315.
"""

AGED_65_PLUS_SHARE: Final = 0.184
"""Share of England's people aged 65 or over: Census 2021, 10.4 of 56.5 million."""

RURAL_PEOPLE_PER_KM2_MAX: Final = 150.0
"""A square kilometre with fewer people counts as rural, assumed."""

PEOPLE_PER_CREW: Final = 18_000
"""People to one ambulance on duty by day, assumed.

England has 26,000 incidents with a response a day among 56.5 million people; NHS England's open
job-cycle model has 286 ambulances at noon for 2,425 incidents a day.
"""

_CELL_M: Final = 1_000.0
_DAY: Final = Shift(start_min=7 * 60, end_min=19 * 60)
_NIGHT: Final = Shift(start_min=19 * 60, end_min=7 * 60)
_METRES_PER_DEGREE: Final = 111_195.0


def assumed_demand(network: RoadNetwork) -> tuple[DemandEntry, ...]:
    """Return demand places one kilometre apart, weighted by the residential streets around each.

    A place stands at the middle of its streets. Where a map has no residential street at all,
    all its roads count instead. The order is by row and column of the grid, from the south-west.
    """
    lon, lat, length_m = _street_points(network)
    shrink = math.cos(math.radians(float(lat.mean())))
    column = np.floor((lon - lon.min()) * shrink * _METRES_PER_DEGREE / _CELL_M).astype(np.int64)
    row = np.floor((lat - lat.min()) * _METRES_PER_DEGREE / _CELL_M).astype(np.int64)
    cells, cell = np.unique(np.column_stack((row, column)), axis=0, return_inverse=True)
    weight = np.bincount(cell, weights=length_m)
    middle_lon = np.bincount(cell, weights=lon * length_m) / weight
    middle_lat = np.bincount(cell, weights=lat * length_m) / weight
    people = np.rint(weight / 1000.0 * PEOPLE_PER_RESIDENTIAL_KM).astype(np.int64)
    return tuple(
        DemandEntry(
            id=f"cell-{cells[place, 0]}-{cells[place, 1]}",
            at=LonLat(float(middle_lon[place]), float(middle_lat[place])),
            population=int(people[place]),
            aged_65_plus=round(int(people[place]) * AGED_65_PLUS_SHARE),
            is_rural=bool(people[place] < RURAL_PEOPLE_PER_KM2_MAX),
            trust=None,
        )
        for place in np.flatnonzero(people > 0).tolist()
    )


def _street_points(
    network: RoadNetwork,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the middle and the length of every segment that people live on."""
    lines = segment_lines(network)
    names = np.array(network.classes)
    road_class = np.zeros(len(network.way_id), dtype=np.intp)
    length_m = np.zeros(len(network.way_id))
    road_class[network.segment] = network.road_class
    length_m[network.segment] = network.length_m
    lived_on = np.isin(names[road_class], ("residential", "living_street"))
    if not lived_on.any():
        lived_on[:] = True
    middle = (lines.first[:-1] + lines.first[1:]) // 2
    return lines.lon[middle][lived_on], lines.lat[middle][lived_on], length_m[lived_on]


def with_assumed_emergency(
    hospitals: tuple[Hospital, ...], otherwise: LonLat
) -> tuple[Hospital, ...]:
    """Return hospitals of which the first has an emergency department, assumed.

    Few hospitals are mapped with one. Where a map has no hospital at all, one stands at
    ``otherwise``: patients must have somewhere to go before anything can be tried out.
    """
    if not hospitals:
        return (
            Hospital(
                id="hospital-1",
                name="Assumed hospital",
                at=otherwise,
                assumed=("name", "at", "emergency_department", "bays"),
                source="assumed: the map shows no hospital",
            ),
        )
    first, *others = hospitals
    assumed = (*first.assumed, "emergency_department")
    first = msgspec.structs.replace(first, emergency_department=True, assumed=assumed)
    return (first, *others)


def assumed_post(trust: str, hospital: Hospital) -> Post:
    """Return one standby point, at a hospital, for a map without ambulance stations."""
    return Post(
        id="post-1",
        name=f"Standby point at {hospital.name}",
        trust=trust,
        at=hospital.at,
        is_station=False,
        assumed=True,
        source="assumed: the map shows no ambulance station",
    )


def assumed_fleet(posts: tuple[Post, ...], people: int) -> tuple[FleetUnit, ...]:
    """Return a fleet for a number of people: ambulances by day, half of them by night, one car.

    Crews go round the posts in their order. At least two ambulances, by day and by night.
    """
    by_day = max(2, round(people / PEOPLE_PER_CREW))
    by_night = max(2, by_day // 2)
    units = [
        _crew(f"DCA-{word}-{number + 1}", "DCA", posts[number % len(posts)], shift)
        for word, count, shift in (("D", by_day, _DAY), ("N", by_night, _NIGHT))
        for number in range(count)
    ]
    cars = [
        _crew(f"RRV-{word}", "RRV", posts[0], shift) for word, shift in (("D", _DAY), ("N", _NIGHT))
    ]
    return (*units, *cars)


def _crew(callsign: str, kind: str, post: Post, shift: Shift) -> FleetUnit:
    return FleetUnit(
        id=callsign,
        trust=post.trust,
        kind=kind,
        skill="PARAMEDIC",
        home=post.id,
        shifts=(shift,),
        assumed=True,
    )
