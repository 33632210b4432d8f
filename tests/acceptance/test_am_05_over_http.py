"""AM.05 over HTTP: a control room sees its queue, its times, and who may be calling twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.builders import Client, HandClock, a_server


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def client(tmp_path: Path, clock: HandClock) -> Iterator[Client]:
    with a_server(tmp_path / "j.db", clock=clock, policy="default") as server:
        assert server.post("/v1/call-rooms/R1F", {"handlers": 2}).status_code == 200
        yield server


def done(client: Client, path: str, body: Any = None, status: int = 200) -> Any:
    response = client.post(path, body)
    assert response.status_code == status, response.text
    return response.json()


def test_am_05_the_queue_shows_the_longest_wait_first(client: Client, clock: HandClock) -> None:
    for name in ("C1", "C2"):
        done(client, "/v1/calls", {"call": name, "trust": "R1F", "caller": name}, 201)
        clock.go_on(0.5)
    shown = client.get("/v1/calls")
    assert [call["call"] for call in shown["calls"]] == ["C1", "C2"]
    done(client, "/v1/calls/C1/answer", {"by": "R1F", "handler": "Ann"})
    done(client, "/v1/calls/C1/end", {"disposition": "no_incident"})
    done(client, "/v1/calls/C2/abandon")
    shown = client.get("/v1/calls")
    assert shown["calls"] == []


def test_am_05_a_duplicate_is_proposed_and_a_person_matches_it(client: Client) -> None:
    place = {"lat": 0.0, "lon": 0.005}
    done(client, "/v1/calls", {"call": "C1", "trust": "R1F", "caller": "a"}, 201)
    done(client, "/v1/calls/C1/answer", {"by": "R1F", "handler": "Ann"})
    client.report("I1", "C3", 5)
    facts = {"incident": "I1", "complaint": "fall"} | place
    done(client, "/v1/calls/C1/describe", facts)
    done(client, "/v1/calls", {"call": "C2", "trust": "R1F", "caller": "b"}, 201)
    done(client, "/v1/calls/C2/answer", {"by": "R1F", "handler": "Bob"})
    answer = done(client, "/v1/calls/C2/describe", {"complaint": "fall"} | place)
    (proposal,) = [d for d in answer["decisions"] if d["type"] == "ProposeSameIncident"]
    assert "I1" in str(proposal)
    client.report("I2", "C2", 5)
    done(client, "/v1/incidents/I2/match", {"into": "I1", "by": "Bob"})
    assert client.get("/v1/incidents/I1")["category"] == "C2"


def test_am_05_a_call_cannot_be_answered_twice_nor_by_a_stranger(client: Client) -> None:
    done(client, "/v1/calls", {"call": "C1", "trust": "R1F"}, 201)
    refused = client.post("/v1/calls/C1/answer", {"by": "RRU", "handler": "Eve"})
    assert refused.status_code in (409, 422)
    done(client, "/v1/calls/C1/answer", {"by": "R1F", "handler": "Ann"})
    again = client.post("/v1/calls/C1/answer", {"by": "R1F", "handler": "Bob"})
    assert again.status_code in (409, 422)
    assert again.headers["content-type"].startswith("application/problem+json")
    assert len(client.get("/v1/calls")["calls"]) == 1


def test_am_05_handlers_are_forecast_for_the_target(client: Client) -> None:
    found = client.get("/v1/call-forecast", calls_per_h=276.0, handle_s=360.0, patience_s=120.0)
    assert found["handlers"] == 36
