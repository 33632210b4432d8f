"""Operations with bodies of nested alternatives, fuzzed: no failure of ours, every refusal told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.bodies import lawful, spoiled
from tests.api.builders import KEYS, a_server
from tests.api.test_openapi import NESTED, description, operations

DESCRIPTION = description()
MODELS = DESCRIPTION["components"]["schemas"]
NAMES = ("i", "A1", "st-marys", "R1F", "R1", "UTC", "nobody", "reap")
CSV = "id,name,type,lon,lat,hours\nUTC,Urgent,urgent_treatment_centre,0.004,0,24/7\n"

POSTS = [
    (path, operation)
    for method, path, operation in operations()
    if method == "POST" and re.search(NESTED, path)
]
GETS = [
    (path, operation)
    for method, path, operation in operations()
    if method == "GET" and re.search(NESTED, path) and "stream" not in path
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("nested")
    with a_server(folder / "j.sqlite", policy="default") as server:
        server.sign_on("A1", 5)
        server.post("/v1/services", {"csv": CSV, "by": "manager", "source": "test"})
        server.report("i", "C3")
        server.post("/v1/incidents/i/patient", {"complaint": "wound", "age_days": 9000})
        yield server.http


def body_schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    body = operation.get("requestBody")
    return None if body is None else body["content"]["application/json"]["schema"]


def send(client: httpx.Client, method: str, path: str, operation: Any, data: Any) -> None:
    """Send one request and check that the answer is one that the description foresees."""
    where = re.sub(r"\{\w+\}", lambda _: data.draw(st.sampled_from(NAMES)), path)
    schema = body_schema(operation)
    content = b""
    if schema is not None:
        bodies = lawful(schema, MODELS).map(deepcopy)
        # Python writes lone surrogates and NaN that JSON does not know: none are made.
        content = json.dumps(data.draw(st.one_of(bodies, spoiled(bodies)))).encode()
    headers = {"Idempotency-Key": f"nested-{next(KEYS)}", "Content-Type": "application/json"}
    response = client.request(method, where, content=content, headers=headers)
    kind = response.headers["content-type"].split(";")[0]
    assert response.status_code < 500, (where, content, response.text)
    if response.status_code >= 400:
        assert kind == "application/problem+json", (where, content, response.text)
        told = response.json()
        assert told["status"] == response.status_code
        assert told["type"]
        assert told["title"]
    else:
        assert kind in ("application/json", "text/csv", "application/geo+json"), kind
        assert str(response.status_code) in operation["responses"]


FEW = settings(
    max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def test_there_is_something_to_send() -> None:
    assert len(POSTS) > 30
    assert sum(body_schema(operation) is not None for _, operation in POSTS) > 25


@pytest.mark.parametrize(("path", "operation"), POSTS, ids=[path for path, _ in POSTS])
def test_a_post_of_any_body_is_answered_or_refused_with_a_problem(
    path: str, operation: dict[str, Any], client: httpx.Client
) -> None:
    @FEW
    @given(st.data())
    def check(data: Any) -> None:
        send(client, "POST", path, operation, data)

    check()


@pytest.mark.parametrize(("path", "operation"), GETS, ids=[path for path, _ in GETS])
def test_a_get_of_any_name_is_answered_or_refused_with_a_problem(
    path: str, operation: dict[str, Any], client: httpx.Client
) -> None:
    @FEW
    @given(st.data())
    def check(data: Any) -> None:
        send(client, "GET", path, operation, data)

    check()


def believed(client: httpx.Client, path: str, schema: dict[str, Any]) -> bool:
    """Say whether some lawful body gets past the checks of its form."""
    answers = set()

    @FEW
    @given(st.data())
    def check(data: Any) -> None:
        where = re.sub(r"\{\w+\}", lambda _: data.draw(st.sampled_from(NAMES)), path)
        headers = {"Idempotency-Key": f"nested-{next(KEYS)}"}
        body = data.draw(lawful(schema, MODELS))
        answers.add(client.post(where, json=body, headers=headers).status_code)

    check()
    return answers != {422}


def test_lawful_bodies_get_through_the_door_of_most_operations(client: httpx.Client) -> None:
    """What is made is not junk alone: some of it is refused only for what it says, or believed."""
    asked = {path: body_schema(operation) for path, operation in POSTS}
    refused = [p for p, schema in asked.items() if schema and not believed(client, p, schema)]
    assert len(refused) < 0.3 * len(asked), refused
