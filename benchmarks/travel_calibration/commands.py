"""The commands ``bluelight travel``: fit travel times to journeys, validate, show residuals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from benchmarks.travel_calibration.journeys import Journeys
    from benchmarks.travel_calibration.validation import Validation
    from dispatch.ports import TravelTimes
    from maps.region import Region

app = typer.Typer(help="Fit travel times to observed journeys.", no_args_is_help=True)

LogArgument = Annotated[Path, typer.Argument(help="Call log with observed_from and stamps.")]
RegionOption = Annotated[str, typer.Option(help="Name of a region, or its file.")]
StationsOption = Annotated[Path, typer.Option(help="CSV with columns name, lon, lat.")]
DelimiterOption = Annotated[
    str | None,
    typer.Option(help="What separates the columns of --stations; else it is found out."),
]
FromOption = Annotated[
    str,
    typer.Option(
        "--measured-from", help="first_mobile_at (driving), first_assigned_at or received_at."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@app.command()
def fit(
    log: LogArgument,
    *,
    region: RegionOption,
    stations: StationsOption,
    out: Annotated[Path, typer.Option(help="Profile to write (TOML).")],
    name: Annotated[str, typer.Option(help="Name of the profile.")] = "calibrated",
    stations_delimiter: DelimiterOption = None,
    measured_from: FromOption = "first_mobile_at",
    attribution: Annotated[str, typer.Option(help="Whose journeys these are.")] = "",
    residuals: Annotated[Path | None, typer.Option(help="Write residuals here (CSV).")] = None,
    area_map: Annotated[Path | None, typer.Option(help="Write areas here (GeoJSON).")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page here (HTML).")] = None,
) -> None:
    """Fit a profile to the journeys of a log, and show where it errs."""
    with _told_plainly():
        from benchmarks.travel_calibration import residuals as remaining
        from benchmarks.travel_calibration.calibration import fit as fitted
        from benchmarks.travel_calibration.fit_page import calibration_page
        from benchmarks.travel_calibration.profile_file import save_profile

        place, times, journeys = _journeys(log, region, stations, stations_delimiter, measured_from)
        calibration = fitted(
            journeys,
            name=name,
            base=times.version,
            timezone=place.timezone,
            attribution=attribution,
        )
        save_profile(calibration, out)
        found = remaining.residuals(calibration, journeys)
        if residuals is not None:
            remaining.write_residuals(found, residuals)
        if area_map is not None:
            remaining.write_area_map(calibration, area_map)
        if report is not None:
            validation = _validation(journeys, times, place)
            text = calibration_page(calibration, found, validation)
            report.write_text(text, encoding="utf-8")
        typer.echo(f"{out}: {calibration.journeys:,} journeys, version {calibration.version}")


@app.command()
def validate(
    log: LogArgument,
    *,
    region: RegionOption,
    stations: StationsOption,
    stations_delimiter: DelimiterOption = None,
    measured_from: FromOption = "first_mobile_at",
    json: JsonOption = False,
) -> None:
    """Hold stations out, and compare the fit with simpler models on their journeys."""
    with _told_plainly():
        place, times, journeys = _journeys(log, region, stations, stations_delimiter, measured_from)
        from benchmarks.travel_calibration.fit_page import MODEL_WORDS

        validation = _validation(journeys, times, place)
        if json:
            from msgspec.json import encode
            from msgspec.json import format as indented

            typer.echo(indented(encode(validation)).decode())
            return
        typer.echo(
            f"{validation.journeys:,} journeys of {validation.stations} stations, "
            f"median {validation.median_observed_s:.0f} s; median absolute errors:"
        )
        for errors in validation.errors:
            typer.echo(
                f"  {MODEL_WORDS[errors.model]:<40}{errors.median_abs_s:7.1f} s"
                f"   bias {errors.bias_s:+7.1f} s   r {errors.correlation:.3f}"
            )


def _journeys(
    log: Path, region: str, stations: Path, delimiter: str | None, measured_from: str
) -> tuple[Region, TravelTimes, Journeys]:
    from typing import cast

    from benchmarks.call_log.read import read_log
    from benchmarks.travel_calibration.journeys import journeys_of, read_stations, routed
    from maps.region_file import load_region
    from routing.engine import travel_times_for

    place = load_region(region)
    found, left_out = journeys_of(
        read_log(log).log, read_stations(stations, delimiter), measured_from
    )
    # Strangers are joined by shape only: routing has its own names for mode and position.
    times = cast("TravelTimes", travel_times_for(place))
    journeys, off = routed(found, times)
    typer.echo(
        f"{len(journeys):,} journeys; left out: {left_out.without_times:,} without times, "
        f"{left_out.without_station:,} without station, {left_out.too_short_or_long:,} too short "
        f"or long, {off:,} off the roads",
        err=True,
    )
    return place, times, journeys


def _validation(journeys: Journeys, times: TravelTimes, place: Region) -> Validation:
    from benchmarks.travel_calibration.validation import validated

    return validated(journeys, base=times.version, timezone=place.timezone)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Turn errors of the user's making into a message and exit code 2."""
    try:
        yield
    except (ValueError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
