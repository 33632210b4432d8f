from __future__ import annotations

import msgspec
import numpy as np
import pytest
import shapely

from dispatch.domain.category import Category, Segment
from dispatch.domain.ids import ServiceId, TrustCode
from dispatch.domain.patient import Mobility, Sex
from dispatch.domain.redirection import Course, Protocol, Redirection, RedirectRules
from dispatch.domain.service import (
    AgeRange,
    CapacityLevel,
    CapacityReport,
    ReferralMethod,
    Slot,
    SymptomCode,
    capacity_report,
)
from dispatch.domain.service_type import Referrer
from dispatch.policies.redirect_journey import ServiceJourneys
from dispatch.policies.redirect_none import redirect as redirect_none
from dispatch.policies.redirect_ranked import RedirectRanked
from dispatch.policies.service_index import Capacities, ServiceIndex
from maps.geo import LonLat
from tests.dispatch.redirection_builders import (
    NEWPORT,
    TUESDAY_NOON,
    T,
    a_patient,
    a_service,
    a_situation,
    ask,
    at,
    offered,
    refused,
)

EVERY_TYPE = [a_service(kind) for kind in T]
MINUTE = 60_000


def test_a_minor_injury_is_offered_units_that_mend_injuries() -> None:
    answer = ask(EVERY_TYPE, a_patient("minor_injury"))
    assert answer.course is Course.OFFERS
    assert offered(answer)[:3] == [T.MINOR_INJURY_UNIT, T.URGENT_TREATMENT_CENTRE, T.WALK_IN_CENTRE]
    assert T.MENTAL_HEALTH_LINE not in offered(answer)


def test_every_offer_adds_up_and_the_best_comes_first() -> None:
    answer = ask(EVERY_TYPE, a_patient("fever", years=30, has_transport=False))
    costs = [offer.cost for offer in answer.offers]
    assert costs == sorted(costs)
    for offer in answer.offers:
        assert sum(term.value for term in offer.terms) == pytest.approx(offer.cost)


@pytest.mark.parametrize(
    ("category", "segment"),
    [
        (Category.C1, None),
        (Category.HCP1, None),
        (Category.IFT1, None),
        (Category.C2, None),
        (Category.C2, Segment.A),
        (Category.HCP2, None),
        (Category.IFT2, None),
    ],
)
def test_what_goes_at_once_is_never_offered_anything(
    category: Category, segment: Segment | None
) -> None:
    answer = ask(EVERY_TYPE, a_patient(), a_situation(category, segment=segment))
    assert answer.course is Course.AMBULANCE
    assert answer.offers == ()
    assert answer.barriers


@pytest.mark.parametrize("segment", [Segment.B, Segment.C])
def test_2b_and_2c_are_held_softly_and_never_closed_by_protocol(segment: Segment) -> None:
    rules = RedirectRules(
        protocols=(
            Protocol(
                name="injuries",
                types=(T.MINOR_INJURY_UNIT,),
                complaints=("minor_injury",),
                switched_on_by="Medical director",
            ),
        )
    )
    patient = a_patient(has_transport=True)
    answer = ask(EVERY_TYPE, patient, a_situation(Category.C2, segment=segment), rules)
    assert answer.course is Course.SOFT_HOLD
    assert answer.offers
    assert all(offer.protocol is None for offer in answer.offers)


def test_a_switched_on_protocol_may_close_a_c3() -> None:
    rules = RedirectRules(
        protocols=(
            Protocol(
                name="injuries",
                types=(T.MINOR_INJURY_UNIT,),
                complaints=("minor_injury",),
                switched_on_by="Medical director",
            ),
        )
    )
    answer = ask(EVERY_TYPE, a_patient(has_transport=True), rules=rules)
    by = {offer.service: offer.protocol for offer in answer.offers}
    assert by[ServiceId(T.MINOR_INJURY_UNIT)] == "injuries"
    assert by[ServiceId(T.URGENT_TREATMENT_CENTRE)] is None
    repeat = ask(EVERY_TYPE, a_patient(has_transport=True, earlier_contacts_24h=1), rules=rules)
    assert all(offer.protocol is None for offer in repeat.offers)
    assert "contact 2 within 24 h" in repeat.cautions[0]
    unsure = ask(EVERY_TYPE, a_patient(), rules=rules)
    assert all(offer.protocol is None for offer in unsure.offers)
    quiet = ask(
        EVERY_TYPE, a_patient(has_transport=True), a_situation(shadow_price=0.0), rules=rules
    )
    assert all(offer.protocol is None and not offer.is_worth_it for offer in quiet.offers)


