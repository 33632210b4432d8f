"""What a job costs its crew: skill that does not fit, the end of the duty, the meal break.

It is part of the cost of a pair (`dispatch.policies.joint_cost`), in the patient's own minutes, so
that a crew near its end is spared where it costs patients little, and is sent where it does not.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.category import Segment
from dispatch.domain.crew_rules import CrewRules
from dispatch.domain.incident import Pathway
from dispatch.domain.unit import Skill
from dispatch.policies.harm import HARM_US_PER_MINUTE
from dispatch.policies.joint_cost import Fleet, Waiting
from dispatch.ports import Picture
from dispatch.state import Incident, Unit

PARAMEDIC_PATHWAYS: Final = frozenset(
    {Pathway.STROKE, Pathway.PPCI, Pathway.MAJOR_TRAUMA, Pathway.BURNS, Pathway.VASCULAR}
)
"""C2 and below for which a paramedic is wanted on the conveying crew. Assumed."""


def skill_wanted(incident: Incident) -> Skill:
    """Return the skill that the conveying crew of a patient below C1 should have."""
    if incident.pathway in PARAMEDIC_PATHWAYS or incident.segment is Segment.A:
        return Skill.PARAMEDIC
    return Skill.EMT if incident.rank <= 2 else Skill.ECA


def crew_costs_us(
    picture: Picture,
    rows: npt.NDArray[np.int64],
    fleet: Fleet,
    waiting: Waiting,
    wanted: npt.NDArray[np.int8],
    start: npt.NDArray[np.int32],
    units: npt.NDArray[np.int32],
    travel_ms: npt.NDArray[np.int32],
) -> npt.NDArray[np.int64] | None:
    """Return the crew's cost of each candidate pair in weighted microseconds; None if not asked.

    ``rows`` are the slots of the units, ``wanted`` is the skill that the crew of each incident
    should have; ``start``, ``units`` and ``travel_ms`` are candidate pairs in compressed rows.
    """
    from dispatch.policies.crew_cost_kernel import crew_costs

    if not picture.settings.terms.crew:
        return None
    table, rules = picture.state.table, picture.settings.crew
    return np.asarray(
        crew_costs(
            start,
            units,
            travel_ms,
            wanted,
            waiting.rank,
            fleet.clear_ms,
            fleet.mobilise_ms,
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
