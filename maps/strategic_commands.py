"""Commands of the region ``england``: build it from the published files, measure it again."""

# ruff: noqa: FBT002 - switches of a command line

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from maps.build import OnNetwork
    from maps.region import Region
    from maps.strategic import HeldOutReport
    from maps.strategic_fit import Agreement

Source = Annotated[
    Path,
    typer.Option(
        help="Folder with the published files (docs/explanation/england-region.md).",
        exists=True,
        file_okay=False,
    ),
]


def make_app(load_on_network: Callable[[], OnNetwork] | None = None) -> typer.Typer:
    """Return the commands of the region ``england``.

    ``load_on_network`` is that of `maps.commands.make_app`: what adds another room's arrays.
    """
    app = typer.Typer(no_args_is_help=True)

    @app.command("build-england")
    def build_england(
        source: Source,
        out: Annotated[Path, typer.Option(help="File to write.")] = Path("england.region"),
        rounds: Annotated[int, typer.Option(min=1, help="Rounds of the fit.")] = 300,
        as_json: Annotated[bool, typer.Option("--json", help="Print measures as JSON.")] = False,
    ) -> None:
        """Build the region of all England, fit its road times, and measure them.

        Takes a few minutes. The same files and rounds give the same region.
        """
        try:
            report, region = _built(source, out, rounds, load_on_network)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        _show(report, as_json=as_json)
        size_mb = out.stat().st_size / 1e6
        typer.echo(f"{out}: {size_mb:.2f} MB, version {region.version}", err=True)

    @app.command("measure-england")
    def measure_england(
        source: Source,
        region: Annotated[str, typer.Option(help="Bundled name or file.")] = "england",
        as_json: Annotated[bool, typer.Option("--json", help="Print measures as JSON.")] = False,
    ) -> None:
        """Compare a region's own network with the published table, held-out hospitals apart."""
        from maps.region_file import load_region
        from maps.strategic import measure

        try:
            report = measure(load_region(region), source)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        _show(report, as_json=as_json)

    return app


def _built(
    source: Path, out: Path, rounds: int, load_on_network: Callable[[], OnNetwork] | None
) -> tuple[HeldOutReport, Region]:
    from dataclasses import replace

    from rich.console import Console
    from rich.progress import Progress

    from maps.region_file import save_region
    from maps.strategic import build_england, measure
    from maps.strategic_fit import FitSettings

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("reading places, land and links", total=rounds)

        def show(number: int, error: float) -> None:
            bar.update(task, completed=number + 1, description=f"fitting, mean error {error:.1%}")

        region = build_england(source, FitSettings(rounds=rounds), show)
    if load_on_network is not None and region.roads is not None:
        region = replace(region, extras=load_on_network()(region.roads))
    region = save_region(region, out)
    return measure(region, source), region


def _show(report: HeldOutReport, *, as_json: bool) -> None:
    import msgspec

    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(report)).decode())
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("hospitals", "journeys", "number", "r", "median error", "in minutes")
    for who, by_length in (("training", report.training), ("held out", report.held_out)):
        for length, found in by_length.items():
            table.add_row(who, length.replace("_", " "), *_cells(found))
    console = Console()
    console.print(table)
    for title, worst in (
        ("worst held-out hospitals", report.worst_hospitals),
        ("worst areas", report.worst_areas),
    ):
        console.print(f"{title}: " + ", ".join(f"{name} {pct:.1f} %" for name, pct in worst))


def _cells(found: Agreement) -> tuple[str, str, str, str]:
    return (
        f"{found.journeys:,}",
        f"{found.correlation:.4f}",
        f"{found.median_error_pct:.2f} %",
        f"{found.median_error_min:.2f}",
    )


app = make_app()
