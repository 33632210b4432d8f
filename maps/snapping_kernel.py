"""The nearest stretch of road to a point: a grid over the plane, compiled."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

F = TypeVar("F", bound=Callable[..., Any])

CELLS_MAX: Final = 4_000_000
"""A grid of this many cells takes 32 MB; a wider one gets larger cells instead."""


def compiled(function: F) -> F:
    """Return the function compiled, kept on disk between runs, free of the interpreter's lock."""
    return cast("F", njit(nogil=True, cache=True)(function))


class Stretches(NamedTuple):
    """Straight stretches of road on a plane, from (x0, y0) to (x1, y1), each with its edge.

    ``edge`` is the canonical edge of the road that the stretch belongs to.
    """

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    edge: Ints


class Grid(NamedTuple):
    """Stretches by square cell: cell c has ``stretch[first[c]:first[c + 1]]``, in rising order."""

    west: float
    south: float
    cell: float
    columns: int
    rows: int
    first: Int64s
    stretch: Ints


def grid_over(stretches: Stretches) -> Grid:
    """Return a grid whose cells are about as wide as stretches are long. O(stretches)."""
    x0, y0, x1, y1, _ = stretches
    west, south = float(min(x0.min(), x1.min())), float(min(y0.min(), y1.min()))
    width = float(max(x0.max(), x1.max())) - west
    height = float(max(y0.max(), y1.max())) - south
    typical = float(np.median(np.hypot(x1 - x0, y1 - y0)))
    # About two stretches a cell: fewer make the search walk, more make it compare.
    by_number = math.sqrt(2.0 * max(width * height, 1.0) / len(x0))
    at_least = math.sqrt(max(width * height, 1.0) / CELLS_MAX)
    cell = max(typical, by_number, at_least, 1.0)
    columns, rows = int(width / cell) + 1, int(height / cell) + 1
    count = np.zeros(columns * rows + 1, dtype=np.int64)
    _fill(x0, y0, x1, y1, west, south, cell, columns, rows, count, np.zeros(0, dtype=np.int32))
    first = np.cumsum(count)
    stretch = np.empty(int(first[-1]), dtype=np.int32)
    _fill(x0, y0, x1, y1, west, south, cell, columns, rows, first.copy(), stretch)
    return Grid(west, south, cell, columns, rows, first, stretch)


@compiled
def _fill(  # noqa: PLR0913, PLR0917 - kernels take arrays one by one
    x0: Floats, y0: Floats, x1: Floats, y1: Floats,
    west: float, south: float, cell: float, columns: int, rows: int,
    place: Int64s, stretch: Ints,
) -> None:  # fmt: skip
    """Count the stretches of each cell (without a list), or put them into it."""
    for i in range(len(x0)):
        low_y, high_y = min(y0[i], y1[i]), max(y0[i], y1[i])
        first_row = min(int((low_y - south) / cell), rows - 1)
        last_row = min(int((high_y - south) / cell), rows - 1)
        for row in range(first_row, last_row + 1):
            # The part of the stretch within this row, so that long diagonals fill few cells.
            a, b = 0.0, 1.0
            if y1[i] != y0[i]:
                t0 = (south + row * cell - y0[i]) / (y1[i] - y0[i])
                t1 = (south + (row + 1) * cell - y0[i]) / (y1[i] - y0[i])
                a, b = max(0.0, min(t0, t1)), min(1.0, max(t0, t1))
            xa, xb = x0[i] + a * (x1[i] - x0[i]), x0[i] + b * (x1[i] - x0[i])
            first_column = min(max(int((min(xa, xb) - west) / cell), 0), columns - 1)
            last_column = min(max(int((max(xa, xb) - west) / cell), 0), columns - 1)
            for column in range(first_column, last_column + 1):
                c = row * columns + column
                if len(stretch) > 0:
                    stretch[place[c]] = i
                    place[c] += 1
                else:
                    place[c + 1] += 1


@compiled
def _squared(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float]:
    """Return the squared distance to a stretch, and where along it the nearest point is."""
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    t = 0.0
    if length > 0.0:
        t = min(1.0, max(0.0, ((x - x0) * dx + (y - y0) * dy) / length))
    ex, ey = x0 + t * dx - x, y0 + t * dy - y
    return ex * ex + ey * ey, t


