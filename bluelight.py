"""The command line: opens the other rooms lazily."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, Any, Final

import typer

app = typer.Typer(
    name="bluelight",
    help="Ambulance dispatch and intelligent routing: live and in replay.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

ROOMS: Final = (
    # (module with a light typer app, name of the group; None puts its commands at the top)
    ("benchmarks.call_log.commands", "calls"),
    ("benchmarks.commands", None),
    ("benchmarks.scenario.commands", "scenario"),
    ("benchmarks.travel_calibration.commands", "travel"),
    ("benchmarks.halo_commands", "halo"),
    ("benchmarks.forecast_commands", "forecast"),
    ("benchmarks.planning.commands", "plan"),
    ("benchmarks.calibration.commands", "calibrate"),
    ("benchmarks.speed.commands", "bench"),
    ("api.commands", None),
)


@app.command()
def demo(
    region: Annotated[str, typer.Option(help="A bundled region, or the path of a file.")] = (
        "isle-of-wight"
    ),
    policy: Annotated[str, typer.Option(help="Configuration that decides.")] = "default",
    pace: Annotated[float, typer.Option(help="Seconds of the day in a real second.")] = 20.0,
    port: Annotated[int, typer.Option(help="Port of the console.")] = 8350,
    seed: Annotated[int, typer.Option(help="Which day is composed.")] = 1,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the journal in this new file; else it is forgotten.")
    ] = None,
) -> None:
    """Show a composed day on a real map: simulated crews around the real server. Offline."""
    import tempfile

    import bluelight_demo

    with tempfile.TemporaryDirectory(prefix="bluelight-") as folder:
        store = keep or Path(folder) / "demo.sqlite"
        if store.exists():
            raise typer.BadParameter(f"Expected a new file, but {store} exists.", param_hint="keep")
        typer.echo("Preparing the day: seconds, and on a new machine up to a minute, once.")
        try:
            bluelight_demo.run(region, policy=policy, pace=pace, port=port, seed=seed, store=store)
        except (ValueError, RuntimeError, OSError) as error:
            typer.echo(f"Cannot show: {error}", err=True)
            raise typer.Exit(1) from error


def _order_for() -> Any:
    """Return what orders a network for the travel engine: maps may not know routing."""
    return importlib.import_module("routing.engine").order_for


def _open_rooms() -> None:
    app.add_typer(importlib.import_module("maps.commands").make_app(_order_for), name="maps")
    for module, name in ROOMS:
        room: typer.Typer = importlib.import_module(module).app
        if name is None:
            app.add_typer(room)
        else:
            app.add_typer(room, name=name)


def main() -> None:
    """Run the command line."""
    _open_rooms()
    app()


if __name__ == "__main__":
    main()
