"""From sources to a region."""

from __future__ import annotations

import numpy as np
import pytest

from maps.assumed import AGED_65_PLUS_SHARE, PEOPLE_PER_RESIDENTIAL_KM
from maps.build import OSM_ATTRIBUTION, RegionSources, build_region
from maps.network_rules import network_faults
from maps.region_file import save_region
from maps.region_rules import region_faults
from maps.road_network import Access
from maps.snapping import Snapper
from maps.trusts import TrustFinder
from tests.maps.builders import MapDrawing, a_lattice, at

FACILITIES = """
[[trusts]]
code = "R1F"
name = "Isle of Wight"
[[hospitals]]
id = "H"
name = "Hospital"
lon = -1.299
lat = 50.701
[[posts]]
id = "P"
name = "Post"
trust = "R1F"
lon = -1.3
lat = 50.7
[[fleet]]
id = "DCA"
kind = "DCA"
skill = "PARAMEDIC"
trust = "R1F"
home = "P"
"""


@pytest.fixture
def pbf(tmp_path):
    return a_lattice(5, 5).save(tmp_path / "map.osm.pbf")


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_bare_map_becomes_a_region_that_can_be_tried_out(pbf):
    region, report = build_region(RegionSources(name="toy", pbf=pbf))
    assert region_faults(region) == []
    assert region.attribution == (OSM_ATTRIBUTION,)
    assert [trust.code for trust in region.trusts] == ["TOY"]
    assert region.hospitals[0].emergency_department
    assert "at" in region.hospitals[0].assumed
    assert {unit.kind for unit in region.fleet} == {"DCA", "RRV"}
    assert len(region.demand) > 0
    assert any("no emergency department on the map" in remark for remark in report.remarks)
    assert any("fleet" in remark for remark in report.remarks)
    assert report.network is not None
    assert report.network.junctions == region.roads.node_count


def test_assumed_people_live_along_residential_streets(pbf):
    region, _ = build_region(RegionSources(name="toy", pbf=pbf))
    streets_m = region.roads.length_m[region.roads.is_forward].sum()
    expected = streets_m / 1000 * PEOPLE_PER_RESIDENTIAL_KM
    assert region.demand.population.sum() == pytest.approx(expected, rel=0.02)
    share = region.demand.aged_65_plus.sum() / region.demand.population.sum()
    assert share == pytest.approx(AGED_65_PLUS_SHARE, abs=0.01)


def test_hospitals_and_stations_of_the_map_are_used(tmp_path):
    drawing = a_lattice(5, 5)
    drawing.node(70, 1, 1, amenity="hospital", emergency="yes", name="General")
    drawing.node(71, 3, 3, emergency="ambulance_station", name="Station")
    region, _ = build_region(RegionSources(name="toy", pbf=drawing.save(tmp_path / "m.osm.pbf")))
    assert [(site.name, site.emergency_department) for site in region.hospitals] == [
        ("General", True)
    ]
    assert [post.name for post in region.posts] == ["Station"]
    assert {unit.home for unit in region.fleet} == {"n71"}


def test_files_of_facilities_demand_and_boundary_are_used(tmp_path, pbf):
    border = '{"type":"Polygon","coordinates":[[[-1.4,50.6],[-1.2,50.6],[-1.2,50.8],[-1.4,50.6]]]}'
    region, report = build_region(
        RegionSources(
            name="toy",
            pbf=pbf,
            facilities=written(tmp_path, "f.toml", FACILITIES),
            demand=written(tmp_path, "d.csv", "id,lon,lat,population\nE01,-1.299,50.701,10\n"),
            boundary=written(tmp_path, "b.geojson", border),
        )
    )
    assert report.remarks == ()
    assert region.demand.trust == ("R1F",)
    assert region.trusts[0].polygon_wkb_hex is not None
    assert [unit.id for unit in region.fleet] == ["DCA"]


def test_equal_sources_give_equal_files(tmp_path, pbf):
    for name in ("one", "two"):
        region, _ = build_region(RegionSources(name="toy", pbf=pbf))
        save_region(region, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_another_room_may_keep_arrays_with_the_region(pbf):
    def on_network(network):
        return {"routing/order": np.arange(network.node_count, dtype=np.int32)}

    region, _ = build_region(RegionSources(name="toy", pbf=pbf), on_network)
    assert len(region.extras["routing/order"]) == region.roads.node_count
    plain, _ = build_region(RegionSources(name="toy", pbf=pbf))
    assert plain.version == region.version


def test_demand_places_off_the_map_are_left_out_and_named(tmp_path, pbf):
    rows = "id,lon,lat,population\nE01,-1.299,50.701,10\nE02,-3.0,50.7,10\n"
    region, report = build_region(
        RegionSources(name="toy", pbf=pbf, demand=written(tmp_path, "d.csv", rows))
    )
    assert region.demand.id == ("E01",)
    assert "1 demand places left out, over 1000 m from every road: E02" in report.remarks


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ({}, r"Expected one of --pbf, --place, --graphml and --toml, was \[\]"),
        ({"pbf": "map.osm.pbf", "place": "Ryde"}, "was .'pbf', 'place'."),
        ({"pbf": "map.osm.pbf", "name": "Isle of Wight"}, "Expected a name of small letters"),
        ({"pbf": "map.osm.pbf", "name": "../x"}, "Expected a name of small letters"),
        ({"pbf": "gone.osm.pbf"}, "was nothing at"),
        ({"pbf": "map.osm.pbf", "component_nodes_min": 99}, "connect at least 99 junctions"),
    ],
)
def test_sources_that_contradict_are_refused(tmp_path, pbf, sources, expected):
    assert pbf.is_file()
    fields = {"name": "toy"} | sources
    if "pbf" in fields:
        fields["pbf"] = tmp_path / fields["pbf"]
    with pytest.raises(ValueError, match=expected):
        build_region(RegionSources(**fields))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("lon = -1.299\nlat = 50.701", "lon = 50.701\nlat = -1.299", "swapped"),
        (
            "lon = -1.299\nlat = 50.701",
            "lon = -1.4\nlat = 50.8",
            "road within 1000 m of hospital 'H'",
        ),
        ('kind = "DCA"', 'kind = "TANK"', "was 'TANK'"),
        ("[[fleet]]", "[travel]\nordinary_kmh = 1.0\n[[fleet]]", r"no \[travel\] beside streets"),
    ],
)
def test_bad_facilities_are_refused(tmp_path, pbf, old, new, expected):
    path = written(tmp_path, "f.toml", FACILITIES.replace(old, new, 1))
    with pytest.raises(ValueError, match=expected):
        build_region(RegionSources(name="toy", pbf=pbf, facilities=path))


