"""Carry moving units from one version of the roads to the next."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.domain.travel import UNREACHABLE_MS, Position
from dispatch.state.rows import Unit
from dispatch.state.state import State


def moving(state: State) -> list[Unit]:
    """Return the units that have somewhere to go, in the order of their rows."""
    return sorted(
        (unit for unit in state.units.values() if unit.destination is not None),
        key=lambda unit: unit.slot,
    )


def stand_at(units: Sequence[Unit], positions: Sequence[Position], now_ms: int) -> None:
    """Let each unit's leg begin where the unit is now; one that has not left yet stays as it is."""
    for unit, position in zip(units, positions, strict=True):
        unit.origin = position
        unit.departed_at_ms = max(unit.departed_at_ms, now_ms)


def expect_after(state: State, units: Sequence[Unit], takes_ms: Sequence[int]) -> None:
    """Write when each unit arrives, given how long it takes from where its leg begins.

    A unit that is left no way keeps the arrival that it had: nobody knows a better one, and its
    crew will say.
    """
    for unit, ms in zip(units, takes_ms, strict=True):
        if ms < UNREACHABLE_MS:
            unit.due_at_ms = unit.departed_at_ms + ms
            _tell_hospital(state, unit)
        state.write(unit)


def _tell_hospital(state: State, unit: Unit) -> None:
    """Put a unit's arrival on the board of the hospital that expects it."""
    if unit.hospital is None:
        return
    board = state.hospitals[unit.hospital]
    board.inbound = tuple(
        (row[0], unit.due_at_ms) if row[0] == unit.spec.id else row for row in board.inbound
    )
