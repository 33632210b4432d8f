"""What kind of file a log is: opened and unpacked, or refused by the name of what it is."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from pathlib import Path
from typing import IO, Final, Literal, cast

Kind = Literal["csv", "json", "parquet"]

BROKEN: Final = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile)
"""What is raised while a packed file is read that was cut off or damaged."""

START_BYTES: Final = 65_536
PARQUET_MARK: Final = b"PAR1"
_AGAIN: Final = "download or copy it again"
_MARK_BYTES: Final = b"\xef\xbb\xbf"
_SAVED_AS_CSV: Final = "open it and save its sheet as CSV UTF-8"

_MARKS: Final = (
    (b"PAR1", "a Parquet file in an archive", "unpack it"),
    (b"\x1f\x8b", "a gzip archive in an archive", "unpack it"),
    (b"PK\x03\x04", "an archive in an archive", "unpack it"),
    (b"PK\x05\x06", "an empty zip archive", _AGAIN),
    (b"%PDF", "a PDF document", "ask for the table behind it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old workbook of Excel (.xls)", _SAVED_AS_CSV),
    (b"{\\rtf", "a text document (RTF)", "ask for the table as CSV"),
    (b"SQLite format 3\0", "an SQLite database or GeoPackage", "export its table as CSV"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it: zstd -d FILE"),
    (b"BZh", "a bzip2 archive", "unpack it: bunzip2 FILE"),
    (b"\xfd7zXZ\0", "an xz archive", "unpack it: unxz FILE"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it"),
    (b"Rar!", "a RAR archive", "unpack it"),
    (b"ARROW1", "an Arrow or Feather file", "write it again as Parquet"),
    (b"Obj\x01", "an Avro file", "write it again as Parquet"),
    (b"ORC", "an ORC file", "write it again as Parquet"),
    (b"\x89HDF", "an HDF5 file", "write it again as Parquet"),
    (b"\x00\x00\x27\x0a", "the geometry of a shapefile", "export it as CSV or GeoJSON"),
    (b"\x89PNG", "a picture", "ask for the table as CSV"),
    (b"\xff\xd8\xff", "a picture", "ask for the table as CSV"),
    (b"version https://git-lfs", "a pointer of Git LFS", "fetch the file itself: git lfs pull"),
)
_TAR: Final = slice(257, 262)
_TITLE: Final = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_PAGE: Final = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<meta", b"<table")
_TABLE_NAMES: Final = ((".csv", ".tsv", ".json", ".geojson", ".ndjson", ".jsonl"), (".txt",))
"""Endings of tables, the surer before the less sure."""
_SHOWN: Final = 4


def kind_of(path: Path) -> Kind:
    """Return whether a file, packed or not, is CSV text, JSON or Parquet, by its content.

    Raises
    ------
    ValueError
        When it is something else; the message says what, and what to do.
    FileNotFoundError
        When there is no such file.
    """
    if path.is_dir():
        raise ValueError(f"Expected a file at {path}, was a folder: name one file in it.")
    with path.open("rb") as file:
        if file.read(4) == PARQUET_MARK:
            return "parquet"
    with opened(path) as file:
        start = start_of(path, file)
    if not start.strip():
        raise ValueError(f"Expected {_expected(path)} in {path}, was an empty file: {_AGAIN}.")
    if _is_json(start):
        return "json"
    _refuse(path, start, may_be_wide=True)
    return "csv"


def demand_csv(path: Path, start: bytes) -> None:
    """Refuse a file whose first bytes are not those of CSV in single bytes.

    Raises
    ------
    ValueError
        When they are of something else; the message says of what.
    """
    if _is_json(start):
        raise ValueError(f"Expected CSV text in {path}, was JSON.")
    _refuse(path, start, may_be_wide=False)
    if b"\r" in start and b"\n" not in start:
        raise ValueError(
            f"Expected {path} to have lines ended by LF, was CR alone: save it again as CSV UTF-8."
        )


def start_of(path: Path, file: IO[bytes]) -> bytes:
    """Return the first bytes of a file that was opened, and go back to its beginning.

    Raises
    ------
    ValueError
        When the file is packed and broken.
    """
    try:
        start = file.read(START_BYTES)
        file.seek(0)
    except BROKEN as error:
        raise broken(path, error) from error
    return start


def broken(path: Path, error: Exception) -> ValueError:
    """Return what to say of a packed file that cannot be unpacked to its end."""
    return ValueError(f"Expected {path} to be whole, was cut off or damaged ({error}): {_AGAIN}.")


def opened(path: Path) -> IO[bytes]:
    """Open a file for reading; gzip, and a zip archive with one table, are unpacked on the way.

    Raises
    ------
    ValueError
        When an archive is broken, locked, a workbook, or holds several tables.
    FileNotFoundError
        When there is no such file.
    """
    with path.open("rb") as file:
        mark = file.read(4)
    if mark == b"PK\x03\x04":
        return _unzipped(path)
    if mark[:2] == b"\x1f\x8b":
        # It reads and seeks like any binary file; only its stub does not call it one.
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")


def _unzipped(path: Path) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise broken(path, error) from error
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    if what := _document(names):
        raise ValueError(f"Expected {_expected(path)} in {path}, was {what}: {_SAVED_AS_CSV}.")
    names = [n for n in names if not n.startswith("__MACOSX/") and Path(n).name[:1] != "."]
    ended = ([n for n in names if n.lower().endswith(endings)] for endings in _TABLE_NAMES)
    tables = next(filter(None, ended), names)
    if len(tables) != 1:
        shown = ", ".join(tables[:_SHOWN]) + (" …" if len(tables) > _SHOWN else "")
        raise ValueError(
            f"Expected one table in the archive {path}, was {len(tables)} ({shown}): unpack the "
            "one that has the incidents."
        )
    try:
        return archive.open(tables[0])
    except NotImplementedError as error:
        # So zipfile says that it cannot unpack what other programs packed, whole as it may be.
        raise ValueError(
            f"Expected a zip archive packed as usual (deflate) in {path}, was packed otherwise "
            f"({error}): unpack it."
        ) from error
    except RuntimeError as error:
        raise ValueError(
            f"Expected {path} to open without a password, was locked: unpack it."
        ) from error
    except zipfile.BadZipFile as error:
        raise broken(path, error) from error


def _document(names: list[str]) -> str | None:
    """Return which document an archive with such files is; None when it is none."""
    if "[Content_Types].xml" in names:
        is_sheet = any(name.startswith("xl/") for name in names)
        return "a workbook of Excel" if is_sheet else "a document of Office"
    return "an OpenDocument file" if {"mimetype", "content.xml"} <= {*names} else None


def _expected(path: Path) -> str:
    """Return what a file should be: what its name says, or any kind that is read."""
    ending = path.suffix.lower()
    names = {".parquet": "Parquet", ".pq": "Parquet", ".gz": "gzip", ".zip": "a zip archive"}
    said = names.get(ending) or {".json": "JSON", ".geojson": "GeoJSON"}.get(ending)
    return f"{said}, as its name says," if said else "CSV, JSON or Parquet"


def _is_json(start: bytes) -> bool:
    """Test whether text begins as JSON does; a header may begin with a bracket too."""
    text = start.removeprefix(_MARK_BYTES).lstrip(b"\x1e \t\r\n")
    return re.match(rb'\[\s*[\[{\]]|\{\s*["}]', text) is not None


def _refuse(path: Path, start: bytes, *, may_be_wide: bool) -> None:
    """Refuse what is no text of lines; ``may_be_wide``: UTF-16 is text as well."""
    wide = wide_encoding(start)
    if wide is not None and may_be_wide:
        return
    if wide is not None:
        raise ValueError(
            f'Expected UTF-8 in {path}, was UTF-16 (a mapping reads it with encoding = "{wide}").'
        )
    found = next(((what, advice) for mark, what, advice in _MARKS if start.startswith(mark)), None)
    found = found or _archive_or_markup(start)
    if found is None and is_binary(start):
        found = "binary data of no kind that is known", f"{_AGAIN}, or ask for it as CSV"
    if found is not None:
        what, advice = found
        raise ValueError(f"Expected {_expected(path)} in {path}, was {what}: {advice}.")


def _archive_or_markup(start: bytes) -> tuple[str, str] | None:
    if start[_TAR] == b"ustar":
        return "a tar archive", "unpack it"
    text = start.removeprefix(_MARK_BYTES).lstrip().lower()
    if text.startswith(_PAGE) or (text.startswith(b"<?xml") and b"<html" in text[:2000]):
        title = _TITLE.search(start)
        words = " ".join(title[1].decode("utf-8", "replace").split()) if title else ""
        named = f" with the title {words!r}" if words else ""
        return (
            f"a web page{named}",
            "sign in and download the file itself; if it is a report with a table in it, "
            + _SAVED_AS_CSV.replace("its sheet", "it"),
        )
    if text.startswith(b"<"):
        return "XML", "export it as CSV, JSON or Parquet"
    return None


def wide_encoding(start: bytes) -> str | None:
    """Return the encoding of text of two bytes a letter, with its mark or without; else None.

    Without a mark it shows by its noughts: every second byte of western text is one.
    """
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    some = start[:_WIDE_BYTES]
    shares = [some[first::2].count(0) / max(1, len(some) // 2) for first in (0, 1)]
    if max(shares) < _WIDE_SHARE_MIN or min(shares) > 1 - _WIDE_SHARE_MIN:
        return None
    return "utf-16-le" if shares[1] > shares[0] else "utf-16-be"


_WIDE_BYTES: Final = 4000
_WIDE_SHARE_MIN: Final = 0.8


def is_binary(start: bytes) -> bool:
    """Test whether bytes are no text: the first line has what no text has, and so has the rest.

    A single bad record further down does not make it so; records are judged one by one.
    """
    lines = start.lstrip(b"\r\n").split(b"\n", 1)
    head = lines[0]
    controls = len(_CONTROL.findall(start)) / max(1, len(start))
    return controls > _CONTROL_SHARE_MAX and (_CONTROL.search(head) is not None or not _utf8(head))


_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c\x1d\x1f\x7f]")
_CONTROL_SHARE_MAX: Final = 0.02


def _utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
