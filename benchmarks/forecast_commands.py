"""``bluelight forecast``: how many incidents to expect, when and where, fitted from a log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from benchmarks.forecast_fit import TrustFit

app = typer.Typer(help="Forecast demand by hour and place from a log.", no_args_is_help=True)


@app.callback()
def forecast() -> None:
    """Forecast demand by hour and place from a log."""


@app.command()
def fit(
    log: Annotated[Path, typer.Argument(help="Call log: CSV, JSON or Parquet.")],
    *,
    out: Annotated[Path, typer.Option(help="File of the forecast, JSON.")],
    region: Annotated[str, typer.Option(help="Name of a region, or its file.")] = "isle-of-wight",
    hold_out_days: Annotated[
        int, typer.Option(min=0, help="Last days on which it is tried, one day ahead.")
    ] = 28,
    json: Annotated[bool, typer.Option("--json", help="Print the errors as JSON.")] = False,
) -> None:
    """Fit a forecast to a log, and print its errors on held-out days beside the naive ones."""
    import msgspec

    from benchmarks.call_log.read import bounds_of, read_log
    from benchmarks.forecast_fit import fit as fit_log
    from benchmarks.forecast_fit import save_forecast
    from maps.region_file import load_region

    try:
        place = load_region(region)
        reading = read_log(log, bounds=bounds_of(place))
        found = fit_log(reading.log, place, days_held_out=hold_out_days)
        save_forecast(found.forecast, out)
    except (ValueError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(1) from error
    if json:
        facts = {
            "version": found.forecast.version,
            "from_day": found.forecast.from_day,
            "until_day": found.forecast.until_day,
            "trusts": found.fits,
            "left_out": found.left_out,
        }
        typer.echo(msgspec.json.format(msgspec.json.encode(facts), indent=2).decode())
        return
    for line in table(found.fits):
        typer.echo(line)
    for trust, why in found.left_out.items():
        typer.echo(f"{trust} is left out: {why}")
    typer.echo(f"Written: {out} ({found.forecast.version})")


def table(fits: tuple[TrustFit, ...]) -> list[str]:
    """Return the errors of each trust's fit as lines of text."""
    head = f"{'':<8}{'days':>6}{'a day':>9}{'held out':>10}{'hour':>8}{'naive':>8}"
    lines = [
        "Mean absolute error one day ahead on held-out days; naive: the same hour or day a week",
        "before.",
        f"{head}{'day':>8}{'naive':>8}",
    ]
    for row in fits:
        text = f"{row.trust:<8}{row.days:>6}{row.per_day:>9.1f}"
        if row.score is None or row.naive_mae_hour is None or row.naive_mae_day is None:
            lines.append(f"{text}{'none':>10}")
            continue
        lines.append(
            f"{text}{row.score.days:>10}{row.score.mae_hour:>8.2f}{row.naive_mae_hour:>8.2f}"
            f"{row.score.mae_day:>8.1f}{row.naive_mae_day:>8.1f}"
        )
    return lines
