"""Regions on disk: one versioned file, each part with its checksum."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Mapping
from dataclasses import fields, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from maps.facilities import Demand, FleetUnit, Hospital, Post, Trust
from maps.region import CrowFlies, Region, TravelMatrix
from maps.region_codec import Packed, pack, unpack
from maps.region_rules import check_region
from maps.road_network import RoadNetwork

MAGIC: Final = b"BLUELIGHT-REGION"
FORMAT_VERSION: Final = 1
SUFFIX: Final = ".region"

_PREAMBLE: Final = struct.Struct("<16sHHI32s")
"""Magic, format version, zero, size of the table of members, SHA-256 of that table."""

_TABLE_BYTES_MAX: Final = 1 << 20

Array = npt.NDArray[Any]


class _Member(msgspec.Struct, frozen=True):
    """One part of the file: an array, or JSON as bytes; ``sha256`` is of the decoded bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    layout: str
    size: int
    sha256: str


class _Table(msgspec.Struct, frozen=True):
    name: str
    version: str
    members: tuple[_Member, ...]


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """What of a region is not an array."""

    name: str
    timezone: str
    attribution: tuple[str, ...]
    trusts: tuple[Trust, ...]
    hospitals: tuple[Hospital, ...]
    posts: tuple[Post, ...]
    fleet: tuple[FleetUnit, ...]
    demand_id: tuple[str, ...]
    demand_trust: tuple[str, ...]
    road_classes: tuple[str, ...] | None = None
    road_names: tuple[str, ...] | None = None
    matrix_place_id: tuple[str, ...] | None = None
    crow_flies: CrowFlies | None = None


def sealed(region: Region) -> Region:
    """Return the region with its version: the SHA-256 of its content, extras left out.

    Extras speed up answers and do not change them, so that a region with and without them is one
    version and their journals can be exchanged.
    """
    members = _content(region)
    digest = hashlib.sha256(b"bluelight region content 1\n")
    for name in sorted(members):
        array = members[name]
        line = f"{name} {array.dtype.str} {list(array.shape)} {_sha256(array)}\n"
        digest.update(line.encode())
    return replace(region, version=digest.hexdigest())


def save_region(region: Region, path: Path) -> Region:
    """Write a region to one file after checking its rules; return it with its version.

    Equal regions give equal bytes. The file appears whole or not at all: it is written beside
    its place and then moved there.

    Raises
    ------
    ValueError
        When the region breaks a rule (`maps.region_rules`).
    """
    check_region(region)
    region = sealed(region)
    parts = _content(region) | {f"extras.{key}": value for key, value in region.extras.items()}
    members: list[_Member] = []
    payload: list[bytes] = []
    for name in sorted(parts):
        array = np.ascontiguousarray(parts[name])
        layout, packed = pack(array)
        members.append(
            _Member(name, array.dtype.str, array.shape, layout, len(packed), _sha256(array))
        )
        payload.append(packed)
    table = msgspec.json.encode(_Table(region.name, region.version, tuple(members)))
    checksum = hashlib.sha256(table).digest()
    preamble = _PREAMBLE.pack(MAGIC, FORMAT_VERSION, 0, len(table), checksum)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(b"".join((preamble, table, *payload)))
    unfinished.replace(path)
    return region


def load_region(name_or_path: str | Path) -> Region:
    """Return a region: a bundled name such as ``isle-of-wight``, or the path of a file.

    Raises
    ------
    ValueError
        When there is no such region, or the file is truncated, damaged, of another format
        version, or no region at all; the message says which, where, and what was found.
    """
    bundled = _bundled_files()
    name = str(name_or_path)
    if name in bundled:
        return _decoded(bundled[name].read_bytes(), f"bundled region {name!r}")
    path = Path(name_or_path)
    if not path.is_file():
        known = ", ".join(sorted(bundled)) or "none"
        raise ValueError(f"Expected a bundled region ({known}) or a region file, was {name!r}.")
    return _decoded(path.read_bytes(), str(path))


def bundled_regions() -> tuple[str, ...]:
    """Return the names of the regions that come with the package, sorted."""
    return tuple(sorted(_bundled_files()))


def _bundled_files() -> dict[str, Traversable]:
    folder = resources.files("maps") / "data" / "regions"
    if not folder.is_dir():
        return {}
    return {
        entry.name.removesuffix(SUFFIX): entry
        for entry in folder.iterdir()
        if re.fullmatch(r"[a-z0-9-]+" + re.escape(SUFFIX), entry.name)
    }


def _decoded(data: bytes, source: str) -> Region:
    table, start = _table_of(data, source)
    end = start + sum(member.size for member in table.members)
    if len(data) != end:
        what = "truncated" if len(data) < end else "too long"
        raise ValueError(f"Expected {end} bytes in {source}, was {len(data)}: the file is {what}.")
    arrays: dict[str, Array] = {}
    for member in table.members:
        arrays[member.name] = _unpacked(member, data[start : start + member.size], source)
        start += member.size
    try:
        region = _region_of(arrays, table.version)
    except (KeyError, msgspec.MsgspecError, TypeError) as error:
        raise ValueError(f"Expected all parts of a region in {source}, was: {error}") from error
    if sealed(region).version != table.version:
        raise ValueError(
            f"Expected content of version {table.version[:12]} in {source}, was "
            f"{sealed(region).version[:12]}: the file was altered."
        )
    return region


