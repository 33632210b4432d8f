"""The bundled figures are what the build script makes of the published files."""

import csv

import pytest

from benchmarks.published import build


@pytest.mark.needs_data
@pytest.mark.slow
def test_building_again_gives_the_bundled_files(data_folder, tmp_path):
    statistics = data_folder / "nhs_statistics" / "AmbSYS-to-Mar-2026.csv"
    job_cycle = data_folder / "nhs_job_cycle"
    places = data_folder / "england" / "england_lsoa21_points_population.csv.gz"
    build.write_ambsys(statistics, tmp_path / "ambsys.csv")
    build.write_job_cycle(job_cycle, tmp_path / "job_cycle.toml")
    build.write_day(job_cycle / "v_DnC_schedule.xlsx", tmp_path / "day.toml")
    build.write_trusts(places, tmp_path / "trusts.toml")
    for name in ("ambsys.csv", "job_cycle.toml", "day.toml", "trusts.toml"):
        assert (tmp_path / name).read_bytes() == (build.HERE / name).read_bytes(), name


def test_only_whole_wanted_months_are_kept(tmp_path):
    source = tmp_path / "ambsys.csv"
    with source.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Year", "Month", "Region", "Org Code", "Org Name", "A0", "A7", "A57"])
        for year in range(2020, 2026):
            for month in range(1, 13):
                for org in ("RRU", "Y56", "Eng"):
                    writer.writerow([year, month, "x", org, org, "7", ".", "."])
    build.write_ambsys(source, tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[2] == "month,trust,A0"
    assert lines[3] == "2023-01,Eng,7"
    assert lines[4] == "2023-01,RRU,7"
    assert len(lines) == 3 + 36 * 2


def test_the_script_says_how_it_is_used(capsys):
    assert build.main([]) == 2
    assert "DATA" in capsys.readouterr().err
