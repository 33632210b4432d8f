from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.store.sqlite import JournalReader
from dispatch.domain.event import EventRejected, TravelTimesChanged
from dispatch.domain.wording import event_sentence
from tests.api.builders import Client, HandClock, a_server
from tests.api.town import CORNER, EAST_SIDE, PATIENT, a_town, polygon

WHY = {"by": "control-7", "reason": "flooded"}
LIGHTS = 0.6902
"""What blue lights make of a minute on these streets, under the bundled profile."""


def more_s(seconds: float) -> Any:
    """Return a delay in usual seconds as blue lights meet it, give or take a rounding."""
    return pytest.approx(seconds * LIGHTS, abs=0.3)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "j.sqlite"


@pytest.fixture
def client(store: Path, clock: HandClock) -> Iterator[Client]:
    with a_server(store, clock=clock, ground=a_town()) as client:
        client.sign_on("A1", lat=CORNER.lat, lon=CORNER.lon)
        yield client


def eta_s(client: Client) -> float:
    body = {"category": "C2", "lat": PATIENT.lat, "lon": PATIENT.lon}
    (role, *_) = client.post("/v1/recommendations", body).json()["advice"]
    return float(role["candidates"][0]["eta_s"])


def close(client: Client, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/road-closures", body | WHY)
    assert response.status_code == 201, response.text
    return response.json()


@pytest.mark.parametrize(
    "where",
    [
        {"road": "mill LANE"},
        {"area": polygon(EAST_SIDE)},
        {"area": {"type": "MultiPolygon", "coordinates": [polygon(EAST_SIDE)["coordinates"]]}},
        {"road": "Mill Lane", "area": polygon(EAST_SIDE)},
        {"edges": [3]},
    ],
    ids=["by name", "by polygon", "by polygons", "by name within a polygon", "by edge"],
)
def test_a_closed_street_is_driven_round_until_a_person_ends_it(
    client: Client, where: dict[str, Any]
) -> None:
    before_s, version = eta_s(client), client.get("/version")["versions"]["travel"]
    answer = close(client, closure="flood", **where)
    assert answer["versions"]["travel"] != version
    assert answer["closure"]["effect"] == "closed"
    assert answer["closure"]["edge_count"] == 2
    assert eta_s(client) - before_s == more_s(180)

    ended = client.post("/v1/road-closures/flood/end", WHY)
    assert ended.status_code == 200, ended.text
    assert ended.json()["versions"]["travel"] == version
    assert eta_s(client) == before_s
    assert client.get("/v1/road-closures")["closures"] == []


def test_a_speed_slows_a_street_and_lists_what_was_said(client: Client) -> None:
    before_s = eta_s(client)
    close(client, closure="queue", road="Mill Lane", speed_factor=0.5)
    assert eta_s(client) - before_s == more_s(60)
    (view,) = client.get("/v1/road-closures")["closures"]
    assert (view["effect"], view["speed_factor"], view["road"]) == ("factor", 0.5, "Mill Lane")
    assert (view["by"], view["reason"]) == ("control-7", "flooded")
    assert view["geometry"] == {
        "type": "MultiLineString",
        "coordinates": [[[-1.29, 50.7], [-1.29, 50.71]]],
    }
    assert client.get("/v1/picture")["closures"] == [view]


def test_a_measured_speed_may_concern_ordinary_driving_alone(client: Client) -> None:
    before_s = eta_s(client)
    close(client, road="Mill Lane", speed_kmh=1.0, concerns=["ordinary"])
    assert eta_s(client) == before_s


def test_a_closure_ends_by_itself_when_its_time_is_up(client: Client, clock: HandClock) -> None:
    before_s = eta_s(client)
    close(client, closure="a", road="Mill Lane", until="2026-03-01T12:10:00Z")
    close(client, closure="b", road="High Street", speed_factor=0.5)
    clock.go_on(9)
    assert len(client.get("/v1/road-closures")["closures"]) == 2
    clock.go_on(2)
    client.sign_on("A2", lat=CORNER.lat, lon=CORNER.lon)
    assert [view["closure"] for view in client.get("/v1/road-closures")["closures"]] == ["b"]
    assert eta_s(client) - before_s == more_s(60)


def test_a_unit_on_its_way_is_expected_as_the_roads_are_now(client: Client) -> None:
    patient = {"category": "C2", "lat": PATIENT.lat, "lon": PATIENT.lon}
    assert client.post("/v1/incidents", {"incident": "i"} | patient).status_code == 201
    client.status("A1", "MOBILE")
    due = client.get("/v1/units/A1")["eta_s"]
    close(client, road="Mill Lane")
    assert client.get("/v1/units/A1")["eta_s"] - due == more_s(180)
    route = client.get("/v1/units/A1")["route"]
    assert [-1.3, 50.71] in route


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"edges": [8]}, "unknown-edge", "/edges"),
        ({"road": "Mill Lan"}, "unknown-road", "/road"),
        (
            {"area": polygon([[-1.3, 50.7], [-1.29, 50.71], [-1.29, 50.7], [-1.3, 50.71]])},
            "bad-area",
            "/area",
        ),
        ({"area": polygon([[200.0, 0.0], [201.0, 0.0], [201.0, 1.0]])}, "bad-area", "/area"),
        ({"area": polygon([[5.0, 1.0], [6.0, 1.0], [6.0, 2.0]])}, "no-road-there", "/area"),
        ({"road": "Back Road", "area": polygon(EAST_SIDE)}, "no-road-there", "/area"),
        ({"road": "Mill Lane", "until": "1986-11-21T12:00:00Z"}, "until-past", "/until"),
        ({"road": "Mill Lane", "until": "2026-03-01T11:59:59Z"}, "until-past", "/until"),
        ({"road": "Mill Lane", "speed_factor": 0}, "invalid", "/speed_factor"),
        ({"road": "Mill Lane", "speed_kmh": 900}, "invalid", "/speed_kmh"),
        ({"road": "Mill Lane", "speed_kmh": 9, "speed_factor": 1}, "invalid", ""),
        ({"road": "Mill Lane", "edges": [1]}, "invalid", ""),
        ({}, "invalid", ""),
        ({"area": {"type": "Point", "coordinates": [1, 2]}}, "invalid", "/area"),
        ({"edges": [-1]}, "invalid", "/edges/0"),
        ({"edges": []}, "invalid", "/edges"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    client: Client, body: dict[str, Any], code: str, pointer: str
) -> None:
    before = client.get("/version")["versions"]["travel"]
    response = client.post("/v1/road-closures", body | WHY)
    assert response.status_code == 422, response.text
    problem = response.json()
    assert problem["code"] == code
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert "Mill Lan'" not in response.text
    assert client.get("/version")["versions"]["travel"] == before


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize(
    "field",
    [
        '"speed_factor": %s',
        '"area": {"type": "Polygon", "coordinates": [[[%s, 1],[1, 2], [2, 2], [0, 1]]]}',
    ],
)
def test_numbers_that_are_none_are_refused(client: Client, field: str, number: str) -> None:
    body = '{"road": "Mill Lane", "by": "x", "reason": "y", %s}' % (field % number)
    headers = {"Idempotency-Key": f"{field[1:4]}-{number}", "Content-Type": "application/json"}
    response = client.http.post("/v1/road-closures", content=body, headers=headers)
    assert response.status_code == 422, response.text


