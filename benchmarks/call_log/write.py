"""Write a call log: CSV, gzipped CSV or Parquet, by the ending of the file's name."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.call_log.gathering import instant_text
from benchmarks.call_log.log import DEGREE_DECIMALS, SECOND_DECIMALS, CallLog
from benchmarks.call_log.parquet import write_parquet
from benchmarks.call_log.schema import COLUMNS

ENDINGS: Final = (".csv", ".csv.gz", ".parquet")
_AT_ONCE: Final = 8_192


def demand_ending(path: Path) -> None:
    """Refuse a name whose ending tells no format.

    Raises
    ------
    ValueError
        When the name ends in none of `ENDINGS`.
    """
    if not path.name.lower().endswith(ENDINGS):
        raise ValueError(f"Expected a name that ends in {', '.join(ENDINGS)}, was {path.name}.")


def write_log(log: CallLog, path: Path) -> None:
    """Write a log; equal logs give equal bytes in CSV, and in gzipped CSV of one zlib.

    The file appears whole or not at all: it is written beside its place and then moved there.

    Raises
    ------
    ValueError
        When the name ends in none of `ENDINGS`.
    """
    demand_ending(path)
    beside = path.with_name(f".{path.name}.part")
    try:
        if path.name.lower().endswith(".parquet"):
            write_parquet(log, beside)
        else:
            _write_csv(log, beside, packed=path.name.lower().endswith(".gz"))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _write_csv(log: CallLog, path: Path, *, packed: bool) -> None:
    with path.open("wb") as raw:
        # No name and no time in the gzip header: equal logs are equal files.
        target = gzip.GzipFile("", "wb", 6, raw, mtime=0) if packed else raw
        with io.TextIOWrapper(target, encoding="utf-8", newline="") as text:
            writer = csv.writer(text, lineterminator="\n")
            names = [c.name for c in COLUMNS if c.required or _has(log, c.name)]
            writer.writerow(names)
            for start in range(0, len(log), _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                writer.writerows(zip(*(_texts(log, name, part) for name in names), strict=True))


def _has(log: CallLog, name: str) -> bool:
    return name in log.words or name in log.numbers or name in log.instants


def _texts(log: CallLog, name: str, part: slice) -> Iterable[str]:
    if name == "incident_id":
        return log.incident_id[part]
    if name == "received_at":
        return instant_text(log.received_at_ms[part])
    if name in {"lon", "lat"}:
        return [f"{v:.{DEGREE_DECIMALS}f}" for v in getattr(log, name)[part].tolist()]
    if name in log.instants:
        return instant_text(log.instants[name][part])
    if name in log.numbers:
        return _numbers(log, name, part)
    words = log.category if name == "category" else log.words[name]
    return [words.vocabulary[code] for code in words.code[part].tolist()]


def _numbers(log: CallLog, name: str, part: slice) -> Sequence[str]:
    values = log.numbers[name][part]
    if name == "frail":
        return ["" if v != v else "true" if v else "false" for v in values.tolist()]  # noqa: PLR0124
    if not np.any(np.mod(values[~np.isnan(values)], 1)):
        return ["" if v != v else str(int(v)) for v in values.tolist()]  # noqa: PLR0124
    return ["" if v != v else f"{v:.{SECOND_DECIMALS}f}" for v in values.tolist()]  # noqa: PLR0124
