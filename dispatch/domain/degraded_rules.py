"""What the engine does with less than it should have: numbers of the degraded modes."""

from __future__ import annotations

import msgspec


class DegradedRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Numbers of the degraded modes.

    Attributes
    ----------
    detour_factor
        By how much a way is taken to be longer than the great circle, with routing down. Assumed.
    blue_light_kmh, ordinary_kmh
        Speed by mode, with routing down: those that JEMSS gives Edmonton off the roads it knows
        (Ridler, Mason and Raith, 2022). Who is nearest does not depend on them.
    joint_incidents_max
        A joint round of more incidents than this takes only the most urgent; the others are
        served by the rule of the good dispatcher (B2). Twice the round of 600 waiting incidents
        for which the engine's time is promised.
    """

    detour_factor: float = 1.3
    blue_light_kmh: float = 45.0
    ordinary_kmh: float = 31.0
    joint_incidents_max: int = 1200

    def __post_init__(self) -> None:
        """Refuse what cannot be reckoned with."""
        if self.detour_factor < 1.0:
            raise ValueError(f"Expected a detour_factor of 1 or more, was {self.detour_factor}.")
        if min(self.blue_light_kmh, self.ordinary_kmh) <= 0:
            raise ValueError("Expected positive speeds.")
        if self.joint_incidents_max < 1:
            raise ValueError(
                f"Expected joint_incidents_max of 1 or more, was {self.joint_incidents_max}."
            )
