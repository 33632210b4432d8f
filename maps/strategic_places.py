"""The places of England: every LSOA of 2021 with its point, people, and home trust."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

PLACES_FILE: Final = "england_lsoa21_points_population.csv.gz"
_COLUMNS: Final = (
    "lsoa21_code",
    "lsoa21_name",
    "easting",
    "northing",
    "lon",
    "lat",
    "area_km2",
    "pop_total",
    "pop_Aged_65_years_and_over",
    "ruc21_code",
    "ambo22",
)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The n places of a country in the order of their codes.

    ``easting_m`` and ``northing_m`` are British National Grid; ``area_short_name`` is the word
    under which the ONS-based files know an ambulance area. ``is_rural`` follows the Rural-Urban
    Classification 2021: codes that begin with R.
    """

    code: tuple[str, ...]
    name: tuple[str, ...]
    easting_m: Floats
    northing_m: Floats
    lon: Floats
    lat: Floats
    area_km2: Floats
    population: Ints
    aged_65_plus: Ints
    is_rural: Bools
    area_short_name: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.code)

    @property
    def plane_m(self) -> Floats:
        """Eastings and northings side by side, float64[n, 2]."""
        return np.column_stack((self.easting_m, self.northing_m))


def read_places(folder: Path) -> Places:
    """Return the places of the file `PLACES_FILE` in a folder, sorted by code.

    Raises
    ------
    ValueError
        When the file is absent, lacks a column, or a cell is not a number; the message names
        file, row and field.
    """
    path = folder / PLACES_FILE
    rows = sorted(read_rows(path, _COLUMNS), key=lambda row: row["lsoa21_code"])
    return Places(
        code=tuple(row["lsoa21_code"] for row in rows),
        name=tuple(row["lsoa21_name"] for row in rows),
        easting_m=column(path, rows, "easting"),
        northing_m=column(path, rows, "northing"),
        lon=column(path, rows, "lon"),
        lat=column(path, rows, "lat"),
        area_km2=column(path, rows, "area_km2"),
        population=column(path, rows, "pop_total").astype(np.int32),
        aged_65_plus=column(path, rows, "pop_Aged_65_years_and_over").astype(np.int32),
        is_rural=np.array([row["ruc21_code"].startswith("R") for row in rows], dtype=np.bool_),
        area_short_name=tuple(row["ambo22"] for row in rows),
    )


def read_rows(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """Return the rows of a CSV file, gzipped or plain, after checking its columns.

    Raises
    ------
    ValueError
        When the file is absent or lacks a column.
    """
    with opened_text(path) as stream:
        reader = csv.DictReader(stream)
        missing = sorted(set(columns) - set(reader.fieldnames or ()))
        if missing:
            raise ValueError(f"{path}: expected columns {', '.join(missing)}, was without them.")
        return list(reader)


def opened_text(path: Path) -> IO[str]:
    """Open a file of text that lies there gzipped or plain, whichever of both its name says.

    Packages hand the same table out in either form.

    Raises
    ------
    ValueError
        When it lies there in neither form.
    """
    plain = path.with_name(path.name.removesuffix(".gz"))
    for candidate in (path, plain, plain.with_name(f"{plain.name}.gz")):
        if candidate.is_file():
            opener = gzip.open if candidate.suffix == ".gz" else open
            return opener(candidate, "rt", encoding="utf-8-sig", newline="")
    raise ValueError(f"Expected the file {path} (gzipped or plain), was nothing there.")


def column(path: Path, rows: Sequence[dict[str, str]], field: str) -> Floats:
    """Return one column as numbers, float64[n].

    Raises
    ------
    ValueError
        When a cell is not a finite number; the message names file, row and field.
    """
    try:
        numbers = np.array([float(row[field]) for row in rows], dtype=np.float64)
        wrong = np.flatnonzero(~np.isfinite(numbers))
    except ValueError:
        wrong = np.array([i for i, row in enumerate(rows) if not _is_number(row[field])])
        numbers = np.zeros(0)
    if len(wrong):
        first = int(wrong[0])
        raise ValueError(
            f"{path}, row {first + 2}, {field}: expected a number, was {rows[first][field]!r}."
        )
    return numbers


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def people_per_km2(places: Places, neighbour_count: int = 9) -> Floats:
    """Return the density of people around each place, float64[n], per km².

    People of the nearest ``neighbour_count`` places (itself included) over their area: a park
    does not turn a city block into countryside.
    """
    from scipy.spatial import KDTree

    k = min(neighbour_count, len(places))
    _, near = KDTree(places.plane_m).query(places.plane_m, k=k)
    near = near.reshape(len(places), k)
    density: Floats = places.population[near].sum(axis=1) / places.area_km2[near].sum(axis=1)
    return density
