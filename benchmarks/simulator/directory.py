"""The directory of services of a simulated world: a file, or one assumed from the region."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.simulator.care_behaviour import ServiceAssumptions
from benchmarks.simulator.streams import Streams, key_of
from dispatch.domain.directory import directory_from_csv, directory_from_json
from dispatch.domain.event_care import ServicesLoaded
from dispatch.domain.ids import ServiceId
from dispatch.domain.service import ReferralMethod, Service
from dispatch.domain.service_type import ServiceType
from maps.facilities import Demand
from maps.geo import LonLat
from maps.region import Region

_T = ServiceType

_AT_DEPARTMENTS: Final = (
    _T.URGENT_TREATMENT_CENTRE,
    _T.SAME_DAY_EMERGENCY_CARE,
    _T.VIRTUAL_WARD,
)
_BY_TELEPHONE: Final = (
    _T.MENTAL_HEALTH_LINE,
    _T.GP_OUT_OF_HOURS,
    _T.CLINICAL_ASSESSMENT,
    _T.SOCIAL_CARE,
    _T.HOSPICE,
)
ASSUMED: Final = "assumed: placed by population"


def directory_of(
    region: Region, assumed: ServiceAssumptions, path: str | None, seed: int
) -> ServicesLoaded:
    """Return the event that puts a directory into force: a file's, or the assumed one.

    Raises
    ------
    ValueError
        When the file is neither CSV nor JSON of a directory, or holds no usable service.
    """
    if path is None:
        return ServicesLoaded(
            services=assumed_directory(region, assumed, seed), by="simulated world", source=ASSUMED
        )
    data = Path(path).read_bytes()
    found = directory_from_json(data) if path.endswith(".json") else directory_from_csv(data)
    if not found.services:
        why = f" The first: {found.rejects[0].why}" if found.rejects else ""
        raise ValueError(f"Expected a usable service in {path}, was none.{why}")
    return ServicesLoaded(
        services=found.services,
        by="simulated world",
        source=Path(path).name,
        rejects=len(found.rejects),
    )


def assumed_directory(
    region: Region, assumed: ServiceAssumptions, seed: int
) -> tuple[Service, ...]:
    """Return the services that a region is assumed to have, in order of id.

    Equal arguments give equal services. A type with one service for so many residents stands at
    places of the demand at equal steps of the cumulative population of each trust's area.
    """
    found = [*_at_departments(region)]
    for trust in region.trusts:
        rows = np.flatnonzero(np.array([code == trust.code for code in region.demand.trust]))
        if not len(rows):
            continue
        found += [
            _service(f"{trust.code}-{kind}", kind, None, trusts=(trust.code,))
            for kind in _BY_TELEPHONE
        ]
        for kind, persons in sorted(assumed.persons_each.items()):
            streams = Streams(seed)
            start = float(streams.uniform(f"places of {kind}", key_of(trust.code))[0])
            spots = _spread(region.demand, rows, persons, start)
            found += [
                _service(f"{trust.code}-{kind}-{number}", kind, at)
                for number, at in enumerate(spots, start=1)
            ]
    return tuple(sorted(found, key=lambda service: service.id))


def _at_departments(region: Region) -> Iterator[Service]:
    for site in region.hospitals:
        if site.emergency_department:
            for kind in _AT_DEPARTMENTS:
                yield _service(f"{site.id}-{kind}", kind, site.at)


def _service(
    name: str, kind: ServiceType, at: LonLat | None, *, trusts: tuple[str, ...] = ()
) -> Service:
    words = kind.replace("_", " ")
    return Service(
        id=ServiceId(name),
        name=f"{words} ({name})",
        type=kind,
        at=at,
        trusts=trusts,  # type: ignore[arg-type]
        methods=(ReferralMethod.TELEPHONE,),
        source=ASSUMED,
    )


def _spread(demand: Demand, rows: np.ndarray, persons: int, start: float) -> list[LonLat]:
    """Return places at equal steps of the cumulative population of some places."""
    people = np.cumsum(demand.population[rows].astype(np.int64))
    total = int(people[-1])
    count = max(1, math.ceil(total / persons))
    steps = (np.arange(count) + start) * (total / count)
    chosen = rows[np.minimum(np.searchsorted(people, steps), len(rows) - 1)]
    return [LonLat(float(demand.lon[i]), float(demand.lat[i])) for i in chosen.tolist()]
