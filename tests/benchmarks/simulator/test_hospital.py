"""Bays: waiting emerges from who is there already."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.simulator.agenda import Agenda, Turn
from benchmarks.simulator.handover import Handovers
from benchmarks.simulator.hospital import HandoverDesk, usual_days, walk_ins
from benchmarks.simulator.settings import BayAssumptions
from benchmarks.simulator.streams import Streams
from tests.benchmarks.towns import HOUR, MIDNIGHT, MINUTE


class Door:
    """A desk, and what it did: who was released when."""

    def __init__(self, bays):
        self.agenda = Agenda()
        self.now_ms = 0
        self.released = {}
        self.desk = HandoverDesk(bays, self.agenda, self._release)

    def _release(self, crew):
        self.released[crew] = self.now_ms

    def run(self, *arrivals):
        for at_ms, rank, service_ms, crew in arrivals:
            self.agenda.add(at_ms, Turn.CREW, self._arrive, (at_ms, rank, service_ms, crew))
        while len(self.agenda):
            self.now_ms, _, _, step, subject = self.agenda.pop()
            step(subject)
        return self.released

    def _arrive(self, arrival):
        self.desk.arrive(*arrival)


def test_a_free_bay_takes_a_patient_at_once():
    assert Door(1).run((0, 2, 10, "A")) == {"A": 10}


def test_who_finds_no_bay_waits_for_the_first_to_leave():
    assert Door(1).run((0, 2, 10, "A"), (1, 2, 10, "B")) == {"A": 10, "B": 20}


def test_two_bays_serve_two():
    assert Door(2).run((0, 2, 10, "A"), (0, 2, 10, "B"), (1, 2, 5, "C")) == {
        "A": 10,
        "B": 10,
        "C": 15,
    }


def test_the_graver_patient_is_received_before_who_came_earlier():
    released = Door(1).run((0, 3, 10, "A"), (1, 3, 10, "B"), (2, 2, 10, "C"))
    assert released == {"A": 10, "C": 20, "B": 30}


def test_a_c1_never_waits_for_a_bay():
    released = Door(1).run((0, 2, 10, "A"), (1, 1, 10, "B"), (2, 2, 10, "C"))
    assert released == {"A": 10, "B": 11, "C": 21}


def test_walk_in_patients_hold_bays_and_release_nobody():
    assert Door(1).run((0, 3, 30, None), (1, 2, 10, "A")) == {"A": 40}


def test_walk_ins_come_by_the_hour_profile_and_are_the_same_every_time():
    period = (MIDNIGHT, MIDNIGHT + 200 * 24 * HOUR)
    found = walk_ins("h", 48.0, period, "Europe/London", (Streams(1), BayAssumptions()))
    assert found == walk_ins("h", 48.0, period, "Europe/London", (Streams(1), BayAssumptions()))
    assert len(found) == pytest.approx(48 * 200, rel=0.03)
    arrivals = np.array([at_ms for at_ms, _ in found])
    assert (np.diff(arrivals) >= 0).all()
    hours = (arrivals - MIDNIGHT) // HOUR % 24
    assert np.sum(hours == 11) > 1.8 * np.sum(hours == 4)
    assert np.mean([service for _, service in found]) == pytest.approx(25 * MINUTE, rel=0.05)


def test_nobody_walks_in_where_nobody_is_expected():
    period = (MIDNIGHT, MIDNIGHT + HOUR)
    assert walk_ins("h", 0.0, period, "Europe/London", (Streams(1), BayAssumptions())) == []


def test_a_c4_is_not_behind_those_who_walk_in_after_it_came():
    ends = []
    agenda = Agenda()
    handovers = Handovers(agenda, lambda crew: ends.append(now[0]))
    handovers.open_bays({"H": 1}, [100] * 2, [False] * 2)
    crews = [
        SimpleNamespace(hospital="H", job=SimpleNamespace(row=row, rank=rank))
        for row, rank in enumerate((2, 4))
    ]
    handovers.arrive(crews[0], 0, 0, queues=True)
    handovers.arrive(crews[1], 1, 0, queues=True)
    handovers.walk_in("H", [(2, 100), (3, 100), (4, 100)])
    now = [0]
    while len(agenda):
        now[0], _, _, step, subject = agenda.pop()
        step(subject)
    assert ends == [100, 200]


def test_an_afternoon_is_more_than_half_a_day_of_patients():
    day = usual_days((MIDNIGHT, MIDNIGHT + 24 * HOUR), "Europe/London")
    assert day == pytest.approx(1.0)
    afternoon = usual_days((MIDNIGHT + 12 * HOUR, MIDNIGHT + 24 * HOUR), "Europe/London")
    assert 0.52 < afternoon < 0.75
