from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api.store.sqlite import JournalReader, SqliteStore, StoreError
from dispatch.dispatcher import Dispatcher
from dispatch.domain.event import EventRejected
from dispatch.journal import Entry
from tests.api.builders import HandClock, a_server


def test_the_same_request_is_carried_out_once_and_answered_alike(tmp_path: Path) -> None:
    body = {"incident": "i", "category": "C2", "lat": 0, "lon": 0.001}
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        first = client.post("/v1/incidents", body, key="k")
        again = client.post("/v1/incidents", body, key="k")
        assert first.status_code == again.status_code == 201
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.content == first.content
        assert client.get("/v1/state/digest")["seq"] == 2


def test_a_refusal_is_answered_alike_too(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.report("i")
        body = {"incident": "i", "category": "C2", "lat": 0, "lon": 0.0}
        first = client.post("/v1/incidents", body, key="again")
        assert first.status_code == 409
        again = client.post("/v1/incidents", body, key="again")
        assert (again.status_code, again.content) == (409, first.content)
        assert again.headers["content-type"] == "application/problem+json"
        assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("change", ["body", "path"])
def test_a_key_belongs_to_one_request(tmp_path: Path, change: str) -> None:
    body = {"lat": 0.0, "lon": 0.001}
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1")
        client.sign_on("A2")
        assert client.post("/v1/units/A1/position", body, key="k").status_code == 200
        path = "/v1/units/A2/position" if change == "path" else "/v1/units/A1/position"
        response = client.post(
            path, {"lat": 0.0, "lon": 0.002} if change == "body" else body, key="k"
        )
        assert response.status_code == 422
        assert response.json()["code"] == "idempotency-key-reused"


def test_keys_are_still_known_after_a_restart(tmp_path: Path) -> None:
    body = {"incident": "i", "category": "C2", "lat": 0, "lon": 0.001}
    with a_server(tmp_path / "j.sqlite") as client:
        first = client.post("/v1/incidents", body, key="k")
    with a_server(tmp_path / "j.sqlite") as client:
        again = client.post("/v1/incidents", body, key="k")
        assert again.content == first.content
        assert again.headers["Idempotent-Replayed"] == "true"


def test_keys_are_forgotten_after_their_time(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock, idempotency_kept_h=1) as client:
        client.sign_on("A1")
        body = {"lat": 0.0, "lon": 0.001}
        client.post("/v1/units/A1/position", body, key="k")
        clock.go_on(61)
        client.get("/v1/units")
        response = client.post("/v1/units/A1/position", body, key="k")
        assert "Idempotent-Replayed" not in response.headers


def test_many_at_once_are_all_served_and_all_in_the_journal(tmp_path: Path) -> None:
    store = tmp_path / "j.sqlite"
    with a_server(store) as client:
        for i in range(4):
            client.sign_on(f"A{i}", i)

        def report(i: int) -> int:
            body = {"incident": f"i{i}", "category": "C3", "lat": 0, "lon": 0.001}
            return client.post("/v1/incidents", body, key=f"many-{i}").status_code

        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(report, range(60))) == {201}
        digest = client.get("/v1/state/digest")
    with JournalReader(store) as reader:
        reported = [
            entry.event.incident
            for entry in reader.entries()
            if type(entry.event).__name__ == "IncidentReported"
        ]
    assert sorted(reported) == sorted(f"i{i}" for i in range(60))
    assert digest["seq"] >= 64


def test_a_rejected_event_is_in_the_journal_with_its_reason(tmp_path: Path) -> None:
    store = tmp_path / "j.sqlite"
    with a_server(store) as client:
        client.sign_on("A1")
        response = client.post("/v1/units/A1/status", {"status": "AT_HOSPITAL"})
        assert response.status_code == 409
        assert response.json()["code"] == "unlawful-status"
    with JournalReader(store) as reader:
        rejected = [e.event for e in reader.entries() if isinstance(e.event, EventRejected)]
    assert [event.subject for event in rejected] == ["UnitStatusReported A1"]
    assert "expected a report of" in rejected[0].reason


def test_a_timer_fires_by_itself_when_its_time_has_come(tmp_path: Path) -> None:
    # A diversion by order leaves an incident without a unit: a timer looks again at once.
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        client.report("i1", "C3", 50)
        client.report("i2", "C3", 52)
        client.sign_on("A2", 8)
        order = {"incident": "i1", "unit": "A2", "by": "desk 4", "reason": "crew knows the patient"}
        client.post("/v1/assignments", order)
        events = client.get("/v1/events", after=-1)["events"]
    assert "TimerFired" in {event["type"] for event in events}


