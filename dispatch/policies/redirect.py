"""Redirection as the core asks for it: the policies, fed from the picture.

What can be worked out from directory, roads and rules alone is kept in the picture's memo: it
never changes an answer, only how soon it comes.
"""

from __future__ import annotations

from dispatch.domain.patient import Patient
from dispatch.domain.redirection import Redirection, RedirectRules, Situation
from dispatch.policies.redirect_journey import ServiceJourneys
from dispatch.policies.redirect_none import redirect
from dispatch.policies.redirect_ranked import RedirectRanked
from dispatch.policies.service_index import Capacities, ServiceIndex
from dispatch.ports import Picture


def redirect_none(picture: Picture, patient: Patient, situation: Situation) -> Redirection:
    """Redirect nobody; Category 2 segments B and C still get their clinician."""
    return redirect(patient, situation, _rules(picture, situation))


def redirect_ranked(picture: Picture, patient: Patient, situation: Situation) -> Redirection:
    """Rank the services of the directory in force, under its capacities and free times."""
    rules = _rules(picture, situation)
    policy = _policy(picture, rules)
    capacities = _capacities(picture, policy.index)
    return policy.redirect(patient, situation, capacities, picture.state.care.slots.rows)


def lay_out(picture: Picture) -> None:
    """Prepare the directory before a patient waits for it."""
    index = _policy(picture, picture.settings.care.redirect[-1]).index
    index.closing_ms(picture.now_ms)


def _rules(picture: Picture, situation: Situation) -> RedirectRules:
    care = picture.settings.care
    if situation.trust is None:
        return care.redirect[-1]
    return care.redirect_of(situation.trust, picture.now_ms)


def _policy(picture: Picture, rules: RedirectRules) -> RedirectRanked:
    memo, directory, travel = picture.memo, picture.state.care.services, picture.travel
    index = memo.get("service index")
    if index is None or memo["directory"] is not directory:
        memo["directory"], memo["service index"] = directory, ServiceIndex(directory.services)
        memo.pop("service journeys", None)
        memo["redirect"] = {}
    index = memo["service index"]
    journeys: ServiceJourneys | None = memo.get("service journeys")
    if journeys is None or journeys.version != travel.version:
        memo["service journeys"] = journeys = ServiceJourneys(index, travel)
        memo["redirect"] = {}
    policies = memo["redirect"]
    kept: RedirectRanked | None = policies.get(id(rules))
    # Rules are compared themselves: an id may be used again once its owner is gone.
    if kept is None or kept.rules is not rules:
        kept = policies[id(rules)] = RedirectRanked(index, journeys, rules)
    return kept


def _capacities(picture: Picture, index: ServiceIndex) -> Capacities:
    """Return what services last said, laid out again only when one said something new."""
    memo, book = picture.memo, picture.state.care.capacity
    kept = memo.get("capacities")
    if kept is None or kept[0] is not index or kept[1] != book.version:
        capacities = Capacities(index)
        for _, report in book.sorted_rows():
            if report.level:
                capacities.report(report)
        kept = memo["capacities"] = (index, book.version, capacities)
    found: Capacities = kept[2]
    return found
