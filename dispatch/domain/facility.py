"""Places that the core sends units to: hospitals and posts."""

from __future__ import annotations

import msgspec

from dispatch.domain.ids import HospitalId, PostId, TrustCode
from dispatch.domain.incident import Pathway
from maps.geo import LonLat


class Hospital(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A site that receives patients; ``bays`` is how many handovers can go on at once."""

    id: HospitalId
    name: str
    at: LonLat
    has_emergency_department: bool = True
    pathways: tuple[Pathway, ...] = ()
    bays: int = 4


class Post(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A place where a unit waits: a station or a standby point."""

    id: PostId
    trust: TrustCode
    at: LonLat
    is_station: bool = True
