"""What a job costs its crew: skill that does not fit, the end of the duty, the meal break.

It is part of the cost of a pair (`dispatch.policies.joint_cost`), in the patient's own minutes, so
that a crew near its end is spared where it costs patients little, and is sent where it does not.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.category import RANK, Category, Segment
from dispatch.domain.crew_rules import CrewRules
from dispatch.domain.incident import Pathway
from dispatch.domain.unit import Skill
from dispatch.policies.harm import HARM_US_PER_MINUTE
from dispatch.ports import Picture
from dispatch.state import Incident, Unit

PARAMEDIC_PATHWAYS: Final = frozenset(
    {Pathway.STROKE, Pathway.PPCI, Pathway.MAJOR_TRAUMA, Pathway.BURNS, Pathway.VASCULAR}
)
"""C2 and below for which a paramedic is wanted on the conveying crew. Assumed."""


def skill_wanted(incident: Incident) -> Skill:
    """Return the skill that the conveying crew of a patient below C1 should have."""
    return skill_for(incident.category, incident.pathway, incident.segment)


def skill_for(category: Category, pathway: Pathway | None, segment: Segment | None) -> Skill:
    """Return the same of what a patient is, whoever it is."""
    if pathway in PARAMEDIC_PATHWAYS or segment is Segment.A:
        return Skill.PARAMEDIC
    return Skill.EMT if RANK[category] <= 2 else Skill.ECA


def crew_costs_us(
    picture: Picture,
    wanted: npt.NDArray[np.int8],
    rank: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    ready_ms: npt.NDArray[np.int64],
    start: npt.NDArray[np.int32],
    units: npt.NDArray[np.int32],
    travel_ms: npt.NDArray[np.int32],
) -> npt.NDArray[np.int64]:
    """Return the crew's cost of each candidate pair, in weighted microseconds.

    Parameters
    ----------
    wanted, rank
        Of each incident, the skill that its crew should have, and its order of service.
    rows
        Slots of the units that take part; ``units`` are indices into it.
    ready_ms
        Of each of them, until it can set off: clear, and mobilised.
    start, units, travel_ms
        Candidate pairs in compressed rows, as in `dispatch.policies.joint_problem`.
    """
    from dispatch.policies.crew_cost_kernel import crew_costs

    table, rules = picture.state.table, picture.settings.crew
    return crew_costs(
        start,
        units,
        travel_ms,
        wanted,
        rank > 2,
        ready_ms,
        table.skill[rows],
        table.end_ms[rows],
        table.break_ms[rows],
        picture.now_ms,
        round(rules.after_arrival_min * 60_000),
        round(1000 * rules.overrun_weight),
        round(1000 * rules.break_weight),
        round(rules.shortfall_min * HARM_US_PER_MINUTE),
        round(rules.surplus_min * HARM_US_PER_MINUTE),
    )


def crew_words(unit: Unit, incident: Incident, eta_ms: int, now_ms: int, rules: CrewRules) -> str:
    """Return what a job means for its crew, where it means something; else nothing."""
    done_ms = now_ms + eta_ms + round(rules.after_arrival_min * 60_000)
    parts: list[str] = []
    if unit.until_ms is not None and done_ms > unit.until_ms:
        late_min = (done_ms - unit.until_ms) / 60_000
        parts.append(f"it is expected to end {late_min:.0f} min after the crew's duty")
    owed = unit.owed_break
    if owed is not None and done_ms > owed.latest_start_ms:
        late_min = (done_ms - owed.latest_start_ms) / 60_000
        parts.append(f"the crew's meal break is expected {late_min:.0f} min after its window")
    wanted = skill_wanted(incident)
    if unit.spec.skill < wanted:
        parts.append(f"a {wanted.name.lower()} was wanted")
    return ", and ".join(parts)
