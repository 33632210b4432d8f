"""How long each part of an ambulance's job takes: lognormal shapes by category."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Literal

import msgspec

Part = Literal["travel_to_scene", "scene", "conveyance", "clear"]


class Lognormal(msgspec.Struct, frozen=True, kw_only=True):
    """A lognormal time: ``log_mean`` and ``log_sd`` of the natural logarithm of minutes."""

    log_mean: float
    log_sd: float


class JobCycle(msgspec.Struct, frozen=True, kw_only=True):
    """Shapes of the parts of a job by category, for patients who are conveyed and who are not.

    Keys are ``C1`` to ``C4``. Travel times depend on the place and are here for comparison only;
    ``scene``, ``conveyance`` and ``clear`` are what a simulation draws. ``pre_handover_min`` is
    the part of a handover that no hospital avoids.
    """

    source: str
    licence: str
    confidence: str
    pre_handover_min: float
    conveyed: dict[Part, dict[str, Lognormal]]
    not_conveyed: dict[Part, dict[str, Lognormal]]


class Conveyance(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of patients seen face to face who are conveyed, by category, and of those to an ED."""

    source: str
    conveyed_share: dict[str, float]
    to_ed_share: float


def job_cycle() -> JobCycle:
    """Return the job-cycle shapes."""
    return msgspec.convert(_document()["job_cycle"], JobCycle)


def conveyance() -> Conveyance:
    """Return the model shares of conveyance; a trust's own published split goes before them."""
    return msgspec.convert(_document()["conveyance"], Conveyance)


@lru_cache(maxsize=1)
def _document() -> dict[str, object]:
    text = resources.files(__package__).joinpath("job_cycle.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
