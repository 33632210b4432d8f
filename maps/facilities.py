"""Places of the service: trusts, hospitals, stations, standby points, crews and demand."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from maps.geo import LonLat

SPECIALIST_PATHWAYS: Final = frozenset(
    {"stroke", "ppci", "major_trauma", "burns", "maternity", "paediatric", "vascular"}
)
"""Pathways whose destination is fixed by protocol."""

UNIT_KINDS: Final = (
    "DCA", "RRV", "HEMS", "CFR", "FALLS", "MENTAL_HEALTH", "URGENT_CARE", "PTS", "AUXILIARY",
)  # fmt: skip
"""Words for ``FleetUnit.kind``, those of ``dispatch.domain.unit.UnitKind``."""

SKILLS: Final = (
    "RESPONDER", "ECA", "EMT", "PARAMEDIC", "ADVANCED", "CRITICAL_CARE", "DOCTOR",
)  # fmt: skip
"""Words for ``FleetUnit.skill``, in rising order, those of ``dispatch.domain.unit.Skill``."""


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """An ambulance trust: ODS code, name, and the polygon of which it is the home trust.

    ``polygon_wkb_hex`` is WGS84 well-known binary in hexadecimal; None where the region is the
    whole of one trust without a drawn border.
    """

    code: str
    name: str
    polygon_wkb_hex: str | None = None
    source: str = ""


class Hospital(msgspec.Struct, frozen=True, kw_only=True):
    """A hospital site that receives ambulances.

    ``bays`` is the number of patients that can be handed over at the same time; ``assumed`` lists
    the fields that nobody published.
    """

    id: str
    name: str
    at: LonLat
    ods_code: str | None = None
    emergency_department: bool = True
    pathways: tuple[str, ...] = ()
    bays: int = 4
    beds: int | None = None
    assumed: tuple[str, ...] = ()
    source: str = ""


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A place where a unit waits: an ambulance station or a standby point."""

    id: str
    name: str
    trust: str
    at: LonLat
    is_station: bool = True
    assumed: bool = False
    source: str = ""


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """A daily duty period in local minutes after midnight; an end below the start is next day.

    ``weekdays`` are ISO numbers (Monday 1); the weekday of the start counts.
    """

    start_min: int
    end_min: int
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)


class FleetUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A crewed vehicle or responder of a region's fleet: callsign, kind, skill, home and duty.

    ``kind`` and ``skill`` use the words of ``dispatch.domain.unit``; no shifts means always on.
    """

    id: str
    trust: str
    kind: str
    skill: str
    home: str
    shifts: tuple[Shift, ...] = ()
    assumed: bool = True


class Demand(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Demand places: arrays of equal length, one entry a place (in England: an LSOA 2021)."""

    id: tuple[str, ...]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    population: npt.NDArray[np.int32]
    aged_65_plus: npt.NDArray[np.int32]
    is_rural: npt.NDArray[np.bool_]
    trust: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.id)
