"""Read the cells of an .xlsx sheet with nothing but the standard library."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

Rows = list[list[object]]

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheet(path: Path, name: str) -> Rows:
    """Return the cells of a sheet by row: numbers, texts, booleans, and None where empty.

    Rows without any cell are left out; cached values of formulas are read.

    Raises
    ------
    ValueError
        When the workbook has no sheet of that name.
    """
    with zipfile.ZipFile(path) as archive:
        target = _target(archive, path, name)
        words = _shared_words(archive)
        root = ET.fromstring(archive.read(f"xl/{target}"))  # noqa: S314 - our own source files
    rows: Rows = []
    for row in root.iter(f"{_MAIN}row"):
        cells: dict[int, object] = {}
        for cell in row.iter(f"{_MAIN}c"):
            cells[_column(cell.get("r", "A1"))] = _value(cell, words)
        if cells:
            rows.append([cells.get(i) for i in range(max(cells) + 1)])
    return rows


def _target(archive: zipfile.ZipFile, path: Path, name: str) -> str:
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
    links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    found = {s.get("name"): targets[s.get(_RELATION)] for s in book.iter(f"{_MAIN}sheet")}
    if name not in found:
        raise ValueError(f"Expected a sheet {name!r} in {path.name}, was {list(found)}.")
    return found[name].removeprefix("/xl/")


def _shared_words(archive: zipfile.ZipFile) -> list[str]:
    root = ET.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314
    return ["".join(t.text or "" for t in item.iter(f"{_MAIN}t")) for item in root]


def _column(reference: str) -> int:
    index = 0
    for letter in re.sub(r"[^A-Z]", "", reference):
        index = index * 26 + ord(letter) - 64
    return index - 1


def _value(cell: ET.Element, words: list[str]) -> object:
    text = cell.findtext(f"{_MAIN}v")
    kind = cell.get("t", "n")
    if text is None:
        return None
    if kind == "s":
        return words[int(text)]
    if kind == "b":
        return text == "1"
    if kind == "n":
        number = float(text)
        return int(number) if number.is_integer() else number
    return text
