"""Prepared roads in a file of their own: memory-mapped, checked, and tied to their network.

For a region the size of England, whose preparation takes most of a minute, this replaces it by the
time of reading a file. Small regions need only the order of contraction that their file carries.
"""

from __future__ import annotations

import hashlib
import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from maps.road_network import RoadNetwork
from routing.hierarchy import Hierarchy
from routing.restrictions import ExpandedGraph
from routing.roads import PreparedRoads

MAGIC: Final = b"BLPREP\r\n"
FORMAT_VERSION: Final = 1

_ALIGN: Final = 64
_LENGTH_BYTES: Final = 8
_GRAPH_ARRAYS: Final = (
    "tail",
    "head",
    "copied_edge",
    "state_arc_first",
    "state_arc",
    "is_split",
    "state_first",
    "state_node",
    "companions",
)
_TREE_ARRAYS: Final = (
    "rank",
    "parent",
    "depth",
    "lowest",
    "up_first",
    "up_head",
    "up_depth",
    "down_first",
    "down_arc",
    "down_tail",
    "arc_slot",
)

Array = npt.NDArray[np.generic]


class _Entry(msgspec.Struct, frozen=True):
    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    format_version: int
    network_digest: str
    content_digest: str
    content_bytes: int
    node_count: int
    entries: tuple[_Entry, ...]


def network_digest(network: RoadNetwork) -> str:
    """Return the SHA-256 of what preparation depends on: junctions, edges and banned turns."""
    digest = hashlib.sha256()
    for array in (network.first_out, network.head, network.segment, network.banned_turns):
        digest.update(np.ascontiguousarray(array).astype("<i4").tobytes())
    digest.update(repr(network.banned_paths).encode())
    return digest.hexdigest()


def save_prepared(roads: PreparedRoads, path: Path) -> None:
    """Write prepared roads to a file, whole or not at all."""
    arrays = _arrays_of(roads)
    entries: list[_Entry] = []
    offset = 0
    digest = hashlib.sha256()
    for name, array in arrays.items():
        entries.append(_Entry(name, array.dtype.str, array.shape, offset))
        padded = _padded(array)
        digest.update(padded)
        offset += len(padded)
    header = _Header(
        format_version=FORMAT_VERSION,
        network_digest=network_digest(roads.network),
        content_digest=digest.hexdigest(),
        content_bytes=offset,
        node_count=roads.graph.node_count,
        entries=tuple(entries),
    )
    head = msgspec.json.encode(header)
    head += b" " * (-(len(MAGIC) + _LENGTH_BYTES + len(head)) % _ALIGN)
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        file.write(MAGIC + len(head).to_bytes(_LENGTH_BYTES, "little") + head)
        for array in arrays.values():
            file.write(_padded(array))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def load_prepared(network: RoadNetwork, path: Path, *, check_content: bool = True) -> PreparedRoads:
    """Return prepared roads from a file, mapped into memory rather than read.

    ``check_content`` reads it all once to compare its checksum; without, only the header is read.

    Raises
    ------
    ValueError
        When the file is missing, truncated, damaged, of another format version, or of another
        network; the message names the file.
    """
    if not path.is_file():
        raise ValueError(f"Expected prepared roads in {path}, was nothing there.")
    with path.open("rb") as file:
        header, start = _read_header(file.read(len(MAGIC) + _LENGTH_BYTES), file.read, path)
        if path.stat().st_size != start + header.content_bytes:
            raise ValueError(
                f"Expected {start + header.content_bytes} bytes in {path}, "
                f"was {path.stat().st_size}: it is truncated."
            )
        # Writable in private, though nobody writes: kernels compile anew for read-only arrays.
        content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))[start:]
    if header.network_digest != network_digest(network):
        raise ValueError(f"Expected prepared roads of this network in {path}, was another's.")
    if check_content and hashlib.sha256(content).hexdigest() != header.content_digest:
        raise ValueError(f"Expected the checksum of {path} to hold, was damaged.")
    arrays = {entry.name: _mapped(content, entry) for entry in header.entries}
    tree = {name: arrays[name] for name in _TREE_ARRAYS}
    graph = {name: arrays[f"graph_{name}"] for name in _GRAPH_ARRAYS}
    return PreparedRoads(
        network=network,
        graph=ExpandedGraph(node_count=header.node_count, **graph),  # type: ignore[arg-type]
        hierarchy=Hierarchy(**tree),  # type: ignore[arg-type]
        opposite=arrays["opposite"],  # type: ignore[arg-type]
    )


def _arrays_of(roads: PreparedRoads) -> dict[str, Array]:
    arrays: dict[str, Array] = {name: getattr(roads.hierarchy, name) for name in _TREE_ARRAYS}
    arrays |= {f"graph_{name}": getattr(roads.graph, name) for name in _GRAPH_ARRAYS}
    arrays["opposite"] = roads.opposite
    return {
        name: np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        for name, array in arrays.items()
    }


def _padded(array: Array) -> bytes:
    plain = array.tobytes()
    return plain + b"\0" * (-len(plain) % _ALIGN)


def _read_header(start: bytes, read: Callable[[int], bytes], path: Path) -> tuple[_Header, int]:
    if start[: len(MAGIC)] != MAGIC:
        raise ValueError(f"Expected a file of prepared roads, was something else: {path}.")
    length = int.from_bytes(start[len(MAGIC) :], "little")
    try:
        header = msgspec.json.decode(read(length), type=_Header)
    except msgspec.DecodeError as error:
        raise ValueError(f"Expected a readable header in {path}, was: {error}.") from error
    if header.format_version != FORMAT_VERSION:
        raise ValueError(
            f"Expected format version {FORMAT_VERSION} in {path}, was {header.format_version}."
        )
    return header, len(start) + length


def _mapped(content: memoryview, entry: _Entry) -> Array:
    dtype = np.dtype(entry.dtype)
    count = int(np.prod(entry.shape, dtype=np.int64))
    flat = np.frombuffer(content, dtype=dtype, count=count, offset=entry.offset)
    return flat.reshape(entry.shape)
