"""Which trust is at home where a call comes from: the log's word, else the polygon around it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmarks.call_log.log import CallLog
from maps.region import Region


def home_trusts(log: CallLog, region: Region) -> list[str]:
    """Return the home trust of every incident of a log.

    Where the log names none: the trust whose polygon holds the scene, the first in order where
    several do; outside every polygon the trust of the nearest demand place.

    Raises
    ------
    ValueError
        When the log names a trust that the region does not have, or the region has none.
    """
    known = [trust.code for trust in region.trusts]
    if not known:
        raise ValueError(f"Expected region {region.name!r} to have a trust, was none.")
    said = log.words.get("trust")
    if said is not None:
        foreign = sorted(set(said.vocabulary) - {"", *known})
        if foreign:
            raise ValueError(
                f"Expected trusts of region {region.name!r} ({', '.join(known)}) in the call log, "
                f"was {', '.join(foreign)}."
            )
    if len(known) == 1:
        return known * len(log)
    found = _by_polygon(log, region)
    missing = np.flatnonzero(found < 0)
    if len(missing):
        found[missing] = _by_nearest_place(log, region, missing)
    codes = [known[number] for number in found.tolist()]
    if said is not None:
        codes = [word or code for word, code in zip(said, codes, strict=True)]
    return codes


def _by_polygon(log: CallLog, region: Region) -> npt.NDArray[np.int64]:
    """Return the number of the trust of each scene, -1 where none is drawn around it."""
    import shapely

    found = np.full(len(log), -1, np.int64)
    # Several polygons: the first trust in order is written last and stays.
    for number, trust in reversed(list(enumerate(region.trusts))):
        if not trust.polygon_wkb_hex:
            continue
        polygon = shapely.from_wkb(bytes.fromhex(trust.polygon_wkb_hex))
        # Prepared once, a coast of thousands of corners is asked about in a microsecond.
        shapely.prepare(polygon)
        west, south, east, north = polygon.bounds
        within = (log.lon >= west) & (log.lon <= east) & (log.lat >= south) & (log.lat <= north)
        near = np.flatnonzero(within)
        found[near[shapely.intersects_xy(polygon, log.lon[near], log.lat[near])]] = number
    return found


def _by_nearest_place(
    log: CallLog, region: Region, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    from scipy.spatial import cKDTree

    demand = region.demand
    if not len(demand):
        return np.zeros(len(rows), np.int64)
    number = {trust.code: i for i, trust in enumerate(region.trusts)}
    # Degrees of longitude shrink with latitude: one scale for the region is enough to find near.
    scale = float(np.cos(np.radians(demand.lat.mean())))
    tree = cKDTree(np.column_stack((demand.lon * scale, demand.lat)))
    _, place = tree.query(np.column_stack((log.lon[rows] * scale, log.lat[rows])))
    nearest: list[int] = np.asarray(place, np.int64).tolist()
    return np.array([number[demand.trust[i]] for i in nearest], np.int64)
