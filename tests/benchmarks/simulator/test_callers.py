"""Calls that must be answered: each ends once, each incident is heard of, indicators add up."""

from __future__ import annotations

import dataclasses
from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import pytest

from benchmarks.metrics import measure
from benchmarks.published import month, trusts
from benchmarks.reopen import reopened
from benchmarks.replay import Run, replay, travel_times
from benchmarks.simulator.call_behaviour import CallBehaviour, RoomDown
from benchmarks.simulator.care_behaviour import CareBehaviour
from benchmarks.simulator.settings import WorldSettings, call_behaviour
from benchmarks.verify import verify
from dispatch.domain.call import CallStatus, answer_times
from dispatch.domain.ids import TrustCode
from dispatch.engine import settings_named
from maps.facilities import Trust
from tests.benchmarks.simulator.test_redirected import a_redirectable_day
from tests.benchmarks.towns import a_log, a_town, a_unit

TOWN = a_town(*(a_unit(f"A{i}", i % 7) for i in range(10)))


def two_trusts():
    """Return the town with a second trust, which has units of its own at the far end."""
    town = a_town(
        *(a_unit(f"A{i}", i % 4) for i in range(6)),
        *(a_unit(f"B{i}", 4 + i % 3, trust="T2") for i in range(6)),
    )
    posts = tuple(
        msgspec.structs.replace(post, trust="T2") if int(post.id[-1]) >= 4 else post
        for post in town.posts
    )
    trusts_ = (*town.trusts, Trust(code="T2", name="Far Ambulance Trust"))
    of_place = ("T1",) * 4 + ("T2",) * 3
    demand = msgspec.structs.replace(town.demand, trust=of_place)
    return dataclasses.replace(town, posts=posts, trusts=trusts_, demand=demand)


def a_day_of_two(calls: int = 160):
    rows = [
        {
            "minute": 6 * 60 + 3 * i,
            "place": i % 7,
            "trust": "T1" if i % 7 < 4 else "T2",
            "category": ("C3", "C2", "C5", "C1")[i % 4],
            "outcome": "hear_and_treat" if i % 4 == 2 else "see_and_treat",
            "coded_after_s": 120.0,
        }
        for i in range(calls)
    ]
    return a_log(*rows)


@cache
def run_of(seed: int = 1, *, journal: Path | None = None, care: bool = False, **calls) -> Run:
    world = WorldSettings(
        seed=seed,
        calls=CallBehaviour(is_on=True, **calls),
        care=CareBehaviour(is_on=care),
        drain_h=48.0,
    )
    settings = settings_named("b2")
    return replay(a_redirectable_day(), TOWN, settings, world, journal=journal)


@pytest.mark.parametrize("care", [False, True])
@pytest.mark.parametrize(("seed", "factor"), [(1, 0.1), (2, 1.0)])
def test_every_call_ends_once_and_every_incident_is_heard_of(seed, factor, care):
    run = run_of(seed, care=care, handlers_factor=factor)
    assert (run.unfinished, run.refused) == (0, [])
    assert len(run.records) == run.calls + run.second_calls
    assert len({call.id for call in run.telephone}) == len(run.telephone)
    measures = measure(run)
    assert measures.telephone is not None
    assert "open" not in measures.telephone.outcomes
    assert sum(measures.telephone.outcomes.values()) == len(run.telephone)


def test_an_incident_is_brought_by_one_call_only():
    for factor in (0.1, 1.0):
        run = run_of(2, handlers_factor=factor)
        brought = Counter(
            call.incident for call in run.telephone if str(call.disposition) == "new_incident"
        )
        assert set(brought.values()) == {1}


def test_who_hangs_up_about_an_emergency_rings_again_until_somebody_answers():
    run = run_of(1, handlers_factor=0.1, patience_s=20.0)
    abandoned = [call for call in run.telephone if call.status is CallStatus.ABANDONED]
    assert len(abandoned) > 10
    assert any(call.id.endswith("/2") for call in run.telephone)
    assert len(run.records) == run.calls


def test_fewer_handlers_answer_later():
    few = answer_times(run_of(1, handlers_factor=0.1).telephone)
    many = answer_times(run_of(1).telephone)
    assert few.mean_s > 10 * max(many.mean_s, 0.1)