def test_a_red_flag_means_an_ambulance_with_its_reason() -> None:
    answer = ask(EVERY_TYPE, a_patient("fall", red_flags=("syncope",)))
    assert answer.course is Course.AMBULANCE
    assert [reason.code for reason in answer.barriers] == ["syncope"]


def test_a_complaint_without_a_pathway_is_an_ambulance() -> None:
    rules = RedirectRules()
    policy = RedirectRanked(ServiceIndex(EVERY_TYPE), rules=rules, pathways=())
    capacities = Capacities(policy.index)
    answer = policy.redirect(a_patient(), a_situation(), capacities)
    assert answer.course is Course.AMBULANCE
    assert answer.barriers[0].code == "no_pathway"
    held = policy.redirect(a_patient(), a_situation(Category.C2, segment=Segment.C), capacities)
    assert held.course is Course.SOFT_HOLD


def test_a_c5_without_a_service_is_rung_back_and_a_c3_gets_an_ambulance() -> None:
    assert ask([], a_patient(), a_situation(Category.C5)).course is Course.CALL_BACK
    assert ask([], a_patient(), a_situation(Category.C3)).course is Course.AMBULANCE


def test_age_in_days_is_kept_to_the_day() -> None:
    unit = a_service(T.MINOR_INJURY_UNIT, ages=(AgeRange(730, 6574),))
    for days, able in ((729, False), (730, True), (6574, True), (6575, False)):
        answer = ask([unit], a_patient(years=None, age_days=days))
        assert (offered(answer) != []) == able
    answer = ask([unit], a_patient(years=None, age_days=729))
    assert answer.refused[0].why == "takes patients of 730 to 6574 days, the patient has 729"


def test_ages_may_have_a_gap() -> None:
    unit = a_service(T.MINOR_INJURY_UNIT, ages=(AgeRange(0, 364), AgeRange(6575)))
    assert offered(ask([unit], a_patient(years=None, age_days=100)))
    assert not offered(ask([unit], a_patient(years=10)))


def test_an_unknown_age_fits_only_a_service_for_all_ages() -> None:
    some = a_service(T.MINOR_INJURY_UNIT)
    every = a_service(T.URGENT_TREATMENT_CENTRE)
    answer = ask([some, every], a_patient(years=None))
    assert offered(answer) == [T.URGENT_TREATMENT_CENTRE]
    assert refused(answer) == {T.MINOR_INJURY_UNIT: "age_unknown"}


def test_sex_frailty_and_exclusions_are_conditions() -> None:
    women = a_service(T.MINOR_INJURY_UNIT, "W", sexes=(Sex.FEMALE,))
    frail = a_service(T.MINOR_INJURY_UNIT, "F", frailty_min=4)
    sober = a_service(T.MINOR_INJURY_UNIT, "S", exclusions=("uses_alcohol_or_drugs",))
    services = [women, frail, sober]
    patient = a_patient(sex=Sex.MALE, frailty_cfs=2, findings=("uses_alcohol_or_drugs",))
    assert refused(ask(services, patient)) == {"W": "sex", "F": "frailty", "S": "excluded"}
    assert refused(ask(services, a_patient())) == {"W": "sex", "F": "frailty_unknown"}
    fitting = a_patient(sex=Sex.FEMALE, frailty_cfs=5)
    assert offered(ask(services, fitting)) == ["F", "S", "W"]


