"""The command ``bluelight plan``: where units should wait, and how many at which hour."""

# ruff: noqa: PLR0917 - options of a command line, all given by name

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from benchmarks.planning.plan import Amount, StandbyPlan
    from dispatch.ports import TravelTimes
    from maps.region import Region

app = typer.Typer(help="Plan standby points, fleets and shifts offline.", no_args_is_help=True)


class SitingModel(StrEnum):
    """How points are chosen."""

    P_MEDIAN = "p-median"
    MEXCLP = "mexclp"


@app.callback()
def plan() -> None:
    """Plan standby points, fleets and shifts offline."""


@app.command()
def standby(
    region: Annotated[str, typer.Option(help="Bundled name or file of a region.")],
    points: Annotated[str, typer.Option(help="Points to site: 12, or by trust RX6=60,RX7=110.")],
    units: Annotated[
        str,
        typer.Option(help="Units on duty at the hour, or on average over the day; as --points."),
    ],
    hour: Annotated[int | None, typer.Option(min=0, max=23, help="Local hour to plan for.")] = None,
    day: Annotated[
        bool, typer.Option("--day", help="Plan all 24 hours, with whole shifts.")
    ] = False,
    trust: Annotated[
        list[str] | None, typer.Option(help="ODS code of a trust; may be repeated. All if absent.")
    ] = None,
    siting: Annotated[
        SitingModel, typer.Option(help="How points are chosen.")
    ] = SitingModel.P_MEDIAN,
    standard_min: Annotated[
        float, typer.Option(min=1.0, help="Blue-light minutes that count as covered.")
    ] = 8.0,
    job_min: Annotated[
        float, typer.Option(min=1.0, help="Unit time for an incident, in minutes.")
    ] = 108.0,
    month: Annotated[str, typer.Option(help="Published month whose volumes count.")] = "2026-03",
    date: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="A day whose traffic counts.")
    ] = datetime(2026, 3, 4),  # noqa: DTZ001 - a calendar day has no zone
    incidents_per_day: Annotated[
        float | None, typer.Option(help="Incidents a day instead of the published ones.")
    ] = None,
    time_limit_s: Annotated[
        float, typer.Option(min=1.0, help="Of each solver run, in seconds.")
    ] = 120.0,
    out: Annotated[Path, typer.Option(help="Folder for map, tables and JSON.")] = Path("standby"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Site standby points and units for a region, with a map and tables.

    Each trust is planned for itself. Writes standby.html, standby_points.csv, hours.csv and
    plan.json into the folder.
    """
    from rich.console import Console

    from benchmarks.planning.plan import PlanSettings, plan_standby
    from maps.region_file import load_region
    from routing.engine import travel_times_for

    if day == (hour is not None):
        raise typer.BadParameter("Expected either --hour or --day, was both or neither.")
    settings = PlanSettings(
        siting=siting.value,
        standard_min=standard_min,
        job_min=job_min,
        hour=hour,
        day=date.date(),
        month=month,
        incidents_per_day=incidents_per_day,
        time_limit_s=time_limit_s,
    )
    notes = Console(stderr=True)
    try:
        ground = load_region(region)
        times = cast("TravelTimes", travel_times_for(ground))
        with notes.status("planning"):
            made = plan_standby(
                ground,
                times,
                _amount(points, "--points"),
                _amount(units, "--units"),
                settings,
                trust,
                lambda code: notes.print(f"{code} planned"),
            )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    for path in _written(made, ground, times, out):
        notes.print(f"wrote {path}")
    _show(made, as_json=as_json)


def _amount(text: str, option: str) -> Amount:
    """Return a whole number, or one for each trust: ``RX6=60,RX7=110``."""
    try:
        if "=" not in text:
            return int(text)
        pairs = (part.split("=", 1) for part in text.split(","))
        return {code.strip(): int(number) for code, number in pairs}
    except ValueError:
        raise typer.BadParameter(
            f"Expected {option} as 12 or RX6=60,RX7=110, was {text!r}."
        ) from None


def _written(made: StandbyPlan, region: Region, times: TravelTimes, out: Path) -> list[Path]:
    from benchmarks.planning.drawing import plan_page
    from benchmarks.planning.plan import nearest_minutes
    from benchmarks.planning.table import write_tables

    files = write_tables(made, out)
    page = out / "standby.html"
    page.write_text(plan_page(made, region, nearest_minutes(made, region, times)), encoding="utf-8")
    return [page, *files]


def _show(made: StandbyPlan, *, as_json: bool) -> None:
    import msgspec

    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(made)).decode())
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("trust", "points", "units", "mean min", "90th min", "within", "existing within")
    for trust in made.trusts:
        numbers = [hour.units for hour in trust.hours]
        span = str(numbers[0]) if len(numbers) == 1 else f"{min(numbers)} to {max(numbers)}"
        existing = "" if trust.existing is None else f"{trust.existing.within_standard:.1%}"
        table.add_row(
            trust.trust,
            str(len(trust.points)),
            span,
            f"{trust.reach.mean_min:.2f}",
            f"{trust.reach.p90_min:.2f}",
            f"{trust.reach.within_standard:.1%}",
            existing,
        )
    Console().print(table)
