"""Which calls are to come: one for each incident that is telephoned in, and those beyond."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.call_log.log import CallLog
from benchmarks.call_log.schema import ABSENT_MS
from benchmarks.published import ENGLAND, Indicators, day_shape, month, trusts
from benchmarks.simulator.call_behaviour import CallBehaviour
from benchmarks.simulator.fate import Fates
from benchmarks.simulator.need import complaint_of
from benchmarks.simulator.streams import Streams, key_of, keys_of, numbered
from dispatch.domain.ids import CallId, TrustCode

HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000

CODING_MIN_MS: Final = 15_000
"""No call is coded sooner after it was answered. Assumed."""

SAME_AFTER_MIN: Final = (4.0, 30.0)
"""A second call about an incident comes evenly between these minutes after the first. Assumed."""


class RingKind(StrEnum):
    """What a call is about."""

    INCIDENT = "incident"
    SAME_INCIDENT = "same_incident"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A call that is to come.

    ``row`` is the incident that it brings, ``about`` that of which it speaks; ``coding_ms`` is how
    long after the answer the incident is known.
    """

    call: CallId
    trust: TrustCode
    at_ms: int
    kind: RingKind
    row: int | None = None
    about: int | None = None
    caller: str | None = None
    complaint: str | None = None
    coding_ms: int = CODING_MIN_MS
    tries: int = 1

    def again(self) -> Ring:
        """Return the next try of a caller who hung up: another call."""
        name = self.call.removesuffix(f"/{self.tries}")
        tries = self.tries + 1
        return replace(self, call=CallId(f"{name}/{tries}"), tries=tries)


def published_of(trust: str, month_name: str) -> Indicators:
    """Return what is published of a trust, or of England."""
    return month(trust if trust in trusts() else ENGLAND, month_name)


def rings_of(
    log: CallLog, drawn: Fates, month_name: str, behaviour: CallBehaviour, seed: int
) -> list[Ring]:
    """Return every call that is to come, in order of trust, kind and time."""
    streams = Streams(seed)
    public = np.array([not word.startswith(("HCP", "IFT")) for word in log.category if word], bool)
    by_phone = public & (
        streams.uniform("by 999", keys_of(log.incident_id)) >= behaviour.from_111_share
    )
    found: list[Ring] = []
    for trust in sorted(set(drawn.trust)):
        mine = np.array([name == trust for name in drawn.trust], bool)
        rows = np.flatnonzero(mine & by_phone)
        found += [_ring_of(log, drawn, int(row)) for row in rows]
        published = published_of(trust, month_name)
        ratio = published.known("A1") / published.known("A7")
        more = max(0, round(ratio * int(mine.sum())) - len(rows))
        same = round(more * behaviour.same_incident_share) if len(rows) else 0
        found += _about_known(log, TrustCode(trust), rows, same, streams)
        found += _about_nothing(log, TrustCode(trust), more - same, streams)
    return found


def _ring_of(log: CallLog, drawn: Fates, row: int) -> Ring:
    at_ms = int(log.received_at_ms[row])
    answered = log.instants.get("call_answered_at")
    answer_ms = 0
    if answered is not None and int(answered[row]) != ABSENT_MS:
        answer_ms = int(answered[row]) - at_ms
    return Ring(
        call=CallId(f"{log.incident_id[row]}/call"),
        trust=TrustCode(drawn.trust[row]),
        at_ms=at_ms,
        kind=RingKind.INCIDENT,
        row=row,
        about=row,
        caller=_word(log, "caller_id", row),
        complaint=complaint_of(log, row),
        coding_ms=max(CODING_MIN_MS, drawn.coded_after_ms[row] - answer_ms),
    )


def _about_known(
    log: CallLog, trust: TrustCode, rows: np.ndarray, count: int, streams: Streams
) -> list[Ring]:
    """Return second calls about incidents: half by the same caller, half by somebody else."""
    keys = numbered(key_of(trust), np.arange(count))
    which = (streams.uniform("second call", keys) * len(rows)).astype(np.int64).tolist()
    early, late = SAME_AFTER_MIN
    after = (early + (late - early) * streams.uniform("second call after", keys)).tolist()
    own = (streams.uniform("second caller", keys) < 0.5).tolist()
    found = []
    for number, (pick, minutes, is_own) in enumerate(zip(which, after, own, strict=True), start=1):
        row = int(rows[pick])
        found.append(
            Ring(
                call=CallId(f"{trust}-second-{number}"),
                trust=trust,
                at_ms=int(log.received_at_ms[row]) + round(minutes * MINUTE_MS),
                kind=RingKind.SAME_INCIDENT,
                about=row,
                caller=_word(log, "caller_id", row) if is_own else f"{trust} bystander {number}",
                complaint=complaint_of(log, row),
                coding_ms=60_000,
            )
        )
    return found


def _about_nothing(log: CallLog, trust: TrustCode, count: int, streams: Streams) -> list[Ring]:
    """Return calls about no incident, spread by the hours of a day."""
    if count <= 0:
        return []
    first_ms = int(log.received_at_ms[0]) // HOUR_MS * HOUR_MS
    hours = -(-(int(log.received_at_ms[-1]) - first_ms) // HOUR_MS) or 1
    zone, shape = ZoneInfo("Europe/London"), day_shape().hour_share
    starts = [first_ms + i * HOUR_MS for i in range(hours)]
    local = [datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone).hour for ms in starts]
    until = list(accumulate(shape[hour] for hour in local))
    keys = numbered(key_of(trust), np.arange(count))
    found = []
    for number, share in enumerate(streams.uniform("no incident", keys).tolist(), start=1):
        amount = share * until[-1]
        hour = min(bisect_right(until, amount), hours - 1)
        within = (amount - (until[hour] - shape[local[hour]])) / shape[local[hour]]
        found.append(
            Ring(
                call=CallId(f"{trust}-other-{number}"),
                trust=trust,
                at_ms=starts[hour] + min(int(within * HOUR_MS), HOUR_MS - 1),
                kind=RingKind.NOTHING,
                caller=f"{trust} other {number}",
            )
        )
    return found


def _word(log: CallLog, name: str, row: int) -> str | None:
    column = log.words.get(name)
    return None if column is None else column[row]
