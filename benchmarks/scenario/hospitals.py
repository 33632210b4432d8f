"""What a scenario does to the doors of hospitals."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from benchmarks.scenario.scenario import HospitalChange
from benchmarks.scenario.windows import Span, spans
from maps.facilities import Hospital
from maps.region import Region
from maps.trusts import TrustFinder


class HospitalWindow(msgspec.Struct, frozen=True, order=True):
    """A hospital's door is different for a while."""

    from_ms: int
    to_ms: int
    hospital: str
    takes_handovers: bool
    bays_factor: float
    handover_factor: float
    announced: bool


def hospital_windows(
    region: Region, changes: Sequence[HospitalChange], whole: Span, zone: ZoneInfo
) -> tuple[HospitalWindow, ...]:
    """Return the windows of all changes, in order of time and hospital.

    Raises
    ------
    ValueError
        When a change means no hospital of the region.
    """
    found = []
    for change in changes:
        for hospital in _meant(region, change):
            found += [
                HospitalWindow(
                    *span,
                    hospital.id,
                    change.takes_handovers,
                    change.bays_factor,
                    change.handover_factor,
                    change.announced,
                )
                for span in spans(change, whole, zone)
            ]
    return tuple(sorted(found))


def _meant(region: Region, change: HospitalChange) -> list[Hospital]:
    """Return the hospitals that a change means, in order of their ids."""
    within = [h for h in region.hospitals if h.emergency_department]
    if change.trusts:
        finder = TrustFinder(region.trusts)
        within = [h for h in within if finder.home(h.at) in change.trusts]
    if change.hospital == "every":
        return sorted(within, key=lambda h: h.id)
    if change.hospital == "largest" and within:
        return [max(within, key=lambda h: (h.beds or 0, h.bays, h.id))]
    named = [h for h in region.hospitals if h.id == change.hospital]
    if not named:
        known = ", ".join(sorted(h.id for h in within)[:10]) or "none"
        raise ValueError(
            f"Expected a hospital of {region.name} (such as {known}), largest or every in "
            f"{change.name!r}, was {change.hospital!r}."
        )
    return named
