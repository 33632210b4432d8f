"""For notebooks: results show themselves, give frames, and the worked example runs."""

import re
import subprocess
import sys
from csv import DictReader
from datetime import datetime
from pathlib import Path

import pytest

import benchmarks
from benchmarks import compare, load_log, replay_log
from benchmarks.call_log.write import write_log
from benchmarks.frames import write_beside
from maps.region_file import save_region
from tests.benchmarks.towns import a_busy_day, a_town

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("notebook")
    save_region(a_town(), found / "town.region")
    write_log(a_busy_day(40), found / "calls.csv")
    return found


@pytest.fixture(scope="module")
def town(folder):
    return str(folder / "town.region")


@pytest.fixture(scope="module")
def run(folder, town):
    return replay_log(folder / "calls.csv", region=town)


@pytest.fixture(scope="module")
def compared(folder, town):
    log = load_log(folder / "calls.csv", region=town)
    return compare(log, region=town, policies=("b1", "b2"), seeds=2)


def test_a_log_a_run_and_a_comparison_show_themselves(folder, town, run, compared):
    shown = [x._repr_html_() for x in (load_log(folder / "calls.csv", region=town), run, compared)]
    assert all(words.startswith("<table>") for words in shown)
    assert "C2" in shown[1]
    assert "against b2" in shown[2]


def test_in_a_terminal_each_is_a_line(folder, town, run, compared):
    log = load_log(folder / "calls.csv", region=town)
    assert repr(log).startswith(f"CallLog({len(log)} incidents, 2026-03-01T")
    assert repr(run).startswith("Run(")
    assert "policy='" in repr(run)
    assert repr(compared).startswith("Comparison(")
    assert max(len(repr(one)) for one in (log, run, compared)) < 200


def test_a_run_is_a_row_an_incident(run):
    table = run.to_arrow()
    assert table.num_rows == len(run.records) == len(set(table["incident"].to_pylist()))
    times = table["connected_at"].to_pylist()
    assert times == sorted(times)
    by_name = dict(zip(table["incident"].to_pylist(), table.to_pylist(), strict=True))
    for record in run.records:
        row = by_name[record.incident]
        assert row["category"] == record.category.value
        assert row["outcome"] == record.outcome.value
        assert row["hospital"] == record.hospital
        assert row["allocated"] == record.units_allocated


def test_a_comparison_is_a_row_a_policy_group_and_category(compared):
    rows = compared.to_arrow().to_pylist()
    keys = [(row["policy"], row["group"], row["category"]) for row in rows]
    assert len(set(keys)) == len(keys)
    (row,) = (r for r in rows if (r["policy"], r["group"], r["category"]) == ("b1", "all", "C2"))
    assert row["mean_s"] == compared.policies["b1"]["C2"].mean_s
    assert row["mean_pct"] == compared.paired["b1-b2"]["C2"].mean_pct
    (base,) = (r for r in rows if (r["policy"], r["group"], r["category"]) == ("b2", "all", "C2"))
    assert base["mean_pct"] is None


def test_results_give_frames(run, compared):
    pytest.importorskip("pandas")
    assert len(run.to_pandas()) == len(run.records)
    assert "mean_pct" in compared.to_pandas().columns


def test_results_give_polars_frames(run, compared):
    pytest.importorskip("polars")
    assert len(run.to_polars()) == len(run.records)
    assert "mean_pct" in compared.to_polars().columns


def test_tables_lie_beside_the_page(tmp_path, run):
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pq

    csv, parquet = write_beside(tmp_path / "page.html", run.to_arrow(), "incidents")
    assert (csv.name, parquet.name) == ("page-incidents.csv", "page-incidents.parquet")
    assert pq.read_table(parquet).equals(run.to_arrow())
    assert pa_csv.read_csv(csv).num_rows == len(run.records)
    with csv.open(newline="") as file:
        first = next(DictReader(file))
    called_at = run.to_arrow().column("connected_at")[0].as_py()
    assert datetime.fromisoformat(first["connected_at"]) == called_at
    assert first["connected_at"][10] == "T"


def test_what_the_package_does_not_give_is_told():
    with pytest.raises(AttributeError, match="no attribute 'predict'"):
        _ = benchmarks.predict


def test_the_worked_example_runs(tmp_path):
    page = (ROOT / "docs/tutorial/notebook.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 7
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "b1 against b2, C2 mean" in result.stdout
    assert (tmp_path / "compare.html").stat().st_size > 10_000
