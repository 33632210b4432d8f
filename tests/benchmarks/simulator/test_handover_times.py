"""Handover times meet every published figure of a trust."""

import numpy as np
import pytest

from benchmarks.published import ENGLAND, month, trusts
from benchmarks.simulator.handover_times import times_of

GRID = (np.arange(50_000) + 0.5) / 50_000


@pytest.mark.parametrize("trust", [*trusts(), ENGLAND])
def test_mean_centile_shares_and_hours_are_the_published_ones(trust):
    published = month(trust, "2026-03")
    drawn = times_of(published).seconds(GRID)
    count = published.known("A140")
    assert drawn.mean() == pytest.approx(published.known("A142"), rel=0.005)
    assert np.quantile(drawn, 0.9) == pytest.approx(published.known("A143"), rel=0.005)
    for limit_s, code in ((900, "A144"), (1800, "A145"), (3600, "A146")):
        assert (drawn > limit_s).mean() == pytest.approx(published.known(code) / count, abs=0.001)
    beyond = np.maximum(0.0, drawn - 1800).mean() * count
    assert beyond == pytest.approx(published.known("A147"), rel=0.03)


def test_longer_shares_are_longer_times():
    assert (np.diff(times_of(month("R1F", "2026-03")).seconds(GRID)) >= 0).all()
