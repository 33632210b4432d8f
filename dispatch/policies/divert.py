"""Whether a unit on its way may be given a graver incident, and whether it is worth it."""

from __future__ import annotations

import msgspec

from dispatch.domain.decision import Assign
from dispatch.domain.incident import Role
from dispatch.policies.round import Round
from dispatch.state import Incident


def diversion(
    round_: Round, incident: Incident, role: Role, *, idle_eta_ms: int | None
) -> Assign | None:
    """Return the diversion that serves an incident best, or None.

    ``idle_eta_ms`` is the best that a free unit can do: a diversion must beat it by penalty and
    gain. Without a free unit, the nearest divertible one is taken.
    """
    rules = round_.picture.settings.diversion
    price_ms = (rules.penalty_s + rules.gain_min_s) * 1000
    if incident.rank not in rules.by_rank or (idle_eta_ms is not None and idle_eta_ms < price_ms):
        return None
    slots = round_.divertible(incident, role)
    if len(slots) == 0:
        return None
    origins = round_.origins(slots)
    etas = round_.etas_ms(slots, origins, incident)
    i = round_.nearest(slots, etas, incident)
    if i is None:
        return None
    eta = int(etas[i])
    if idle_eta_ms is not None and eta + price_ms > idle_eta_ms:
        return None
    why = round_.explain(incident, role, slots, etas, i)
    if idle_eta_ms is not None:
        note = f"the nearest free unit needs {idle_eta_ms // 1000} s"
        why = msgspec.structs.replace(why, note=note)
    else:
        why = msgspec.structs.replace(why, note="no free unit can go")
    return round_.assign(int(slots[i]), incident, role, origin=int(origins[i]), eta_ms=eta, why=why)
