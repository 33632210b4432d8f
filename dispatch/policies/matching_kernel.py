"""The compiled part of `dispatch.policies.matching`: sparse assignment in integers.

Successive shortest augmenting paths with dual prices (the sparse form of Jonker and Volgenant),
then a pass that moves along alternating paths of cost nought until the answer is the first of all
cheapest ones in a total order. Array conventions: ``NONE`` (-1) means "no unit" or "no incident";
rows are incidents, columns are units, both numbered in the order in which ties are decided.
"""

# ruff: noqa: C901, PLR0913, PLR0917 -- compiled kernels: bare arrays, few calls

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

NONE = -1

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@numba.njit(cache=True, nogil=True)
def worthwhile_by_row(
    row: Int32s, column: Int32s, cost: Int64s, n_rows: int, n_columns: int
) -> tuple[Int32s, Int32s, Int64s]:
    """Return the pairs of negative cost in compressed rows, columns rising within a row.

    The result does not depend on the order of the pairs: they are counted out by column first,
    then, stably, by row.
    """
    per_column = np.zeros(n_columns + 1, np.int32)
    start = np.zeros(n_rows + 1, np.int32)
    for p in range(row.size):
        if cost[p] < 0:
            per_column[column[p] + 1] += 1
            start[row[p] + 1] += 1
    for j in range(n_columns):
        per_column[j + 1] += per_column[j]
    for i in range(n_rows):
        start[i + 1] += start[i]
    size = start[n_rows]
    by_column = np.empty(size, np.int32)
    for p in range(row.size):
        if cost[p] < 0:
            by_column[per_column[column[p]]] = p
            per_column[column[p]] += 1
    heads = np.empty(size, np.int32)
    costs = np.empty(size, np.int64)
    fill = start.copy()
    for k in range(size):
        p = by_column[k]
        at = fill[row[p]]
        heads[at] = column[p]
        costs[at] = cost[p]
        fill[row[p]] += 1
    return start, heads, costs


@numba.njit(cache=True, nogil=True)
def components(start: Int32s, heads: Int32s, n_columns: int) -> tuple[Int32s, Int32s]:
    """Return the connected component of each row and column, numbered by their lowest row.

    Columns without pairs belong to none; rows without pairs are components of their own.
    """
    n_rows = start.size - 1
    owner = np.full(n_columns, NONE, np.int32)  # a row that reaches this column
    parent = np.arange(n_rows).astype(np.int32)
    for i in range(n_rows):
        for e in range(start[i], start[i + 1]):
            j = heads[e]
            if owner[j] == NONE:
                owner[j] = i
                continue
            a, b = _root(parent, i), _root(parent, owner[j])
            if a < b:
                parent[b] = a
            else:
                parent[a] = b
    of_row = np.empty(n_rows, np.int32)
    n = 0
    for i in range(n_rows):
        root = _root(parent, i)
        if root == i:
            of_row[i] = n
            n += 1
        else:
            of_row[i] = of_row[root]
    of_column = np.full(n_columns, NONE, np.int32)
    for j in range(n_columns):
        if owner[j] != NONE:
            of_column[j] = of_row[owner[j]]
    return of_row, of_column


