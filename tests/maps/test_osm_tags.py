"""What tags mean for an ambulance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.osm_tags import (
    CLASSES,
    EVERYONE,
    NOBODY,
    node_access,
    parse_duration_ms,
    parse_maxspeed_kmh,
    parse_metres,
    road_facts,
)
from maps.road_network import Access

BLUE = Access.BLUE_LIGHT


def access_of(**tags: str) -> tuple[Access, Access]:
    facts = road_facts({key.replace("__", ":"): value for key, value in tags.items()})
    return (NOBODY, NOBODY) if facts is None else (facts.forward, facts.backward)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"highway": "residential"}, (EVERYONE, EVERYONE)),
        ({"highway": "residential", "oneway": "yes"}, (EVERYONE, NOBODY)),
        ({"highway": "residential", "oneway": "-1"}, (NOBODY, EVERYONE)),
        ({"highway": "residential", "oneway": "reversible"}, (NOBODY, NOBODY)),
        ({"highway": "residential", "oneway": "alternating"}, (EVERYONE, EVERYONE)),
        ({"highway": "primary", "junction": "roundabout"}, (EVERYONE, NOBODY)),
        ({"highway": "primary", "junction": "circular"}, (EVERYONE, NOBODY)),
        ({"highway": "primary", "junction": "roundabout", "oneway": "no"}, (EVERYONE, EVERYONE)),
        ({"highway": "motorway"}, (EVERYONE, NOBODY)),
        ({"highway": "motorway_link"}, (EVERYONE, NOBODY)),
        ({"highway": "trunk"}, (EVERYONE, EVERYONE)),
        ({"highway": "service", "access": "private"}, (EVERYONE, EVERYONE)),
        ({"highway": "residential", "access": "no"}, (NOBODY, NOBODY)),
        ({"highway": "residential", "access": "no", "emergency": "yes"}, (BLUE, BLUE)),
        ({"highway": "service", "access": "no", "psv": "yes"}, (BLUE, BLUE)),
        ({"highway": "service", "motor_vehicle": "no", "bus": "designated"}, (BLUE, BLUE)),
        ({"highway": "service", "access": "no", "motor_vehicle": "yes"}, (EVERYONE, EVERYONE)),
        ({"highway": "busway"}, (BLUE, BLUE)),
        ({"highway": "service", "service": "emergency_access"}, (BLUE, BLUE)),
        ({"highway": "pedestrian"}, (BLUE, BLUE)),
        ({"highway": "pedestrian", "motor_vehicle": "delivery"}, (BLUE, BLUE)),
        ({"highway": "pedestrian", "access": "no"}, (NOBODY, NOBODY)),
        ({"highway": "pedestrian", "emergency": "no"}, (NOBODY, NOBODY)),
        ({"highway": "footway"}, (NOBODY, NOBODY)),
        ({"highway": "footway", "emergency": "yes"}, (BLUE, BLUE)),
        ({"highway": "bridleway", "motor_vehicle": "permissive"}, (EVERYONE, EVERYONE)),
        ({"highway": "track"}, (NOBODY, NOBODY)),
        ({"highway": "track", "tracktype": "grade1"}, (EVERYONE, EVERYONE)),
        ({"highway": "track", "surface": "asphalt"}, (EVERYONE, EVERYONE)),
        ({"highway": "track", "surface": "asphalt", "motor_vehicle": "no"}, (NOBODY, NOBODY)),
        ({"highway": "steps"}, (NOBODY, NOBODY)),
        ({"highway": "construction"}, (NOBODY, NOBODY)),
        ({"highway": "residential", "maxheight": "2.1"}, (NOBODY, NOBODY)),
        ({"highway": "residential", "maxheight": "14'6\""}, (EVERYONE, EVERYONE)),
        ({"highway": "service", "area": "yes"}, (NOBODY, NOBODY)),
        ({"highway": "residential", "vehicle:backward": "no"}, (EVERYONE, NOBODY)),
    ],
)
def test_access_follows_the_law_and_what_blue_lights_add(tags, expected):
    facts = road_facts(tags)
    found = (NOBODY, NOBODY) if facts is None else (facts.forward, facts.backward)
    assert found == expected


def test_blue_lights_have_no_exemption_from_one_ways():
    assert access_of(highway="residential", oneway="yes") == (EVERYONE, NOBODY)


@pytest.mark.parametrize("key", ["oneway:bus", "oneway:psv", "oneway:emergency"])
def test_a_lane_against_the_stream_lets_blue_lights_in(key):
    facts = road_facts({"highway": "residential", "oneway": "yes", key: "no"})
    assert facts is not None
    assert (facts.forward, facts.backward) == (EVERYONE, BLUE)


def test_a_street_closed_to_motors_is_driven_at_walking_pace():
    facts = road_facts({"highway": "residential", "motor_vehicle": "no"})
    assert facts is not None
    assert (facts.road_class, facts.forward, facts.backward) == ("pedestrian", BLUE, BLUE)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("30 mph", 48),
        ("20mph", 32),
        ("70 mph", 113),
        ("48", 48),
        ("50 km/h", 50),
        ("30 mph;20 mph", 32),
        ("walk", 5),
        ("none", None),
        ("signals", None),
        ("", None),
        ("9999999999 mph", None),
        ("0", None),
    ],
)
def test_limits_are_read_in_their_units(text, kmh):
    assert parse_maxspeed_kmh(text) == kmh


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        ({"maxspeed": "national"}, 97),
        ({"maxspeed": "national", "oneway": "yes"}, 113),
        ({"maxspeed": "national", "junction": "roundabout"}, 97),
        ({"maxspeed:type": "GB:nsl_single"}, 97),
        ({"source:maxspeed": "UK:nsl_dual"}, 113),
        ({"maxspeed:type": "GB_nsl:single"}, 97),
        ({"maxspeed:type": "GB:zone20"}, 32),
        ({"maxspeed:type": "gb:national"}, 97),
        ({"maxspeed:type": "sign"}, 0),
        ({"maxspeed": "40 mph", "maxspeed:type": "GB:nsl_single"}, 64),
        ({}, 0),
    ],
)
def test_national_limits_depend_on_the_carriageway(tags, kmh):
    facts = road_facts({"highway": "primary", **tags})
    assert facts is not None
    assert facts.forward_kmh == kmh


def test_limits_may_differ_by_direction():
    facts = road_facts({"highway": "primary", "maxspeed:forward": "30 mph", "maxspeed": "60 mph"})
    assert facts is not None
    assert (facts.forward_kmh, facts.backward_kmh) == (48, 97)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("35", 35), ("0:30", 30), ("1:00", 60), ("23:30", 1410), ("00:12:30", 12.5), ("PT1H5M", 65),
     ("PT", None), ("", None), ("soon", None), ("0", None), ("999:99", None)],
)  # fmt: skip
def test_durations_are_read_in_their_forms(text, minutes):
    assert parse_duration_ms(text) == (None if minutes is None else minutes * 60_000)


@pytest.mark.parametrize(
    ("text", "metres"),
    [("2.1", 2.1), ("2.1 m", 2.1), ("10'0\"", 3.048), ("7 ft", 2.1336), ("default", None)],
)
def test_heights_are_read_in_metres_and_feet(text, metres):
    assert parse_metres(text) == (None if metres is None else pytest.approx(metres))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, EVERYONE),
        ({"highway": "crossing"}, EVERYONE),
        ({"barrier": "gate"}, EVERYONE),
        ({"barrier": "gate", "access": "no"}, NOBODY),
        ({"barrier": "gate", "access": "private"}, EVERYONE),
        ({"barrier": "lift_gate", "motor_vehicle": "no", "psv": "yes"}, BLUE),
        ({"barrier": "bollard"}, NOBODY),
        ({"barrier": "bollard", "emergency": "yes"}, BLUE),
        ({"barrier": "bollard", "bollard": "rising"}, BLUE),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, EVERYONE),
        ({"barrier": "cattle_grid"}, EVERYONE),
        ({"barrier": "height_restrictor", "maxheight": "2"}, NOBODY),
        ({"barrier": "height_restrictor"}, EVERYONE),
        ({"barrier": "what_is_this"}, NOBODY),
        ({"highway": "bus_gate"}, BLUE),
    ],
)
def test_barriers_stop_whom_they_stop(tags, expected):
    assert node_access(tags) == expected


@pytest.mark.parametrize(
    ("tags", "built_up"),
    [
        ({"lit": "yes"}, True),
        ({"lit": "no"}, False),
        ({"sidewalk": "both"}, True),
        ({"maxspeed:type": "GB:nsl_single", "lit": "yes"}, False),
        ({"maxspeed:type": "GB:urban"}, True),
        ({}, None),
    ],
)
def test_street_lights_and_signs_tell_a_town(tags, built_up):
    facts = road_facts({"highway": "primary", **tags})
    assert facts is not None
    assert facts.built_up is built_up


def test_a_ferry_must_say_that_it_carries_cars():
    assert road_facts({"route": "ferry", "duration": "0:35"}) is None
    facts = road_facts({"route": "ferry", "motorcar": "yes", "duration": "0:35"})
    assert facts is not None
    assert (facts.road_class, facts.duration_ms) == ("ferry", 35 * 60_000)


KEYS = st.sampled_from(
    ["highway", "access", "motor_vehicle", "vehicle", "emergency", "psv", "oneway", "junction",
     "maxspeed", "service", "area", "route", "barrier", "maxheight", "lit", "tracktype", "bollard"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["yes", "no", "private", "residential", "service", "motorway", "track", "pedestrian", "-1",
     "roundabout", "30 mph", "ferry", "gate", "bollard", "2.0", "emergency_access", "grade1"]
) | st.text(max_size=8)  # fmt: skip


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_any_tags_have_a_meaning_in_which_blue_lights_include_ordinary_driving(tags):
    facts = road_facts(tags)
    everywhere = [node_access(tags)]
    if facts is not None:
        assert facts.road_class in CLASSES
        assert facts.forward or facts.backward
        assert 0 <= facts.forward_kmh <= 255
        everywhere += [facts.forward, facts.backward]
    for access in everywhere:
        assert Access.ORDINARY not in access or BLUE in access
