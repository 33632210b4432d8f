"""The page of a comparison: what each policy changed, how sure that is, and whom it cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.comparison import COMPARED, Comparison, Composed, Staged
from benchmarks.comparison_plan import followed_journeys
from benchmarks.comparison_rails import Rail
from benchmarks.comparison_sample import MEASURES, category_index
from benchmarks.comparison_stats import Change, Difference, Level
from benchmarks.published import standard_s
from benchmarks.report import ablation_words, page
from benchmarks.report.aid_chart import aid_matrix
from benchmarks.report.comparison_charts import Interval, forest, reached_by
from benchmarks.report.palette import SERIES, SOFT
from benchmarks.report.wording import (
    NOTHING,
    POLICY_WORDS,
    clock,
    count,
    number,
    percent,
    place,
    signed,
)
from dispatch.domain.category import Category

TRUSTS_DRAWN: Final = 12
STANDARDS_OF: Final = date(2026, 4, 1)
"""The constitution's standards have not changed since 2017; this is the day they are read for."""


class ComparisonReport:
    """Everything that the page of a comparison shows."""

    def __init__(self, comparison: Comparison) -> None:
        self.found = comparison
        names = list(comparison.policies)
        others = [name for name in names if name != comparison.baseline]
        self.colour = {comparison.baseline: SOFT}
        self.colour |= {name: SERIES[i % len(SERIES)] for i, name in enumerate(others)}
        self.others = others

    def html(self) -> str:
        """Return the page."""
        return page.page(self._title(), [self._heading(), *self.sections()], self.footer())

    def sections(self) -> list[str]:
        """Return the page without its heading: for a page of several comparisons."""
        body = [
            self._differences(),
            self._rails(),
            self._curves(),
            self._trusts(),
            self._rural(),
            self._levels(),
            self._measures(),
            self._survival(),
            self._bound(),
            "" if self.found.ablation is None else ablation_words.section(self.found.ablation),
            self._how(),
        ]
        return [part for part in body if part]

    def _title(self) -> str:
        others = " and ".join(self.others) or "nothing"
        return f"{self._place()}: {others} against {self.found.baseline}"

    def _place(self) -> str:
        """Return where it was: the trust, or the region and how many trusts of it."""
        names = list(self.found.trust_names.values())
        if len(names) == 1:
            return names[0]
        region = place(self.found.plan.region)
        return f"{len(names)} trusts of {region}" if names else region

    def _heading(self) -> str:
        found = self.found
        count_ = len(found.plan.seeds)
        seeds = "1 seed" if count_ == 1 else f"{count_} seeds"
        words = [f"{seeds} (drawings of what chance decides), every policy on the same calls."]
        for name in self.others:
            c2 = found.paired[f"{name}-{found.baseline}"]["C2"]
            if c2 is not None:
                levels = [found.policies[policy]["C2"].mean_s for policy in (found.baseline, name)]
                words.append(_sentence(name, found.baseline, c2, levels))
        return (
            f"<h1>{page.escaped(self._title())}</h1>"
            + page.paragraph(" ".join(words), "lead")
            + page.paragraph(
                "A simulated gain is more than a real one will be: in one published field test, "
                "30 % in the model became 6 % on the road (Carson and Batta).",
                "soft",
            )
            + page.legend(
                [
                    (colour, f"{name}: {POLICY_WORDS[name]}" if name in POLICY_WORDS else name)
                    for name, colour in self.colour.items()
                ]
            )
        )

    def _differences(self) -> str:
        if not self.others:
            return ""
        means = [(c.value, self._intervals(c, "mean_pct")) for c in COMPARED]
        highs = [(c.value, self._intervals(c, "p90_pct")) for c in COMPARED]
        return page.section(
            f"What changed against {self.found.baseline}",
            page.paragraph(_how_sure(len(self.found.plan.seeds))),
            page.legend([(self.colour[name], name) for name in self.others]),
            page.figure(forest("Mean response", [(h, r) for h, r in means if r]), "Mean response."),
            page.figure(
                forest("90th centile of response", [(h, r) for h, r in highs if r]),
                "90th centile of response.",
            ),
        )

    def _intervals(self, category: Category, which: str, **where: str) -> list[Interval]:
        rows = []
        for name in self.others:
            pair = self.found.paired[f"{name}-{self.found.baseline}"]
            if "trust" in where:
                pair = pair["trusts"][where["trust"]]
            elif "part" in where:
                pair = pair[where["part"]]
            difference: Difference | None = pair[category.value]
            if difference is not None:
                rows.append(_interval(name, difference, which, self.colour[name]))
        return rows

    def _rails(self) -> str:
        rows = [
            (
                name,
                rail.words + (f" ({rail.where})" if rail.where else ""),
                number(rail.figure),
                _ends(rail),
                f"at{_BOUND}most{_BOUND}{rail.limit:g}",
                "BROKEN" if not rail.held else NOTHING if rail.figure is None else "held",
                {None: NOTHING, True: "yes", False: "no"}[rail.proven],
            )
            for name, found in self.found.guard_rails.items()
            for rail in found
        ]
        if not rows:
            return ""
        head = (
            "policy",
            "guard-rail",
            "figure",
            "95 % interval",
            "limit",
            "verdict",
            "interval proves it",
        )
        return page.section(
            "Nobody pays for the average",
            page.paragraph(
                "Guard-rails: what a policy must not do to anybody for the sake of the mean. A "
                "rail on Category 1 or 3 is broken when a worsening is shown, the others when the "
                "figure passes the limit; proven are those whose whole interval keeps it."
            ),
            page.table(head, rows, "words"),
        )

    def _curves(self) -> str:
        drawn = []
        for category in COMPARED:
            lines = [
                (name, self._responses(name, category), colour)
                for name, colour in self.colour.items()
            ]
            limits = [
                (float(limit), words)
                for measure, words in (("mean", "standard"), ("90th", "90 % standard"))
                if (limit := _standard(category, measure)) is not None
            ]
            drawn.append(page.figure(reached_by(category.value, lines, limits)))
        return page.section(
            "How many were reached by when",
            page.legend([(colour, name) for name, colour in self.colour.items()]),
            page.pair(drawn[0], drawn[1]),
            page.pair(drawn[2], drawn[3]),
        )

    def _responses(self, name: str, category: Category) -> npt.NDArray[np.float64]:
        samples = self.found.samples[name]
        number_ = category_index(category)
        return np.concatenate([s.response_ms[s.category == number_] / 1000.0 for s in samples])

    def _trusts(self) -> str:
        names = self.found.trust_names
        if len(names) < 2 or not self.others:
            return ""
        groups = [
            (words, self._intervals(Category.C2, "mean_pct", trust=code))
            for code, words in list(names.items())[:TRUSTS_DRAWN]
        ]
        return page.section(
            "Trust by trust",
            page.figure(
                forest("C2 mean by trust", [(h, r) for h, r in groups if r]),
                "Mean Category 2 response by home trust of the patient.",
            ),
            *self._aid(),
        )

    def _aid(self) -> list[str]:
        """Return who helped whom under each policy that let trusts help: means of the seeds."""
        drawn = []
        for name, samples in self.found.samples.items():
            sums: dict[str, dict[str, int]] = {}
            for flows in (sample.aid for sample in samples):
                for helper, helped in flows.items():
                    row = sums.setdefault(helper, {})
                    for home, number_ in helped.items():
                        row[home] = row.get(home, 0) + number_
            if sums:
                drawn.append(
                    page.figure(
                        aid_matrix(sums, self.found.trust_names),
                        f"Under {name}: incidents of all seeds to which another trust sent a "
                        "unit; the row helped the column.",
                    )
                )
        return drawn

    def _rural(self) -> str:
        groups = [
            (f"{c.value}, rural tenth of places", self._intervals(c, "mean_pct", part="rural"))
            for c in (Category.C1, Category.C2)
        ]
        groups = [(heading, rows) for heading, rows in groups if rows]
        if not groups:
            return ""
        return page.section(
            "In the remotest places",
            page.figure(
                forest("Rural tenth", groups), "Mean response, change against the baseline."
            ),
        )

    def _levels(self) -> str:
        rows = []
        for category in COMPARED:
            for name, found in self.found.policies.items():
                level: Level | None = found[category.value]
                if level is None:
                    continue
                ends = f"{clock(level.mean_s_lower)} to {clock(level.mean_s_upper)}"
                ends_90 = f"{clock(level.p90_s_lower)} to {clock(level.p90_s_upper)}"
                rows.append(
                    (
                        category.value,
                        name,
                        count(level.count),
                        clock(level.mean_s),
                        ends if level.mean_s_lower is not None else NOTHING,
                        clock(level.p90_s),
                        ends_90 if level.p90_s_lower is not None else NOTHING,
                    )
                )
        head = (
            *("", "policy", "incidents a seed", "mean", "95 % interval"),
            *("90th centile", "95 % interval"),
        )
        return page.section("Levels", page.table(head, rows))

    def _measures(self) -> str:
        rows = []
        for name, words in MEASURES.items():
            values = {p: found["measures"][name] for p, found in self.found.policies.items()}
            if name in WHERE_SIMULATED and not any(values.values()):
                continue
            cells = [words, _measure(name, values[self.found.baseline])]
            for other in self.others:
                change: Change = self.found.paired[f"{other}-{self.found.baseline}"]["measures"][
                    name
                ]
                cells.append(f"{_measure(name, change.policy)}{_measure_ends(name, change)}")
            rows.append(cells)
        return page.section(
            "What it took",
            page.paragraph("In brackets, the paired difference to the baseline."),
            page.table(("", self.found.baseline, *self.others), rows),
        )

    def _survival(self) -> str:
        rows = []
        for name in self.others:
            pair = self.found.paired[f"{name}-{self.found.baseline}"]
            for curve, gain in pair["survival"].items():
                rows.append(
                    (
                        name,
                        curve,
                        signed(gain["per_1000_c1"], 2),
                        f"{signed(gain['seeds_lower'], 2)} to {signed(gain['seeds_upper'], 2)}",
                        f"{signed(gain['curve_lower'], 2)} to {signed(gain['curve_upper'], 2)}",
                    )
                )
        if not rows:
            return ""
        head = (
            *("policy", "curve", "change in survivors per 1,000 C1"),
            *("95 % interval over seeds", "range of what the curve leaves open"),
        )
        return page.section(
            "Survival",
            page.paragraph(
                "Two published curves of survival after cardiac arrest, which disagree by more "
                "than the policies do. For other patients no effect on deaths is certain, and "
                "none is claimed."
            ),
            page.table(head, rows),
        )

    def _bound(self) -> str:
        bound, closed = self.found.bound, self.found.gap_closed
        if bound is None or closed is None:
            return ""
        rows = []
        for category in (c.value for c in COMPARED):
            if category not in bound:
                continue
            cells = [category]
            for way in ("strict", "standing"):
                cells.append(clock(bound[category][f"{way}_s"]))
                shares = closed.get(way, {})
                ends = (self.found.gap_interval or {}).get(way, {})
                cells += [
                    _closed(shares.get(name, {}).get(category), ends.get(name, {}).get(category))
                    for name in self.others
                ]
            rows.append(cells)
        head = [""]
        for way in ("strict", "standing"):
            head += [f"{way} bound", *(f"{name} closes" for name in self.others)]
        return page.section(
            "What nobody could beat",
            page.paragraph(
                "With perfect information of all calls to come, mean responses could not be "
                f"shorter than these bounds; the shares are of {self.found.baseline}'s gap to them "
                "that a policy closes. " + " ".join(bound["assumptions"])
            ),
            page.table(head, rows),
        )

    def _how(self) -> str:
        plan = self.found.plan
        source = plan.log
        if isinstance(source, Composed):
            calls = f"composed from the published figures of {source.month}, anew for each seed"
            calls += f", {source.days} days" if source.days else ""
            calls += f", volume x {source.scale:g}" if source.scale != 1.0 else ""
        elif isinstance(source, Staged):
            calls = f"scenario {Path(source.scenario).name}, drawn anew for each seed"
            calls += f", {source.days} days" if source.days else ""
        else:
            calls = f"{source}, the same for each seed"
        rows = [
            ("calls", calls),
            ("seeds", ", ".join(map(str, plan.seeds))),
            ("trusts", ", ".join(plan.trusts) or "all of the region"),
            ("crews", _crews(plan.crews)),
            ("travel times", plan.travel_profile or "the region's own"),
            ("journeys kept as in the log", ", ".join(followed_journeys(plan)) or "none"),
            ("columns of the log not used", ", ".join(plan.world.ignored_columns) or "none"),
            ("handover times", HANDOVER_WORDS.get(plan.world.handover.value, "drawn")),
            ("random numbers", "common: all policies of a seed meet the same draws"),
            ("intervals", "Student's t over seeds, paired; not corrected for several comparisons"),
        ]
        return page.section("How it was done", page.table(("", ""), rows, "words"))

    def footer(self) -> list[str]:
        """Return versions and whose data it is."""
        versions = self.found.versions
        words = (
            f"Bluelight {versions.get('engine', '')}. Region {self.found.plan.region} "
            f"{versions.get('region', '')[:16]}. Travel times {versions.get('travel_times', '')}."
        )
        return page.footer_of([words], self.found.attribution)


