"""Who the patient is: complaint, age, frailty, segment, pathway and how the incident ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.call_log.assumptions import Assumptions
from benchmarks.call_log.streams import Float64s, Int64s, Quantiles, Stream, chosen
from benchmarks.call_log.volumes import Flow, MonthOfTrust, kind_of
from dispatch.domain.category import Category, Segment
from dispatch.domain.incident import Outcome, Pathway

_GRAVE: Final = {Category.C1, Category.C2}


@dataclass(slots=True)
class Patients:
    """Columns of one day's patients, in order of arrival; the empty word means none."""

    category: list[str]
    segment: list[str]
    complaint: list[str]
    pathway: list[str]
    outcome: list[str]
    age_years: Float64s
    frail: Float64s
    responders_needed: Float64s


def drawn_patients(
    month: MonthOfTrust,
    flow: Int64s,
    share_65_plus: Float64s,
    stream: Mapping[str, Stream],
    assumptions: Assumptions,
) -> Patients:
    """Draw one day's patients.

    Parameters
    ----------
    month
        What is known of the trust.
    flow
        Index into ``month.flows`` of each incident.
    share_65_plus
        Share of people aged 65 and over at the place of each incident.
    stream
        One stream for each kind of draw: complaint, age group, age, frail, segment, outcome,
        destination, pathway, responders.
    assumptions
        The assumed shares.
    """
    n = len(flow)
    flows = [month.flows[i] for i in flow.tolist()]
    category = [f.category for f in flows]
    complaint = _complaints(category, stream["complaint"].uniform(n), assumptions)
    age = _ages(complaint, share_65_plus, stream, assumptions)
    outcome = _outcomes(flows, month.to_ed, stream)
    pathway = _pathways(category, complaint, outcome, age, stream["pathway"], assumptions)
    extra = np.array([max(0.0, f.responders - 1.0) for f in flows])
    return Patients(
        category=[c.value for c in category],
        segment=_segments(flows, pathway, stream["segment"].uniform(n), assumptions),
        complaint=complaint,
        pathway=pathway,
        outcome=outcome,
        age_years=age,
        frail=_frailty(age, stream["frail"].uniform(n), assumptions),
        responders_needed=1.0 + np.floor(extra + stream["responders"].uniform(n)),
    )


def _complaints(
    category: Sequence[Category], uniform: Float64s, assumptions: Assumptions
) -> list[str]:
    kinds = [kind_of(c) for c in category]
    found = [""] * len(kinds)
    for kind in sorted(set(kinds)):
        table = assumptions.complaints[kind]
        rows = [i for i, k in enumerate(kinds) if k == kind]
        picks = chosen(uniform[rows], np.array(list(table.values())))
        names = list(table)
        for row, pick in zip(rows, picks.tolist(), strict=True):
            found[row] = names[pick]
    return found


def _ages(
    complaint: Sequence[str],
    share_65_plus: Float64s,
    stream: Mapping[str, Stream],
    assumptions: Assumptions,
) -> Float64s:
    """Return whole years: the complaint's odds of 65 and over, times those of the place."""
    n = len(complaint)
    shape, by_complaint = assumptions.age, assumptions.age_65_plus
    other = by_complaint["other"]
    of_complaint = np.array([by_complaint.get(c, other) for c in complaint], dtype=np.float64)
    national = shape.national_65_plus
    # A place without any older people, or with no other, still has a few of either.
    place = np.clip(share_65_plus, 0.01, 0.9)
    odds = place * (1 - national) / ((1 - place) * national)
    chance = of_complaint * odds / (1 - of_complaint + of_complaint * odds)
    is_older = stream["age group"].uniform(n) < chance
    uniform = stream["age"].uniform(n)
    young = Quantiles(shape.shares_under_65, shape.years_under_65).at(uniform)
    old = Quantiles(shape.shares_65_plus, shape.years_65_plus).at(uniform)
    mothers = np.array([c == "maternity" for c in complaint], dtype=np.bool_)
    # Between 16 and 45: the youngest to the oldest of a maternity ward.
    young = np.where(mothers, 16.0 + uniform * 29.0, young)
    return np.floor(np.where(is_older, old, young))


def _frailty(age_years: Float64s, uniform: Float64s, assumptions: Assumptions) -> Float64s:
    table = assumptions.frailty
    band = np.searchsorted(np.array(table.from_years), age_years, side="right") - 1
    share = np.array(table.share)[np.maximum(band, 0)]
    return (uniform < share).astype(np.float64)


def _outcomes(flows: Sequence[Flow], to_ed: float, stream: Mapping[str, Stream]) -> list[str]:
    n = len(flows)
    is_conveyed = stream["outcome"].uniform(n) < np.array([f.conveyed for f in flows])
    is_to_ed = stream["destination"].uniform(n) < to_ed
    found = []
    for f, conveyed, ed in zip(flows, is_conveyed.tolist(), is_to_ed.tolist(), strict=True):
        if not f.is_seen:
            found.append(Outcome.HEAR_AND_TREAT.value)
        elif not conveyed:
            found.append(Outcome.SEE_AND_TREAT.value)
        else:
            found.append((Outcome.CONVEYED_TO_ED if ed else Outcome.CONVEYED_ELSEWHERE).value)
    return found


def _pathways(
    category: Sequence[Category],
    complaint: Sequence[str],
    outcome: Sequence[str],
    age_years: Float64s,
    stream: Stream,
    assumptions: Assumptions,
) -> list[str]:
    """Return the specialist pathway of grave patients conveyed to an ED; mostly none."""
    uniform = stream.uniform(len(category)).tolist()
    child = assumptions.paediatric
    found = []
    rows = zip(category, complaint, outcome, age_years.tolist(), uniform, strict=True)
    for cat, what, end, age, chance in rows:
        word = ""
        if cat in _GRAVE and end == Outcome.CONVEYED_TO_ED.value:
            share = assumptions.pathways.get(what)
            if share is not None and chance < share.share:
                word = share.pathway
            elif age < child.below_years and chance >= 1.0 - child.share:
                word = Pathway.PAEDIATRIC.value
        found.append(word)
    return found


def _segments(
    flows: Sequence[Flow], pathway: Sequence[str], uniform: Float64s, assumptions: Assumptions
) -> list[str]:
    """Return segments of Category 2; a pathway goes at once, advice by telephone never does."""
    shares = assumptions.segments
    found = []
    for flow, path, u in zip(flows, pathway, uniform.tolist(), strict=True):
        if flow.category != Category.C2:
            found.append("")
        elif path or (flow.is_seen and u < shares.A):
            found.append(Segment.A.value)
        else:
            rest = (u - shares.A) / (1 - shares.A) if flow.is_seen else u
            is_b = rest < shares.B / (shares.B + shares.C)
            found.append((Segment.B if is_b else Segment.C).value)
    return found
