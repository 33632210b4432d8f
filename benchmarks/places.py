"""The places of a run as a person asks for them: region, trusts, crews, travel times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from benchmarks.region_part import region_of_trusts, trusts_of_version
from benchmarks.replay import travel_times
from dispatch.ports import TravelTimes
from maps.region import Region
from maps.region_file import load_region

BUNDLED_CREWS: Final = "bundled"
"""In place of a file: the calibration of crews that comes with the package."""


@lru_cache(maxsize=2)
def places_of(
    name: str,
    trusts: tuple[str, ...] = (),
    crews: str | None = None,
    travel_profile: str | None = None,
) -> tuple[Region, TravelTimes]:
    """Return a region and its travel times; the last ones asked for are kept.

    Parameters
    ----------
    name
        Name of a bundled region, or its file.
    trusts
        Codes of the trusts to which it is limited; none: all.
    crews
        File of a calibration of crews, or `BUNDLED_CREWS`; None: the region's own fleet.
    travel_profile
        File of a travel profile fitted to journeys; None: the region's own times.

    Raises
    ------
    ValueError
        When one of these is not there or belongs to another region.
    """
    region = load_region(name)
    if crews is not None:
        from benchmarks.calibration.crew_file import calibrated

        region = calibrated(region, None if crews == BUNDLED_CREWS else Path(crews))
    if trusts:
        region = region_of_trusts(region, trusts)
    travel = travel_times(region)
    if travel_profile is not None:
        from benchmarks.travel_calibration.calibrated_times import CalibratedTimes
        from benchmarks.travel_calibration.profile_file import load_profile_file

        travel = CalibratedTimes(travel, load_profile_file(Path(travel_profile)))
    return region, travel


@dataclass(frozen=True, slots=True)
class Where:
    """Region, crews and travel times by the words of a person; see `places_of`."""

    region: str | None = None
    crews: str | None = None
    travel_profile: str | None = None
    trusts: tuple[str, ...] = ()

    def opened(self, otherwise: str, version: str | None = None) -> tuple[Region, TravelTimes]:
        """Return region and travel times.

        ``otherwise`` is the region when none was named. With ``version``, that of a journal, a
        region of which the journal is of one trust alone is limited to that trust.
        """
        name = self.region or otherwise
        trusts = self.trusts
        if not trusts and version is not None:
            trusts = trusts_of_version(load_region(name), version)
        return places_of(name, trusts, self.crews, self.travel_profile)

    def notes(self) -> tuple[str, ...]:
        """Return what a report has to say of them."""
        found = []
        if self.crews is not None:
            name = "bundled" if self.crews == BUNDLED_CREWS else Path(self.crews).name
            found.append(f"Crews fitted to published months ({name} calibration).")
        if self.travel_profile is not None:
            found.append(f"Travel times fitted to journeys ({Path(self.travel_profile).name}).")
        return tuple(found)


def crews_of(*, calibrated: bool, crews: Path | None) -> str | None:
    """Return which crews two options ask for.

    Raises
    ------
    ValueError
        When both are given.
    """
    if calibrated and crews is not None:
        raise ValueError("Expected --calibrated or --crews, was both.")
    return BUNDLED_CREWS if calibrated else None if crews is None else str(crews.resolve())
