"""What redirection, clinicians and call rooms amount to: counts, times, and AmbSYS by code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from benchmarks.ledger_care import STEPS, CareLedger, Review
from benchmarks.metrics_sample import Sample, sample_of
from dispatch.domain.call import AnswerTimes, Call, CallOutcome, answer_times, outcome_of
from dispatch.domain.category import RANK, Category
from dispatch.domain.ids import TrustCode
from dispatch.domain.incident import IncidentRecord, Outcome

Indicators = dict[str, int | None]


class ReviewTime(NamedTuple):
    """How long one incident waited for its clinician's decision."""

    trust: str
    category: Category
    took_ms: int


class CareMeasures(msgspec.Struct, frozen=True, kw_only=True):
    """What became of patients who might be redirected.

    ``counts`` are events and decisions by name, ``results`` clinicians' decisions, ``refusals``
    services' refusals by code of the directory, ``confirmed`` confirmed referrals by type of
    service, ``services`` every step of referrals by type of service. ``second_calls`` counts
    redirected patients who called again within a day.
    """

    counts: dict[str, int]
    results: dict[str, int]
    refusals: dict[str, int]
    confirmed: dict[str, int]
    services: dict[str, dict[str, int]]
    validation: Sample
    call_back: Sample
    second_calls: int


class AnswerHour(msgspec.Struct, frozen=True, kw_only=True):
    """Calls of one local hour of the day, over all days of a run; times to answer in seconds."""

    hour: int
    calls: int
    abandoned: int
    elsewhere: int
    mean_s: float | None
    p95_s: float | None


class CallMeasures(msgspec.Struct, frozen=True, kw_only=True):
    """How calls were answered, all, by trust and by hour, and how each ended: in one way."""

    total: AnswerTimes
    trusts: dict[str, AnswerTimes]
    outcomes: dict[str, int]
    answered_for_others: dict[str, int]
    hours: tuple[AnswerHour, ...]


def care_measures(
    ledger: CareLedger, times: Sequence[ReviewTime], second_calls: int
) -> CareMeasures | None:
    """Return what became of patients; None when nobody was described."""
    if not ledger.count["patients_described"]:
        return None
    results: dict[str, int] = {}
    for review in ledger.reviews:
        results[review.result.value] = results.get(review.result.value, 0) + 1
    return CareMeasures(
        counts=dict(sorted(ledger.count.items())),
        results=dict(sorted(results.items())),
        refusals={str(code): n for code, n in sorted(ledger.refusals.items())},
        confirmed=dict(sorted(ledger.confirmed.items())),
        services={
            kind: {step: steps[step] for step in STEPS if steps[step]}
            for kind, steps in sorted(ledger.steps.items())
        },
        validation=_waits(times, is_c5=False),
        call_back=_waits(times, is_c5=True),
        second_calls=second_calls,
    )


def call_measures(
    calls: Sequence[Call], records: Iterable[IncidentRecord], timezone: str = "Europe/London"
) -> CallMeasures | None:
    """Return how calls were answered, by the hours of a zone; None when there were none."""
    if not calls:
        return None
    ended = {record.incident: record.outcome for record in records}
    outcomes: dict[str, int] = {}
    for call in calls:
        outcome: Outcome | None = None if call.incident is None else ended.get(call.incident)
        found = outcome_of(call, outcome)
        name = "open" if found is None else CallOutcome(found).value
        outcomes[name] = outcomes.get(name, 0) + 1
    trusts = sorted({call.trust for call in calls})
    return CallMeasures(
        total=answer_times(calls),
        trusts={trust: answer_times(calls, trust) for trust in trusts},
        outcomes=dict(sorted(outcomes.items())),
        answered_for_others={trust: _for_others(calls, trust) for trust in trusts},
        hours=_by_hour(calls, ZoneInfo(timezone)),
    )


def _by_hour(calls: Sequence[Call], zone: ZoneInfo) -> tuple[AnswerHour, ...]:
    """Return how calls were answered in each local hour of the day."""
    local: dict[int, int] = {}
    of_hour: list[list[Call]] = [[] for _ in range(24)]
    for call in calls:
        whole = call.connected_at_ms // 3_600_000
        if whole not in local:
            local[whole] = datetime.fromtimestamp(whole * 3_600, UTC).astimezone(zone).hour
        of_hour[local[whole]].append(call)
    return tuple(_hour(hour, rows) for hour, rows in enumerate(of_hour))


def _hour(hour: int, calls: Sequence[Call]) -> AnswerHour:
    times = answer_times(calls)
    return AnswerHour(
        hour=hour,
        calls=len(calls),
        abandoned=times.abandoned,
        elsewhere=times.elsewhere,
        mean_s=times.mean_s,
        p95_s=times.p95_s,
    )


def review_times(reviews: Iterable[Review], records: Iterable[IncidentRecord]) -> list[ReviewTime]:
    """Return how long reviews took, with trust and first category of incidents that ended."""
    asked = list(reviews)
    names = {review.incident for review in asked}
    known = {r.incident: r for r in records if r.incident in names}
    return [
        ReviewTime(
            known[review.incident].trust,
            known[review.incident].first_category,
            review.done_ms - review.since_ms,
        )
        for review in asked
        if review.incident in known
    ]


def answer_indicators(calls: Sequence[Call], trust: str | None) -> Indicators:
    """Return A1 to A6, A114, A124 and A125 of one trust, or of all; whole seconds."""
    if not calls:
        return {}
    code = None if trust is None else TrustCode(trust)
    times = answer_times(calls, code)
    waits_ms = [
        call.answered_at_ms - call.connected_at_ms
        for call in calls
        if call.answered_at_ms is not None and (code is None or call.trust == code)
    ]
    sample = sample_of(np.array(waits_ms, np.int64))
    return {
        "A1": sample.count,
        "A2": sample.total_s,
        "A3": _whole(sample.mean_s),
        "A4": _whole(times.median_s),
        "A5": _whole(times.p95_s),
        "A6": _whole(times.p99_s),
        "A114": _whole(times.p90_s),
        "A124": _for_others(calls, code),
        "A125": times.elsewhere,
    }


def review_indicators(times: Sequence[ReviewTime], trust: str | None) -> Indicators:
    """Return A128 to A135 of one trust, or of all: C5 call-backs, validation of C2 to C4."""
    if not times:
        return {}
    mine = [row for row in times if trust is None or row.trust == trust]
    found: Indicators = {}
    for is_c5, codes in ((True, ("A128", "A129", "A130", "A131")), (False, _VALIDATION)):
        sample = _waits(mine, is_c5=is_c5)
        figures = (sample.count, sample.total_s, sample.mean_s, sample.p90_s)
        found |= {code: _whole(figure) for code, figure in zip(codes, figures, strict=True)}
    return found


_VALIDATION = ("A132", "A133", "A134", "A135")


def _waits(times: Sequence[ReviewTime], *, is_c5: bool) -> Sample:
    rows = [row.took_ms for row in times if (RANK[row.category] == RANK[Category.C5]) == is_c5]
    return sample_of(np.array(rows, np.int64))


def _for_others(calls: Iterable[Call], trust: TrustCode | None) -> int:
    return sum(
        call.answered_by not in (None, call.trust) and trust in (None, call.answered_by)
        for call in calls
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value + 0.5)
