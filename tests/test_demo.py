"""The demonstration runs as a visitor runs it: a process, a browser, an incident of one's own."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """Return a port that nobody listens on: a fixed one may be another run's of this machine."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


PORT = free_port()
ADDRESS = f"http://127.0.0.1:{PORT}"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


def get(path: str) -> Any:
    with urllib.request.urlopen(ADDRESS + path, timeout=20) as answer:
        return json.load(answer)


def post(path: str, body: dict[str, Any], key: str) -> Any:
    request = urllib.request.Request(
        ADDRESS + path,
        json.dumps(body).encode(),
        {"content-type": "application/json", "idempotency-key": key},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    store = tmp_path_factory.mktemp("demo") / "kept.sqlite"
    command = [sys.executable, "-m", "bluelight", "demo", "--pace", "60", "--port", str(PORT)]
    process = subprocess.Popen(
        [*command, "--keep", str(store)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        for _ in range(120):
            if process.poll() is not None:
                assert process.stdout is not None
                pytest.fail(process.stdout.read().decode())
            try:
                get("/livez")
                break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail("Expected the demonstration to come up within a minute.")
        yield store
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.usefixtures("demo")
def test_units_move_and_the_day_goes_on() -> None:
    first = get("/v1/picture")
    time.sleep(4)
    second = get("/v1/picture")
    assert second["at"] > first["at"]
    assert second["seq"] > first["seq"]
    before = {unit["unit"]: (unit["lat"], unit["lon"]) for unit in first["units"]}
    moved = [u for u in second["units"] if (u["lat"], u["lon"]) != before.get(u["unit"])]
    assert moved


@pytest.mark.usefixtures("demo")
def test_a_visitors_incident_is_decided_with_reasons_and_attended() -> None:
    answer = post(
        "/v1/incidents",
        {"incident": "mine", "category": "C1", "lat": 50.6995, "lon": -1.2966},
        "visitor-1",
    )
    assigns = [d for d in answer["decisions"] if d["type"] == "Assign"]
    assert assigns
    assert "mine" in assigns[0]["words"]
    assert assigns[0]["candidates"]
    for _ in range(60):
        time.sleep(0.5)
        incident = get("/v1/incidents/mine")
        if incident.get("responder_on_scene_at"):
            break
    assert incident["responder_on_scene_at"]


@pytest.mark.usefixtures("demo")
def test_the_page_shows_map_lists_and_reasons_and_asks_nobody_else(tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        reason = "Expected chromium to look at the page, was not installed."
        if os.environ.get("BLUELIGHT_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    log = tmp_path / "net.json"
    result = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-unsafe-swiftshader",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--log-net-log={log}",
            "--virtual-time-budget=6000",
            "--dump-dom",
            f"{ADDRESS}/console/",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    page = result.stdout
    assert 'class="maplibregl-canvas"' in page or "maplibregl-canvas" in page
    assert re.search(r'<tbody>.*?class="cat', page, re.DOTALL)
    assert "St Mary's Hospital" in page
    assert "<summary>why</summary>" in page
    assert "OpenStreetMap contributors" in page
    # The browser looks for its maker's hosts when it starts; the page may ask for none of them:
    # its own policy, which the browser enforces, allows this server only.
    assert "default-src 'self'" in page
    hosts = set(re.findall(r'"url":"https?://([^/"]+)', log.read_text()))
    makers = {host for host in hosts if re.search(r"(google|gstatic|googleapis|gvt1)\.com$", host)}
    assert hosts - makers <= {f"127.0.0.1:{PORT}"}, hosts


def test_the_journal_that_was_kept_decides_the_same_again(demo: Path) -> None:
    # The server holds the journal's lock: its copy is read, as a backup would be.
    copy = demo.with_name("copy.sqlite")
    shutil.copy(demo, copy)
    wal = demo.with_name(demo.name + "-wal")
    if wal.exists():
        shutil.copy(wal, copy.with_name(copy.name + "-wal"))
    result = subprocess.run(
        [sys.executable, "-m", "bluelight", "journal", "verify", "--store", str(copy)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stdout + result.stderr
