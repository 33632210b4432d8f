"""Fitted bays held against whole worlds: waiting crews bring nobody, and fewer bays make up."""

from __future__ import annotations

from math import exp, log
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.calibration.bays import Depth
from benchmarks.calibration.bays_tasks import Worlds, calibrate_handover
from benchmarks.calibration.bays_world import FACTORS, SLOPE_MIN, in_world
from benchmarks.published import month
from benchmarks.simulator.staffed_bays import BayFit, fits_from_json

FIT = BayFit(
    trust="RYE",
    service_mean_min=15.0,
    service_log_sd=0.5,
    bays_per_load=1.0,
    pressure_log_sd=0.3,
    curve=tuple((mean, 100.0 / mean) for mean in (5.0, 10.0, 20.0, 40.0, 80.0, 160.0)),
)
MONTHS = ("2025-12", "2026-02")
QUICK = Depth(shape_months=2, handovers=6_000, evaluations=20)


class KnownWorlds:
    """Worlds with a damping that is known, and a chance of each month that is not the bays'."""

    def __init__(self, level: float, slope: float, chance: dict[str, float]) -> None:
        self.level, self.slope, self.chance = level, slope, chance
        self.trial = SimpleNamespace(seed=1)
        self.seeds: list[int] = []

    def mean_min(self, fit: BayFit, name: str, seed: int) -> float:
        self.seeds.append(seed)
        alone = 100.0 / fit.bays_per_load
        return self.chance[name] * exp(self.level + self.slope * log(alone))


def mean_of(name: str) -> float:
    row = month("RYE", name)
    return row.known("A141") / row.known("A140") / 60.0


def test_what_a_world_makes_of_its_queues_is_found_whatever_the_chance_of_months():
    worlds = KnownWorlds(0.4, 0.8, {"2025-12": 1.1, "2026-02": 1.0 / 1.1})
    told: list[str] = []
    found = in_world(FIT, MONTHS, worlds, told.append)
    assert found.world is not None
    assert found.world.slope == pytest.approx(0.8, abs=1e-3)
    assert found.world.level == pytest.approx(0.4, abs=1e-2)
    assert found.world.months == MONTHS
    assert worlds.seeds == [1, 1, 2, 2]
    assert len(told) == len(MONTHS) * len(FACTORS)
    # Where no month is named, the world has the mean of the months that were replayed.
    usual = exp(0.4 + 0.8 * log(100.0 / found.bays_per_load))
    assert usual == pytest.approx((mean_of("2025-12") * mean_of("2026-02")) ** 0.5, rel=0.02)


def test_a_slope_that_only_chance_can_be_is_bounded():
    found = in_world(FIT, MONTHS, KnownWorlds(3.0, 0.0, dict.fromkeys(MONTHS, 1.0)))
    assert found.world is not None
    assert found.world.slope == SLOPE_MIN


def test_without_a_month_nothing_can_be_replayed():
    with pytest.raises(ValueError, match="at least one fitted month"):
        in_world(FIT, (), KnownWorlds(0.0, 1.0, {}))


def test_a_command_keeps_shapes_and_holds_them_against_worlds(tmp_path):
    file = tmp_path / "bays.json"
    worlds = Worlds(crews="england", start=Path("england"), incidents=300)
    asked = (["2025-10", "2025-12"], [], ["R1F"])
    first = calibrate_handover(
        "england", asked, file, depth=QUICK, say=lambda _: None, worlds=worlds
    )["R1F"]
    assert first.months == ("2025-10", "2025-12")
    assert first.world is not None
    assert first.world.months == first.months
    assert fits_from_json(file.read_bytes()) == {"R1F": first}
    elsewhere = Worlds(start=file)
    with pytest.raises(ValueError, match="bays of RYE"):
        calibrate_handover(
            "england",
            (["2025-10"], [], ["RYE"]),
            None,
            depth=QUICK,
            say=lambda _: None,
            worlds=elsewhere,
        )
