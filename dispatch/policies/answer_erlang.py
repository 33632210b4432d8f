"""How many call handlers are needed: Erlang B, C and A, and the wait that a caller then has.

Erlang C lets callers wait for ever and so flatters nobody; Erlang A lets them hang up, and needs
a measured patience. Both assume calls that come independently of each other at a steady rate.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec
import numpy as np

from dispatch.domain.call_rules import AnswerTarget

__all__ = [
    "AnswerForecast",
    "AnswerTarget",
    "CallLoad",
    "erlang_b",
    "erlang_c",
    "forecast",
    "handlers_needed",
    "wait_exceeds",
    "wait_quantile_s",
]

HANDLERS_MAX: Final = 10_000
"""More handlers than all ambulance control rooms of England together."""


class CallLoad(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a call room faces in one period: calls an hour, mean handling time, mean patience.

    ``handle_s`` includes wrap-up. ``patience_s`` is the mean time after which a waiting caller
    hangs up; None: callers never do (Erlang C).

    Raises
    ------
    ValueError
        When the rate is negative, or a time not positive.
    """

    calls_per_h: float
    handle_s: float
    patience_s: float | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.calls_per_h) and self.calls_per_h >= 0):
            raise ValueError(f"Expected calls_per_h of 0 or more, was {self.calls_per_h}.")
        if not (math.isfinite(self.handle_s) and self.handle_s > 0):
            raise ValueError(f"Expected handle_s above 0, was {self.handle_s}.")
        if self.patience_s is not None and not self.patience_s > 0:
            raise ValueError(f"Expected patience_s above 0, was {self.patience_s}.")

    @property
    def erlangs(self) -> float:
        """Offered load: the mean number of handlers that would be busy if nobody waited."""
        return self.calls_per_h * self.handle_s / 3600


class AnswerForecast(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What callers may expect with a number of handlers.

    Means and centiles are of the time to answer of a caller who stays on the line; infinite when
    the queue would grow for ever. ``abandoned`` is the share that hang up, ``busy`` the share of
    handlers' time on calls.
    """

    handlers: int
    wait_share: float
    mean_s: float
    p90_s: float
    p95_s: float
    p99_s: float
    within_target: float
    abandoned: float
    busy: float


def erlang_b(erlangs: float, handlers: int) -> float:
    """Return the share of calls that find all handlers busy when nobody may wait.

    Uses E(0) = 1, E(k) = a E(k-1) / (k + a E(k-1)), which neither overflows nor cancels.

    Examples
    --------
    >>> round(erlang_b(10.0, 10), 4)
    0.2146
    """
    blocked = 1.0
    for k in range(1, handlers + 1):
        blocked = erlangs * blocked / (k + erlangs * blocked)
    return blocked


def erlang_c(erlangs: float, handlers: int) -> float:
    """Return the share of calls that must wait; 1.0 when the load is the handlers' or more.

    Examples
    --------
    >>> round(erlang_c(10.0, 12), 4)
    0.4494
    """
    if handlers <= erlangs:
        return 1.0
    blocked = erlang_b(erlangs, handlers)
    busy = erlangs / handlers
    return blocked / (1.0 - busy * (1.0 - blocked))


def wait_exceeds(load: CallLoad, handlers: int, wait_s: float) -> float:
    """Return the share of callers whose wait, if they stayed, would be longer than ``wait_s``."""
    if load.calls_per_h == 0:
        return 0.0
    if load.patience_s is not None:
        return _AbandoningQueue(load, handlers).exceeds(wait_s)
    if handlers <= load.erlangs:
        return 1.0
    rate = (handlers - load.erlangs) / load.handle_s
    return erlang_c(load.erlangs, handlers) * math.exp(-rate * wait_s)


def wait_quantile_s(load: CallLoad, handlers: int, share: float) -> float:
    """Return the wait that ``share`` of the callers do not exceed; infinite without an end.

    Raises
    ------
    ValueError
        When ``share`` is not in (0, 1).
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"Expected a share between 0 and 1, was {share}.")
    if wait_exceeds(load, handlers, 0.0) <= 1.0 - share:
        return 0.0
    if handlers == 0:
        return math.inf
    if load.patience_s is None:
        if handlers <= load.erlangs:
            return math.inf
        rate = (handlers - load.erlangs) / load.handle_s
        return math.log(erlang_c(load.erlangs, handlers) / (1.0 - share)) / rate
    queue = _AbandoningQueue(load, handlers)
    low, high = 0.0, load.handle_s
    while queue.exceeds(high) > 1.0 - share:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if queue.exceeds(middle) > 1.0 - share else (low, middle)
    return high


def forecast(load: CallLoad, handlers: int, target: AnswerTarget | None = None) -> AnswerForecast:
    """Return what callers may expect with a number of handlers.

    Raises
    ------
    ValueError
        When there are fewer than 0 handlers or more than `HANDLERS_MAX`.
    """
    target = AnswerTarget() if target is None else target
    if not 0 <= handlers <= HANDLERS_MAX:
        raise ValueError(f"Expected 0 to {HANDLERS_MAX} handlers, was {handlers}.")
    mean_s, abandoned = _mean_and_abandoned(load, handlers)
    served = load.erlangs * (1.0 - abandoned)
    return AnswerForecast(
        handlers=handlers,
        wait_share=wait_exceeds(load, handlers, 0.0),
        mean_s=mean_s,
        p90_s=wait_quantile_s(load, handlers, 0.90),
        p95_s=wait_quantile_s(load, handlers, 0.95),
        p99_s=wait_quantile_s(load, handlers, 0.99),
        within_target=1.0 - wait_exceeds(load, handlers, target.within_s),
        abandoned=abandoned,
        busy=min(1.0, served / handlers) if handlers else 0.0,
    )


