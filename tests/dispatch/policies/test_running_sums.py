"""Running sums always say what adding up anew says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.handover import HandoverKind, HandoverRules, Visit, VisitId, lost_ms
from dispatch.domain.ids import HospitalId, TrustCode, UnitId
from dispatch.policies.running_sums import (
    EndedVisits,
    HospitalLoss,
    Response,
    ResponseSums,
    ended_visits,
    hospital_loss,
    overlap,
)
from dispatch.state.rows_hospital import HospitalDesk, VisitRow

MINUTE = 60_000
RULES = HandoverRules()


def test_what_has_gone_from_the_front_is_counted_and_any_other_change_is_noticed() -> None:
    one, two, three, four = (1,), (2,), (3,), (4,)
    assert overlap((one, two), (one, two, three)) == 0
    assert overlap((one, two, three), (two, three, four)) == 1
    assert overlap((one, two), (one, four, two)) is None
    assert overlap((one, two), (three, four)) is None
    assert overlap((), (one,)) is None
    assert overlap((one,), ()) is None


responses = st.tuples(st.integers(0, 50), st.integers(1, 3), st.integers(0, 10**6))


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Response, ...]]:
    """Return what is remembered at successive looks: additions, late reports, losses, undoings."""
    known: list[Response] = []
    looks: list[tuple[Response, ...]] = []
    for _ in range(draw(st.integers(1, 8))):
        known += draw(st.lists(responses, max_size=4))
        known.sort(key=lambda response: response[0])
        change = draw(st.sampled_from(["nothing", "front", "front", "middle", "end"]))
        if known and change == "front":
            known = known[draw(st.integers(0, len(known))) :]
        elif known and change == "middle":
            del known[draw(st.integers(0, len(known) - 1))]
        elif known and change == "end":
            known.pop()
        looks.append(tuple(known))
    return looks


@given(histories(), st.integers(-1, 51))
def test_a_mean_response_is_that_of_adding_up_anew(
    looks: list[tuple[Response, ...]], after_ms: int
) -> None:
    sums = ResponseSums()
    for remembered in looks:
        sums.take(remembered)
        for rank in (1, 2):
            taken = [ms for at, of_rank, ms in remembered if of_rank == rank and at > after_ms]
            assert sums.mean_ms(rank, after_ms) == (sum(taken) / len(taken) if taken else None)


def a_done_visit(number: int, arrived: int, handover_min: int, trust: str) -> Visit:
    over = (arrived + handover_min) * MINUTE
    return Visit(
        id=VisitId(f"H-{number}"),
        hospital=HospitalId("H"),
        unit=UnitId("A1"),
        arrived_at_ms=arrived * MINUTE,
        trust=TrustCode(trust),
        handed_over_at_ms=over,
        kind=HandoverKind.FULL,
        cleared_at_ms=over + 10 * MINUTE,
    )


visits = st.builds(
    a_done_visit,
    st.integers(0, 10**6),
    st.integers(0, 300),
    st.integers(0, 120),
    st.sampled_from(["RYE", "RYF"]),
)


@given(
    st.lists(visits, max_size=12, unique_by=lambda visit: visit.id),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=5),
    st.sampled_from([0, 60 * MINUTE, 200 * MINUTE]),
)
def test_time_lost_in_ended_visits_is_that_of_adding_up_anew(
    done: list[Visit], windows: list[tuple[int, int]], midnight_ms: int
) -> None:
    known: EndedVisits | None = None
    for first, last in windows:
        now = tuple(done[first:last])
        known = ended_visits(known, now, midnight_ms, RULES)
        anew: dict[TrustCode | None, int] = {}
        for visit in now:
            ms = lost_ms(visit, midnight_ms, visit.cleared_at_ms or 0, RULES)
            anew[visit.trust] = anew.get(visit.trust, 0) + ms
        assert {t: ms for t, ms in known.lost_ms.items() if ms} == {
            t: ms for t, ms in anew.items() if ms
        }


def a_visit_that_goes_on(number: int, arrived: int, free_min: int | None, trust: str) -> Visit:
    free_ms = None if free_min is None else (arrived + free_min) * MINUTE
    return Visit(
        id=VisitId(f"G-{number}"),
        hospital=HospitalId("H"),
        unit=UnitId("A1"),
        arrived_at_ms=arrived * MINUTE,
        trust=TrustCode(trust),
        handed_over_at_ms=free_ms,
    )


going_on = st.builds(
    a_visit_that_goes_on,
    st.integers(0, 10**6),
    st.integers(0, 300),
    st.one_of(st.none(), st.integers(0, 120)),
    st.sampled_from(["RYE", "RYF"]),
)


@given(
    st.lists(visits, max_size=4),
    st.lists(going_on, max_size=6),
    st.sampled_from([0, 60 * MINUTE, 200 * MINUTE]),
    st.lists(st.integers(300, 600), min_size=1, max_size=4),
)
def test_time_lost_at_a_hospital_is_that_of_adding_up_every_visit(
    done: list[Visit], rows: list[Visit], midnight_ms: int, minutes: list[int]
) -> None:
    desk = HospitalDesk(
        done=tuple(done), rows=tuple(VisitRow(visit=visit, told_to_ms=0) for visit in rows)
    )
    known: HospitalLoss | None = None
    for now in minutes:
        known = hospital_loss(known, desk, midnight_ms, RULES, now * MINUTE)
        lost: dict[TrustCode | None, int] = {}
        known.add_to(lost, now * MINUTE)
        for trust in (TrustCode("RYE"), TrustCode("RYF")):
            anew = sum(
                lost_ms(visit, midnight_ms, visit.cleared_at_ms or now * MINUTE, RULES)
                for visit in (*done, *rows)
                if visit.trust == trust
            )
            assert lost.get(trust, 0) == anew


def test_time_lost_is_summed_anew_after_midnight_and_under_other_rules() -> None:
    done = (a_done_visit(1, 0, 45, "RYE"),)
    known = ended_visits(None, done, 0, RULES)
    assert known.lost_ms == {TrustCode("RYE"): 30 * MINUTE}
    assert ended_visits(known, done, 40 * MINUTE, RULES).lost_ms == {TrustCode("RYE"): 5 * MINUTE}
    strict = HandoverRules(amber_min=10, standard_min=10)
    assert ended_visits(known, done, 0, strict).lost_ms == {TrustCode("RYE"): 35 * MINUTE}
