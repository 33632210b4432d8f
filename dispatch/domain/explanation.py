"""Why a decision is as it is: candidates, verdicts, terms of a cost; and the base of decisions."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What became of a candidate, and why."""

    CHOSEN = "chosen"
    SLOWER = "slower"
    """Could have gone, and would have arrived later."""
    COSTLIER = "costlier"
    """Could have gone, and would have cost other patients more."""
    OFF_DUTY = "off_duty"
    OUT_OF_SERVICE = "out_of_service"
    ON_BREAK = "on_break"
    BUSY = "busy"
    """On a job that it cannot leave."""
    WRONG_KIND = "wrong_kind"
    """This kind of unit is not sent in this role to this category."""
    UNSKILLED = "unskilled"
    OTHER_TRUST = "other_trust"
    """Belongs to a trust whose help is not agreed, or not worth its price there."""
    SHIFT_ENDED = "shift_ended"
    STALE_POSITION = "stale_position"
    UNREACHABLE = "unreachable"
    OUT_OF_REACH = "out_of_reach"
    """Further than this kind of responder is asked to travel."""
    NOT_GRAVER = "not_graver"
    """On its way to an incident that is as urgent."""
    NEARLY_THERE = "nearly_there"
    """Too close to its patient to be diverted."""
    ALREADY_DIVERTED = "already_diverted"
    """Its patient has lost a unit before."""
    GAIN_TOO_SMALL = "gain_too_small"
    FULL = "full"
    """Of hospitals: not accepting."""
    NO_PATHWAY = "no_pathway"
    """Of hospitals: cannot take this specialist pathway."""
    DEFLECTED = "deflected"
    """Of hospitals: an agreement sends this patient elsewhere for now."""
    CAPPED = "capped"
    """Of hospitals: has had its share of arrivals this hour."""


class Candidate(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One unit, hospital or post that was considered: its name, what became of it, and its ETA."""

    id: str
    verdict: Verdict
    eta_ms: int | None = None


class Term(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One addend of a cost: its name and its value in the cost's unit (weighted minutes)."""

    name: str
    value: float


class Explanation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Why a decision is as it is.

    ``candidates`` lists the nearest that were considered, best first, then refused ones; the
    others are only counted, by verdict, in ``others``. ``terms`` adds up to the cost of the
    choice, where a cost was weighed; ``degraded`` names what could not be taken into account.
    """

    candidates: tuple[Candidate, ...] = ()
    others: dict[Verdict, int] = {}
    terms: tuple[Term, ...] = ()
    degraded: tuple[str, ...] = ()
    note: str = ""


class DecisionBase(
    msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True, gc=False
):
    """Base of all decisions; the tag in JSON is the name of the class under ``type``."""
