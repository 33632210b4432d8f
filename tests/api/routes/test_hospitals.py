from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.builders import Client, HandClock, a_server


def to_hospital(client: Client, clock: HandClock) -> None:
    client.sign_on("A1", 0)
    client.report("i", "C2", 0)
    for status in ("MOBILE", "AT_SCENE", "CONVEYING", "AT_HOSPITAL"):
        clock.go_on(1)
        client.status("A1", status)


def test_the_board_shows_who_waits_and_how_long(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        to_hospital(client, clock)
        clock.go_on(25)
        boards = client.get("/v1/hospitals")["hospitals"]
        assert [board["hospital"] for board in boards] == ["far", "st-marys"]
        assert boards[1]["waiting"] == [
            {"unit": "A1", "arrived_at": "2026-03-01T12:04:00.000Z", "waiting_s": 1500.0}
        ]
        client.status("A1", "HANDED_OVER")
        board = client.get("/v1/hospitals")["hospitals"][1]
        assert (board["waiting"], board["recent_handover_s"]) == ([], [1500.0])


def test_a_hospital_that_does_not_accept_is_not_chosen(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        response = client.post("/v1/hospitals/st-marys/capacity", {"is_accepting": False})
        assert response.json()["hospital"]["is_accepting"] is False
        to_hospital(client, clock)
        assert client.get("/v1/incidents/i")["hospital"] == "far"


@pytest.mark.parametrize(
    "body", [{}, {"bays": 0}, {"bays": 2.5}, {"bays": True}, {"is_accepting": "yes"}]
)
def test_a_capacity_that_says_nothing_or_nonsense_is_refused(
    tmp_path: Path, body: dict[str, object]
) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        assert client.post("/v1/hospitals/st-marys/capacity", body).status_code == 422


def test_bays_can_be_set_and_an_unknown_hospital_is_not_found(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        answer = client.post("/v1/hospitals/st-marys/capacity", {"bays": 7}).json()
        assert answer["hospital"]["bays"] == 7
        assert client.post("/v1/hospitals/moon/capacity", {"bays": 7}).status_code == 404
