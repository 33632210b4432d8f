"""What each switch of the simulated world is worth: off against on, on the same calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from benchmarks.call_log.compose import compose
from benchmarks.comparison_plan import Composed
from benchmarks.comparison_stats import Change, change
from benchmarks.metrics import Measures, measure
from benchmarks.region_part import region_of_trusts
from benchmarks.replay import replay, travel_times
from benchmarks.simulator.call_behaviour import CallBehaviour, RoomDown
from benchmarks.simulator.care_behaviour import CareBehaviour
from benchmarks.simulator.hospital_behaviour import HospitalBehaviour
from benchmarks.simulator.settings import BayAssumptions, HandoverModel, WorldSettings
from dispatch.domain.settings import Settings
from maps.region_file import load_region

DOWN_H: Final = (30.0, 33.0)
"""When a control room is down where buddies are compared: 06:00 to 09:00 of the second day."""

FIGURES: Final[dict[str, str]] = {
    "c1_mean_min": "C1 mean, min",
    "c2_mean_min": "C2 mean, min",
    "c3_mean_min": "C3 mean, min",
    "handover_mean_min": "handover mean, min",
    "over_60": "handovers over 60 min, %",
    "hours_lost_a_day": "crew hours lost at hospitals a day",
    "seen": "incidents that a unit reached, %",
    "referred": "incidents referred, %",
    "second_calls": "second calls, % of referred",
    "answer_mean_s": "answer mean, s",
    "answer_p99_s": "answer 99th, s",
    "abandoned": "calls abandoned, %",
    "answered_elsewhere": "calls answered elsewhere, %",
}
"""Figures of a run by name, in words."""

_EVERYWHERE: Final = ("c1_mean_min", "c2_mean_min", "c3_mean_min")
_AT_HOSPITAL: Final = (*_EVERYWHERE, "handover_mean_min", "over_60", "hours_lost_a_day")
_OF_CARE: Final = (*_EVERYWHERE, "seen", "referred", "second_calls", "hours_lost_a_day")
_OF_CALLS: Final = (
    *("c1_mean_min", "c2_mean_min"),
    *("answer_mean_s", "answer_p99_s", "abandoned", "answered_elsewhere"),
)


@dataclass(frozen=True, slots=True)
class Switch:
    """One thing that is off in one run and on in the other.

    ``off`` and ``on`` give configuration and world from those of the run.
    """

    name: str
    figures: tuple[str, ...]
    off: Callable[[Settings, WorldSettings], tuple[Settings, WorldSettings]]
    on: Callable[[Settings, WorldSettings], tuple[Settings, WorldSettings]]


class SwitchWorth(msgspec.Struct, frozen=True, kw_only=True):
    """A switch's figures: ``policy`` is on, ``baseline`` off, with the paired difference."""

    switch: str
    seeds: int
    changes: dict[str, Change]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Where, on which calls, how often and by which configuration switches are compared."""

    region: str
    calls: Composed
    seeds: tuple[int, ...]
    settings: Settings
    trusts: tuple[str, ...] = ()
    bays: BayAssumptions = BayAssumptions()


def switches(names: Sequence[str], trusts: Sequence[str]) -> list[Switch]:
    """Return switches by name, in the order given; no name: all that the trusts allow.

    Raises
    ------
    ValueError
        When a name is not known, or buddies are asked for with fewer than two trusts.
    """
    known = {switch.name: switch for switch in _all(trusts)}
    chosen = list(names) or list(known)
    for name in chosen:
        if name == "buddies" and name not in known:
            raise ValueError("Expected at least two trusts for buddies, was fewer.")
        if name not in known:
            raise ValueError(f"Expected switches of {', '.join(known)}, was {name!r}.")
    return [known[name] for name in chosen]


def worth(
    asked: Asked, switch: Switch, progress: Callable[[int], None] | None = None
) -> SwitchWorth:
    """Run every seed with a switch off and on, and return what it changes."""
    region = load_region(asked.region)
    if asked.trusts:
        region = region_of_trusts(region, asked.trusts)
    travel = travel_times(region)
    found: dict[bool, list[dict[str, float]]] = {False: [], True: []}
    for done, seed in enumerate(asked.seeds, start=1):
        calls = asked.calls
        log = compose(region, calls.month, seed, days=calls.days, scale=calls.scale).log
        world = WorldSettings(
            seed=seed, month=calls.month, handover=HandoverModel.BAYS, bays=asked.bays
        )
        for is_on in (False, True):
            settings, there = (switch.on if is_on else switch.off)(asked.settings, world)
            run = replay(log, region, settings, there, travel=travel)
            found[is_on].append(figures_of(measure(run)))
        if progress is not None:
            progress(done)
    changes = {
        name: change([row[name] for row in found[True]], [row[name] for row in found[False]])
        for name in switch.figures
    }
    return SwitchWorth(switch=switch.name, seeds=len(asked.seeds), changes=changes)


def figures_of(measures: Measures) -> dict[str, float]:
    """Return the figures of a run by the names of `FIGURES`; 0 where there is nothing to count."""
    total, f = measures.total, measures.total.indicators
    incidents = max(1, total.incidents)
    days = max((measures.end_ms - measures.start_ms) / 86_400_000, 1e-9)
    referred = measures.outcomes.get("referred", 0)
    found = {
        f"{name.lower()}_mean_min": (total.responses[name].mean_s or 0.0) / 60.0
        for name in ("C1", "C2", "C3")
    }
    found |= {
        "handover_mean_min": (total.handovers.times.mean_s or 0.0) / 60.0,
        "over_60": 100.0 * (total.handovers.share_over_60 or 0.0),
        "hours_lost_a_day": total.handovers.hours_lost / days,
        "seen": 100.0 * (f["A56"] or 0) / incidents,
        "referred": 100.0 * referred / incidents,
        "second_calls": 100.0 * measures.care.second_calls / max(1, referred)
        if measures.care
        else 0.0,
    }
    times = measures.telephone.total if measures.telephone else None
    calls = 0 if times is None else times.answered + times.abandoned
    found |= {
        "answer_mean_s": (times.mean_s or 0.0) if times else 0.0,
        "answer_p99_s": (times.p99_s or 0.0) if times else 0.0,
        "abandoned": 100.0 * times.abandoned / max(1, calls) if times else 0.0,
        "answered_elsewhere": 100.0 * times.elsewhere / max(1, calls) if times else 0.0,
    }
    return found


def table(found: Sequence[SwitchWorth]) -> list[str]:
    """Return what switches are worth as a table in Markdown."""
    lines = ["| switch | figure | off | on | difference (95 % interval) |", "|---|---|---|---|---|"]
    for each in found:
        name = each.switch
        for figure, row in each.changes.items():
            ends = "" if row.lower is None else f" ({row.lower:+.2f} to {row.upper:+.2f})"
            lines.append(
                f"| {name} | {FIGURES[figure]} | {row.baseline:.2f} | {row.policy:.2f} | "
                f"{row.difference:+.2f}{ends} |"
            )
            name = ""
    return lines


# -- the switches ------------------------------------------------------------------------------

_replace = msgspec.structs.replace
_Pair = tuple[Settings, WorldSettings]


def _all(trusts: Sequence[str]) -> list[Switch]:
    found = [
        Switch("redirection", _OF_CARE, _without_redirection, _with_redirection),
        Switch("halo", _AT_HOSPITAL, _as_it_is, _with_officers),
        Switch("release at 45", _AT_HOSPITAL, _as_it_is, _with_release),
    ]
    if len(trusts) > 1:
        down = RoomDown(trust=trusts[0], from_h=DOWN_H[0], until_h=DOWN_H[1])
        found.append(
            Switch(
                "buddies", _OF_CALLS, lambda s, w: _calls(s, w, down, None), _with_buddies_of(down)
            )
        )
    return found


def _as_it_is(settings: Settings, world: WorldSettings) -> _Pair:
    return settings, world


def _without_redirection(settings: Settings, world: WorldSettings) -> _Pair:
    names = _replace(settings.policies, redirect="none")
    return _replace(settings, policies=names), _replace(world, care=CareBehaviour(is_on=True))


def _with_redirection(settings: Settings, world: WorldSettings) -> _Pair:
    names = _replace(settings.policies, redirect="ranked")
    return _replace(settings, policies=names), _replace(world, care=CareBehaviour(is_on=True))


def _with_officers(settings: Settings, world: WorldSettings) -> _Pair:
    return settings, _replace(world, hospital=HospitalBehaviour(halo=True))


def _with_release(settings: Settings, world: WorldSettings) -> _Pair:
    return settings, _replace(world, hospital=HospitalBehaviour(releases=True))


def _calls(
    settings: Settings, world: WorldSettings, down: RoomDown, buddies_after_s: int | None
) -> _Pair:
    behaviour = CallBehaviour(is_on=True, down=(down,), buddies_after_s=buddies_after_s)
    return settings, _replace(world, calls=behaviour)


def _with_buddies_of(down: RoomDown) -> Callable[[Settings, WorldSettings], _Pair]:
    return lambda settings, world: _calls(settings, world, down, BUDDIES_AFTER_S)


BUDDIES_AFTER_S: Final = 60
"""After how long a call is offered to a buddy where buddies are compared. Assumed: the reported
five minutes of the national platform are longer than most callers' patience."""
