from __future__ import annotations

import re
from pathlib import Path

from tests.api.builders import a_server


def test_a_server_that_is_well_says_so(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        assert client.get("/livez")["status"] == "alive"
        ready = client.get("/readyz")
        assert ready["status"] == "ready"
        assert set(ready["checks"]) == {"journal", "queue", "sqlite", "roads", "disk", "clock"}


def test_the_version_names_everything_that_decides(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        version = client.get("/version")
    assert version["versions"]["region"] == "road"
    assert re.fullmatch(r"\d+\.\d+\.\d+", version["sqlite"])


def test_metrics_are_in_the_text_form(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        client.sign_on("A1")
        client.report("i")
        client.post("/v1/incidents", {"incident": "i", "category": "C1", "lat": 0, "lon": 0})
        response = client.http.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    line = re.compile(r"(# (HELP|TYPE) .+)|([a-z_]+(\{.*\})? [0-9.e+-]+(inf)?)")
    for row in response.text.splitlines():
        assert line.fullmatch(row), row
    assert 'bluelight_events_total{type="IncidentReported"} 1' in response.text
    assert 'bluelight_events_refused_total{reason="duplicate-id"} 1' in response.text
    assert "bluelight_units_on_duty 1" in response.text


def test_browsers_are_told_to_stay_here(tmp_path: Path) -> None:
    with a_server(tmp_path / "j.sqlite") as client:
        headers = client.http.get("/livez").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers
