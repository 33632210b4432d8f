"""Deflection: for a while, a hospital's ambulances go to another, as both have agreed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from dispatch.domain.ids import HospitalId
from dispatch.domain.incident import Pathway
from dispatch.domain.local_time import HOUR_MS

LENGTH_MAX_MS: Final = 4 * HOUR_MS
"""Longest agreement: commonly at most two to four hours, then reviewed (background knowledge)."""


class DeflectionError(ValueError):
    """An agreement that cannot stand, or cannot be ended as asked."""


class Deflection(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An agreement to deflect ambulances from one hospital to another.

    ``agreed_from`` and ``agreed_to`` are the persons who agreed at either hospital,
    ``authorised_by`` the ambulance commander. It holds in [starts, ends), unless ended earlier.
    Specialist pathways are never deflected, whatever it says.

    Raises
    ------
    DeflectionError
        When the hospitals are the same, somebody has not agreed, or the time is empty, reversed
        or longer than four hours.
    """

    id: str
    from_hospital: HospitalId
    to_hospital: HospitalId
    starts_at_ms: int
    ends_at_ms: int
    agreed_from: str
    agreed_to: str
    authorised_by: str
    reason: str = ""
    ended_at_ms: int | None = None
    ended_by: str = ""

    def __post_init__(self) -> None:
        if self.from_hospital == self.to_hospital:
            raise DeflectionError(f"Expected two hospitals, was {self.from_hospital} twice.")
        for who, name in (
            (self.from_hospital, self.agreed_from),
            (self.to_hospital, self.agreed_to),
            ("the ambulance trust", self.authorised_by),
        ):
            if not name.strip():
                raise DeflectionError(f"Expected the person who agreed for {who}, was nobody.")
        length_ms = self.ends_at_ms - self.starts_at_ms
        if not 0 < length_ms <= LENGTH_MAX_MS:
            raise DeflectionError(
                f"Expected a deflection of up to {LENGTH_MAX_MS // HOUR_MS} h, "
                f"was {length_ms / HOUR_MS:.2f} h."
            )

    def is_active(self, now_ms: int) -> bool:
        """Test whether the agreement holds at an instant."""
        ends_ms = self.ends_at_ms if self.ended_at_ms is None else self.ended_at_ms
        return self.starts_at_ms <= now_ms < ends_ms


def ended(deflection: Deflection, *, by: str, now_ms: int) -> Deflection:
    """Return an agreement that somebody ended before its time.

    Raises
    ------
    DeflectionError
        When it does not hold any more, or nobody is named.
    """
    if not by.strip():
        raise DeflectionError(f"Expected who ends deflection {deflection.id}, was nobody.")
    if deflection.ended_at_ms is not None or now_ms >= deflection.ends_at_ms:
        raise DeflectionError(f"Expected deflection {deflection.id} to hold, was ended.")
    return msgspec.structs.replace(
        deflection, ended_at_ms=max(now_ms, deflection.starts_at_ms), ended_by=by.strip()
    )


def deflected_to(
    hospital: HospitalId,
    pathway: Pathway | None,
    deflections: Iterable[Deflection],
    now_ms: int,
) -> HospitalId | None:
    """Return where a patient for a hospital is to go instead now; None: nowhere else.

    Never for a specialist pathway. Of several agreements the one that started last holds; ties
    by id.
    """
    if pathway is not None:
        return None
    active = [
        deflection
        for deflection in deflections
        if deflection.from_hospital == hospital and deflection.is_active(now_ms)
    ]
    last = max(
        active, key=lambda deflection: (deflection.starts_at_ms, deflection.id), default=None
    )
    return None if last is None else last.to_hospital


def next_change_ms(deflections: Iterable[Deflection], now_ms: int) -> int | None:
    """Return when an agreement next starts or ends; None when none will."""
    times = [
        at_ms
        for deflection in deflections
        if deflection.ended_at_ms is None
        for at_ms in (deflection.starts_at_ms, deflection.ends_at_ms)
        if at_ms > now_ms
    ]
    return min(times, default=None)
