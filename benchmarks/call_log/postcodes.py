"""Coordinates by postcode, or by any other name of an area, from a list that people can get."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.rejects import Rejects
from benchmarks.call_log.source import Source, form_of, open_source

Float64s = npt.NDArray[np.float64]

COLUMNS: Final = (
    (
        *("postcode", "pcds", "pcd", "pcd8", "pcd7", "zip", "zipcode", "zip code", "zip_code"),
        *("postal code", "postal_code", "postalcode", "code_postal", "codepostal", "plz", "cep"),
        *("geoid", "geoid20", "zcta", "zcta5", "zcta5ce20", "zcta5ce10", "fsa", "cfsauid"),
        *("name", "area", "place"),
    ),
    ("lon", "longitude", "long", "lng", "intptlong", "intptlon"),
    ("lat", "latitude", "intptlat"),
)
"""Names under which lists have the postcode, the longitude and the latitude; the first found."""

GEONAMES: Final = (1, 10, 9)
"""Positions of the same three in the files of GeoNames, which have twelve columns and no header."""

_GEONAMES_WIDTH: Final = 12
_KEY_BYTES_MAX: Final = 60


class Postcodes:
    """Coordinates by postcode, from a CSV file (also with semicolons or tabs).

    Spaces, accents and letter case do not matter. Where a whole postcode is unknown, its outward
    part (before the space or hyphen) is tried, so that a list of districts serves as well, and
    for numbers that lost them, leading zeros. Kept in sorted arrays: 2.7 million postcodes of
    Britain take 80 MB.

    Raises
    ------
    ValueError
        When the file has no such columns or no rows.
    """

    def __init__(self, path: Path) -> None:
        source, wanted = _opened(path)
        keys: list[npt.NDArray[np.bytes_]] = []
        lons, lats = [], []
        for chunk in source.chunks:
            code, lon, lat = (chunk.columns[name] for name in wanted)
            keys.append(np.array([_key(text) for text in code], dtype=np.bytes_))
            lons.append(_degrees(lon))
            lats.append(_degrees(lat))
        if not keys:
            raise ValueError(f"Expected postcodes in {path}, was none.")
        code_, lon_, lat_ = np.concatenate(keys), np.concatenate(lons), np.concatenate(lats)
        order = np.argsort(code_, kind="stable")
        self._key, self._lon, self._lat = code_[order], lon_[order], lat_[order]

    def find(self, texts: Sequence[str]) -> tuple[Float64s, Float64s]:
        """Return longitude and latitude of each postcode, NaN where it is unknown."""
        different = sorted(set(texts))
        row = self._rows([_key(text) for text in different])
        for shorter in (_outward, _with_zeros):
            other = self._rows([_key(shorter(text)) for text in different])
            row = np.where(row >= 0, row, other)
        lon = np.where(row >= 0, self._lon[row], np.nan)
        lat = np.where(row >= 0, self._lat[row], np.nan)
        number = {text: i for i, text in enumerate(different)}
        at = np.fromiter((number[text] for text in texts), dtype=np.int64, count=len(texts))
        return lon[at], lat[at]

    def _rows(self, keys: list[bytes]) -> npt.NDArray[np.int64]:
        """Return the row of each key; -1 where it is unknown."""
        if not keys:
            return np.empty(0, dtype=np.int64)
        wanted = np.array(keys, dtype=np.bytes_)
        row = np.minimum(np.searchsorted(self._key, wanted), len(self._key) - 1)
        return np.where((self._key[row] == wanted) & (wanted != b""), row, -1)


def _opened(path: Path) -> tuple[Source, tuple[str, str, str]]:
    """Return the opened list, and its columns of postcode, longitude and latitude."""
    if not path.is_file():
        raise ValueError(
            f"Expected a list of postcodes or areas at {path} (columns postcode, lon, lat), was "
            "nothing there; --postcodes names another."
        )
    source = open_source(path, Rejects(), **form_of(path)._asdict(), repeats=True)
    if len(source.names) == _GEONAMES_WIDTH and re.fullmatch(r"[A-Z]{2}", source.names[0]):
        code, lon, lat = (source.names[at] for at in GEONAMES)
        return source, (code, lon, lat)
    lowered = {name.lower(): name for name in source.names}
    code, lon, lat = (_first(lowered, names, path) for names in COLUMNS)
    return source, (code, lon, lat)


def _first(lowered: Mapping[str, str], names: tuple[str, ...], path: Path) -> str:
    for name in names:
        if name in lowered:
            return lowered[name]
    raise ValueError(
        f"Expected a column {names[0]} (or {', '.join(names[1:])}) in {path}, was "
        f"{', '.join(lowered.values())}."
    )


def _degrees(texts: Sequence[str]) -> Float64s:
    values = np.full(len(texts), np.nan)
    for row, text in enumerate(texts):
        try:
            values[row] = float(text.replace(",", "."))
        except ValueError:
            continue
    return values


def _outward(text: str) -> str:
    return re.split(r"[ -]", text.strip())[0]


def _with_zeros(text: str) -> str:
    """Return a number as five digits: spreadsheets and tables drop the zeros of 02138."""
    digits = re.sub(r"\.0$", "", text.strip())
    return digits.zfill(5) if digits.isdigit() else ""


def _key(text: str) -> bytes:
    plain = unicodedata.normalize("NFKD", text.removesuffix(".0"))
    kept = "".join(c for c in plain if c.isalnum())
    return kept.upper().encode("utf-8")[:_KEY_BYTES_MAX]