_BOUND: Final = "\N{NO-BREAK SPACE}"


def _how_sure(seeds: int) -> str:
    """Return how the differences of so many seeds are to be read."""
    if seeds == 1:
        return (
            "Response times of one seed: what happened, without intervals. Any difference may be "
            "chance; for a claim take 20 seeds."
        )
    return (
        f"Response times of {seeds} seeds, paired by seed, with 95 % intervals. An interval that "
        "does not touch the black line is a difference that chance does not explain; an arrow goes "
        "on beyond the axis." + ("" if seeds >= SEEDS_FEW else FEW_SEEDS)
    )


SEEDS_FEW: Final = 10
FEW_SEEDS: Final = (
    " From so few seeds the intervals are wide, and may reach what cannot be; for a claim take 20."
)
WHERE_SIMULATED: Final = frozenset({"referred", "second_calls", "answer_mean_s", "abandoned"})
"""Measures of parts of the world that most runs do not have; left out where all are nought."""

HANDOVER_WORDS: Final = {
    "drawn": "drawn from each trust's published mean and 90th centile",
    "bays": "from a queue for the bays of each hospital",
}


def _crews(crews: str | None) -> str:
    if crews is None:
        return "the region's own, uncalibrated"
    return "fitted to published months (bundled)" if crews == "bundled" else crews


