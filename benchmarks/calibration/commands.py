"""The commands ``bluelight calibrate``: fit what nobody publishes to what is published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Fit a region's assumptions to published months.", no_args_is_help=True)


@app.callback()
def calibrate() -> None:
    """Fit a region's assumptions to published months."""


@app.command()
def fleet(
    *,
    region: Annotated[str, typer.Option(help="Name of a region, or its file.")],
    months: Annotated[str, typer.Option(help="Months to fit, comma-separated (2026-02).")],
    test: Annotated[str, typer.Option(help="Months to test on, which are not fitted.")] = "",
    trusts: Annotated[
        str | None, typer.Option(help="Codes of trusts, comma-separated; without, all.")
    ] = None,
    out: Annotated[Path, typer.Option(help="File to write, or to add these trusts to.")],
    policy: Annotated[str, typer.Option(help="Configuration that decides.")] = "b2",
    incidents: Annotated[
        int, typer.Option(min=200, help="Incidents of each month that are counted, at least.")
    ] = 12_000,
    evaluations: Annotated[int, typer.Option(min=2, help="Fleets that are tried at most.")] = 8,
    seed: Annotated[int, typer.Option(help="Seed of calls and world.")] = 1,
    start: Annotated[
        str | None,
        typer.Option(help="A calibration (file, or region) from whose crews the search begins."),
    ] = None,
) -> None:
    """Fit the crews of trusts so that composed months give the published C1 and C2 means."""
    with _told_plainly():
        from benchmarks.calibration.tasks import Asked, calibrate_fleet

        asked = Asked(
            months=tuple(_listed(months)),
            test=tuple(_listed(test)),
            policy=policy,
            incidents=incidents,
            evaluations=evaluations,
            seed=seed,
            start=start,
        )
        calibrate_fleet(region, _listed(trusts or ""), asked, out)


@app.command()
def check(
    file: Annotated[
        str, typer.Argument(help="A calibration's file, or a region with a bundled one.")
    ],
    *,
    months: Annotated[str, typer.Option(help="Published months: 2025-09 or 2025-09:2025-11.")],
    trusts: Annotated[
        str | None, typer.Option(help="Codes of trusts, comma-separated; without, all.")
    ] = None,
    incidents: Annotated[
        int, typer.Option(min=200, help="Incidents of each month that are counted, at least.")
    ] = 12_000,
    seed: Annotated[int, typer.Option(help="Seed of calls and world.")] = 1,
    fitted_bays: Annotated[
        Path | None,
        typer.Option(help="Crews queue for the bays of a file, or of a region (england)."),
    ] = None,
) -> None:
    """Replay calibrated crews in any published month; show each figure beside the published one."""
    with _told_plainly():
        from benchmarks.calibration.check import Wanted, check_crews

        wanted = Wanted(
            months=tuple(_listed(months)),
            trusts=tuple(_listed(trusts or "")),
            incidents=incidents,
            seed=seed,
            bays=fitted_bays,
        )
        for line in check_crews(file, wanted):
            typer.echo(line)


@app.command()
def handover(
    *,
    region: Annotated[str, typer.Option(help="Name of a region, or its file.")] = "england",
    months: Annotated[str, typer.Option(help="Months to fit: 2025-09,2025-10 or 2024-10:2026-02.")],
    test: Annotated[str, typer.Option(help="Months to test on, which are not fitted.")] = "",
    trusts: Annotated[
        str | None, typer.Option(help="Codes of trusts, comma-separated; without, all.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write the fits to.")] = None,
    shape_months: Annotated[
        int, typer.Option(min=1, help="So many of the last months give the shape.")
    ] = 6,
    handovers: Annotated[
        int, typer.Option(min=1000, help="Handovers that each run takes, at least.")
    ] = 60_000,
    evaluations: Annotated[
        int, typer.Option(min=10, help="Shapes that are tried at most, from two starts each.")
    ] = 120,
    seed: Annotated[int, typer.Option(help="Seed of arrivals, days and times.")] = 1,
    crews: Annotated[
        str | None,
        typer.Option(
            help="Crews (file, or region) in whose worlds the last fitted months are replayed."
        ),
    ] = None,
    incidents: Annotated[
        int, typer.Option(min=200, help="Incidents that each such replay counts, at least.")
    ] = 6_000,
    start: Annotated[
        Path | None,
        typer.Option(help="Keep the shapes of these bays (file, or region): only months are new."),
    ] = None,
) -> None:
    """Fit the bays of hospitals so that their queues give the published handovers."""
    with _told_plainly():
        from benchmarks.calibration.bays import Depth
        from benchmarks.calibration.bays_tasks import Worlds, calibrate_handover

        depth = Depth(shape_months, handovers, evaluations, seed)
        asked = (_listed(months), _listed(test), _listed(trusts or ""))
        worlds = Worlds(crews, start, incidents)
        calibrate_handover(region, asked, out, depth=depth, say=typer.echo, worlds=worlds)


@app.command()
def show(
    file: Annotated[
        str, typer.Argument(help="A calibration's file, or a region with a bundled one.")
    ],
) -> None:
    """Show how near a calibration comes, as a table in Markdown."""
    with _told_plainly():
        from benchmarks.calibration.tasks import table_of_file

        for line in table_of_file(file):
            typer.echo(line)


def _listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn errors of the user's making into a message and exit code 2."""
    try:
        yield
    except (ValueError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
