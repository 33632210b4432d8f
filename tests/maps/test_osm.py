"""Reading OpenStreetMap files."""

from __future__ import annotations

import pytest

from maps.osm import read_osm, restriction_kind
from tests.maps.builders import MapDrawing, a_lattice, at


@pytest.mark.parametrize("suffix", [".osm.pbf", ".osm", ".osm.bz2"])
def test_every_common_form_of_the_file_reads_the_same(tmp_path, suffix):
    extract = read_osm(a_lattice().save(tmp_path / f"map{suffix}"))
    assert extract.roads.way_id == [101, 102, 103, 201, 202, 203]
    assert len(extract.roads.ref) == 18


def test_a_hospital_is_found_as_node_way_or_relation(tmp_path):
    drawing = a_lattice()
    drawing.node(50, 1, 1, amenity="hospital", name="Point")
    for number, (column, row) in enumerate([(4, 4), (5, 4), (5, 5), (4, 5)]):
        drawing.node(60 + number, column, row)
        drawing.node(70 + number, column + 3, row)
    drawing.way(301, [60, 61, 62, 63, 60], {"healthcare": "hospital", "name": "House"})
    drawing.way(302, [70, 71, 72, 73, 70], {})
    drawing.relation(
        401, [("w", 302, "outer")], type="multipolygon", amenity="hospital", name="Campus"
    )
    sites = {site.osm_id: site for site in read_osm(drawing.save(tmp_path / "map.osm.pbf")).sites}
    assert {key: site.tags["name"] for key, site in sites.items()} == {
        "n50": "Point",
        "w301": "House",
        "r401": "Campus",
    }
    assert sites["n50"].at == at(1, 1)
    assert sites["w301"].at == pytest.approx(at(4.5, 4.5))
    assert sites["r401"].at == pytest.approx(at(7.5, 4.5))


def test_ambulance_stations_are_found(tmp_path):
    drawing = a_lattice().node(50, 1, 1, emergency="ambulance_station")
    (site,) = read_osm(drawing.save(tmp_path / "map.osm.pbf")).sites
    assert (site.kind, site.osm_id) == ("ambulance_station", "n50")


def test_nodes_beyond_the_extract_are_counted(tmp_path):
    extract = read_osm(a_lattice().save(tmp_path / "map.osm.pbf", leave_out=[9]))
    assert extract.roads.ignored["node missing from the file"] == 2


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"restriction": "no_left_turn"}, "no"),
        ({"restriction": "only_straight_on"}, "only"),
        (
            {"restriction": "no_left_turn", "except": "bicycle;emergency"},
            "excepts emergency vehicles",
        ),
        ({"restriction": "no_left_turn", "except": "psv"}, "no"),
        ({"restriction:hgv": "no_left_turn"}, "is of an unknown kind"),
        ({"restriction:motorcar": "only_left_turn"}, "only"),
        ({"restriction:conditional": "no_left_turn @ (07:00-09:00)"}, "holds at some hours only"),
        ({"restriction": "nonsense"}, "is of an unknown kind"),
    ],
)
def test_restrictions_that_bind_an_ambulance_are_told_apart(tags, kind):
    assert restriction_kind(tags) == kind


def test_a_restriction_without_a_via_is_counted_and_passed_over(tmp_path):
    drawing = a_lattice().relation(
        501, [("w", 101, "from"), ("w", 202, "to")], type="restriction", restriction="no_left_turn"
    )
    roads = read_osm(drawing.save(tmp_path / "map.osm.pbf")).roads
    assert roads.restrictions == []
    assert roads.ignored["turn restriction without from, via or to"] == 1


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"Expected an OpenStreetMap file, was nothing at .*gone"):
        read_osm(tmp_path / "gone.osm.pbf")


def test_a_map_without_roads_is_refused(tmp_path):
    path = MapDrawing().node(1, 0, 0, amenity="cafe").save(tmp_path / "map.osm.pbf")
    with pytest.raises(ValueError, match="Expected drivable ways"):
        read_osm(path)


@pytest.mark.parametrize("name", ["foreign.osm.pbf", "foreign.osm", "foreign.txt", "empty.osm.pbf"])
def test_a_foreign_file_is_refused_by_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"" if "empty" in name else b"this is not a map\n" * 100)
    with pytest.raises(ValueError, match=f"Expected a whole OpenStreetMap file .*{name}"):
        read_osm(path)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_file_is_refused(tmp_path, share):
    whole = a_lattice(12, 12).save(tmp_path / "map.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ValueError, match="Expected"):
        read_osm(path)
