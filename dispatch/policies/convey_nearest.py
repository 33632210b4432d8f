"""Baseline: the patient goes to the nearest hospital that can take the pathway."""

from __future__ import annotations

from dispatch.domain.decision import Candidate, Convey, Explanation, Verdict
from dispatch.domain.travel import UNREACHABLE_MS, Mode
from dispatch.ports import Picture
from dispatch.state import HospitalBoard, Incident, Unit


def convey_nearest(picture: Picture, unit: Unit, incident: Incident) -> Convey | None:
    """Choose the nearest accepting emergency department; a specialist pathway binds first.

    A pathway that no reachable hospital offers falls back to the nearest emergency department,
    and the explanation says so.
    """
    state = picture.state
    boards = list(state.hospitals.values())
    mode = Mode.BLUE_LIGHT if incident.rank == 1 else Mode.ORDINARY
    times = picture.travel.from_one_ms(
        unit.origin, state.hospital_positions, mode, picture.now_ms
    ).tolist()
    candidates: list[Candidate] = []
    open_: list[tuple[int, str]] = []
    for board, eta in zip(boards, times, strict=True):
        verdict = _verdict(board, incident, eta)
        candidates.append(Candidate(board.spec.id, verdict, eta if eta < UNREACHABLE_MS else None))
        if verdict is Verdict.SLOWER:
            open_.append((eta, board.spec.id))
    note = ""
    if not open_ and incident.pathway is not None:
        note = f"no reachable hospital offers {incident.pathway}: nearest emergency department"
        open_ = [
            (eta, board.spec.id)
            for board, eta in zip(boards, times, strict=True)
            if board.is_accepting and board.spec.has_emergency_department and eta < UNREACHABLE_MS
        ]
    if not open_:
        return None
    eta, hospital = min(open_)
    return Convey(
        incident=incident.id,
        unit=unit.spec.id,
        hospital=state.hospitals[hospital].spec.id,  # type: ignore[index]
        eta_ms=eta,
        why=_why(candidates, hospital, picture.settings.candidates_max, note),
    )


def _verdict(board: HospitalBoard, incident: Incident, eta_ms: int) -> Verdict:
    if eta_ms >= UNREACHABLE_MS:
        return Verdict.UNREACHABLE
    if not board.is_accepting:
        return Verdict.FULL
    if incident.pathway is not None and incident.pathway not in board.spec.pathways:
        return Verdict.NO_PATHWAY
    if not board.spec.has_emergency_department:
        return Verdict.WRONG_KIND
    return Verdict.SLOWER


def _why(candidates: list[Candidate], chosen: str, most: int, note: str) -> Explanation:
    ranked = sorted(
        candidates,
        key=lambda c: (c.id != chosen, UNREACHABLE_MS if c.eta_ms is None else c.eta_ms, c.id),
    )
    named = [Candidate(chosen, Verdict.CHOSEN, ranked[0].eta_ms), *ranked[1:most]]
    others: dict[Verdict, int] = {}
    for candidate in ranked[most:]:
        others[candidate.verdict] = others.get(candidate.verdict, 0) + 1
    return Explanation(candidates=tuple(named), others=others, note=note)
