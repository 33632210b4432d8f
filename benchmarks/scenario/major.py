"""The patients of a major incident, as rows of a call log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.call_log.columns import Ids, Words
from benchmarks.call_log.log import CallLog, assembled
from benchmarks.call_log.places import METRES_A_DEGREE
from benchmarks.call_log.streams import Quantiles, Stream, chosen
from benchmarks.scenario.scenario import MajorIncident
from benchmarks.scenario.windows import instant_ms
from dispatch.domain.category import Category, Segment
from dispatch.domain.incident import Outcome, Pathway

_AGES: Final = Quantiles((0.0, 0.1, 0.5, 0.9, 1.0), (1.0, 16.0, 34.0, 62.0, 90.0))
"""Ages of people in a crowd. Assumed."""
CODED_AFTER_S: Final = 60.0
"""A major incident is recognised from its first words. Assumed."""


def patients(incident: MajorIncident, seed: int, zone: ZoneInfo) -> CallLog:
    """Return the patients of a major incident, drawn from streams of its own."""
    n = incident.patients
    names = ("arrival", "category", "east", "north", "outcome", "pathway", "age")
    uniform = {
        name: Stream(seed, "major incident", incident.name, name).uniform(n) for name in names
    }
    spread_ms = np.floor(np.sort(uniform["arrival"]) * incident.over_min * 60_000)
    shares = incident.categories
    category = [list(shares)[i] for i in chosen(uniform["category"], np.array([*shares.values()]))]
    conveyed = uniform["outcome"] < incident.conveyed_share
    is_grave = np.array([c == Category.C1 for c in category], dtype=np.bool_)
    is_trauma = is_grave & conveyed & (uniform["pathway"] < incident.major_trauma_share)
    # A square of the same reach as the circle; nobody measures where the crowd stands.
    reach = incident.radius_m / METRES_A_DEGREE
    return assembled(
        {
            "incident_id": Ids.of(f"{incident.name}-{number:04d}" for number in range(1, n + 1)),
            "received_at": instant_ms(incident.at, zone) + spread_ms.astype(np.int64),
            "lon": incident.lon + (2 * uniform["east"] - 1) * reach,
            "lat": incident.lat + (2 * uniform["north"] - 1) * reach,
            "category": Words.of(c.value for c in category),
            "segment": Words.of(_segments(category)),
            "trust": Words.of([incident.trust] * n),
            "complaint": Words.of(["trauma"] * n),
            "pathway": Words.of(Pathway.MAJOR_TRAUMA.value if t else None for t in is_trauma),
            "outcome": Words.of(_outcome(taken) for taken in conveyed.tolist()),
            "age_years": np.floor(_AGES.at(uniform["age"])),
            "responders_needed": np.ones(n),
            "coded_after_s": np.full(n, CODED_AFTER_S),
        }
    )


def _segments(category: Sequence[Category]) -> list[str | None]:
    return [Segment.A.value if c == Category.C2 else None for c in category]


def _outcome(is_conveyed: bool) -> str:  # noqa: FBT001 - one of a column
    return (Outcome.CONVEYED_TO_ED if is_conveyed else Outcome.SEE_AND_TREAT).value
