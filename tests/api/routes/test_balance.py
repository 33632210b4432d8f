from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from dispatch.domain.event import PictureOpened
from dispatch.domain.facility import Post
from dispatch.domain.forecast_use import ForecastUse
from dispatch.domain.ids import PostId, TrustCode
from dispatch.domain.settings import AidRules, AidScope, Settings
from dispatch.engine import settings_named
from tests.api.builders import Client, HandClock, a_ground, a_server, opening
from tests.dispatch.builders import TRUST, at

NEIGHBOUR = TrustCode("R1B")


def two_trusts(scope: AidScope) -> Any:
    """Return a road of two trusts, the second one beyond 500 minutes."""

    def open_both(settings: Settings) -> PictureOpened:
        first = opening(msgspec.structs.replace(settings, aid=AidRules(scope=scope)))
        post = Post(id=PostId("next"), trust=NEIGHBOUR, at=at(500))
        return msgspec.structs.replace(first, posts=(*first.posts, post))

    return a_ground(
        opening=open_both, home_trust=lambda place: TRUST if place.lon < 0.4 else NEIGHBOUR
    )


def fill(client: Client) -> None:
    """Let one trust queue, while the other has three units idle."""
    client.sign_on("A1", 0)
    for i in range(3):
        client.report(f"i{i}", "C2", 5 + i)
    for i in range(3):
        client.sign_on(f"B{i}", 500, home="next")


def test_shows_each_trusts_load_price_and_who_could_help_whom(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite", ground=two_trusts(AidScope.PRICED)) as client:
        fill(client)
        view = client.get("/v1/balance")
    rows = {row["trust"]: row for row in view["trusts"]}
    mine, other = rows[TRUST], rows[NEIGHBOUR]
    assert (mine["on_duty"], mine["busy"], mine["waiting"]) == (1, 1, 2)
    assert mine["busy_fraction"] == 1.0
    assert mine["arrivals_per_h"] == 3.0
    assert mine["offered_load"] == 4.5
    assert mine["price_min"] > other["price_min"]
    assert mine["prices_by"] == "last hour"
    (help_,) = view["helps"]
    assert (help_["lender"], help_["borrower"], help_["units"]) == (NEIGHBOUR, TRUST, 2)
    assert help_["gain_min"] == round(help_["relief_min"] - help_["price_min"], 2)
    assert help_["lender_busy_fraction"] == 0.3333
    assert view["words"].splitlines() == [
        *(row["words"] for row in view["trusts"]),
        help_["words"],
    ]
    assert "R1B could lend up to 2 to R1F" in help_["words"]
    assert "R1B would be 33% busy" in help_["words"]
    assert view["degraded"] == {}


def test_where_trusts_do_not_help_each_other_loads_are_shown_and_no_help(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite", ground=two_trusts(AidScope.SILO)) as client:
        fill(client)
        view = client.get("/v1/balance")
    assert view["aid"] == "silo"
    assert len(view["trusts"]) == 2
    assert view["helps"] == []


def test_a_quiet_morning_has_an_empty_view(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        view = client.get("/v1/balance")
    assert view["trusts"] == []
    assert view["words"] == ""


def test_a_feeds_forecast_is_believed_for_five_minutes_and_then_said_to_be_too_old(
    tmp_path: Path,
) -> None:
    clock = HandClock()
    settings = msgspec.structs.replace(
        settings_named("b2"), name="expects", forecast=ForecastUse(prices=True)
    )
    path = tmp_path / "expects.json"
    path.write_bytes(msgspec.json.encode(settings))
    ground = two_trusts(AidScope.PRICED)
    with a_server(tmp_path / "j.sqlite", ground=ground, clock=clock, policy=str(path)) as client:
        fill(client)
        before = client.get("/v1/balance")
        assert before["degraded"]["forecast"].startswith("none was given")
        done = client.post("/v1/forecasts", {"trusts": {TRUST: [6.0] * 168}})
        assert done.status_code == 200, done.text
        rows = {row["trust"]: row for row in client.get("/v1/balance")["trusts"]}
        assert rows[TRUST]["prices_by"] == "forecast"
        assert rows[NEIGHBOUR]["prices_by"] == "last hour"
        clock.go_on(5)
        stale = client.get("/v1/balance")
        assert stale["degraded"]["forecast"].startswith("the last one is too old")
        assert {row["prices_by"] for row in stale["trusts"]} == {"last hour"}
        late = client.post(
            "/v1/forecasts",
            {"trusts": {TRUST: [6.0] * 168}, "issued_at": "2026-02-27T12:00:00Z"},
        )
        assert late.json()["code"] == "clock-skew"
