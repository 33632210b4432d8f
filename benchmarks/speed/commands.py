"""Commands that measure hot paths beside their peers: ``bluelight bench``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Measure hot paths beside their peers.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure hot paths beside their peers."""


@app.command()
def routing(
    graph: Annotated[
        str, typer.Option(help="isle-of-wight, new-york or england-size (also new-york-17k, -66k).")
    ] = "isle-of-wight",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    peers: Annotated[bool, typer.Option(help="Measure installed peers too.")] = True,
    seed: Annotated[int, typer.Option(help="Which positions are asked about.")] = 1,
) -> None:
    """Measure travel times: preparation, customisation, queries, exactness; peers in one run."""
    from benchmarks.speed.routing_bench import bench_routing

    try:
        result = bench_routing(graph, peers=peers, seed=seed)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps(result, indent=2))
        return
    for key, value in result.items():
        typer.echo(f"{key:28} {_shown(value)}")


@app.command()
def decisions(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    seed: Annotated[int, typer.Option(help="Which pictures are made.")] = 1,
    repeats: Annotated[int, typer.Option(help="Decisions of each kind.")] = 300,
) -> None:
    """Measure single decisions with all England in one picture."""
    from benchmarks.speed.decisions_bench import run

    result = run(json=as_json, seed=seed, repeats=repeats)
    if as_json:
        typer.echo(json.dumps(result, indent=2))


@app.command()
def replay(
    *,
    region: Annotated[str, typer.Option(help="A bundled region, or a file.")] = "isle-of-wight",
    policy: Annotated[str, typer.Option(help="Configuration that decides.")] = "default",
    days: Annotated[
        int | None, typer.Option(help="Days of composed calls; else a month of few trusts, or one.")
    ] = None,
    trusts: Annotated[str | None, typer.Option(help="Codes, comma-separated.")] = None,
    seed: Annotated[int, typer.Option(help="Which calls are composed.")] = 1,
    calibrated: Annotated[
        bool, typer.Option("--calibrated", help="Crews fitted to published months.")
    ] = False,
    travel_profile: Annotated[
        Path | None, typer.Option(help="Travel times by the file of `bluelight travel fit`.")
    ] = None,
    growth: Annotated[bool, typer.Option(help="Measure 1, 2, 4 and 8 trusts too.")] = True,
    jobs: Annotated[int, typer.Option(help="Processes at once, each with a stretch of days.")] = 1,
    plot: Annotated[Path | None, typer.Option(help="Draw the growth here (SVG).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Measure a replay: incidents a CPU-second and peak memory, and how both grow."""
    from benchmarks.speed.replay_bench import bench_replay

    codes = None if trusts is None else trusts.split(",")
    try:
        result = bench_replay(
            region,
            policy=policy,
            days=days,
            trusts=codes,
            seed=seed,
            calibrated=calibrated,
            travel_profile=None if travel_profile is None else str(travel_profile.resolve()),
            growth=growth,
            jobs=jobs,
        )
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if plot is not None:
        from benchmarks.speed.growth_plot import growth_plot

        plot.write_text(growth_plot(result), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(result, indent=2))
        return
    rows = result.pop("growth")
    for key, value in result.items():
        typer.echo(f"{key:28} {_shown(value)}")
    for row in rows:
        typer.echo(_shown(row))


@app.command()
def osrm(
    pbf: Annotated[Path, typer.Option(help="OpenStreetMap extract that both read.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
    seed: Annotated[int, typer.Option(help="Which journeys are driven.")] = 1,
) -> None:
    """Drive a map beside OSRM's car profile: times, ways, speed. Needs osrm-bindings."""
    from benchmarks.speed.osrm_check import check_with_osrm

    try:
        result = check_with_osrm(pbf, seed=seed)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps(result, indent=2))
        return
    for key, value in result.items():
        typer.echo(f"{key:28} {_shown(value)}")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return "  ".join(f"{key} {_shown(part)}" for key, part in value.items())
    return str(value)