def test_a_run_with_calls_is_byte_equal_verified_and_opened_again(tmp_path):
    path = tmp_path / "j.jsonl"
    run = run_of(3, journal=path, handlers_factor=0.1, care=True)
    run_of(3, journal=tmp_path / "k.jsonl", handlers_factor=0.1, care=True)
    assert path.read_bytes() == (tmp_path / "k.jsonl").read_bytes()
    assert verify(path, TOWN, travel_times(TOWN)).different == 0
    opened = reopened(path, TOWN, travel_times(TOWN))
    assert sorted(c.id for c in opened.telephone) == sorted(c.id for c in run.telephone)


def answered_by_two(buddies: int | None, factor: float = 1.0, **more) -> Run:
    calls = CallBehaviour(
        is_on=True,
        handle_s=1200.0,
        buddies_after_s=buddies,
        patience_s=600.0,
        handlers_factor=factor,
        **more,
    )
    world = WorldSettings(seed=2, calls=calls, drain_h=48.0)
    return replay(a_day_of_two(), two_trusts(), settings_named("b2"), world)


DOWN = (RoomDown(trust="T1", from_h=2.0, until_h=5.0),)


def test_buddies_answer_when_a_control_room_is_down():
    alone, helped = answered_by_two(None, down=DOWN), answered_by_two(20, down=DOWN)
    home = TrustCode("T1")
    before, after = answer_times(alone.telephone, home), answer_times(helped.telephone, home)
    assert before.elsewhere == 0
    assert after.elsewhere > 5
    assert after.mean_s < before.mean_s / 2
    assert len(helped.records) == helped.calls
    figures = {part.trust: part.indicators for part in measure(helped).trusts}
    assert figures["T1"]["A125"] == figures["T2"]["A124"] > 0
    assert sum(f["A124"] for f in figures.values()) == sum(f["A125"] for f in figures.values())


def test_nobody_is_asked_while_handlers_are_free():
    run = answered_by_two(300, 4.0)
    assert answer_times(run.telephone).elsewhere == 0


def test_indicators_keep_the_identities_of_the_published_file():
    run = run_of(1, handlers_factor=0.1, care=True)
    f = measure(run).total.indicators
    assert f["A3"] == int(f["A2"] / f["A1"] + 0.5)
    assert f["A4"] <= f["A114"] <= f["A5"] <= f["A6"]
    assert f["A7"] == f["A17"] + f["A56"]
    assert f["A17"] == f["A18"] + f["A19"] + f["A21"] + f["A22"]
    assert f["A56"] == f["A53"] + f["A54"] + f["A55"]
    assert f["A8"] == f["A74"] + f["A78"] + f["A115"]
    assert f["A10"] == f["A75"] + f["A79"] + f["A119"]
    for count, total, mean in (("A128", "A129", "A130"), ("A132", "A133", "A134")):
        if f[count]:
            assert f[mean] == int(f[total] / f[count] + 0.5)


@pytest.mark.parametrize("trust", trusts())
def test_those_identities_hold_in_the_published_month_itself(trust):
    f = month(trust, "2026-03")
    assert abs(f.known("A3") - f.known("A2") / f.known("A1")) <= 1
    assert f.known("A7") == f.known("A17") + f.known("A56")
    assert f.known("A17") == sum(f.known(code) for code in ("A18", "A19", "A21", "A22"))
    assert f.known("A56") == f.known("A53") + f.known("A54") + f.known("A55")
    for count, total, mean in (("A128", "A129", "A130"), ("A132", "A133", "A134")):
        if f[count]:
            assert abs(f.known(mean) - f.known(total) / f.known(count)) <= 1


def test_words_about_calls_are_checked():
    assert call_behaviour(answering=True, down="RRU:6:9").down[0].trust == "RRU"
    with pytest.raises(ValueError, match="--call-answering"):
        call_behaviour(answering=False, buddies_after_s=60)
    with pytest.raises(ValueError, match="such as RRU:6:9"):
        call_behaviour(answering=True, down="RRU:6")
    with pytest.raises(ValueError, match="hours that rise"):
        call_behaviour(answering=True, down="RRU:9:6")