def test_when_the_queue_is_full_routine_is_shed_before_emergencies(tmp_path: Path) -> None:
    gate = threading.Event()

    class SlowClock(HandClock):
        def now_ms(self) -> int:
            if threading.current_thread().name == "desk" and self.hold:
                gate.wait(20)
            return super().now_ms()

        hold = False

    clock = SlowClock()
    with a_server(tmp_path / "j.sqlite", clock=clock, queue_max=10, batch_max=1) as client:
        client.sign_on("A1")
        clock.hold = True

        def position(i: int) -> int:
            body = {"lat": 0.0, "lon": 0.001}
            return client.post("/v1/units/A1/position", body, key=f"p{i}").status_code

        def incident(i: int) -> int:
            body = {"incident": f"i{i}", "category": "C1", "lat": 0, "lon": 0.001}
            return client.post("/v1/incidents", body, key=f"i{i}").status_code

        with ThreadPoolExecutor(40) as pool:
            routine = [pool.submit(position, i) for i in range(20)]
            _until(lambda: sum(job.done() for job in routine) >= 10)
            urgent = pool.submit(incident, 0)
            time.sleep(0.05)
            clock.hold = False
            gate.set()
            codes = [job.result() for job in routine]
            assert urgent.result() == 201
        assert 503 in codes
        assert 200 in codes
        metrics = client.http.get("/metrics").text
        assert 'bluelight_requests_shed_total{lane="routine"}' in metrics
        assert 'lane="emergency"' not in metrics


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "expected this to come true"
        time.sleep(0.01)


def _fails_on_commit(monkeypatch: pytest.MonkeyPatch, broken: threading.Event) -> None:
    commit = SqliteStore.commit

    def failing(self: SqliteStore) -> None:
        if broken.is_set() and self._db.in_transaction:
            raise StoreError("The disk is gone.")
        commit(self)

    monkeypatch.setattr(SqliteStore, "commit", failing)


def test_when_the_flush_fails_nothing_is_acknowledged_and_nothing_more_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = threading.Event()
    _fails_on_commit(monkeypatch, broken)
    store = tmp_path / "j.sqlite"
    with a_server(store) as client:
        client.sign_on("A1", 5)
        broken.set()
        body = {"incident": "lost", "category": "C1", "lat": 0, "lon": 0.001}
        response = client.post("/v1/incidents", body, key="k")
        assert response.status_code == 503
        assert response.json()["code"] == "journal-unavailable"
        assert client.http.get("/v1/incidents").status_code == 503
        assert client.http.get("/readyz").status_code == 503
        assert client.http.get("/livez").status_code == 503
    broken.clear()
    with a_server(store) as client:
        assert client.get("/v1/incidents")["incidents"] == []
        assert client.post("/v1/incidents", body, key="k").status_code == 201


def test_a_defect_in_a_decision_is_answered_journalled_and_survived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        before = client.get("/v1/state/digest")["digest"]
        handle = Dispatcher.handle

        def stumbling(self: Dispatcher, event: Any, now_ms: int) -> Entry:
            if getattr(event, "incident", None) == "odd":
                raise ZeroDivisionError("secret of Mrs Doe")
            return handle(self, event, now_ms)

        monkeypatch.setattr(Dispatcher, "handle", stumbling)
        body = {"incident": "odd", "category": "C1", "lat": 0, "lon": 0.001}
        response = client.post("/v1/incidents", body, key="k")
        assert response.status_code == 500
        assert response.json()["code"] == "defect"
        assert "Doe" not in response.text
        assert client.get("/v1/state/digest")["digest"] == before
        assert client.get("/v1/events", after=0)["events"][-1]["type"] == "EventRejected"
        assert client.report("fine")["decisions"][0]["unit"] == "A1"
        assert client.post("/v1/incidents", body, key="k").status_code == 500


def test_a_picture_torn_after_its_entry_stops_the_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dispatch.dispatcher as module

    store = tmp_path / "j.sqlite"
    with a_server(store) as client:
        client.sign_on("A1", 5)
        apply = module.apply

        def tearing(state: Any, decision: Any, now_ms: int) -> None:
            if getattr(decision, "incident", None) == "torn":
                raise ZeroDivisionError
            apply(state, decision, now_ms)

        monkeypatch.setattr(module, "apply", tearing)
        body = {"incident": "torn", "category": "C1", "lat": 0, "lon": 0.001}
        assert client.post("/v1/incidents", body).status_code == 503
        assert client.http.get("/livez").status_code == 503
        monkeypatch.undo()
    with a_server(store) as client:
        assert client.get("/v1/incidents")["incidents"] == []


def test_the_time_never_goes_back(tmp_path: Path) -> None:
    clock = HandClock()
    with a_server(tmp_path / "j.sqlite", clock=clock) as client:
        client.sign_on("A1", 5)
        clock.go_on(-30)
        assert client.sign_on("A2", 5)["at"] == "2026-03-01T12:00:00.000Z"
        checks = client.http.get("/readyz").json()["checks"]
        assert checks["clock"] == "wrong: 1800 s behind"
