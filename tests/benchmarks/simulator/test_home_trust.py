"""The home trust of a call: the log's word, else the polygon, else the nearest place."""

import dataclasses

import pytest
from shapely.geometry import box

from benchmarks.simulator.home_trust import home_trusts
from maps.facilities import Trust
from tests.benchmarks.towns import a_call, a_log, a_town


def two_trusts(*, drawn=True):
    """Return the town with a border between places 2 and 3."""
    west, east = box(-1.05, 51.5, -0.75, 52.5), box(-0.75, 51.5, -0.35, 52.5)
    town = a_town()
    return dataclasses.replace(
        town,
        trusts=(
            Trust(code="W", name="West", polygon_wkb_hex=west.wkb.hex() if drawn else None),
            Trust(code="E", name="East", polygon_wkb_hex=east.wkb.hex() if drawn else None),
        ),
        demand=type(town.demand)(
            **{
                name: getattr(town.demand, name)
                for name in town.demand.__struct_fields__
                if name != "trust"
            },
            trust=("W",) * 3 + ("E",) * 4,
        ),
    )


def test_one_trust_is_at_home_everywhere():
    assert home_trusts(a_log(a_call(), a_call(place=6)), a_town()) == ["T1", "T1"]


def test_the_polygon_around_the_scene_decides():
    log = a_log(a_call(0, 0), a_call(1, 6), a_call(2, 2))
    assert home_trusts(log, two_trusts()) == ["W", "E", "W"]


def test_outside_every_polygon_the_nearest_place_decides():
    log = a_log(a_call(0, 6.9), a_call(1, -2))
    assert home_trusts(log, two_trusts()) == ["E", "W"]


def test_without_borders_the_nearest_place_decides():
    assert home_trusts(a_log(a_call(0, 2), a_call(1, 3)), two_trusts(drawn=False)) == ["W", "E"]


def test_the_log_knows_better():
    log = a_log(a_call(0, 0, trust="E"), a_call(1, 0))
    assert home_trusts(log, two_trusts()) == ["E", "W"]


def test_a_border_point_belongs_to_the_first_of_both():
    assert home_trusts(a_log(a_call(0, 2.5)), two_trusts()) == ["W"]


def test_a_foreign_trust_is_refused():
    with pytest.raises(ValueError, match=r"region 'town' \(T1\) in the call log, was X9"):
        home_trusts(a_log(a_call(trust="X9")), a_town())
