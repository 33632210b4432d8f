from __future__ import annotations

from pathlib import Path

from tests.api.builders import a_ground, a_server


def a_tile(z: int, x: int, y: int) -> bytes:
    return f"{z}/{x}/{y}".encode()


def test_the_picture_has_everything_that_a_map_shows(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        client.sign_on("A2", 5)
        client.post("/v1/units/A2/sign-off")
        client.report("i", "C1", 0)
        picture = client.get("/v1/picture")
        digest = client.get("/v1/state/digest")

    assert picture["seq"] == digest["seq"]
    assert [unit["unit"] for unit in picture["units"]] == ["A1"]
    assert picture["units"][0]["route"] == [[0.005, 0.0], [0.0, 0.0]]
    assert [row["incident"] for row in picture["incidents"]] == ["i"]
    assert {row["hospital"] for row in picture["hospitals"]} == {"far", "st-marys"}
    assert {row["post"]: row["name"] for row in picture["posts"]} == {
        "home": "Home station",
        "east": "east",
    }
    assert picture["recent"][0]["decisions"][0]["words"].startswith("Sends A1")
    assert picture["region"]["east"] == 1.0


def test_a_tile_is_drawn_once_for_a_browser(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite", ground=a_ground(tile=a_tile)) as client:
        response = client.http.get("/v1/maps/road/tiles/3/2/1.mvt")
        assert (response.status_code, response.content) == (200, b"3/2/1")
        assert response.headers["content-type"] == "application/vnd.mapbox-vector-tile"
        known = {"If-None-Match": response.headers["etag"]}
        assert client.http.get("/v1/maps/road/tiles/3/2/1.mvt", headers=known).status_code == 304
        other = client.http.get("/v1/maps/road/tiles/3/1/2.mvt", headers=known)
        assert other.status_code == 200


def test_there_are_no_tiles_of_elsewhere(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite", ground=a_ground(tile=a_tile)) as client:
        for path in ("moon/tiles/3/2/1", "road/tiles/3/8/1", "road/tiles/0/0/1"):
            response = client.http.get(f"/v1/maps/{path}.mvt")
            assert (response.status_code, response.json()["code"]) == (404, "no-such-tile")
        assert client.http.get("/v1/maps/road/tiles/99/0/0.mvt").status_code == 422
    with a_server(tmp_path / "k.sqlite") as client:
        assert client.http.get("/v1/maps/road/tiles/0/0/0.mvt").status_code == 404
