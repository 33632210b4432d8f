from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

import bluelight
from benchmarks.call_log.log import CallLog
from benchmarks.call_log.write import write_log
from benchmarks.comparison import Plan, compare
from benchmarks.forecast_commands import app
from benchmarks.forecast_fit import fit, load_forecast, save_forecast
from benchmarks.journal_file import opened_journal
from benchmarks.replay import replay, travel_times
from benchmarks.verify import verify
from dispatch.domain.event_feed import ForecastGiven
from dispatch.domain.forecast_use import ForecastUse
from dispatch.engine import settings_named
from maps.region import Region
from maps.region_file import save_region
from tests.benchmarks.towns import a_call, a_log, a_town, a_unit

DEFAULT = settings_named("default")
USES = msgspec.structs.replace(
    DEFAULT, name="forecast", forecast=ForecastUse(cover=True, prices=True)
)


def of_c2(rows: list[tuple[float, int]]) -> CallLog:
    return a_log(*(a_call(minute, place, "C2") for minute, place in sorted(rows)))


def a_history(weeks: int = 8, seed: int = 1, per_day: float = 60.0) -> CallLog:
    """Return weeks of calls from places 0 to 6: by day from place 6, by night from place 0."""
    draw = np.random.default_rng(seed)
    rows = []
    for hour in range(weeks * 168):
        of_day = hour % 24
        rate = per_day / 24 * (1.0 - 0.6 * np.cos(2 * np.pi * (of_day - 4) / 24))
        for _ in range(draw.poisson(rate)):
            by_day = 8 <= of_day < 20
            place = 6 if draw.random() < (0.9 if by_day else 0.1) else 0
            rows.append((hour * 60 + draw.random() * 60, place))
    return of_c2(rows)


@pytest.fixture(scope="module")
def town() -> Region:
    return a_town(*(a_unit(f"A{i}", i) for i in range(7)))


@pytest.fixture(scope="module")
def fitted(town):
    return fit(a_history(), town, days_held_out=21)


def test_a_forecast_beats_the_week_before_on_days_it_has_not_seen(fitted):
    (row,) = fitted.fits
    assert row.score.days == 21
    assert row.score.mae_hour < row.naive_mae_hour
    assert row.score.mae_day < row.naive_mae_day
    assert row.incidents == pytest.approx(60 * 56, rel=0.1)


def test_the_model_knows_where_calls_come_from_by_day_and_by_night(fitted):
    model = fitted.forecast.trusts["T1"]
    place = model.places.index("place6")
    assert model.shares(12)[place] > 2 * model.shares(3)[place]


def test_a_forecast_comes_back_from_its_file_and_one_that_was_altered_does_not(fitted, tmp_path):
    path = tmp_path / "f.json"
    save_forecast(fitted.forecast, path)
    assert load_forecast(path, "town") == fitted.forecast
    with pytest.raises(ValueError, match="Expected a forecast of london, was town"):
        load_forecast(path, "london")
    path.write_bytes(path.read_bytes().replace(b'"valid_days":56', b'"valid_days":99'))
    with pytest.raises(ValueError, match="altered"):
        load_forecast(path, "town")
    path.write_text("{}")
    with pytest.raises(ValueError, match="Expected a forecast, was not"):
        load_forecast(path, "town")


def test_a_log_of_a_few_days_is_refused_with_what_it_lacks(town):
    with pytest.raises(ValueError, match="two weeks or more"):
        fit(a_history(weeks=1), town)


def test_a_log_of_just_two_weeks_is_fitted_and_not_scored(town):
    (row,) = fit(a_history(weeks=2), town).fits
    assert row.score is None


def a_day() -> CallLog:
    return of_c2([(60 * h + 7 * i, (h + i) % 7) for h in range(24) for i in range(3)])


def test_a_replay_with_a_forecast_decides_by_it_says_nothing_and_verifies(town, fitted, tmp_path):
    path = tmp_path / "j.jsonl"
    with_it = replay(a_day(), town, USES, journal=path, forecast=fitted.forecast)
    degraded, given = [], 0
    with opened_journal(path) as (_, entries):
        for entry in entries:
            given += isinstance(entry.event, ForecastGiven)
            degraded += [
                word for d in entry.decisions if hasattr(d, "why") for word in d.why.degraded
            ]
    assert given == 1
    assert degraded == []
    assert verify(path, town, travel_times(town)).different == 0
    without = replay(a_day(), town, DEFAULT)
    assert [r.incident for r in with_it.records] != []
    moved = {r.incident: r.conveying_on_scene_at_ms for r in with_it.records}
    assert moved != {r.incident: r.conveying_on_scene_at_ms for r in without.records}


def test_without_a_forecast_decisions_are_todays_and_say_what_they_lack(town, tmp_path):
    path = tmp_path / "j.jsonl"
    asked = replay(a_day(), town, USES, journal=path)
    assert asked.records == replay(a_day(), town, DEFAULT).records
    with opened_journal(path) as (_, entries):
        words = {
            word
            for entry in entries
            for d in entry.decisions
            if type(d).__name__ == "Relocate"
            for word in d.why.degraded
        }
    assert words == {"demand by the hour (no forecast in force: by residents)"}


def test_the_command_prints_errors_beside_the_naive_ones_and_writes_a_file(town, tmp_path):
    region, log, out = tmp_path / "town.region", tmp_path / "log.csv", tmp_path / "f.json"
    save_region(town, region)
    write_log(a_history(), log)
    command = ["fit", str(log), "--region", str(region), "--out", str(out)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "naive" in done.stdout
    assert load_forecast(out, "town").version in done.stdout
    again = CliRunner().invoke(app, [*command, "--json", "--hold-out-days", "7"])
    (row,) = json.loads(again.stdout)["trusts"]
    assert row["score"]["days"] == 7
    (tmp_path / "short.csv").write_text("incident_id,received_at,lat,lon,category\n")
    wrong = CliRunner().invoke(
        app, ["fit", str(tmp_path / "short.csv"), "--region", str(region), "--out", str(out)]
    )
    assert wrong.exit_code == 1
    assert wrong.output.startswith("Error: ")


def test_a_comparison_gives_the_forecast_to_every_run_and_ablates_its_use(town, fitted, tmp_path):
    region, log, out = tmp_path / "town.region", tmp_path / "log.csv", tmp_path / "f.json"
    save_region(town, region)
    write_log(a_day(), log)
    save_forecast(fitted.forecast, out)
    plan = Plan(
        region=str(region),
        log=str(log),
        policies=(USES,),
        seeds=(1,),
        forecast=str(out),
        ablate="forecast",
    )
    found = compare(plan)
    assert found.ablation is not None
    terms = {row.term: row.was_on for row in found.ablation.rows}
    assert terms["forecast_cover"]
    assert terms["forecast_prices"]


def test_the_room_is_open_on_the_command_line():
    assert ("benchmarks.forecast_commands", "forecast") in bluelight.ROOMS
