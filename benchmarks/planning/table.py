"""A plan as files: points and hours as CSV, everything as JSON."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import msgspec

from benchmarks.planning.plan import StandbyPlan, TrustPlan

POINTS_FILE = "standby_points.csv"
HOURS_FILE = "hours.csv"
JSON_FILE = "plan.json"


def write_tables(plan: StandbyPlan, folder: Path) -> list[Path]:
    """Write the points, the hours and the whole plan into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    points, hours, whole = (folder / name for name in (POINTS_FILE, HOURS_FILE, JSON_FILE))
    _write(points, _point_rows(plan))
    _write(hours, _hour_rows(plan))
    whole.write_bytes(msgspec.json.format(msgspec.json.encode(plan)) + b"\n")
    return [points, hours, whole]


def _point_rows(plan: StandbyPlan) -> Iterable[list[str]]:
    planned = plan.trusts[0].hours if plan.trusts else ()
    columns = [f"units_{hour.hour:02d}" for hour in planned]
    yield ["id", "trust", "name", "lon", "lat", "post", "incident_share", "mean_min", *columns]
    for trust in plan.trusts:
        for point in trust.points:
            yield [
                point.id,
                point.trust,
                point.name,
                f"{point.lon:.6f}",
                f"{point.lat:.6f}",
                point.post or "",
                f"{point.incident_share:.4f}",
                "" if point.mean_min is None else f"{point.mean_min:.2f}",
                *map(str, point.units),
            ]


def _hour_rows(plan: StandbyPlan) -> Iterable[list[str]]:
    yield ["trust", "hour", "incidents", "units", "busy_fraction", "expected_coverage", "bound"]
    for trust in plan.trusts:
        yield from (
            [
                trust.trust,
                str(hour.hour),
                f"{hour.incidents:.2f}",
                str(hour.units),
                f"{hour.busy_fraction:.3f}",
                f"{hour.expected_coverage:.4f}",
                f"{hour.bound:.4f}",
            ]
            for hour in trust.hours
        )


def _write(path: Path, rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def shift_words(trust: TrustPlan) -> str:
    """Return the shifts of a trust in words: ``81 from 06:00 for 12 h, …``."""
    return ", ".join(
        f"{count} from {start:02d}:00 for {length} h" for start, length, count in trust.shifts
    )
