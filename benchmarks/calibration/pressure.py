"""How full the emergency departments around a trust were in a month, as published."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec

REGION_OF_TRUST: Final = {
    "RRU": "Y56",
    "RYF": "Y58",
    "RYD": "Y59",
    "RYE": "Y59",
    "R1F": "Y59",
    "RYA": "Y60",
    "RX9": "Y60",
    "RYC": "Y61",
    "RX7": "Y62",
    "RX6": "Y63",
    "RX8": "Y63",
}
"""The NHS region of each ambulance trust; a trust that reaches into another counts where most of
its patients are."""


class Pressure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A region's emergency departments in a month.

    ``over_4h`` is the share of type 1 attendances that lasted over four hours, ``over_12h`` the
    waits of over 12 hours from decision to admit for each emergency admission.
    """

    over_4h: float
    over_12h: float


def pressure(trust: str, month: str) -> Pressure | None:
    """Return the pressure around an ambulance trust in a month; None where it is not known."""
    region = REGION_OF_TRUST.get(trust)
    return None if region is None else _table().get((month, region))


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], Pressure]:
    text = resources.files(__package__).joinpath("pressure.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        (row["month"], row["region"]): Pressure(
            over_4h=float(row["over_4h"]), over_12h=float(row["over_12h"])
        )
        for row in rows
    }
