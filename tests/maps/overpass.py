"""A stand-in for the servers that osmnx asks: it answers as Nominatim and Overpass do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

from tests.maps.builders import MapDrawing


def recorded_elements(drawing: MapDrawing) -> list[dict[str, Any]]:
    """Return a drawing in the form of Overpass's ``out json``."""
    elements: list[dict[str, Any]] = []
    for number, (point, tags) in drawing.nodes.items():
        node: dict[str, Any] = {"type": "node", "id": number, "lat": point.lat, "lon": point.lon}
        elements.append(node | ({"tags": tags} if tags else {}))
    for number, refs, tags in drawing.ways:
        elements.append({"type": "way", "id": number, "nodes": refs, "tags": tags})
    return elements


@dataclass
class Servers:
    """What the stand-in answers, and what it was asked."""

    places: list[dict[str, Any]]
    roads: list[dict[str, Any]]
    sites: list[dict[str, Any]]
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, question: str) -> Any:
        self.asked.append(question)
        if path.endswith("/search"):
            return self.places
        is_network = 'highway"' in question
        elements = self.roads if is_network else self.sites
        if 'route"="ferry' in question:
            elements = []
        return {"version": 0.6, "generator": "recorded", "elements": elements}


@contextmanager
def serving(servers: Servers) -> Iterator[Servers]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(urlparse(self.path).query)

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, query: str) -> None:
            asked = parse_qs(query)
            question = (asked.get("data") or asked.get("q") or [""])[0]
            body = json.dumps(servers.answer(urlparse(self.path).path, question)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield servers
        finally:
            server.shutdown()
            thread.join()
