from __future__ import annotations

from pathlib import Path

from tests.api.builders import HandClock, a_server
from tests.api.routes.test_hospital_flow import done

LEVEL = {"subject": "R1F", "by": "Commander", "reason": "queue of 20"}


def test_pressures_propose_an_opel_and_only_a_person_puts_it_into_force(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        values = {"bed_occupancy": 99, "majors_occupancy": 130, "four_hour_performance": 50}
        pressures = [{"name": name, "value": value} for name, value in values.items()]
        path = "/v1/hospitals/st-marys/pressures"
        (proposal,) = done(client, path, {"pressures": pressures})["decisions"]
        assert proposal["type"] == "ProposeLevel"
        assert proposal["words"].startswith("Proposes OPEL 2 (up to 4")
        assert client.get("/v1/escalation")["levels"] == []
        order = {"scheme": "opel", "subject": "st-marys", "level": 3, "by": "S", "reason": "full"}
        done(client, "/v1/escalation/levels", order)
        assert client.get("/v1/hospitals/st-marys/board")["opel"] == 3
        unknown = {"pressures": [{"name": "mood", "value": 1}]}
        assert done(client, path, unknown, 422)["code"] == "unknown-id"


def test_a_level_is_confirmed_logged_and_undone(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        done(client, "/v1/escalation/levels", LEVEL | {"scheme": "reap", "level": 3})
        again = LEVEL | {"scheme": "reap", "level": 3}
        assert done(client, "/v1/escalation/levels", again, 409)["code"] == "out-of-order"
        done(client, "/v1/escalation/levels/undo", LEVEL | {"scheme": "reap"})
        view = client.get("/v1/escalation")
        assert [(row["level"], row["by"]) for row in view["history"]] == [
            (1, "Commander"),
            (3, "Commander"),
        ]
        assert [plan["level"] for plan in view["plans"] if plan["scheme"] == "reap"] == [2, 3, 4]


def test_a_safety_plan_is_proposed_with_evidence_by_the_recommended_configuration(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock, policy="default") as client:
        for number in range(5):
            client.report(f"i{number}", "C2", 0)
        for _ in range(50):
            clock.go_on(1)
            client.post("/v1/recommendations", {"category": "C5", "lat": 0.0, "lon": 0.0})
            client.get("/v1/escalation")
        client.report("tick", "C5", 0)
        rules = {row["rule"]: row for row in client.get("/v1/escalation")["rules"]}
        assert rules["safety_plan-1"]["status"] == "proposed"
        assert rules["safety_plan-1"]["evidence"][0]["values"] == {
            "unassigned_c2_over(30 min)": 5.0
        }


def test_a_trust_reports_what_its_rules_need(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        body = {"pressures": [{"name": "sickness", "value": 7.5}]}
        done(client, "/v1/escalation/trusts/R1F/pressures", body)
        assert client.get("/v1/escalation")["pressures"]["R1F"][0]["value"] == 7.5
        done(client, "/v1/escalation/trusts/ZZZ/pressures", body, 404)
