"""What is owed to crews: the end of a duty, the meal break, and what their skill is for."""

from __future__ import annotations

import msgspec


class MealBreak(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A crew's meal break: its window, and how long it lasts.

    It is to begin at ``from_ms`` or later, and to be over by ``until_ms``.
    """

    from_ms: int
    until_ms: int
    minutes: int = 30

    def __post_init__(self) -> None:
        """Refuse a window that the break does not fit into."""
        if self.minutes < 1 or self.until_ms - self.from_ms < self.minutes * 60_000:
            raise ValueError(
                f"Expected a window of at least the break's {self.minutes} min, was "
                f"{(self.until_ms - self.from_ms) / 60_000:g} min."
            )

    @property
    def latest_start_ms(self) -> int:
        """When it must begin to be over in its window."""
        return self.until_ms - self.minutes * 60_000


class CrewRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a job costs its crew, in minutes of a C2 patient's waiting.

    Attributes
    ----------
    after_arrival_min
        How long a unit is expected to be busy from its arrival on: England's job cycles of 85 to
        110 min (background knowledge), less the way.
    overrun_weight
        Cost of a minute that the job is expected to go on beyond the end of duty. Assumed.
    break_weight
        Cost of a minute by which the job would delay the meal break beyond its window. Assumed.
    shortfall_min
        Cost of each grade below the skill that the patient should have. Assumed.
    surplus_min
        Cost of sending an advanced or critical-care clinician to C3 or below. Assumed.
    breaks_every_s
        How often it is asked who may go on its break, while one is owed. Assumed.
    spare_units_min
        A break within its window is given only while the trust has so many other units free, and
        nobody waits; at the end of the window it is given to any unit that is free. Assumed.
    """

    after_arrival_min: float = 75.0
    overrun_weight: float = 0.1
    break_weight: float = 0.1
    shortfall_min: float = 2.0
    surplus_min: float = 2.0
    breaks_every_s: int = 300
    spare_units_min: int = 1
