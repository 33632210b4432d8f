"""Kill the server at any moment and start it again: nothing acknowledged is missing."""

from __future__ import annotations

import contextlib
import random
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.audit import verify
from api.server import EXIT_JOURNAL_FAILED
from api.store.sqlite import JournalReader
from tests.api.builders import a_ground
from tests.conftest import ROOT

UNITS = [f"A{i}" for i in range(12)]

Acknowledged = dict[str, tuple[str, Any, bytes]]
"""By key: path, body and answer of requests that were answered."""


@contextlib.contextmanager
def a_process(store: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.api.straight_server", str(store), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        address = re.search(r"http://[\d.]+:\d+", told)
        if address is None:
            process.kill()
            raise AssertionError(f"expected an address, was {told!r}: {process.communicate()[1]}")
        yield process, address[0]
    finally:
        process.kill()
        process.communicate()


def a_request(draw: random.Random, number: int) -> tuple[str, Any]:
    unit, lon = draw.choice(UNITS), draw.randrange(100) / 1000
    kind = draw.random()
    if kind < 0.4:
        category = draw.choice(["C1", "C2", "C3", "C4"])
        body = {"incident": f"i{number}", "category": category, "lat": 0.0, "lon": lon}
        return "/v1/incidents", body
    if kind < 0.7:
        status = draw.choice(["MOBILE", "AT_SCENE", "CONVEYING", "AT_HOSPITAL", "AVAILABLE"])
        return f"/v1/units/{unit}/status", {"status": status}
    return f"/v1/units/{unit}/position", {"lat": 0.0, "lon": lon}


def load(address: str, seed: int, acknowledged: Acknowledged, enough: threading.Semaphore) -> None:
    """Send requests until the server dies, and note which were answered."""
    draw = random.Random(seed)
    with httpx.Client(base_url=address, timeout=20) as http:
        for count in range(100_000):
            number = seed * 1_000_000 + count
            path, body = a_request(draw, number)
            key = f"load-{number}"
            try:
                response = http.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx.HTTPError:
                break
            last = response.status_code
            if last == 503:
                continue
            assert last in (200, 201, 404, 409), response.text
            acknowledged[key] = (path, body, response.content)
            enough.release()
    return last


def loaded_and_killed(
    process: subprocess.Popen[str], address: str, seed: int, answers: int
) -> Acknowledged:
    acknowledged: Acknowledged = {}
    enough = threading.Semaphore(0)
    threads = [
        threading.Thread(target=load, args=(address, seed * 10 + i, acknowledged, enough))
        for i in range(6)
    ]
    for thread in threads:
        thread.start()
    for _ in range(answers):
        assert enough.acquire(timeout=60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for thread in threads:
        thread.join()
    return acknowledged


def check_nothing_is_missing(address: str, acknowledged: Acknowledged) -> None:
    with httpx.Client(base_url=address, timeout=20) as http:
        for key, (path, body, content) in acknowledged.items():
            again = http.post(path, json=body, headers={"Idempotency-Key": key})
            assert again.headers.get("Idempotent-Replayed") == "true", key
            assert again.content == content


@pytest.mark.parametrize("rounds", [2, pytest.param(12, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_lost_when_the_server_is_killed(
    tmp_path: Path, rounds: int
) -> None:
    store, seed = tmp_path / "j.sqlite", 20_260_301
    draw = random.Random(seed)
    everything: Acknowledged = {}
    for number in range(rounds):
        with a_process(store) as (process, address):
            if number == 0:
                with httpx.Client(base_url=address) as http:
                    for unit in UNITS:
                        body = {"unit": unit, "kind": "DCA", "skill": "PARAMEDIC", "home": "home"}
                        http.post(
                            "/v1/units", json=body, headers={"Idempotency-Key": f"on-{unit}"}
                        ).raise_for_status()
            answers = draw.randrange(20, 250)
            everything |= loaded_and_killed(process, address, number, answers)
    with a_process(store) as (_process, address):
        check_nothing_is_missing(address, everything)
        live = httpx.get(f"{address}/v1/state/digest").json()

    found = verify(store, ground=a_ground())
    assert (found.entries, found.digest) == (live["seq"] + 1, live["digest"])
    assert found.differences == ()
    with JournalReader(store) as reader:
        names = {getattr(entry.event, "incident", None) for entry in reader.entries()}
    reported = {
        body["incident"]
        for path, body, content in everything.values()
        if path == "/v1/incidents" and b'"decisions"' in content
    }
    assert reported <= names


def test_a_full_disk_ends_the_process_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    store = tmp_path / "j.sqlite"
    acknowledged: Acknowledged = {}
    with a_process(store, "400000") as (process, address):
        last = load(address, 1, acknowledged, threading.Semaphore(0))
        assert process.wait(20) == EXIT_JOURNAL_FAILED
        assert "The journal failed" in process.communicate()[1]
    assert last == 503
    assert len(acknowledged) > 10
    with a_process(store) as (_process, address):
        check_nothing_is_missing(address, acknowledged)


def test_a_second_server_of_one_journal_says_why_it_ends(tmp_path: Path) -> None:
    store = tmp_path / "j.sqlite"
    with a_process(store):
        second = subprocess.run(
            [sys.executable, "-m", "tests.api.straight_server", str(store)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert second.returncode != 0
    assert "the only server" in second.stderr


def test_a_stopped_server_ends_well_and_leaves_one_file(tmp_path: Path) -> None:
    store = tmp_path / "j.sqlite"
    with a_process(store) as (process, address):
        assert httpx.get(f"{address}/readyz").status_code == 200
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=20)
        assert process.returncode in (0, -signal.SIGTERM), errors
        assert (out, errors) == ("", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["j.sqlite", "j.sqlite.lock"]
