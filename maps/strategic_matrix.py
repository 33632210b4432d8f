"""The published times from every place to hospitals, and which hospitals are held out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from maps.strategic_places import Floats, Places, opened_text, read_rows

MATRIX_FILE: Final = "lsoa_travel_time_matrix_calibrated.csv.gz"
NAMES_FILE: Final = "regions_lsoa_ew.csv.gz"
POSTCODES_FILE: Final = "unit_postcodes_coords.csv"

WELSH_POSTCODE_AREAS: Final = frozenset({"CF", "LD", "LL", "NP", "SA", "SY23"})
"""Postcode areas of hospitals in Wales: no place of the network lies around them."""

HELD_OUT_SHARE: Final = 0.3
"""Share of hospitals that the fit never sees."""


@dataclass(frozen=True, slots=True, eq=False)
class PublishedTimes:
    """Ordinary road minutes from n places (rows) to h hospitals (columns).

    ``minutes`` is float32[n, h], NaN where the table has no row for a place. ``is_held_out``
    marks the hospitals that only the test may see, bool[h].
    """

    postcode: tuple[str, ...]
    easting_m: Floats
    northing_m: Floats
    minutes: npt.NDArray[np.float32]
    is_held_out: npt.NDArray[np.bool_]

    @property
    def plane_m(self) -> Floats:
        """Eastings and northings of the hospitals, float64[h, 2]."""
        return np.column_stack((self.easting_m, self.northing_m))


def read_published_times(folder: Path, places: Places) -> PublishedTimes:
    """Return the published table for these places and the hospitals of England.

    The table's rows are names of LSOAs of 2011. A place of 2021 has a row when an LSOA of 2011
    has its code: boundaries that changed got new codes.

    Raises
    ------
    ValueError
        When a file is absent or its form is not the documented one.
    """
    code_of = {row["lsoa"]: row["lsoa_code"] for row in _names(folder)}
    place_row = {code: row for row, code in enumerate(places.code)}
    with opened_text(folder / MATRIX_FILE) as stream:
        header = stream.readline().rstrip("\r\n").split(",")[1:]
        kept = [i for i, postcode in enumerate(header) if not is_welsh(postcode)]
        minutes = np.full((len(places), len(kept)), np.nan, dtype=np.float32)
        for number, line in enumerate(stream, start=2):
            name, *cells = line.rstrip("\r\n").split(",")
            row = place_row.get(code_of.get(name, ""))
            if row is None:
                continue
            if len(cells) != len(header):
                raise ValueError(
                    f"{folder / MATRIX_FILE}, row {number}: expected {len(header)} times, "
                    f"was {len(cells)}."
                )
            minutes[row] = [cells[i] or "nan" for i in kept]
    postcodes = tuple(header[i] for i in kept)
    easting_m, northing_m = _coordinates(folder, postcodes)
    return PublishedTimes(postcodes, easting_m, northing_m, minutes, held_out(postcodes))


def is_welsh(postcode: str) -> bool:
    """Test whether a hospital's postcode, written without a space, lies in Wales."""
    return postcode[:2] in WELSH_POSTCODE_AREAS or postcode[:4] in WELSH_POSTCODE_AREAS


def held_out(postcodes: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return which hospitals are held out, bool[h]: the first `HELD_OUT_SHARE` by SHA-256.

    A digest of the postcode decides, so that nobody chose, and anyone can check.
    """
    digests = [hashlib.sha256(postcode.encode()).hexdigest() for postcode in postcodes]
    count = int(len(digests) * HELD_OUT_SHARE)
    chosen = np.zeros(len(digests), dtype=np.bool_)
    chosen[np.argsort(np.array(digests), kind="stable")[:count]] = True
    return chosen


def _names(folder: Path) -> list[dict[str, str]]:
    return read_rows(folder / NAMES_FILE, ("lsoa", "lsoa_code"))


def _coordinates(folder: Path, postcodes: Sequence[str]) -> tuple[Floats, Floats]:
    path = folder / POSTCODES_FILE
    rows = {row["postcode"]: row for row in read_rows(path, ("postcode", "BNG_E", "BNG_N"))}
    missing = [postcode for postcode in postcodes if postcode not in rows]
    if missing:
        raise ValueError(f"{path}: expected postcodes {', '.join(missing)}, was without them.")
    easting_m = np.array([float(rows[postcode]["BNG_E"]) for postcode in postcodes])
    northing_m = np.array([float(rows[postcode]["BNG_N"]) for postcode in postcodes])
    return easting_m, northing_m
