"""The sections of a page that tell of redirection and of the telephone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from benchmarks.metrics_care import CallMeasures, CareMeasures
from benchmarks.report import page
from benchmarks.report.care_charts import (
    FATES,
    fates_of,
    services_chart,
    spoken,
    steps_chart,
    telephone_chart,
    within_chart,
)
from benchmarks.report.charts import shares
from benchmarks.report.palette import LINE, RAMP, SERIES, SOFT
from benchmarks.report.wording import clock, count, number, percent
from dispatch.domain.call import Call
from dispatch.domain.referral import RefusalReason

ANSWERED_WITHIN_S: Final = (0, 5, 10, 20, 30, 60, 120)

_OUTCOMES: Final = (
    ("conveyed_to_ed", "taken to an emergency department", SERIES[0]),
    ("conveyed_elsewhere", "taken elsewhere", SERIES[5]),
    ("see_and_treat", "seen and not taken", SERIES[2]),
    ("hear_and_treat", "closed with advice", SERIES[3]),
    ("referred", "referred to a service", SERIES[4]),
    ("same_incident", "about a known incident", RAMP[2]),
    ("handed_to_home_trust", "handed to the home trust", RAMP[1]),
    ("no_incident", "no incident", LINE),
    ("cancelled", "cancelled", SOFT),
    ("abandoned", "abandoned by the caller", SERIES[1]),
    ("open", "still open", RAMP[0]),
)


def redirection(care: CareMeasures | None) -> str:
    """Return what became of patients who might be redirected; nothing where none was described."""
    if care is None:
        return ""
    counts = care.counts
    offered = counts.get("referrals_by_persons", 0) + counts.get("referrals_by_protocol", 0)
    taken = counts.get("referrals_confirmed", 0)
    steps = [
        ("patients whose needs were asked about", counts.get("patients_described", 0), SERIES[5]),
        ("held for a clinician", counts.get("held_for_clinician", 0), SERIES[0]),
        ("reviewed by a clinician", counts.get("reviews", 0), SERIES[0]),
        ("closed with advice", care.results.get("hear_and_treat", 0), SERIES[3]),
        ("referred to a service", offered, SERIES[2]),
        ("taken by the service", taken, SERIES[2]),
        ("sent an ambulance as first triaged", counts.get("fail_safe", 0), SERIES[1]),
        ("rang again within a day", care.second_calls, SERIES[1]),
    ]
    parts = [
        page.paragraph(_redirection_words(care, offered, taken)),
        page.figure(
            steps_chart(steps),
            "Patients at each step. Sent an ambulance as first triaged: nobody had decided, or no "
            "service had taken the patient, in time, or it gave the patient back.",
        ),
    ]
    if care.services:
        used = {
            name for steps_ in care.services.values() for name, n in fates_of(steps_).items() if n
        }
        parts += [
            "<h3>Where patients were referred, and what came of it</h3>",
            page.legend([(colour, words) for name, words, colour in FATES if name in used]),
            page.figure(services_chart(care.services)),
        ]
    parts.append(page.pair(_decisions(care), _refusals(care)))
    return page.section("Patients who need no ambulance", *parts)


def _redirection_words(care: CareMeasures, offered: int, taken: int) -> str:
    returned = care.counts.get("referrals_returned", 0)
    words = f"{count(offered)} referrals were made"
    if offered:
        words += f"; services took {count(taken)} ({percent(taken / offered, 0)})"
        words += f" and gave {count(returned)} back."
    else:
        words += ": the policy refers nobody, or no service was open to them."
    held = care.counts.get("held_for_clinician", 0)
    if held:
        unfinished = held - care.counts.get("reviews", 0)
        words += (
            f" Clinicians reviewed {count(care.counts.get('reviews', 0))} of {count(held)} "
            f"incidents that were held for them; for the others ({count(max(0, unfinished))}) the "
            "time ran out, a unit went, or the caller hung up."
        )
    for waits, who in ((care.validation, "Category 2 to 4"), (care.call_back, "Category 5")):
        if waits.mean_s is not None:
            words += (
                f" {who} waited {clock(waits.mean_s)} for the clinician's decision on average, one "
                f"in ten over {clock(waits.p90_s)}."
            )
    return words


_DECISIONS: Final = {
    "hear_and_treat": "Closed with advice",
    "kept": "Ambulance still needed",
    "referred": "Referred to a service",
}
"""What a clinician decided."""


def _decisions(care: CareMeasures) -> str:
    rows = [(_DECISIONS.get(name, spoken(name)), count(n)) for name, n in care.results.items()]
    return page.table(("clinicians' decisions", "incidents"), rows) if rows else ""


def _refusals(care: CareMeasures) -> str:
    rows = [
        (spoken(RefusalReason(int(code)).name.lower()), count(n))
        for code, n in care.refusals.items()
    ]
    return page.table(("services refused because of", "referrals"), rows) if rows else ""


def telephone(found: CallMeasures | None, calls: Sequence[Call], days: float) -> str:
    """Return how the telephone was answered; nothing where no call rang."""
    if found is None:
        return ""
    total = found.total
    rang = total.answered + total.abandoned
    words = (
        f"{count(total.answered)} calls were answered, after {number(total.mean_s, 1)} s on "
        f"average; one in ten waited over {number(total.p90_s, 0)} s, one in twenty over "
        f"{number(total.p95_s, 0)} s, one in a hundred over {number(total.p99_s, 0)} s, the "
        f"longest {clock(total.longest_s)}. {count(total.abandoned)} callers "
        f"({percent(total.abandoned / rang if rang else None)}) hung up before anybody answered; "
        "most of them ring again."
    )
    if total.elsewhere:
        words += f" {count(total.elsewhere)} calls were answered by another trust."
    waits_s = [call.answer_s for call in calls if call.answer_s is not None]
    ends = [
        (words_, float(found.outcomes[name]), colour)
        for name, words_, colour in _OUTCOMES
        if found.outcomes.get(name)
    ]
    parts = [
        page.paragraph(words),
        page.legend(
            [(SERIES[5], "calls"), (SERIES[1], "abandoned"), (SERIES[0], "time to answer")]
        ),
        page.figure(telephone_chart(found.hours, days), "Averages over all days, local time."),
        page.figure(
            within_chart(waits_s, ANSWERED_WITHIN_S),
            "Share of answered calls. The working national target is a mean of 10 s, an older aim "
            "95 % within 5 s.",
        ),
        "<h3>How calls ended</h3>",
        page.legend([(colour, words_) for words_, _, colour in ends]),
        page.figure(shares(ends, "calls")),
    ]
    if len(found.trusts) > 1:
        rows = [
            (
                trust,
                count(times.answered),
                number(times.mean_s, 1),
                number(times.p90_s, 0),
                number(times.p95_s, 0),
                count(times.abandoned),
                count(times.elsewhere),
            )
            for trust, times in found.trusts.items()
        ]
        head = ("trust", "answered", "mean s", "90th s", "95th s", "abandoned", "by others")
        parts.append(page.table(head, rows))
    return page.section("At the telephone", *parts)
