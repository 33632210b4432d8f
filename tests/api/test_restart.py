from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from api.audit import export, verify
from api.restart import reopen
from api.settings import ServerSettings
from api.store.lock import LockedError
from api.store.sqlite import ForeignStoreError, JournalReader
from dispatch.dispatcher import Dispatcher
from dispatch.domain.demand_model import Forecast
from dispatch.domain.event import SettingsChanged
from dispatch.engine import open_dispatcher, settings_named
from dispatch.journal import read
from dispatch.policies.forecast import ForecastRules, fit_demand
from dispatch.policies.forecast_file import named
from tests.api.builders import Client, HandClock, a_ground, a_server
from tests.api.town import CORNER, EAST_SIDE, PATIENT, a_town, polygon
from tests.dispatch.builders import TRUST


def a_morning(client: Client, clock: HandClock) -> None:
    client.sign_on("A1", 5)
    client.sign_on("A2", 12)
    client.sign_on("R1", 2, kind="RRV")
    client.report("i1", "C1", 0)
    clock.go_on(1)
    client.report("i2", "C3", 20)
    client.status("A1", "MOBILE")
    clock.go_on(5)
    client.status("A1", "AT_SCENE")
    client.post("/v1/units/A1/status", {"status": "HANDED_OVER"})
    client.post("/v1/incidents/i2/close", {"outcome": "hear_and_treat"})
    clock.go_on(20)
    client.status("A1", "CONVEYING")
    client.post("/v1/hospitals/far/capacity", {"bays": 2})


def test_a_restart_stands_where_it_stood(tmp_path: Path) -> None:
    store, clock = tmp_path / "j.sqlite", HandClock()
    with a_server(store, clock=clock) as client:
        a_morning(client, clock)
        before = client.get("/v1/state/digest")
        picture = client.get("/v1/picture")
    with a_server(store, clock=clock) as client:
        assert client.get("/v1/state/digest") == before
        assert client.get("/v1/picture") == picture
        assert client.get("/v1/incidents/i2")["outcome"] == "hear_and_treat"


def test_a_restart_follows_and_does_not_decide_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, clock = tmp_path / "j.sqlite", HandClock()
    with a_server(store, clock=clock) as client:
        a_morning(client, clock)
        before = client.get("/v1/state/digest")

    def forbidden(*_: object) -> None:
        raise AssertionError("expected nothing to be decided")

    # The rehearsal decides too, but on a picture of its own that is thrown away.
    monkeypatch.setattr("api.warm.rehearse", lambda *_: None)
    monkeypatch.setattr(Dispatcher, "handle", forbidden)
    settings = ServerSettings(store=store)
    desk = reopen(a_ground(), settings, clock)
    assert desk.dispatcher.state.digest() == before["digest"]
    desk.store.close()


def test_the_time_goes_on_from_the_journal_even_if_the_clock_went_back(tmp_path: Path) -> None:
    store, clock = tmp_path / "j.sqlite", HandClock()
    with a_server(store, clock=clock) as client:
        a_morning(client, clock)
        last = client.get("/v1/picture")["at"]
    with a_server(store, clock=HandClock()) as client:
        assert client.sign_on("A9", 0)["at"] == last


