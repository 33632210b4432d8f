"""The compiled queue for bays is that of the simulated world."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.calibration.bays_kernel import handover_ms
from benchmarks.simulator.agenda import Agenda, Turn
from benchmarks.simulator.hospital import HandoverDesk

PERIOD = 100

PATIENTS = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 3), st.integers(1, 120)),
    min_size=1,
    max_size=60,
    unique_by=lambda row: row[0],
)


@settings(max_examples=60, deadline=None)
@given(
    PATIENTS, st.lists(st.integers(1, 4), min_size=1, max_size=9), st.sampled_from([0.0, 0.15, 0.5])
)
def test_the_compiled_queue_is_the_desk_of_the_simulated_world(patients, bays, relief):
    rows = sorted(patients)
    at, rank, service = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    took = handover_ms(at, rank, service, np.array(bays, np.int64), 0, PERIOD, relief)
    agenda, gone = Agenda(), {}
    now = [0]

    def release(who):
        gone[who] = now[0]

    desk = HandoverDesk(bays[0], agenda, release, relief=relief)
    for i, count in enumerate(bays[1:], start=1):
        agenda.add(i * PERIOD, Turn.TIMER, desk.staff, (i * PERIOD, count))
    for i, (at_ms, of_rank, service_ms) in enumerate(rows):
        agenda.add(
            at_ms,
            Turn.CALL,
            lambda row: desk.arrive(row[0], row[1], row[2], row[3]),
            (at_ms, of_rank, service_ms, str(i)),
        )
    while len(agenda):
        now[0], _, _, step, subject = agenda.pop()
        step(subject)
    assert [gone[str(i)] - row[0] for i, row in enumerate(rows)] == took.tolist()


def test_more_bays_never_make_all_of_them_wait_longer():
    rng = np.random.Generator(np.random.PCG64(3))
    at = np.sort(rng.integers(0, 10_000, 300)).astype(np.int64)
    rank = rng.integers(1, 4, 300).astype(np.int64)
    service = rng.integers(10, 200, 300).astype(np.int64)
    totals = [
        int(handover_ms(at, rank, service, np.array([n], np.int64), 0, PERIOD, 0.0).sum())
        for n in (1, 2, 4, 300)
    ]
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] == service.sum()


def test_room_that_is_made_for_who_waits_shortens_the_queue():
    at = np.arange(300, dtype=np.int64)
    rank, service = np.full(300, 2, np.int64), np.full(300, 40, np.int64)
    totals = [
        int(handover_ms(at, rank, service, np.array([20], np.int64), 0, PERIOD, relief).sum())
        for relief in (0.0, 0.1, 0.5)
    ]
    assert totals == sorted(totals, reverse=True)
    assert totals[2] < 0.5 * totals[0]
