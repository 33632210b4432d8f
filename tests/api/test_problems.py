from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.problems import refusal
from dispatch.admit import (
    ClockSkewError,
    DuplicateIdError,
    RejectedEventError,
    StaleReportError,
    UnknownIdError,
)
from dispatch.domain.ids import UnitId
from maps.geo import LonLat, OffNetworkError
from tests.api.builders import Client, a_server


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("problems")
    with a_server(folder / "j.sqlite", body_max_bytes=20_000) as client:
        yield client


def problem_of(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"urn:bluelight:problem:{code}"
    assert problem["title"]
    return problem


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (UnknownIdError("unit", "A1"), 404, "unknown-id"),
        (UnknownIdError("unit", "B2"), 422, "unknown-id"),
        (DuplicateIdError("unit", "A1"), 409, "duplicate-id"),
        (ClockSkewError("reported_at_ms", 0, 1), 422, "clock-skew"),
        (StaleReportError(UnitId("A1"), 0, 1), 409, "stale-report"),
        (RejectedEventError("No."), 409, "rejected"),
        (OffNetworkError(LonLat(-1.25, 50.75), 1234.56, 1000), 422, "off-network"),
    ],
)
def test_each_refusal_has_its_status_and_code(error: Exception, status: int, code: str) -> None:
    problem = refusal(error, ("A1",))
    assert (problem.status, problem.code) == (status, code)


def test_a_place_off_the_roads_is_answered_with_the_gap_and_without_the_place() -> None:
    body = refusal(OffNetworkError(LonLat(-1.25, 50.75), 1234.56, 1000)).answer().body
    problem = json.loads(body)
    assert problem["gap_m"] == 1234.6
    assert b"50.75" not in body
    assert "gap_m" not in json.loads(
        refusal(OffNetworkError(LonLat(0, 0), None, 1000)).answer().body
    )


def test_an_unknown_path_is_a_problem(client: Client) -> None:
    problem_of(client.http.get("/v1/nothing"), 404, "no-such-resource")


def test_a_wrong_method_is_a_problem_that_names_every_right_one(client: Client) -> None:
    response = client.http.delete("/v1/incidents")
    problem_of(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET, POST"
    assert client.http.put("/v1/units/A1").headers["allow"] == "GET"


def test_a_missing_key_is_a_problem_of_its_own(client: Client) -> None:
    response = client.http.post("/v1/incidents", json={"category": "C1", "lat": 0, "lon": 0})
    problem_of(response, 422, "idempotency-key-missing")


def test_wrong_fields_are_pointed_at_and_not_repeated(client: Client) -> None:
    response = client.post(
        "/v1/incidents",
        {
            "category": "Mrs Jane Doe, 7 High Street",
            "lat": 123.456,
            "lon": "west",
            "connected_at": "2026-03-01T12:00:00",
            "Mrs Doe fell": "secret",
        },
    )
    problem = problem_of(response, 422, "invalid")
    pointers = [field["pointer"] for field in problem["errors"]]
    assert set(pointers) == {"/category", "/lat", "/lon", "/connected_at", ""}
    for sent in ("Doe", "123.456", "west", "secret", "High Street"):
        assert sent not in response.text


def test_a_field_inside_a_list_is_pointed_at(client: Client) -> None:
    rows = [{"unit": "A1", "lat": 0, "lon": 0}, {"unit": "A2", "lat": 99, "lon": 0}]
    response = client.post("/v1/units/positions:batch", {"positions": rows})
    problem = problem_of(response, 422, "invalid")
    assert problem["errors"][0]["pointer"] == "/positions/1/lat"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 422, "invalid"),
        (b"", 422, "invalid"),
        (b"[1]", 422, "invalid"),
        (b'{"category":"C1","lat":NaN,"lon":0}', 422, "invalid"),
        (b'{"category":"C1","lat":1e999,"lon":0}', 422, "invalid"),
        (b'{"category":"\\ud800","lat":0,"lon":0}', 422, "invalid"),
        (b'{"category":"\xff"}', 400, "unreadable"),
        (b"[" * 15_000, 400, "unreadable"),
    ],
)
def test_an_unreadable_body_is_a_problem(
    client: Client, body: bytes, status: int, code: str
) -> None:
    headers = {"Idempotency-Key": "unreadable", "Content-Type": "application/json"}
    response = client.http.post("/v1/incidents", content=body, headers=headers)
    problem_of(response, status, code)


def test_a_body_of_another_kind_is_a_problem(client: Client) -> None:
    headers = {"Idempotency-Key": "form", "Content-Type": "text/plain"}
    response = client.http.post("/v1/incidents", content=b"category=C1", headers=headers)
    problem_of(response, 422, "invalid")


def test_a_body_that_announces_too_much_is_refused(client: Client) -> None:
    response = client.post("/v1/incidents", {"note": "x" * 30_000})
    problem_of(response, 413, "too-large")


def test_a_body_that_turns_out_too_large_is_refused(client: Client) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(30):
            yield b" " * 1_000

    headers = {"Idempotency-Key": "chunked", "Content-Type": "application/json"}
    response = client.http.post("/v1/incidents", content=pieces(), headers=headers)
    problem_of(response, 413, "too-large")


def test_a_wrong_parameter_is_pointed_at(client: Client) -> None:
    problem = problem_of(client.http.get("/v1/events", params={"limit": 0}), 422, "invalid")
    assert problem["errors"][0]["pointer"] == "limit"
    problem_of(client.http.get("/v1/incidents/%20Mrs%20Doe"), 422, "invalid")


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-01T12:00:00",
        "2026-03-01 12:00:00Z",
        "1772366400",
        1772366400,
        "0001-01-01T00:00:00Z",
        "2026-13-01T12:00:00Z",
        "",
        None,
    ],
)
def test_an_instant_must_be_written_as_one(client: Client, at: object) -> None:
    body = {"category": "C1", "lat": 0, "lon": 0, "connected_at": at}
    response = client.post("/v1/incidents", body, key=f"at-{at}".replace(" ", "_"))
    if at is None:
        assert response.status_code == 201
    else:
        problem_of(response, 422, "invalid")
