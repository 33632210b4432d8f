from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.ids import ServiceId
from dispatch.domain.opening_hours import parse_opening_hours
from dispatch.domain.service import (
    AgeRange,
    CapacityLevel,
    CapacityReport,
    Service,
    Slot,
    SlotTakenError,
    SymptomCode,
    booked,
    capacity_report,
    first_slot,
    released,
)
from dispatch.domain.service_type import TYPE_NUMBER, TYPE_RULES, Delivery, ServiceType
from maps.geo import LonLat

T = ServiceType


def a_service(kind: ServiceType = T.MINOR_INJURY_UNIT, **changes: Any) -> Service:
    fields: dict[str, Any] = {"id": ServiceId("S1"), "name": "One", "at": LonLat(-1.3, 50.7)}
    return Service(type=kind, **(fields | changes))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": " "}, "an id and a name"),
        ({"name": ""}, "an id and a name"),
        ({"at": None}, r"coordinates of S1 \(minor_injury_unit\), was none"),
        ({"at": LonLat(200, 50)}, "lon in"),
        ({"complaints": ("sneeze",)}, "known complaints, was 'sneeze'"),
        ({"exclusions": ("sneeze",)}, "known exclusions"),
        ({"complaints": ("fall",), "exclusions": ("fall",)}, "also excluded"),
        ({"dispositions": ("12",)}, "disposition such as Dx012, was '12'"),
        ({"frailty_min": 5, "frailty_max": 4}, "frailty bounds that rise"),
        ({"frailty_min": 0}, "frailty bounds that rise"),
        ({"frailty_max": 10}, "frailty bounds that rise"),
        ({"reach_min": -1}, "reach_min of 0 to 1440"),
        ({"respond_min": 2000}, "respond_min of 0 to 1440"),
        ({"radius_m": 0.0}, "radius_m above 0"),
        ({"radius_m": float("nan")}, "radius_m above 0"),
        ({"polygon_wkb_hex": "00ff"}, "polygon as WKB"),
        ({"polygon_wkb_hex": shapely.Point(0, 0).wkb_hex}, "a polygon, was Point"),
        (
            {"polygon_wkb_hex": shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]).wkb_hex},
            "a valid polygon",
        ),
        ({"ages": (AgeRange(0, 10), AgeRange(10, 20))}, "age ranges that do not overlap"),
    ],
)
def test_an_impossible_service_is_refused_at_the_door(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        a_service(**changes)


def test_a_telephone_service_needs_no_coordinates_but_a_radius_does() -> None:
    assert a_service(T.MENTAL_HEALTH_LINE, at=None).at is None
    with pytest.raises(ValueError, match="coordinates with radius_m"):
        a_service(T.MENTAL_HEALTH_LINE, at=None, radius_m=5.0)


@pytest.mark.parametrize(("low", "high"), [(10, 9), (-1, 5), (0, 47_501)])
def test_a_reversed_or_impossible_age_range_is_refused(low: int, high: int) -> None:
    with pytest.raises(ValueError, match="age range that rises"):
        AgeRange(low, high)


def test_symptom_codes_are_positive() -> None:
    with pytest.raises(ValueError, match="above 0, was 0:None"):
        SymptomCode(0)
    with pytest.raises(ValueError, match="above 0"):
        SymptomCode(5, -1)


def test_every_type_has_a_rule_and_a_number() -> None:
    assert set(TYPE_RULES) == set(ServiceType) == set(TYPE_NUMBER)
    assert {rule.delivery for rule in TYPE_RULES.values()} == set(Delivery)


def test_urgent_community_response_answers_from_eight_to_eight() -> None:
    hours = TYPE_RULES[T.URGENT_COMMUNITY_RESPONSE].hours
    assert hours == parse_opening_hours("daily 08:00-20:00")


def test_gp_and_out_of_hours_share_the_week_without_gap_or_overlap() -> None:
    """Whoever is not at the practice is out of hours, at every hour, bank holidays included."""
    core, beyond = TYPE_RULES[T.GP].hours, TYPE_RULES[T.GP_OUT_OF_HOURS].hours
    from_ms = 1_798_000_000_000 - 1_798_000_000_000 % 1_800_000
    for half_hour in range(48 * 21):
        at_ms = from_ms + half_hour * 1_800_000
        assert core.is_open(at_ms) != beyond.is_open(at_ms)


@pytest.mark.parametrize("level", [CapacityLevel.AMBER, CapacityLevel.RED])
def test_capacity_resets_by_itself_to_the_millisecond(level: CapacityLevel) -> None:
    report = capacity_report(a_service(), level, 1000, by="Nurse", reason="staff")
    resets_ms = 1000 + TYPE_RULES[T.MINOR_INJURY_UNIT].resets_after_min * 60_000
    assert report.level_at(resets_ms - 1) is level
    assert report.level_at(resets_ms) is CapacityLevel.GREEN


def test_green_needs_no_reset_and_a_report_without_one_lasts() -> None:
    assert capacity_report(a_service(), CapacityLevel.GREEN, 5).resets_at_ms is None
    lasting = CapacityReport(service=ServiceId("S"), level=CapacityLevel.RED, reported_at_ms=0)
    assert lasting.level_at(10**15) is CapacityLevel.RED
    with pytest.raises(ValueError, match="a reset after the report"):
        CapacityReport(
            service=ServiceId("S"), level=CapacityLevel.RED, reported_at_ms=9, resets_at_ms=9
        )


def a_slot(name: str, starts_at_ms: int, free: int = 1) -> Slot:
    return Slot(
        id=name,
        service=ServiceId("S"),
        starts_at_ms=starts_at_ms,
        ends_at_ms=starts_at_ms + 900_000,
        free=free,
    )


def test_the_first_slot_with_a_place_that_can_be_reached_is_chosen() -> None:
    slots = [a_slot("C", 30), a_slot("B", 20), a_slot("A", 20), a_slot("D", 15, 0), a_slot("E", 5)]
    found = first_slot(slots, 10)
    assert found is not None
    assert found.id == "A"
    assert first_slot(slots, 31) is None


def test_a_slot_is_booked_until_it_is_full() -> None:
    slot = booked(booked(a_slot("A", 0, 2)))
    assert slot.free == 0
    with pytest.raises(SlotTakenError, match="free place in slot A"):
        booked(slot)
    assert released(slot).free == 1


@pytest.mark.parametrize("changes", [{"ends_at_ms": 0}, {"free": -1}])
def test_impossible_slots_are_refused(changes: dict[str, int]) -> None:
    fields: dict[str, Any] = {"starts_at_ms": 0, "ends_at_ms": 1, "free": 1}
    with pytest.raises(ValueError, match="a slot that ends after"):
        Slot(id="A", service=ServiceId("S"), **(fields | changes))


@given(st.integers(0, 5), st.lists(st.booleans(), max_size=20))
def test_places_are_never_lost_nor_made(places: int, steps: list[bool]) -> None:
    slot, taken = a_slot("A", 0, places), 0
    for takes in steps:
        if takes:
            try:
                slot = booked(slot)
            except SlotTakenError:
                continue
            taken += 1
        elif taken:
            slot = released(slot)
            taken -= 1
        assert slot.free + taken == places
