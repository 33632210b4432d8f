"""Rows of JSON: an array of objects, an object a line, GeoJSON, or what portals put around it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from benchmarks.call_log.gathering import Chunk
from benchmarks.call_log.kinds import BROKEN, broken, opened
from benchmarks.call_log.rejects import Problem, Rejects

ROWS_OF_NAMES: Final = 100_000
"""So many objects are looked through for names of columns: exports leave out what is empty."""
OBJECT_LETTERS_MAX: Final = 32 * 2**20
"""A longer object is a mistake."""
_READ_LETTERS: Final = 2**20
_LISTS: Final = ("features", "records", "results", "rows", "items", "data", "value", "incidents")
"""Names under which portals put the list of rows, the most particular first."""
_WRAPPED: Final = ("properties", "attributes", "fields")
"""Names under which a row has its columns, beside its geometry."""
_COLUMNS_MIN: Final = 4
"""With fewer columns there is no log of calls: an identifier, a time, and a place."""
_SHOWN: Final = 80

Item = tuple[int, Any]
"""Number of a row, from 1 (of an object a line, of the line), and its object or its fault."""


def json_columns(
    path: Path, rejects: Rejects, wanted: Callable[[str], bool] | None, rows_at_once: int
) -> tuple[tuple[str, ...], Iterator[Chunk]]:
    """Return the names of all columns, and the wanted ones as text, some rows at a time.

    Parts of a column are columns of their own, ``location.lat``; of a point in GeoJSON these are
    ``geometry.x`` and ``geometry.y``. A column that a row leaves out is empty there. Names are
    those of the first 100,000 rows.

    Raises
    ------
    ValueError
        When the file is no list of objects, or is cut off.
    """
    names: dict[str, None] = {}
    for _, value in islice(_items(path), ROWS_OF_NAMES):
        if isinstance(value, dict):
            names.update(dict.fromkeys(name for name, _ in _cells(value)))
    picked = [name for name in names if wanted is None or wanted(name)]
    return tuple(names), _chunks(path, picked, rejects, rows_at_once)


def _chunks(path: Path, picked: list[str], rejects: Rejects, rows_at_once: int) -> Iterator[Chunk]:
    items = _items(path)
    while some := list(islice(items, rows_at_once)):
        rows: list[int] = []
        table: dict[str, list[str]] = {name: [] for name in picked}
        for number, value in some:
            if not isinstance(value, dict):
                rejects.add(path.name, number, _fault(value))
                continue
            rows.append(number)
            cells = dict(_cells(value))
            for name, column in table.items():
                column.append(cells.get(name, ""))
        yield Chunk(rows, table)


def _fault(value: Any) -> Problem:
    if isinstance(value, Problem):
        return value
    return Problem("", "not an object", "a JSON object", json.dumps(value)[:_SHOWN])


def _cells(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the columns of a row: those of its properties as they are, its geometry beside."""
    inner = next((value[n] for n in _WRAPPED if isinstance(value.get(n), dict)), None)
    if inner is None:
        yield from _flat(value, "")
        return
    yield from _flat(inner, "")
    rest = {n: v for n, v in value.items() if n not in {*_WRAPPED, "type"} and n not in inner}
    yield from _flat(rest, "")


