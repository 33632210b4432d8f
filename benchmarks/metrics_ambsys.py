"""The ambulance quality indicators (AmbSYS) of a run, under the codes of the published file."""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.metrics_sample import sample_of, whole_seconds
from benchmarks.metrics_table import ABSENT, Bools, Int64s, RecordTable, category_number
from dispatch.domain.category import Category
from dispatch.domain.incident import Outcome

Indicators = dict[str, int | None]
"""Value by code: a count or whole seconds; None where there was nothing to measure."""

_TRIPLES: Final = (
    # category as reported, codes of count, total, mean and 90th centile
    (Category.C1, "A8", "A24", "A25", "A26"),
    (Category.C2, "A10", "A30", "A31", "A32"),
    (Category.C3, "A11", "A33", "A34", "A35"),
    (Category.C4, "A12", "A36", "A37", "A38"),
)

_AS_TRIAGED: Final = (
    (Category.HCP1, "A74", "A82", "A83", "A84"),
    (Category.HCP2, "A75", "A85", "A86", "A87"),
    (Category.HCP3, "A76", "A88", "A89", "A90"),
    (Category.HCP4, "A77", "A91", "A92", "A93"),
    (Category.IFT1, "A78", "A94", "A95", "A96"),
    (Category.IFT2, "A79", "A97", "A98", "A99"),
    (Category.IFT3, "A80", "A100", "A101", "A102"),
    (Category.IFT4, "A81", "A103", "A104", "A105"),
    (Category.C1, "A115", "A116", "A117", "A118"),
    (Category.C2, "A119", "A120", "A121", "A122"),
)

_RESOURCES: Final = (
    (Category.C1, "A39", "A40"),
    (Category.C2, "A43", "A44"),
    (Category.C3, "A45", "A46"),
    (Category.C4, "A47", "A48"),
)

HANDOVER_LIMITS_S: Final = (("A144", 900), ("A145", 1800), ("A146", 3600))
"""Handovers longer than 15, 30 and 60 minutes."""


def ambsys(table: RecordTable) -> Indicators:
    """Return the indicators of the incidents of a table.

    Codes that incident records cannot know (early C1 identification, bystander CPR, Section 136)
    are left out; those of call answering and clinical validation are in `benchmarks.metrics_care`.
    Incidents that were cancelled or turned out to be duplicates before anybody came are not
    incidents to AmbSYS, and are not counted.
    """
    seen = table.arrived > 0
    found: Indicators = {}
    found |= _ways_of_ending(table, seen)
    for category, count, *codes in _TRIPLES:
        rows = seen & table.is_category(category)
        found[count] = int(rows.sum())
        found |= _timed(codes, table.response_ms[rows])
    for category, count, *codes in _AS_TRIAGED:
        rows = seen & (table.category == category_number(category))
        found[count] = int(rows.sum())
        found |= _timed(codes, table.response_ms[rows])
    conveyed_c1 = seen & (table.transport_ms != ABSENT)
    found["A9"] = int(conveyed_c1.sum())
    found |= _timed(["A27", "A28", "A29"], table.transport_ms[conveyed_c1])
    found |= {"A41": int(table.allocated[conveyed_c1].sum())}
    found |= {"A42": int(table.arrived[conveyed_c1].sum())}
    for category, allocated, arriving in _RESOURCES:
        rows = seen & table.is_category(category)
        found[allocated] = int(table.allocated[rows].sum())
        found[arriving] = int(table.arrived[rows].sum())
    found |= _handovers(handover_ms(table))
    return in_order(found)


def in_order(found: Indicators) -> Indicators:
    """Return indicators in the order of their codes."""
    return dict(sorted(found.items(), key=lambda item: int(item[0][1:])))


def handover_ms(table: RecordTable) -> Int64s:
    """Return the handover times at emergency departments, one for each patient handed over."""
    rows = was_handed_over(table)
    times: Int64s = table.handed_over_ms[rows] - table.at_hospital_ms[rows]
    return times


def was_handed_over(table: RecordTable) -> Bools:
    """Return which patients were handed over at an emergency department at a known time."""
    rows: Bools = (
        table.is_outcome(Outcome.CONVEYED_TO_ED)
        & (table.at_hospital_ms != ABSENT)
        & (table.handed_over_ms != ABSENT)
    )
    return rows


def _ways_of_ending(table: RecordTable, seen: Bools) -> Indicators:
    advice = ~seen & table.is_outcome(Outcome.HEAR_AND_TREAT)
    referred = ~seen & table.is_outcome(Outcome.REFERRED)
    is_c5 = table.category == category_number(Category.C5)
    to_ed = seen & table.is_outcome(Outcome.CONVEYED_TO_ED)
    elsewhere = seen & table.is_outcome(Outcome.CONVEYED_ELSEWHERE)
    face_to_face = int(seen.sum())
    by_telephone = int(advice.sum()) + int(referred.sum())
    return {
        "A7": by_telephone + face_to_face,
        "A17": by_telephone,
        "A18": int((advice & ~is_c5).sum()),
        "A19": int((referred & ~is_c5).sum()),
        "A21": int((advice & is_c5).sum()),
        "A22": int((referred & is_c5).sum()),
        "A53": int(to_ed.sum()),
        "A54": int(elsewhere.sum()),
        "A55": face_to_face - int(to_ed.sum()) - int(elsewhere.sum()),
        "A56": face_to_face,
        "A113": int((seen & is_c5).sum()),
    }


def _timed(codes: list[str], durations_ms: Int64s) -> Indicators:
    """Return total, mean and 90th centile under three codes."""
    found = sample_of(durations_ms)
    return {
        codes[0]: found.total_s,
        codes[1]: _rounded(found.mean_s),
        codes[2]: _rounded(found.p90_s),
    }


def _handovers(durations_ms: Int64s) -> Indicators:
    seconds = whole_seconds(durations_ms)
    found: Indicators = {"A140": len(seconds)}
    found |= _timed(["A141", "A142", "A143"], durations_ms)
    for code, limit_s in HANDOVER_LIMITS_S:
        found[code] = int((seconds > limit_s).sum())
    found["A147"] = int(np.maximum(0, seconds - 1800).sum())
    return found


def _rounded(value: float | None) -> int | None:
    return None if value is None else int(value + 0.5)