def test_own_inclusions_replace_those_of_the_type() -> None:
    eyes = a_service(T.GP, "EYES", complaints=("eye_problem",))
    assert offered(ask([eyes], a_patient("eye_problem"))) == ["EYES"]
    assert refused(ask([eyes], a_patient("sore_throat"))) == {"EYES": "complaint"}
    odd = a_service(T.HOSPICE, "ODD", complaints=("eye_problem",), referrers=tuple(Referrer))
    assert offered(ask([odd], a_patient("eye_problem"))) == ["ODD"]


def test_symptom_codes_match_with_or_without_discriminator() -> None:
    exact = a_service(T.MINOR_INJURY_UNIT, "EXACT", symptoms=(SymptomCode(1110, 4003),))
    group = a_service(T.MINOR_INJURY_UNIT, "GROUP", symptoms=(SymptomCode(1110),))
    other = a_service(T.MINOR_INJURY_UNIT, "OTHER", symptoms=(SymptomCode(1203, 4003),))
    services = [exact, group, other]
    coded = a_patient(symptom_group=1110, symptom_discriminator=4003)
    assert offered(ask(services, coded)) == ["EXACT", "GROUP"]
    assert refused(ask(services, coded)) == {"OTHER": "complaint"}
    only_group = a_patient(symptom_group=1110)
    assert offered(ask(services, only_group)) == ["GROUP"]
    uncoded = a_patient()
    assert offered(ask(services, uncoded)) == ["EXACT", "GROUP", "OTHER"]


def test_dispositions_are_kept_when_both_sides_have_them() -> None:
    unit = a_service(T.MINOR_INJURY_UNIT, dispositions=("Dx05",))
    assert offered(ask([unit], a_patient(disposition="Dx05")))
    assert offered(ask([unit], a_patient()))
    assert refused(ask([unit], a_patient(disposition="Dx06"))) == {unit.id: "disposition"}


def test_trust_catchment_and_activity_are_conditions() -> None:
    east = shapely.box(-1.28, 50.6, -1.0, 50.8).wkb_hex
    west = shapely.box(-1.5, 50.6, -1.28, 50.8).wkb_hex
    services = [
        a_service(T.MINOR_INJURY_UNIT, "EAST", polygon_wkb_hex=east),
        a_service(T.MINOR_INJURY_UNIT, "WEST", polygon_wkb_hex=west),
        a_service(T.MINOR_INJURY_UNIT, "NEAR", radius_m=300.0),
        a_service(T.MINOR_INJURY_UNIT, "WIDE", radius_m=3000.0),
        a_service(T.MINOR_INJURY_UNIT, "OFF", is_active=False),
        a_service(T.MINOR_INJURY_UNIT, "LONDON", trusts=(TrustCode("RRU"),)),
    ]
    answer = ask(services, a_patient(), a_situation(trust=TrustCode("R1F")))
    assert offered(answer) == ["WEST", "WIDE"]
    assert refused(answer) == {
        "EAST": "catchment",
        "NEAR": "catchment",
        "OFF": "inactive",
        "LONDON": "trust",
    }
    in_london = ask(services, a_patient(), a_situation(trust=TrustCode("RRU")))
    assert "LONDON" in offered(in_london)


def test_a_closed_service_says_when_it_opens() -> None:
    unit = a_service(T.MINOR_INJURY_UNIT, hours="Mon-Fri 08:00-20:00")
    answer = ask([unit], a_patient(), a_situation(now_ms=at("2026-11-24T20:00")))
    assert answer.refused[0].code == "closed"
    assert answer.refused[0].why == "closed, opens at 08:00 in 12.0 h"
    never = a_service(T.MINOR_INJURY_UNIT, hours="closed")
    assert ask([never], a_patient()).refused[0].why == "closed, and no opening is known"


