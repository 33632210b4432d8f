"""Ablation: each term of a configuration switched in turn, on the same calls and the same draws.

A term that is on is switched off, one that is off is switched on: both show what the term earns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from benchmarks.comparison_sample import Sample
from benchmarks.comparison_stats import Change, Difference
from dispatch.domain.settings import AidScope, PolicyNames, Settings
from dispatch.domain.term_switches import TermSwitches
from dispatch.domain.weighing import HarmParameters

CATEGORIES: Final = ("C1", "C2", "C3", "C4")
MEASURES: Final = ("harm", "diversions", "relocations", "drive_min", "aided")


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration that differs from its base in one term.

    ``was_on`` says whether the base has the term: then the variant is without it, else with it.
    """

    term: str
    words: str
    was_on: bool
    settings: Settings


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What one term earns: its configuration *with* the term against the one *without*, paired.

    Negative changes are shorter responses thanks to the term. ``verdict`` reads the C2 mean: the
    term ``earns`` when the whole interval is below 0, ``costs`` when it is above, else its effect
    is ``not shown``.
    """

    term: str
    words: str
    was_on: bool
    categories: dict[str, Difference | None]
    measures: dict[str, Change]
    verdict: str


class Ablation(msgspec.Struct, frozen=True, kw_only=True):
    """All terms of one configuration."""

    base: str
    seeds: int
    rows: tuple[Row, ...]


_TERM_WORDS: Final = {
    "look_ahead": "units about to be clear take part",
    "exchange": "units on their way may be exchanged, diverted below C1, relieved for C1",
    "switch": "a price and a least gain for taking a unit off its way",
    "coverage": "cover lost by the area that the unit leaves",
    "price": "price of a unit to the trust that lends it",
    "crew": "skill, end of duty and meal break of the crew",
}

_POLICY_TERMS: Final = (
    ("joint", "assign", "joint", "nearest", "C2 to C4 matched together"),
    ("destination", "convey", "least_wait", "nearest", "hospital by travel and expected wait"),
    ("relocation", "relocate", "cover", "home", "a freed unit goes where it covers most"),
    ("rebalancing", "rebalance", "cover", "never", "waiting units are moved now and then"),
)

COURSE_S: Final = 120
"""How often courses of patients on the way are looked at, where that is switched on."""

ROUND_S: Final = 20
"""How often somebody who waits is looked at again, where that is switched on."""


def variants(base: Settings, *, has_forecast: bool = False) -> tuple[Variant, ...]:
    """Return a configuration for each term of a base, with that term switched.

    Terms that the base cannot show are left out: those of the joint problem where assignment is
    not joint, mutual aid of a trust that has no other, a forecast that is not given.
    """
    found: list[Variant] = []

    def add(term: str, words: str, settings: Settings, *, was_on: bool) -> None:
        name = f"{base.name}{'-' if was_on else '+'}{term}"
        named = msgspec.structs.replace(settings, name=name)
        found.append(Variant(term=term, words=words, was_on=was_on, settings=named))

    for term, question, on, off, words in _POLICY_TERMS:
        was_on = getattr(base.policies, question) == on
        names: PolicyNames = msgspec.structs.replace(
            base.policies, **{question: off if was_on else on}
        )
        add(term, words, msgspec.structs.replace(base, policies=names), was_on=was_on)
    if base.policies.assign == "joint":
        for term, words in _TERM_WORDS.items():
            was_on = getattr(base.terms, term)
            if term == "price" and base.aid.scope is not AidScope.PRICED:
                continue
            terms: TermSwitches = msgspec.structs.replace(base.terms, **{term: not was_on})
            add(term, words, msgspec.structs.replace(base, terms=terms), was_on=was_on)
        _numbers(base, add)
    _more(base, add, has_forecast=has_forecast)
    return tuple(found)


def _numbers(base: Settings, add: Callable[..., None]) -> None:
    """Add the terms of the joint problem that are on by a number."""
    twice = base.joint.diversions_max > 1
    joint = msgspec.structs.replace(base.joint, diversions_max=1 if twice else 2)
    words = "a patient may lose the unit on its way a second time"
    add("second_diversion", words, msgspec.structs.replace(base, joint=joint), was_on=twice)
    grows = base.harm.growth_min < STEADY_MIN
    growth_min = STEADY_MIN if grows else HarmParameters().growth_min
    harm = msgspec.structs.replace(base.harm, growth_min=growth_min)
    words = "a minute weighs more the longer a C2 has waited"
    add("growth", words, msgspec.structs.replace(base, harm=harm), was_on=grows)


STEADY_MIN: Final = 1e6
"""Minutes over which the harm of waiting would double where every minute weighs alike."""


def _more(base: Settings, add: Callable[..., None], *, has_forecast: bool) -> None:
    """Add the terms that are numbers, or need something that is given."""
    again = base.round_every_s is not None
    add(
        "rounds",
        f"another look every {ROUND_S} s while somebody waits",
        msgspec.structs.replace(base, round_every_s=None if again else ROUND_S),
        was_on=again,
    )
    if base.policies.convey == "least_wait":
        changes = base.destination_every_s is not None
        words = "a patient on the way turns to another hospital for 8 minutes or more"
        every_s = None if changes else COURSE_S
        settings = msgspec.structs.replace(base, destination_every_s=every_s)
        add("change_of_course", words, settings, was_on=changes)
    if base.aid.scope is not AidScope.SILO:
        aid = msgspec.structs.replace(base.aid, scope=AidScope.SILO)
        words = "trusts help each other"
        add("mutual_aid", words, msgspec.structs.replace(base, aid=aid), was_on=True)
    if not has_forecast:
        return
    for term, words in (
        ("cover", "cover weighed by the forecast of the hour"),
        ("prices", "prices by the forecast of the coming hours"),
    ):
        was_on = getattr(base.forecast, term)
        use = msgspec.structs.replace(base.forecast, **{term: not was_on})
        add(f"forecast_{term}", words, msgspec.structs.replace(base, forecast=use), was_on=was_on)


Pair = Callable[[Sequence[Sample], Sequence[Sample]], dict[str, Any]]
"""Compares two lists of samples, seed by seed, as `benchmarks.comparison` does."""


def ablation(
    base: str,
    base_samples: Sequence[Sample],
    switched: Sequence[tuple[Variant, Sequence[Sample]]],
    pair: Pair,
) -> Ablation:
    """Return what each term earns, from samples of the base and of each variant, seed by seed."""
    rows = []
    for variant, samples in switched:
        with_term, without = (base_samples, samples) if variant.was_on else (samples, base_samples)
        found = pair(with_term, without)
        c2: Difference | None = found["C2"]
        rows.append(
            Row(
                term=variant.term,
                words=variant.words,
                was_on=variant.was_on,
                categories={category: found[category] for category in CATEGORIES},
                measures={name: found["measures"][name] for name in MEASURES},
                verdict=_verdict(c2),
            )
        )
    return Ablation(base=base, seeds=len(base_samples), rows=tuple(rows))


def _verdict(c2: Difference | None) -> str:
    if c2 is None or c2.mean_pct_lower is None or c2.mean_pct_upper is None:
        return "not shown"
    if c2.mean_pct_upper < 0.0:
        return "earns"
    return "costs" if c2.mean_pct_lower > 0.0 else "not shown"
