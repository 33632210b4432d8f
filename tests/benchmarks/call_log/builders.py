"""Small logs for tests: each shows only what the test is about."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

from benchmarks.call_log.read import Reading, read_log

A_ROW = {
    "incident_id": "i1",
    "received_at": "2026-03-01T08:15:00.000Z",
    "lon": "-1.2973",
    "lat": "50.6994",
    "category": "C2",
}


def rows(*changes: dict[str, str]) -> list[dict[str, str]]:
    """Return plain rows, numbered, each with its changes."""
    return [A_ROW | {"incident_id": f"i{n}"} | change for n, change in enumerate(changes, start=1)]


def written(path: Path, table: list[dict[str, str]]) -> Path:
    """Write rows as CSV."""
    names = list(dict.fromkeys(name for row in table for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    return path


def packed(path: Path) -> Path:
    """Return a gzipped copy of a file."""
    target = path.with_suffix(path.suffix + ".gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    return target


def reading_of(folder: Path, *changes: dict[str, str], **options: object) -> Reading:
    """Read a log of plain rows with the given changes."""
    return read_log(written(folder / "log.csv", rows(*changes)), **options)
