"""AM.07.01: on a Category 1 or 2 call the system itself sends the nearest available ambulance.

From then on it keeps the ambulance's position and its expected arrival up to date.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.builders import HandClock, a_server


@pytest.mark.parametrize("category", ["C1", "C2"])
def test_am_07_01_the_nearest_available_ambulance_is_sent_at_once(
    tmp_path: Path, category: str
) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("far", 30)
        client.sign_on("near", 6)
        client.sign_on("nearer-but-on-break", 1)
        client.status("nearer-but-on-break", "ON_BREAK")
        answer = client.report("i", category, 0)

    sent = [d["unit"] for d in answer["decisions"] if d["type"] == "Assign"]
    assert sent == ["near"]
    assert answer["incident"]["assigned_at"] == answer["incident"]["connected_at"]


def test_am_07_01_position_and_arrival_are_kept_up_to_date(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        client.sign_on("A1", 10)
        client.report("i", "C1", 0)
        client.status("A1", "MOBILE")
        etas, places = [], []
        for _ in range(3):
            clock.go_on(2)
            incident = client.get("/v1/incidents/i")
            etas.append(incident["units"][0]["eta_s"])
            places.append(client.get("/v1/units/A1")["lon"])
        assert etas == sorted(etas, reverse=True)
        assert places == [0.008, 0.006, 0.004]
        # A report that it is further back than believed moves it there.
        client.post("/v1/units/A1/position", {"lat": 0.0, "lon": 0.0075})
        assert client.get("/v1/units/A1")["lon"] == 0.0075


def test_am_07_01_a_graver_call_takes_a_unit_from_a_lesser_one(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 20)
        client.report("lesser", "C3", 0)
        answer = client.report("graver", "C1", 19)
        lesser = client.get("/v1/incidents/lesser")

    (assign,) = [d for d in answer["decisions"] if d["type"] == "Assign"]
    assert (assign["unit"], assign["diverted_from"]) == ("A1", "lesser")
    assert (lesser["state"], lesser["diversions"]) == ("waiting", 1)
