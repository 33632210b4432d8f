"""Derive the files of this folder from the published ones.

Run ``python -m benchmarks.published.build DATA`` where DATA holds

- ``nhs_statistics/AmbSYS-to-Mar-2026.csv``: NHS England, Ambulance Quality Indicators, AmbSYS
  time series (https://www.england.nhs.uk/statistics/statistical-work-areas/ambulance-quality-indicators/);
- ``nhs_job_cycle/*.xlsx``: parameter files of NHS England's open ambulance model
  (https://github.com/nhsengland/AmbModelOpen);
- ``england/england_lsoa21_points_population.csv.gz``: ONS Census 2021 ages by LSOA.

It writes ``ambsys.csv``, ``job_cycle.toml``, ``day.toml`` and ``trusts.toml``. The files written by
hand are ``standards.toml`` and ``dictionary.toml``.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from benchmarks.published.workbook import Rows, sheet

HERE: Final = Path(__file__).parent
MONTHS: Final = 36
"""How many months are bundled: three years show a winter three times."""

TRUSTS: Final = {
    "R1F": ("Isle of Wight NHS Trust", "IOW", "IWAS"),
    "RRU": ("London Ambulance Service NHS Trust", "LAS", "LAS"),
    "RX6": ("North East Ambulance Service NHS Foundation Trust", "NEAS", "NEAS"),
    "RX7": ("North West Ambulance Service NHS Trust", "NWAS", "NWAS"),
    "RX8": ("Yorkshire Ambulance Service NHS Trust", "YAS", "YAS"),
    "RX9": ("East Midlands Ambulance Service NHS Trust", "EMAS", "EMAS"),
    "RYA": ("West Midlands Ambulance Service University NHS Foundation Trust", "WMAS", "WMAS"),
    "RYC": ("East of England Ambulance Service NHS Trust", "EEAST", "EEAST"),
    "RYD": ("South East Coast Ambulance Service NHS Foundation Trust", "SECAmb", "SECAmb"),
    "RYE": ("South Central Ambulance Service NHS Foundation Trust", "SCAS", "SCAS"),
    "RYF": ("South Western Ambulance Service NHS Foundation Trust", "SWASFT", "SWAS"),
}
"""ODS code: name, short name, and the name under which ONS-based files know the area."""

CATEGORIES: Final = ("C1", "C2", "C3", "C4")
_LICENCE: Final = (
    "# Contains public sector information licensed under the Open Government Licence v3.0."
)
_SPREADSHEET_SOURCE: Final = (
    "NHS England, AmbModelOpen, parameter files of a large trust (stated there to be fictitious "
    "yet realistic)"
)


def main(arguments: list[str]) -> int:
    """Write the derived files from the folder named on the command line."""
    if len(arguments) != 1:
        print("usage: python -m benchmarks.published.build DATA", file=sys.stderr)
        return 2
    data = Path(arguments[0])
    write_ambsys(data / "nhs_statistics" / "AmbSYS-to-Mar-2026.csv", HERE / "ambsys.csv")
    write_job_cycle(data / "nhs_job_cycle", HERE / "job_cycle.toml")
    write_day(data / "nhs_job_cycle" / "v_DnC_schedule.xlsx", HERE / "day.toml")
    write_trusts(data / "england" / "england_lsoa21_points_population.csv.gz", HERE / "trusts.toml")
    return 0


def write_ambsys(source: Path, target: Path) -> None:
    """Write the last months of the trusts and England; codes without any figure are left out."""
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = {"Eng", *TRUSTS}
    months = sorted({_month(row) for row in rows})[-MONTHS:]
    kept = [row for row in rows if row["Org Code"] in wanted and _month(row) in months]
    kept.sort(key=lambda row: (_month(row), row["Org Code"] != "Eng", row["Org Code"]))
    codes = [c for c in rows[0] if c[0] == "A" and c[1:].isdigit()]
    codes = [c for c in codes if any(row[c] != "." for row in kept)]
    codes.sort(key=lambda code: int(code[1:]))
    with target.open("w", encoding="utf-8", newline="") as file:
        file.write(
            "# Source: NHS England, Ambulance Quality Indicators (AmbSYS). Contains public\n"
        )
        file.write("# sector information licensed under the Open Government Licence v3.0.\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["month", "trust", *codes])
        for row in kept:
            cells = ["" if row[c] == "." else str(int(row[c])) for c in codes]
            writer.writerow([_month(row), row["Org Code"], *cells])


def _month(row: dict[str, str]) -> str:
    return f"{int(row['Year']):04d}-{int(row['Month']):02d}"


def write_job_cycle(folder: Path, target: Path) -> None:
    """Write lognormal parameters by part, and the conveyance split, by category."""
    style = folder / "JCT_m_style.xlsx"
    parts = {
        "travel_to_scene": "traveltoscene",
        "scene": "timeatscene",
        "conveyance": "traveltosite",
        "clear": "timetoclear",
    }
    quantiles = sheet(folder / "JCT_m_q.xlsx", "unavoidableprehandover")
    lines = [
        *_heading("job_cycle", "NHS England, AmbModelOpen, JCT_m_style.xlsx and JCT_m_q.xlsx"),
        f"pre_handover_min = {_number(quantiles[1][2])}",
    ]
    for model, kind in ((1, "conveyed"), (2, "not_conveyed")):
        for part, tab in parts.items():
            means, deviations = _lognormals(sheet(style, tab), model)
            if all(mean is None for mean in means):
                continue
            lines.append(f"\n[job_cycle.{kind}.{part}]")
            for category, mean, deviation in zip(CATEGORIES, means, deviations, strict=True):
                shape = f"log_mean = {_number(mean)}, log_sd = {_number(deviation)}"
                lines.append(f"{category} = {{ {shape} }}")
    lines += _conveyance(folder / "m_demand_cat2conv.xlsx")
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lognormals(rows: Rows, model: int) -> tuple[list[object], list[object]]:
    by_parameter = {row[1]: list(row[2:6]) for row in rows[1:] if row and row[0] == model}
    return by_parameter[1], by_parameter[2]


def _conveyance(path: Path) -> list[str]:
    split = {row[0]: row[1] for row in sheet(path, "m_demand_cat2conv")[1:]}
    to_ed = {row[0]: row[1] for row in sheet(path, "v_conveydestination")[1:]}
    shares = ", ".join(f"{c} = {_number(split[c])}" for c in CATEGORIES)
    return [
        "\n[conveyance]",
        'source = "NHS England, AmbModelOpen, m_demand_cat2conv.xlsx (a 2018 report)"',
        f"conveyed_share = {{ {shares} }}",
        f"to_ed_share = {_number(to_ed['C2'])}",
    ]


def write_day(path: Path, target: Path) -> None:
    """Write hour and weekday shares, the category mix by hour, and the hourly fleet."""
    demand = [row for row in sheet(path, "Demand - Fully_custom") if _is_hourly(row)]
    by_hour = [0.0] * 24
    mix = {category: [0.0] * 24 for category in CATEGORIES}
    days = len(demand) // 24
    for row in demand:
        hour = int(_real(row[1]))
        by_hour[hour] += _real(row[5])
        for column, category in enumerate(CATEGORIES, start=7):
            mix[category][hour] += _real(row[column]) / days
    total = sum(by_hour)
    components = sheet(path, "Demand - As_components")
    weekdays = {_real(r[15]): _real(r[16]) for r in components if _is_weekday(r)}
    supply = [row for row in sheet(path, "Supply-Enforced") if row[:1] == [1]]
    lines = [
        *_heading("day", "NHS England, AmbModelOpen, v_DnC_schedule.xlsx"),
        f"hour_share = {_shares([count / total for count in by_hour])}",
        "# The source numbers weekdays 1 to 7; Monday first is assumed.",
        f"weekday_share = {_shares([weekdays[day] for day in range(1, 8)])}",
        f"units_on_duty = [{', '.join(str(row[3]) for row in supply)}]",
        "\n[day.category_share]",
        *(f"{category} = {_rounded(mix[category])}" for category in CATEGORIES),
    ]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _is_hourly(row: list[object]) -> bool:
    return len(row) > 10 and all(isinstance(cell, (int, float)) for cell in row[:6])


def _is_weekday(row: list[object]) -> bool:
    return len(row) > 16 and isinstance(row[15], int) and isinstance(row[16], float)


def write_trusts(path: Path, target: Path) -> None:
    """Write names and, from the Census by LSOA, the people in each trust's area."""
    people: Counter[str] = Counter()
    elderly: Counter[str] = Counter()
    places: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            people[row["ambo22"]] += int(row["pop_total"])
            elderly[row["ambo22"]] += int(row["pop_Aged_65_years_and_over"])
            places[row["ambo22"]] += 1
    lines = [
        "# Derived by build.py from ONS Census 2021 by LSOA and ambulance areas of 2022.",
        _LICENCE,
    ]
    for code, (name, short_name, area) in TRUSTS.items():
        lines += [
            "\n[[trusts]]",
            f'code = "{code}"\nname = "{name}"\nshort_name = "{short_name}"',
            f"population = {people[area]}\naged_65_plus = {elderly[area]}",
            f"place_count = {places[area]}",
        ]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _heading(table: str, source: str) -> list[str]:
    return [
        f"# Derived by build.py. {_SPREADSHEET_SOURCE}.",
        _LICENCE,
        f"[{table}]",
        f'source = "{source}"',
        'licence = "MIT (code), Open Government Licence v3.0 (data)"',
        'confidence = "medium: labelled fictitious yet realistic by its authors"',
    ]


def _shares(values: list[float]) -> str:
    """Return shares of 5 decimals that sum to 1 exactly; the largest takes the remainder."""
    units = [round(value * 100_000 / sum(values)) for value in values]
    units[units.index(max(units))] += 100_000 - sum(units)
    return "[" + ", ".join(f"{unit / 100_000:.5f}" for unit in units) + "]"


def _rounded(values: list[float]) -> str:
    return "[" + ", ".join(f"{value:.4f}" for value in values) + "]"


def _number(value: object) -> str:
    return f"{_real(value):g}"


def _real(value: object) -> float:
    """Return a cell that must hold a number."""
    if not isinstance(value, (int, float)):
        raise TypeError(f"Expected a number in the workbook, was {value!r}.")
    return float(value)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