def test_a_service_must_be_open_long_enough_to_get_there() -> None:
    # About 7 km as the crow flies: 14 minutes by the rule of thumb.
    unit = a_service(
        T.MINOR_INJURY_UNIT, hours="daily 08:00-20:00", at=LonLat(NEWPORT.lon + 0.1, NEWPORT.lat)
    )
    early = ask([unit], a_patient(), a_situation(now_ms=at("2026-11-24T19:30")))
    assert offered(early) == [unit.id]
    assert early.offers[0].closes_at_ms == at("2026-11-24T20:00")
    late = ask([unit], a_patient(), a_situation(now_ms=at("2026-11-24T19:50")))
    assert refused(late) == {unit.id: "closes_too_soon"}
    assert late.refused[0].why == "closes at 20:00, 14 min away"
    careful = RedirectRules(arrive_before_close_min=30)
    answer = ask([unit], a_patient(), a_situation(now_ms=at("2026-11-24T19:30")), careful)
    assert refused(answer) == {unit.id: "closes_too_soon"}


def test_reach_is_a_limit_on_travel() -> None:
    at_7_km = LonLat(NEWPORT.lon + 0.1, NEWPORT.lat)
    near = a_service(T.MINOR_INJURY_UNIT, "NEAR", at=at_7_km, reach_min=15)
    far = a_service(T.MINOR_INJURY_UNIT, "FAR", at=at_7_km, reach_min=13)
    abroad = a_service(T.MINOR_INJURY_UNIT, "ABROAD", at=LonLat(2.35, 48.85))
    answer = ask([near, far, abroad], a_patient())
    assert offered(answer) == ["NEAR"]
    assert {r.service: r.why for r in answer.refused} == {
        "FAR": "14 min away, limit 13 min",
        "ABROAD": "further than 40 min away",
    }


def test_capacity_hides_lowers_and_resets_by_itself() -> None:
    one = a_service(T.MINOR_INJURY_UNIT, "A")
    two = a_service(T.MINOR_INJURY_UNIT, "B")
    red = capacity_report(one, CapacityLevel.RED, TUESDAY_NOON)
    assert red.resets_at_ms is not None
    assert refused(ask([one, two], a_patient(), reports=(red,))) == {"A": "full"}
    before = a_situation(now_ms=red.resets_at_ms - 1)
    after = a_situation(now_ms=red.resets_at_ms)
    assert offered(ask([one, two], a_patient(), before, reports=(red,))) == ["B"]
    assert offered(ask([one, two], a_patient(), after, reports=(red,))) == ["A", "B"]
    amber = capacity_report(one, CapacityLevel.AMBER, TUESDAY_NOON)
    answer = ask([one, two], a_patient(), reports=(amber,))
    assert offered(answer) == ["B", "A"]
    assert answer.offers[1].is_amber
    lasting = CapacityReport(service=one.id, level=CapacityLevel.RED, reported_at_ms=TUESDAY_NOON)
    much_later = a_situation(now_ms=TUESDAY_NOON + 86_400_000)
    assert offered(ask([one], a_patient(), much_later, reports=(lasting,))) == []


def test_a_report_about_an_unknown_service_is_refused() -> None:
    report = CapacityReport(service=ServiceId("X"), level=CapacityLevel.RED, reported_at_ms=0)
    with pytest.raises(ValueError, match="service of the directory, was 'X'"):
        ask([], a_patient(), reports=(report,))


def test_some_services_want_to_hear_a_clinician() -> None:
    unit = a_service(T.SAME_DAY_EMERGENCY_CARE)
    patient = a_patient("cellulitis")
    assert refused(ask([unit], patient)) == {unit.id: "referrer"}
    for who in (Referrer.CLINICIAN, Referrer.CREW):
        assert offered(ask([unit], patient, a_situation(asked_by=who))) == [unit.id]


def test_who_cannot_travel_is_sent_nowhere_unless_a_crew_takes_them() -> None:
    unit = a_service(T.MINOR_INJURY_UNIT)
    lying = a_patient(mobility=Mobility.STRETCHER)
    assert refused(ask([unit], lying)) == {unit.id: "cannot_travel"}
    crew = a_situation(asked_by=Referrer.CREW)
    assert offered(ask([unit], lying, crew)) == [unit.id]


