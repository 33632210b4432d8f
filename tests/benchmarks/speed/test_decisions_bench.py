"""The bench of decisions measures what its keys say."""

from __future__ import annotations

import json

import pytest

from benchmarks.speed.decisions_bench import run


@pytest.mark.slow
def test_reports_centiles_of_every_decision_as_json() -> None:
    found = json.loads(json.dumps(run(json=True, repeats=3)))
    assert found["region"] == "england"
    for key in ("c1_3500_units_ms", "c2_3500_units_ms", "joint_600x1200_ms"):
        assert 0 < found[key]["p50"] <= found[key]["p99"]