@numba.njit(cache=True, nogil=True)
def _root(parent: Int32s, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@numba.njit(cache=True, nogil=True)
def _push(keys: Int64s, items: Int32s, size: int, key: int, item: int) -> int:
    """Put an item on the binary heap; equal keys come out by lower item."""
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if keys[up] < key or (keys[up] == key and items[up] <= item):
            break
        keys[at], items[at] = keys[up], items[up]
        at = up
    keys[at], items[at] = key, item
    return size + 1


@numba.njit(cache=True, nogil=True)
def _pop(keys: Int64s, items: Int32s, size: int) -> int:
    """Move the least entry to the end of the heap and return the new size, where it stands."""
    size -= 1
    top_key, top_item = keys[0], items[0]
    key, item = keys[size], items[size]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        right = down + 1
        if right < size and (
            keys[right] < keys[down] or (keys[right] == keys[down] and items[right] < items[down])
        ):
            down = right
        if key < keys[down] or (key == keys[down] and item <= items[down]):
            break
        keys[at], items[at] = keys[down], items[down]
        at = down
    keys[at], items[at] = key, item
    keys[size], items[size] = top_key, top_item
    return size


@numba.njit(cache=True, nogil=True)
def _nearest(
    keys: Int64s, items: Int32s, size: int, distance: Int64s, best: int
) -> tuple[int, int]:
    """Take the nearest column from the heap, NONE if it is no nearer than the best end."""
    while size > 0:
        size = _pop(keys, items, size)
        if keys[size] >= best:
            break
        if keys[size] == distance[items[size]]:  # otherwise a nearer way was found since
            return size, items[size]
    return 0, NONE


@numba.njit(cache=True, nogil=True)
def cheapest(
    start: Int32s, heads: Int32s, costs: Int64s, n_columns: int
) -> tuple[Int32s, Int32s, Int64s, Int64s]:
    """Return mates of rows and of columns and the dual prices of a cheapest matching.

    Every row also has a column of its own at cost 0 ("waits"), so that a matching always exists.
    Prices are at most 0; ``cost >= row price + column price`` for every pair, with equality for
    matched ones; unmatched rows and columns have price 0.
    """
    n_rows = start.size - 1
    mate = np.full(n_rows, NONE, np.int32)
    mate_cost = np.zeros(n_rows, np.int64)
    holder = np.full(n_columns, NONE, np.int32)
    price = np.zeros(n_columns, np.int64)
    distance = np.empty(n_columns, np.int64)
    seen = np.full(n_columns, NONE, np.int32)  # the row for which the distance holds
    via = np.empty(n_columns, np.int32)  # the row from which a column was reached
    via_cost = np.empty(n_columns, np.int64)
    keys = np.empty(heads.size + 1, np.int64)
    items = np.empty(heads.size + 1, np.int32)
    done = np.empty(n_columns, np.int32)
    for new in range(n_rows):
        best, end, last = 0, NONE, new  # waiting costs nothing
        row, base, size, n_done = new, 0, 0, 0
        while True:
            for e in range(start[row], start[row + 1]):
                j = heads[e]
                d = base + costs[e] - price[j]
                if d >= best or (seen[j] == new and distance[j] <= d):
                    continue
                distance[j], seen[j], via[j], via_cost[j] = d, new, row, costs[e]
                if holder[j] == NONE:
                    best, end = d, j
                else:
                    size = _push(keys, items, size, d, j)
            size, j = _nearest(keys, items, size, distance, best)
            if j == NONE:
                break
            done[n_done] = j
            n_done += 1
            row = holder[j]
            base = distance[j] - (mate_cost[row] - price[j])
            if base < best:  # this row would rather wait
                best, end, last = base, NONE, row
        for k in range(n_done):
            price[done[k]] += distance[done[k]] - best
        _augment(new, end, last, mate, mate_cost, holder, via, via_cost)
    row_price = np.zeros(n_rows, np.int64)
    for i in range(n_rows):
        if mate[i] != NONE:
            row_price[i] = mate_cost[i] - price[mate[i]]
    return mate, holder, row_price, price


@numba.njit(cache=True, nogil=True)
def _augment(
    new: int,
    end: int,
    last: int,
    mate: Int32s,
    mate_cost: Int64s,
    holder: Int32s,
    via: Int32s,
    via_cost: Int64s,
) -> None:
    """Hand columns on along the path that ends in a free column or in a row that waits."""
    if end == NONE:
        if last == new:
            return
        end = mate[last]
        mate[last] = NONE
        mate_cost[last] = 0
    while True:
        row = via[end]
        before = mate[row]
        mate[row], mate_cost[row], holder[end] = end, via_cost[end], row
        if row == new:
            return
        end = before


@numba.njit(cache=True, nogil=True)
def _tight_pairs(
    start: Int32s, heads: Int32s, costs: Int64s, row_price: Int64s, price: Int64s
) -> tuple[Bools, Int32s, Int32s]:
    """Return which pairs are tight, and the rows of tight pairs in compressed columns."""
    n_rows, n_columns = start.size - 1, price.size
    tight = np.zeros(heads.size, np.bool_)
    into = np.zeros(n_columns + 1, np.int32)
    for i in range(n_rows):
        for e in range(start[i], start[i + 1]):
            if costs[e] == row_price[i] + price[heads[e]]:
                tight[e] = True
                into[heads[e] + 1] += 1
    for j in range(n_columns):
        into[j + 1] += into[j]
    tails = np.empty(into[n_columns], np.int32)
    fill = into.copy()
    for i in range(n_rows):
        for e in range(start[i], start[i + 1]):
            if tight[e]:
                tails[fill[heads[e]]] = i
                fill[heads[e]] += 1
    return tight, into, tails


@numba.njit(cache=True, nogil=True)
def first_of_equals(
    start: Int32s,
    heads: Int32s,
    costs: Int64s,
    mate: Int32s,
    holder: Int32s,
    row_price: Int64s,
    price: Int64s,
) -> int:
    """Move to the first of all cheapest matchings, in place; return how many rows changed.

    Matchings are compared by the column of row 0, then of row 1, and so on; no column comes last.
    All cheapest matchings use only *tight* pairs (cost = row price + column price) and differ by
    alternating paths among these, so one backward search a row finds the least column it can have.
    The extra node ``n_columns`` stands for the outside: a row of price 0 may begin or stop to
    wait, a column of price 0 may become free.
    """
    n_rows, outside = start.size - 1, price.size
    tight, into, tails = _tight_pairs(start, heads, costs, row_price, price)
    after = np.empty(outside + 1, np.int32)
    mark = np.full(outside + 1, NONE, np.int32)
    queue = np.empty(outside + 1, np.int32)
    changed = 0
    for i in range(n_rows):
        own = mate[i]
        if not _has_lower(i, own, start, heads, tight):
            continue
        enter = _repairs(i, mate, holder, row_price, price, into, tails, after, mark, queue)
        for e in range(start[i], start[i + 1]):
            j = heads[e]
            if own != NONE and j >= own:
                break
            if tight[e] and mark[j] == i:
                _swap(i, j, outside, enter, mate, holder, after)
                changed += 1
                break
    return changed


@numba.njit(cache=True, nogil=True)
def _has_lower(i: int, own: int, start: Int32s, heads: Int32s, tight: Bools) -> bool:
    """Test whether a row has a tight pair with a column before its own."""
    for e in range(start[i], start[i + 1]):
        if own != NONE and heads[e] >= own:
            return False
        if tight[e]:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _repairs(
    i: int,
    mate: Int32s,
    holder: Int32s,
    row_price: Int64s,
    price: Int64s,
    into: Int32s,
    tails: Int32s,
    after: Int32s,
    mark: Int32s,
    queue: Int32s,
) -> int:
    """Mark with ``i`` every column that row ``i`` may take, and the outside, for nothing.

    Backward breadth-first search from what ``i`` gives up. ``after[j]`` says what happens when
    ``j`` is taken: its holder takes column ``after[j]``, or goes outside. ``after[outside]`` is
    NONE where the path may end there; otherwise the row that is returned comes in and takes that
    column, or, when NONE is returned, that column goes out and its holder moves on.
    """
    outside = price.size
    own = mate[i]
    enter = NONE
    head, tail = 0, 0
    if own != NONE:
        queue[tail], mark[own], after[own] = own, i, NONE
        tail += 1
    if own == NONE or price[own] == 0:
        queue[tail], mark[outside], after[outside] = outside, i, NONE
        tail += 1
    while head < tail:
        node = queue[head]
        head += 1
        if node == outside:
            for j in range(outside):
                k = holder[j]
                if mark[j] != i and (k == NONE or (k > i and row_price[k] == 0)):
                    queue[tail], mark[j], after[j] = j, i, outside
                    tail += 1
            continue
        for t in range(into[node], into[node + 1]):
            k = tails[t]
            if k <= i or mate[k] == node:
                continue
            if mate[k] != NONE:
                if mark[mate[k]] != i:
                    queue[tail], mark[mate[k]], after[mate[k]] = mate[k], i, node
                    tail += 1
            elif mark[outside] != i:
                queue[tail], mark[outside], after[outside] = outside, i, node
                tail += 1
                enter = k
        if node != own and holder[node] > i and price[node] == 0 and mark[outside] != i:
            queue[tail], mark[outside], after[outside] = outside, i, node
            tail += 1
    return enter


@numba.njit(cache=True, nogil=True)
def _swap(
    i: int, taken: int, outside: int, enter: int, mate: Int32s, holder: Int32s, after: Int32s
) -> None:
    """Give ``taken`` to row ``i`` and hand on along ``after`` until nobody is left without."""
    own = mate[i]
    if own != NONE:
        holder[own] = NONE
    row, j = i, taken
    while True:
        loser = holder[j]
        mate[row], holder[j] = j, row
        if j == own:
            return
        node = after[j]
        if node == outside:
            if loser != NONE:
                mate[loser] = NONE
            node = after[outside]
            if node == NONE:
                return
            loser = enter
            if enter == NONE:
                loser, holder[node] = holder[node], NONE
                node = after[node]
        row, j = loser, node


@numba.njit(cache=True, nogil=True)
def solve(
    row: Int32s, column: Int32s, cost: Int64s, n_rows: int, n_columns: int
) -> tuple[Int32s, int, Int32s, Int64s, Int64s]:
    """Return mates, total, components and prices; the total is 1 if a row is out of range."""
    for p in range(row.size):
        if row[p] < 0 or row[p] >= n_rows or column[p] < 0 or column[p] >= n_columns:
            nobody = np.empty(0, np.int32)
            return nobody, 1, nobody, np.empty(0, np.int64), np.empty(0, np.int64)
    start, heads, costs = worthwhile_by_row(row, column, cost, n_rows, n_columns)
    of_row, _ = components(start, heads, n_columns)
    mate, holder, row_price, price = cheapest(start, heads, costs, n_columns)
    first_of_equals(start, heads, costs, mate, holder, row_price, price)
    return mate, row_price.sum() + price.sum(), of_row, row_price, price
