"""The emergency department that a patient is expected at: the nearest that offers the pathway."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from dispatch.domain.ids import HospitalId
from dispatch.domain.incident import Pathway
from dispatch.domain.travel import UNREACHABLE_MS, Mode, OffNetworkError, Position
from dispatch.ports import TravelTimes
from maps.geo import LonLat


class Department(msgspec.Struct, frozen=True):
    """An emergency department: where it is and which specialist pathways it offers."""

    id: HospitalId
    position: Position
    pathways: frozenset[str]


def nearest_departments(
    departments: Sequence[Department],
    patients: Iterable[tuple[LonLat, Pathway | None] | None],
    travel: TravelTimes,
    now_ms: int = 0,
) -> list[HospitalId | None]:
    """Return the department with the shortest ordinary journey for each patient.

    A pathway binds where a department within reach offers it. None where there is no patient, no
    department, or no road near. Ties: the first department.
    """
    to = np.array([site.position for site in departments], np.int64)
    found: list[HospitalId | None] = []
    for patient in patients:
        if patient is None or not departments:
            found.append(None)
            continue
        at, pathway = patient
        try:
            origin = travel.snap(at)
        except OffNetworkError:
            found.append(None)
            continue
        times = travel.from_one_ms(origin, to, Mode.ORDINARY, now_ms)
        if pathway is not None:
            offered = [i for i, site in enumerate(departments) if pathway in site.pathways]
            within = [i for i in offered if times[i] < UNREACHABLE_MS]
            if within:
                found.append(departments[min(within, key=lambda i: (times[i], i))].id)
                continue
        found.append(departments[int(np.argmin(times))].id)
    return found
