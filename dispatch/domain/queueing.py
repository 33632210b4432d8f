"""What the handovers of a hospital say about the next one: how long they took, with how many ahead.

A crew that finds others at a hospital waits for some of them. How long for each depends on bays,
staff and patients whom no control room sees; but it sees how many were there when a crew arrived
and how long its handover took. A straight line through the latest of these pairs is the forecast.
Departments receive graver patients first, so C2 and what is below are two lines: in front of a C2
are the crews with a C1 or C2, in front of the others all.
"""

from __future__ import annotations

from typing import Final

import msgspec

MINUTE_MS: Final = 60_000

URGENT_RANK: Final = 2
"""Patients of this rank or a graver one go before the others."""

FADES: Final = 0.98
"""What an older handover counts beside the next one: about the last fifty make the line. Assumed;
0.99 is as good."""

USUAL_COUNT: Final = 10.0
"""The usual line counts as so many handovers that found nobody. Assumed."""

USUAL_SQUARES: Final = 40.0
"""Weight of the usual minutes for each crew, as a sum of squares of crews ahead. Assumed."""


class HandoverLine(msgspec.Struct, frozen=True, gc=False):
    """The handover to expect in minutes: so much, and so much for each crew ahead."""

    base_min: float
    each_min: float

    def expected_min(self, ahead: float) -> float:
        """Return the handover to expect of a crew with so many ahead.

        Examples
        --------
        >>> HandoverLine(20.0, 4.0).expected_min(3)
        32.0
        """
        return self.base_min + self.each_min * ahead


USUAL_URGENT: Final = HandoverLine(20.0, 4.0)
USUAL_OTHER: Final = HandoverLine(25.0, 15.0)
"""Where nothing has been seen yet. Assumed; a day of handovers outweighs them."""


class HandoverSums(msgspec.Struct, frozen=True, gc=False):
    """Handovers that have ended, as weighted sums: the older, the less they count."""

    count: float = 0.0
    ahead: float = 0.0
    took_min: float = 0.0
    ahead_squared: float = 0.0
    ahead_took: float = 0.0

    def with_one(self, ahead: int, handover_ms: int) -> HandoverSums:
        """Return the sums with one more handover, of a crew that found so many ahead."""
        took_min = handover_ms / MINUTE_MS
        return HandoverSums(
            FADES * self.count + 1.0,
            FADES * self.ahead + ahead,
            FADES * self.took_min + took_min,
            FADES * self.ahead_squared + ahead * ahead,
            FADES * self.ahead_took + ahead * took_min,
        )

    def line(self, usual: HandoverLine) -> HandoverLine:
        """Return the line of least squares, drawn towards the usual one; it never falls."""
        count = self.count + USUAL_COUNT
        took = self.took_min + USUAL_COUNT * usual.base_min
        squares = self.ahead_squared + USUAL_SQUARES
        products = self.ahead_took + USUAL_SQUARES * usual.each_min
        each = (count * products - self.ahead * took) / (count * squares - self.ahead**2)
        if each <= 0.0:
            return HandoverLine(took / count, 0.0)
        # Nobody is handed over before they arrive, whatever a steep line says of an empty place.
        return HandoverLine(max(0.0, (took - each * self.ahead) / count), each)
