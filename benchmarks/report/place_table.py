"""The table of the places that were served worst, with what lies near them."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.metrics_places import INCIDENTS_MIN, PlaceFigures
from benchmarks.report import page
from benchmarks.report.wording import NOTHING, clock, count
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
            "A mean of so few incidents is mostly chance: places that stand here in every run are "
            "those to look at.",
            "soft",
        )
    )


def _near(place: PlaceFigures, sites: Sequence[tuple[str, LonLat]]) -> str:
    """Return the site nearest to a place and how far it is as the crow flies."""
    if not sites:
        return NOTHING
    here = LonLat(place.lon, place.lat)
    name, metres = min(
        ((name, great_circle_m(here, at)) for name, at in sites), key=lambda found: found[1]
    )
    return f"{name}, {metres / 1000:.0f} km"
