from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from api.app import create_app
from api.settings import ServerSettings
from tests.api.builders import a_ground, a_server
from tests.conftest import ROOT

REFERENCE = ROOT / "docs" / "reference" / "http-api.md"


def description() -> dict[str, Any]:
    return create_app(ServerSettings(console=False)).openapi()


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, item in description()["paths"].items()
        for method, operation in item.items()
    ]


@pytest.mark.parametrize(("method", "path", "operation"), operations())
def test_every_operation_says_what_it_does_and_how_it_fails(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    assert operation["operationId"]
    assert operation["description"].strip()
    assert operation["tags"]
    responses = operation["responses"]
    success = [code for code in responses if code.startswith("2")]
    assert len(success) == 1, path
    assert "content" in responses[success[0]]
    if path not in ("/livez", "/readyz"):
        assert "application/problem+json" in responses["default"]["content"]
        assert "422" in responses
    changes = method == "POST" and path != "/v1/recommendations"
    names = {p["name"] for p in operation.get("parameters", []) if p.get("required")}
    assert ("Idempotency-Key" in names) == changes


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))


def test_every_model_that_is_sent_refuses_unknown_fields() -> None:
    schema = description()
    models = schema["components"]["schemas"]
    for _, path, operation in operations():
        body = operation.get("requestBody")
        if body is not None:
            name = body["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
            assert models[name]["additionalProperties"] is False, path


def test_the_reference_names_every_operation() -> None:
    text = REFERENCE.read_text("utf-8")
    missing = [f"{m} {path}" for m, path, _ in operations() if f"`{m} {path}`" not in text]
    assert missing == []


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    ground = a_ground(tile=lambda z, x, y: f"{z}/{x}/{y}".encode())
    with a_server(folder / "j.sqlite", ground=ground) as client:
        client.sign_on("A1", 5)
        client.sign_on("A2", 9)
        client.report("i", "C2")
        yield str(client.http.base_url)


# The stream never ends by itself. Bodies of nested alternatives (areas, services, patients, calls,
# hospital flow, levels) take the generator minutes and gigabytes an operation: those are fuzzed by
# a generator of our own, in test_nested_bodies.py.
NESTED = (
    "road-closures|services|patient|referral|calls|escalation|validation|hospitals/.+/|offers|care"
)
fuzzed = (
    schemathesis.openapi.from_dict(description())
    .exclude(path="/v1/events/stream")
    .exclude(path_regex=NESTED)
)
# The coverage phase lists cases for every alternative of every nested alternative while tests are
# collected: for services and patients that takes longer than all other tests together.
fuzzed.config.phases.coverage.enabled = False


@pytest.mark.slow
@fuzzed.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_the_server_is_as_its_description_says(case: Any, address: str) -> None:
    wait_s = (case.query or {}).get("wait_s")
    if isinstance(wait_s, int | float) and 0 < wait_s <= 30:
        case.query["wait_s"] = 0.01  # lawful, but a long poll would wait as long as it is asked
    # A request may be well formed and still be refused: unknown units, places off the roads.
    case.call_and_validate(
        base_url=address,
        checks=(
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
            response_headers_conformance,
            negative_data_rejection,
            unsupported_method,
        ),
        excluded_checks=(positive_data_acceptance, ignored_auth),
        timeout=20,
    )
