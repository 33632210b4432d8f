"""The default of redirection: the services that can take the patient, best first, with reasons.

Safety comes before everything: an urgent category, a red flag or a rule such as a long lie ends
the question. Then each service of the directory passes or fails the same conditions in a fixed
order; those that pass are ranked by one cost in weighted minutes. The policy ranks; a clinician,
or a protocol that a trust has switched on by name, closes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.care_pathway import (
    CALL_BACK_ADVICE,
    CARE_PATHWAYS,
    CarePathway,
    pathway_of,
)
from dispatch.domain.category import RANK, Category
from dispatch.domain.decision import Term
from dispatch.domain.ids import ServiceId
from dispatch.domain.local_time import MINUTE_MS
from dispatch.domain.patient import AmbulanceReason, Mobility, Patient, ambulance_reasons
from dispatch.domain.redirection import (
    Course,
    Offer,
    Redirection,
    RedirectRules,
    RefusalCode,
    Situation,
    category_barrier,
    is_soft_hold,
)
from dispatch.domain.service import CapacityLevel, ReferralMethod, Slot, first_slot
from dispatch.domain.service_type import TYPE_NUMBER, Referrer, ServiceType
from dispatch.policies.redirect_journey import (
    TOP_SPEED_MS,
    ServiceJourneys,
    estimated_s,
)
from dispatch.policies.redirect_reason import Refusals
from dispatch.policies.service_index import NEVER_MS, Capacities, Mask, Rows, ServiceIndex

NAME: Final = "redirect_ranked"

_BATCH: Final = 48
"""Services whose journeys are asked of the road engine at once, best first by estimate."""

_BATCHES_MAX: Final = 8

_NOT_LISTED_RANK: Final = 6
"""Preference of a service that takes a complaint by its own entry, not by its type's pathway."""

_TYPES_OFF_PATHWAY: Final = -1

Slots = Mapping[ServiceId, tuple[Slot, ...]]
"""Free times by service. A service that books and is absent here has not said: ring it."""


class RedirectRanked:
    """The ranked policy over one directory; holds no state but the directory and its journeys."""

    def __init__(
        self,
        index: ServiceIndex,
        journeys: ServiceJourneys | None = None,
        rules: RedirectRules | None = None,
        pathways: tuple[CarePathway, ...] = CARE_PATHWAYS,
    ) -> None:
        self.index = index
        self.rules = RedirectRules() if rules is None else rules
        self.pathways = pathways
        self._journeys = ServiceJourneys(index, None) if journeys is None else journeys
        self._rank_by_pathway = {pathway.name: _preferences(pathway, index) for pathway in pathways}

    def redirect(
        self,
        patient: Patient,
        situation: Situation,
        capacities: Capacities,
        slots: Slots | None = None,
    ) -> Redirection:
        """Return what may be done for a patient instead of sending an ambulance.

        The answer depends on nothing but the arguments and the directory. Offers are in order of
        cost, ties in order of service id.
        """
        barrier = category_barrier(situation.category, situation.segment)
        barriers = ((barrier,) if barrier else ()) + ambulance_reasons(patient, self.rules.safety)
        if barriers:
            return Redirection(course=Course.AMBULANCE, barriers=barriers, policy=NAME)
        pathway = pathway_of(patient, self.pathways)
        if pathway is None:
            why = f"no pathway for {patient.complaint}"
            if is_soft_hold(situation.category):
                return Redirection(course=Course.SOFT_HOLD, cautions=(why,), policy=NAME)
            barriers = (AmbulanceReason("no_pathway", why),)
            return Redirection(course=Course.AMBULANCE, barriers=barriers, policy=NAME)
        return _Question(self, patient, situation, pathway, capacities, slots or {}).answer()

    def preferences(self, pathway: CarePathway) -> npt.NDArray[np.int64]:
        """Return the place of each row's type on a pathway, 0 the best; -1: not on it."""
        return self._rank_by_pathway[pathway.name]

    @property
    def journeys(self) -> ServiceJourneys:
        """How long journeys take."""
        return self._journeys


def _preferences(pathway: CarePathway, index: ServiceIndex) -> npt.NDArray[np.int64]:
    by_type = np.full(len(TYPE_NUMBER), _TYPES_OFF_PATHWAY, np.int64)
    for place, kind in enumerate(pathway.types):
        by_type[TYPE_NUMBER[kind]] = place
    return np.asarray(by_type[index.type_number])


