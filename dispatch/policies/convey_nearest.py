"""Baseline: the patient goes to the nearest hospital that can take the pathway."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.decision import Candidate, Convey, Explanation, Verdict
from dispatch.domain.ids import HospitalId
from dispatch.domain.incident import Pathway
from dispatch.domain.travel import UNREACHABLE_MS, Milliseconds, Mode, Positions
from dispatch.ports import Picture
from dispatch.state import Incident, State, Unit

Codes = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

_SAID: Final = (
    Verdict.SLOWER,
    Verdict.WRONG_KIND,
    Verdict.NO_PATHWAY,
    Verdict.FULL,
    Verdict.UNREACHABLE,
    Verdict.CHOSEN,
)
"""What is said of a hospital, by code; the last reason that holds is the one that is given."""

_SLOWER, _WRONG_KIND, _NO_PATHWAY, _FULL, _UNREACHABLE, _CHOSEN = range(len(_SAID))


def convey_nearest(picture: Picture, unit: Unit, incident: Incident) -> Convey | None:
    """Choose the nearest accepting emergency department; a specialist pathway binds first.

    A pathway that no reachable hospital offers falls back to the nearest emergency department,
    and the explanation says so.
    """
    state, sites = picture.state, _sites(picture)
    mode = Mode.BLUE_LIGHT if incident.rank == 1 else Mode.ORDINARY
    times = picture.travel.from_one_ms(unit.origin, state.hospital_positions, mode, picture.now_ms)
    verdicts = _verdicts(state, sites, incident.pathway, times)
    # By time, then by name: no two hospitals are equal.
    ranked = np.argsort(times.astype(np.int64) * len(sites.names) + sites.place_of_name)
    open_ = ranked[verdicts[ranked] == _SLOWER]
    note = ""
    if not open_.size and incident.pathway is not None:
        note = f"no reachable hospital offers {incident.pathway}: nearest emergency department"
        without = _verdicts(state, sites, None, times)
        open_ = ranked[without[ranked] == _SLOWER]
    if not open_.size:
        return None
    chosen = int(open_[0])
    verdicts[chosen] = _CHOSEN
    first = np.concatenate((open_[:1], ranked[ranked != chosen]))
    return Convey(
        incident=incident.id,
        unit=unit.spec.id,
        hospital=sites.names[chosen],
        eta_ms=int(times[chosen]),
        why=_why(
            sites, times[first], verdicts[first], first, picture.settings.candidates_max, note
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Sites:
    """What never changes about the hospitals, in their order."""

    positions: Positions
    names: list[HospitalId]
    place_of_name: Rows
    has_emergency_department: Bools
    offers: dict[Pathway, Bools] = field(default_factory=dict)


def _sites(picture: Picture) -> _Sites:
    state = picture.state
    known: _Sites | None = picture.memo.get("sites")
    if known is None or known.positions is not state.hospital_positions:
        names = list(state.hospitals)
        boards = state.hospitals.values()
        known = picture.memo["sites"] = _Sites(
            state.hospital_positions,
            names,
            np.argsort(np.argsort(np.array(names, dtype=np.str_))),
            np.array([board.spec.has_emergency_department for board in boards], np.bool_),
        )
    return known


def _verdicts(state: State, sites: _Sites, pathway: Pathway | None, times: Milliseconds) -> Codes:
    """Return by hospital why it is not the one, where it can be reached, is open, and fits."""
    boards = state.hospitals.values()
    verdicts = np.where(sites.has_emergency_department, _SLOWER, _WRONG_KIND).astype(np.int8)
    if pathway is not None:
        if pathway not in sites.offers:
            sites.offers[pathway] = np.array([pathway in board.spec.pathways for board in boards])
        verdicts[~sites.offers[pathway]] = _NO_PATHWAY
    verdicts[[row for row, board in enumerate(boards) if not board.is_accepting]] = _FULL
    verdicts[times >= UNREACHABLE_MS] = _UNREACHABLE
    return verdicts


def _why(
    sites: _Sites, times: Milliseconds, verdicts: Codes, rows: Rows, most: int, note: str
) -> Explanation:
    """Return the chosen hospital and the next ones by name; the others are counted."""
    named = [
        Candidate(sites.names[row], _SAID[verdict], eta if eta < UNREACHABLE_MS else None)
        for row, verdict, eta in zip(
            rows[:most].tolist(), verdicts[:most].tolist(), times[:most].tolist(), strict=True
        )
    ]
    others = {_SAID[verdict]: n for verdict, n in Counter(verdicts[most:].tolist()).items()}
    return Explanation(candidates=tuple(named), others=others, note=note)
