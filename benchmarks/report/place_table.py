"""Tables of places: those that were served worst, and town beside country."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from benchmarks.metrics_places import INCIDENTS_MIN, Equality, PlaceFigures
from benchmarks.report import page
from benchmarks.report.wording import NOTHING, clock, count, signed
from maps.geo import LonLat, great_circle_m
from maps.region import Region


def worst_places(worst: Sequence[PlaceFigures], region: Region) -> str:
    """Return the worst-served places in their order, with the nearest post and hospital of each."""
    if not worst:
        return page.paragraph("No place had enough Category 2 incidents to be told apart.")
    posts = [(post.name, post.at) for post in region.posts]
    hospitals = [(site.name, site.at) for site in region.hospitals]
    rows = [
        (
            str(number),
            place.place,
            _near(place, posts),
            _near(place, hospitals),
            count(place.count),
            clock(place.mean_s),
        )
        for number, place in enumerate(worst, start=1)
    ]
    head = ("", "place", "nearest post", "nearest hospital", "C2 incidents", "C2 mean")
    return (
        f"<h3>The worst-served places ({INCIDENTS_MIN} Category 2 incidents or more)</h3>"
        + page.table(head, rows, "words")
        + page.paragraph(
            _codes(worst)
            + "A mean of so few incidents is mostly chance: places that stand here in every run "
            "are those to look at.",
            "soft",
        )
    )


def _codes(worst: Sequence[PlaceFigures]) -> str:
    """Return what the names of the places are, where these are codes of the census."""
    if not all(re.fullmatch(r"[EW]01\d{6}", place.place) for place in worst):
        return ""
    return "Places are census areas (LSOA) of some 1,700 people, named by their codes. "


def _near(place: PlaceFigures, sites: Sequence[tuple[str, LonLat]]) -> str:
    """Return the site nearest to a place and how far it is as the crow flies."""
    if not sites:
        return NOTHING
    here = LonLat(place.lon, place.lat)
    name, metres = min(
        ((name, great_circle_m(here, at)) for name, at in sites), key=lambda found: found[1]
    )
    return f"{name}, {metres / 1000:.0f} km" if metres >= NEAR_M else f"{name}, under 1 km"


NEAR_M: Final = 1000.0


def town_and_country(found: Equality | None) -> str:
    """Return how the rural tenth of places were served, beside the others."""
    if found is None:
        return ""
    rows = []
    for category in ("C1", "C2", "C3"):
        rural, other = found.rural[category], found.other[category]
        if rural.mean_s is None or other.mean_s is None:
            continue
        more = signed(100 * (rural.mean_s / other.mean_s - 1), 0, " %")
        rows.append(
            (
                category,
                count(rural.count),
                clock(rural.mean_s),
                clock(rural.p90_s),
                clock(other.mean_s),
                clock(other.p90_s),
                more if rural.count >= RURAL_MIN else "too few to say",
            )
        )
    head = (
        *("", "rural incidents", "rural mean", "rural 90th", "others mean", "others 90th"),
        "rural against others, mean",
    )
    return page.section(
        "Town and country",
        page.paragraph(
            f"The rural tenth are the {count(found.rural_places)} of {count(found.places)} places "
            "with the fewest people around them."
        ),
        page.table(head, rows),
    )


RURAL_MIN: Final = 20
"""From fewer incidents a difference is mostly chance."""
