"""Counts and durations for monitoring, in the Prometheus text form."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Final

BUCKETS_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

Labels = tuple[tuple[str, str], ...]


class Counter:
    """Counts by labels. Each counter is written by one thread only."""

    def __init__(self, name: str, words: str) -> None:
        self.name, self.words = name, words
        self.counts: dict[Labels, int] = {}

    def add(self, count: int = 1, **labels: str) -> None:
        """Count something that happened."""
        key = tuple(sorted(labels.items()))
        self.counts[key] = self.counts.get(key, 0) + count

    def lines(self) -> Iterable[str]:
        """Yield this counter in the text form."""
        yield f"# HELP {self.name} {self.words}"
        yield f"# TYPE {self.name} counter"
        for labels, count in sorted(self.counts.items()):
            yield f"{self.name}{_braces(labels)} {count}"


class Histogram:
    """Durations in seconds, counted by upper bound. Written by one thread only."""

    def __init__(self, name: str, words: str) -> None:
        self.name, self.words = name, words
        self._counts = [0] * (len(BUCKETS_S) + 1)
        self._sum_s = 0.0

    def observe(self, seconds: float) -> None:
        """Count a duration."""
        self._counts[bisect_left(BUCKETS_S, seconds)] += 1
        self._sum_s += seconds

    def lines(self) -> Iterable[str]:
        """Yield this histogram in the text form."""
        yield f"# HELP {self.name} {self.words}"
        yield f"# TYPE {self.name} histogram"
        total = 0
        for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), self._counts, strict=True):
            total += count
            yield f'{self.name}_bucket{{le="{bound}"}} {total}'
        yield f"{self.name}_sum {self._sum_s:.6f}"
        yield f"{self.name}_count {total}"


class Metrics:
    """All that this server counts."""

    def __init__(self) -> None:
        self.requests = Counter("bluelight_http_requests_total", "Requests by route and status.")
        self.events = Counter("bluelight_events_total", "Journal entries by kind of event.")
        self.decisions = Counter("bluelight_decisions_total", "Decisions by kind.")
        self.refused = Counter("bluelight_events_refused_total", "Events refused, by reason.")
        self.shed = Counter("bluelight_requests_shed_total", "Requests turned away when full.")
        self.replayed = Counter("bluelight_requests_replayed_total", "Requests answered again.")
        self.defects = Counter("bluelight_defects_total", "Errors of this program, by kind.")
        self.handle_s = Histogram("bluelight_handle_seconds", "From event to decisions, in memory.")
        self.commit_s = Histogram("bluelight_commit_seconds", "Flush of a batch to disk.")

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """Return everything in the text form, with gauges by name: words and value."""
        rows: list[str] = []
        for metric in vars(self).values():
            rows += metric.lines()
        for name, (words, value) in sorted(gauges.items()):
            rows += [f"# HELP {name} {words}", f"# TYPE {name} gauge", f"{name} {value:g}"]
        return "\n".join(rows) + "\n"


def _braces(labels: Labels) -> str:
    if not labels:
        return ""
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{inner}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
