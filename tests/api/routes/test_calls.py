"""Call answering over HTTP."""

from __future__ import annotations

from pathlib import Path

from tests.api.builders import HandClock, a_server


def test_a_call_is_answered_described_and_ends_as_its_incident(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.db", clock=clock) as client:
        assert client.post("/v1/call-rooms/R1F", {"handlers": 3}).status_code == 200
        answer = client.post("/v1/calls", {"call": "C1", "trust": "R1F", "caller": "line"})
        assert answer.status_code == 201
        assert client.get("/v1/calls")["calls"][0]["status"] == "waiting"
        clock.go_on(0.1)
        client.post("/v1/calls/C1/answer", {"by": "R1F", "handler": "H"})
        client.report("I1")
        client.post("/v1/calls/C1/describe", {"incident": "I1", "complaint": "fall"})
        end = {"disposition": "new_incident", "incident": "I1"}
        assert client.post("/v1/calls/C1/end", end).status_code == 200
        calls = client.get("/v1/calls")
        assert calls["answer_times"][0]["mean_s"] == 6.0
        again = client.post("/v1/calls", {"call": "C2", "trust": "R1F", "caller": "line"}).json()
        assert [d["type"] for d in again["decisions"]] == ["ProposeSameIncident"]
        client.report("I2", "C1")
        same = client.post("/v1/incidents/I2/match", {"into": "I1", "by": "h"}).json()
        assert same["incident"]["category"] == "C1"
        assert client.get("/v1/incidents/I2")["outcome"] == "duplicate"
        client.post("/v1/calls/C2/abandon")
        assert client.get("/v1/calls")["answer_times"][0]["abandoned"] == 1


def test_what_cannot_be_is_a_clear_error(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.db") as client:
        assert client.post("/v1/calls/none/abandon").status_code == 404
        assert client.post("/v1/call-rooms/R1F", {"handlers": -1}).status_code == 422
        client.post("/v1/calls", {"call": "C1", "trust": "R1F"})
        assert client.post("/v1/calls", {"call": "C1", "trust": "R1F"}).status_code == 409
        ending = {"disposition": "no_incident"}
        assert client.post("/v1/calls/C1/end", ending).status_code == 409
        assert client.post("/v1/incidents/none/hand-back", {"by": "R1F"}).status_code == 404


def test_handlers_are_forecast(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.db") as client:
        found = client.get("/v1/call-forecast", calls_per_h=276, handle_s=360, patience_s=120)
        assert found["needed"] == 36
        short = client.get("/v1/call-forecast", calls_per_h=276, handle_s=360, handlers=10)
        assert "mean_s" not in short
