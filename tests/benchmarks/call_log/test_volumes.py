"""Volumes and ends of incidents meet the published figures of every trust and month."""

import pytest

from benchmarks import published
from benchmarks.call_log.assumptions import load_assumptions
from benchmarks.call_log.volumes import kind_of, month_of_trust
from dispatch.domain.category import Category

ASSUMED = load_assumptions()
MONTHS = [(t, m) for t in (*published.trusts(), "Eng") for m in published.months()[::5]]


@pytest.mark.parametrize(("trust", "month"), MONTHS)
def test_the_flows_add_up_to_what_is_published(trust, month):
    figures = published.month(trust, month)
    volume = month_of_trust(trust, month, ASSUMED)
    seen = [flow for flow in volume.flows if flow.is_seen]
    assert sum(f.count for f in volume.flows) == pytest.approx(figures.known("A7"))
    assert sum(f.count for f in seen) == pytest.approx(figures.known("A56"))
    conveyed = sum(f.count * f.conveyed for f in seen)
    assert conveyed == pytest.approx(figures.known("A53") + figures.known("A54"))
    assert conveyed * volume.to_ed == pytest.approx(figures.known("A53"))
    for code, word in (("A115", "C1"), ("A119", "C2"), ("A11", "C3"), ("A12", "C4")):
        count = sum(f.count for f in seen if f.category == word)
        assert count == pytest.approx(figures.known(code))


def test_c1_is_conveyed_as_published():
    volume = month_of_trust("RRU", "2026-03", ASSUMED)
    c1 = next(f for f in volume.flows if f.category == Category.C1)
    assert c1.conveyed == pytest.approx(10_151 / 14_553)
    assert c1.responders == pytest.approx(27_075 / 14_553)


@pytest.mark.parametrize("trust", published.trusts())
def test_every_share_is_a_share(trust):
    volume = month_of_trust(trust, "2026-01", ASSUMED)
    assert all(0 <= f.conveyed <= 1 and f.count > 0 for f in volume.flows)
    assert list(volume.answer_s) == sorted(volume.answer_s)


@pytest.mark.parametrize(
    ("category", "kind"), [("C1", "C1"), ("C4T", "C4"), ("HCP3", "HCP"), ("IFT1", "IFT")]
)
def test_assumptions_are_given_by_kind(category, kind):
    assert kind_of(Category(category)) == kind


def test_assumptions_without_their_source_are_refused(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("[complaints]\nconfidence = 'low'\n")
    with pytest.raises(ValueError, match=r"source and confidence in \[complaints\]"):
        load_assumptions(path)


def test_shares_of_complaints_are_whole():
    for kind, shares in ASSUMED.complaints.items():
        assert sum(shares.values()) == pytest.approx(1.0, abs=0.011), kind
