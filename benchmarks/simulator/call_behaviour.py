"""How callers and call rooms behave in the simulated world; every number is changeable."""

from __future__ import annotations

import msgspec


class RoomDown(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A control room that nobody can reach, in hours after the start of the run."""

    trust: str
    from_h: float
    until_h: float

    def __post_init__(self) -> None:
        if not 0 <= self.from_h < self.until_h:
            raise ValueError(
                f"Expected hours that rise from 0, was {self.from_h} to {self.until_h}."
            )


class CallBehaviour(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whether incidents come in by telephone calls that somebody has to answer."""

    is_on: bool = False
    from_111_share: float = 0.12
    """Share of the public's incidents that come from NHS 111 and not by a 999 call. Assumed;
    requests of health professionals have their own line."""
    same_incident_share: float = 0.5
    """Share of the calls beyond one for each incident that are about one that is known. How many
    there are is published (A1 calls for A7 incidents); the rest are about none. Assumed."""
    handle_s: float = 360.0
    """Mean time of a handler on a call, with wrap-up. Assumed, as in the forecast of handlers."""
    handle_log_sd: float = 0.4
    patience_s: float = 120.0
    """Mean time after which a caller hangs up. Assumed; who called about an emergency calls again
    until somebody answers."""
    rings_again_s: float = 30.0
    answer_mean_s: float | None = None
    """Mean answer time that each hour is staffed for; None: the trust's published one (A3)."""
    handlers_factor: float = 1.0
    """Handlers on duty, as a multiple of those needed."""
    buddies_after_s: int | None = None
    """Every trust offers calls that have waited so long to the others, in order of code, when the
    configuration names no buddies of its own; None: only as the configuration says."""
    hand_back_s: float = 20.0
    """Until a home trust takes over an incident that another answered. Assumed."""
    down: tuple[RoomDown, ...] = ()
