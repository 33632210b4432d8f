"""Derive the pressure on emergency departments from published attendances.

Run ``python -m benchmarks.calibration.pressure_build DATA`` where DATA holds
``nhs_statistics/fact_ae_monthly.csv``: A&E attendances and emergency admissions by NHS provider and
month (NHS England, https://www.england.nhs.uk/statistics/statistical-work-areas/ae-waiting-times-and-activity/).
It writes ``pressure.csv``, by ambulance trust and month, and ``pressure_hospitals.csv``.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from benchmarks.calibration.hospitals import hospitals_of
from maps.region import Region
from maps.region_file import load_region

HERE: Final = Path(__file__).parent
FIRST: Final = "2023-04"
"""The first month that is bundled, as of the ambulance indicators."""

HOSPITAL_MONTHS: Final = ("2024-10", "2025-09")
"""First and last month of the year over which hospitals are compared."""

SUCCESSORS: Final = {
    "RNL": "RNN",
    "RE9": "R0B",
    "RLN": "R0B",
    "RD3": "R0D",
    "RDZ": "R0D",
    "RA4": "RH5",
    "RBA": "RH5",
    "RA3": "RA7",
    "RAP": "RAL",
    "RBZ": "RH8",
    "RC1": "RC9",
    "RDD": "RAJ",
    "RVY": "RBN",
    "RW6": "RM3",
    "RXH": "RYR",
}
"""Providers by whose codes hospital sites are named, and those with which they merged since."""

MORE_PROVIDERS: Final = {"RBS": "RX7", "RQ3": "RYA", "RCU": "RX8", "RWW": "RX7"}
"""Ambulance trusts of providers that have no site of their code in the region: three children's
hospitals, and Warrington under its new code."""

WANTED: Final = ("att_type1", "over4hr_type1", "emadm_via_ae", "dta_12hr_plus")

KeyOf = Callable[[Mapping[str, str]], tuple[str, str]]

SOURCE: Final = (
    "# Computed from A&E attendances and emergency admissions, NHS England, Open Government "
    "Licence v3.0"
)


def main(data: Path) -> None:
    """Write both files."""
    region = load_region("england")
    with (data / "nhs_statistics" / "fact_ae_monthly.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if float(row["att_type1"] or 0) > 0]
    of_trust = trust_of_provider(region)
    months = _sums(rows, lambda row: (_month(row), of_trust[row["org_code"]]))
    known = {key: counts for key, counts in months.items() if key[0] >= FIRST}
    _write(
        HERE / "pressure.csv",
        "# Pressure on the emergency departments of an ambulance trust's area, by month: share of\n"
        "# type 1 attendances over four hours, and waits of over 12 hours from decision to admit,\n"
        "# for each emergency admission.",
        "month,trust",
        known,
    )
    first, last = HOSPITAL_MONTHS
    year = [row for row in rows if first <= _month(row) <= last]
    providers = _sums(year, lambda row: (row["org_code"], ""))
    sites = {
        (site.id, code): providers[(code, "")]
        for site in region.hospitals
        if site.emergency_department
        and ((code := SUCCESSORS.get(site.id[:3], site.id[:3])), "") in providers
    }
    _write(
        HERE / "pressure_hospitals.csv",
        f"# Pressure on emergency departments by site of the region england, as of the provider\n"
        f"# that runs it, {first} to {last}.",
        "hospital,provider",
        sites,
    )


def trust_of_provider(region: Region) -> dict[str, str]:
    """Return the ambulance trust of each provider: that of most of its beds."""
    beds: dict[str, Counter[str]] = defaultdict(Counter)
    size = {site.id: max(1, site.beds or 0) for site in region.hospitals}
    for trust in region.trusts:
        for site in hospitals_of(trust.code, region):
            beds[SUCCESSORS.get(site[:3], site[:3])][trust.code] += size[site]
    found = {code: min(of, key=lambda trust: (-of[trust], trust)) for code, of in beds.items()}
    return found | MORE_PROVIDERS


def _month(row: Mapping[str, str]) -> str:
    return f"{row['month_key'][:4]}-{row['month_key'][4:]}"


def _sums(rows: Iterable[Mapping[str, str]], key_of: KeyOf) -> dict[tuple[str, str], list[float]]:
    found: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * len(WANTED))
    for row in rows:
        counts = found[key_of(row)]
        for i, name in enumerate(WANTED):
            counts[i] += float(row[name] or 0)
    return dict(found)


def _write(
    path: Path, about: str, keys: str, counts: Mapping[tuple[str, str], list[float]]
) -> None:
    lines = [about, SOURCE, f"{keys},over_4h,over_12h"]
    for key, (attended, over_4h, admitted, over_12h) in sorted(counts.items()):
        shares = (over_4h / attended, over_12h / admitted if admitted else 0.0)
        lines.append(",".join([*key, *(f"{share:.4f}" for share in shares)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
