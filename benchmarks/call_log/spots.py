"""Where a scene is, as foreign logs say it: degrees, grid metres, texts of points, postcodes."""

from __future__ import annotations

import re
from collections.abc import Mapping as TextColumns
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.mapping import PlaceBlock
from benchmarks.call_log.rejects import Problem, Rejects
from benchmarks.call_log.source import open_source

Float64s = npt.NDArray[np.float64]

_CODES: Final = {"WGS84": "EPSG:4326", "BNG": "EPSG:27700"}
_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_POSTCODE_BYTES: Final = 12


class Spots(NamedTuple):
    """Longitude and latitude of each row, NaN where unknown, and what is wrong with bad rows."""

    lon: Float64s
    lat: Float64s
    problems: dict[int, Problem]


class Places:
    """Turns the place columns of one file into longitude and latitude."""

    def __init__(self, block: PlaceBlock, lookup: Path | None) -> None:
        self._block = block
        self._transformer = _transformer(block.system)
        self._postcodes = None
        if block.system == "postcode":
            if lookup is None:
                raise ValueError("Expected a CSV file of postcodes for this mapping, was none.")
            self._postcodes = Postcodes(lookup)

    def read(self, columns: TextColumns[str, Sequence[str]]) -> Spots:
        """Return where the rows are."""
        block = self._block
        if self._postcodes is not None:
            assert block.postcode is not None
            return self._postcodes.read(columns[block.postcode], block.postcode)
        problems: dict[int, Problem] = {}
        if block.point is not None:
            x, y = _points(columns[block.point], block, problems)
        else:
            assert block.x is not None
            assert block.y is not None
            x = _numbers(columns[block.x], block.x, problems)
            y = _numbers(columns[block.y], block.y, problems)
        if self._transformer is not None:
            x, y = self._transformer.transform(x, y)
            unknown = ~(np.isfinite(x) & np.isfinite(y))
            x[unknown] = y[unknown] = np.nan
        return Spots(x, y, problems)


def _transformer(system: str) -> Any:
    """Return how coordinates become WGS84 degrees; None when they are that already.

    Raises
    ------
    ValueError
        When the reference system is unknown.
    """
    code = _CODES.get(system, system)
    if code in {"EPSG:4326", "postcode"}:
        return None
    from pyproj import Transformer
    from pyproj.exceptions import CRSError

    try:
        return Transformer.from_crs(code, "EPSG:4326", always_xy=True)
    except CRSError as error:
        raise ValueError(f"Expected a known reference system, was {system!r}.") from error


def _numbers(texts: Sequence[str], name: str, problems: dict[int, Problem]) -> Float64s:
    values = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        try:
            # Grid metres are often written with separators of thousands.
            values[row] = float(text.replace(",", ""))
        except ValueError:
            found = text or "nothing"
            problems[row] = Problem(name, "no place", "a coordinate", found)
    infinite = np.flatnonzero(np.isinf(values) | (np.isnan(values))).tolist()
    for row in infinite:
        problems.setdefault(row, Problem(name, "no place", "a finite coordinate", texts[row]))
        values[row] = np.nan
    return values


def _points(
    texts: Sequence[str], block: PlaceBlock, problems: dict[int, Problem]
) -> tuple[Float64s, Float64s]:
    """Read ``POINT (-122.4 37.7)``, ``(37.7, -122.4)`` and the like, in the order of the block."""
    x, y = np.full(len(texts), np.nan), np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        numbers = _NUMBER.findall(text)
        if len(numbers) != 2:
            found = text or "nothing"
            name = block.point or ""
            problems[row] = Problem(name, "no place", "a text with two numbers", found)
            continue
        first, second = map(float, numbers)
        x[row], y[row] = (first, second) if block.order == "lon lat" else (second, first)
    return x, y


class Postcodes:
    """Coordinates by postcode, from a CSV file with columns postcode, lon and lat.

    Spaces and letter case do not matter. Where a whole postcode is unknown, its outward part
    (before the space) is tried, so that a list of districts serves as well. Kept in sorted
    arrays: 2.7 million postcodes take 80 MB.
    """

    def __init__(self, path: Path) -> None:
        keys: list[npt.NDArray[np.bytes_]] = []
        lons, lats = [], []
        source = open_source(path, Rejects())
        lowered = {name.lower(): name for name in source.names}
        wanted = [_first(lowered, names, path) for names in _LOOKUP_COLUMNS]
        for chunk in source.chunks:
            code, lon, lat = (chunk.columns[name] for name in wanted)
            keys.append(np.array([_key(text) for text in code], dtype=f"S{_POSTCODE_BYTES}"))
            lons.append(_numbers(lon, wanted[1], {}))
            lats.append(_numbers(lat, wanted[2], {}))
        if not keys:
            raise ValueError(f"Expected postcodes in {path}, was none.")
        code_, lon_, lat_ = np.concatenate(keys), np.concatenate(lons), np.concatenate(lats)
        order = np.argsort(code_, kind="stable")
        self._key, self._lon, self._lat = code_[order], lon_[order], lat_[order]

    def read(self, texts: Sequence[str], name: str) -> Spots:
        """Return where the postcodes are."""
        row = self._rows([_key(text) for text in texts])
        outward = self._rows([_key(text.strip().split(" ")[0]) for text in texts])
        row = np.where(row >= 0, row, outward)
        lon = np.where(row >= 0, self._lon[row], np.nan)
        lat = np.where(row >= 0, self._lat[row], np.nan)
        problems = {
            i: Problem(name, "unknown postcode", "a postcode of the lookup", texts[i] or "nothing")
            for i in np.flatnonzero(np.isnan(lon) | np.isnan(lat)).tolist()
        }
        return Spots(lon, lat, problems)

    def _rows(self, keys: list[bytes]) -> npt.NDArray[np.int64]:
        """Return the row of each key; -1 where it is unknown."""
        wanted = np.array(keys, dtype=f"S{_POSTCODE_BYTES}")
        row = np.minimum(np.searchsorted(self._key, wanted), len(self._key) - 1)
        return np.where((self._key[row] == wanted) & (wanted != b""), row, -1)


_LOOKUP_COLUMNS: Final = (
    ("postcode", "pcd", "pcds", "zip", "zipcode", "zip code"),
    ("lon", "longitude", "long", "lng"),
    ("lat", "latitude"),
)


def _first(lowered: TextColumns[str, str], names: tuple[str, ...], path: Path) -> str:
    for name in names:
        if name in lowered:
            return lowered[name]
    raise ValueError(
        f"Expected a column {' or '.join(names)} in {path}, was {', '.join(lowered.values())}."
    )


def _key(text: str) -> bytes:
    return text.replace(" ", "").upper().encode("ascii", "ignore")[:_POSTCODE_BYTES]
