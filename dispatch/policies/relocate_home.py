"""Baseline: a unit that has nothing to do goes back to its base."""

from __future__ import annotations

import numpy as np

from dispatch.domain.decision import Candidate, Explanation, Relocate, Verdict
from dispatch.domain.ids import TrustCode
from dispatch.domain.travel import UNREACHABLE_MS, Mode
from dispatch.ports import Picture, position_now
from dispatch.state import Unit


def relocate_home(picture: Picture, unit: Unit) -> Relocate | None:
    """Send a unit to its home post; None when there is no way."""
    home = unit.spec.home
    origin = position_now(unit, picture.travel, picture.now_ms)
    here = np.array([origin], np.int64)
    to = np.array([picture.state.post_positions[home]], np.int64)
    eta = int(picture.travel.pairs_ms(here, to, Mode.ORDINARY, picture.now_ms)[0])
    if eta >= UNREACHABLE_MS:
        return None
    why = Explanation(candidates=(Candidate(home, Verdict.CHOSEN, eta),))
    return Relocate(unit=unit.spec.id, post=home, origin=origin, eta_ms=eta, why=why)


def rebalance_never(picture: Picture, trust: TrustCode) -> list[Relocate]:
    """Move nobody who already waits at a post."""
    del picture, trust
    return []
