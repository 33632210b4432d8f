"""How full the emergency departments of an ambulance trust's area were in a month, as published."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib import resources

import msgspec


class Pressure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An area's emergency departments in a month.

    ``over_4h`` is the share of type 1 attendances that lasted over four hours, ``over_12h`` the
    waits of over 12 hours from decision to admit for each emergency admission.
    """

    over_4h: float
    over_12h: float


def pressure(trust: str, month: str) -> Pressure | None:
    """Return the pressure around an ambulance trust in a month; None where it is not known."""
    return _table().get((month, trust))


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], Pressure]:
    text = resources.files(__package__).joinpath("pressure.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        (row["month"], row["trust"]): Pressure(
            over_4h=float(row["over_4h"]), over_12h=float(row["over_12h"])
        )
        for row in rows
    }