def _table_of(data: bytes, source: str) -> tuple[_Table, int]:
    if data[: len(MAGIC)] != MAGIC[: len(data)] or not data:
        raise ValueError(
            f"Expected a region file (it begins with {MAGIC.decode()}) in {source}, "
            f"was {data[: len(MAGIC)]!r}."
        )
    if len(data) < _PREAMBLE.size:
        raise ValueError(f"Expected a whole region file in {source}, was {len(data)} bytes.")
    _, version, reserved, size, checksum = _PREAMBLE.unpack_from(data)
    if version != FORMAT_VERSION or reserved != 0:
        raise ValueError(
            f"Expected region format {FORMAT_VERSION} in {source}, was {version}: build the "
            f"region again with this version of bluelight, or use the version that built it."
        )
    start = _PREAMBLE.size
    raw = data[start : start + size]
    if size > _TABLE_BYTES_MAX or len(raw) != size:
        raise ValueError(
            f"Expected a table of {size} bytes in {source}, was {len(raw)}: "
            f"the file is truncated or damaged."
        )
    if hashlib.sha256(raw).digest() != checksum:
        raise ValueError(f"Expected the table's checksum in {source} to fit, was another.")
    return msgspec.json.decode(raw, type=_Table), start + size


def _unpacked(member: _Member, packed: bytes, source: str) -> Array:
    try:
        array = unpack(Packed(member.layout, packed), member.dtype, member.shape)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"Expected a whole part {member.name!r} in {source}, was: {error}"
        ) from error
    if _sha256(array) != member.sha256:
        raise ValueError(
            f"Expected the checksum of part {member.name!r} in {source} to be "
            f"{member.sha256[:12]}…, was {_sha256(array)[:12]}…: the file is damaged."
        )
    array.flags.writeable = False
    return array


def _sha256(array: Array) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


_ROAD_ARRAYS: Final = tuple(
    entry.name
    for entry in fields(RoadNetwork)
    if entry.name not in {"banned_paths", "classes", "names"}
)
_DEMAND_ARRAYS: Final = ("lon", "lat", "population", "aged_65_plus", "is_rural")
_MATRIX_ARRAYS: Final = ("lon", "lat", "blue_light_ms", "ordinary_ms")


def _content(region: Region) -> dict[str, Array]:
    """Return a region as named arrays, all of it but extras and version."""
    roads, matrix = region.roads, region.matrix
    told = _Told(
        name=region.name,
        timezone=region.timezone,
        attribution=region.attribution,
        trusts=region.trusts,
        hospitals=region.hospitals,
        posts=region.posts,
        fleet=region.fleet,
        demand_id=region.demand.id,
        demand_trust=region.demand.trust,
        road_classes=None if roads is None else roads.classes,
        road_names=None if roads is None else roads.names,
        matrix_place_id=None if matrix is None else matrix.place_id,
        crow_flies=region.crow_flies,
    )
    parts: dict[str, Array] = {
        "told.json": np.frombuffer(msgspec.json.encode(told), dtype=np.uint8)
    }
    for name in _DEMAND_ARRAYS:
        parts[f"demand.{name}"] = getattr(region.demand, name)
    if roads is not None:
        for name in _ROAD_ARRAYS:
            if getattr(roads, name) is not None:
                parts[f"roads.{name}"] = getattr(roads, name)
        lengths = [len(path) for path in roads.banned_paths]
        edges = [edge for path in roads.banned_paths for edge in path]
        parts["roads.banned_paths.size"] = np.array(lengths, dtype=np.int32)
        parts["roads.banned_paths.edge"] = np.array(edges, dtype=np.int32)
    if matrix is not None:
        for name in _MATRIX_ARRAYS:
            parts[f"matrix.{name}"] = getattr(matrix, name)
    return parts


def _region_of(parts: Mapping[str, Array], version: str) -> Region:
    told = msgspec.json.decode(parts["told.json"].tobytes(), type=_Told)
    demand = Demand(
        id=told.demand_id,
        trust=told.demand_trust,
        **{name: parts[f"demand.{name}"] for name in _DEMAND_ARRAYS},
    )
    matrix = None
    if told.matrix_place_id is not None:
        matrix_arrays = {name: parts[f"matrix.{name}"] for name in _MATRIX_ARRAYS}
        matrix = TravelMatrix(place_id=told.matrix_place_id, **matrix_arrays)
    prefix = "extras."
    return Region(
        name=told.name,
        version=version,
        attribution=told.attribution,
        trusts=told.trusts,
        hospitals=told.hospitals,
        posts=told.posts,
        fleet=told.fleet,
        demand=demand,
        timezone=told.timezone,
        roads=None if told.road_classes is None else _roads_of(parts, told),
        matrix=matrix,
        crow_flies=told.crow_flies,
        extras={
            key[len(prefix) :]: value for key, value in parts.items() if key.startswith(prefix)
        },
    )


def _roads_of(parts: Mapping[str, Array], told: _Told) -> RoadNetwork:
    arrays: dict[str, Any] = {name: parts.get(f"roads.{name}") for name in _ROAD_ARRAYS}
    absent = [name for name, array in arrays.items() if array is None and name != "built_up"]
    if absent:
        raise KeyError(f"no part {'roads.' + absent[0]!r}")
    ends = np.cumsum(parts["roads.banned_paths.size"]).tolist()
    edges = parts["roads.banned_paths.edge"].tolist()
    starts = [0, *ends][: len(ends)]
    return RoadNetwork(
        **arrays,
        banned_paths=tuple(tuple(edges[a:b]) for a, b in zip(starts, ends, strict=True)),
        classes=told.road_classes or (),
        names=told.road_names or (),
    )
