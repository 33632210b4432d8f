"""Escalation: OPEL of hospitals, REAP and the clinical safety plan of trusts.

Levels are named sets of configuration. The engine proposes, with evidence; a person confirms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, TypeVar

import msgspec

from dispatch.domain.trigger_quantity import Values
from dispatch.domain.trigger_rule import Evidence, TriggerRule, is_fired

Setting = bool | int | float | str | tuple[str, ...]
"""A value of configuration."""


_Config = TypeVar("_Config", bound=msgspec.Struct)


class Scheme(StrEnum):
    """What a level belongs to."""

    OPEL = "opel"
    """Operational pressures of a hospital, 1 to 4."""
    REAP = "reap"
    """Resource escalation of an ambulance trust, 1 to 4; reviewed at least weekly."""
    SAFETY_PLAN = "safety_plan"
    """Clinical safety plan of a trust, minute to minute, 0 (off) to 4."""


LEVELS: Final[dict[Scheme, tuple[int, int]]] = {
    Scheme.OPEL: (1, 4),
    Scheme.REAP: (1, 4),
    Scheme.SAFETY_PLAN: (0, 4),
}
"""Lowest and highest level of each scheme; the lowest is normal working."""


class EscalationError(ValueError):
    """A level that cannot be confirmed or undone as asked."""


class Band(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Scores of one parameter: one point more past each limit, in the order of getting worse.

    ``falls`` is True when lower values are worse.
    """

    name: str
    limits: tuple[float, ...]
    falls: bool = False

    def __post_init__(self) -> None:
        steps = sorted(self.limits, reverse=self.falls)
        if tuple(steps) != self.limits or len(set(steps)) != len(steps) or not steps:
            raise ValueError(
                f"Expected limits of {self.name} that get worse one by one, was {self.limits}."
            )

    def score(self, value: float) -> int:
        """Return the points of a value: the number of limits that it is past."""
        if self.falls:
            return sum(value < limit for limit in self.limits)
        return sum(value > limit for limit in self.limits)


class ScoringTable(msgspec.Struct, frozen=True, kw_only=True):
    """An editable table that turns measurements into a proposed OPEL.

    ``cuts`` are the least scores, as shares of the highest possible score, of levels 2, 3 and 4.

    Raises
    ------
    ValueError
        When a parameter occurs twice or the cuts do not rise within (0, 1].
    """

    name: str
    bands: tuple[Band, ...]
    cuts: tuple[float, float, float]
    effective_from: str = "2024-04-01"
    source: str = "assumed"

    def __post_init__(self) -> None:
        names = [band.name for band in self.bands]
        if len(set(names)) != len(names) or not names:
            raise ValueError(f"Expected each parameter once, was {names}.")
        two, three, four = self.cuts
        if not 0 < two < three < four <= 1:
            raise ValueError(f"Expected cuts that rise within 0 to 1, was {self.cuts}.")

    @property
    def highest(self) -> int:
        """The highest possible score."""
        return sum(len(band.limits) for band in self.bands)

    def level(self, score: float) -> int:
        """Return the level of a score."""
        share = score / self.highest
        return 1 + sum(share >= cut for cut in self.cuts)


OPEL_TABLE: Final = ScoringTable(
    name="placeholder for the integrated OPEL table",
    bands=(
        Band("mean_handover", (15.0, 30.0, 60.0)),
        Band("four_hour_performance", (95.0, 76.0, 60.0), falls=True),
        Band("majors_occupancy", (80.0, 100.0, 120.0)),
        Band("time_to_treatment", (60.0, 120.0, 180.0)),
        Band("over_12_hours", (2.0, 5.0, 10.0)),
        Band("bed_occupancy", (92.0, 95.0, 98.0)),
        Band("discharge_ready_share", (10.0, 13.0, 15.0)),
    ),
    # 12.0, 23 and 34 points of 44 in the national framework, as shares.
    cuts=(12 / 44, 23 / 44, 34 / 44),
    source="parameters: NHS England OPEL 2024-26; cut-points: background knowledge, low confidence",
)
"""A table to begin with: the exact national one was not retrievable, so every hospital's OPEL is an
input, and this only proposes it."""


class LevelProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A level that the engine proposes, with what it rests on.

    ``missing`` names parameters without a value; then the level is that of the lowest score that
    is possible, and ``level_max`` that of the highest.
    """

    scheme: Scheme
    subject: str
    level: int
    at_ms: int
    why: str
    level_max: int
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()


def propose_opel(
    hospital: str, table: ScoringTable, values: Mapping[str, float | None], at_ms: int
) -> LevelProposal:
    """Return the OPEL that a table makes of measurements, each parameter as evidence."""
    evidence, missing, score, unknown = [], [], 0, 0
    for band in table.bands:
        value = values.get(band.name)
        if value is None:
            missing.append(band.name)
            unknown += len(band.limits)
            continue
        points = band.score(value)
        score += points
        evidence.append(
            Evidence(
                text=f"{band.name}: {points} of {len(band.limits)} points",
                values=((band.name, value),),
                holds=points > 0,
            )
        )
    why = f"{score} of {table.highest} points by {table.name!r}"
    return LevelProposal(
        scheme=Scheme.OPEL,
        subject=hospital,
        level=table.level(score),
        level_max=table.level(score + unknown),
        at_ms=at_ms,
        why=f"{why}; not known: {', '.join(missing)}" if missing else why,
        evidence=tuple(evidence),
        missing=tuple(missing),
    )


class LevelRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that proposes one level of a trust's scheme, in the language of triggers.

    Raises
    ------
    ValueError
        When the level does not exist or the rule is not about a trust.
    """

    scheme: Scheme
    level: int
    rule: TriggerRule

    def __post_init__(self) -> None:
        _check_level(self.scheme, self.level)
        if self.rule.about != "trust":
            raise ValueError(f"Expected a rule about a trust, was about a {self.rule.about}.")


def propose_level(
    scheme: Scheme, subject: str, rules: Iterable[LevelRule], values: Values, at_ms: int
) -> LevelProposal:
    """Return the highest level whose rule fires now; the lowest of the scheme when none does.

    This is one look. The 'for', 'until' and 'hold' of a rule are kept as for any trigger, by
    `dispatch.domain.trigger_state.look`.
    """
    ranked = sorted(
        (item for item in rules if item.scheme is scheme and item.rule.is_on),
        key=lambda item: (-item.level, item.rule.id),
    )
    unknown: list[str] = []
    level_max = LEVELS[scheme][0]
    for item in ranked:
        answer = is_fired(item.rule.tree, values)
        if answer.holds:
            return LevelProposal(
                scheme=scheme,
                subject=subject,
                level=item.level,
                level_max=max(level_max, item.level),
                at_ms=at_ms,
                why=f"rule {item.rule.id} fires: {item.rule.text}",
                evidence=answer.evidence,
                missing=tuple(dict.fromkeys(unknown)),
            )
        if answer.holds is None:
            unknown += answer.missing
            level_max = max(level_max, item.level)
    return LevelProposal(
        scheme=scheme,
        subject=subject,
        level=LEVELS[scheme][0],
        level_max=level_max,
        at_ms=at_ms,
        why="no rule fires",
        missing=tuple(dict.fromkeys(unknown)),
    )


class LevelPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What one level changes: a named set of settings, and actions for people."""

    scheme: Scheme
    level: int
    name: str
    settings: dict[str, Setting] = {}
    actions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_level(self.scheme, self.level)
        if not self.name.strip():
            raise ValueError(f"Expected a name of {self.scheme} level {self.level}.")


class LevelChange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A level that a person put into force for a hospital or trust: who, when, why."""

    scheme: Scheme
    subject: str
    level: int
    by: str
    reason: str
    at_ms: int


class LevelLog(msgspec.Struct, frozen=True, kw_only=True):
    """Every change of level, in order; the last of a scheme and subject is in force."""

    changes: tuple[LevelChange, ...] = ()

    def level_of(self, scheme: Scheme, subject: str) -> int:
        """Return the level in force; the lowest of the scheme when none was ever set."""
        change = self.last(scheme, subject)
        return LEVELS[scheme][0] if change is None else change.level

    def count_at(self, scheme: Scheme, level: int) -> int:
        """Return how many subjects are at a level that was set."""
        now = {change.subject: change.level for change in self.changes if change.scheme is scheme}
        return sum(in_force == level for in_force in now.values())

    def last(self, scheme: Scheme, subject: str) -> LevelChange | None:
        """Return the change that is in force; None when there was none."""
        mine = (c for c in reversed(self.changes) if c.scheme is scheme and c.subject == subject)
        return next(mine, None)


