"""What a composed log assumes: the content of ``composition.toml``, checked and typed."""

from __future__ import annotations

import hashlib
import tomllib
from functools import lru_cache
from importlib import resources
from pathlib import Path

import msgspec


class _Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    source: str
    confidence: str


class Places(_Block, frozen=True, kw_only=True):
    """Weight of a resident in the choice of the place, by age."""

    weight_under_65: float
    weight_65_plus: float


class DayLevel(_Block, frozen=True, kw_only=True):
    """Variation of whole days beyond weekday and chance."""

    level_cv: float


class Segments(_Block, frozen=True, kw_only=True):
    """Shares of the segments of Category 2."""

    A: float
    B: float
    C: float


class HearAndTreat(_Block, frozen=True, kw_only=True):
    """How incidents closed by telephone, other than C5, are split by category."""

    C2: float
    C3: float
    C4: float


class Conveyed(_Block, frozen=True, kw_only=True):
    """Shares conveyed of kinds that the published model does not know."""

    HCP: float
    IFT: float
    C5: float


class Repeat(_Block, frozen=True, kw_only=True):
    """Share of incidents that are a caller's next contact, and within how many hours."""

    share: float
    within_h: float


class Coding(_Block, frozen=True, kw_only=True):
    """Seconds from answer to category at given shares, for the public and for professionals."""

    shares: tuple[float, ...]
    triage_s: tuple[float, ...]
    professional_s: tuple[float, ...]


class Ages(_Block, frozen=True, kw_only=True):
    """Ages at given shares, below and from 65; ``national_65_plus`` anchors the places."""

    national_65_plus: float
    shares_under_65: tuple[float, ...]
    years_under_65: tuple[float, ...]
    shares_65_plus: tuple[float, ...]
    years_65_plus: tuple[float, ...]


class Frailty(_Block, frozen=True, kw_only=True):
    """Share of patients who live with frailty, from each age on."""

    from_years: tuple[float, ...]
    share: tuple[float, ...]


class PathwayShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pathway that a complaint may need, and how often."""

    pathway: str
    share: float


class Paediatric(_Block, frozen=True, kw_only=True):
    """Children who need a children's emergency department."""

    below_years: float
    share: float


class Assumptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that a composed log assumes beyond published figures.

    ``complaints`` gives shares by kind of incident (C1 to C5, HCP, IFT), ``age_65_plus`` the share
    aged 65 and over by complaint, ``roads`` the weight of road classes; these three also hold
    their ``source`` and ``confidence``. ``sha256`` names the content of the file.
    """

    places: Places
    day: DayLevel
    segments: Segments
    hear_and_treat: HearAndTreat
    conveyance: Conveyed
    repeat: Repeat
    coding: Coding
    age: Ages
    frailty: Frailty
    complaints: dict[str, dict[str, float]]
    age_65_plus: dict[str, float]
    pathways: dict[str, PathwayShare]
    paediatric: Paediatric
    roads: dict[str, float]
    sha256: str


def load_assumptions(path: Path | None = None) -> Assumptions:
    """Return the assumptions of a file, or the bundled ones.

    Raises
    ------
    ValueError
        When the file is not TOML, or a field is missing, unknown or of another type.
    """
    if path is None:
        return _bundled()
    return _read(path.read_bytes(), str(path))


@lru_cache(maxsize=1)
def _bundled() -> Assumptions:
    file = resources.files(__package__).joinpath("composition.toml")
    return _read(file.read_bytes(), "composition.toml")


def _read(content: bytes, name: str) -> Assumptions:
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"Expected TOML in {name}, was not: {error}.") from error
    for table in ("complaints", "age_65_plus", "pathways", "roads"):
        labels = [document.get(table, {}).pop(label, "") for label in ("source", "confidence")]
        if not all(labels):
            raise ValueError(f"Expected source and confidence in [{table}] of {name}, was without.")
    document["sha256"] = hashlib.sha256(content).hexdigest()
    try:
        return msgspec.convert(document, Assumptions)
    except msgspec.ValidationError as error:
        raise ValueError(f"Expected complete assumptions in {name}: {error}.") from error
