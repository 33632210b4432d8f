"""Give an incident another category: the same for triage and for a clinician."""

from __future__ import annotations

from dispatch.domain.category import RANK, Category, Segment
from dispatch.domain.clock import clock_start_ms
from dispatch.state.rows import Incident
from dispatch.state.state import State


def recode(
    state: State, incident: Incident, category: Category, segment: Segment | None, coded_at_ms: int
) -> None:
    """Give an incident a category; an upgrade starts a new clock, nothing else does."""
    if incident.coded_at_ms is None:
        incident.clock_start_at_ms = clock_start_ms(
            state.settings.clock,
            category,
            connected_at_ms=incident.connected_at_ms,
            coded_at_ms=coded_at_ms,
            assigned_at_ms=incident.assigned_at_ms,
        )
        incident.first_category = category
    elif RANK[category] < incident.rank:
        incident.clock_start_at_ms = coded_at_ms
    incident.coded_at_ms = coded_at_ms
    incident.category = category
    incident.rank = RANK[category]
    incident.segment = segment
    for response in incident.responses:
        state.write(state.units[response.unit])
    state.file(incident)
