"""The commands ``bluelight maps``: build a region, describe it, export it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from maps import strategic_commands

if TYPE_CHECKING:
    from maps.build import OnNetwork


_HELP: Final = "Build, describe and export regions."


def make_app(load_on_network: Callable[[], OnNetwork] | None = None) -> typer.Typer:
    """Return the commands of this room.

    ``load_on_network`` opens, only when a region is built, another room's door that adds arrays
    to the region (`maps.build.OnNetwork`): this room may not import those above it.
    """
    app = typer.Typer(name="maps", help=_HELP, no_args_is_help=True)

    @app.command()
    def build(
        *,
        name: Annotated[str, typer.Option(help="Name of the region: small letters and hyphens.")],
        pbf: Annotated[
            Path | None, typer.Option(help="OpenStreetMap file (.osm.pbf, .osm).")
        ] = None,
        place: Annotated[
            str | None, typer.Option(help='Place such as "Isle of Wight, England".')
        ] = None,
        graphml: Annotated[Path | None, typer.Option(help="Graph saved by osmnx.")] = None,
        toml: Annotated[Path | None, typer.Option(help="Region without streets.")] = None,
        facilities: Annotated[
            Path | None, typer.Option(help="Trusts, hospitals, posts, fleet (TOML).")
        ] = None,
        demand: Annotated[Path | None, typer.Option(help="Demand places (CSV).")] = None,
        boundary: Annotated[Path | None, typer.Option(help="Trust polygons (GeoJSON).")] = None,
        out: Annotated[
            Path | None, typer.Option(help="File to write; NAME.region by default.")
        ] = None,
        timezone: Annotated[
            str | None, typer.Option(help="Zone of the place; Europe/London when nothing says.")
        ] = None,
        component_nodes_min: Annotated[
            int, typer.Option(min=2, help="Smaller parts of the map are left out.")
        ] = 20,
        nominatim_url: Annotated[str | None, typer.Option(help="Server that finds places.")] = None,
        overpass_url: Annotated[
            str | None, typer.Option(help="Server that hands out maps.")
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
    ) -> None:
        """Build a region from a map or a table, and write it to one file."""
        with _told_plainly():
            from maps.build import RegionSources, build_region
            from maps.place import PlaceServers
            from maps.region_file import SUFFIX, save_region

            sources = RegionSources(
                name=name,
                pbf=pbf,
                place=place,
                graphml=graphml,
                toml=toml,
                facilities=facilities,
                demand=demand,
                boundary=boundary,
                timezone=timezone,
                component_nodes_min=component_nodes_min,
                servers=PlaceServers(nominatim_url=nominatim_url, overpass_url=overpass_url),
            )
            on_network = None if load_on_network is None else load_on_network()
            region, report = build_region(sources, on_network)
            target = out or Path(f"{name}{SUFFIX}")
            region = save_region(region, target)
            _report(
                {"file": str(target), "bytes": target.stat().st_size, "version": region.version},
                report,
                as_json=json,
            )

    @app.command()
    def info(
        region: Annotated[str, typer.Argument(help="Bundled name, or path of a region file.")],
        json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    ) -> None:
        """Describe a region: what it holds, and what of it is assumed."""
        with _told_plainly():
            from maps.region_file import load_region
            from maps.region_info import region_info

            _report({}, region_info(load_region(region)), as_json=json)

    @app.command()
    def export(
        region: Annotated[str, typer.Argument(help="Bundled name, or path of a region file.")],
        out: Annotated[Path, typer.Option(help="GeoJSON file to write.")],
        layer: Annotated[list[str] | None, typer.Option(help="Layers; all by default.")] = None,
    ) -> None:
        """Export a region as GeoJSON: trusts, roads, hospitals, posts, demand."""
        with _told_plainly():
            from maps.geojson import write_geojson
            from maps.region_file import load_region

            count = write_geojson(load_region(region), out, layer or None)
            typer.echo(f"{count} features written to {out}.")

    @app.command(name="list")
    def list_regions() -> None:
        """List the regions that come with the package."""
        from maps.region_file import bundled_regions

        for name in bundled_regions():
            typer.echo(name)

    app.add_typer(strategic_commands.make_app(load_on_network))
    return app


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn an error of the caller's making into one line and exit code 1, without a traceback."""
    try:
        yield
    except (ValueError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error


def _report(head: dict[str, Any], told: Any, *, as_json: bool) -> None:
    import msgspec

    facts = head | msgspec.to_builtins(told)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(facts), indent=2).decode())
        return
    for line in _lines(facts, 0):
        typer.echo(line)


def _lines(facts: dict[str, Any], depth: int) -> Iterator[str]:
    pad = "  " * depth
    for key, value in facts.items():
        label = key.replace("_", " ")
        if isinstance(value, dict) and value:
            yield f"{pad}{label}:"
            yield from _lines(value, depth + 1)
        elif isinstance(value, list | tuple) and value and isinstance(value[0], str):
            yield f"{pad}{label}:"
            yield from (f"{pad}  - {entry}" for entry in value)
        else:
            shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
            yield f"{pad}{label}: {'none' if shown in ('', None, {}) else shown}"


app = make_app()
