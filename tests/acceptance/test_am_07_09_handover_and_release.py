"""AM.07.09: conveyance goes on at the hospital: timers, release, liaison officer, escalation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.api.builders import Client, HandClock, a_server

H = "/v1/hospitals/st-marys"


def at_hospital(client: Client, unit: str) -> None:
    client.sign_on(unit, 0)
    client.report(f"i-{unit}", "C2", 0)
    for status in ("MOBILE", "AT_SCENE"):
        client.status(unit, status)
    client.status(unit, "CONVEYING", hospital="st-marys")
    client.status(unit, "AT_HOSPITAL")


def wait(client: Client, clock: HandClock, minutes: int) -> None:
    """Let a server go through minutes one by one, as its own clock would."""
    for _ in range(minutes):
        clock.go_on(1)
        client.post("/v1/recommendations", {"category": "C5", "lat": 0.0, "lon": 0.0})
        client.get(f"{H}/board")


def decided(client: Client, kind: str) -> list[dict[str, Any]]:
    events = client.get("/v1/events", after=0, limit=500)["events"]
    return [d for event in events for d in event["decisions"] if d["type"] == kind]


def test_am_07_09_timers_of_15_30_45_and_60_minutes_come_to_the_second(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock, policy="b2") as client:
        at_hospital(client, "A1")
        wait(client, clock, 65)
        client.report("tick", "C5", 0)
        told = [(d["timer"], d["due_at"][11:19]) for d in decided(client, "HandoverAlert")]
        assert told == [
            ("amber", "12:15:00"),
            ("arm", "12:30:00"),
            ("release", "12:45:00"),
            ("breach", "13:00:00"),
        ]
        assert client.get("/v1/units/A1")["status"] == "AT_HOSPITAL"


def test_am_07_09_an_unstable_patient_keeps_the_crew_a_stable_one_frees_it(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        at_hospital(client, "A1")
        clock.go_on(45)
        body = {"unit": "A1", "clinician": "Paramedic", "recipient": "Nurse in charge"}
        for stable in (None, False):
            assert client.post(f"{H}/releases", body | {"is_stable": stable}).status_code == 409
        assert client.get("/v1/units/A1")["status"] == "AT_HOSPITAL"
        assert client.post(f"{H}/releases", body | {"is_stable": True}).status_code == 200
        client.status("A1", "AVAILABLE")
        incident = client.get("/v1/incidents/i-A1")
        assert (incident["state"], incident["outcome"]) == ("closed", "conveyed_to_ed")


def test_am_07_09_a_liaison_officer_is_proposed_with_evidence_and_sent_by_a_person(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock, policy="default") as client:
        for unit in ("A1", "A2", "A3"):
            at_hospital(client, unit)
        assert decided(client, "ProposeHalo") == []
        wait(client, clock, 16)
        client.report("tick", "C5", 0)
        (proposal,) = decided(client, "ProposeHalo")
        assert "waiting_over(15 min) >= 3 (was 3)" in proposal["words"]
        for order in ("confirm", "deploy", "stand_down"):
            answer = client.post(f"{H}/halo-rules/halo/orders", {"order": order, "by": "Manager"})
            assert answer.status_code == 200, answer.text


def test_am_07_09_what_was_said_at_hospitals_survives_a_restart(tmp_path: Path) -> None:
    clock = HandClock()
    store = tmp_path / "j.sqlite"
    with a_server(store, clock=clock, policy="default") as client:
        for unit in ("A1", "A2", "A3"):
            at_hospital(client, unit)
        wait(client, clock, 31)
        level = {"scheme": "reap", "subject": "R1F", "level": 3, "by": "C", "reason": "pressure"}
        assert client.post("/v1/escalation/levels", level).status_code == 200
        before = (client.get(f"{H}/board"), client.get("/v1/escalation")["levels"])
        digest = client.get("/v1/state/digest")["digest"]
    with a_server(store, clock=clock) as client:
        assert client.get("/v1/state/digest")["digest"] == digest
        board = client.get(f"{H}/board")
        assert (board["waiting"], board["halo"]) == (before[0]["waiting"], before[0]["halo"])
        assert client.get("/v1/escalation")["levels"] == before[1]
