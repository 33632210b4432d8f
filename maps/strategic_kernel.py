"""Shortest-path trees from many sources at once, and what each link carries in them."""

# ruff: noqa: ANN001, ANN202, PLR0913, PLR0917 - numba infers the types of kernels, which take arrays

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from maps.strategic_links import Links
from maps.strategic_places import Floats

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Adjacency:
    """Links as directed arcs in compressed rows: arc a leads to ``head[a]`` along ``link[a]``."""

    first_out: Int64s
    tail: Int64s
    head: Int64s
    link: Int64s

    @classmethod
    def of(cls, links: Links, place_count: int) -> Adjacency:
        """Return both directions of every link, sorted by tail and head."""
        tail = np.concatenate((links.pair[:, 0], links.pair[:, 1])).astype(np.int64)
        head = np.concatenate((links.pair[:, 1], links.pair[:, 0])).astype(np.int64)
        link = np.tile(np.arange(len(links), dtype=np.int64), 2)
        order = np.lexsort((link, head, tail))
        first_out = np.searchsorted(tail[order], np.arange(place_count + 1)).astype(np.int64)
        return cls(first_out, tail[order], head[order], link[order])


class Trees:
    """Shortest-path trees of h sources over one adjacency; the arrays are used again.

    Parameters
    ----------
    adjacency
        The network.
    start_place, start_min
        Where each source enters the network, int64[h, k], and after how long, float64[h, k].
    """

    def __init__(self, adjacency: Adjacency, start_place: Int64s, start_min: Floats) -> None:
        self._net = adjacency
        self._start_place, self._start_min = start_place, start_min
        shape = (len(start_place), len(adjacency.first_out) - 1)
        self.minutes: Floats = np.full(shape, np.inf)
        self._arc_in = np.full(shape, -1, dtype=np.int64)
        self._settled = np.zeros(shape, dtype=np.int64)
        self._settled_count = np.zeros(len(start_place), dtype=np.int64)
        link_count = int(adjacency.link.max()) + 1
        self._carried = np.zeros((len(start_place), link_count))

    def grow(self, link_min: Floats, limit_min: float = np.inf) -> Floats:
        """Return minutes from each source to each place, float64[h, n], up to a limit.

        Places beyond the limit keep an upper bound or infinity.
        """
        _grow(
            self._net.first_out,
            self._net.head,
            link_min[self._net.link],
            self._start_place,
            self._start_min,
            limit_min,
            self.minutes,
            self._arc_in,
            self._settled,
            self._settled_count,
        )
        return self.minutes

    def carried(self, link_min: Floats, gradient: Floats) -> Floats:
        """Return, for each link, the gradient by the logarithm of its time, float64[m].

        ``gradient`` is that by the minutes of each source and place, float64[h, n], for the
        trees grown last: a link carries the sum over all places beyond it.
        """
        _carry(
            self._net.tail,
            self._net.link,
            link_min[self._net.link],
            self._arc_in,
            self._settled,
            self._settled_count,
            gradient,
            self._carried,
        )
        total: Floats = self._carried.sum(axis=0)
        return total


@njit(cache=True)
def _push(key, value, size, new_key, new_value):  # type: ignore[no-untyped-def]
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if key[parent] <= new_key:
            break
        key[child], value[child] = key[parent], value[parent]
        child = parent
    key[child], value[child] = new_key, new_value
    return size + 1


@njit(cache=True)
def _pop(key, value, size):  # type: ignore[no-untyped-def]
    """Remove the first entry; the last one sinks from the top."""
    size -= 1
    last_key, last_value, hole = key[size], value[size], 0
    while True:
        child = 2 * hole + 1
        if child >= size:
            break
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= last_key:
            break
        key[hole], value[hole] = key[child], value[child]
        hole = child
    key[hole], value[hole] = last_key, last_value
    return size


@njit(cache=True)
def _tree(first_out, head, arc_min, place, start, limit, minutes, arc_in, settled):  # type: ignore[no-untyped-def]
    """Dijkstra from several entries; returns how many places were settled, in their order."""
    minutes[:] = np.inf
    arc_in[:] = -1
    key = np.empty(len(head) + len(place) + 1, dtype=np.float64)
    value = np.empty(len(key), dtype=np.int64)
    size = 0
    for entry in range(len(place)):
        if start[entry] < minutes[place[entry]]:
            minutes[place[entry]] = start[entry]
            size = _push(key, value, size, start[entry], place[entry])
    is_done = np.zeros(len(minutes), dtype=np.bool_)
    count = 0
    while size > 0:
        now, at = key[0], value[0]
        size = _pop(key, value, size)
        if is_done[at]:
            continue
        if now > limit:
            break
        is_done[at] = True
        settled[count] = at
        count += 1
        for arc in range(first_out[at], first_out[at + 1]):
            then = now + arc_min[arc]
            if then < minutes[head[arc]]:
                minutes[head[arc]] = then
                arc_in[head[arc]] = arc
                size = _push(key, value, size, then, head[arc])
    return count


@njit(parallel=True, cache=True)
def _grow(first_out, head, arc_min, place, start, limit, minutes, arc_in, settled, count):  # type: ignore[no-untyped-def]
    for source in prange(len(place)):
        count[source] = _tree(
            first_out,
            head,
            arc_min,
            place[source],
            start[source],
            limit,
            minutes[source],
            arc_in[source],
            settled[source],
        )


@njit(parallel=True, cache=True)
def _carry(tail, link, arc_min, arc_in, settled, count, gradient, carried):  # type: ignore[no-untyped-def]
    for source in prange(len(count)):
        beyond = gradient[source].copy()
        carried[source, :] = 0.0
        for step in range(count[source] - 1, -1, -1):
            at = settled[source, step]
            arc = arc_in[source, at]
            if arc >= 0:
                carried[source, link[arc]] += beyond[at] * arc_min[arc]
                beyond[tail[arc]] += beyond[at]
