"""The commands ``bluelight calls``: compose a log, check one, bring a foreign one in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from benchmarks.call_log.gathering import Bounds
    from benchmarks.call_log.rejects import RejectSummary

app = typer.Typer(help="Compose, inspect, check and import call logs.", no_args_is_help=True)

RegionOption = Annotated[
    str | None, typer.Option("--region", help="Region in which every scene must lie.")
]
RejectsOption = Annotated[
    Path | None,
    typer.Option("--rejects", help="Write rows that cannot be used here."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command()
def compose(
    *,
    region: Annotated[str, typer.Option(help="Name of a region, or its file.")],
    month: Annotated[str, typer.Option(help="Month of the published volumes, such as 2026-03.")],
    out: Annotated[Path, typer.Option(help="Log to write: .csv, .csv.gz or .parquet.")],
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal logs.")] = 1,
    trusts: Annotated[
        str | None, typer.Option(help="Codes of trusts, separated by commas; all by default.")
    ] = None,
    first_day: Annotated[int, typer.Option(min=1, help="Day of the month to begin with.")] = 1,
    days: Annotated[int | None, typer.Option(min=1, help="How many days; all by default.")] = None,
    scale: Annotated[float, typer.Option(help="Factor of all volumes.")] = 1.0,
    per_day: Annotated[
        float | None, typer.Option(help="Mean incidents a day, in place of the published volume.")
    ] = None,
    assumptions: Annotated[
        Path | None, typer.Option(help="Assumptions (TOML) in place of the bundled ones.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compose a call log from published volumes, places, hours and kinds of patients."""
    with _told_plainly():
        from benchmarks.call_log.assumptions import load_assumptions
        from benchmarks.call_log.compose import compose as composed
        from benchmarks.call_log.sink import demand_ending
        from benchmarks.call_log.write import write_log
        from maps.region_file import load_region

        demand_ending(out)
        place = load_region(region)
        composition = composed(
            place,
            month,
            seed,
            trusts=trusts.split(",") if trusts else None,
            first_day=first_day,
            days=days,
            scale=scale,
            incidents_per_day=per_day,
            assumptions=load_assumptions(assumptions),
        )
        write_log(composition.log, out)
        told: dict[str, object] = {"log": str(out), "incidents": len(composition.log)}
        told |= {"expected": round(composition.expected_count, 1), "region": place.name}
        told |= {"region_version": place.version, "month": month, "seed": seed}
        told |= {"sha256": composition.log.sha256, "notes": list(composition.notes)}
        _tell(told, json=json)


@app.command()
def validate(
    log: Annotated[Path, typer.Argument(help="Log in the engine's schema.")],
    *,
    region: RegionOption = None,
    rejects: RejectsOption = None,
    json: JsonOption = False,
) -> None:
    """Check a log; exit code 1 when rows cannot be used, 2 when the file cannot."""
    with _told_plainly():
        from benchmarks.call_log.gathering import instant_text
        from benchmarks.call_log.read import read_log

        reading = read_log(log, bounds=_bounds(region), rejects_path=rejects)
        stamps = reading.log.received_at_ms[[0, -1]] if len(reading.log) else None
        told = {
            "log": str(log),
            "rows": reading.row_count,
            "incidents": len(reading.log),
            "from": None if stamps is None else instant_text(stamps)[0],
            "to": None if stamps is None else instant_text(stamps)[1],
            "sha256": reading.log.sha256,
            "columns not in the schema": list(reading.columns_left_out),
            "set aside": reading.rejects.count,
        }
        _tell(told, json=json, rejects=reading.rejects)
        if reading.rejects.count:
            raise typer.Exit(1)


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="Foreign log: CSV, JSON (also packed) or Parquet.")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Write the proposed mapping here; else it is printed.")
    ] = None,
    rows: Annotated[int, typer.Option(min=100, help="Rows to look at.")] = 20_000,
    mapping: Annotated[
        Path | None, typer.Option(help="Try this mapping instead of proposing one.")
    ] = None,
    postcodes: Annotated[
        Path | None, typer.Option(help="CSV with columns postcode, lon, lat.")
    ] = None,
    near: Annotated[
        str | None,
        typer.Option(help="LON,LAT of a spot in the area: finds the grid of its coordinates."),
    ] = None,
    region: RegionOption = None,
) -> None:
    """Propose a mapping for a foreign log, and show what would be kept and what lost."""
    with _told_plainly():
        from benchmarks.call_log.proposal import propose
        from benchmarks.call_log.trial import tried

        text = mapping.read_text(encoding="utf-8") if mapping else propose(file, rows, _spot(near))
        if out is not None:
            out.write_text(text, encoding="utf-8")
            typer.echo(f"The proposed mapping is written to {out}.", err=True)
        elif mapping is None:
            typer.echo(text)
        name = str(mapping or out or file)
        typer.echo(tried(file, text, name, rows, _bounds(region), postcodes), err=True)


