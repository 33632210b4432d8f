"""A server whose routing fails goes on serving, says so, and notices when it works again."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from dispatch.ports import TravelTimes
from tests.api.builders import HandClock, a_ground, a_server
from tests.dispatch.builders import StraightRoad


class BrokenRoad(StraightRoad):
    """A road whose travel engine can be broken; its map stays."""

    is_broken = False

    def _check(self) -> None:
        if self.is_broken:
            raise RuntimeError("out of order")

    def to_one_ms(self, *args: Any) -> Any:
        self._check()
        return super().to_one_ms(*args)

    def pairs_ms(self, *args: Any) -> Any:
        self._check()
        return super().pairs_ms(*args)


def test_with_routing_down_the_nearest_by_crow_goes_and_everything_says_so(
    tmp_path: Path,
) -> None:
    road, clock = BrokenRoad(), HandClock()
    ground = a_ground(travel=cast("TravelTimes", road))
    with a_server(tmp_path / "j.sqlite", clock=clock, ground=ground) as client:
        client.sign_on("A1", 5)
        client.sign_on("A2", 30)
        road.is_broken = True
        answer = client.report("i", "C2", 0)
        (order,) = [d for d in answer["decisions"] if d["type"] == "Assign"]
        assert order["unit"] == "A1"
        assert order["degraded"] == ["the roads (routing is down: great circle x 1.3)"]
        assert "Not taken into account: the roads" in order["words"]

        ready = client.get("/readyz")
        assert ready["status"] == "ready"
        assert "down for 0 min (RuntimeError: out of order)" in ready["checks"]["routing"]
        assert set(client.get("/v1/picture")["degraded"]) == {"routing"}
        clock.go_on(2)
        assert "routing" in client.get("/readyz")["checks"]
        road.is_broken = False
        clock.go_on(2)
        client.get("/readyz")
        assert "routing" not in client.get("/readyz")["checks"]
        assert client.get("/v1/picture")["degraded"] == {}


def test_a_restart_follows_a_journal_in_which_routing_failed(tmp_path: Path) -> None:
    road, clock = BrokenRoad(), HandClock()
    ground = a_ground(travel=cast("TravelTimes", road))
    with a_server(tmp_path / "j.sqlite", clock=clock, ground=ground) as client:
        client.sign_on("A1", 5)
        road.is_broken = True
        client.report("i", "C2", 0)
        units = client.get("/v1/units")
    with a_server(tmp_path / "j.sqlite", clock=clock, ground=ground) as client:
        again = client.get("/v1/units")
        assert again["units"][0]["lon"] == units["units"][0]["lon"]
        assert "routing" in client.get("/readyz")["checks"]