class _Question:
    """One patient against one directory: masks first, then the few that are left, one by one."""

    def __init__(
        self,
        policy: RedirectRanked,
        patient: Patient,
        situation: Situation,
        pathway: CarePathway,
        capacities: Capacities,
        slots: Slots,
    ) -> None:
        self.policy, self.index, self.rules = policy, policy.index, policy.rules
        self.patient, self.situation, self.pathway = patient, situation, pathway
        self.slots = slots
        self.now_ms = situation.now_ms
        self.levels = capacities.levels_at(self.now_ms)
        self.closes_ms = self.index.closing_ms(self.now_ms)
        self.distance_m = self.index.distance_m(situation.at)
        self.estimate_s = np.where(self.index.calls, 0.0, estimated_s(self.distance_m))
        self.place = policy.preferences(pathway)
        self.refusals = Refusals(self.index, patient, situation, self.closes_ms)
        self.on_roads = True

    def answer(self) -> Redirection:
        self._refuse_by_directory()
        self._refuse_by_patient()
        self._refuse_by_hour_and_place()
        offers = self._offers()
        named, others = self.refusals.named(self.distance_m, self.rules.refusals_max)
        cautions = self._cautions()
        return Redirection(
            course=self._course(offers),
            pathway=self.pathway.name,
            cautions=cautions,
            offers=offers,
            refused=named,
            others=others,
            advice=(*self.pathway.advice, CALL_BACK_ADVICE),
            degraded=() if self.on_roads else ("travel times estimated without roads",),
            policy=NAME,
        )

    def _refuse_by_directory(self) -> None:
        index, refuse = self.index, self.refusals.refuse
        taken, listed = self._inclusion()
        refuse(RefusalCode.INACTIVE, ~index.is_active)
        refuse(RefusalCode.NOT_FOR_TYPE, (self.place < 0) & ~listed)
        refuse(RefusalCode.COMPLAINT, ~taken)
        refuse(RefusalCode.TRUST, ~index.takes_trust(self.situation.trust))
        if self.patient.disposition is not None:
            listed = index.lists_disposition(self.patient.disposition)
            refuse(RefusalCode.DISPOSITION, index.has_dispositions & ~listed)
        # A type that is not on the pathway, but lists the complaint itself, comes after the others.
        self.place = np.where(self.place < 0, _NOT_LISTED_RANK, self.place)

    def _inclusion(self) -> tuple[Mask, Mask]:
        """Return which rows take the need, and which do so by their own entries."""
        index, patient = self.index, self.patient
        listed = index.lists_complaint(patient.complaint)
        applies = index.has_complaints
        if patient.symptom_group is not None:
            listed = listed | index.lists_symptom(
                patient.symptom_group, patient.symptom_discriminator
            )
            applies = applies | index.has_symptoms
        return listed | ~applies, listed

    def _refuse_by_patient(self) -> None:
        index, patient, refuse = self.index, self.patient, self.refusals.refuse
        if patient.age_days is None:
            refuse(RefusalCode.AGE_UNKNOWN, ~index.any_age)
        else:
            refuse(RefusalCode.AGE, ~index.takes_age(patient.age_days))
        if patient.sex is None:
            refuse(RefusalCode.SEX, index.asks_sex)
        else:
            refuse(RefusalCode.SEX, ~index.takes_sex(patient.sex))
        if patient.frailty_cfs is None:
            refuse(RefusalCode.FRAILTY_UNKNOWN, index.asks_frailty)
        else:
            fits = (index.frailty_low <= patient.frailty_cfs) & (
                patient.frailty_cfs <= index.frailty_high
            )
            refuse(RefusalCode.FRAILTY, ~fits)
        refuse(RefusalCode.EXCLUDED, index.excludes((patient.complaint, *patient.findings)))
        refuse(RefusalCode.NOT_KNOWN_THERE, self._unknown_there())
        refuse(RefusalCode.REFERRER, ~index.takes_referrer(self.situation.asked_by))
        if "cannot_get_up" in patient.findings:
            refuse(RefusalCode.NEEDS_A_VISIT, ~index.comes)
        elif self.situation.asked_by is not Referrer.CREW and (
            patient.mobility is Mobility.STRETCHER or "needs_home_visit" in patient.findings
        ):
            refuse(RefusalCode.CANNOT_TRAVEL, index.goes)

    def _unknown_there(self) -> Mask:
        """Return which rows take only their own patients, of which this is not one."""
        index, patient = self.index, self.patient
        own = np.zeros(len(index), np.bool_)
        for service in (patient.case_manager, patient.virtual_ward, patient.gp):
            if service is not None and service in index.row_of:
                own[index.row_of[service]] = True
        wants_own = index.known_only.copy()
        if patient.gp is not None and patient.gp in index.row_of:
            # Whoever has a practice in the directory is sent to no other.
            wants_own |= index.type_number == TYPE_NUMBER[ServiceType.GP]
        return np.asarray(wants_own & ~own)

    def _refuse_by_hour_and_place(self) -> None:
        index, refuse = self.index, self.refusals.refuse
        refuse(RefusalCode.CATCHMENT, index.outside_catchment(self.situation.at, self.distance_m))
        refuse(RefusalCode.FULL, (self.levels == CapacityLevel.RED) & index.red_hides)
        refuse(RefusalCode.CLOSED, self.closes_ms == 0)
        too_far = self.distance_m > index.reach_s * TOP_SPEED_MS
        refuse(RefusalCode.OUT_OF_REACH, too_far & ~index.calls)

    def _offers(self) -> tuple[Offer, ...]:
        """Ask the road engine about the best by estimate until enough offers stand."""
        rows = self.refusals.passed()
        cost = self._fixed_cost(rows) + self._wait_cost(rows, self.estimate_s[rows])
        # Sorting is stable and rows are in order of id, so ties are settled.
        rows = rows[np.argsort(cost, kind="stable")]
        found: list[tuple[float, int, Offer]] = []
        for batch in range(_BATCHES_MAX):
            chosen = rows[batch * _BATCH : (batch + 1) * _BATCH]
            if not len(chosen) or len(found) >= self.rules.offers_max:
                break
            found += self._batch(chosen)
        found.sort(key=lambda item: item[:2])
        return tuple(offer for _, _, offer in found[: self.rules.offers_max])

    def _batch(self, rows: Rows) -> list[tuple[float, int, Offer]]:
        travel_s, on_roads = self.policy.journeys.travel_s(
            self.situation.at, rows, self.estimate_s[rows], self.now_ms
        )
        self.on_roads &= on_roads
        index = self.index
        far = (travel_s > index.reach_s[rows]) & ~index.calls[rows]
        leave_ms = np.where(index.goes[rows], self.rules.arrive_before_close_min * MINUTE_MS, 0)
        arrives_ms = self.now_ms + np.where(np.isfinite(travel_s), travel_s, 0) * 1000
        late = arrives_ms + leave_ms > self.closes_ms[rows]
        self.refusals.refuse_rows(RefusalCode.OUT_OF_REACH, rows[far], travel_s[far])
        self.refusals.refuse_rows(
            RefusalCode.CLOSES_TOO_SOON, rows[late & ~far], travel_s[late & ~far]
        )
        kept = ~(far | late)
        return self._cheapest(rows[kept], travel_s[kept])

    def _cheapest(
        self, rows: Rows, travel_s: npt.NDArray[np.float64]
    ) -> list[tuple[float, int, Offer]]:
        """Make offers in order of what they cost at least, until no other can be cheaper."""
        fixed = self._fixed_cost(rows)
        # A booked slot may come sooner than the usual wait, never before the patient does.
        books = self.index.books_slots[rows]
        wait_min = travel_s / 60 + np.where(books, 0, self.index.respond_min[rows])
        least = fixed + self.rules.wait_weight * wait_min + self._risk()
        found: list[tuple[float, int, Offer]] = []
        for i in np.argsort(least, kind="stable"):
            full = len(found) >= self.rules.offers_max
            if full and (least[i], rows[i]) > found[-1][:2]:
                break
            offer = self._offer(int(rows[i]), float(travel_s[i]), float(fixed[i]))
            if offer is not None:
                found.append((offer.cost, int(rows[i]), offer))
                found.sort(key=lambda item: item[:2])
                del found[self.rules.offers_max :]
        return found

    def _fixed_cost(self, rows: Rows) -> npt.NDArray[np.float64]:
        """Return the part of the cost that does not depend on time: fit, capacity, own plan."""
        rules, patient = self.rules, self.patient
        cost = self.place[rows] * rules.fit_min + self.levels[rows] * rules.amber_min
        if patient.has_transport is False and self.situation.asked_by is not Referrer.CREW:
            cost = cost + rules.fit_min * self.index.goes[rows]
        for service in (patient.case_manager, patient.virtual_ward):
            if service is not None and service in self.index.row_of:
                cost = cost - rules.own_plan_min * (rows == self.index.row_of[service])
        return np.asarray(cost, np.float64)

    def _wait_cost(self, rows: Rows, travel_s: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        wait_min = travel_s / 60 + self.index.respond_min[rows]
        return np.asarray(self.rules.wait_weight * wait_min)

    def _offer(self, row: int, travel_s: float, fixed: float) -> Offer | None:
        index, rules = self.index, self.rules
        service = index.services[row]
        arrives_ms = self.now_ms + round(travel_s * 1000)
        care_at_ms = arrives_ms + int(index.respond_min[row]) * MINUTE_MS
        slot: Slot | None = None
        if service.books_slots and service.id in self.slots:
            slot = first_slot(self.slots[service.id], arrives_ms)
            if slot and slot.starts_at_ms > self.now_ms + rules.slot_within_min * MINUTE_MS:
                slot = None
            if slot:
                care_at_ms = slot.starts_at_ms
            elif ReferralMethod.WALK_IN not in service.methods:
                self.refusals.refuse_rows(RefusalCode.NO_SLOT, np.array([row]), np.zeros(1))
                return None
        wait = rules.wait_weight * (care_at_ms - self.now_ms) / MINUTE_MS
        risk = self._risk()
        terms = self._terms(row, wait, risk)
        ask = self._questions(row)
        is_amber = bool(self.levels[row])
        worth = self._saved() > risk
        closes_ms = int(self.closes_ms[row])
        may_close = worth and not ask and not is_amber
        return Offer(
            service=service.id,
            name=service.name,
            type=service.type,
            delivery=index.rules[row].delivery,
            cost=fixed + wait + risk,
            terms=terms,
            travel_s=round(travel_s),
            care_at_ms=care_at_ms,
            closes_at_ms=None if closes_ms == NEVER_MS else closes_ms,
            fail_safe_at_ms=self._fail_safe_ms(row),
            slot=slot,
            protocol=self._protocol(service.type) if may_close else None,
            is_worth_it=worth,
            is_amber=is_amber,
            ask=ask,
        )

    def _terms(self, row: int, wait: float, risk: float) -> tuple[Term, ...]:
        rules, patient = self.rules, self.patient
        service = self.index.services[row].id
        terms = [
            Term("wait", wait),
            Term("fit", float(self.place[row]) * rules.fit_min),
            Term("capacity", float(self.levels[row]) * rules.amber_min),
            Term("risk", risk),
        ]
        if service in (patient.case_manager, patient.virtual_ward):
            terms.append(Term("own plan", -rules.own_plan_min))
        if (
            patient.has_transport is False
            and self.situation.asked_by is not Referrer.CREW
            and self.index.goes[row]
        ):
            terms.append(Term("transport", rules.fit_min))
        return tuple(term for term in terms if term.value)

    def _risk(self) -> float:
        pathway, rules = self.pathway, self.rules
        return pathway.p_serious * rules.missed_harm + pathway.p_recontact * rules.recontact_min

    def _saved(self) -> float:
        price, job = self.situation.shadow_price, self.situation.job_min
        return (self.rules.shadow_price if price is None else price) * (
            self.rules.job_min if job is None else job
        )

    def _questions(self, row: int) -> tuple[str, ...]:
        patient, asked = self.patient, []
        if patient.complaint == "fall" and patient.lie_min is None:
            asked.append("How long has the patient been on the floor?")
        hit_head = patient.complaint == "head_injury" or "head_injury" in patient.findings
        if hit_head and patient.on_anticoagulants is None:
            asked.append("Is the patient on anticoagulants?")
        if (
            self.index.goes[row]
            and patient.has_transport is None
            and self.situation.asked_by is not Referrer.CREW
        ):
            asked.append("Can the patient get there?")
        return tuple(asked)

    def _fail_safe_ms(self, row: int) -> int:
        breach_ms = self._breach_ms()
        confirm_ms = self.now_ms + int(self.index.confirm_min[row]) * MINUTE_MS
        return min(confirm_ms, max(breach_ms, self.now_ms))

    def _breach_ms(self) -> int:
        if self.situation.breach_at_ms is not None:
            return self.situation.breach_at_ms
        rank = RANK[self.situation.category]
        return self.now_ms + self.rules.validate_within_min.get(rank, 30) * MINUTE_MS

    def _protocol(self, kind: ServiceType) -> str | None:
        """Return the protocol that may close by itself; never after a repeat contact."""
        if self.patient.is_repeat or self.pathway.p_serious > self.rules.p_serious_max:
            return None
        rank = RANK[self.situation.category]
        for protocol in self.rules.protocols:
            if (
                rank >= protocol.rank_min
                and kind in protocol.types
                and self.patient.complaint in protocol.complaints
            ):
                return protocol.name
        return None

    def _cautions(self) -> tuple[str, ...]:
        found = []
        if self.patient.is_repeat:
            count = self.patient.earlier_contacts_24h + 1
            found.append(
                f"contact {count} within 24 h: a missed emergency is more likely "
                f"(odds ratio {'1.8' if count == 2 else '4.0'}), only a clinician may close"
            )
        if self.pathway.p_serious > self.rules.p_serious_max:
            found.append(
                f"{100 * self.pathway.p_serious:.1f} % of this pathway are serious, above "
                f"{100 * self.rules.p_serious_max:.1f} %: only a clinician may close"
            )
        if is_soft_hold(self.situation.category):
            found.append("Category 2: keeps its place and its clock, and goes if a unit is there")
        if self._saved() <= self._risk():
            found.append("an ambulance costs little now: redirection is not worth its risk")
        return tuple(found)

    def _course(self, offers: tuple[Offer, ...]) -> Course:
        if is_soft_hold(self.situation.category):
            return Course.SOFT_HOLD
        if offers:
            return Course.OFFERS
        if self.situation.category is Category.C5:
            return Course.CALL_BACK
        return Course.AMBULANCE