def test_a_name_that_is_nearly_right_is_helped_along(client: Client) -> None:
    response = client.post("/v1/road-closures", {"road": "Mill Lan"} | WHY)
    assert response.json()["detail"].endswith("close to it are 'mill lane'.")


def test_an_identifier_in_force_is_not_used_twice(client: Client) -> None:
    close(client, closure="flood", road="Mill Lane")
    again = client.post("/v1/road-closures", {"closure": "flood", "road": "High Street"} | WHY)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate-id")
    unknown = client.post("/v1/road-closures/fire/end", WHY)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-id")


def test_a_region_without_roads_says_so(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        for path, body in (("", {"road": "Mill Lane"}), ("/flood/end", {})):
            response = client.post(f"/v1/road-closures{path}", body | WHY)
            assert (response.status_code, response.json()["code"]) == (409, "no-streets")
        assert client.get("/v1/road-closures")["closures"] == []


def test_the_journal_keeps_the_change_and_tells_it_in_words(
    client: Client, store: Path, clock: HandClock
) -> None:
    close(client, closure="flood", road="Mill Lane", until="2026-03-01T12:10:00Z")
    client.post("/v1/road-closures", {"road": "No Such Street"} | WHY)
    clock.go_on(11)
    client.sign_on("A2", lat=CORNER.lat, lon=CORNER.lon)
    client.get("/v1/state/digest")
    with JournalReader(store) as reader:
        events = [entry.event for entry in reader.entries()]
    begun, ended = [event for event in events if isinstance(event, TravelTimesChanged)]
    assert begun.changes is not None
    assert "Mill Lane" in begun.changes
    assert event_sentence(begun) == "control-7 closes or slows roads (flood)."
    assert event_sentence(ended) == ("The time of flood is up: roads are as they were before it.")
    (refused,) = [event for event in events if isinstance(event, EventRejected)]
    assert "No Such Street" not in refused.reason
