"""A region sketched around a log from anywhere can be built, and the log replayed in it."""

import dataclasses

import pytest
from typer.testing import CliRunner

from benchmarks.call_log.columns import Words
from benchmarks.call_log.commands import app
from benchmarks.call_log.read import read_log
from benchmarks.call_log.sites import Site, read_sites
from benchmarks.call_log.sketch import sketched
from benchmarks.replay import replay
from dispatch.engine import settings_named
from maps.build import RegionSources, build_region


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "calls.csv"
    rows = [
        f"c{n},2024-03-{1 + n // 48:02d}T{n % 24:02d}:{n % 60:02d}:00Z,"
        f"{-87.6 - 0.01 * (n % 10)},{41.8 + 0.01 * (n % 7)},C{1 + n % 4},house\n"
        for n in range(200)
    ]
    header = "incident_id,received_at,lon,lat,category,destination\n"
    path.write_text(header + "".join(rows) + "off,2024-03-01T00:00:00Z,0.5,0.5,C2,\n")
    return read_log(path).log


def built(folder, text):
    (folder / "town.toml").write_text(text)
    return build_region(RegionSources(name="town", toml=folder / "town.toml"))[0]


def test_a_sketch_is_a_region_in_which_the_log_can_be_replayed(log, tmp_path):
    text = sketched(log, "town")
    assert "1 calls lie far from all others" in text
    region = built(tmp_path, text)
    assert region.timezone == "America/Chicago"
    assert {post.assumed for post in region.posts} == {True}
    run = replay(log.taken(log.lon.argsort()[:-1]), region, settings_named("b2"))
    assert run.calls == 200
    assert not run.refused


def test_known_hospitals_and_stations_are_taken_as_they_are(log, tmp_path):
    house = Site("house", "County Hospital", -87.62, 41.82)
    posts = [Site("s1", "Station 1", -87.61, 41.81), Site("s2", "Station 2", -87.66, 41.84)]
    text = sketched(log, "town", hospitals=[house], posts=posts, units=7, timezone="UTC")
    region = built(tmp_path, text)
    assert [site.id for site in region.hospitals] == ["house"]
    assert region.hospitals[0].assumed == ("bays",)
    assert [post.assumed for post in region.posts] == [False, False]
    by_day = [unit for unit in region.fleet if unit.shifts[0].start_min == 7 * 60]
    assert len(by_day) == 7
    assert {unit.home for unit in by_day} == {"s1", "s2"}
    assert region.timezone == "UTC"


def test_sites_are_read_from_a_table(tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text("id,name,lon,lat\na,A,-1.5,50.5\n")
    assert read_sites(path, "stations") == [Site("a", "A", -1.5, 50.5)]
    path.write_text("id,name,lon,lat\na,A,west,50.5\n")
    with pytest.raises(ValueError, match="row 2: Expected lon and lat of 'A' as numbers"):
        read_sites(path, "stations")
    path.write_text("id,name,lon\na,A,1\n")
    with pytest.raises(ValueError, match="Expected a column lat or latitude"):
        read_sites(path, "stations")
    path.write_text("ward,lon,lat\na,1,51\n")
    with pytest.raises(ValueError, match="Expected a column name or station name"):
        read_sites(path, "stations")
    with pytest.raises(ValueError, match="Expected a CSV file of stations"):
        read_sites(tmp_path / "none.csv", "stations")


def test_the_trust_is_the_one_that_the_log_names(log):
    named = dataclasses.replace(log, words={**log.words, "trust": Words.of(["R1F"] * len(log))})
    assert 'code = "R1F"' in sketched(named, "town")
    two = Words.of(["A", "B"] * len(log))
    with pytest.raises(ValueError, match="was A, B: take trust out of the mapping"):
        sketched(dataclasses.replace(log, words={"trust": two}), "town")


def test_a_log_without_calls_has_no_place(log):
    with pytest.raises(ValueError, match="Expected calls to sketch"):
        sketched(log.taken(log.lon.argsort()[:0]), "town")


def test_the_command_writes_the_sketch_and_says_what_is_next(tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(
        "incident_id,received_at,lon,lat,category\na,2024-03-01T00:00:00Z,-87.6,41.8,C2\n"
    )
    out = tmp_path / "My Town.toml"
    done = CliRunner().invoke(app, ["sketch", str(log), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "--name my-town" in done.output
    assert 'code = "MY-TOWN"' in out.read_text()


def test_lists_as_they_are_handed_out_serve(tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text("Station name;Closed;Longitude;Latitude\nActon;0;-0.277;51.507\n")
    assert read_sites(path, "stations") == [Site("Acton", "Acton", -0.277, 51.507)]
    path.write_text("hospitalId,hospitalName,lat,long\n7A1,Ysbyty,53.27,-3.5\n")
    assert read_sites(path, "hospitals") == [Site("7A1", "Ysbyty", -3.5, 53.27)]
