"""Every error answer as RFC 9457 problem details, never repeating what the caller sent.

A request may hold a patient's place or words about them. So a problem says what was expected and
which field was wrong, by JSON pointer; values that were sent are not echoed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from api.store.sqlite import Answer
from dispatch.admit import ClockSkewError, RejectedEventError, UnknownIdError
from maps.geo import OffNetworkError

MEDIA_TYPE: Final = "application/problem+json"


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    model_config = ConfigDict(extra="forbid")

    pointer: str = Field(description="JSON pointer into the body, or the name of a parameter.")
    detail: str = Field(description="What was expected.")


class ProblemDetails(BaseModel):
    """An error, as RFC 9457 describes it."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Stable name of the kind of problem, as a URN.")
    title: str
    status: int = Field(ge=400, le=599)
    code: str = Field(description="The last part of the type: what a program branches on.")
    detail: str = ""
    errors: list[FieldProblem] = Field(default_factory=list)


class ProblemError(Exception):
    """A request cannot be served; carries all that its answer says."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.more = list(errors), dict(headers or {}), dict(more or {})

    def answer(self) -> Answer:
        """Return the answer to give."""
        details = ProblemDetails(
            type=f"urn:bluelight:problem:{self.code}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            code=self.code,
            detail=self.detail,
            errors=self.errors,
            **self.more,
        )
        body = details.model_dump_json(exclude_defaults=True).encode()
        return Answer(self.status, body, MEDIA_TYPE)


def refusal(error: Exception, named: Sequence[str] = ()) -> ProblemError:
    """Return the problem for an event that the engine could not believe.

    ``named`` are identifiers in the request's path: when one of these is unknown, the thing that
    was asked for does not exist (404); an unknown identifier in a body is a wrong value (422).
    """
    if isinstance(error, OffNetworkError):
        gap = {} if error.gap_m is None else {"gap_m": round(error.gap_m, 1)}
        return ProblemError(422, "off-network", str(error), more=gap)
    code = _code_of(error)
    status = 409
    if isinstance(error, UnknownIdError):
        status = 404 if error.identifier in named else 422
    elif isinstance(error, ClockSkewError):
        status = 422
    return ProblemError(status, code, str(error))


def _code_of(error: Exception) -> str:
    if type(error) is RejectedEventError:
        return "rejected"
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def response_of(
    answer: Answer, *, is_replayed: bool = False, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer as an HTTP response."""
    response = Response(answer.body, answer.status, headers, answer.media_type)
    if is_replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def problem_response(problem: ProblemError) -> Response:
    """Return a problem as an HTTP response."""
    return response_of(problem.answer(), headers=problem.headers)


# -- what FastAPI and Starlette raise --------------------------------------------------------


def install(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Let the application answer every error with a problem.

    ``routes`` are all that it serves: a wrong method is answered with the right ones.
    """

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_response(_http_problem(error, request, routes))

    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, _on_defect)


async def _on_problem(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, ProblemError)
    return problem_response(error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, RequestValidationError)
    return problem_response(invalid(error.errors()))


def invalid(errors: Sequence[Mapping[str, Any]]) -> ProblemError:
    """Return the problem for fields that are not as they must be."""
    fields = [FieldProblem(pointer=_pointer(e), detail=_expected(e)) for e in errors[:FIELDS_MAX]]
    missing_key = any(
        tuple(e["loc"])[:2] == ("header", "Idempotency-Key") and e["type"] == "missing"
        for e in errors
    )
    if missing_key:
        detail = "Expected an Idempotency-Key header: a new one for each thing that happens."
        return ProblemError(422, "idempotency-key-missing", detail, errors=fields)
    return ProblemError(422, "invalid", "Some fields are not as expected.", errors=fields)


FIELDS_MAX: Final = 20
"""How many wrong fields one problem lists."""

_PLAIN_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


def _pointer(error: Mapping[str, Any]) -> str:
    """Return where a field is; a name that is none of ours is left out, it may say anything."""
    place, *path = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        path = path[:-1]
    if place != "body":
        return path[0] if path and _PLAIN_NAME.fullmatch(path[0]) else place
    if path and path[0].isdigit() and len(path) == 1:
        return ""  # where the JSON itself breaks off: an offset, not a field
    known = [part for part in path if part.isdigit() or _PLAIN_NAME.fullmatch(part)]
    return "".join(f"/{part}" for part in known)


_WORDS: Final = {
    "missing": "Expected this field, was missing.",
    "extra_forbidden": "Expected only known fields, was another one.",
    "json_invalid": "Expected valid JSON.",
}


def _expected(error: Mapping[str, Any]) -> str:
    """Return what was expected; messages of ours come after pydantic's own prefix."""
    words = _WORDS.get(str(error["type"]))
    return words or str(error["msg"]).removeprefix("Value error, ")


def _http_problem(
    error: HTTPException, request: Request, routes: Sequence[BaseRoute]
) -> ProblemError:
    code, detail, headers = "http-error", "", dict(error.headers or {})
    if error.status_code == 404:
        code, detail = "no-such-resource", "Nothing is found under this path."
    elif error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed_methods(request, routes))
        code = "method-not-allowed"
        detail = f"Expected one of {headers['Allow']}, was another method."
    elif error.status_code == 400:
        code, detail = "unreadable", "Expected a body of UTF-8 JSON, was something else."
    return ProblemError(error.status_code, code, detail, headers=headers)


def _allowed_methods(request: Request, routes: Sequence[BaseRoute]) -> list[str]:
    """Return every method that this path answers to; Starlette names those of one route only."""
    methods: set[str] = set()
    for route in routes:
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return sorted(methods)


async def _on_defect(request: Request, error: Exception) -> Response:
    del request, error
    return problem_response(defect())


def defect() -> ProblemError:
    """Return the problem for an error of ours: it says nothing that it might reveal."""
    return ProblemError(500, "defect", "The request met a defect of this program; it is logged.")