def test_without_transport_a_journey_costs_more_and_unknown_is_asked() -> None:
    unit = a_service(T.MINOR_INJURY_UNIT)
    has = ask([unit], a_patient(has_transport=True)).offers[0]
    has_not = ask([unit], a_patient(has_transport=False)).offers[0]
    unknown = ask([unit], a_patient()).offers[0]
    assert has_not.cost > has.cost == unknown.cost
    assert unknown.ask == ("Can the patient get there?",)


def test_a_booked_slot_is_offered_or_the_service_refused() -> None:
    unit = a_service(T.URGENT_TREATMENT_CENTRE, books_slots=True, methods=(ReferralMethod.BARS,))

    def slot(name: str, minutes: int, free: int = 1) -> Slot:
        start = TUESDAY_NOON + minutes * MINUTE
        return Slot(
            id=name, service=unit.id, starts_at_ms=start, ends_at_ms=start + 900_000, free=free
        )

    slots = {
        unit.id: (slot("late", 90), slot("full", 30, free=0), slot("gone", -30), slot("b", 60))
    }
    offer = ask([unit], a_patient(), slots=slots).offers[0]
    assert offer.slot is not None
    assert offer.slot.id == "b"
    assert offer.care_at_ms == TUESDAY_NOON + 60 * MINUTE
    none = ask([unit], a_patient(), slots={unit.id: (slot("tomorrow", 1440),)})
    assert refused(none) == {unit.id: "no_slot"}
    walk_in = a_service(
        T.URGENT_TREATMENT_CENTRE, books_slots=True, methods=(ReferralMethod.WALK_IN,)
    )
    assert ask([walk_in], a_patient(), slots={walk_in.id: ()}).offers[0].slot is None
    assert ask([unit], a_patient()).offers[0].slot is None


def test_an_early_slot_beats_a_nearer_queue() -> None:
    queue = a_service(T.URGENT_TREATMENT_CENTRE, "A-QUEUE", respond_min=120)
    books = a_service(
        T.URGENT_TREATMENT_CENTRE,
        "B-BOOKS",
        respond_min=240,
        books_slots=True,
        methods=(ReferralMethod.BARS,),
    )
    start = TUESDAY_NOON + 30 * MINUTE
    slots = {books.id: (Slot(id="s", service=books.id, starts_at_ms=start, ends_at_ms=start + 1),)}
    assert offered(ask([queue, books], a_patient(), slots=slots)) == ["B-BOOKS", "A-QUEUE"]


def test_the_fail_safe_is_the_earlier_of_confirmation_and_breach() -> None:
    unit = a_service(T.MINOR_INJURY_UNIT)
    offer = ask([unit], a_patient()).offers[0]
    assert offer.fail_safe_at_ms == TUESDAY_NOON + 15 * MINUTE
    urgent = a_situation(breach_at_ms=TUESDAY_NOON + 4 * MINUTE)
    assert ask([unit], a_patient(), urgent).offers[0].fail_safe_at_ms == urgent.breach_at_ms
    overdue = a_situation(breach_at_ms=TUESDAY_NOON - 1)
    assert ask([unit], a_patient(), overdue).offers[0].fail_safe_at_ms == TUESDAY_NOON


def test_a_known_plan_brings_the_case_manager_first() -> None:
    manager = a_service(T.CASE_MANAGER, "CM1")
    other = a_service(T.CASE_MANAGER, "CM2")
    line = a_service(T.MENTAL_HEALTH_LINE)
    services = [manager, other, line]
    plain = ask(services, a_patient("suicidal_thoughts"))
    assert offered(plain) == [line.id]
    assert refused(plain) == {"CM1": "not_known_there", "CM2": "not_known_there"}
    known = a_patient("suicidal_thoughts", case_manager="CM1", has_care_plan=True)
    answer = ask(services, known)
    assert offered(answer) == ["CM1", line.id]
    assert ("own plan", -60.0) in [(t.name, t.value) for t in answer.offers[0].terms]


