"""Waiting times over HTTP: incidents reported to the real server, durable before it answers.

The server runs as a process of its own, on a bundled region with its fleet on duty; the client
keeps its connections open. What is measured is the whole way: request out, decision, flush, answer
in. Each incident is closed again, not measured, so that a unit is free for the next.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np

from maps.region_file import load_region

HOST: Final = "127.0.0.1"
START_MAX_S: Final = 120.0
_SERVE: Final = "from api.commands import app; app()"


@dataclass(frozen=True, slots=True)
class HttpLatency:
    """What was measured: milliseconds at quantiles, and requests in a second."""

    region: str
    clients: int
    incidents: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float
    incidents_per_s: float
    decide_mean_ms: float
    """Mean time in the engine alone, over all events, as the server itself counts it."""
    commit_mean_ms: float
    """Mean time of a flush to disk."""


def run(
    region: str = "isle-of-wight",
    *,
    incidents: int = 500,
    clients: int = 1,
    seed: int = 1,
    warm_up: int = 20,
) -> HttpLatency:
    """Report incidents at demand places, and return how long the answers took.

    Raises
    ------
    RuntimeError
        When the server does not start, or answers anything but 201.
    """
    bodies = _bodies(region, incidents + warm_up, seed)
    with _server(region) as address:
        _send(address, bodies[:warm_up], "warm")
        shares = [bodies[warm_up + i :: clients] for i in range(clients)]
        waited_s: list[list[float]] = [[] for _ in shares]
        threads = [
            threading.Thread(
                target=lambda i=i: waited_s[i].extend(_send(address, shares[i], f"c{i}"))
            )
            for i in range(clients)
        ]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lasted_s = time.perf_counter() - begun
        counted = _metrics(address)
    ms = np.array([s for share in waited_s for s in share]) * 1000
    if len(ms) != incidents:
        raise RuntimeError(f"Expected {incidents} answers, was {len(ms)}.")
    p50, p90, p99 = np.quantile(ms, [0.5, 0.9, 0.99]).tolist()
    return HttpLatency(
        region=region,
        clients=clients,
        incidents=incidents,
        p50_ms=p50,
        p90_ms=p90,
        p99_ms=p99,
        max_ms=float(ms.max()),
        incidents_per_s=incidents / lasted_s,
        decide_mean_ms=_mean_ms(counted, "bluelight_handle_seconds"),
        commit_mean_ms=_mean_ms(counted, "bluelight_commit_seconds"),
    )


def _bodies(region: str, count: int, seed: int) -> list[dict[str, Any]]:
    """Return reports at demand places drawn by population, with categories as they come."""
    demand = load_region(region).demand
    draw = np.random.default_rng(seed)
    weight = demand.population / demand.population.sum()
    places = draw.choice(len(demand), size=count, p=weight)
    categories = draw.choice(["C1", "C2", "C3", "C4"], size=count, p=[0.1, 0.55, 0.3, 0.05])
    return [
        {
            "incident": f"bench-{number}",
            "category": str(category),
            "lat": float(demand.lat[place]),
            "lon": float(demand.lon[place]),
        }
        for number, (place, category) in enumerate(zip(places, categories, strict=True))
    ]


def _send(address: str, bodies: list[dict[str, Any]], name: str) -> list[float]:
    """Report incidents one after the other and return the seconds until each answer."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or HOST, place.port, timeout=30)
    waited_s = []
    for number, body in enumerate(bodies):
        begun = time.perf_counter()
        status, answer = _post(connection, "/v1/incidents", body, f"{name}-{number}")
        waited_s.append(time.perf_counter() - begun)
        if status != http.client.CREATED:
            raise RuntimeError(f"Expected 201 for a report, was {status}: {answer[:200]!r}")
        path = f"/v1/incidents/{body['incident']}/close"
        _post(connection, path, {"outcome": "cancelled"}, f"{name}-{number}-close")
    connection.close()
    return waited_s


def _post(
    connection: http.client.HTTPConnection, path: str, body: dict[str, Any], key: str
) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    return response.status, response.read()


def _metrics(address: str) -> dict[str, float]:
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or HOST, place.port, timeout=30)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    rows = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in rows}


def _mean_ms(counted: dict[str, float], name: str) -> float:
    return 1000 * counted[f"{name}_sum"] / max(1.0, counted[f"{name}_count"])


@contextmanager
def _server(region: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "journal.sqlite"
        command = [sys.executable, "-c", _SERVE, "serve", "--region", region]
        command += ["--store", str(store), "--port", "0", "--sign-on-fleet"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
        try:
            assert process.stdout is not None
            told = process.stdout.readline()
            found = [word for word in told.split() if word.startswith("http://")]
            if not found:
                raise RuntimeError(f"Expected the address of a server, was {told!r}.")
            yield found[0]
        finally:
            process.terminate()
            process.wait(START_MAX_S)


def main() -> None:
    """Measure with one client and with eight, and print the results as JSON."""
    region = sys.argv[1] if len(sys.argv) > 1 else "isle-of-wight"
    for clients in (1, 8):
        print(json.dumps(asdict(run(region, clients=clients))))


if __name__ == "__main__":
    main()
