"""The command line: opens the other rooms lazily."""

from __future__ import annotations

import importlib
from typing import Final

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
    ("maps.commands", "maps"),
    ("benchmarks.call_log.commands", "calls"),
    ("benchmarks.commands", None),
    ("benchmarks.planning.commands", "plan"),
    ("benchmarks.speed.commands", "bench"),
    ("api.commands", None),
)


def _open_rooms() -> None:
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
