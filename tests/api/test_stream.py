from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.stream import BACK_MAX, Broadcast
from dispatch.domain.wording import EMPTY
from tests.api.builders import Client, a_server

Event = dict[str, Any]


def events_of(response: httpx.Response) -> Iterator[Event]:
    """Yield server-sent events; a comment is an event of its own."""
    event: Event = {}
    for line in response.iter_lines():
        if line == "":
            if event:
                yield event
            event = {}
        elif line.startswith(":"):
            yield {"comment": line[1:].strip()}
        else:
            name, _, value = line.partition(": ")
            event[name] = json.loads(value) if name == "data" else value


def listen(
    client: Client, count: int, *, after: int | None = None, last: int | None = None
) -> list[Event]:
    """Return the first so many entries or resets of a stream."""
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    params = {} if after is None else {"after": after}
    found: list[Event] = []
    with client.http.stream("GET", "/v1/events/stream", params=params, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        for event in events_of(response):
            if "event" in event:
                found.append(event)
            if len(found) == count:
                return found
    return found


def test_a_stream_begins_after_an_entry_and_goes_on_with_what_comes(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        found: list[Event] = []
        listener = threading.Thread(target=lambda: found.extend(listen(client, 3, after=0)))
        listener.start()
        client.report("i", "C1", 0)
        client.status("A1", "MOBILE")
        listener.join(20)

    assert [event["id"] for event in found] == ["1", "2", "3"]
    assert {event["event"] for event in found} == {"entry"}
    assert found[1]["data"]["type"] == "IncidentReported"
    assert found[1]["data"]["decisions"][0]["words"].startswith("Sends A1 (DCA, paramedic)")


def test_a_browser_that_comes_back_misses_nothing(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        for i in range(5):
            client.sign_on(f"A{i}", i)
        first = listen(client, 2, after=-1)
        rest = listen(client, 4, after=999, last=int(first[-1]["id"]))
    assert [event["id"] for event in first + rest] == ["0", "1", "2", "3", "4", "5"]


def test_after_a_restart_the_stream_goes_on_from_the_journal(tmp_path: Path) -> None:
    store = tmp_path / "j.sqlite"
    with a_server(store) as client:
        client.sign_on("A1", 5)
        client.report("i", "C1", 0)
        before = listen(client, 3, after=-1)
    with a_server(store) as client:
        client.status("A1", "MOBILE")
        after = listen(client, 4, last=-1)
    assert after[:3] == before
    assert after[3]["data"]["type"] == "UnitStatusReported"


def test_what_no_longer_is_in_memory_comes_from_the_journal(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite", stream_kept=16) as client:
        client.sign_on("A1", 0)
        for i in range(1, 60):
            body = {"lat": 0.0, "lon": i / 1000}
            assert client.post("/v1/units/A1/position", body).status_code == 200
        found = listen(client, 61, after=-1)
    assert [event["id"] for event in found] == [str(i) for i in range(61)]


def test_a_listener_from_another_journal_is_told_to_start_afresh(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1", 5)
        (reset,) = listen(client, 1, after=10_000)
        response = client.http.get("/v1/events", params={"after": 10_000})
    assert (reset["event"], reset["data"]) == ("reset", {"seq": 1})
    assert (response.status_code, response.json()["code"]) == (410, "fresh-start")
    assert response.json()["last_seq"] == 1


def test_a_silent_stream_shows_that_it_lives(tmp_path: Path) -> None:
    with (
        a_server(tmp_path / "j.sqlite", heartbeat_s=0.05) as client,
        client.http.stream("GET", "/v1/events/stream") as response,
    ):
        events = events_of(response)
        assert next(events) == {"retry": "2000"}
        assert next(events) == {"comment": "still here"}


def test_an_open_stream_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        other = httpx.Client(base_url=client.http.base_url, timeout=20)
        stream = other.stream("GET", "/v1/events/stream", params={"after": -1})
        response = stream.__enter__()
        assert next(events_of(response)) == {"retry": "2000"}
    stream.__exit__(None, None, None)
    other.close()


def test_a_long_poll_waits_for_the_first_entry(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        assert client.get("/v1/events", after=0) == {"events": [], "next": 0}
        found: list[Any] = []

        def poll() -> None:
            found.append(client.get("/v1/events", after=0, wait_s=20))

        poller = threading.Thread(target=poll)
        poller.start()
        client.sign_on("A1", 5)
        poller.join(20)
        assert [event["type"] for event in found[0]["events"]] == ["UnitSignedOn"]
        assert found[0]["next"] == 1
        page = client.get("/v1/events", after=-1, limit=1)
        assert (len(page["events"]), page["next"]) == (1, 0)


@pytest.mark.parametrize("seq", [-2, 11, 10 - BACK_MAX - 1])
def test_an_entry_that_is_unknown_or_too_far_back_is_none(seq: int) -> None:
    import asyncio

    async def ask() -> object:
        broadcast = Broadcast(Path("none"), EMPTY, kept=4, last_seq=10)
        return await broadcast.after(seq, 5)

    assert asyncio.run(ask()) is None
