"""Speeds, hours and times of edges."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.osm_tags import CLASSES
from maps.road_network import Access
from maps.speeds import (
    IMPASSABLE_MS,
    built_up_edges,
    edge_ms,
    hour_class_count,
    hour_class_of,
    load_profile,
)
from tests.maps.builders import a_lattice, edge_between

NIGHT, DAYTIME, PEAK, WEEKEND = range(4)
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def profile():
    return load_profile()


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    drawing = a_lattice(3, 3)
    drawing.ways[0] = (101, [1, 2, 3], {"highway": "primary", "maxspeed": "30 mph"})
    drawing.ways[1] = (102, [4, 5, 6], {"highway": "primary", "maxspeed": "60 mph"})
    drawing.ways[2] = (103, [7, 8, 9], {"highway": "pedestrian"})
    return drawing.network(tmp_path_factory.mktemp("map"))[0]


def ms_of(local: datetime) -> int:
    return int(local.timestamp() * 1000)


def test_every_class_that_maps_are_built_with_has_a_speed(profile):
    assert {entry.name for entry in profile.road_classes} >= set(CLASSES)


def test_every_number_names_its_source(profile):
    for entry in (*profile.road_classes, *profile.hour_classes):
        assert len(entry.source) > 10, entry.name
    assert all(len(entry.blue_light_source) > 10 for entry in profile.road_classes)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        (datetime(2026, 3, 4, 3, 0, tzinfo=LONDON), NIGHT),
        (datetime(2026, 3, 4, 8, 59, tzinfo=LONDON), PEAK),
        (datetime(2026, 3, 4, 9, 0, tzinfo=LONDON), DAYTIME),
        (datetime(2026, 3, 7, 8, 0, tzinfo=LONDON), WEEKEND),
        (datetime(2026, 3, 8, 23, 0, tzinfo=LONDON), NIGHT),
        # On 29 March 2026 summer time begins at 01:00 UTC: 06:30 UTC is then 07:30.
        (datetime(2026, 3, 27, 6, 30, tzinfo=UTC), DAYTIME),
        (datetime(2026, 3, 30, 6, 30, tzinfo=UTC), PEAK),
        # The hour that comes twice on 25 October is night both times.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), NIGHT),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), NIGHT),
    ],
)
def test_the_local_hour_of_the_week_decides(profile, local, expected):
    assert hour_class_of(profile, ms_of(local)) == expected


@given(
    st.integers(0, 4 * 10**9),
    st.sampled_from(["Europe/London", "UTC", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_the_hour_class_is_that_of_the_calendar(now_s, timezone):
    profile = load_profile()
    local = datetime.fromtimestamp(now_s, ZoneInfo(timezone))
    expected = profile.week[local.weekday() * 24 + local.hour]
    assert hour_class_of(profile, now_s * 1000 + 999, timezone) == expected


def test_hour_classes_cover_the_week(profile):
    assert len(profile.week) == 168
    assert set(profile.week) == set(range(hour_class_count(profile)))


def test_times_are_length_over_speed(profile, network):
    edge = edge_between(network, (0, 0), (1, 0))
    primary = next(entry for entry in profile.road_classes if entry.name == "primary")
    free_kmh = min(48 * primary.posted_share, primary.posted_max_kmh)
    night = edge_ms(network, profile, blue_light=False, hour_class=NIGHT)
    assert night[edge] == round(float(network.length_m[edge]) * 3600 / free_kmh)
    peak = edge_ms(network, profile, blue_light=False, hour_class=PEAK)
    factor = profile.hour_classes[PEAK].built_up_factor
    assert peak[edge] == pytest.approx(night[edge] / factor, abs=1)


def test_blue_lights_save_part_of_the_delay_and_add_their_factor(profile, network):
    edge = edge_between(network, (0, 0), (1, 0))
    primary = next(entry for entry in profile.road_classes if entry.name == "primary")
    night = edge_ms(network, profile, blue_light=False, hour_class=NIGHT)[edge]
    peak_blue = edge_ms(network, profile, blue_light=True, hour_class=PEAK)[edge]
    delay = 1 / profile.hour_classes[PEAK].built_up_factor - 1
    expected = night * (1 + profile.blue_light_delay_share * delay)
    assert peak_blue == pytest.approx(expected / primary.blue_light_built_up_factor, abs=1)


def test_blue_lights_are_never_slower_and_the_peak_is_never_faster(profile, network):
    for hour_class in range(hour_class_count(profile)):
        blue = edge_ms(network, profile, blue_light=True, hour_class=hour_class)
        ordinary = edge_ms(network, profile, blue_light=False, hour_class=hour_class)
        night = edge_ms(network, profile, blue_light=False, hour_class=NIGHT)
        assert (blue <= ordinary).all()
        assert (night <= ordinary).all()


def test_pedestrian_streets_are_for_blue_lights_at_walking_pace(profile, network):
    edge = edge_between(network, (0, 2), (1, 2))
    ordinary = edge_ms(network, profile, blue_light=False, hour_class=PEAK)
    blue = edge_ms(network, profile, blue_light=True, hour_class=PEAK)
    assert ordinary[edge] == IMPASSABLE_MS
    assert blue[edge] == round(float(network.length_m[edge]) * 3600 / 5.0)


def test_no_edge_takes_less_than_a_millisecond(profile, network):
    tiny = replace(network, length_m=np.full_like(network.length_m, 1e-6))
    assert (edge_ms(tiny, profile, blue_light=True, hour_class=NIGHT) == 1).all()


def test_no_passable_edge_reaches_impassable(profile, network):
    endless = replace(network, length_m=np.full_like(network.length_m, 1e12))
    times = edge_ms(endless, profile, blue_light=True, hour_class=NIGHT)
    assert (times == IMPASSABLE_MS - 1).all()


def given_times(network, road_class):
    return replace(
        network,
        classes=(*network.classes, road_class),
        road_class=np.full_like(network.road_class, len(network.classes)),
        fixed_ms=np.full_like(network.fixed_ms, 60_000),
        access=np.full_like(network.access, 3),
        posted_kmh=np.zeros_like(network.posted_kmh),
        built_up=None,
    )


def test_a_ferry_keeps_its_time_whoever_sails_and_whenever(profile, network):
    ferries = given_times(network, "ferry")
    for hour_class in range(hour_class_count(profile)):
        for blue_light in (True, False):
            times = edge_ms(ferries, profile, blue_light=blue_light, hour_class=hour_class)
            assert (times == 60_000).all()


def test_strategic_links_keep_their_time_by_day_and_gain_from_blue_lights(profile, network):
    links = given_times(network, "strategic_rural")
    day = edge_ms(links, profile, blue_light=False, hour_class=DAYTIME)
    night = edge_ms(links, profile, blue_light=False, hour_class=NIGHT)
    blue = edge_ms(links, profile, blue_light=True, hour_class=DAYTIME)
    assert (day == 60_000).all()
    assert (night < day).all()
    assert (blue < day).all()


def test_what_the_builder_saw_decides_only_without_a_signed_limit(profile, network):
    seen = replace(network, built_up=np.ones(network.edge_count, dtype=np.bool_))
    built_up = built_up_edges(seen, profile)
    assert not built_up[edge_between(network, (0, 1), (1, 1))], "60 mph is no town"
    assert built_up[edge_between(network, (0, 2), (1, 2))]
    unseen = replace(network, built_up=None)
    assert built_up_edges(unseen, profile)[edge_between(network, (0, 0), (0, 1))], "residential"


def test_an_unknown_class_is_named(profile, network):
    strange = replace(network, classes=("moonway", *network.classes[1:]))
    with pytest.raises(ValueError, match="was 'moonway'"):
        edge_ms(strange, profile, blue_light=True, hour_class=0)


@pytest.mark.parametrize("hour_class", [-1, 4])
def test_an_unknown_hour_class_is_refused(profile, network, hour_class):
    with pytest.raises(ValueError, match="Expected hour_class in"):
        edge_ms(network, profile, blue_light=True, hour_class=hour_class)


def test_a_profile_of_ones_own_is_loaded_by_path(tmp_path, profile):
    text = default_text().replace('name = "default"', 'name = "our-trust"', 1)
    path = tmp_path / "ours.toml"
    path.write_text(text, encoding="utf-8")
    ours = load_profile(str(path))
    assert ours.name == "our-trust"
    assert ours.week == profile.week


def default_text() -> str:
    from importlib import resources

    return (resources.files("maps") / "data" / "profiles" / "default.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "built_up_kmh = 80.0",
            "built_up_kmh = 0.0",
            "a positive built_up_kmh .* 'motorway', was 0",
        ),
        ("built_up_kmh = 80.0", "built_up_kmh = inf", "a positive built_up_kmh"),
        ("built_up_kmh = 80.0", 'built_up_kmh = "fast"', "float"),
        ("built_up_kmh = 80.0", "", "built_up_kmh"),
        ("built_up_kmh = 80.0", "built_up_kmh = 80.0\nwarp = 9", "warp"),
        ("hours = [7, 8, 16, 17]", "hours = [7, 8, 16]", "none for weekday 1 hour 17"),
        ("hours = [7, 8, 16, 17]", "hours = [7, 8, 16, 17, 18]", "weekday 1 hour 18 in one hour"),
        ("hours = [7, 8, 16, 17]", "hours = [7, 8, 16, 17, 24]", "hours 0 to 23"),
        ("blue_light_delay_share = 0.5", "blue_light_delay_share = 2.0", r"in \[0, 1\], was 2"),
        ('fixed_time_hour_class = "daytime"', 'fixed_time_hour_class = "noon"', "was 'noon'"),
        ('name = "default"', 'name = "x"\nweek = [1]', "no 'week' entry"),
        ('name = "default"', "name = ", "Expected a speed profile in"),
    ],
)
def test_a_bad_profile_names_file_and_entry(tmp_path, old, new, expected):
    text = default_text()
    assert old in text
    path = tmp_path / "bad.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=expected) as caught:
        load_profile(str(path))
    assert "bad.toml" in str(caught.value)


def test_an_unknown_profile_is_named():
    with pytest.raises(ValueError, match="was 'warp-nine'"):
        load_profile("warp-nine")


def test_a_long_week_of_queries_agrees_with_itself(profile):
    start = datetime(2026, 3, 23, tzinfo=UTC)
    classes = [
        hour_class_of(profile, ms_of(start + timedelta(minutes=10 * step))) for step in range(2016)
    ]
    assert math.isclose(classes.count(PEAK) / 2016, 20 / 168, rel_tol=0.01)


def test_both_accesses_are_told_apart(profile, network):
    blue_only = replace(network, access=np.full_like(network.access, int(Access.BLUE_LIGHT)))
    assert (edge_ms(blue_only, profile, blue_light=False, hour_class=0) == IMPASSABLE_MS).all()
    assert (edge_ms(blue_only, profile, blue_light=True, hour_class=0) < IMPASSABLE_MS).all()
