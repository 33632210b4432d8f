"""Who comes to a trust's departments, as the simulated world has them."""

from __future__ import annotations

import pytest

from benchmarks.calibration.patients import SHARE_MIN, patients_of
from maps.region_file import load_region


@pytest.fixture(scope="module")
def england():
    return load_region("england")


def test_shares_of_departments_make_one_and_none_is_tiny(england):
    found = patients_of("RYE", "2026-03", england)
    shares = [share for _, share in found.departments]
    assert sum(shares) == pytest.approx(1.0)
    assert min(shares) >= SHARE_MIN
    assert all(site.emergency_department for site, _ in found.departments)


def test_departments_beyond_the_border_that_are_nearer_are_among_them(england):
    names = {site.id for site, _ in patients_of("RYE", "2026-03", england).departments}
    assert "RAS01" in names  # Hillingdon is in London, and the nearest for the south of Bucks


def test_urgency_is_the_trusts_own(england):
    london, north_east = (patients_of(code, "2026-03", england).ranks for code in ("RRU", "RX6"))
    assert london[0] > north_east[0]
    for c1, c2 in (london, north_east):
        assert 0.03 < c1 < 0.25
        assert 0.5 < c2 < 0.8


def test_the_same_twice_and_nobody_where_the_trust_is_not(england):
    assert patients_of("R1F", "2026-03", england).departments[0][1] == 1.0
    with pytest.raises(ValueError, match="emergency department in the area of RYE"):
        patients_of("RYE", "2026-03", load_region("isle-of-wight"))
