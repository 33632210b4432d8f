"""The commands of the analyst: ``bluelight replay``, ``report`` and ``compare``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Replay call logs and compare policies.", no_args_is_help=True)

RegionOption = Annotated[
    str | None, typer.Option("--region", help="Name of a region, or its file.")
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", help="Write a self-contained HTML page here.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command()
def replay(
    log: Annotated[
        Path | None, typer.Argument(help="Call log: CSV, gzipped CSV or Parquet.")
    ] = None,
    *,
    region: RegionOption = None,
    policy: Annotated[
        str, typer.Option(help="Configuration: b1, b2, default, or a JSON file.")
    ] = "b2",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulated world.")] = 1,
    journal: Annotated[
        Path | None, typer.Option(help="Write the journal here; .gz compresses it.")
    ] = None,
    report: ReportOption = None,
    json: JsonOption = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Write rows that cannot be used here, with reasons.")
    ] = None,
    noise: Annotated[
        bool, typer.Option(help="Draw durations; without, each is its mean or the log's own.")
    ] = True,
    handover: Annotated[
        str, typer.Option(help="Handover times: drawn, or from a queue for bays.")
    ] = "drawn",
    month: Annotated[
        str | None, typer.Option(help="Month of the published figures to draw from (2026-03).")
    ] = None,
    ignore_column: Annotated[
        list[str] | None, typer.Option(help="Column of the log not to believe; repeatable.")
    ] = None,
    verify: Annotated[
        Path | None, typer.Option(help="Verify this journal instead of replaying a log.")
    ] = None,
) -> None:
    """Replay a call log through the dispatch engine, or verify a journal."""
    with _told_plainly():
        from benchmarks.simulator.settings import world_settings
        from benchmarks.tasks import Outputs, replay_file, verify_journal

        if verify is not None:
            if verify_journal(verify, region, json=json).different:
                raise typer.Exit(1)
            return
        if log is None:
            raise ValueError("Expected a call log, or --verify and a journal, was neither.")
        world = world_settings(
            seed=seed,
            noise=noise,
            month=month,
            handover=handover,
            ignored_columns=tuple(ignore_column or ()),
        )
        outputs = Outputs(journal, report, rejects, json)
        replay_file(log, region or "isle-of-wight", policy, world, outputs)


@app.command()
def report(
    journal: Annotated[Path, typer.Argument(help="Journal of a replay or of a live service.")],
    *,
    region: RegionOption = None,
    report: ReportOption = None,
    json: JsonOption = False,
) -> None:
    """Open a journal again and report what it records."""
    with _told_plainly():
        from benchmarks.tasks import Outputs, report_journal

        page = report
        if page is None and not json:
            page = journal.with_name(journal.name.split(".")[0] + ".html")
        report_journal(journal, region, Outputs(report=page, json=json))


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn an error of the caller's making into one line and exit code 1, without a traceback."""
    try:
        yield
    except (ValueError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