def _flat(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, part in value.items():
        if not isinstance(part, dict):
            yield prefix + name, _text(part)
        elif (spot := _spot(part)) is not None:
            yield f"{prefix}{name}.x", _text(spot[0])
            yield f"{prefix}{name}.y", _text(spot[1])
        else:
            yield from _flat(part, f"{prefix}{name}.")


def _spot(part: Mapping[str, Any]) -> Any:
    """Return longitude (or easting) and latitude of a point of GeoJSON; None when it is none."""
    places = part.get("coordinates")
    if part.get("type") == "MultiPoint" and isinstance(places, list) and len(places) == 1:
        places = places[0]
    elif part.get("type") != "Point":
        return None
    return places[:2] if isinstance(places, list) and len(places) >= 2 else ("", "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _items(path: Path) -> Iterator[Item]:
    """Yield the rows of a file one after the other; only a part of it is in memory."""
    with opened(path) as file:
        try:
            start = file.read(_READ_LETTERS)
            file.seek(0)
            if _is_of_lines(start):
                with TextIOWrapper(file, "utf-8-sig", "replace") as text:
                    yield from _lines(text)
            else:
                with TextIOWrapper(file, "utf-8-sig") as text:
                    yield from _listed(text, path)
        except BROKEN as error:
            raise broken(path, error) from error
        except UnicodeDecodeError as error:
            raise ValueError(f"Expected {path} to be UTF-8, was not: {error}.") from error


def _is_of_lines(start: bytes) -> bool:
    """Test whether there is an object a line: the first line is one, and no list of rows."""
    text = start.decode("utf-8-sig", "replace").lstrip("\x1e \t\r\n")
    first, _, rest = text.partition("\n")
    if not text.startswith("{"):
        return False
    try:
        value = json.loads(first)
    except ValueError:
        return False
    if rest.lstrip("\x1e \t\r\n").startswith("{"):
        return True
    # A single object is an answer with a list in it, or with the reason why there is none.
    return len(value) >= _COLUMNS_MIN and not any(isinstance(value.get(n), list) for n in _LISTS)


def _lines(file: IO[str]) -> Iterator[Item]:
    for number, line in enumerate(file, start=1):
        text = line.strip("\x1e \t\r\n")
        if not text:
            continue
        try:
            yield number, json.loads(text)
        except ValueError:
            yield number, Problem("", "not JSON", "an object of JSON", text[:_SHOWN])


def _listed(file: IO[str], path: Path) -> Iterator[Item]:
    """Yield the rows of an array, at the top of a file or inside an object."""
    text = _Text(file)
    text.more()
    text.skip_to(_first_row(text.letters, path))
    for number in range(1, 1 << 62):
        if text.at_end():
            return
        yield number, text.value(number, path)


def _first_row(letters: str, path: Path) -> int:
    """Return the place after the bracket that opens the list of rows."""
    start = len(letters) - len(letters.lstrip())
    if letters[start] == "[":
        found = start + 1
    else:
        opens = (re.search(rf'"{name}"\s*:\s*\[', letters) for name in _LISTS)
        match = next((match for match in opens if match is not None), None)
        if match is None:
            raise ValueError(
                f"Expected a list of objects in {path}, was JSON without one: "
                f"{letters[start : start + _SHOWN]!r}."
            )
        found = match.end()
    if letters[found:].lstrip()[:1] == "[":
        raise ValueError(
            f"Expected objects with names in {path}, was rows without names (a list of lists): "
            "export it as CSV."
        )
    return found


class _Text:
    """Letters of a file, of which those that were read are forgotten."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._decoder, self._is_whole = file, json.JSONDecoder(), False
        self.letters = ""
        self._at = 0

    def more(self) -> bool:
        """Read on; whether there was more."""
        more = self._file.read(_READ_LETTERS)
        self.letters, self._at = self.letters[self._at :] + more, 0
        self._is_whole = not more
        return bool(more)

    def skip_to(self, place: int) -> None:
        """Go to a place among the letters."""
        self._at = place

    def at_end(self) -> bool:
        """Pass over what stands between two values; whether the list is at its end."""
        while True:
            match = _BETWEEN.match(self.letters, self._at)
            assert match is not None
            self._at = match.end()
            if self._at < len(self.letters):
                return self.letters[self._at] == "]"
            if not self.more():
                return False

    def value(self, number: int, path: Path) -> Any:
        """Return the next value, and go behind it."""
        while True:
            try:
                value, self._at = self._decoder.raw_decode(self.letters, self._at)
            except json.JSONDecodeError as error:
                is_long = len(self.letters) - self._at > OBJECT_LETTERS_MAX
                is_unread = self._may_go_on(error) and not is_long
                if is_unread and self.more():
                    continue
                if is_unread:
                    raise broken(path, ValueError(f"in object {number}")) from error
                found = self.letters[self._at :][:_SHOWN]
                raise ValueError(
                    f"Expected object {number} of {path} to be JSON, was {found!r}."
                ) from error
            return value

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Test whether a value is not wrong but not wholly read."""
        return error.msg.startswith("Unterminated") or error.pos >= len(self.letters) - _WORD


_WORD: Final = 16
"""Longer than any word or escape of JSON."""
_BETWEEN: Final = re.compile(r"[\s,]*")
