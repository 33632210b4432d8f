from __future__ import annotations

from typing import Any

import pytest

from dispatch.domain.deflection import (
    Deflection,
    DeflectionError,
    deflected_to,
    ended,
    next_change_ms,
)
from dispatch.domain.ids import HospitalId
from dispatch.domain.incident import Pathway

HOUR = 3_600_000
A, B, C = HospitalId("A"), HospitalId("B"), HospitalId("C")


def a_deflection(name: str = "D1", **changes: Any) -> Deflection:
    fields: dict[str, Any] = {
        "from_hospital": A,
        "to_hospital": B,
        "starts_at_ms": 0,
        "ends_at_ms": 2 * HOUR,
        "agreed_from": "Site manager A",
        "agreed_to": "Site manager B",
        "authorised_by": "Tactical commander",
    }
    return Deflection(id=name, **(fields | changes))


@pytest.mark.parametrize(
    ("now_ms", "to"), [(-1, None), (0, B), (2 * HOUR - 1, B), (2 * HOUR, None)]
)
def test_it_holds_from_start_to_before_its_end(now_ms: int, to: HospitalId | None) -> None:
    assert deflected_to(A, None, [a_deflection()], now_ms) == to
    assert deflected_to(C, None, [a_deflection()], now_ms) is None


@pytest.mark.parametrize("pathway", list(Pathway))
def test_specialist_pathways_are_never_deflected(pathway: Pathway) -> None:
    assert deflected_to(A, pathway, [a_deflection()], HOUR) is None


def test_the_latest_agreement_holds() -> None:
    both = [a_deflection(), a_deflection("D2", to_hospital=C, starts_at_ms=HOUR)]
    assert deflected_to(A, None, both, HOUR - 1) == B
    assert deflected_to(A, None, both, HOUR) == C


def test_it_can_be_ended_early_once() -> None:
    over = ended(a_deflection(), by="Commander", now_ms=HOUR)
    assert not over.is_active(HOUR)
    assert over.is_active(HOUR - 1)
    with pytest.raises(DeflectionError, match="was ended"):
        ended(over, by="Commander", now_ms=HOUR)
    with pytest.raises(DeflectionError, match="was ended"):
        ended(a_deflection(), by="Commander", now_ms=2 * HOUR)
    with pytest.raises(DeflectionError, match="was nobody"):
        ended(a_deflection(), by="", now_ms=HOUR)
    early = ended(a_deflection(starts_at_ms=HOUR), by="Commander", now_ms=0)
    assert not early.is_active(HOUR)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"to_hospital": A}, "two hospitals"),
        ({"agreed_from": ""}, "agreed for A"),
        ({"agreed_to": " "}, "agreed for B"),
        ({"authorised_by": ""}, "the ambulance trust"),
        ({"ends_at_ms": 0}, "up to 4 h"),
        ({"ends_at_ms": -1}, "up to 4 h"),
        ({"ends_at_ms": 4 * HOUR + 1}, "up to 4 h"),
    ],
)
def test_an_agreement_that_cannot_stand_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(DeflectionError, match=says):
        a_deflection(**changes)


def test_the_next_change_is_a_start_or_an_end() -> None:
    deflections = [a_deflection(starts_at_ms=HOUR), ended(a_deflection("E"), by="C", now_ms=5)]
    assert next_change_ms(deflections, 0) == HOUR
    assert next_change_ms(deflections, HOUR) == 2 * HOUR
    assert next_change_ms(deflections, 2 * HOUR) is None
