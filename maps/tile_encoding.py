"""Lines as a Mapbox vector tile, version 2.1: protocol buffers written by hand, in numpy.

References
----------
.. [1] Mapbox. *Vector Tile Specification*, version 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

EXTENT: Final = 4096
"""Units along the side of a tile."""

_MOVE_ONE: Final = (1 << 3) | 1
_LINE_TO: Final = 2
_LINESTRING: Final = 2
_VERSION: Final = 2
_VARINT, _BYTES = 0, 2


class LineGroup(NamedTuple):
    """Lines drawn alike: layer, properties, integer points[k, 2], and where each line starts.

    ``first`` has one entry more than there are lines; every line has two points or more.
    """

    layer: str
    properties: Mapping[str, str | bool]
    points: npt.NDArray[np.int64]
    first: npt.NDArray[np.intp]


def encode_tile(groups: Iterable[LineGroup]) -> bytes:
    """Return a tile with one feature for each group, layers in the order given; empty for none."""
    layers = groupby(groups, key=lambda group: group.layer)
    return b"".join(_field(3, _layer(name, list(members))) for name, members in layers)


def _layer(name: str, groups: list[LineGroup]) -> bytes:
    keys: dict[str, int] = {}
    values: dict[str | bool, int] = {}
    features: list[bytes] = []
    for group in groups:
        tags: list[int] = []
        for key, value in group.properties.items():
            tags += [keys.setdefault(key, len(keys)), values.setdefault(value, len(values))]
        features.append(
            _field(2, _varints(np.array(tags, dtype=np.uint64)))
            + _number(3, _LINESTRING)
            + _field(4, _varints(_commands(group.points, group.first)))
        )
    return b"".join(
        (
            _number(15, _VERSION),
            _field(1, name.encode()),
            *(_field(2, feature) for feature in features),
            *(_field(3, key.encode()) for key in keys),
            *(_field(4, _value(value)) for value in values),
            _number(5, EXTENT),
        )
    )


def _value(value: str | bool) -> bytes:  # noqa: FBT001 - one of the two kinds of value
    return _number(7, int(value)) if isinstance(value, bool) else _field(1, value.encode())


def _commands(points: npt.NDArray[np.int64], first: npt.NDArray[np.intp]) -> npt.NDArray[np.uint64]:
    """Return drawing commands: for each line, move to its first point, then lines to the others."""
    size = np.diff(first)
    deltas = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=points.dtype))
    zigzag = ((deltas << 1) ^ (deltas >> 63)).astype(np.uint64)
    # A line of n points takes 2 n numbers and two commands, before its first and second point.
    line = np.repeat(np.arange(len(size)), size)
    is_later = np.ones(len(points), dtype=np.intp)
    is_later[first[:-1]] = 0
    place = 2 * np.arange(len(points)) + 2 * line + 1 + is_later
    commands = np.empty(2 * len(points) + 2 * len(size), dtype=np.uint64)
    commands[place], commands[place + 1] = zigzag[:, 0], zigzag[:, 1]
    start = 2 * first[:-1] + 2 * np.arange(len(size))
    commands[start] = _MOVE_ONE
    commands[start + 3] = ((size - 1) << 3) | _LINE_TO
    return commands


def _varints(numbers: npt.NDArray[np.uint64]) -> bytes:
    """Return numbers in groups of seven bits, the lowest first; a top bit says that more follow."""
    if len(numbers) == 0:
        return b""
    length = np.ones(len(numbers), dtype=np.intp)
    for bits in range(7, int(numbers.max()).bit_length(), 7):
        length += numbers >= np.uint64(1 << bits)
    end = np.cumsum(length)
    out = np.empty(int(end[-1]), dtype=np.uint8)
    start = end - length
    for position in range(int(length.max())):
        has = length > position
        seven = (numbers[has] >> np.uint64(7 * position)) & np.uint64(0x7F)
        more = np.where(length[has] > position + 1, 0x80, 0)
        out[start[has] + position] = seven.astype(np.uint8) | more.astype(np.uint8)
    return out.tobytes()


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _number(tag: int, number: int) -> bytes:
    return _varint(tag << 3 | _VARINT) + _varint(number)


def _field(tag: int, content: bytes) -> bytes:
    return _varint(tag << 3 | _BYTES) + _varint(len(content)) + content
