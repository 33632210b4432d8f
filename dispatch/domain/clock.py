"""When the response clock of an incident starts and stops, the AmbSYS way.

Start (T5): the earliest of the category being determined, the first unit being assigned, and a
cap after the call was connected: 30 s for C1, 240 s for C2 to C4. An upgrade starts a new clock
when the new category is determined; the same or a lower category keeps the old one.

Stop: for C1 the arrival of the first responder that the service sent; otherwise, if the patient
was conveyed, the arrival of the conveying unit, else of the first responder. So the response time
is known only when the outcome is.

Source: ambulance response programme rules as restated in the BaRS implementation guide
(application 4, Timings) and by the Nuffield Trust; the caps are background knowledge of the
AmbSYS specification and therefore configuration (`ClockRules`).
"""

from __future__ import annotations

from dispatch.domain.category import RANK, Category
from dispatch.domain.incident import IncidentRecord, Outcome
from dispatch.domain.settings import ClockRules


def clock_start_ms(
    rules: ClockRules,
    category: Category,
    *,
    connected_at_ms: int,
    coded_at_ms: int | None,
    assigned_at_ms: int | None,
) -> int:
    """Return when the clock of a first category starts (T5)."""
    cap_s = rules.c1_cap_s if RANK[category] == 1 else rules.other_cap_s
    start = connected_at_ms + cap_s * 1000
    if coded_at_ms is not None and coded_at_ms < start:
        start = coded_at_ms
    if assigned_at_ms is not None and assigned_at_ms < start:
        start = assigned_at_ms
    return start


def response_ms(record: IncidentRecord) -> int | None:
    """Return the response time of an ended incident; None when nobody reached the scene.

    Never negative: a unit that happened to be there before the clock started counts as zero.
    """
    stop = stop_ms(record)
    return None if stop is None else max(0, stop - record.clock_start_at_ms)


def stop_ms(record: IncidentRecord) -> int | None:
    """Return when the clock of an ended incident stopped; None when nobody reached the scene."""
    if RANK[record.category] == 1:
        return record.responder_on_scene_at_ms
    if record.outcome in (Outcome.CONVEYED_TO_ED, Outcome.CONVEYED_ELSEWHERE):
        return record.conveying_on_scene_at_ms
    return record.responder_on_scene_at_ms


def c1_transport_ms(record: IncidentRecord) -> int | None:
    """Return C1T: clock start to the conveying unit's arrival, for a conveyed C1; else None."""
    if RANK[record.category] != 1 or record.conveying_on_scene_at_ms is None:
        return None
    if record.outcome not in (Outcome.CONVEYED_TO_ED, Outcome.CONVEYED_ELSEWHERE):
        return None
    return max(0, record.conveying_on_scene_at_ms - record.clock_start_at_ms)
