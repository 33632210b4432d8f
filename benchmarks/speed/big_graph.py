"""A road graph of England's size: tiles of a city's real graph, joined by a few roads."""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.speed.dimacs import Arcs

TILES: Final = (4, 3)
"""Tiles eastward and northward: 12 x New York is 3.17 million junctions, about England's."""

LINKS_PER_SEAM: Final = 80
"""Roads that cross from one tile to the next. English county borders are crossed by as many."""

_LINK_MS_PER_DEGREE: Final = 4_000_000
"""100 km/h, as 111 km to a degree."""


def tiled(
    tile: Arcs, tiles: tuple[int, int] = TILES, links: int = LINKS_PER_SEAM, *, seed: int = 1
) -> Arcs:
    """Return copies of a graph side by side, with two-way links between neighbours.

    At each seam, junctions near the border of one tile are joined to the junctions at the same
    height of the next: structure within tiles is real, between them synthetic. Hierarchies of such
    a graph were found no smaller than those of real ones of this size.
    """
    columns, rows = tiles
    count = len(tile.lon)
    width, height = np.ptp(tile.lon) * 1.02, np.ptp(tile.lat) * 1.02
    offsets = [(column, row) for row in range(rows) for column in range(columns)]
    lon = np.concatenate([tile.lon + column * width for column, _ in offsets])
    lat = np.concatenate([tile.lat + row * height for _, row in offsets])
    parts = [(tile.tail + at * count, tile.head + at * count) for at in range(len(offsets))]
    rng = np.random.default_rng(seed)
    seams = []
    for at, (column, row) in enumerate(offsets):
        if column + 1 < columns:
            seams.append(_seam(tile.lon, tile.lat, links, rng) + at * count + [0, count])
        if row + 1 < rows:
            seams.append(_seam(tile.lat, tile.lon, links, rng) + at * count + [0, columns * count])
    joined = np.concatenate([np.zeros((0, 2), dtype=np.int64), *seams])
    degrees = np.hypot(lon[joined[:, 0]] - lon[joined[:, 1]], lat[joined[:, 0]] - lat[joined[:, 1]])
    link_ms = np.maximum(degrees * _LINK_MS_PER_DEGREE, 1).astype(np.int64)
    tail = np.concatenate([*(part[0] for part in parts), joined[:, 0], joined[:, 1]])
    head = np.concatenate([*(part[1] for part in parts), joined[:, 1], joined[:, 0]])
    ms = np.concatenate([*(tile.ms for _ in offsets), link_ms, link_ms])
    metres = np.concatenate([*(tile.length_m for _ in offsets), *[degrees * 111_195.0] * 2])
    order = np.lexsort((head, tail))
    keep = np.ones(len(order), dtype=np.bool_)
    keep[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    order = order[keep]
    return Arcs(lon, lat, tail[order], head[order], ms[order], metres[order])


def _seam(
    across: np.ndarray, along: np.ndarray, links: int, rng: np.random.Generator
) -> np.ndarray:
    """Return pairs of junctions: one by the far border of a tile, one by the near border."""
    band = max(len(across) // 50, links)
    far = np.argsort(across)[-band:]
    near = np.argsort(across)[:band]
    chosen = rng.choice(far, size=min(links, len(far)), replace=False)
    by_height = near[np.argsort(along[near])]
    places = np.searchsorted(along[by_height], along[chosen]).clip(0, len(by_height) - 1)
    return np.column_stack((chosen, by_height[places])).astype(np.int64)


def middle_of(arcs: Arcs, count: int) -> Arcs:
    """Return the part of a graph around its middle, with about so many junctions.

    The junctions nearest to the middle, and of those the largest part in which every junction
    reaches every other.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    x = (arcs.lon - np.median(arcs.lon)) * np.cos(np.radians(np.median(arcs.lat)))
    inside = np.zeros(len(arcs.lon), dtype=np.bool_)
    inside[np.argsort(np.hypot(x, arcs.lat - np.median(arcs.lat)))[:count]] = True
    chosen = inside[arcs.tail] & inside[arcs.head]
    ones = np.ones(int(chosen.sum()), dtype=np.int8)
    size = (len(arcs.lon), len(arcs.lon))
    matrix = coo_matrix((ones, (arcs.tail[chosen], arcs.head[chosen])), shape=size)
    _, label = connected_components(matrix, directed=True, connection="strong")
    kept = label == np.bincount(label[inside]).argmax()
    number = np.cumsum(kept) - 1
    chosen &= kept[arcs.tail] & kept[arcs.head]
    return Arcs(
        arcs.lon[kept],
        arcs.lat[kept],
        number[arcs.tail[chosen]],
        number[arcs.head[chosen]],
        arcs.ms[chosen],
        arcs.length_m[chosen],
    )
