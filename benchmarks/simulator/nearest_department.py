"""The emergency department that is nearest to each patient whom one will receive, by road."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from dispatch.domain.ids import HospitalId
from dispatch.domain.travel import Mode, OffNetworkError, Position
from dispatch.ports import TravelTimes
from maps.geo import LonLat


def nearest_departments(
    departments: Mapping[HospitalId, Position],
    places: Iterable[LonLat | None],
    travel: TravelTimes,
    now_ms: int = 0,
) -> list[HospitalId | None]:
    """Return the department with the shortest ordinary journey from each place.

    None where there is no place, no department, or no road near. Ties: the first department.
    """
    names = list(departments)
    to = np.array(list(departments.values()), np.int64)
    found: list[HospitalId | None] = []
    for place in places:
        if place is None or not names:
            found.append(None)
            continue
        try:
            origin = travel.snap(place)
        except OffNetworkError:
            found.append(None)
            continue
        times = travel.from_one_ms(origin, to, Mode.ORDINARY, now_ms)
        found.append(names[int(np.argmin(times))])
    return found
