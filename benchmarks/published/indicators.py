"""The published monthly ambulance quality indicators (AmbSYS) of eleven trusts and England."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec

ENGLAND: Final = "Eng"
"""Code of the whole of England; its centiles are measured, not means of the trusts' centiles."""


@dataclass(frozen=True, slots=True)
class Indicators:
    """One month of one trust, by AmbSYS code.

    ``values`` maps each code to the published integer (a count, or whole seconds), or to None
    where nothing was published. See `definition` for what a code means.
    """

    trust: str
    month: str
    values: Mapping[str, int | None]

    def __getitem__(self, code: str) -> int | None:
        """Return the published figure, or None where nothing was published for this month."""
        try:
            return self.values[code]
        except KeyError:
            raise ValueError(f"Expected an AmbSYS code such as A7, was {code!r}.") from None

    def known(self, code: str) -> int:
        """Return the published figure of a code.

        Raises
        ------
        ValueError
            When the code is unknown, or nothing was published.
        """
        value = self[code]
        if value is None:
            raise ValueError(
                f"Expected {code} of {self.trust} in {self.month} to be published, was empty."
            )
        return value


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What an AmbSYS code says: ``unit`` is ``count``, ``s`` (seconds) or ``s total``.

    ``confidence`` is ``high`` where the meaning was read in a dictionary or is proved by an
    identity, ``medium`` or ``low`` where it is inferred.
    """

    code: str
    meaning: str
    unit: str
    confidence: str


def month(trust: str, month: str) -> Indicators:
    """Return the indicators of one trust (ODS code, or ``Eng``) in one month (``2026-03``).

    Raises
    ------
    ValueError
        When that trust or month is not among the published ones.

    Examples
    --------
    >>> month("R1F", "2026-03")["A7"]
    2508
    """
    table = _table()
    try:
        return table[trust, month]
    except KeyError:
        raise ValueError(
            f"Expected a trust of {', '.join(trusts())} or {ENGLAND} and a month from "
            f"{months()[0]} to {months()[-1]}, was {trust!r} and {month!r}."
        ) from None


def months() -> tuple[str, ...]:
    """Return the months that are bundled, oldest first."""
    return tuple(sorted({key[1] for key in _table()}))


def trusts() -> tuple[str, ...]:
    """Return the ODS codes of the eleven trusts, in order of code."""
    return tuple(sorted({key[0] for key in _table()} - {ENGLAND}))


def definition(code: str) -> Definition:
    """Return what an AmbSYS code means.

    Raises
    ------
    ValueError
        When the code is not in the dictionary.
    """
    try:
        return _dictionary()[code]
    except KeyError:
        raise ValueError(f"Expected an AmbSYS code such as A7, was {code!r}.") from None


def codes() -> tuple[str, ...]:
    """Return every code of the dictionary, in numerical order."""
    return tuple(_dictionary())


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, Definition]:
    text = resources.files(__package__).joinpath("dictionary.toml").read_text(encoding="utf-8")
    found: dict[str, Definition] = {}
    for code, (meaning, unit, confidence) in tomllib.loads(text)["codes"].items():
        found[code] = Definition(code=code, meaning=meaning, unit=unit, confidence=confidence)
    return dict(sorted(found.items(), key=lambda item: int(item[0][1:])))


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], Indicators]:
    text = resources.files(__package__).joinpath("ambsys.csv").read_text(encoding="utf-8")
    rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    codes_ = next(rows)[2:]
    table: dict[tuple[str, str], Indicators] = {}
    for month_, trust_, *cells in rows:
        values = {c: int(v) if v else None for c, v in zip(codes_, cells, strict=True)}
        table[trust_, month_] = Indicators(trust_, month_, values)
    return table
