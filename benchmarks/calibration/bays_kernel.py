"""The compiled part of `benchmarks.calibration.bays`: one hospital's queue for bays, in order."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]

_NEVER_MS = 2**62


@numba.njit(cache=True, nogil=True)
def handover_ms(
    at_ms: Int64s,
    rank: Int64s,
    service_ms: Int64s,
    bays: Int64s,
    start_ms: int,
    period_ms: int,
    relief: float,
) -> Int64s:
    """Return the time from arrival to the end of each patient's time in a bay.

    Graver patients (rank 1 to 3) go first, then who came first; rank 1 never waits. ``bays``
    gives the open bays of each period; the last holds for ever; ``relief`` is how many more there
    are for each patient who waits. Patients come in order of time.
    """
    count = at_ms.size
    took = np.zeros(count, np.int64)
    queue = np.empty((2, count), np.int64)
    head = np.zeros(2, np.int64)
    tail = np.zeros(2, np.int64)
    ends = np.full(count + 1, _NEVER_MS, np.int64)  # a heap of the ends of those in a bay
    taken, size, nxt, period = 0, 0, 0, 0
    while nxt < count or size > 0:
        arrives = at_ms[nxt] if nxt < count else _NEVER_MS
        leaves = ends[0] if size else _NEVER_MS
        changes = start_ms + (period + 1) * period_ms if period + 1 < bays.size else _NEVER_MS
        now = min(arrives, leaves, changes)
        if changes == now:
            period += 1
        elif leaves == now:
            size = _pop(ends, size)
            taken -= 1
        else:
            if rank[nxt] == 1:
                took[nxt] = service_ms[nxt]
                size = _push(ends, size, now + service_ms[nxt])
                taken += 1
            else:
                line = min(rank[nxt], 3) - 2
                queue[line, tail[line]] = nxt
                tail[line] += 1
            nxt += 1
        waiting = tail[0] - head[0] + tail[1] - head[1]
        while waiting > 0 and taken < bays[period] + int(relief * waiting):
            waiting -= 1
            line = 0 if head[0] < tail[0] else 1
            who = queue[line, head[line]]
            head[line] += 1
            took[who] = now - at_ms[who] + service_ms[who]
            size = _push(ends, size, now + service_ms[who])
            taken += 1
    return took


@numba.njit(cache=True, nogil=True)
def _push(heap: Int64s, size: int, value: int) -> int:
    place = size
    while place > 0 and heap[(place - 1) // 2] > value:
        heap[place] = heap[(place - 1) // 2]
        place = (place - 1) // 2
    heap[place] = value
    return size + 1


@numba.njit(cache=True, nogil=True)
def _pop(heap: Int64s, size: int) -> int:
    size -= 1
    value = heap[size]
    place = 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = value
    return size
