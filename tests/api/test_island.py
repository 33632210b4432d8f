"""The bundled island behind the real server: streets, tiles, the fleet on shift."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.ground import open_ground
from api.server import running
from api.settings import ServerSettings
from maps.region_file import bundled_regions
from tests.api.builders import Client, HandClock
from tests.dispatch.builders import NOON

pytestmark = pytest.mark.skipif(
    "isle-of-wight" not in bundled_regions(), reason="the region is not bundled in this checkout"
)

NEWPORT = {"lat": 50.6995, "lon": -1.2966}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    store: Path = tmp_path_factory.mktemp("island") / "j.sqlite"
    settings = ServerSettings(store=store, port=0, sign_on_fleet=True, console=False)
    ground = open_ground("isle-of-wight")
    with running(settings, ground=ground, clock=HandClock(NOON)) as address:
        client = Client(address)
        yield client
        client.close()


def test_the_crews_on_shift_are_on_duty(client: Client) -> None:
    units = client.get("/v1/units")["units"]
    assert len(units) >= 4
    assert {"DCA"} <= {unit["kind"] for unit in units}
    assert all(unit["status"] == "ON_STATION" for unit in units if unit["kind"] == "DCA")


def test_an_incident_in_newport_is_served_on_its_streets(client: Client) -> None:
    body = {"incident": "newport", "category": "C2"} | NEWPORT
    answer = client.post("/v1/incidents", body).json()
    (assign,) = answer["decisions"]
    assert assign["type"] == "Assign"
    assert 0 < assign["eta_s"] < 1_800
    assert answer["incident"]["trust"] == "R1F"

    unit = client.get(f"/v1/units/{assign['unit']}")
    assert len(unit["route"]) > 10
    assert unit["route_s"] == sorted(unit["route_s"])
    assert len(unit["route_s"]) == len(unit["route"])
    lon, lat = unit["route"][-1]
    assert abs(lon - NEWPORT["lon"]) < 0.01
    assert abs(lat - NEWPORT["lat"]) < 0.01


@pytest.mark.parametrize(
    ("lat", "lon"),
    [(50.60, -1.60), (-1.2966, 50.6995), (51.5074, -0.1278)],
    ids=["at sea", "swapped", "in London"],
)
def test_a_place_at_sea_or_elsewhere_is_refused(client: Client, lat: float, lon: float) -> None:
    response = client.post("/v1/incidents", {"category": "C1", "lat": lat, "lon": lon})
    assert response.status_code == 422
    assert response.json()["code"] in {"off-network", "no-home-trust"}


def test_the_map_is_drawn_from_the_region(client: Client) -> None:
    region = client.get("/v1/picture")["region"]
    assert region["has_streets"]
    assert any("OpenStreetMap" in line for line in region["attribution"])
    tile = client.http.get("/v1/maps/isle-of-wight/tiles/10/508/344.mvt")
    assert tile.status_code == 200
    assert len(tile.content) > 1_000
