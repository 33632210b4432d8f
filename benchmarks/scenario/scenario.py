"""What a scenario says: a log to compose, and what changes while it runs."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from dispatch.domain.category import Category

Question = Literal["mutual-aid", "destination", "redirection"]
"""Standing comparisons: silos, mutual aid and full pooling; nearest hospital and least wait;
redirection off and on."""


class _Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class LogPlan(_Block, frozen=True, kw_only=True):
    """The log to compose: see `benchmarks.call_log.compose.compose`."""

    region: str
    month: str
    trusts: tuple[str, ...] = ()
    first_day: int = 1
    days: int | None = None
    scale: float = 1.0


class Window(_Block, frozen=True, kw_only=True):
    """A time in which something is different.

    ``from`` and ``to`` are local times of the region; without them it is the whole log. With
    ``hours`` only those hours of each day count: from the first up to the second, which may be
    next morning.
    """

    start: datetime | None = msgspec.field(name="from", default=None)
    end: datetime | None = msgspec.field(name="to", default=None)
    hours: tuple[int, int] | None = None


class DemandChange(Window, frozen=True, kw_only=True):
    """Demand times a factor, for some trusts and categories (none named: all)."""

    name: str
    factor: float
    trusts: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()


class FleetChange(Window, frozen=True, kw_only=True):
    """Units times a factor, for some trusts and kinds (none named: all).

    Below 1 some units stay away, above 1 some come twice.
    """

    name: str
    factor: float
    trusts: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class HospitalChange(Window, frozen=True, kw_only=True):
    """A hospital's door is different.

    ``hospital`` is an id of the region, ``largest`` (most beds, then most bays) or ``every``,
    within ``trusts`` (none named: all). ``takes_handovers`` false: crews wait until the end.
    ``bays_factor`` multiplies bays (at least one stays), ``handover_factor`` the time that a
    handover takes. ``announced``: control rooms know that the hospital is not accepting.
    """

    name: str
    hospital: str
    trusts: tuple[str, ...] = ()
    takes_handovers: bool = True
    bays_factor: float = 1.0
    handover_factor: float = 1.0
    announced: bool = False


class CallRoomOutage(Window, frozen=True, kw_only=True):
    """A control room cannot answer: others do, later.

    Calls of the window are answered and coded ``delay_s`` later. ``buddies`` answer in turn;
    dispatch stays with the home trust.
    """

    name: str
    trust: str
    buddies: tuple[str, ...]
    delay_s: float


class MajorIncident(_Block, frozen=True, kw_only=True):
    """Many patients in one place.

    Patients become known one after another over ``over_min`` minutes, within ``radius_m`` of the
    place. ``categories`` gives their shares; ``conveyed_share`` of them go to an emergency
    department, of the C1 ``major_trauma_share`` as major trauma.
    """

    name: str
    at: datetime
    lon: float
    lat: float
    trust: str
    patients: int
    over_min: float = 45.0
    radius_m: float = 100.0
    categories: dict[Category, float]
    conveyed_share: float = 0.8
    major_trauma_share: float = 0.5


class Scenario(_Block, frozen=True, kw_only=True):
    """A scenario: what happens, and which standing comparisons it is for.

    ``checksum`` is the SHA-256 of everything that the file says, apart from itself, comments and
    spacing; ``name`` is how it was asked for.
    """

    title: str
    description: str
    seed: int
    checksum: str
    log: LogPlan
    compare: tuple[Question, ...] = ("mutual-aid", "destination", "redirection")
    demand: tuple[DemandChange, ...] = ()
    fleet: tuple[FleetChange, ...] = ()
    hospital: tuple[HospitalChange, ...] = ()
    call_room: tuple[CallRoomOutage, ...] = ()
    major_incident: tuple[MajorIncident, ...] = ()
    name: str = ""
