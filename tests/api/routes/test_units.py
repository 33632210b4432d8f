from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.builders import HandClock, a_server


def test_a_unit_of_the_fleet_is_known_by_its_callsign(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        response = client.post("/v1/units", {"unit": "F1"})
        assert response.status_code == 201
        unit = response.json()["unit"]
    assert (unit["kind"], unit["skill"], unit["home"]) == ("DCA", "PARAMEDIC", "home")
    assert unit["status"] == "ON_STATION"
    assert unit["until"] == "2026-03-01T19:00:00.000Z"


def test_any_other_unit_must_say_what_it_is(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        response = client.post("/v1/units", {"unit": "X9", "kind": "DCA"})
        assert response.status_code == 422
        pointers = [e["pointer"] for e in response.json()["errors"]]
        assert pointers == ["/skill", "/home"]
        body = {"unit": "X9", "kind": "RRV", "skill": "ADVANCED", "home": "east"}
        unit = client.post("/v1/units", body).json()["unit"]
        assert (unit["trust"], unit["lon"], unit["conveys"]) == ("R1F", 0.03, False)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"unit": "F1", "lat": 0.0}, 422, "invalid"),
        ({"unit": "F1", "home": "nowhere"}, 422, "unknown-id"),
        ({"unit": "F1", "home": "nowhere", "lat": 0.0, "lon": 0.0}, 422, "unknown-id"),
        ({"unit": "F1", "skill": "WIZARD"}, 422, "invalid"),
        ({"unit": "F 1"}, 422, "invalid"),
        ({"unit": "F1", "lat": 3.0, "lon": 0.0}, 422, "off-network"),
    ],
)
def test_a_sign_on_that_cannot_be_is_refused(
    tmp_path: Path, body: dict[str, object], status: int, code: str
) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        response = client.post("/v1/units", body)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert client.get("/v1/units")["units"] == []


def test_signing_on_twice_is_refused_and_signing_on_again_is_not(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        assert client.post("/v1/units", {"unit": "F1"}).status_code == 201
        assert client.post("/v1/units", {"unit": "F1"}).status_code == 409
        off = client.post("/v1/units/F1/sign-off")
        assert (off.status_code, off.json()["unit"]["status"]) == (200, "OFF_DUTY")
        assert client.post("/v1/units/F1/sign-off").status_code == 409
        assert client.post("/v1/units", {"unit": "F1"}).status_code == 201


def test_who_signs_on_is_given_the_incident_that_waits(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.report("i", "C2", 0)
        decisions = client.sign_on("A1", 5)["decisions"]
    assert [(d["type"], d["incident"]) for d in decisions] == [("Assign", "i")]


def test_conveying_is_answered_with_the_destination_and_the_choice(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 0)
        client.report("i", "C2", 0)
        client.status("A1", "MOBILE")
        client.status("A1", "AT_SCENE")
        answer = client.status("A1", "CONVEYING")
        board = {row["hospital"]: row for row in client.get("/v1/hospitals")["hospitals"]}

    (convey,) = answer["decisions"]
    assert convey["words"].startswith("A1 (DCA, paramedic) takes the patient of i to St Mary's")
    assert answer["unit"]["hospital"] == "st-marys"
    assert answer["incident"]["state"] == "conveying"
    assert [row["unit"] for row in board["st-marys"]["inbound"]] == ["A1"]


def test_a_status_that_cannot_follow_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 0)
        before = client.get("/v1/state/digest")["digest"]
        response = client.post("/v1/units/A1/status", {"status": "CONVEYING"})
        assert (response.status_code, response.json()["code"]) == (409, "unlawful-status")
        assert client.get("/v1/state/digest")["digest"] == before


def test_a_report_that_crossed_an_order_is_refused(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 0)
        client.report("i", "C2", 0)
        response = client.post("/v1/units/A1/status", {"status": "MOBILE", "incident": "other"})
        assert (response.status_code, response.json()["code"]) == (409, "other-incident")


def test_reports_of_unknown_units_are_not_found(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        assert client.post("/v1/units/none/status", {"status": "MOBILE"}).status_code == 404
        assert client.post("/v1/units/none/position", {"lat": 0, "lon": 0}).status_code == 404
        assert client.post("/v1/units/none/sign-off").status_code == 404
        assert client.http.get("/v1/units/none").status_code == 404


def test_a_position_moves_the_unit_and_an_older_one_is_refused(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        client.sign_on("A1", 0)
        clock.go_on(2)
        moved = client.post("/v1/units/A1/position", {"lat": 0.0, "lon": 0.004}).json()["unit"]
        assert (moved["lon"], moved["position_at"]) == (0.004, "2026-03-01T12:02:00.000Z")
        late = {"lat": 0.0, "lon": 0.001, "reported_at": "2026-03-01T12:01:00Z"}
        response = client.post("/v1/units/A1/position", late)
        assert (response.status_code, response.json()["code"]) == (409, "stale-report")
        assert client.get("/v1/units/A1")["lon"] == 0.004


def test_a_batch_takes_the_good_positions_and_names_the_bad(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 0)
        client.sign_on("A2", 0)
        rows = [
            {"unit": "A1", "lat": 0.0, "lon": 0.002},
            {"unit": "ghost", "lat": 0.0, "lon": 0.002},
            {"unit": "A2", "lat": 5.0, "lon": 0.002},
        ]
        answer = client.post("/v1/units/positions:batch", {"positions": rows}).json()
    assert answer["accepted"] == 1
    assert [(row["unit"], row["code"]) for row in answer["refused"]] == [
        ("ghost", "unknown-id"),
        ("A2", "off-network"),
    ]


def test_a_unit_under_way_is_shown_where_it_must_be_by_now(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        client.sign_on("A1", 10)
        client.report("i", "C1", 0)
        client.status("A1", "MOBILE")
        clock.go_on(4)
        unit = client.get("/v1/units/A1")
    assert unit["lon"] == 0.006
    assert 0 < unit["eta_s"] < 615.0 - 4 * 60
    assert unit["route"] == [[0.01, 0.0], [0.0, 0.0]]


def test_a_crew_signs_on_with_the_window_of_its_meal_break(tmp_path: Path) -> None:
    clock = HandClock()
    window = {"from_at": "2026-03-01T12:00:00Z", "window_min": 90, "minutes": 20}
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        client.sign_on("A1", meal_break=window)
        client.sign_on("A2")
        clock.go_on(6)
        client.get("/v1/units")
        rows = client.get("/v1/picture")["recent"]
        breaks = [d for row in rows for d in row["decisions"] if d["type"] == "GiveBreak"]
    assert [(d["unit"], d["more"]["minutes"]) for d in breaks] == [("A1", 20)]
    assert breaks[0]["words"].startswith("A1 (DCA, paramedic) may take a break of 20 min.")
