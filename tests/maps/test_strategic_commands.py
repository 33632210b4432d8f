"""The commands of the region ``england``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from maps import strategic
from maps.commands import make_app
from maps.region_file import load_region
from maps.strategic_fit import FitSettings
from maps.strategic_sources import TO_BUILD


def say(*words, app=None):
    return CliRunner().invoke(app or make_app(), list(words))


@pytest.mark.parametrize("command", ["build-england", "measure-england"])
def test_a_folder_without_the_files_is_told_all_that_are_missing(tmp_path, command):
    # Two of them are there, one gzipped and one plain, whatever their names say.
    (tmp_path / "unit_postcodes_coords.csv.gz").write_bytes(b"")
    (tmp_path / "regions_lsoa_ew.csv").write_bytes(b"")
    done = say(command, "--source", str(tmp_path))

    assert done.exit_code != 0
    words = " ".join(done.output.replace("│", " ").split())
    assert "published files in" in words
    assert "england_lsoa21_points_population.csv.gz (the Census 2021 by LSOA)" in words
    assert "unit_postcodes_coords" not in words
    assert "regions_lsoa_ew" not in words
    assert ("acute_sites_2020.csv" in words) == (command == "build-england")
    assert not (tmp_path / "england.region").exists()


def test_the_page_of_the_region_names_every_file_and_what_it_is():
    page = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "england-region.md"
    words = page.read_text(encoding="utf-8")
    for name in TO_BUILD:
        assert f"`{name}`" in words or f"`{name.removesuffix('.gz')}`" in words, name


def test_a_region_of_streets_is_not_measured_as_england(data_folder):
    done = say(
        "measure-england",
        "--source",
        str(data_folder / "england"),
        "--region",
        "isle-of-wight",
    )

    assert done.exit_code != 0
    assert "strategic" in done.output


@pytest.mark.slow
def test_builds_measures_and_orders_a_region_with_few_rounds(data_folder, tmp_path):
    out = tmp_path / "england.region"

    def load_on_network():
        return lambda roads: {"some/order": np.arange(roads.node_count, dtype=np.int32)}

    done = say(
        "build-england",
        "--source",
        str(data_folder / "england"),
        "--out",
        str(out),
        "--rounds",
        "2",
        "--json",
        app=make_app(load_on_network),
    )

    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert len(report["held_out_postcodes"]) == 33
    region = load_region(out)
    assert region.name == "england"
    assert len(region.extras["some/order"]) == region.roads.node_count
    bundled = load_region("england")
    # Two rounds instead of 300: all but the times are as in the bundled region.
    assert region.hospitals == bundled.hospitals
    assert region.posts == bundled.posts
    assert region.fleet == bundled.fleet
    assert region.demand.trust == bundled.demand.trust
    np.testing.assert_array_equal(region.roads.head, bundled.roads.head)
    np.testing.assert_array_equal(region.roads.road_class, bundled.roads.road_class)


def test_the_defaults_are_those_of_the_bundled_region():
    assert FitSettings() == FitSettings(
        rounds=300,
        journey_min_max=150.0,
        access_min=7.0,
        link_stiffness=1e-2,
        field_stiffness=1e-3,
    )
    assert strategic.NAME == "england"
