"""Mapping files: read one by its path, or a bundled one by its name."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import msgspec

from benchmarks.call_log.mapping import Mapping
from benchmarks.call_log.mapping_rules import faults_of


def load_mapping(path_or_name: Path | str) -> Mapping:
    """Return the mapping of a file, or a bundled one by its name.

    Raises
    ------
    ValueError
        When there is no such mapping, or it cannot be followed; the message says why.
    """
    path = Path(path_or_name)
    bundled = resources.files(__package__).joinpath("mappings", f"{path_or_name}.toml")
    if not path.is_file() and not bundled.is_file():
        known = ", ".join(bundled_mappings())
        raise ValueError(f"Expected a mapping file or one of {known}, was {path_or_name}.")
    source = path if path.is_file() else bundled
    return read_mapping(source.read_text(encoding="utf-8"), str(path_or_name))


def bundled_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that come with the package."""
    folder = resources.files(__package__).joinpath("mappings")
    names = [file.name.removesuffix(".toml") for file in folder.iterdir()]
    return tuple(sorted(names))


def read_mapping(text: str, name: str) -> Mapping:
    """Return the mapping that a text says.

    Raises
    ------
    ValueError
        When the text is not TOML, has unknown or missing fields, or contradicts itself.
    """
    try:
        mapping = msgspec.convert({**tomllib.loads(text), "path": name}, Mapping)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"Expected TOML in {name}, was not: {error}.") from error
    except msgspec.ValidationError as error:
        raise ValueError(f"Expected a mapping in {name}: {error}.") from error
    faults = faults_of(mapping)
    if faults:
        raise ValueError(f"Expected a mapping that can be followed in {name}: {' '.join(faults)}")
    return mapping
