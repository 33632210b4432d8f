"""Scenario files: read one by its path, or a bundled one by its name; check and stamp them."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.scenario.scenario import MajorIncident, Scenario, Window

_CHECKSUM_LINE = re.compile(r'^checksum\s*=\s*".*?"', re.MULTILINE)


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Return a bundled scenario by its name, or the scenario of a file.

    Raises
    ------
    ValueError
        When there is none, its checksum does not fit, or it contradicts itself.
    """
    path = Path(name_or_path)
    bundled = resources.files(__package__).joinpath("bundled", f"{name_or_path}.toml")
    if not path.is_file() and not bundled.is_file():
        known = ", ".join(bundled_scenarios())
        raise ValueError(f"Expected a scenario file or one of {known}, was {name_or_path}.")
    source = path if path.is_file() else bundled
    return read_scenario(source.read_text(encoding="utf-8"), str(name_or_path))


def bundled_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that come with the package."""
    folder = resources.files(__package__).joinpath("bundled")
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir()))


def read_scenario(text: str, name: str) -> Scenario:
    """Return the scenario that a text says.

    Raises
    ------
    ValueError
        When it is not TOML, has unknown or missing fields, a checksum that does not fit, or
        contradicts itself; the message says where.
    """
    document = _document(text, name)
    expected = _checksum(document)
    try:
        scenario = msgspec.convert({"checksum": "", **document, "name": name}, Scenario)
    except msgspec.ValidationError as error:
        raise ValueError(f"Expected a scenario in {name}: {error}.") from error
    if not scenario.checksum:
        raise ValueError(
            f"Expected a checksum in {name}, was none. `bluelight scenario stamp {name}` writes it."
        )
    if scenario.checksum != expected:
        raise ValueError(
            f"Expected checksum {expected} in {name}, was {scenario.checksum}: what the file says "
            f"was changed. `bluelight scenario stamp {name}` writes the new one."
        )
    if faults := list(_faults(scenario)):
        raise ValueError(f"Expected a scenario that can happen in {name}: {' '.join(faults)}")
    return scenario


def stamped(text: str, name: str) -> str:
    """Return a scenario's text with the checksum of what it says.

    Raises
    ------
    ValueError
        When the text is no scenario, apart from its checksum.
    """
    line = f'checksum = "{_checksum(_document(text, name))}"'
    found = _CHECKSUM_LINE.search(text)
    new = f"{line}\n{text}" if found is None else text[: found.start()] + line + text[found.end() :]
    read_scenario(new, name)
    return new


def _document(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"Expected TOML in {name}, was not: {error}.") from error


def _checksum(document: dict[str, Any]) -> str:
    said = {key: value for key, value in document.items() if key != "checksum"}
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=True, default=_instant_text)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def _instant_text(value: object) -> str:
    assert isinstance(value, (datetime, date, time))
    return value.isoformat()


def _faults(scenario: Scenario) -> Iterator[str]:
    windows: list[tuple[str, Window]] = []
    for kind in ("demand", "fleet", "hospital", "call_room"):
        windows += [(f"{kind} {change.name!r}", change) for change in getattr(scenario, kind)]
    for where, window in windows:
        yield from _window_faults(where, window)
    factors = [(change.name, change.factor) for change in scenario.demand]
    factors += [(change.name, change.factor) for change in scenario.fleet]
    for name, factor in factors:
        if not 0.0 <= factor <= 100.0:
            yield f"{name!r} has factor {factor}, which is not from 0 to 100."
    for outage in scenario.call_room:
        if not outage.buddies or outage.trust in outage.buddies:
            yield f"call_room {outage.name!r} needs buddies, and not itself."
    for incident in scenario.major_incident:
        yield from _major_faults(incident)
    names = [change.name for change in scenario.demand]
    if len(set(names)) != len(names):
        yield "Two demand changes have one name; their incidents could not be told apart."


def _window_faults(where: str, window: Window) -> Iterator[str]:
    if window.start is not None and window.end is not None and window.end <= window.start:
        yield f"{where} ends before it begins."
    for moment in (window.start, window.end):
        if moment is not None and moment.tzinfo is not None:
            yield f"{where} has an offset; times are local times of the region."
    if window.hours is not None and not all(0 <= hour <= 24 for hour in window.hours):
        yield f"{where} has hours outside 0 to 24."


def _major_faults(incident: MajorIncident) -> Iterator[str]:
    if incident.at.tzinfo is not None:
        yield f"major_incident {incident.name!r} has an offset; times are local times."
    if not 1 <= incident.patients <= 10_000:
        yield f"major_incident {incident.name!r} has {incident.patients} patients."
    if abs(sum(incident.categories.values()) - 1.0) > 0.001:
        yield f"Shares of categories of {incident.name!r} do not add up to 1."
