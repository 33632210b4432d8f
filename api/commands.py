"""Commands of the live server: serve, and look after its journal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()
journal = typer.Typer(no_args_is_help=True, help="Check a server's journal, or take it out.")
app.add_typer(journal, name="journal")

StoreOption = Annotated[
    str, typer.Option("--store", help="File of the journal; made if it does not exist.")
]


def _as_path(store: str) -> Path:
    """Return the path of a store, refusing the address of a database server."""
    scheme, mark, rest = store.partition("://")
    if not mark:
        return Path(store)
    if scheme == "sqlite":
        return Path(rest)
    raise typer.BadParameter(f"Expected the path of an SQLite file, was a {scheme} address.")


@app.command()
def serve(
    region: Annotated[
        str | None, typer.Option(help="A bundled region, or the path of a region file.")
    ] = None,
    store: Annotated[
        str | None, typer.Option(help="File of the journal; made if it does not exist.")
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            help="Configuration, a name or a JSON file, to put into force; else the journal's own."
        ),
    ] = None,
    forecast: Annotated[
        Path | None, typer.Option(help="Forecast by `bluelight forecast fit` to put into force.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    sign_on_fleet: Annotated[
        bool, typer.Option(help="Sign on the crews of the region's fleet that are on shift.")
    ] = False,
) -> None:
    """Serve the HTTP interface with a durable journal; stop it with Ctrl-C.

    What is not given is read from the environment (BLUELIGHT_REGION, BLUELIGHT_STORE, …).
    """
    from api.server import serve as serve_until_stopped
    from api.settings import ServerSettings

    given = {
        "region": region,
        "store": None if store is None else _as_path(store),
        "policy": policy,
        "forecast": forecast,
        "host": host,
        "port": port,
        "sign_on_fleet": sign_on_fleet or None,
    }
    settings = ServerSettings(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    try:
        serve_until_stopped(settings)
    except (ValueError, RuntimeError, OSError) as error:
        typer.echo(f"Cannot serve: {error}", err=True)
        raise typer.Exit(1) from error


@journal.command()
def verify(
    store: StoreOption,
    region: Annotated[
        str | None, typer.Option(help="Region of the journal; its bundled namesake when missing.")
    ] = None,
) -> None:
    """Check a journal's chain, decide every event anew, and compare with what was decided."""
    from api.audit import verify as verify_store

    try:
        report = verify_store(_as_path(store), region)
    except (ValueError, RuntimeError) as error:
        typer.echo(f"Not verified: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(report.words())
    if report.differences:
        raise typer.Exit(2)


@journal.command()
def export(
    store: StoreOption,
    out: Annotated[Path, typer.Option("--out", help="File of JSON lines to write.")],
) -> None:
    """Write a journal as JSON lines, sealed with a digest; `bluelight replay --verify` reads it."""
    from api.audit import export as export_store

    try:
        count = export_store(_as_path(store), out)
    except (ValueError, RuntimeError) as error:
        typer.echo(f"Not exported: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{count} entries written to {out}.")
