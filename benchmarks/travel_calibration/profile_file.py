"""Travel profiles on disk: a calibration as readable TOML, with its version."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.travel_calibration.calibration import Calibration, content_version


def save_profile(calibration: Calibration, path: Path) -> None:
    """Write a calibration; equal calibrations are equal files."""
    path.write_text("\n".join(_lines(calibration)) + "\n", encoding="utf-8")


def load_profile_file(path: Path) -> Calibration:
    """Return the calibration of a file.

    Raises
    ------
    ValueError
        When it is no calibration, or its version does not fit what it says.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        calibration = msgspec.convert(document, Calibration)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"Expected TOML in {path}, was not: {error}.") from error
    except msgspec.ValidationError as error:
        raise ValueError(f"Expected a travel profile in {path}: {error}.") from error
    expected = content_version(calibration)
    if calibration.version != expected:
        raise ValueError(
            f"Expected version {expected} in {path}, was {calibration.version}: it was changed."
        )
    return calibration


def _lines(calibration: Calibration) -> Iterator[str]:
    said = msgspec.to_builtins(calibration)
    tables = {name: said.pop(name) for name in ("curve", "modes", "hours", "prior_sd")}
    lists = {name: said.pop(name) for name in ("districts", "areas", "stations")}
    yield "# Travel times fitted to observed journeys: see docs/how-to/calibrate-travel-times.md."
    yield from _pairs(said)
    # Inline, so that the lists below stay entries of the whole and not of the last table.
    yield from (f"{name} = {_inline(table)}" for name, table in tables.items())
    yield "\n# Squares of the map, by number from west and south; effects are logarithms."
    for name, rows in lists.items():
        yield f"{name} = ["
        yield from (f"  {_inline(row)}," for row in rows)
        yield "]"


def _pairs(table: dict[str, object]) -> Iterator[str]:
    yield from (f"{_key(name)} = {_value(value)}" for name, value in table.items())


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() else json.dumps(name)


def _inline(table: dict[str, object]) -> str:
    return "{ " + ", ".join(_pairs(table)) + " }"


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    # JSON's strings and numbers are TOML's; whole floats keep their point, so they stay floats.
    return json.dumps(value, ensure_ascii=False)
