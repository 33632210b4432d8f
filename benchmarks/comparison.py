"""Compare policies: the same calls, the same world, seed by seed; only the decisions differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec
import numpy as np

from benchmarks.ablation import Ablation, Variant, ablation, variants
from benchmarks.bound import gap_closed
from benchmarks.bound_world import WorldBound
from benchmarks.comparison_plan import Composed, Job, Plan, Staged, place, run_bound, run_job
from benchmarks.comparison_rails import Rail, rails
from benchmarks.comparison_sample import MEASURES, Sample, category_index
from benchmarks.comparison_stats import (
    Change,
    Difference,
    Float64s,
    Level,
    change,
    difference,
    half_width,
    level,
    share_interval,
)
from benchmarks.journal_file import engine_version
from dispatch.domain.category import Category

COMPARED: Final = (Category.C1, Category.C2, Category.C3, Category.C4)

BASELINE: Final = "b2"
"""Against a good dispatcher; claims against a worse one are cheap."""


Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """Policies side by side.

    Attributes
    ----------
    plan
        What was compared.
    baseline
        Name of the policy against which the others are held.
    policies
        Levels by policy and category, and under ``trusts``, ``rural``, ``measures``.
    paired
        Differences by pair (``default-b2``) and category, and under ``trusts``, ``rural``,
        ``measures``, ``survival``.
    guard_rails
        By policy; none for the baseline.
    versions
        Of engine, region, travel times.
    attribution
        Whose data it is.
    bound
        Where asked for: by category, the clairvoyant bounds of the mean in seconds, and what they
        assume (see `benchmarks.bound_world`).
    gap_closed
        By kind of bound, policy and category: the share of the baseline's gap that is closed.
    gap_interval
        The same way: the ends of its 95 % interval, paired by seed; None below two seeds.
    ablation
        Where asked for: what each term of a policy earns.
    """

    plan: Plan
    baseline: str
    policies: dict[str, dict[str, Any]]
    paired: dict[str, dict[str, Any]]
    guard_rails: dict[str, list[Rail]]
    samples: dict[str, list[Sample]] = field(repr=False)
    versions: dict[str, str] = field(default_factory=dict)
    attribution: tuple[str, ...] = ()
    trust_names: dict[str, str] = field(default_factory=dict)
    bound: dict[str, Any] | None = None
    gap_closed: dict[str, Any] | None = None
    gap_interval: dict[str, Any] | None = None
    ablation: Ablation | None = None

    def to_arrow(self) -> Any:
        """Return levels and changes as a pyarrow table; see `benchmarks.frames`."""
        from benchmarks.frames import comparison_table

        return comparison_table(self)

    def to_pandas(self) -> Any:
        """Return the same as a pandas frame; needs pandas."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Return the same as a polars frame; needs polars."""
        from benchmarks.frames import to_polars

        return to_polars(self.to_arrow())

    def __repr__(self) -> str:
        """Return what it is in a line: all that it holds would fill the terminal."""
        return (
            f"Comparison({', '.join(self.policies)} over {len(self.plan.seeds)} seeds, "
            f"region={self.plan.region!r}, baseline={self.baseline!r})"
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        from benchmarks.frames import comparison_html

        return comparison_html(self)


def compare(
    plan: Plan, *, executor: Executor | None = None, progress: Progress | None = None
) -> Comparison:
    """Run every policy on every seed and compare them.

    All policies of a seed meet the same calls and the same draws (common random numbers).

    Parameters
    ----------
    plan
        What to compare; at least one policy and one seed, names of policies unlike.
    executor
        Any executor of ``concurrent.futures``: processes, a cluster. None: here, one by one.
    progress
        Told how many runs are done.

    Raises
    ------
    ValueError
        When the plan names no policy, no seed, or two policies by one name; or as `replay` does.
    """
    _check(plan)
    samples = _samples(plan, executor, progress)
    compared = _compared(plan, samples)
    if plan.ablate is not None:
        told = None if progress is None else _after(progress, len(plan.policies) * len(plan.seeds))
        compared = replace(compared, ablation=_ablated(plan, samples[plan.ablate], executor, told))
    if not plan.bound:
        return compared
    seeds = [Job(plan=plan, policy=0, seed=seed) for seed in plan.seeds]
    bounds = [bound for _, bound in _run_all(_run_bound, seeds, executor)]
    return replace(compared, **_bounded(compared, bounds))


def _after(progress: Progress, done: int) -> Progress:
    """Return what is told of later runs, to be counted on from the first ones."""
    return lambda more: progress(done + more)


def runs_of(plan: Plan) -> int:
    """Return how many runs a plan takes, the bound apart; raise as `compare` does."""
    _check(plan)
    count = len(plan.policies)
    if plan.ablate is not None:
        count += len(_variants(plan, plan.ablate))
    return count * len(plan.seeds)


def _variants(plan: Plan, name: str) -> tuple[Variant, ...]:
    base = next(settings for settings in plan.policies if settings.name == name)
    return variants(base, has_forecast=plan.forecast is not None)


def _ablated(
    plan: Plan, base: list[Sample], executor: Executor | None, progress: Progress | None
) -> Ablation:
    assert plan.ablate is not None
    switched = _variants(plan, plan.ablate)
    other = msgspec.structs.replace(
        plan, policies=tuple(variant.settings for variant in switched), ablate=None
    )
    found = _samples(other, executor, progress)
    region, _ = place(plan)
    codes = [trust.code for trust in region.trusts]
    return ablation(
        plan.ablate,
        base,
        [(variant, found[variant.settings.name]) for variant in switched],
        lambda mine, theirs: _pair(mine, theirs, codes),
    )


def _samples(
    plan: Plan, executor: Executor | None, progress: Progress | None
) -> dict[str, list[Sample]]:
    """Run every policy on every seed; the samples of each, in the order of the seeds."""
    jobs = [
        Job(plan=plan, policy=policy, seed=seed)
        for seed in plan.seeds
        for policy in range(len(plan.policies))
    ]
    found: dict[tuple[int, int], Sample] = {}
    for done, (job, sample) in enumerate(_run_all(run_job, jobs, executor), start=1):
        found[job.policy, job.seed] = sample
        if progress is not None:
            progress(done)
    names = [settings.name for settings in plan.policies]
    return {name: [found[number, seed] for seed in plan.seeds] for number, name in enumerate(names)}


def _run_bound(job: Job) -> WorldBound:
    return run_bound(job.plan, job.seed)


def _run_all(
    work: Callable[[Job], Any], jobs: Sequence[Job], executor: Executor | None
) -> Iterable[tuple[Job, Any]]:
    if executor is None:
        for job in jobs:
            yield job, work(job)
        return
    futures = {executor.submit(work, job): job for job in jobs}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BaseException:
        for future in futures:
            future.cancel()
        raise


def _check(plan: Plan) -> None:
    names = [settings.name for settings in plan.policies]
    if not names or not plan.seeds:
        raise ValueError(
            f"Expected at least one policy and one seed, was {len(names)} and {len(plan.seeds)}."
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"Expected each policy once, was twice: {', '.join(twice)}.")
    if plan.ablate is not None and plan.ablate not in names:
        raise ValueError(f"Expected to ablate a policy of {', '.join(names)}, was {plan.ablate!r}.")
    if len(set(plan.seeds)) != len(plan.seeds):
        raise ValueError("Expected each seed once, was one twice.")


# -- from samples to figures -----------------------------------------------------------------


def _compared(plan: Plan, samples: dict[str, list[Sample]]) -> Comparison:
    region, travel = place(plan)
    names = list(samples)
    baseline = BASELINE if BASELINE in names else names[0]
    codes = [trust.code for trust in region.trusts]
    pairs = [(name, baseline) for name in names if name != baseline]
    pairs += [
        (second, first)
        for i, first in enumerate(names)
        for second in names[i + 1 :]
        if baseline not in (first, second)
    ]
    paired = {f"{a}-{b}": _pair(samples[a], samples[b], codes) for a, b in pairs}
    return Comparison(
        plan=plan,
        baseline=baseline,
        policies={name: _levels(rows, codes) for name, rows in samples.items()},
        paired=paired,
        guard_rails={
            name: _rails(paired[f"{name}-{baseline}"], samples[name])
            for name in names
            if name != baseline
        },
        samples=samples,
        versions={
            "engine": engine_version(),
            "region": region.version,
            "travel_times": travel.version,
        },
        attribution=region.attribution,
        trust_names={trust.code: trust.name for trust in region.trusts},
    )


def _groups(
    rows: Sequence[Sample],
    category: Category,
    *,
    trust: int | None = None,
    rural: bool | None = None,
) -> list[Float64s]:
    """Return the responses of a group in seconds, one array a seed."""
    found = []
    for sample in rows:
        kept = sample.category == category_index(category)
        if trust is not None:
            kept = kept & (sample.trust == trust)
        if rural is not None:
            kept = kept & (sample.is_rural == rural)
        found.append(sample.response_ms[kept] / 1000.0)
    return found


def _levels(rows: Sequence[Sample], codes: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {c.value: level(_groups(rows, c)) for c in COMPARED}
    found["trusts"] = {
        code: {c.value: level(_groups(rows, c, trust=i)) for c in COMPARED}
        for i, code in enumerate(codes)
    }
    found["rural"] = {c.value: level(_groups(rows, c, rural=True)) for c in COMPARED}
    found["measures"] = {
        name: float(np.mean([row.measures[name] for row in rows])) for name in MEASURES
    }
    return found


def _pair(mine: Sequence[Sample], other: Sequence[Sample], codes: Sequence[str]) -> dict[str, Any]:
    def differ(category: Category, **only: Any) -> Difference | None:
        return difference(_groups(mine, category, **only), _groups(other, category, **only))

    found: dict[str, Any] = {c.value: differ(c) for c in COMPARED}
    found["trusts"] = {
        code: {c.value: differ(c, trust=i) for c in COMPARED} for i, code in enumerate(codes)
    }
    found["rural"] = {c.value: differ(c, rural=True) for c in COMPARED}
    found["measures"] = {
        name: change([row.measures[name] for row in mine], [row.measures[name] for row in other])
        for name in MEASURES
    }
    found["survival"] = _survival(mine, other)
    return found


def _survival(mine: Sequence[Sample], other: Sequence[Sample]) -> dict[str, dict[str, Any]]:
    """Return survivors gained per 1,000 C1 incidents by each curve, with the interval over seeds.

    ``lower`` and ``upper`` of the curve span what is not known of arrests and odds; the interval
    over seeds is apart, because the two uncertainties are of different kinds.
    """
    from dispatch.policies.survival import survivors_gained

    gains: dict[str, list[tuple[float, float, float]]] = {}
    for a, b in zip(mine, other, strict=True):
        before, after = _same_incidents(b, a)
        if not len(before):
            continue
        for gain in survivors_gained(before, after):
            scale = 1000.0 / len(before)
            gains.setdefault(gain.curve.value, []).append(
                (gain.survivors * scale, gain.lower * scale, gain.upper * scale)
            )
    return {curve: _survival_of(rows) for curve, rows in gains.items()}


def _survival_of(rows: Sequence[tuple[float, float, float]]) -> dict[str, Any]:
    table = np.array(rows)
    middle = float(table[:, 0].mean())
    half = half_width(table[:, 0])
    return {
        "per_1000_c1": middle,
        "curve_lower": float(table[:, 1].mean()),
        "curve_upper": float(table[:, 2].mean()),
        "seeds_lower": None if half is None else middle - half,
        "seeds_upper": None if half is None else middle + half,
    }


def _same_incidents(one: Sample, other: Sample) -> tuple[Float64s, Float64s]:
    """Return the C1 responses of the incidents that both runs saw, in seconds."""
    c1 = category_index(Category.C1)
    first, second = one.category == c1, other.category == c1
    _, i, j = np.intersect1d(
        one.key[first], other.key[second], assume_unique=True, return_indices=True
    )
    return one.response_ms[first][i] / 1000.0, other.response_ms[second][j] / 1000.0


def _rails(pair: dict[str, Any], rows: Sequence[Sample]) -> list[Rail]:
    given: dict[str, float] = {}
    for row in rows:
        for code, figures in row.by_trust.items():
            given[code] = given.get(code, 0.0) + figures["aid_given"]
    donors = frozenset(code for code, amount in given.items() if amount > 0)
    diversions: Change = pair["measures"]["diversions"]
    return rails(pair["trusts"], pair, pair["rural"]["C2"], diversions, donors)


def _bounded(compared: Comparison, bounds: Sequence[WorldBound]) -> dict[str, Any]:
    """Return the bounds over all seeds, and the share of the baseline's gap each policy closes."""
    bound: dict[str, Any] = {"assumptions": list(bounds[0].assumptions)}
    closed: dict[str, dict[str, dict[str, float | None]]] = {}
    ends: dict[str, dict[str, dict[str, tuple[float, float] | None]]] = {}
    levels = compared.policies
    for category in (c.value for c in COMPARED):
        known = [row.categories[category] for row in bounds if category in row.categories]
        base: Level | None = levels[compared.baseline][category]
        if not known or base is None:
            continue
        ways = {
            "strict": float(np.mean([row.strict_s for row in known])),
            "standing": float(np.mean([row.standing_s for row in known])),
        }
        bound[category] = {f"{way}_s": value for way, value in ways.items()}
        for name, found in levels.items():
            level_: Level | None = found[category]
            if name == compared.baseline or level_ is None:
                continue
            for way, value in ways.items():
                share = gap_closed(base.mean_s, level_.mean_s, value)
                closed.setdefault(way, {}).setdefault(name, {})[category] = share
                interval = _gap_interval(compared, bounds, (name, category, way))
                ends.setdefault(way, {}).setdefault(name, {})[category] = interval
    return {"bound": bound, "gap_closed": closed, "gap_interval": ends}


def _gap_interval(
    compared: Comparison, bounds: Sequence[WorldBound], asked: tuple[str, str, str]
) -> tuple[float, float] | None:
    """Return the interval of the share of the gap that a policy closes, paired by seed."""
    name, category, way = asked
    number = category_index(Category(category))
    parts, wholes = [], []
    rows = zip(compared.samples[compared.baseline], compared.samples[name], bounds, strict=True)
    for base, mine, bound in rows:
        means = [
            float(s.response_ms[s.category == number].mean()) / 1000.0
            for s in (base, mine)
            if (s.category == number).any()
        ]
        if len(means) == 2 and category in bound.categories:
            floor_s: float = getattr(bound.categories[category], f"{way}_s")
            parts.append(means[0] - means[1])
            wholes.append(means[0] - floor_s)
    return share_interval(np.array(parts), np.array(wholes))


def document(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain values, for JSON."""
    found: dict[str, Any] = {
        "plan": comparison.plan,
        "baseline": comparison.baseline,
        "policies": comparison.policies,
        "paired": comparison.paired,
        "guard_rails": comparison.guard_rails,
        "versions": comparison.versions,
    }
    if comparison.bound is not None and comparison.gap_closed is not None:
        found |= {
            "bound": comparison.bound,
            "gap_closed": comparison.gap_closed.get("strict", {}),
            "gap_closed_standing": comparison.gap_closed.get("standing", {}),
            "gap_interval": comparison.gap_interval or {},
        }
    if comparison.ablation is not None:
        found["ablation"] = comparison.ablation
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain


__all__ = [
    "Comparison",
    "Composed",
    "Job",
    "Level",
    "Plan",
    "Staged",
    "compare",
    "document",
    "run_job",
]