def handlers_needed(load: CallLoad, target: AnswerTarget | None = None) -> int:
    """Return the least number of handlers that meets every part of a target.

    Examples
    --------
    >>> load = CallLoad(calls_per_h=100, handle_s=360)
    >>> handlers_needed(load, AnswerTarget(mean_s=10, share=None))
    15
    """
    target = AnswerTarget() if target is None else target
    if load.calls_per_h == 0:
        return 0
    low, high = 0, 1
    while not _meets(load, high, target):
        low, high = high, high * 2
        if high > HANDLERS_MAX:
            raise ValueError(f"Expected a load for {HANDLERS_MAX} handlers, was {load.erlangs} E.")
    # More handlers never make it worse, so the boundary can be bisected.
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _meets(load, middle, target) else (middle, high)
    return high


def _meets(load: CallLoad, handlers: int, target: AnswerTarget) -> bool:
    if target.mean_s is not None and _mean_and_abandoned(load, handlers)[0] > target.mean_s:
        return False
    if target.share is None:
        return True
    return 1.0 - wait_exceeds(load, handlers, target.within_s) >= target.share


def _mean_and_abandoned(load: CallLoad, handlers: int) -> tuple[float, float]:
    if load.calls_per_h == 0:
        return 0.0, 0.0
    if load.patience_s is not None:
        queue = _AbandoningQueue(load, handlers)
        return queue.mean_offered_s, queue.abandoned
    if handlers <= load.erlangs:
        return math.inf, 0.0
    waits = erlang_c(load.erlangs, handlers)
    return waits * load.handle_s / (handlers - load.erlangs), 0.0


class _AbandoningQueue:
    """Erlang A (M/M/n+M): the distribution of the wait that a caller is offered.

    The density of a wait x > 0 is proportional to exp(λ (1 - exp(-θ x)) / θ - n μ x), and the
    odds of waiting against not waiting follow from the balance at n - 1 busy handlers
    (Baccelli and Hebuterne 1981; Zeltyn and Mandelbaum 2005, section 3). The exponent is concave,
    so it is integrated on an even grid from 0 to where it has fallen by 60 below its peak.

    References
    ----------
    .. [1] Zeltyn, S., and A. Mandelbaum (2005). Call centers with impatient customers: many-server
           asymptotics of the M/M/n+G queue. *Queueing Systems*, 51, 361-402.
    """

    def __init__(self, load: CallLoad, handlers: int) -> None:
        assert load.patience_s is not None, "Erlang A needs a patience"
        self.mean_offered_s, self.abandoned = math.inf, 1.0
        self._tail = np.ones(1)
        self._step_s = 1.0
        if handlers == 0:
            return
        arrivals, leaving = load.calls_per_h / 3600, 1.0 / load.patience_s
        serving = handlers / load.handle_s
        span_s = _span_s(arrivals, leaving, serving)
        wait_s = np.linspace(0.0, span_s, _GRID)
        self._step_s = float(wait_s[1])
        log_density = -arrivals * np.expm1(-leaving * wait_s) / leaving - serving * wait_s
        peak = float(log_density.max())
        density = arrivals * np.exp(log_density - peak)
        # Fewer than n busy, for each unit of n - 1 busy: the reciprocal of Erlang B with n - 1.
        blocked = erlang_b(load.erlangs, handlers - 1)
        if blocked == 0.0:
            # So many handlers that all of them busy is less likely than a float can tell.
            self.mean_offered_s, self.abandoned = 0.0, 0.0
            self._tail = np.zeros(2)
            return
        below = math.exp(-peak) / blocked
        cells = (density[1:] + density[:-1]) / 2 * self._step_s
        above = np.append(np.cumsum(cells[::-1])[::-1], 0.0)
        total = below + float(above[0])
        self._tail = above / total
        self.mean_offered_s = float(np.sum(density * wait_s)) * self._step_s / total
        hung_up = -np.expm1(-leaving * wait_s)
        self.abandoned = float(np.sum(density * hung_up)) * self._step_s / total

    def exceeds(self, wait_s: float) -> float:
        """Return the share of callers who would wait longer."""
        at = wait_s / self._step_s
        if len(self._tail) == 1:
            return 1.0
        return float(np.interp(at, np.arange(len(self._tail)), self._tail, right=0.0))


_GRID: Final = 20_001
_FALL: Final = 60.0


def _span_s(arrivals: float, leaving: float, serving: float) -> float:
    """Return where the exponent of the waiting density has fallen by 60 below its peak."""

    def exponent(wait_s: float) -> float:
        return -arrivals * math.expm1(-leaving * wait_s) / leaving - serving * wait_s

    peak_s = math.log(arrivals / serving) / leaving if arrivals > serving else 0.0
    floor = exponent(peak_s) - _FALL
    high = peak_s + _FALL / serving
    while exponent(high) > floor:
        high *= 2
    low = peak_s
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if exponent(middle) > floor else (low, middle)
    return high
