"""Commands that measure hot paths beside their peers: ``bluelight bench``."""

from __future__ import annotations

import json
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


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return "  ".join(f"{key} {_shown(part)}" for key, part in value.items())
    return str(value)
