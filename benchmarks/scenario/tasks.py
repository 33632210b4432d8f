"""What ``bluelight scenario compare`` does: one comparison after another, then a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import typer

from benchmarks.comparison import Comparison, compare, document
from benchmarks.executors import opened_executor
from benchmarks.report.scenario_report import ScenarioReport
from benchmarks.results import write_json
from benchmarks.scenario.scenario import Question
from benchmarks.scenario.scenario_file import load_scenario
from benchmarks.scenario.standing import TITLES, Asked, standing_plan
from benchmarks.tasks import progress_bar, settings_of, tell_comparison

ALL: Final = "all"
"""All standing comparisons, whatever the file asks for."""


def compare_scenario(
    name: str, questions: Sequence[str], asked: Asked, report: Path | None, *, json: bool
) -> None:
    """Run the standing comparisons of a scenario and write what was asked for.

    Raises
    ------
    ValueError
        When a question is none of the standing ones.
    """
    scenario = load_scenario(name)
    chosen = _chosen(questions) or scenario.compare
    found: dict[Question, Comparison] = {}
    for question in TITLES:
        if question not in chosen:
            continue
        plan = standing_plan(scenario, question, settings_of(asked.policy), asked)
        runs = len(plan.policies) * len(plan.seeds)
        with (
            opened_executor(min(asked.jobs, runs)) as executor,
            progress_bar(TITLES[question], runs) as progress,
        ):
            found[question] = compare(plan, executor=executor, progress=progress)
        if not json:
            typer.echo(f"{TITLES[question]}:")
            tell_comparison(found[question])
    if report is not None:
        report.write_text(ScenarioReport(scenario, found).html(), encoding="utf-8")
    if json:
        told: dict[str, Any] = {
            question: document(comparison) for question, comparison in found.items()
        }
        typer.echo(write_json(told).decode(), nl=False)
    elif report is not None:
        typer.echo(f"Written: {report}")


def _chosen(words: Sequence[str]) -> tuple[Question, ...]:
    """Return the questions that were named, or all; none where none was."""
    if strangers := sorted(set(words) - {*TITLES, ALL}):
        raise ValueError(f"Expected of {', '.join(TITLES)}, or {ALL}, was {', '.join(strangers)}.")
    return tuple(question for question in TITLES if question in words or ALL in words)