def test_a_patient_is_sent_to_their_own_practice() -> None:
    mine, other = a_service(T.GP, "MINE"), a_service(T.GP, "OTHER")
    registered = a_patient("sore_throat", gp="MINE")
    assert offered(ask([mine, other], registered)) == ["MINE"]
    assert offered(ask([mine, other], a_patient("sore_throat"))) == ["MINE", "OTHER"]
    elsewhere = a_patient("sore_throat", gp="NOT-IN-DIRECTORY")
    assert offered(ask([mine, other], elsewhere)) == ["MINE", "OTHER"]


def test_a_telephone_service_needs_no_place() -> None:
    line = a_service(T.MENTAL_HEALTH_LINE, at=None)
    answer = ask([line], a_patient("anxiety_or_low_mood"))
    assert offered(answer) == [line.id]
    assert answer.offers[0].travel_s == 0
    assert answer.degraded == ()


def test_refusals_are_the_nearest_and_the_others_are_counted() -> None:
    services = [
        a_service(
            T.MINOR_INJURY_UNIT,
            f"M{i:02d}",
            at=LonLat(NEWPORT.lon + i / 1000, NEWPORT.lat),
            hours="closed",
        )
        for i in range(30)
    ]
    answer = ask(
        [*services, a_service(T.HOSPICE)], a_patient(), rules=RedirectRules(refusals_max=3)
    )
    assert [r.service for r in answer.refused] == ["M00", "M01", "M02"]
    assert answer.others == {"closed": 27, "not_for_type": 1}


def test_ties_are_settled_by_id_whatever_the_order_of_the_directory() -> None:
    services = [a_service(T.MINOR_INJURY_UNIT, f"M{i:02d}") for i in range(40)]
    one = ask(services, a_patient())
    other = ask(services[::-1], a_patient())
    assert offered(one) == offered(other) == [f"M{i:02d}" for i in range(8)]


def test_an_id_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="each service id once"):
        ServiceIndex([a_service(T.GP, "X"), a_service(T.GP, "X")])


def test_the_unrolled_hours_agree_with_the_hours_themselves() -> None:
    texts = ["daily 22:00-06:00", "24/7", "Mon-Fri 08:00-20:00", "closed", "Sun 00:00-24:00"]
    services = [a_service(T.GP, f"S{i}", hours=text) for i, text in enumerate(texts)]
    index = ServiceIndex(services)
    for now_ms in range(at("2026-10-20T00:00"), at("2026-11-05T00:00"), 17 * 3_600_000 + 77_777):
        closing = index.closing_ms(now_ms)
        for row in range(len(index)):
            hours = index.hours(row)
            assert (closing[row] > now_ms) == hours.is_open(now_ms)
            closes = hours.closes_at_ms(now_ms)
            if closes is not None and closes < now_ms + 86_400_000:
                assert closing[row] == closes


def test_an_answer_survives_json() -> None:
    answer = ask(EVERY_TYPE, a_patient("fall", findings=("cannot_get_up",)))
    assert msgspec.json.decode(msgspec.json.encode(answer), type=Redirection) == answer


class _TwoRoads:
    """Everything is ten minutes away, but what lies north is thirty; the sea has no road."""

    version = "two-roads"

    def snap(self, at: LonLat) -> int:
        from dispatch.domain.travel import OffNetworkError

        if at.lat < 50.0:
            raise OffNetworkError(at, 999.0, 100.0)
        return 1 if at.lat > NEWPORT.lat + 0.05 else 0

    def from_one_ms(self, _origin, destinations, _mode, _now_ms):  # type: ignore[no-untyped-def]
        return np.where(destinations == 1, 1_800_000, 600_000)

    def to_one_ms(self, origins, _destination, _mode, _now_ms):  # type: ignore[no-untyped-def]
        return np.where(origins == 1, 2**30 - 1, 660_000)


def roads(services):  # type: ignore[no-untyped-def]
    index = ServiceIndex(services)
    return RedirectRanked(index, ServiceJourneys(index, _TwoRoads())), Capacities(index)


