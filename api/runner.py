"""The live driver: one thread that takes requests in turn, and flushes before it answers.

Requests wait in one bounded queue. The thread takes what is there, carries it all out in memory,
flushes the journal once, and only then lets any answer out: the state may run ahead of the disk
for a moment, but nobody has seen it. Questions take the same way: what was read was durable.
If the flush fails, nothing is answered and nothing more is accepted: the process must be started
anew, and the journal says where it stood.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from api.desk import Desk
from api.problems import ProblemError, defect
from api.store.sqlite import Answer, StoreError
from dispatch.journal import Entry

T = TypeVar("T")

IDLE_S: Final = 1.0
"""Longest sleep: a clock that jumped is noticed after this."""

HOUSEKEEPING_MS: Final = 10 * 60_000
"""How often answers too old to be repeated are dropped."""

FORGET_AT_ONCE: Final = 5_000

_log = logging.getLogger("bluelight")


@dataclass(slots=True)
class _Job:
    """A request: what to do at the desk, and who waits for it."""

    do: Callable[[Desk], Any]
    future: asyncio.Future[Any]
    key: str | None = None
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer to a report or order, and whether it was given before."""

    answer: Answer
    is_replayed: bool


class Runner:
    """Runs a desk on its own thread.

    Parameters
    ----------
    desk
        Used by this thread alone from `start` on.
    queue_max
        Requests that may wait; the last quarter is for emergencies.
    batch_max
        Requests that share one flush.
    idempotency_kept_h
        How long an answer is kept for repeated requests.
    on_entries
        Called on the runner's thread with new entries, after their answers were let out.
    on_failure
        Called on the event loop when the journal can no longer be written.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        queue_max: int,
        batch_max: int,
        idempotency_kept_h: int,
        on_entries: Callable[[list[Entry]], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self.desk = desk
        self.failed: Exception | None = None
        self._queue: deque[_Job] = deque()
        self._queue_max = queue_max
        self._batch_max = batch_max
        self._kept_ms = idempotency_kept_h * 3_600_000
        self._on_entries = on_entries
        self._on_failure = on_failure
        self._wake = threading.Condition()
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._housekeeping_at_ms = 0

    # -- on the event loop -------------------------------------------------------------------

    def start(self) -> None:
        """Begin to serve; call it on the event loop that will ask."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """Finish what waits, close the journal and return."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        await asyncio.to_thread(self._thread.join)

    async def ask(self, question: Callable[[Desk], T], *, is_emergency: bool = False) -> T:
        """Return the answer to a question; what it tells is on disk.

        Raises
        ------
        ProblemError
            When the question has no answer, the server is full, or it has failed.
        """
        answer: T = await self._submit(question, is_emergency=is_emergency)
        return answer

    async def tell(
        self, key: str, fingerprint: bytes, act: Callable[[Desk], Answer], *, is_emergency: bool
    ) -> Told:
        """Carry out a report or order once, however often it is sent with one key.

        Raises
        ------
        ProblemError
            When the key was used for something else, the server is full, or it has failed.
        """
        told: Told = await self._submit(
            act, is_emergency=is_emergency, key=key, fingerprint=fingerprint
        )
        return told

    @property
    def queue_size(self) -> int:
        """Requests that wait."""
        return len(self._queue)

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs and the journal can be written."""
        return self.failed is None and self._thread.is_alive()

    def _submit(
        self,
        do: Callable[[Desk], Any],
        *,
        is_emergency: bool,
        key: str | None = None,
        fingerprint: bytes = b"",
    ) -> asyncio.Future[Any]:
        assert self._loop is not None, "the runner was started"
        limit = self._queue_max if is_emergency else self._queue_max * 3 // 4
        job = _Job(do, self._loop.create_future(), key, fingerprint)
        with self._wake:
            if self.failed is not None or self._stopping:
                raise _unavailable()
            if len(self._queue) >= limit:
                self.desk.metrics.shed.add(lane="emergency" if is_emergency else "routine")
                raise _full()
            self._queue.append(job)
            self._wake.notify()
        return job.future

    # -- on the desk's thread ----------------------------------------------------------------

    def _run(self) -> None:
        batch: list[_Job] = []
        try:
            while True:
                batch = self._take()
                if not batch and self._stopping:
                    break
                self._serve(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing more may be acknowledged
            self._fail(error, batch)
        finally:
            self.desk.store.close()

    def _take(self) -> list[_Job]:
        """Return the requests that wait, or none when a timer is due or it is time to stop."""
        with self._wake:
            if not self._queue and not self._stopping:
                due = self.desk.next_timer_ms()
                wait_s = IDLE_S if due is None else self.desk.clock.seconds_until(due)
                self._wake.wait(min(wait_s, IDLE_S))
            size = min(len(self._queue), self._batch_max)
            return [self._queue.popleft() for _ in range(size)]

    def _serve(self, batch: list[_Job]) -> None:
        """Carry out requests, flush, and let the answers out; in this order."""
        desk = self.desk
        desk.fire_due()
        answers = [(job.future, self._done(job)) for job in batch]
        self._keep_house()
        begun = time.perf_counter()
        desk.store.commit()
        if desk.told:
            desk.metrics.commit_s.observe(time.perf_counter() - begun)
        self._let_out(answers)
        told = desk.take_told()
        if told:
            self._on_entries(told)

    def _done(self, job: _Job) -> Any:
        """Return what a request came to: an answer, or the problem that it met."""
        if job.key is None:
            try:
                return job.do(self.desk)
            except ProblemError as problem:
                return problem
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - one bad question must not stop the desk
                return self._defect(error)
        known = self.desk.store.recall(job.key)
        if known is not None:
            if known.fingerprint != job.fingerprint:
                return _other_request()
            self.desk.metrics.replayed.add()
            return Told(known.answer, is_replayed=True)
        answer = self._acted(job)
        self.desk.store.remember(job.key, job.fingerprint, answer, self.desk.now_ms())
        return Told(answer, is_replayed=False)

    def _acted(self, job: _Job) -> Answer:
        try:
            answer: Answer = job.do(self.desk)
        except ProblemError as problem:
            return problem.answer()
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the request is answered, the desk goes on
            return self._defect(error).answer()
        return answer

    def _defect(self, error: Exception) -> ProblemError:
        self.desk.metrics.defects.add(kind=type(error).__name__)
        _log.error("A defect while a request was served.", exc_info=error)
        return defect()

    def _keep_house(self) -> None:
        now_ms = self.desk.now_ms()
        if now_ms < self._housekeeping_at_ms:
            return
        dropped = self.desk.store.forget(now_ms - self._kept_ms, FORGET_AT_ONCE)
        more = dropped == FORGET_AT_ONCE
        self._housekeeping_at_ms = now_ms if more else now_ms + HOUSEKEEPING_MS

    def _let_out(self, answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
        if answers:
            self._on_loop(lambda: _resolve(answers))

    def _fail(self, error: Exception, batch: list[_Job]) -> None:
        """Stop accepting: what was not flushed is forgotten, and nobody was told of it."""
        _log.critical("The journal failed; the server stops accepting.", exc_info=error)
        with self._wake:
            self.failed = error
            waiting = [*batch, *self._queue]
            self._queue.clear()
        self._let_out([(job.future, _unavailable()) for job in waiting])
        self._on_loop(lambda: self._on_failure(error))

    def _on_loop(self, call: Callable[[], None]) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:
            _log.warning("The event loop is closed; answers are dropped.")


def _resolve(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, answer in answers:
        if future.done():
            continue
        if isinstance(answer, ProblemError):
            future.set_exception(answer)
        else:
            future.set_result(answer)


def _unavailable() -> ProblemError:
    return ProblemError(
        503,
        "journal-unavailable",
        "The journal cannot be written: nothing is accepted until the server is started anew.",
        headers={"Retry-After": "5"},
    )


def _full() -> ProblemError:
    return ProblemError(
        503, "overloaded", "Too many requests wait for the engine.", headers={"Retry-After": "1"}
    )


def _other_request() -> ProblemError:
    return ProblemError(
        422, "idempotency-key-reused", "This Idempotency-Key was used for another request."
    )
