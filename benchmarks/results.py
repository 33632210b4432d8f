"""The result of a run as one document: for JSON, for a terminal, for a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from benchmarks.call_log.rejects import RejectSummary
from benchmarks.metrics import Measures, to_builtins
from benchmarks.replay import Run
from benchmarks.report.wording import clock, count, percent


def document(run: Run, measures: Measures, rejects: RejectSummary | None) -> dict[str, Any]:
    """Return everything about a run as plain values: what it was given, and what came of it.

    Equal runs give equal documents: nothing in it depends on the machine or the hour.
    """
    found: dict[str, Any] = {
        "region": run.region.name,
        "policy": run.settings.name,
        "seed": None if run.world is None else run.world.seed,
        "incidents": run.calls,
        "versions": {
            "engine": run.engine,
            "region": run.region.version,
            "travel_times": run.travel_version,
            "call_log": run.log_sha256,
        },
        "published_month": run.month,
        "settings": msgspec.to_builtins(run.settings),
        "world": None if run.world is None else msgspec.to_builtins(run.world),
        "refused": [{"incident": row.incident, "reason": row.reason} for row in run.refused],
        "rejects": None if rejects is None else msgspec.to_builtins(rejects),
        "unknown_destinations": run.unknown_destinations,
    }
    return found | to_builtins(measures)


def summary(measures: Measures) -> list[tuple[str, ...]]:
    """Return rows of category, incidents, mean, 90th centile, and mean wait for a unit."""
    rows: list[tuple[str, ...]] = []
    for category, sample in measures.total.responses.items():
        allocation = measures.total.allocation[category]
        rows.append(
            (
                category,
                count(sample.count),
                clock(sample.mean_s),
                clock(sample.p90_s),
                clock(allocation.mean_s),
            )
        )
    handovers = measures.total.handovers.times
    rows.append(
        ("handover", count(handovers.count), clock(handovers.mean_s), clock(handovers.p90_s), "")
    )
    return rows


def in_words(run: Run, measures: Measures) -> str:
    """Return one sentence on what happened beside the response times."""
    total, fleet = measures.total, measures.fleet
    words = (
        f"{count(total.diversions)} diversions ({percent(total.diversion_share)}), "
        f"{count(total.handovers.hours_lost)} crew hours lost at hospitals, ambulances busy "
        f"{percent(fleet.busy_fraction, 0)} of the time."
    )
    words += _of_care(measures) + _of_calls(measures)
    if run.refused:
        words += f" The engine refused {count(len(run.refused))} incidents."
    if run.unfinished:
        words += f" {count(run.unfinished)} incidents were still open at the end."
    return words


def _of_care(measures: Measures) -> str:
    if measures.care is None:
        return ""
    care, n = measures.care, measures.care.counts
    taken = count(measures.outcomes.get("referred", 0))
    refused, back = n.get("referrals_refused", 0), n.get("referrals_returned", 0)
    return (
        f" Services took {taken} patients, refused {count(refused)} and gave {count(back)} back; "
        f"clinicians decided {count(n.get('reviews', 0))} times; {count(care.second_calls)} "
        "patients called again."
    )


def _of_calls(measures: Measures) -> str:
    if measures.telephone is None:
        return ""
    times = measures.telephone.total
    mean_s, p99_s = times.mean_s or 0.0, times.p99_s or 0.0
    return (
        f" {count(times.answered)} calls were answered after {mean_s:.1f} s on average (99th "
        f"centile {p99_s:.0f} s), {count(times.elsewhere)} of them elsewhere; "
        f"{count(times.abandoned)} callers hung up."
    )


def write_json(document_: dict[str, Any], path: Path | None = None) -> bytes:
    """Return a document as indented JSON, and write it when a file is named."""
    text = msgspec.json.format(msgspec.json.encode(document_), indent=2) + b"\n"
    if path is not None:
        path.write_bytes(text)
    return text
