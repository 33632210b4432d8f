"""Colours that stay apart for every kind of eye, and on a grey print.

Categories: Okabe and Ito (2008), Color Universal Design. Ramp: ColorBrewer YlGnBu (Brewer and
Harrower, Apache licence), light to dark, so that more is darker.
"""

from __future__ import annotations

from typing import Final

INK: Final = "#1b1f24"
SOFT: Final = "#57606a"
LINE: Final = "#d0d7de"
GROUND: Final = "#f6f8fa"
PUBLISHED: Final = "#8c6d1f"
STANDARD: Final = "#1b1f24"

CATEGORY: Final = {"C1": "#c44601", "C2": "#0b62a4", "C3": "#00795a", "C4": "#9b4f96"}
"""Darkened enough to carry white text and thin lines on white."""

SERIES: Final = ("#0b62a4", "#c44601", "#00795a", "#9b4f96", "#8c6d1f", "#3f8fc4", "#57606a")
"""Policies, and other things without a colour of their own, in order."""

RAMP: Final = ("#ffffd9", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d7fb8", "#253494")


def ramp(share: float) -> str:
    """Return the colour of a share in [0, 1] of the ramp."""
    return RAMP[max(0, min(len(RAMP) - 1, int(share * len(RAMP))))]
