"""The eleven English ambulance trusts: names and the people they serve."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources

import msgspec


class PublishedTrust(msgspec.Struct, frozen=True, kw_only=True):
    """A trust with the people who live in its area at the Census of 2021."""

    code: str
    name: str
    short_name: str
    population: int
    aged_65_plus: int
    place_count: int


def trust(code: str) -> PublishedTrust:
    """Return a trust by its ODS code.

    Raises
    ------
    ValueError
        When no English ambulance trust has that code.
    """
    try:
        return _trusts()[code]
    except KeyError:
        known = ", ".join(_trusts())
        raise ValueError(f"Expected a trust code of {known}, was {code!r}.") from None


@lru_cache(maxsize=1)
def _trusts() -> dict[str, PublishedTrust]:
    text = resources.files(__package__).joinpath("trusts.toml").read_text(encoding="utf-8")
    entries = msgspec.convert(tomllib.loads(text)["trusts"], list[PublishedTrust])
    return {entry.code: entry for entry in entries}
