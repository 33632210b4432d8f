"""Times from a matrix, for vehicles at places and between them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.ports import TravelTimes
from maps.geo import LonLat, OffNetworkError
from maps.region import TravelMatrix
from routing.table import TableTimes, at_place
from routing.weights import UNREACHABLE_MS, DriveMode

LIGHTS, ORDINARY = DriveMode.BLUE_LIGHT, DriveMode.ORDINARY


def a_table(times):
    times = np.array(times)
    count = len(times)
    return TableTimes(
        TravelMatrix(
            place_id=tuple(f"p{place}" for place in range(count)),
            lon=-1.0 + 0.1 * np.arange(count),
            lat=np.full(count, 51.0),
            blue_light_ms=times,
            ordinary_ms=np.where(times < UNREACHABLE_MS, times * 2, times),
        ),
        "table",
    )


@st.composite
def tables(draw):
    count = draw(st.integers(2, 5))
    cell = st.one_of(st.integers(1, 10_000), st.just(UNREACHABLE_MS))
    cells = draw(st.lists(cell, min_size=count * count, max_size=count * count))
    return np.array(cells, dtype=np.int32).reshape(count, count)


def test_it_fits_the_protocol_and_gives_the_matrix_at_places():
    times = np.array([[0, 10, 20], [30, 0, 40], [50, 60, 0]])
    table = a_table(times)
    assert isinstance(table, TravelTimes)
    assert table.version == "table"
    places = np.array([table.snap(LonLat(-1.0 + 0.1 * place, 51.0)) for place in range(3)])
    assert places.tolist() == [at_place(place) for place in range(3)]
    assert np.array_equal(table.matrix_ms(places, places, LIGHTS, 0), times)
    assert np.array_equal(table.matrix_ms(places, places, ORDINARY, 0), times * 2)
    assert table.to_one_ms(places, int(places[2]), LIGHTS, 0).tolist() == [20, 40, 0]
    assert table.from_one_ms(int(places[2]), places, LIGHTS, 0).tolist() == [50, 60, 0]
    assert table.pairs_ms(places, places[::-1].copy(), LIGHTS, 0).tolist() == [20, 0, 50]


def test_a_place_is_no_journey_from_itself_whatever_the_matrix_says():
    table = a_table([[7, 10], [10, 7]])
    here = np.array([at_place(0)])
    assert table.matrix_ms(here, here, LIGHTS, 0).tolist() == [[0]]


@settings(deadline=None)
@given(tables(), st.data())
def test_after_part_of_a_journey_never_more_than_the_rest_remains(times, data):
    table = a_table(times)
    place = st.integers(0, len(times) - 1)
    position = at_place(data.draw(place))
    for _ in range(3):
        destination = at_place(data.draw(place))
        total_ms = int(table.to_one_ms(np.array([position]), destination, LIGHTS, 0)[0])
        if total_ms >= UNREACHABLE_MS:
            assert table.after(position, destination, LIGHTS, 0, 10) == position
            continue
        assert table.after(position, destination, LIGHTS, 0, total_ms) == destination
        if total_ms > 0:
            assert table.after(position, destination, LIGHTS, 0, 0) == position
        elapsed_ms = data.draw(st.integers(0, total_ms))
        here = table.after(position, destination, LIGHTS, 0, elapsed_ms)
        remaining = int(table.to_one_ms(np.array([here]), destination, LIGHTS, 0)[0])
        assert remaining <= total_ms - elapsed_ms
        position = here


def test_a_vehicle_between_places_may_go_on_or_turn_back():
    table = a_table([[0, 100, UNREACHABLE_MS], [100, 0, UNREACHABLE_MS], [1, 1, 0]])
    quarter = table.after(at_place(0), at_place(1), LIGHTS, 0, 25)
    ends = np.array([at_place(0), at_place(1)])
    assert table.from_one_ms(quarter, ends, LIGHTS, 0) == pytest.approx([25, 75], abs=1)
    half = table.after(at_place(0), at_place(1), LIGHTS, 0, 50)
    assert table.to_one_ms(np.array([quarter]), half, LIGHTS, 0) == pytest.approx([25], abs=1)
    assert table.to_one_ms(np.array([half]), quarter, LIGHTS, 0) == pytest.approx([25], abs=1)
    returning = table.after(at_place(1), at_place(0), LIGHTS, 0, 60)
    assert table.to_one_ms(np.array([returning]), half, LIGHTS, 0) == pytest.approx([10], abs=1)
    assert table.lonlat(half).lon == pytest.approx(-0.95)
    assert table.lonlat(at_place(1)) == LonLat(-0.9, 51.0)


def test_a_plane_ranks_by_the_crow():
    table = a_table(np.ones((3, 3), dtype=np.int32))
    east, north = table.plane_m(np.array([at_place(0), at_place(1), at_place(2)]))
    assert np.diff(east) == pytest.approx([7_000, 7_000], rel=0.01)
    assert north == pytest.approx([0, 0, 0])


def test_what_lies_far_from_every_place_is_refused():
    with pytest.raises(OffNetworkError, match="within 25000 m"):
        a_table([[0]]).snap(LonLat(1.0, 51.0))


@pytest.mark.parametrize(
    ("times", "complaint"),
    [
        ([[0, -1], [1, 0]], "Expected blue_light_ms of whole ms"),
        ([[0, 2**30], [1, 0]], "Expected blue_light_ms of whole ms"),
        ([[0, 0.5], [1, 0]], "Expected blue_light_ms of whole ms"),
        ([[0, 1, 2], [1, 0, 2]], "Expected blue_light_ms of 2 x 2 places"),
        ([], "Expected 1 to 524287 places"),
    ],
)
def test_a_matrix_that_is_none_is_refused(times, complaint):
    with pytest.raises(ValueError, match=complaint):
        a_table(times)


def test_positions_of_other_tables_are_refused():
    table = a_table([[0, 1], [1, 0]])
    for wrong in (at_place(2), -1):
        with pytest.raises(ValueError, match="Expected positions of a table of 2"):
            table.to_one_ms(np.array([wrong]), at_place(0), LIGHTS, 0)
        with pytest.raises(ValueError, match="Expected positions of a table of 2"):
            table.lonlat(wrong)
    with pytest.raises(ValueError, match="Expected 1 destinations, was 2"):
        table.pairs_ms(np.array([0]), np.array([0, 0]), LIGHTS, 0)
