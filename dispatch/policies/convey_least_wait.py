"""The patient goes where the crew is free and back soonest: travel, way back and expected wait."""

from __future__ import annotations

from typing import Final

import numpy as np

from dispatch.domain.decision import Candidate, Convey, Explanation, Term, Verdict
from dispatch.domain.travel import Mode
from dispatch.policies.convey_nearest import convey_nearest
from dispatch.policies.wait_at_hospital import (
    ChoiceReason,
    DestinationChoice,
    DestinationRules,
    HospitalRefusal,
    choose_destination,
)
from dispatch.policies.wait_at_hospital_forecast import WaitForecast
from dispatch.ports import Picture
from dispatch.state import HospitalBoard, Incident, Unit

RULES: Final = DestinationRules()

_REFUSED: Final = {
    HospitalRefusal.NOT_SUITABLE: Verdict.NO_PATHWAY,
    HospitalRefusal.NO_WAY: Verdict.UNREACHABLE,
    HospitalRefusal.DEFLECTS: Verdict.DEFLECTED,
    HospitalRefusal.CAP_REACHED: Verdict.CAPPED,
    HospitalRefusal.TOO_FAR: Verdict.OUT_OF_REACH,
}

_WORDS: Final = {
    ChoiceReason.LEAST_TOTAL: "least of travel there and back and expected wait",
    ChoiceReason.NEAREST_IS_AS_GOOD: "nearest: no other is clearly better",
    ChoiceReason.KEEPS_COURSE: "keeps its course: no other is clearly better",
    ChoiceReason.FROZEN: "nearly there",
    ChoiceReason.ALL_REFUSE: "every hospital deflects or is full: the nearest",
}


def convey_least_wait(picture: Picture, unit: Unit, incident: Incident) -> Convey | None:
    """Choose the hospital by travel and queue; specialist pathways by protocol, to the nearest.

    A C1 goes to the nearest suitable hospital: its drive is part of its treatment.
    """
    if incident.pathway is not None or incident.rank == 1:
        return convey_nearest(picture, unit, incident)
    state = picture.state
    forecast = WaitForecast(picture)
    boards = forecast.boards
    travel_ms = picture.travel.from_one_ms(
        unit.origin, state.hospital_positions, Mode.ORDINARY, picture.now_ms
    )
    suitable = np.array([board.spec.has_emergency_department for board in boards])
    load = forecast.load(travel_ms, suitable, incident.rank, RULES, unit=unit)
    choice = choose_destination(travel_ms, suitable, load, RULES)
    if choice.chosen is None:
        return None
    return Convey(
        incident=incident.id,
        unit=unit.spec.id,
        hospital=boards[choice.chosen].spec.id,
        eta_ms=int(travel_ms[choice.chosen]),
        why=choice_reasons(boards, choice, choice.chosen, picture.settings.candidates_max),
        may_change=picture.settings.destination_every_s is not None,
    )


def choice_reasons(
    boards: list[HospitalBoard], choice: DestinationChoice, chosen: int, most: int
) -> Explanation:
    """Return what became of each hospital, the chosen first, and the terms of the choice."""
    order = sorted(range(len(boards)), key=lambda i: (i != chosen, int(choice.total_ms[i])))
    order.sort(key=lambda i: choice.refusal[i] != HospitalRefusal.NONE and i != chosen)
    candidates: list[Candidate] = []
    others: dict[Verdict, int] = {}
    for i in order:
        refusal = HospitalRefusal(int(choice.refusal[i]))
        verdict = _REFUSED.get(refusal, Verdict.SLOWER)
        if i == chosen:
            verdict = Verdict.CHOSEN
        if len(candidates) < min(most, 6):
            far = refusal is HospitalRefusal.NO_WAY
            eta = None if far else int(choice.travel_ms[i])
            candidates.append(Candidate(boards[i].spec.id, verdict, eta))
        else:
            others[verdict] = others.get(verdict, 0) + 1
    there_ms, wait_ms = int(choice.travel_ms[chosen]), int(choice.wait_ms[chosen])
    terms = (
        Term("travel", _minutes(there_ms)),
        Term("way_back", _minutes(int(choice.total_ms[chosen]) - there_ms - wait_ms)),
        Term("expected_wait", _minutes(wait_ms)),
        Term("gain", _minutes(choice.gain_ms)),
    )
    return Explanation(
        candidates=tuple(candidates), others=others, terms=terms, note=_WORDS[choice.reason]
    )


def _minutes(duration_ms: int) -> float:
    return round(duration_ms / 60_000, 1)
