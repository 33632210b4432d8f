"""What is out of the ordinary while a world runs: units that are not there, doors that are shut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.scenario.hospitals import HospitalWindow
from benchmarks.simulator.agenda import Turn
from benchmarks.simulator.duty import Duty
from benchmarks.simulator.handover import Door
from benchmarks.simulator.world import World
from dispatch.domain import event as ev
from dispatch.domain.ids import HospitalId

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Disruptions:
    """Absences of units by their names, as spans in UTC milliseconds in order, and doors."""

    absences: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    doors: tuple[HospitalWindow, ...] = ()


def present(duties: Iterable[Duty], absences: Iterable[Span]) -> Iterator[Duty]:
    """Yield duties without the time in which a unit is away, in order.

    A crew that is on a job when its absence begins finishes it first, as at the end of a shift.
    """
    away = sorted(absences)
    for begins_ms, ends_ms in duties:
        from_ms = begins_ms
        for leaves_ms, returns_ms in away:
            if returns_ms <= from_ms or (ends_ms is not None and leaves_ms >= ends_ms):
                continue
            if leaves_ms > from_ms:
                yield from_ms, leaves_ms
            from_ms = returns_ms
        if ends_ms is None or from_ms < ends_ms:
            yield from_ms, ends_ms


class Doors:
    """Opens and shuts the doors of hospitals when their windows begin and end."""

    def __init__(self, world: World, windows: Iterable[HospitalWindow]) -> None:
        self._world = world
        self._open: dict[str, list[HospitalWindow]] = {}
        for window in windows:
            world.agenda.add(window.from_ms, Turn.HOSPITAL, self._begin, window)
            world.agenda.add(window.to_ms, Turn.HOSPITAL, self._end, window)

    def _begin(self, window: HospitalWindow) -> None:
        self._open.setdefault(window.hospital, []).append(window)
        self._set(window)

    def _end(self, window: HospitalWindow) -> None:
        self._open[window.hospital].remove(window)
        self._set(window)

    def _set(self, changed: HospitalWindow) -> None:
        """Set a door by all windows that hold now, and tell the core what is announced."""
        windows = self._open[changed.hospital]
        shut_until = [w.to_ms for w in windows if not w.takes_handovers]
        bays, handover = 1.0, 1.0
        for window in windows:
            bays, handover = bays * window.bays_factor, handover * window.handover_factor
        hospital = HospitalId(changed.hospital)
        self._world.handovers.set_door(
            hospital,
            Door(
                shut_until_ms=max(shut_until, default=None),
                bays_factor=bays,
                handover_factor=handover,
            ),
            self._world.now_ms,
        )
        if changed.announced:
            is_accepting = not any(w.announced and not w.takes_handovers for w in windows)
            self._world.tell(ev.HospitalUpdated(hospital=hospital, is_accepting=is_accepting))
