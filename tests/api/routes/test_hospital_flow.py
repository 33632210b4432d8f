from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dispatch.domain.trigger_rule import DEFAULT_HALO_RULE
from tests.api.builders import Client, HandClock, a_server

H = "/v1/hospitals/st-marys"
RULE = {"text": "when waiting_over(20 min) >= 1 until waiting = 0 hold 60 min"}
PERSON = {"by": "Duty manager", "reason": "winter plan"}


def to_hospital(client: Client, unit: str = "A1") -> None:
    client.sign_on(unit, 0)
    client.report(f"i-{unit}", "C2", 0)
    for status in ("MOBILE", "AT_SCENE", "CONVEYING", "AT_HOSPITAL"):
        more = {"hospital": "st-marys"} if status == "CONVEYING" else {}
        client.status(unit, status, **more)


def done(client: Client, path: str, body: dict[str, Any], status: int = 200) -> Any:
    response = client.post(path, body)
    assert response.status_code == status, response.text
    return response.json()


def test_the_board_shows_timers_and_the_predicted_handover_with_its_interval(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        to_hospital(client)
        clock.go_on(31)
        board = client.get(f"{H}/board")
        (visit,) = board["waiting"]
        assert (visit["unit"], visit["timer"]) == ("A1", "arm")
        assert visit["next_timer_at"] == "2026-03-01T12:45:00.000Z"
        assert visit["predicted_handover_s"] > 0
        prediction = board["prediction"]
        assert prediction["lower_s"] < prediction["expected_s"] < prediction["upper_s"]
        assert board["longest_wait_s"] == 31 * 60
        assert board["minutes"]["release_min"] == 45
        assert client.http.get("/v1/hospitals/moon/board").status_code == 404


def test_alerts_are_told_in_words_and_at_their_time(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        to_hospital(client)
        clock.go_on(15)
        client.get(f"{H}/board")
        client.post("/v1/recommendations", {"category": "C2", "lat": 0.0, "lon": 0.0})
        events = client.get("/v1/events", after=0, limit=500)["events"]
        decisions = [d for e in events for d in e["decisions"] if d["type"] == "HandoverAlert"]
        assert [d["due_at"] for d in decisions] == ["2026-03-01T12:15:00.000Z"]
        assert decisions[0]["words"].startswith("A1 at St Mary's: 15 min since arrival")


def test_release_to_respond_needs_a_stable_patient_and_frees_but_does_not_clear(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        to_hospital(client)
        clock.go_on(45)
        body = {"unit": "A1", "is_stable": False, "clinician": "B", "recipient": "C"}
        refused = done(client, f"{H}/releases", body, 409)
        assert refused["code"] == "not-released"
        assert "the crew stays" in refused["detail"]
        answer = done(client, f"{H}/releases", body | {"is_stable": True})
        assert answer["unit"]["status"] == "HANDED_OVER"
        (visit,) = client.get(f"{H}/board")["clear_pending"]
        assert (visit["kind"], visit["recipient"]) == ("release_to_respond", "C")
        client.status("A1", "AVAILABLE")
        assert client.get(f"{H}/board")["clear_pending"] == []


def test_a_cohort_and_fit_to_sit(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        to_hospital(client, "A1")
        to_hospital(client, "A2")
        done(client, f"{H}/cohorts", {"cohort": "c", "clinician": "P", "authorised_by": "M"})
        done(client, f"{H}/cohorts/c/patients", {"unit": "A1"})
        done(client, f"{H}/cohorts/x/patients", {"unit": "A2"}, 404)
        sitting = {"unit": "A2", "is_ambulatory": False, "recipient": "N"}
        assert done(client, f"{H}/fit-to-sit", sitting, 409)["code"] == "out-of-order"
        done(client, f"{H}/fit-to-sit", sitting | {"is_ambulatory": True})
        board = client.get(f"{H}/board")
        (cohorted,) = board["cohorted"]
        assert board["cohorts"][0]["patients"] == 1
        done(client, f"{H}/visits/{cohorted['visit']}/handover", {"recipient": "N"})
        assert client.get(f"{H}/board")["cohorted"] == []


def test_a_handover_that_begins_twice_is_refused_and_kept(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        to_hospital(client)
        done(client, f"{H}/handover-starts", {"unit": "A1"})
        assert done(client, f"{H}/handover-starts", {"unit": "A1"}, 409)["code"] == "out-of-order"
        events = client.get("/v1/events", after=0, limit=500)["events"]
        assert events[-1]["type"] == "EventRejected"
        assert len(client.get(f"{H}/board")["in_handover"]) == 1


def test_an_immediate_release_that_is_not_answered_is_escalated(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        to_hospital(client)
        client.report("wait", "C1", 500)
        body = {"request": "r", "incident": "wait", "by": "Commander"}
        done(client, f"{H}/immediate-releases", body)
        clock.go_on(5)
        client.report("tick", "C5", 0)
        (request,) = client.get(f"{H}/board")["immediate_releases"]
        assert request["status"] == "lapsed"
        assert "ambulance on-call executive" in request["escalates_to"]
        answer = {"accepts": True, "by": "Nurse", "unit": "A1"}
        done(client, f"{H}/immediate-releases/r/answer", answer, 409)


def test_a_liaison_officer_is_proposed_confirmed_deployed_and_stood_down(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock, policy="b2") as client:
        done(client, f"{H}/halo-rules/queue", RULE | PERSON)
        to_hospital(client)
        clock.go_on(20)
        client.report("tick", "C5", 0)
        rule = client.get(f"{H}/board")["halo"][0]
        assert rule["status"] == "proposed"
        assert rule["evidence"][0]["values"] == {"waiting_over(20 min)": 1.0}
        orders = f"{H}/halo-rules/queue/orders"
        assert done(client, orders, {"order": "deploy", "by": "D"}, 409)["code"] == "out-of-order"
        for order in ("confirm", "deploy", "stand_down"):
            done(client, orders, {"order": order, "by": "D", "reason": "as proposed"})
        log = client.get(f"{H}/board")["halo_log"]
        assert [row["status"] for row in log] == ["stood_down", "deployed", "confirmed"]


@pytest.mark.parametrize(
    ("text", "column"), [("waitin >= 3", 1), ("longest_wait > 30", 16), ("opel >= 1", 1)]
)
def test_a_rule_that_makes_no_sense_is_refused_with_its_column(
    tmp_path: Path, text: str, column: int
) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        problem = done(client, f"{H}/halo-rules/q", {"text": text} | PERSON, 422)
        assert (problem["code"], problem["column"]) == ("invalid-rule", column)
        asked = client.http.get("/v1/escalation/rules/explanation", params={"text": text})
        assert asked.status_code == 422


def test_a_rule_is_explained_before_it_is_put_into_force(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        found = client.get("/v1/escalation/rules/explanation", text=DEFAULT_HALO_RULE)
        assert found["words"].startswith("Fires when the number of ambulances")
        assert "opel" in found["needs"]


def test_a_deflection_takes_effect_and_expires(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        body = {"deflection": "d", "to": "far", "ends_at": "2026-03-01T13:00:00Z"}
        persons = {"agreed_from": "A", "agreed_to": "B", "authorised_by": "C"}
        done(client, f"{H}/deflections", body | persons)
        client.sign_on("A1", 0)
        client.report("i", "C2", 0)
        client.status("A1", "MOBILE")
        client.status("A1", "AT_SCENE")
        (convey,) = client.status("A1", "CONVEYING")["decisions"]
        assert convey["hospital"] == "far"
        assert "St-marys deflects to far for now" in convey["words"]
        clock.go_on(60)
        client.report("tick", "C5", 0)
        assert client.get(f"{H}/board")["deflections"] == []
        too_long = body | persons | {"deflection": "e", "ends_at": "2026-03-01T20:00:00Z"}
        assert done(client, f"{H}/deflections", too_long, 422)["code"] == "invalid"
        done(client, f"{H}/deflections/zz/end", {"by": "C"}, 404)


def test_minutes_of_a_hospital_are_set_and_taken_back(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        minutes = {"amber_min": 10, "arm_min": 20, "breach_min": 40}
        done(client, f"{H}/minutes", {"minutes": minutes} | PERSON)
        shown = client.get(f"{H}/board")["minutes"]
        assert (shown["amber_min"], shown["is_own"], "release_min" in shown) == (10, True, False)
        done(client, f"{H}/minutes", {"minutes": minutes | {"arm_min": 5}} | PERSON, 422)
        done(client, f"{H}/minutes", PERSON)
        assert client.get(f"{H}/board")["minutes"]["is_own"] is False