@compiled
def _within_ring(  # noqa: PLR0913, PLR0917 - kernels take arrays one by one
    x: float, y: float, column: int, row: int, ring: int, best: float, found: int,
    x0: Floats, y0: Floats, x1: Floats, y1: Floats,
    columns: int, rows: int, first: Int64s, stretch: Ints,
) -> tuple[float, int]:  # fmt: skip
    """Return the nearest stretch in one square ring of cells, or the one found before."""
    for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
        is_whole = r in (row - ring, row + ring)
        step = 1 if is_whole or ring == 0 else 2 * ring
        for c in range(column - ring, column + ring + 1, step):
            if not 0 <= c < columns:
                continue
            for k in range(first[r * columns + c], first[r * columns + c + 1]):
                i = stretch[k]
                squared, _ = _squared(x, y, x0[i], y0[i], x1[i], y1[i])
                if squared < best or (squared == best and found < 0):
                    best, found = squared, i
    return best, found


@compiled
def _lowest_tied(  # noqa: PLR0913, PLR0917 - kernels take arrays one by one
    x: float, y: float, within: float, found: int,
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, edge: Ints,
    west: float, south: float, cell: float, columns: int, rows: int,
    first: Int64s, stretch: Ints,
) -> int:  # fmt: skip
    """Return the stretch of the lowest edge within a distance: its nearest, then its first."""
    low_c = min(max(int((x - within - west) / cell), 0), columns - 1)
    high_c = min(max(int((x + within - west) / cell), 0), columns - 1)
    low_r = min(max(int((y - within - south) / cell), 0), rows - 1)
    high_r = min(max(int((y + within - south) / cell), 0), rows - 1)
    nearest = within * within
    limit = nearest
    for r in range(low_r, high_r + 1):
        for k in range(first[r * columns + low_c], first[r * columns + high_c + 1]):
            i = stretch[k]
            if edge[i] > edge[found]:
                continue
            squared, _ = _squared(x, y, x0[i], y0[i], x1[i], y1[i])
            if squared > limit:
                continue
            is_lower = edge[i] < edge[found]
            if is_lower or squared < nearest or (squared == nearest and i < found):
                found, nearest = i, squared
    return found


@compiled
def nearest_stretch(  # noqa: PLR0913, PLR0917 - kernels take arrays one by one
    x: float, y: float, reach: float, tie: float,
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, edge: Ints,
    west: float, south: float, cell: float, columns: int, rows: int,
    first: Int64s, stretch: Ints,
) -> tuple[int, float, float]:  # fmt: skip
    """Return the stretch, the place along it and the distance; -1 where none is within reach.

    Edges within ``tie`` of the nearest are tied; the lowest wins, at its own nearest place.
    """
    # A point far away must not overflow the numbers of cells.
    column = math.floor(min(max((x - west) / cell, -1e9), 1e9))
    row = math.floor(min(max((y - south) / cell, -1e9), 1e9))
    ring = max(0, -column, column - columns + 1, -row, row - rows + 1)
    last = max(column, columns - 1 - column, row, rows - 1 - row)
    best, found = reach * reach, -1
    while ring <= last:
        # Every cell of ring r is at least r - 1 cells away, and so are the rings beyond.
        gap = max(ring - 1, 0) * cell
        if gap * gap > best:
            break
        best, found = _within_ring(
            x, y, column, row, ring, best, found, x0, y0, x1, y1, columns, rows, first, stretch
        )
        ring += 1
    if found < 0:
        return -1, 0.0, math.inf
    found = _lowest_tied(
        x, y, math.sqrt(best) + tie, found, x0, y0, x1, y1, edge,
        west, south, cell, columns, rows, first, stretch,
    )  # fmt: skip
    squared, t = _squared(x, y, x0[found], y0[found], x1[found], y1[found])
    return found, t, math.sqrt(squared)


@compiled
def nearest_stretches(  # noqa: PLR0913, PLR0917 - kernels take arrays one by one
    x: Floats, y: Floats, reach: Floats, tie: Floats,
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, edge: Ints,
    west: float, south: float, cell: float, columns: int, rows: int,
    first: Int64s, stretch: Ints,
) -> tuple[Int64s, Floats, Floats]:  # fmt: skip
    """Return what `nearest_stretch` does, for many points."""
    count = len(x)
    found = np.empty(count, dtype=np.int64)
    along, distance = np.empty(count), np.empty(count)
    for i in range(count):
        found[i], along[i], distance[i] = nearest_stretch(
            x[i], y[i], reach[i], tie[i], x0, y0, x1, y1, edge,
            west, south, cell, columns, rows, first, stretch,
        )  # fmt: skip
    return found, along, distance
