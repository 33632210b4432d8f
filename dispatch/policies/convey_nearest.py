"""Baseline: the patient goes to the nearest hospital that can take the pathway."""

from __future__ import annotations

from collections import Counter

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
    verdicts = [_verdict(board, incident, eta) for board, eta in zip(boards, times, strict=True)]
    open_ = [row for row, verdict in enumerate(verdicts) if verdict is Verdict.SLOWER]
    note = ""
    if not open_ and incident.pathway is not None:
        note = f"no reachable hospital offers {incident.pathway}: nearest emergency department"
        open_ = [
            row
            for row, (board, eta) in enumerate(zip(boards, times, strict=True))
            if board.is_accepting and board.spec.has_emergency_department and eta < UNREACHABLE_MS
        ]
    if not open_:
        return None
    chosen = min(open_, key=lambda row: (times[row], boards[row].spec.id))
    verdicts[chosen] = Verdict.CHOSEN
    return Convey(
        incident=incident.id,
        unit=unit.spec.id,
        hospital=boards[chosen].spec.id,
        eta_ms=times[chosen],
        why=_why(boards, times, verdicts, picture.settings.candidates_max, note),
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


def _why(
    boards: list[HospitalBoard], times: list[int], verdicts: list[Verdict], most: int, note: str
) -> Explanation:
    """Return the chosen hospital and the next ones by name; the others are counted."""
    ranked = sorted(
        range(len(boards)),
        key=lambda row: (verdicts[row] is not Verdict.CHOSEN, times[row], boards[row].spec.id),
    )
    named = [
        Candidate(
            boards[row].spec.id, verdicts[row], times[row] if times[row] < UNREACHABLE_MS else None
        )
        for row in ranked[:most]
    ]
    others = dict(Counter([verdicts[row] for row in ranked[most:]]))
    return Explanation(candidates=tuple(named), others=others, note=note)
