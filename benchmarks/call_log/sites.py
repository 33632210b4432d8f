"""Lists of sites that people have: hospitals and stations, each with a name and its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.call_log.rejects import Rejects
from benchmarks.call_log.source import form_of, open_source

NAMES: Final = ("name", "station name", "station", "hospital", "hospitalname", "site", "site name")
IDS: Final = ("id", "code", "site code", "ods code", "ods_code", "hospitalid", "site_code")
LONGITUDES: Final = ("lon", "longitude", "long", "lng")
LATITUDES: Final = ("lat", "latitude")


@dataclass(frozen=True, slots=True)
class Site:
    """A hospital or station that somebody knows: identifier, name and place."""

    id: str
    name: str
    lon: float
    lat: float


def read_sites(path: Path, what: str, delimiter: str | None = None) -> list[Site]:
    """Return the sites of a CSV file, however it is parted, by common names of its columns.

    Without a column of identifiers or of names, the other stands for it.

    Parameters
    ----------
    path
        The file.
    what
        What is listed, for messages.
    delimiter
        What parts the cells; None: it is found out.

    Raises
    ------
    ValueError
        When the file is missing, or a column or a row is not of this form; the message names it.
    """
    if not path.is_file():
        raise ValueError(f"Expected a CSV file of {what} at {path}, was nothing there.")
    form = form_of(path)
    if delimiter is not None:
        form = form._replace(delimiter=delimiter)
    source = open_source(path, Rejects(), **form._asdict(), repeats=True)
    lowered = {name.lower(): name for name in source.names}
    lon, lat = (_column(lowered, words, path) for words in (LONGITUDES, LATITUDES))
    name, code = (_found(lowered, words) for words in (NAMES, IDS))
    if name is None and code is None:
        raise _lacking(lowered, NAMES, path)
    sites = []
    for chunk in source.chunks:
        names = chunk.columns[name or code or ""]
        codes = chunk.columns[code or name or ""]
        rows = zip(chunk.rows, codes, names, chunk.columns[lon], chunk.columns[lat], strict=True)
        for number, one, words, x, y in rows:
            try:
                place = float(x.replace(",", ".")), float(y.replace(",", "."))
            except ValueError:
                raise ValueError(
                    f"{path}, row {number}: Expected lon and lat of {words!r} as numbers, "
                    f"was {x!r}, {y!r}."
                ) from None
            sites.append(Site(one.strip(), words.strip(), *place))
    return sites


def _found(lowered: dict[str, str], words: tuple[str, ...]) -> str | None:
    return next((lowered[word] for word in words if word in lowered), None)


def _column(lowered: dict[str, str], words: tuple[str, ...], path: Path) -> str:
    found = _found(lowered, words)
    if found is None:
        raise _lacking(lowered, words, path)
    return found


def _lacking(lowered: dict[str, str], words: tuple[str, ...], path: Path) -> ValueError:
    return ValueError(
        f"Expected a column {' or '.join(words)} in {path}, was {', '.join(lowered.values())}."
    )