def test_journeys_come_from_the_roads_in_the_right_direction() -> None:
    north = LonLat(NEWPORT.lon, NEWPORT.lat + 0.06)
    services = [
        a_service(T.MINOR_INJURY_UNIT, "NORTH", at=north),
        a_service(T.MINOR_INJURY_UNIT, "HERE"),
        a_service(T.MINOR_INJURY_UNIT, "SHORT", at=north, reach_min=20),
    ]
    policy, capacities = roads(services)
    answer = policy.redirect(a_patient(), a_situation(), capacities)
    assert [(o.service, o.travel_s) for o in answer.offers] == [("HERE", 600), ("NORTH", 1800)]
    assert refused(answer) == {"SHORT": "out_of_reach"}
    assert answer.degraded == ()
    team = [a_service(T.FALLS_RESPONSE_1, "N", at=north), a_service(T.FALLS_RESPONSE_1, "H")]
    policy, capacities = roads(team)
    answer = policy.redirect(a_patient("fall"), a_situation(), capacities)
    assert [(o.service, o.travel_s) for o in answer.offers] == [("H", 660)]
    assert answer.refused[0].why == "no way there by road"


def test_off_the_roads_the_rule_of_thumb_is_used_and_said() -> None:
    policy, capacities = roads([a_service(T.MINOR_INJURY_UNIT)])
    sea = LonLat(NEWPORT.lon, 49.99)
    near_sea = a_service(T.MINOR_INJURY_UNIT, at=LonLat(NEWPORT.lon, 49.98))
    answer = policy.redirect(a_patient(), a_situation(at=sea), capacities)
    assert answer.course is Course.AMBULANCE
    policy, capacities = roads([near_sea])
    answer = policy.redirect(a_patient(), a_situation(at=sea), capacities)
    assert offered(answer) == [near_sea.id]
    assert answer.degraded == ("travel times estimated without roads",)
    on_land = policy.redirect(a_patient(), a_situation(at=LonLat(NEWPORT.lon, 50.01)), capacities)
    assert on_land.degraded == ("travel times estimated without roads",)
    assert policy.journeys.version == "two-roads"


def test_the_baseline_redirects_nobody() -> None:
    rules = RedirectRules()
    assert redirect_none(a_patient(), a_situation(), rules).course is Course.AMBULANCE
    held = a_situation(Category.C2, segment=Segment.B)
    assert redirect_none(a_patient(), held, rules).course is Course.SOFT_HOLD
    flagged = a_patient(red_flags=("chest_pain",))
    answer = redirect_none(flagged, held, rules)
    assert answer.course is Course.AMBULANCE
    assert answer.barriers[0].code == "chest_pain"


def test_a_protocol_needs_a_name_a_person_and_a_low_category() -> None:
    with pytest.raises(ValueError, match="person who switched it on"):
        Protocol(name="p", types=(), complaints=())
    with pytest.raises(ValueError, match="rank_min of 3 or more"):
        Protocol(name="p", types=(), complaints=(), rank_min=2, switched_on_by="X")


def test_capacity_reports_can_be_carried_to_a_new_directory() -> None:
    one, two = a_service(T.MINOR_INJURY_UNIT, "A"), a_service(T.MINOR_INJURY_UNIT, "B")
    capacities = Capacities(ServiceIndex([two, one]))
    for service, level in ((two, CapacityLevel.RED), (one, CapacityLevel.AMBER)):
        capacities.report(capacity_report(service, level, TUESDAY_NOON))
    assert [report.service for report in capacities.reports] == ["A", "B"]
    anew = Capacities(ServiceIndex([one, two, a_service(T.GP)]))
    for report in capacities.reports:
        anew.report(report)
    assert anew.levels_at(TUESDAY_NOON).tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    "changes",
    [{"job_min": -1.0}, {"wait_weight": float("nan")}, {"p_serious_max": 2.0}, {"offers_max": 0}],
)
def test_impossible_rules_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Expected"):
        RedirectRules(**changes)  # type: ignore[arg-type]
