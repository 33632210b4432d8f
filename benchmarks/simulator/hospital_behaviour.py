"""What people at hospitals do in the simulated world when the engine tells or proposes."""

from __future__ import annotations

import msgspec


class HospitalBehaviour(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How staff answer; needs a queue for bays (`HandoverModel.BAYS`). Durations in minutes."""

    releases: bool = False
    """Crews are released at the limit when the patient is stable and somebody takes them."""
    stable_share: float = 0.7
    """Share of waiting patients whom a clinician calls stable at the limit. Assumed."""
    halo: bool = False
    """A proposed liaison officer is confirmed, comes, and keeps a cohort."""
    confirm_min: float = 10.0
    """From a proposal to a person's confirmation, and to standing down. Assumed."""
    arrive_min: float = 30.0
    """From the confirmation until the officer is there. Assumed."""
    cohort_patients: int = 4
    """Patients for one registered clinician in a cohort (background knowledge)."""
    tend_min: float = 5.0
    """How often the officer looks who can join. Assumed."""
