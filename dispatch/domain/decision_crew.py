"""What the core decides about crews themselves."""

from __future__ import annotations

from dispatch.domain.explanation import DecisionBase, Explanation
from dispatch.domain.ids import UnitId


class GiveBreak(DecisionBase, frozen=True, kw_only=True):
    """Let a crew take its meal break now, where it stands, for so many minutes.

    The crew reports ``ON_BREAK`` when it begins and a free status when it is over; until it has
    begun, an emergency may still take the unit.
    """

    unit: UnitId
    minutes: int
    why: Explanation


CrewDecision = GiveBreak
