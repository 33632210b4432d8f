from __future__ import annotations

from pathlib import Path

from tests.api.builders import HandClock, a_server


def test_a_reported_incident_is_answered_with_who_goes_and_why(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("near", 5)
        client.sign_on("far", 30)
        answer = client.report("i", "C2", 7)

    (decision,) = answer["decisions"]
    assert (decision["type"], decision["unit"], decision["eta_s"]) == ("Assign", "near", 135.0)
    assert decision["words"] == (
        "Sends near (DCA, paramedic) to i, 2 min 15; next was far, 23 min 15."
    )
    assert [c["verdict"] for c in decision["candidates"]] == ["chosen", "slower"]
    assert answer["incident"]["state"] == "assigned"
    assert answer["incident"]["units"][0]["eta_s"] == 135.0
    assert answer["versions"]["travel"] == "straight-road"
    assert answer["versions"]["policy"] == "b2"


def test_an_incident_nobody_can_go_to_waits_with_reasons(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        client.report("i1", "C2")
        answer = client.report("i2", "C2")

    assert answer["decisions"][0]["type"] == "Wait"
    assert answer["decisions"][0]["words"].startswith("i2 waits for a conveying unit: 1 on a job")
    assert answer["incident"]["state"] == "waiting"
    assert answer["incident"]["needs"] == ["conveying"]


def test_a_name_is_made_from_the_key_when_none_is_sent(tmp_path: Path) -> None:
    body = {"category": "C3", "lat": 0, "lon": 0.001}
    with a_server(tmp_path / "j.sqlite") as client:
        one = client.post("/v1/incidents", body, key="one").json()["incident"]["incident"]
        two = client.post("/v1/incidents", body, key="two").json()["incident"]["incident"]
        assert one != two
        assert client.get(f"/v1/incidents/{one}")["category"] == "C3"


def test_a_place_off_the_roads_is_refused_with_the_gap(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        response = client.post("/v1/incidents", {"category": "C1", "lat": 2.0, "lon": 0.0})
        assert response.status_code == 422
        problem = response.json()
        assert (problem["code"], problem["gap_m"]) == ("off-network", 222000.0)
        assert client.get("/v1/incidents")["incidents"] == []
        assert client.get("/v1/events", after=-1)["events"][-1]["type"] == "EventRejected"


def test_the_home_trust_is_found_by_the_place_or_given(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        assert client.report("i1")["incident"]["trust"] == "R1F"
        assert client.report("i2", trust="RYD")["incident"]["trust"] == "RYD"
        nowhere = {"incident": "i3", "category": "C1", "lat": 0.0, "lon": 10.0}
        response = client.post("/v1/incidents", nowhere)
        assert (response.status_code, response.json()["code"]) == (422, "no-home-trust")
        last = client.get("/v1/events", after=-1)["events"][-1]
        assert last["words"].startswith("Refused IncidentReported i3: Expected a place within")


def test_times_that_cannot_be_are_refused(tmp_path: Path) -> None:
    body = {"category": "C1", "lat": 0.0, "lon": 0.0}
    with a_server(tmp_path / "j.sqlite") as client:
        for times in (
            {"connected_at": "2026-02-28T12:00:00Z"},
            {"connected_at": "2026-03-01T13:00:00Z"},
            {"connected_at": "2026-03-01T12:00:00Z", "coded_at": "2026-03-01T11:59:00Z"},
        ):
            response = client.post("/v1/incidents", body | times)
            assert (response.status_code, response.json()["code"]) == (422, "clock-skew")


def test_an_upgrade_may_divert_a_unit(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 20)
        client.report("low", "C3", 0)
        client.report("other", "C3", 19)
        answer = client.post("/v1/incidents/other/recode", {"category": "C1"}).json()

    (assign,) = [d for d in answer["decisions"] if d["type"] == "Assign"]
    assert (assign["unit"], assign["diverted_from"]) == ("A1", "low")
    assert "It is diverted from low." in assign["words"]
    assert answer["incident"]["category"] == "C1"


def test_closing_stands_down_who_is_on_the_way(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 20)
        client.report("i", "C3", 0)
        answer = client.post("/v1/incidents/i/close", {"outcome": "cancelled"}).json()
        assert answer["decisions"][0]["type"] == "StandDown"
        assert (answer["incident"]["state"], answer["incident"]["outcome"]) == (
            "closed",
            "cancelled",
        )
        assert client.get("/v1/incidents")["incidents"] == []
        (closed,) = client.get("/v1/incidents", closed=5)["incidents"]
        assert closed["incident"] == "i"
        assert client.get("/v1/incidents/i")["state"] == "closed"


def test_closing_is_refused_once_a_crew_has_arrived(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 0)
        client.report("i", "C3", 0)
        client.status("A1", "MOBILE")
        client.status("A1", "AT_SCENE")
        response = client.post("/v1/incidents/i/close", {"outcome": "cancelled"})
        assert (response.status_code, response.json()["code"]) == (409, "crew-on-scene")


def test_an_unknown_incident_is_not_found(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        assert client.http.get("/v1/incidents/none").status_code == 404
        assert client.post("/v1/incidents/none/recode", {"category": "C1"}).status_code == 404
        assert client.post("/v1/incidents/none/close", {"outcome": "referred"}).status_code == 404


def test_the_whole_course_of_an_incident_leaves_its_stamps(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        client.sign_on("A1", 10)
        client.report("i", "C2", 0, coded_at="2026-03-01T12:00:00Z")
        states = [client.get("/v1/incidents/i")["state"]]
        for minutes, status in ((1, "MOBILE"), (10, "AT_SCENE"), (20, "CONVEYING")):
            clock.go_on(minutes)
            client.status("A1", status)
            states.append(client.get("/v1/incidents/i")["state"])
        clock.go_on(10)
        client.status("A1", "AT_HOSPITAL")
        states.append(client.get("/v1/incidents/i")["state"])
        clock.go_on(15)
        client.status("A1", "HANDED_OVER")
        states.append(client.get("/v1/incidents/i")["state"])
        client.status("A1", "AVAILABLE")
        closed = client.get("/v1/incidents/i")

    assert states == [
        "assigned", "mobile", "at_scene", "conveying", "at_hospital", "handed_over",
    ]  # fmt: skip
    assert closed["response_s"] == 660.0
    assert closed["outcome"] == "conveyed_to_ed"
    assert closed["hospital"] == "st-marys"
    assert closed["handed_over_at"] == "2026-03-01T12:56:00.000Z"


def test_open_incidents_are_listed_gravest_first(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        for name, category in (("a", "C4"), ("b", "C1"), ("c", "C2"), ("d", "C2")):
            client.report(name, category)
        listed = client.get("/v1/incidents")["incidents"]
    assert [row["incident"] for row in listed] == ["b", "c", "d", "a"]