@pytest.mark.parametrize(
    ("change", "words"),
    [({"version": "2"}, "region version 1"), ({"view": None}, "region road")],
)
def test_a_journal_of_another_place_is_refused(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    store = tmp_path / "j.sqlite"
    with a_server(store):
        pass
    ground = a_ground()
    if "view" in change:
        change = {"view": ground.view.model_copy(update={"name": "rutland"})}
    for _ in range(2):
        with pytest.raises(ForeignStoreError, match=words):
            reopen(a_ground(**change), ServerSettings(store=store), HandClock())


def test_a_journal_in_use_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "j.sqlite"
    with a_server(store), pytest.raises(LockedError):
        reopen(a_ground(), ServerSettings(store=store), HandClock())


def test_another_policy_is_put_into_force_by_an_entry(tmp_path: Path) -> None:
    store = tmp_path / "j.sqlite"
    with a_server(store) as client:
        assert client.get("/version")["versions"]["policy"] == "b2"
    with a_server(store, policy="b1") as client:
        assert client.get("/version")["versions"]["policy"] == "b1"
    with a_server(store) as client:
        assert client.get("/version")["versions"]["policy"] == "b1"
        assert client.get("/v1/state/digest")["seq"] == 1
    with JournalReader(store) as reader:
        changed = [e.event for e in reader.entries() if isinstance(e.event, SettingsChanged)]
    assert [(event.settings.name, event.by) for event in changed] == [("b1", "start-up")]


def test_a_forecast_is_put_into_force_once_and_another_regions_is_refused(tmp_path: Path) -> None:
    model = fit_demand(np.full(14 * 24, 2.0), 0, ForecastRules())
    forecast = Forecast(
        version="", region="road", from_day="2026-01-05", until_day="2026-01-18", trusts={}
    )
    forecast = named(msgspec.structs.replace(forecast, trusts={TRUST: model}))
    path, store = tmp_path / "f.json", tmp_path / "j.sqlite"
    path.write_bytes(msgspec.json.encode(forecast))
    for _ in range(2):
        with a_server(store, forecast=path) as client:
            entries = client.get("/v1/events", after=-1)["events"]
            given = [entry for entry in entries if entry["type"] == "ForecastGiven"]
            assert len(given) == 1
            assert "from 2026-01-05 to 2026-01-18" in given[0]["words"]
    other = named(msgspec.structs.replace(forecast, region="elsewhere"))
    path.write_bytes(msgspec.json.encode(other))
    with pytest.raises(ValueError, match="Expected a forecast of road, was elsewhere"):
        reopen(a_ground(), ServerSettings(store=store, forecast=path), HandClock())


def test_a_configuration_of_a_file_is_put_into_force(tmp_path: Path) -> None:
    path, store = tmp_path / "mine.json", tmp_path / "j.sqlite"
    mine = msgspec.structs.replace(settings_named("b2"), name="mine", round_every_s=30)
    path.write_bytes(msgspec.json.encode(mine))
    with a_server(store, policy=str(path)) as client:
        assert client.get("/version")["versions"]["policy"] == "mine"


def test_an_unknown_policy_is_refused_and_leaves_no_journal(tmp_path: Path) -> None:
    store = tmp_path / "j.sqlite"
    with pytest.raises(ValueError, match="Expected a policy of"):
        reopen(a_ground(), ServerSettings(store=store, policy="magic"), HandClock())
    assert not store.exists()


def test_the_fleet_on_shift_is_signed_on_once(tmp_path: Path) -> None:
    store, clock = tmp_path / "j.sqlite", HandClock()
    for _ in range(2):
        with a_server(store, clock=clock, sign_on_fleet=True) as client:
            assert [unit["unit"] for unit in client.get("/v1/units")["units"]] == ["F1"]
            assert client.get("/v1/state/digest")["seq"] == 1
    clock.go_on(12 * 60)
    with a_server(tmp_path / "night.sqlite", clock=clock, sign_on_fleet=True) as client:
        assert client.get("/v1/units")["units"] == []


def test_a_journal_is_verified_by_deciding_anew(tmp_path: Path) -> None:
    store, clock = tmp_path / "j.sqlite", HandClock()
    with a_server(store, clock=clock) as client:
        a_morning(client, clock)
        digest = client.get("/v1/state/digest")
        live = verify(store, ground=a_ground())
    assert live == verify(store, ground=a_ground())
    assert live.differences == ()
    assert (live.entries, live.digest) == (digest["seq"] + 1, digest["digest"])
    assert "not one decision differs" in live.words()


def test_a_decision_that_would_be_another_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, clock = tmp_path / "j.sqlite", HandClock()
    with a_server(store, clock=clock) as client:
        a_morning(client, clock)
    monkeypatch.setattr(Dispatcher, "recommend", lambda *_: ())
    found = verify(store, ground=a_ground())
    assert found.differences
    assert "would be decided otherwise" in found.words()


def test_an_exported_journal_can_be_replayed_to_the_same_picture(tmp_path: Path) -> None:
    store, clock = tmp_path / "j.sqlite", HandClock()
    with a_server(store, clock=clock) as client:
        a_morning(client, clock)
        digest = client.get("/v1/state/digest")
    out = tmp_path / "j.jsonl"
    assert export(store, out) == digest["seq"] + 1

    with out.open("rb") as file:
        header, entries = read(file)
        dispatcher = open_dispatcher(a_ground().travel)
        for entry in entries:
            assert dispatcher.handle(entry.event, entry.now_ms) == entry
            dispatcher.state.take_closed()
    assert header.region == "road"
    assert dispatcher.state.digest() == digest["digest"]


def test_closures_survive_a_restart_and_are_verified(tmp_path: Path) -> None:
    store, clock = tmp_path / "j.sqlite", HandClock()
    why = {"by": "control-7", "reason": "flooded"}
    with a_server(store, clock=clock, ground=a_town()) as client:
        client.sign_on("A1", lat=CORNER.lat, lon=CORNER.lon)
        patient = {"category": "C2", "lat": PATIENT.lat, "lon": PATIENT.lon}
        assert client.post("/v1/incidents", {"incident": "i"} | patient).status_code == 201
        client.status("A1", "MOBILE")
        clock.go_on(0.5)
        for body in (
            {"closure": "flood", "area": polygon(EAST_SIDE), "until": "2026-03-01T13:00:00Z"},
            {"closure": "queue", "road": "Back Road", "speed_factor": 0.8},
            {"closure": "gone", "edges": [0], "speed_kmh": 9.5},
        ):
            assert client.post("/v1/road-closures", body | why).status_code == 201
        assert client.post("/v1/road-closures/gone/end", why).status_code == 200
        before, picture = client.get("/v1/state/digest"), client.get("/v1/picture")
    assert [view["closure"] for view in picture["closures"]] == ["flood", "queue"]
    with a_server(store, clock=clock, ground=a_town()) as client:
        assert client.get("/v1/state/digest") == before
        assert client.get("/v1/picture") == picture
    found = verify(store, ground=a_town())
    assert (found.digest, found.differences) == (before["digest"], ())

    clock.go_on(120)
    with a_server(store, clock=clock, ground=a_town()) as client:
        closures = client.get("/v1/road-closures")["closures"]
        assert [view["closure"] for view in closures] == ["queue"]
