"""What every request passes: a limit on its body, a count, and headers that keep browsers safe."""

from __future__ import annotations

import contextlib
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.live import Live
from api.problems import ProblemError, problem_response

_PAGE_POLICY: Final = (
    "default-src 'self'; script-src 'self'; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing outside this server. Inline styles are the map library's own."""

_SAFE_HEADERS: Final = (
    (b"content-security-policy", _PAGE_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class _TooLargeError(Exception):
    pass


class BodyLimit:
    """Refuses a body beyond a size, announced or not, before it is read whole."""

    def __init__(self, app: ASGIApp, body_max_bytes: int) -> None:
        self._app = app
        self._max = body_max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > self._max:
            await self._refuse(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._max:
                raise _TooLargeError
            return message

        async def unless_too_large(message: Message) -> None:
            # The framework answers an unreadable body by itself; that answer is replaced below.
            if taken <= self._max:
                await send(message)

        with contextlib.suppress(_TooLargeError):
            await self._app(scope, counted, unless_too_large)
        if taken > self._max:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"Expected a body of at most {self._max} bytes."
        response = problem_response(ProblemError(413, "too-large", detail))
        await response(scope, receive, send)


class Observed:
    """Counts requests by route and status, and adds the headers that keep browsers safe."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_SAFE_HEADERS]
                _count(scope, int(message["status"]))
            await send(message)

        await self._app(scope, receive, observed)


def _count(scope: Scope, status: int) -> None:
    live: Live | None = getattr(scope["app"].state, "live", None)
    if live is not None:
        route = getattr(scope.get("route"), "path", "other")
        live.metrics.requests.add(route=route, method=scope["method"], status=str(status))
