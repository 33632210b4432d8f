"""Who helped whom: flows of aid between trusts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.metrics_table import ABSENT, RecordTable

AidFlows = Mapping[str, Mapping[str, int]]
"""Incidents with help, by the helping trust and then by the trust that was helped."""


def aid_flows(table: RecordTable) -> dict[str, dict[str, int]]:
    """Return how many incidents of each trust another one sent a unit to, by the helper.

    An incident counts once, for the first other trust that sent a unit.
    """
    helped = table.aided_by != ABSENT
    pairs, counts = np.unique(
        np.column_stack((table.aided_by[helped], table.trust[helped])), axis=0, return_counts=True
    )
    found: dict[str, dict[str, int]] = {}
    for (helper, home), number in zip(pairs.tolist(), counts.tolist(), strict=True):
        found.setdefault(table.trusts[helper], {})[table.trusts[home]] = number
    return found
