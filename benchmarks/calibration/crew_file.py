"""Calibrations of crews on disk: dated, with their sources and errors, readable and versioned."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.calibration.crews import TrustCrews, crewed
from benchmarks.calibration.search import Pair
from maps.region import Region

SOURCE: Final = (
    "NHS England, Ambulance Quality Indicators (AmbSYS) to March 2026, Open Government Licence v3.0"
)


class TrustCalibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found for one trust: its crews, and how near they come, by month."""

    crews: TrustCrews
    fitted: tuple[Pair, ...] = ()
    tested: tuple[Pair, ...] = ()


class CrewCalibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Crews of a region by trust, fitted to published months under one policy."""

    region: str
    made: date
    policy: str
    source: str = SOURCE
    trusts: dict[str, TrustCalibration] = {}


def load_crews(path: Path) -> CrewCalibration:
    """Return the calibration of a file.

    Raises
    ------
    ValueError
        When it is not one; the message says where.
    """
    return _read(path.read_text(encoding="utf-8"), str(path))


def bundled_crews(region: str) -> CrewCalibration:
    """Return the calibration that comes with the package for a bundled region.

    Raises
    ------
    ValueError
        When there is none for it.
    """
    file = resources.files(__package__).joinpath(f"{region}.toml")
    if not file.is_file():
        raise ValueError(f"Expected a region with a bundled calibration, was {region}.")
    return _read(file.read_text(encoding="utf-8"), f"{region}.toml")


def calibrated(region: Region, file: Path | None = None) -> Region:
    """Return a region with calibrated crews: of a file, or of the calibration that is bundled.

    Raises
    ------
    ValueError
        When there is no calibration, or it is of another region.
    """
    calibration = bundled_crews(region.name) if file is None else load_crews(file)
    if calibration.region != region.name:
        raise ValueError(f"Expected a calibration of {region.name}, was of {calibration.region}.")
    own = {trust.code for trust in region.trusts}
    return crewed(region, {c: t.crews for c, t in calibration.trusts.items() if c in own})


def save_crews(calibration: CrewCalibration, path: Path) -> None:
    """Write a calibration; equal calibrations are equal files."""
    path.write_text("\n".join(_lines(calibration)) + "\n", encoding="utf-8")


def _read(text: str, name: str) -> CrewCalibration:
    try:
        return msgspec.convert(tomllib.loads(text), CrewCalibration)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"Expected a calibration of crews in {name}: {error}.") from error


def _lines(calibration: CrewCalibration) -> Iterator[str]:
    yield "# Crews fitted to published months by `bluelight calibrate fleet`; see"
    yield "# docs/explanation/calibration.md. Seconds, and shares of patients seen face to face."
    yield f'region = "{calibration.region}"'
    yield f"made = {calibration.made.isoformat()}"
    yield f'policy = "{calibration.policy}"'
    yield f'source = "{calibration.source}"'
    for code, trust in sorted(calibration.trusts.items()):
        yield f"\n[trusts.{code}]"
        yield f"crews = {_inline(msgspec.to_builtins(trust.crews))}"
        for name, pairs in (("fitted", trust.fitted), ("tested", trust.tested)):
            yield f"{name} = ["
            for pair in pairs:
                said = {key: _rounded(value) for key, value in msgspec.to_builtins(pair).items()}
                yield "  { " + ", ".join(f"{k} = {_inline(v)}" for k, v in said.items()) + " },"
            yield "]"


def _rounded(figures: dict[str, object]) -> dict[str, object]:
    """Return figures as a file keeps them: shares to a hundredth of a per cent, whole seconds."""
    return {
        name: _shortened(value) if isinstance(value, float) else value
        for name, value in figures.items()
    }


def _shortened(value: float) -> float:
    return int(value) if value.is_integer() else round(value, 4)


def _inline(table: dict[str, object]) -> str:
    return "{ " + ", ".join(f"{key} = {_value(value)}" for key, value in table.items()) + " }"


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else repr(value)
