"""Options that several commands of the analyst share: one name, one help, one home."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Region = Annotated[str | None, typer.Option("--region", help="Name of a region, or its file.")]
Trusts = Annotated[
    str | None,
    typer.Option("--trusts", help="Limit a region to these trusts, comma-separated codes."),
]
Scenario = Annotated[
    str | None, typer.Option("--scenario", help="Name of a bundled scenario, or a file.")
]
Calibrated = Annotated[bool, typer.Option("--calibrated", help="Crews fitted to published months.")]
Crews = Annotated[
    Path | None,
    typer.Option("--crews", help="Crews by the file of `bluelight calibrate fleet`."),
]
TravelProfile = Annotated[
    Path | None,
    typer.Option("--travel-profile", help="Travel times by the file of `bluelight travel fit`."),
]
Forecast = Annotated[
    Path | None,
    typer.Option(
        "--forecast", help="Forecast by `bluelight forecast fit`, for configurations that use one."
    ),
]
Report = Annotated[
    Path | None, typer.Option("--report", help="Write a self-contained HTML page here.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

Days = Annotated[int | None, typer.Option("--days", help="Compose only the first days.")]
Scale = Annotated[float, typer.Option("--scale", help="Compose this many times the volume.")]
Seeds = Annotated[int, typer.Option("--seeds", min=1, help="How many seeds.")]
FirstSeed = Annotated[int, typer.Option("--first-seed", min=0, help="The first of them.")]

Handover = Annotated[
    str, typer.Option("--handover", help="Handover times: drawn, or bays, from a queue for bays.")
]
Month = Annotated[
    str | None,
    typer.Option("--month", help="Month of the published figures to draw from (2026-03)."),
]
IgnoreColumn = Annotated[
    list[str] | None,
    typer.Option("--ignore-column", help="Column of the log not to believe; repeatable."),
]
MealBreaks = Annotated[
    bool, typer.Option("--meal-breaks", help="Crews are owed a meal break, and take it.")
]
ReleaseToRespond = Annotated[
    bool,
    typer.Option(
        "--release-to-respond/--no-release-to-respond",
        help="Crews are released at the limit; needs --handover bays.",
    ),
]
Halo = Annotated[
    bool,
    typer.Option("--halo/--no-halo", help="Proposed liaison officers come; needs --handover bays."),
]
FittedBays = Annotated[
    Path | None,
    typer.Option("--fitted-bays", help="Bays fitted by calibrate handover; needs --handover bays."),
]
Redirection = Annotated[
    bool,
    typer.Option(
        "--redirection/--no-redirection",
        help="Patients are described; clinicians and services take them.",
    ),
]
Services = Annotated[
    str | None,
    typer.Option("--services", help="Directory of services, CSV or JSON; assumed when absent."),
]
CallAnswering = Annotated[
    bool,
    typer.Option(
        "--call-answering/--no-call-answering",
        help="Incidents come by calls that a handler must answer.",
    ),
]
Handlers = Annotated[
    float,
    typer.Option("--handlers", min=0.1, help="Handlers on duty, as a multiple of those needed."),
]
BuddiesAfter = Annotated[
    int | None,
    typer.Option(
        "--buddies-after", min=0, help="Trusts answer each other's calls after so many s."
    ),
]
RoomDown = Annotated[
    str | None,
    typer.Option("--room-down", help="A control room down: trust, from and until hour, RRU:6:9."),
]


def listed(words: str | None) -> list[str]:
    """Return the words of a comma-separated option."""
    return [word.strip() for word in (words or "").split(",") if word.strip()]


def resolved(file: Path | None) -> str | None:
    """Return a file as other processes can find it."""
    return None if file is None else str(file.resolve())
