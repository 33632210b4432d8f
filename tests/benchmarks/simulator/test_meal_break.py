from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.journal_file import opened_journal
from benchmarks.replay import replay
from benchmarks.simulator.crew_behaviour import CrewBehaviour
from benchmarks.simulator.meal_break import MealBreaks
from benchmarks.simulator.settings import WorldSettings
from dispatch.domain import event as ev
from dispatch.domain.crew_rules import MealBreak
from dispatch.domain.unit import UnitStatus
from dispatch.engine import settings_named
from tests.benchmarks.towns import HOUR, MIDNIGHT, MINUTE, a_busy_day, a_shift, a_town, a_unit

ON = CrewBehaviour(meal_breaks=True)


def a_staffed_town() -> Any:
    return a_town(
        *(a_unit(f"A{i}", i, shifts=(a_shift(7, 19), a_shift(19, 7))) for i in range(7)),
        hospitals=(2, 5),
    )


def test_every_crew_of_a_long_duty_takes_one_break_and_comes_back(tmp_path: Path) -> None:
    journal = tmp_path / "j.jsonl"
    world = WorldSettings(seed=1, crew=ON)
    run = replay(a_busy_day(), a_staffed_town(), settings_named("b2"), world, journal=journal)
    assert run.unfinished == 0
    begun: dict[str, list[int]] = {}
    duties: dict[str, list[MealBreak]] = {}
    late = 0
    with opened_journal(journal) as (_, entries):
        for entry in entries:
            event = entry.event
            if isinstance(event, ev.UnitSignedOn):
                assert event.meal_break is not None
                duties.setdefault(event.unit.id, []).append(event.meal_break)
            if isinstance(event, ev.UnitStatusReported) and event.status is UnitStatus.ON_BREAK:
                begun.setdefault(event.unit, []).append(entry.now_ms)
                window = duties[event.unit][-1]
                assert entry.now_ms >= window.from_ms
                late += entry.now_ms > window.latest_start_ms
    assert begun
    for unit, starts in begun.items():
        assert len(starts) <= len(duties[unit])
    assert late < sum(map(len, begun.values())) / 2


def test_without_the_switch_nobody_is_owed_a_break_and_the_run_is_the_old_one() -> None:
    plain = replay(a_busy_day(), a_staffed_town(), settings_named("b2"), WorldSettings(seed=1))
    off = replay(
        a_busy_day(),
        a_staffed_town(),
        settings_named("b2"),
        WorldSettings(seed=1, crew=CrewBehaviour(minutes=45)),
    )
    assert plain.records == off.records


def test_a_window_ends_with_the_duty_and_short_duties_have_none() -> None:
    breaks = MealBreaks(None, ON)
    window = breaks.window((MIDNIGHT, MIDNIGHT + 12 * HOUR))
    assert window is not None
    assert (window.from_ms, window.until_ms) == (
        MIDNIGHT + round(3.5 * HOUR),
        MIDNIGHT + 7 * HOUR,
    )
    assert window.latest_start_ms == window.until_ms - 30 * MINUTE
    short = breaks.window((MIDNIGHT, MIDNIGHT + round(6.25 * HOUR)))
    assert short is not None
    assert short.until_ms == MIDNIGHT + round(6.25 * HOUR)
    assert breaks.window((MIDNIGHT, MIDNIGHT + 5 * HOUR)) is None
    assert breaks.window((MIDNIGHT, None)) is None