def confirmed(log: LevelLog, change: LevelChange) -> LevelLog:
    """Return a log with a level that a person has confirmed, up or down.

    Raises
    ------
    EscalationError
        When the level does not exist or is in force already, nobody confirms it, no reason is
        given, or it lies before the last change.
    """
    try:
        _check_level(change.scheme, change.level)
    except ValueError as error:
        raise EscalationError(str(error)) from None
    if not change.by.strip():
        raise EscalationError(
            f"Expected the person who confirms {change.scheme} {change.level}, was nobody."
        )
    if not change.reason.strip():
        raise EscalationError(f"Expected a reason for {change.scheme} {change.level}, was none.")
    last = log.last(change.scheme, change.subject)
    if last is not None and change.at_ms < last.at_ms:
        raise EscalationError(f"Expected a change at {last.at_ms} or later, was {change.at_ms}.")
    if log.level_of(change.scheme, change.subject) == change.level and last is not None:
        raise EscalationError(
            f"Expected another level than {change.level} of {change.subject}, was in force."
        )
    return LevelLog(changes=(*log.changes, change))


def undone(
    log: LevelLog, scheme: Scheme, subject: str, *, by: str, reason: str, at_ms: int
) -> LevelLog:
    """Return a log in which the level before the last one is in force again.

    Raises
    ------
    EscalationError
        When there is nothing to undo, or nobody undoes it.
    """
    mine = [c for c in log.changes if c.scheme is scheme and c.subject == subject]
    if not mine:
        raise EscalationError(f"Expected a level of {subject} to undo, was none.")
    before = mine[-2].level if len(mine) > 1 else LEVELS[scheme][0]
    return confirmed(
        log,
        LevelChange(
            scheme=scheme, subject=subject, level=before, by=by, reason=reason, at_ms=at_ms
        ),
    )


def plans_in_force(log: LevelLog, subject: str, plans: Iterable[LevelPlan]) -> list[LevelPlan]:
    """Return the plans that apply to a subject, in the order in which they do.

    Plans of all levels from the one above normal up to the level in force apply, lower first, so
    that a level need name only what it adds. Schemes apply in the order OPEL, REAP, safety plan.
    """
    return sorted(
        (
            plan
            for plan in plans
            if LEVELS[plan.scheme][0] < plan.level <= log.level_of(plan.scheme, subject)
        ),
        key=lambda plan: (tuple(Scheme).index(plan.scheme), plan.level),
    )


def configured(base: _Config, log: LevelLog, subject: str, plans: Iterable[LevelPlan]) -> _Config:
    """Return the configuration of a subject under the levels in force.

    A plan names settings by their path in the configuration, such as ``welfare.share``. The base
    is never changed, so going down undoes whatever a higher level has set.

    Raises
    ------
    ValueError
        When a plan names a setting that does not exist, or a value that it cannot take.
    """
    result = base
    for plan in plans_in_force(log, subject, plans):
        for path, value in plan.settings.items():
            try:
                result = _with_setting(result, path.split("."), value)
            except (ValueError, TypeError) as error:
                raise ValueError(
                    f"Expected a setting that exists and a fitting value in plan {plan.name!r}, "
                    f"was {path} = {value!r}: {error}"
                ) from None
    return result


def check_plans(base: msgspec.Struct, plans: Iterable[LevelPlan]) -> None:
    """Check at the door that every plan could take effect on a configuration.

    Raises
    ------
    ValueError
        As `configured` would, whatever level is in force.
    """
    for plan in plans:
        change = LevelChange(
            scheme=plan.scheme, subject="", level=plan.level, by="check", reason="check", at_ms=0
        )
        configured(base, LevelLog(changes=(change,)), "", [plan])


def _with_setting(config: _Config, path: list[str], value: Setting) -> _Config:
    name, *deeper = path
    if name not in config.__struct_fields__:
        raise ValueError(f"{type(config).__name__} has no {name!r}")
    if deeper:
        inner = getattr(config, name)
        if not isinstance(inner, msgspec.Struct):
            raise ValueError(f"{name!r} has no parts")
        changed: object = _with_setting(inner, deeper, value)
    else:
        changed = msgspec.to_builtins(value)
    # Through plain values and back, so that types and bounds are checked as at any door.
    plain = msgspec.to_builtins(config) | {name: msgspec.to_builtins(changed)}
    return msgspec.convert(plain, type=type(config))


def _check_level(scheme: Scheme, level: int) -> None:
    low, high = LEVELS[scheme]
    if not low <= level <= high:
        raise ValueError(f"Expected {scheme} of {low} to {high}, was {level}.")
