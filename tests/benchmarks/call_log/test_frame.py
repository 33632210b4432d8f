"""A call log in a notebook: frames and a table that shows it."""

import pytest

from tests.benchmarks.call_log.builders import reading_of


@pytest.fixture
def log(tmp_path):
    return reading_of(tmp_path, {"complaint": "<fall>", "age_years": "71"}, {"frail": "true"}).log


def test_an_arrow_table_has_the_columns_and_nulls_of_the_log(log):
    table = log.to_arrow()
    assert table.num_rows == 2
    assert table["complaint"].to_pylist() == ["<fall>", None]
    assert table["frail"].to_pylist() == [None, True]
    assert str(table["received_at"].to_pylist()[0].tzinfo) == "UTC"


def test_a_pandas_frame_has_the_same(log):
    pytest.importorskip("pandas")
    frame = log.to_pandas()
    assert list(frame["incident_id"]) == ["i1", "i2"]
    assert frame["age_years"].isna().tolist() == [False, True]


def test_a_notebook_shows_what_the_log_holds(log):
    shown = log._repr_html_()
    assert "<td>C2 2</td>" in shown
    assert log.sha256 in shown
    assert "<fall>" not in shown