def _measure(name: str, value: float | None) -> str:
    if name.endswith("_s"):
        return clock(value)
    return percent(value) if name.endswith("_fraction") else number(value, 2)


def _measure_ends(name: str, change: Change) -> str:
    if change.lower is None or change.upper is None:
        return ""
    if change.lower == change.upper == 0.0:
        return "  (the same)"
    if name.endswith("_fraction"):
        ends = [signed(100 * end, 1) for end in (change.lower, change.upper)]
        return f"  ({ends[0]} to {ends[1]} points)"
    return f"  ({signed(change.lower, 2)} to {signed(change.upper, 2)})"


def _closed(share: float | None, ends: tuple[float, float] | None) -> str:
    """Return a share of a gap with its interval."""
    words = percent(share, 0)
    if share is None or ends is None:
        return words
    return f"{words} ({number(100 * ends[0], 0)} to {number(100 * ends[1], 0)})"


def _sentence(name: str, baseline: str, c2: Difference, levels_s: Sequence[float]) -> str:
    if c2.mean_pct_lower is None or c2.mean_pct_upper is None:
        return (
            f"{name} changed the mean Category 2 response from {clock(levels_s[0])} to "
            f"{clock(levels_s[1])}, by {signed(c2.mean_pct, 1, ' %')}."
        )
    verdict = "which chance does not explain"
    if c2.mean_pct_lower <= 0.0 <= c2.mean_pct_upper:
        verdict = "which may be chance"
    return (
        f"{name} changed the mean Category 2 response from {clock(levels_s[0])} to "
        f"{clock(levels_s[1])}, by {signed(c2.mean_pct, 1, ' %')} "
        f"({signed(c2.mean_pct_lower, 1)} to {signed(c2.mean_pct_upper, 1)}) against {baseline}, "
        f"{verdict}."
    )


def _interval(name: str, difference: Difference, which: str, colour: str) -> Interval:
    return Interval(
        name,
        getattr(difference, which),
        getattr(difference, f"{which}_lower"),
        getattr(difference, f"{which}_upper"),
        colour,
    )


def _ends(rail: Rail) -> str:
    if rail.lower is None or rail.upper is None:
        return NOTHING
    return f"{number(rail.lower)}{_BOUND}to{_BOUND}{number(rail.upper)}"


def _standard(category: Category, measure: str) -> int | None:
    return standard_s(category.value, measure, STANDARDS_OF)
