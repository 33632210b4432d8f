"""What callers send about roads: closures and live speeds, where they are, and until when."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, StrictBool, StrictInt, model_validator

from api.inputs import Id, Input, Instant, Person, Reason
from routing.changes import FACTOR_MAX, SPEED_KMH_MAX

EDGES_MAX: Final = 10_000
POINTS_MAX: Final = 10_000

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
PlacePair = Annotated[
    list[Number],
    Field(min_length=2, max_length=3, description="Longitude, latitude; a height is left out."),
]
Ring = Annotated[list[PlacePair], Field(min_length=4, max_length=POINTS_MAX)]
Rings = Annotated[list[Ring], Field(min_length=1, max_length=POINTS_MAX)]


class PolygonArea(Input):
    """A polygon as in GeoJSON: rings of (lon, lat) that end where they begin."""

    type: Literal["Polygon"]
    coordinates: Rings


class MultiPolygonArea(Input):
    """Several polygons as in GeoJSON."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[list[Rings], Field(min_length=1, max_length=POINTS_MAX)]


Area = Annotated[PolygonArea | MultiPolygonArea, Field(discriminator="type")]

_WHERE: Final[dict[str, Any]] = {
    "anyOf": [{"required": ["edges"]}, {"required": ["road"]}, {"required": ["area"]}],
    "examples": [
        {
            "road": "Medina Way",
            "until": "2026-03-01T18:00:00Z",
            "reason": "flooded under the bridge",
            "by": "control-7",
        }
    ],
}


class RoadClosure(Input):
    """Roads are closed, or driven at another speed: some edges, a road by name, or an area."""

    model_config = ConfigDict(json_schema_extra=_WHERE)

    closure: Id | None = Field(
        default=None, description="The caller's own identifier; made from the key when missing."
    )
    edges: (
        Annotated[
            list[Annotated[StrictInt, Field(ge=0, lt=2**31)]],
            Field(min_length=1, max_length=EDGES_MAX),
        ]
        | None
    ) = Field(default=None, description="Edges of the region's roads, by number.")
    both_directions: StrictBool = Field(
        default=True, description="Whether the opposite direction of each edge is meant too."
    )
    road: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Name of a road, in any case; with an area, only its part there."
    )
    area: Area | None = Field(default=None, description="All roads that touch it.")
    speed_factor: Annotated[Number, Field(gt=0, le=FACTOR_MAX)] | None = Field(
        default=None, description="The usual speed of the hour, multiplied."
    )
    speed_kmh: Annotated[Number, Field(gt=0, le=SPEED_KMH_MAX)] | None = Field(
        default=None, description="A measured speed. Without any speed the roads are closed."
    )
    concerns: Annotated[
        list[Literal["blue_light", "ordinary"]], Field(min_length=1, max_length=2)
    ] = Field(default=["blue_light", "ordinary"], description="Whom it concerns.")
    until: Instant | None = Field(
        default=None, description="When it ends by itself; until a person ends it when missing."
    )
    reason: Reason
    by: Person

    @model_validator(mode="after")
    def _means_one_thing(self) -> Self:
        if self.edges is not None and (self.road is not None or self.area is not None):
            raise ValueError("Expected either edges, or a road, an area or both.")
        if self.edges is None and self.road is None and self.area is None:
            raise ValueError("Expected edges, a road or an area.")
        if self.speed_factor is not None and self.speed_kmh is not None:
            raise ValueError("Expected at most one of speed_factor and speed_kmh.")
        return self


class ClosureEnd(Input):
    """A person ends a closure before its time."""

    by: Person
    reason: Reason
