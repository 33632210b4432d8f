"""What crews are owed in the simulated world."""

from __future__ import annotations

import msgspec


class CrewBehaviour(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Meal breaks of crews; off, crews have none, as in the published figures' model.

    Attributes
    ----------
    meal_breaks
        Crews on duties long enough are owed one break, and take it when the engine gives it.
    duty_min_h
        A duty as long as this has a break. NHS terms give one within a duty of over 6 hours.
    minutes
        How long it lasts: 30 minutes undisturbed (background knowledge).
    window_h
        Hours after the beginning of the duty at which the window opens and ends. Assumed, as
        trusts' agreements differ.
    """

    meal_breaks: bool = False
    duty_min_h: float = 6.0
    minutes: int = 30
    window_h: tuple[float, float] = (3.5, 7.0)