def test_swapped_demand_is_noticed(tmp_path, pbf):
    rows = "id,lon,lat,population\nE01,50.701,-1.299,10\n"
    with pytest.raises(ValueError, match="Are lon and lat swapped"):
        build_region(RegionSources(name="toy", pbf=pbf, demand=written(tmp_path, "d.csv", rows)))


def test_a_map_without_residential_streets_still_has_demand(tmp_path):
    drawing = a_lattice(5, 5, {"highway": "unclassified"})
    region, _ = build_region(RegionSources(name="toy", pbf=drawing.save(tmp_path / "m.osm.pbf")))
    assert region.demand.population.sum() > 0


@pytest.mark.needs_data
def test_the_island_builds_by_the_documented_command_and_is_the_bundled_one(data_folder, tmp_path):
    from pathlib import Path

    from maps.region_file import load_region

    folder = data_folder / "isle_of_wight"
    written_by_hand = Path(__file__).resolve().parents[2] / "maps" / "sources" / "isle-of-wight"
    region, report = build_region(
        RegionSources(
            name="isle-of-wight",
            pbf=folder / "isle-of-wight-200422.osm.pbf",
            facilities=written_by_hand / "facilities.toml",
            demand=written_by_hand / "demand.csv",
            boundary=folder / "isle-of-wight.geojson",
        )
    )
    bundled = load_region("isle-of-wight")
    assert region.version == bundled.version
    assert report.network is not None
    assert report.network.component_nodes[0] > 12_000
    assert report.network.banned_turns >= 40
    assert report.remarks == ()
    save_region(region, tmp_path / "isle.region")
    assert (tmp_path / "isle.region").stat().st_size < 4_000_000


@pytest.mark.needs_data
def test_rutland_builds_by_the_same_command(data_folder):
    region, report = build_region(
        RegionSources(name="rutland", pbf=data_folder / "rutland" / "rutland-220720.osm.pbf")
    )
    assert region_faults(region) == []
    assert network_faults(region.roads) == []
    assert report.network is not None
    assert report.network.component_nodes[0] > 5_000
    assert [post.name for post in region.posts] == ["Oakham Ambulance Station"]
    assert [site.name for site in region.hospitals] == ["Rutland Memorial Hospital"]
    # Census 2021: 41,043 people. The estimate is only asked to be of the right size.
    assert 25_000 < region.demand.population.sum() < 70_000


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("place", "lon", "lat", "is_near"),
    [
        ("Oakham town centre", -0.7334, 52.6700, True),
        ("middle of Rutland Water", -0.6200, 52.6560, False),
        ("Leicester", -1.1330, 52.6370, False),
        ("swapped", 52.6700, -0.7334, False),
    ],
)
def test_incidents_off_the_network_are_told_from_those_on_it(data_folder, place, lon, lat, is_near):
    from maps.geo import LonLat
    from maps.network_builder import build_network
    from maps.osm import read_osm

    network, _ = build_network(read_osm(data_folder / "rutland" / "rutland-220720.osm.pbf").roads)
    found = Snapper(network, Access.ORDINARY).nearest(LonLat(lon, lat), 500.0)
    assert (found is not None) == is_near, place


def test_the_border_of_a_place_is_that_of_its_one_trust(pbf):
    from maps.build import _Builder

    builder = _Builder(RegionSources(name="toy", pbf=pbf))
    trusts = builder._bounded(builder._lone_trust(), "0103")
    assert trusts[0].polygon_wkb_hex == "0103"


def test_a_station_beyond_the_map_is_named(tmp_path, pbf):
    drawing: MapDrawing = a_lattice(5, 5).node(71, 300, 3, emergency="ambulance_station")
    path = drawing.save(tmp_path / "m.osm.pbf")
    assert pbf.is_file()
    with pytest.raises(ValueError, match="road within 1000 m of post 'n71'"):
        build_region(RegionSources(name="toy", pbf=path))


def test_every_demand_place_has_a_home_trust(pbf):
    region, _ = build_region(RegionSources(name="toy", pbf=pbf))
    finder = TrustFinder(region.trusts)
    assert set(finder.home_many(region.demand.lon, region.demand.lat)) == {"TOY"}
    assert finder.home(at(0, 0)) == "TOY"
