from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.builders import a_server

WHO = {"by": "desk 4", "reason": "the crew knows the patient"}


def test_a_recommendation_ranks_units_with_reasons_and_changes_nothing(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        client.sign_on("A2", 30)
        client.sign_on("R1", 1, kind="RRV")
        before = client.get("/v1/state/digest")
        advice = client.post(
            "/v1/recommendations", {"category": "C2", "lat": 0.0, "lon": 0.007}
        ).json()
        assert client.get("/v1/state/digest") == before

    (conveying,) = advice["advice"]
    assert conveying["role"] == "conveying"
    assert conveying["decision"]["unit"] == "A1"
    ranked = [(c["rank"], c["unit"], c["kind"], c["skill"]) for c in conveying["candidates"]]
    assert ranked == [
        (1, "A1", "DCA", "PARAMEDIC"),
        (2, "A2", "DCA", "PARAMEDIC"),
        (3, "R1", "RRV", "PARAMEDIC"),
    ]
    assert conveying["candidates"][2]["words"] == "R1 is of a kind that is not sent here."
    assert "incident" not in advice


def test_a_recommendation_for_a_waiting_incident_is_what_would_be_decided(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        client.report("i1", "C3", 0)
        client.report("i2", "C3", 0)
        advice = client.post("/v1/recommendations", {"incident": "i2"}).json()
    (row,) = advice["advice"]
    assert "decision" not in row
    assert row["words"] == "The engine would send nobody in this role now."
    assert row["candidates"][0]["verdict"] == "busy"


def test_a_recommendation_for_an_incident_that_is_served_lists_the_others(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        client.sign_on("A2", 9)
        client.report("i", "C2", 0)
        advice = client.post("/v1/recommendations", {"incident": "i"}).json()
    (row,) = advice["advice"]
    assert row["words"] == "Everybody who is needed has been sent."
    assert row["candidates"][0]["unit"] == "A2"
    assert row["candidates"][0]["eta_s"] == 9 * 60 + 15


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid"),
        ({"incident": "i", "category": "C1"}, 422, "invalid"),
        ({"category": "C1", "lat": 0.0}, 422, "invalid"),
        ({"incident": "none"}, 404, "unknown-id"),
        ({"category": "C1", "lat": 3.0, "lon": 0.0}, 422, "off-network"),
        ({"category": "C1", "lat": 0.0, "lon": 10.0}, 422, "no-home-trust"),
    ],
)
def test_a_question_that_has_no_answer_is_refused_and_not_journalled(
    tmp_path: Path, body: dict[str, object], status: int, code: str
) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        response = client.http.post("/v1/recommendations", json=body)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert client.get("/v1/state/digest")["seq"] == 0


def test_an_override_is_carried_out_with_name_and_reason(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("near", 5)
        client.sign_on("far", 30)
        client.report("i", "C2", 0)
        order = {"incident": "i", "unit": "far"} | WHO
        response = client.post("/v1/assignments", order)
        assert response.status_code == 201
        answer = response.json()
    assign = answer["decisions"][0]
    assert (assign["unit"], assign["ordered_by"]) == ("far", "desk 4")
    assert assign["words"].endswith("Ordered by desk 4: the crew knows the patient.")
    assert {row["unit"] for row in answer["incident"]["units"]} >= {"far"}


def test_an_override_needs_a_name_and_a_reason(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        response = client.post("/v1/assignments", {"incident": "i", "unit": "A1", "by": ""})
        assert response.status_code == 422
        pointers = {e["pointer"] for e in response.json()["errors"]}
        assert pointers == {"/by", "/reason"}


def test_a_unit_that_cannot_go_is_refused(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 0)
        client.report("i1", "C2", 0)
        client.status("A1", "MOBILE")
        client.status("A1", "AT_SCENE")
        client.report("i2", "C1", 0)
        response = client.post("/v1/assignments", {"incident": "i2", "unit": "A1"} | WHO)
        assert (response.status_code, response.json()["code"]) == (409, "not-assignable")
        response = client.post("/v1/assignments", {"incident": "i9", "unit": "A1"} | WHO)
        assert (response.status_code, response.json()["code"]) == (422, "unknown-id")


def test_standing_down_frees_the_unit_and_serves_the_patient_again(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        client.report("i", "C3", 0)
        response = client.post("/v1/stand-downs", {"incident": "i", "unit": "A1"} | WHO)
        assert response.status_code == 201
        decisions = response.json()["decisions"]
    assert decisions[0]["type"] == "StandDown"
    assert decisions[0]["ordered_by"] == "desk 4"


def test_an_idle_unit_is_moved_to_a_post(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        response = client.post("/v1/relocations", {"unit": "A1", "post": "east"} | WHO)
        assert response.status_code == 201
        answer = response.json()
        assert answer["decisions"][0]["post"] == "east"
        assert answer["unit"]["status"] == "RELOCATING"
        response = client.post("/v1/relocations", {"unit": "A1", "post": "moon"} | WHO)
        assert response.status_code == 422
