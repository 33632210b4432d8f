"""Redirection over HTTP: describe, offer, refer, confirm; services and clinicians."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.builders import Client, HandClock, a_server

CSV = """\
id,name,type,lon,lat,hours,books_slots
LIFT,Falls team,falls_response_1,0.004,0,,
UTC,Urgent treatment,urgent_treatment_centre,0.006,0,24/7,yes
BAD,Nowhere,minor_injury_unit,,,,
"""
FALL = {
    "complaint": "fall",
    "age_days": 29_000,
    "findings": ["cannot_get_up", "no_injury"],
    "lie_min": 20,
}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def client(tmp_path: Path, clock: HandClock) -> Iterator[Client]:
    with a_server(tmp_path / "j.db", clock=clock, policy="default") as server:
        done = server.post("/v1/services", {"csv": CSV, "by": "manager", "source": "test"})
        assert done.status_code == 200, done.text
        assert done.json()["accepted"] == 2
        assert done.json()["rejects"][0]["id"] == "BAD"
        yield server


def tell(client: Client, path: str, body: Any, status: int = 200) -> Any:
    response = client.post(path, body)
    assert response.status_code == status, response.text
    return response.json()


def kinds(answer: Any) -> list[str]:
    return [decision["type"] for decision in answer["decisions"]]


def test_a_patient_is_described_offered_referred_and_confirmed(client: Client) -> None:
    client.report("I1", "C3")
    answer = tell(client, "/v1/incidents/I1/patient", FALL)
    assert kinds(answer) == ["OfferServices", "HoldForClinician"]
    offers = client.get("/v1/incidents/I1/offers")
    assert [offer["service"] for offer in offers["offers"]] == ["LIFT"]
    assert offers["course"] == "offers"
    assert offers["others"] or offers["refused"]
    assert client.get("/v1/validations")["waiting"][0]["incident"] == "I1"
    offer = {"referral": "R1", "incident": "I1", "service": "LIFT", "by": "n", "asked_by": "crew"}
    tell(client, "/v1/referrals", offer, 201)
    assert client.get("/v1/referrals")["referrals"][0]["consequence"] == "waits"
    answer = tell(client, "/v1/referrals/R1/confirm", {"by": "team"})
    assert answer["incident"]["outcome"] == "referred"
    assert client.get("/v1/follow-ups")["follow_ups"][0]["incident"] == "I1"
    tell(client, "/v1/referrals/R1/return", {"by": "team", "reason": "hurt"})
    assert client.get("/v1/incidents/I1")["state"] == "waiting"
    assert client.get("/v1/referrals/R1")["status"] == "returned"
    assert client.get("/v1/incidents/I1/patient")["patient"]["complaint"] == "fall"


def test_a_clinician_takes_from_the_queue_and_decides(client: Client) -> None:
    client.report("I1", "C2", segment="C")
    answer = tell(client, "/v1/incidents/I1/patient", {"complaint": "wound", "age_days": 9000})
    assert "HoldForClinician" in kinds(answer)
    tell(client, "/v1/validations/I1/attempt", {"clinician": "n"})
    tell(client, "/v1/validations/I1/start", {"clinician": "n"})
    assert client.get("/v1/validations")["in_progress"][0]["attempts"] == 1
    review = {"clinician": "n", "result": "downgraded", "new_category": "C4"}
    answer = tell(client, "/v1/validations/I1/review", review)
    assert answer["incident"]["category"] == "C4"


def test_silence_means_an_ambulance_when_its_time_comes(client: Client, clock: HandClock) -> None:
    client.report("I1", "C3")
    tell(client, "/v1/incidents/I1/patient", FALL)
    offer = {"referral": "R1", "incident": "I1", "service": "LIFT", "by": "n"}
    tell(client, "/v1/referrals", offer, 201)
    clock.go_on(14.99)
    assert client.get("/v1/referrals", ended=5)["referrals"][0]["status"] == "offered"
    clock.go_on(0.01)
    assert client.post("/v1/referrals/R1/confirm", {"by": "t"}).status_code == 404
    assert client.get("/v1/referrals/R1")["status"] == "failed_safe"


def test_who_needs_an_ambulance_is_never_referred(client: Client) -> None:
    client.report("I1", "C1")
    answer = tell(client, "/v1/incidents/I1/patient", FALL)
    assert kinds(answer) == ["KeepForAmbulance"]
    refused = client.post("/v1/referrals", {"incident": "I1", "service": "LIFT", "by": "n"})
    assert (refused.status_code, refused.json()["code"]) == (409, "barred")
    assert client.get("/v1/incidents/I1/offers")["barriers"][0]["code"] == "category_1"


def test_a_service_says_how_much_room_it_has_and_which_times(client: Client) -> None:
    tell(client, "/v1/services/LIFT/capacity", {"level": "RED", "by": "t"})
    times = [{"slot": "S1", "starts_at": "2026-03-01T13:00:00Z", "ends_at": "2026-03-01T13:20:00Z"}]
    tell(client, "/v1/services/UTC/slots", {"slots": times})
    services = {row["service"]: row for row in client.get("/v1/services")["services"]}
    assert services["LIFT"]["level"] == "RED"
    assert services["UTC"]["slots"] == 1
    client.report("I1", "C4")
    tell(client, "/v1/incidents/I1/patient", {"complaint": "wound", "age_days": 9000})
    offer = client.get("/v1/incidents/I1/offers")["offers"][0]
    assert (offer["service"], offer["slot"]["id"]) == ("UTC", "S1")
    offer = {"referral": "R1", "incident": "I1", "service": "UTC", "by": "n"}
    tell(client, "/v1/referrals", offer, 201)
    tell(client, "/v1/referrals/R1/book", {"by": "n", "slot": "S1"})
    assert client.get("/v1/referrals/R1")["slot"] == "S1"
    tell(client, "/v1/referrals/R1/refuse", {"by": "u", "code": 31})
    tell(client, "/v1/incidents/I1/welfare-calls", {"by": "d", "result": "better"})
    assert client.get("/v1/welfare-calls")["due"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/incidents/none/patient", {"complaint": "fall"}, 404),
        ("/v1/incidents/I1/patient", {"complaint": "gout"}, 422),
        ("/v1/incidents/I1/patient", {"complaint": "fall", "age_days": -1}, 422),
        ("/v1/services", {"csv": "id,name\n", "by": "m"}, 422),
        ("/v1/services", {"by": "m"}, 422),
        ("/v1/services", {"services": [], "by": "m"}, 422),
        ("/v1/services/none/capacity", {"level": "RED", "by": "m"}, 404),
        ("/v1/services/LIFT/capacity", {"level": "PINK", "by": "m"}, 422),
        ("/v1/referrals", {"incident": "none", "service": "LIFT", "by": "n"}, 422),
        ("/v1/referrals/none/confirm", {"by": "n"}, 404),
        ("/v1/referrals/none/refuse", {"by": "n", "code": 20}, 422),
        ("/v1/validations/I1/start", {"clinician": "n"}, 409),
        ("/v1/incidents/I1/follow-up", {"by": "n"}, 404),
    ],
)
def test_what_cannot_be_is_a_clear_error(client: Client, path: str, body: Any, status: int) -> None:
    client.report("I1", "C3")
    before = client.get("/v1/services")["services"]
    assert client.post(path, body).status_code == status
    assert client.get("/v1/services")["services"] == before
