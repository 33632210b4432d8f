"""Places by name, and graphs saved by osmnx."""

from __future__ import annotations

import pytest

from maps.build import RegionSources, build_region
from maps.network_builder import build_network
from maps.network_rules import network_faults
from maps.place import PlaceServers, read_graphml, read_place
from tests.maps.builders import MapDrawing, a_lattice, at, directions
from tests.maps.overpass import Servers, recorded_elements, serving

BOX = [[-1.31, 50.69], [-1.28, 50.69], [-1.28, 50.72], [-1.31, 50.72], [-1.31, 50.69]]
pytestmark = pytest.mark.slow  # osmnx takes seconds to import, and asks politely slowly

TOWN = {
    "place_id": 1,
    "osm_type": "relation",
    "osm_id": 154350,
    "lat": "50.70",
    "lon": "-1.30",
    "class": "boundary",
    "type": "administrative",
    "importance": 0.6,
    "name": "Toytown",
    "display_name": "Toytown, England",
    "boundingbox": ["50.69", "50.72", "-1.31", "-1.28"],
    "geojson": {"type": "Polygon", "coordinates": [BOX]},
}


def a_town() -> MapDrawing:
    drawing = a_lattice(5, 5).node(60, 0.5, 0, barrier="bollard")
    drawing.ways[0] = (101, [1, 60, 2, 3, 4, 5], {"highway": "residential", "oneway": "-1"})
    drawing.ways[1] = (102, [6, 7, 8, 9, 10], {"highway": "primary", "maxspeed": "20 mph"})
    drawing.ways[2] = (
        103,
        [11, 12, 13, 14, 15],
        {"highway": "service", "psv": "yes", "access": "no"},
    )
    return drawing


def a_hospital() -> MapDrawing:
    tags = {"amenity": "hospital", "emergency": "yes", "name": "General"}
    return MapDrawing().node(900, 2, 2, **tags)


@pytest.fixture
def servers():
    answers = Servers([TOWN], recorded_elements(a_town()), recorded_elements(a_hospital()))
    with serving(answers) as running:
        yield running


def at_home(servers):
    return PlaceServers(nominatim_url=f"{servers.url}/", overpass_url=f"{servers.url}/api")


def test_a_place_gives_the_same_roads_as_the_file(servers, tmp_path):
    extract = read_place("Toytown, England", at_home(servers))
    network, _ = build_network(extract.roads, 2)
    from_file, _ = a_town().network(tmp_path)
    assert network_faults(network) == []
    assert directions(network) == directions(from_file)
    assert network.edge_count == from_file.edge_count
    assert sorted(network.posted_kmh) == sorted(from_file.posted_kmh)
    assert sorted(network.access) == sorted(from_file.access)


def test_a_place_gives_hospitals_and_its_border(servers):
    extract = read_place("Toytown, England", at_home(servers))
    assert [(site.kind, site.osm_id, site.at) for site in extract.sites] == [
        ("hospital", "n900", at(2, 2))
    ]
    assert extract.border_wkb_hex is not None


def test_a_region_is_built_from_a_place(servers):
    region, report = build_region(
        RegionSources(name="toytown", place="Toytown, England", servers=at_home(servers))
    )
    assert report.network is not None
    assert report.network.closed_barriers == 1
    assert region.hospitals[0].name == "General"
    assert region.trusts[0].polygon_wkb_hex is not None
    assert set(region.demand.trust) == {"TOYTOWN"}


def test_ways_for_emergencies_only_are_asked_for(servers):
    read_place("Toytown, England", at_home(servers))
    questions = " ".join(servers.asked)
    assert '["highway"~"^(footway|path|cycleway|bridleway)$"]["emergency"]' in questions
    assert '["route"="ferry"]' in questions
    assert "pedestrian" in questions


def test_settings_of_osmnx_are_put_back(servers):
    from osmnx import settings

    before = (settings.overpass_url, list(settings.useful_tags_way), settings.use_cache)
    read_place("Toytown, England", at_home(servers))
    assert (settings.overpass_url, list(settings.useful_tags_way), settings.use_cache) == before


def test_an_unknown_place_is_named(servers):
    servers.places.clear()
    with pytest.raises(ValueError, match="'Atlantis'"):
        read_place("Atlantis", at_home(servers))


def test_a_place_that_is_a_point_is_refused(servers):
    servers.places[0] = TOWN | {"geojson": {"type": "Point", "coordinates": [-1.3, 50.7]}}
    with pytest.raises(ValueError, match="'Toytown'"):
        read_place("Toytown", at_home(servers))


def test_a_place_without_roads_is_refused(servers):
    servers.roads.clear()
    with pytest.raises(ValueError, match="'Toytown'"):
        read_place("Toytown", at_home(servers))


def test_a_place_without_hospitals_has_none(servers):
    servers.sites.clear()
    assert read_place("Toytown", at_home(servers)).sites == ()


def saved_graph(servers, path, *, simplify=False, project=False):
    """Save the town as a user of osmnx would."""
    import osmnx
    import shapely

    from maps.place import _osmnx_settings

    with _osmnx_settings(at_home(servers)):
        graph = osmnx.graph_from_polygon(
            shapely.Polygon(BOX), network_type="all", simplify=simplify, retain_all=True
        )
        if project:
            graph = osmnx.project_graph(graph)
        osmnx.save_graphml(graph, path)
    return path


def test_a_graph_saved_by_osmnx_gives_the_same_roads(servers, tmp_path):
    network, _ = build_network(read_graphml(saved_graph(servers, tmp_path / "g")).roads, 2)
    assert network_faults(network) == []
    from_file, _ = a_town().network(tmp_path)
    assert directions(network) == directions(from_file)


def test_a_simplified_graph_has_the_same_streets_with_fewer_junctions(servers, tmp_path):
    path = saved_graph(servers, tmp_path / "g", simplify=True)
    network, _ = build_network(read_graphml(path).roads, 2)
    assert network_faults(network) == []
    # What osmnx simplifies away: two corners between two-way streets, and the bollard.
    whole, _ = a_lattice(5, 5).network(tmp_path)
    assert network.node_count == whole.node_count - 2
    assert segment_m(network) == pytest.approx(segment_m(whole), rel=1e-3)
    assert ((1, 0), (0, 0)) in directions(network), "the bollard is lost"
    assert ((0, 0), (1, 0)) not in directions(network), "the one-way street is not"


def segment_m(network):
    lengths = dict(zip(network.segment.tolist(), network.length_m.tolist(), strict=True))
    return sum(lengths.values())


def test_a_projected_graph_is_brought_back_to_degrees(servers, tmp_path):
    path = saved_graph(servers, tmp_path / "town.graphml", project=True)
    network, _ = build_network(read_graphml(path).roads, 2)
    assert network.lon.min() == pytest.approx(-1.3, abs=1e-5)


def test_a_region_is_built_from_a_graph(servers, tmp_path):
    path = saved_graph(servers, tmp_path / "town.graphml")
    region, report = build_region(RegionSources(name="toy", graphml=path))
    assert region.roads is not None
    assert any("assumed" in remark for remark in report.remarks)


@pytest.mark.parametrize("text", ["", "no xml", "<graphml/>", "<html></html>"])
def test_a_foreign_graph_is_refused(tmp_path, text):
    path = tmp_path / "town.graphml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"Expected .*town\.graphml"):
        read_graphml(path)


def test_a_missing_graph_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"nothing at .*gone\.graphml"):
        read_graphml(tmp_path / "gone.graphml")