@app.command(name="import")
def import_log(
    file: Annotated[Path, typer.Argument(help="Foreign log: CSV, JSON (also packed) or Parquet.")],
    *,
    mapping: Annotated[str, typer.Option(help="Mapping file (TOML), or name of a bundled one.")],
    out: Annotated[Path, typer.Option(help="Log to write: .csv, .csv.gz or .parquet.")],
    region: RegionOption = None,
    rejects: RejectsOption = None,
    postcodes: Annotated[
        Path | None, typer.Option(help="CSV with columns postcode, lon, lat.")
    ] = None,
    memory_mb: Annotated[
        int, typer.Option(min=64, help="Memory for sorting; more goes to the disk.")
    ] = 512,
    json: JsonOption = False,
) -> None:
    """Bring a foreign log into the engine's schema; exit code 1 when no row can be used."""
    with _told_plainly():
        from msgspec import to_builtins

        from benchmarks.call_log.bring_in import bring_in
        from benchmarks.call_log.mapping_file import load_mapping

        report = bring_in(
            file,
            load_mapping(mapping),
            out,
            bounds=_bounds(region),
            rejects_path=rejects or out.with_name(f"{out.name}.rejects.csv"),
            postcodes=postcodes,
            memory_mb=memory_mb,
        )
        told = to_builtins(report)
        told.pop("rejects")
        told["set aside"] = report.rejects.count
        _tell({"log": str(out), **told}, json=json, rejects=report.rejects)
        if not report.incident_count:
            typer.echo(
                f"Error: Expected incidents in {file}, was no row that can be used.", err=True
            )
            raise typer.Exit(1)


@app.command()
def sketch(
    log: Annotated[Path, typer.Argument(help="Log in the engine's schema.")],
    *,
    out: Annotated[Path, typer.Option(help="TOML file of the region to write: NAME.toml.")],
    hospitals: Annotated[
        Path | None, typer.Option(help="Hospitals that are known: CSV with id, name, lon, lat.")
    ] = None,
    posts: Annotated[
        Path | None, typer.Option(help="Stations that are known: CSV with id, name, lon, lat.")
    ] = None,
    units: Annotated[
        int | None, typer.Option(min=1, help="Crews on duty by day; else by the number of calls.")
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of the place; else by where the calls are.")
    ] = None,
) -> None:
    """Sketch a region around a log from a place for which there is none."""
    with _told_plainly():
        from benchmarks.call_log.read import read_log
        from benchmarks.call_log.sites import read_sites
        from benchmarks.call_log.sketch import sketched

        calls = read_log(log).log
        name = re.sub(r"[^a-z0-9]+", "-", out.stem.lower()).strip("-") or "region"
        text = sketched(
            calls,
            name,
            hospitals=read_sites(hospitals, "hospitals") if hospitals else (),
            posts=read_sites(posts, "stations") if posts else (),
            units=units,
            timezone=timezone,
        )
        out.write_text(text, encoding="utf-8")
        counts = {f"[[{kind}]]": text.count(f"[[{kind}]]") for kind in ("hospitals", "posts")}
        _tell({"region": str(out), "sketched around": len(calls), "with": counts}, json=False)
        typer.echo(f"Put in what you know, then: bluelight maps build --toml {out} --name {name}")


@app.command(name="mappings")
def list_mappings() -> None:
    """List the mappings that come with the package."""
    from benchmarks.call_log.mapping_file import bundled_mappings, load_mapping

    for name in bundled_mappings():
        typer.echo(f"{name}: {load_mapping(name).title}")


def _spot(text: str | None) -> tuple[float, float] | None:
    """Return longitude and latitude of a text such as ``-122.3,47.6``."""
    if text is None:
        return None
    try:
        lon, lat = map(float, text.split(","))
    except ValueError:
        raise ValueError(f"Expected --near LON,LAT such as -122.3,47.6, was {text!r}.") from None
    if abs(lon) > 180 or abs(lat) > 90:
        raise ValueError(f"Expected --near with the longitude first, was {text!r}.")
    return lon, lat


def _bounds(region: str | None) -> Bounds | None:
    if region is None:
        return None
    from benchmarks.call_log.read import bounds_of
    from maps.region_file import load_region

    return bounds_of(load_region(region))


def _tell(told: dict[str, object], *, json: bool, rejects: RejectSummary | None = None) -> None:
    """Print what was done: as JSON on standard output, or in lines with rejects by reason."""
    if json:
        from msgspec.json import encode
        from msgspec.json import format as indented

        whole = told if rejects is None else {**told, "rejects": rejects}
        typer.echo(indented(encode(whole)).decode())
        return
    for name, value in told.items():
        if value not in (None, "", [], {}):
            typer.echo(f"{name.replace('_', ' ')}: {_words(value)}")
    if rejects is None or not rejects.count:
        return
    for field, reason, count in rejects.reasons:
        typer.echo(f"  {count:,} rows: {field or 'the row'}: {reason}")
    for reject in rejects.first[:5]:
        typer.echo(f"  {reject}")
    if rejects.path:
        typer.echo(f"All of them are in {rejects.path}.")


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {count:,}" for key, count in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(str(item) for item in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn errors of the user's making into a message and exit code 2."""
    try:
        yield
    except FileNotFoundError as error:
        typer.echo(f"Error: Expected a file at {error.filename}, was nothing there.", err=True)
        raise typer.Exit(2) from error
    except (ValueError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
