from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.wire import instant, seconds, to_ms, wire_form
from dispatch.domain import event as ev
from dispatch.domain.category import Category
from dispatch.domain.ids import UnitId
from dispatch.domain.travel import Position
from dispatch.domain.unit import UnitStatus
from tests.dispatch.builders import NOON, a_unit, an_incident, at


@given(st.integers(min_value=0, max_value=32_000_000_000_000))
def test_an_instant_goes_out_and_comes_back_unchanged(at_ms: int) -> None:
    assert to_ms(datetime.fromisoformat(instant(at_ms))) == at_ms


def test_an_instant_has_milliseconds_and_a_z() -> None:
    assert instant(NOON) == "2026-03-01T12:00:00.000Z"
    assert instant(NOON + 7) == "2026-03-01T12:00:00.007Z"


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    summer = timezone(timedelta(hours=1))
    assert to_ms(datetime(2026, 3, 1, 13, tzinfo=summer)) == NOON
    assert to_ms(datetime(2026, 3, 1, 12, tzinfo=UTC)) == NOON


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="offset from UTC"):
        to_ms(datetime(2026, 3, 1, 12))  # noqa: DTZ001 - that is what is tested


def test_seconds_of_nothing_are_nothing() -> None:
    assert (seconds(None), seconds(1_500)) == (None, 1.5)


def test_an_event_names_its_place_and_instants() -> None:
    assert wire_form(an_incident("i", Category.C1, minutes=2)) == {
        "type": "IncidentReported",
        "incident": "i",
        "trust": "R1F",
        "lat": 0.0,
        "lon": 0.002,
        "category": "C1",
        "connected_at": "2026-03-01T12:00:00.000Z",
        "coded_at": "2026-03-01T12:00:00.000Z",
    }


def test_what_is_not_known_is_left_out() -> None:
    event = ev.UnitStatusReported(unit=UnitId("A1"), status=UnitStatus.MOBILE, reported_at_ms=NOON)
    assert wire_form(event) == {
        "type": "UnitStatusReported",
        "unit": "A1",
        "status": "MOBILE",
        "reported_at": "2026-03-01T12:00:00.000Z",
    }


def test_nested_things_are_translated_too() -> None:
    event = ev.UnitSignedOn(unit=a_unit("A1"), at=at(1), until_ms=NOON)
    form = wire_form(event)
    assert form["unit"]["skill"] == "PARAMEDIC"
    assert form["until"] == "2026-03-01T12:00:00.000Z"
    json.dumps(form)


class BayFreed(msgspec.Struct, tag=True):
    """A kind of event that the wire was never told of."""

    hospital: str
    freed_at_ms: int
    turnaround_ms: int
    origin: Position


def test_a_new_kind_of_event_has_its_form_by_the_names_of_its_fields() -> None:
    assert wire_form(BayFreed("h", NOON, 90_000, Position(7))) == {
        "type": "BayFreed",
        "hospital": "h",
        "freed_at": "2026-03-01T12:00:00.000Z",
        "turnaround_s": 90.0,
    }
