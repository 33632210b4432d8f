"""Rows of JSON as portals hand it out become the same log as the same rows of CSV."""

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.call_log import json_rows
from benchmarks.call_log.bring_in import bring_in
from benchmarks.call_log.mapping_file import read_mapping
from benchmarks.call_log.proposal import propose
from benchmarks.call_log.read import read_log
from benchmarks.call_log.rejects import Rejects
from benchmarks.call_log.source import open_source
from benchmarks.call_log.trial import tried

ROWS = [
    {
        "incident_number": f"F{n}",
        "datetime": f"2024-03-04T{n % 24:02d}:10:00.000",
        "type": "Medic Response" if n % 3 else "Aid Response",
        "units": n % 4,
        "arrived": f"2024-03-04T{n % 24:02d}:18:00.000" if n % 2 else None,
    }
    for n in range(60)
]
SPOTS = [(-122.3 - n / 1000, 47.6 + n / 1000) for n in range(60)]

ARRAY = [
    row | {"location": {"latitude": str(y), "longitude": str(x)}}
    for row, (x, y) in zip(ROWS, SPOTS, strict=True)
]
POINTS = [
    row | {"report_location": {"type": "Point", "coordinates": [x, y]}}
    for row, (x, y) in zip(ROWS, SPOTS, strict=True)
]
FEATURES = [
    {
        "type": "Feature",
        "id": n,
        "properties": row,
        "geometry": {"type": "Point", "coordinates": [*spot, 0]},
    }
    for n, (row, spot) in enumerate(zip(ROWS, SPOTS, strict=True))
]
COLLECTION = {"type": "FeatureCollection", "crs": {"type": "name"}, "features": FEATURES}
ESRI = {
    "fields": [{"name": "type"}],
    "features": [
        {"attributes": row, "geometry": {"x": x, "y": y}}
        for row, (x, y) in zip(ROWS, SPOTS, strict=True)
    ],
}
CKAN = {"success": True, "result": {"fields": [{"id": "type"}], "records": ARRAY}}
LINES = "\n".join(map(json.dumps, ARRAY))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ARRAY),
        json.dumps(POINTS, indent=2),
        LINES,
        "\n".join(map(json.dumps, FEATURES)) + "\n\n",
        json.dumps(COLLECTION),
        json.dumps(COLLECTION, indent=1),
        json.dumps(ESRI),
        json.dumps(CKAN),
        json.dumps({"total_count": 60, "results": ARRAY}),
        "\ufeff" + json.dumps([{"fields": row, "recordid": "x"} for row in ARRAY]),
    ],
    ids=[
        *("array", "points", "lines", "feature-lines", "geojson", "pretty", "esri", "ckan"),
        *("opendatasoft", "records"),
    ],
)
@pytest.mark.parametrize("letters", [2**20, 97])
def test_every_way_of_a_portal_gives_the_same_log(tmp_path, monkeypatch, text, letters):
    path = tmp_path / "export.json"
    path.write_text(text, encoding="utf-8")
    toml = propose(path)
    monkeypatch.setattr(json_rows, "_READ_LETTERS", letters if "[" in text[:1] else 2**20)
    out = tmp_path / "log.csv"
    report = bring_in(path, read_mapping(toml, "proposed"), out)
    assert (report.row_count, report.incident_count, report.rejects.count) == (60, 60, 0)
    log = read_log(out).log
    assert {call.incident_id: (call.lon, call.lat) for call in log} == {
        f"F{n}": pytest.approx(spot) for n, spot in enumerate(SPOTS)
    }
    assert report.categories == {"C2": 40, "C3": 20}
    assert report.filled["first_on_scene_at"] == 30
    assert 'zone = "America/Los_Angeles"' in toml


def test_packed_lines_with_a_bad_one_lose_that_one(tmp_path):
    path = tmp_path / "export.ndjson.gz"
    bad = LINES.replace('{"incident_number": "F3"', '{"incident_number": F3"')
    path.write_bytes(gzip.compress((bad + '\n[1, 2]\n"text"\n').encode()))
    toml = propose(path)
    told = tried(path, toml, "proposed", 1000)
    assert "59 can be used" in told
    assert "1: the row: not JSON, such as export.ndjson.gz, row 4:" in told
    assert "2: the row: not an object" in told


def test_what_a_row_leaves_out_is_empty_and_later_columns_are_found(tmp_path):
    path = tmp_path / "export.json"
    path.write_text('[{"a": 1, "b": true}, {"a": null, "c": [1, "x"]}, {"a": 1.5, "c": {"d": 2}}]')
    source = open_source(path, Rejects(), repeats=True)
    assert source.names == ("a", "b", "c", "c.d")
    (chunk,) = source.chunks
    assert chunk.rows == [1, 2, 3]
    assert chunk.columns == {
        "a": ["1", "", "1.5"],
        "b": ["true", "", ""],
        "c": ["", "1, x", ""],
        "c.d": ["", "", "2"],
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:3000], r"whole, was cut off or damaged \(in object \d+\): download"),
        (lambda text: text[:-1], r"whole, was cut off or damaged \(in object 61\)"),
        (
            lambda text: text.replace('"units": 3', '"units": 3x', 1),
            r"object \d+ of .* to be JSON, was '",
        ),
    ],
)
def test_an_array_that_is_broken_is_refused_where_it_breaks(tmp_path, change, message):
    path = tmp_path / "export.json"
    path.write_text(change(json.dumps(ARRAY)))
    with pytest.raises(ValueError, match=message):
        propose(path)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "export.json"
    path.write_bytes(b'[{"a": "\xe9"}]')
    with pytest.raises(ValueError, match="to be UTF-8, was not"):
        propose(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=4), JSON, max_size=4), min_size=1), st.booleans())
def test_any_objects_are_as_many_rows(tmp_path_factory, rows, is_lined):
    path = tmp_path_factory.mktemp("json") / "a.json"
    text = "\n".join(map(json.dumps, rows)) if is_lined and len(rows) > 1 else json.dumps(rows)
    path.write_text(text)
    rejects = Rejects()
    source = open_source(path, rejects, rows_at_once=3, repeats=True)
    chunks = list(source.chunks)
    assert sum(len(chunk.rows) for chunk in chunks) == len(rows)
    for chunk in chunks:
        assert all(len(column) == len(chunk.rows) for column in chunk.columns.values())


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet='[]{}",:0 \n\\ae-.', max_size=60))
def test_no_text_crashes_the_reader(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text('{"' + text)
    # Read or refused, either is good; anything but a ValueError fails by itself.
    refused = ""
    try:
        list(open_source(path, Rejects(), repeats=True).chunks)
    except ValueError as error:
        refused = str(error)
    assert not refused or "Expected" in refused
