"""Where a scene is, as foreign logs say it: degrees, grid metres, texts of points, postcodes."""

from __future__ import annotations

import re
from collections.abc import Mapping as TextColumns
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.codes import unmasked
from benchmarks.call_log.mapping import PlaceBlock
from benchmarks.call_log.postcodes import Postcodes
from benchmarks.call_log.rejects import Problem

Float64s = npt.NDArray[np.float64]

_CODES: Final = {"WGS84": "EPSG:4326", "BNG": "EPSG:27700"}
_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


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
                raise ValueError(
                    "Expected a CSV file of postcodes for this mapping (place.lookup, or "
                    "--postcodes), was none."
                )
            self._postcodes = Postcodes(lookup)

    def read(self, columns: TextColumns[str, Sequence[str]]) -> Spots:
        """Return where the rows are."""
        block = self._block
        if self._postcodes is not None:
            assert block.postcode is not None
            texts = columns[block.postcode]
            lon, lat = self._postcodes.find(texts)
            return Spots(lon, lat, _unknown(texts, lon, lat, block.postcode))
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
            # Grid metres are often written with separators of thousands.
            values[row] = float(unmasked(text.replace(",", "")))
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


def _unknown(texts: Sequence[str], lon: Float64s, lat: Float64s, name: str) -> dict[int, Problem]:
    expected = "a postcode of the lookup"
    return {
        row: Problem(name, "unknown postcode", expected, texts[row] or "nothing")
        for row in np.flatnonzero(np.isnan(lon) | np.isnan(lat)).tolist()
    }
