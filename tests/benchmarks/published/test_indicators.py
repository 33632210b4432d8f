"""The published indicators are whole, and their identities hold."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import published
from benchmarks.published.indicators import _table

EVERY = list(_table().values())
MEANS = [
    ("A3", "A2", "A1"),
    ("A15", "A14", "A13"),
    ("A25", "A24", "A8"),
    ("A28", "A27", "A9"),
    ("A31", "A30", "A10"),
    ("A34", "A33", "A11"),
    ("A37", "A36", "A12"),
    ("A117", "A116", "A115"),
    ("A121", "A120", "A119"),
    ("A142", "A141", "A140"),
]
SUMS = [
    ("A7", ["A17", "A56"]),
    ("A17", ["A18", "A19", "A21", "A22"]),
    ("A56", ["A53", "A54", "A55"]),
    ("A8", ["A74", "A78", "A115"]),
    ("A10", ["A75", "A79", "A119"]),
]


def test_thirty_six_months_of_eleven_trusts_and_england_are_bundled():
    assert len(published.months()) == 36
    assert published.months()[-1] == "2026-03"
    assert len(published.trusts()) == 11
    assert len(EVERY) == 36 * 12


@pytest.mark.parametrize(("whole", "parts"), SUMS)
def test_counts_are_the_sums_of_their_parts(whole, parts):
    for indicators in EVERY:
        assert indicators.known(whole) == sum(indicators.known(part) for part in parts)


@pytest.mark.parametrize(("mean", "total", "count"), MEANS)
def test_means_are_totals_over_counts(mean, total, count):
    checked = 0
    for indicators in EVERY:
        total_s, n = indicators[total], indicators[count]
        if total_s is not None and n and indicators[mean] is not None:
            assert abs(total_s / n - indicators.known(mean)) <= 0.5
            checked += 1
    assert checked > 300


@pytest.mark.parametrize("code", ["A7", "A8", "A24", "A53", "A30"])
def test_england_is_the_sum_of_the_trusts(code):
    for month in published.months():
        trusts = sum(published.month(t, month).known(code) for t in published.trusts())
        assert published.month(published.ENGLAND, month).known(code) == trusts


def test_the_island_in_march_2026_reads_as_published():
    island = published.month("R1F", "2026-03")
    assert (island["A7"], island["A8"], island["A10"], island["A25"], island["A31"]) == (
        2508,
        139,
        1192,
        462,
        1701,
    )


def test_what_was_not_published_is_none():
    assert published.month("R1F", "2023-04")["A142"] is None
    with pytest.raises(ValueError, match="A142 of R1F in 2023-04"):
        published.month("R1F", "2023-04").known("A142")


def test_every_bundled_code_is_defined():
    for code in EVERY[0].values:
        assert published.definition(code).meaning
    with pytest.raises(ValueError, match="was 'A999'"):
        published.definition("A999")


def test_an_unknown_trust_or_month_is_refused_with_what_there_is():
    with pytest.raises(ValueError, match=r"RRU.*2023-04 to 2026-03.*'XXX'"):
        published.month("XXX", "2026-03")
    with pytest.raises(ValueError, match="'2019-01'"):
        published.month("RRU", "2019-01")


def test_the_targets_change_with_the_date():
    assert published.standard_s("C1", "mean", date(2026, 3, 1)) == 420
    assert published.standard_s("C1", "90th", date(2026, 3, 1)) == 900
    assert published.standard_s("C2", "mean", date(2026, 3, 31), kind="target") == 1800
    assert published.standard_s("C2", "mean", date(2026, 4, 1), kind="target") == 1500
    assert published.standard_s("C3", "mean", date(2026, 4, 1)) is None


@given(st.dates(date(2018, 1, 1), date(2030, 1, 1)))
def test_no_day_has_two_standards_of_one_kind(on):
    keys = [(s.subject, s.measure, s.kind, s.share) for s in published.standards(on)]
    assert len(keys) == len(set(keys))


def test_the_shape_of_a_day_is_a_distribution():
    day = published.day_shape()
    assert sum(day.hour_share) == pytest.approx(1)
    assert sum(day.weekday_share) == pytest.approx(1)
    for hour in range(24):
        mix = sum(day.category_share[c][hour] for c in ("C1", "C2", "C3", "C4"))
        assert mix == pytest.approx(1, abs=0.002)


def test_job_parts_take_plausible_minutes():
    cycle = published.job_cycle()
    assert cycle.conveyed["scene"]["C2"].log_mean == 3.71
    assert set(cycle.conveyed) == {"travel_to_scene", "scene", "conveyance", "clear"}
    assert set(cycle.not_conveyed) == {"travel_to_scene", "scene"}
    assert published.conveyance().conveyed_share["C2"] == 0.67


def test_the_people_of_the_trusts_are_the_people_of_england():
    everyone = sum(published.trust(code).population for code in published.trusts())
    assert everyone == 56_489_608
    assert published.trust("R1F").place_count == 89
