"""Where a scene is, as foreign logs say it: degrees, grid metres, texts of points, postcodes."""

from __future__ import annotations

import re
from collections.abc import Mapping as TextColumns
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.codes import coordinate, pair_of
from benchmarks.call_log.mapping import PlaceBlock
from benchmarks.call_log.postcodes import Postcodes
from benchmarks.call_log.rejects import Problem

Float64s = npt.NDArray[np.float64]

_CODES: Final = {"WGS84": "EPSG:4326", "BNG": "EPSG:27700"}
_GRID_LETTERS: Final = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
_REFERENCE: Final = re.compile(r"([HNOST][A-HJ-Z])\s*(\d{2,5}\s*\d{2,5})")


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
        if block.postcode is not None:
            if lookup is None:
                raise ValueError(
                    "Expected a CSV file of postcodes for this mapping (place.lookup, or "
                    "--postcodes), was none."
                )
            self._postcodes = Postcodes(lookup)

    def read(self, columns: TextColumns[str, Sequence[str]]) -> Spots:
        """Return where the rows are."""
        block = self._block
        if block.system == "postcode":
            assert self._postcodes is not None
            assert block.postcode is not None
            texts = columns[block.postcode]
            lon, lat = self._postcodes.find(texts)
            return Spots(lon, lat, _unknown(texts, lon, lat, block.postcode))
        spots = self._by_coordinates(columns)
        if self._postcodes is not None:
            assert block.postcode is not None
            self._fill_by_postcode(spots, columns[block.postcode])
        return spots

    def _fill_by_postcode(self, spots: Spots, texts: Sequence[str]) -> None:
        """Look up the postcodes of rows without coordinates; nought and nought are none."""
        assert self._postcodes is not None
        nowhere = np.isnan(spots.lon) | np.isnan(spots.lat) | ((spots.lon == 0) & (spots.lat == 0))
        rows = np.flatnonzero(nowhere).tolist()
        lon, lat = self._postcodes.find([texts[row] for row in rows])
        for row, x, y in zip(rows, lon.tolist(), lat.tolist(), strict=True):
            if np.isfinite(x) and np.isfinite(y):
                spots.lon[row], spots.lat[row] = x, y
                spots.problems.pop(row, None)

    def _by_coordinates(self, columns: TextColumns[str, Sequence[str]]) -> Spots:
        block = self._block
        problems: dict[int, Problem] = {}
        if block.point is not None:
            x, y = _points(columns[block.point], block, problems)
        else:
            assert block.x is not None
            assert block.y is not None
            x = _numbers(columns[block.x], block.x, problems)
            y = _numbers(columns[block.y], block.y, problems)
        x, y = x * block.x_factor, y * block.y_factor
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
            values[row] = coordinate(text)
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
        if block.system == "BNG" and (reference := grid_reference(text)) is not None:
            x[row], y[row] = reference
            continue
        pair = pair_of(text)
        if pair is None:
            found = text or "nothing"
            name = block.point or ""
            expected = "two numbers" + (", or NT 25912 73554" if block.system == "BNG" else "")
            problems[row] = Problem(name, "no place", f"a text with {expected}", found)
            continue
        first, second = pair
        x[row], y[row] = (first, second) if block.order == "lon lat" else (second, first)
    return x, y


def grid_reference(text: str) -> tuple[float, float] | None:
    """Return easting and northing in metres of a reference to the British grid; None if it is none.

    The middle of the square that it names is taken.

    Examples
    --------
    >>> grid_reference("NT 25912 73554"), grid_reference("SZ5089"), grid_reference("EH1 1YZ")
    ((325912.5, 673554.5), (450500.0, 89500.0), None)
    """
    match = _REFERENCE.fullmatch(text.strip().upper())
    if match is None:
        return None
    letters, digits = match[1], re.sub(r"\s", "", match[2])
    if len(digits) % 2 or not 4 <= len(digits) <= 10:
        return None
    # The letter I is not used; the second letter counts squares of 100 km within one of 500 km.
    first, second = (_GRID_LETTERS.index(letter) for letter in letters)
    east = ((first - 2) % 5 * 5 + second % 5) * 100_000
    north = (19 - first // 5 * 5 - second // 5) * 100_000
    half = len(digits) // 2
    size = 10 ** (5 - half)
    x, y = int(digits[:half]) * size, int(digits[half:]) * size
    return east + x + size / 2, north + y + size / 2


def _unknown(texts: Sequence[str], lon: Float64s, lat: Float64s, name: str) -> dict[int, Problem]:
    expected = "a postcode of the lookup"
    return {
        row: Problem(name, "unknown postcode", expected, texts[row] or "nothing")
        for row in np.flatnonzero(np.isnan(lon) | np.isnan(lat)).tolist()
    }
