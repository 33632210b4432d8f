"""Reading a call log: good rows are kept, bad ones set aside with where, what and why."""

import csv

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.call_log.gathering import Bounds
from benchmarks.call_log.read import read_log
from benchmarks.call_log.write import write_log
from tests.benchmarks.call_log.builders import A_ROW, packed, reading_of, rows, written

ISLAND = Bounds(-1.6, 50.5, -1.0, 50.8)


def only_reject(reading):
    assert reading.rejects.count == 1, reading.rejects
    return reading.rejects.first[0]


def test_a_good_row_becomes_a_call(tmp_path):
    full = {
        "segment": "A",
        "trust": "R1F",
        "age_years": "71",
        "frail": "true",
        "outcome": "conveyed_to_ed",
        "coded_after_s": "95.5",
        "first_on_scene_at": "2026-03-01T08:31:00+00:00",
    }
    call = reading_of(tmp_path, full).log[0]
    assert (call.incident_id, call.received_at_ms) == ("i1", 1_772_352_900_000)
    assert (call.lon, call.lat, call.category) == (-1.2973, 50.6994, "C2")
    assert (call.segment, call.trust, call.outcome) == ("A", "R1F", "conveyed_to_ed")
    assert (call.age_years, call.frail, call.coded_after_s) == (71.0, True, 95.5)
    assert call.first_on_scene_at_ms == call.received_at_ms + 16 * 60_000
    assert call.handover_s is None
    assert call.complaint is None


def test_rows_come_in_order_of_time_then_name(tmp_path):
    late = {"received_at": "2026-03-01T09:00:00Z"}
    log = reading_of(tmp_path, late, {}, {"incident_id": "i0"}, late).log
    assert log.incident_id[:] == ["i0", "i2", "i1", "i4"]


def test_missing_columns_are_named_with_what_they_may_be(tmp_path):
    row = dict(A_ROW)
    row["recieved_at"] = row.pop("received_at")
    del row["lat"]
    path = written(tmp_path / "log.csv", [row])
    with pytest.raises(ValueError, match=r"without received_at, lat \('recieved_at' looks like"):
        read_log(path)


def test_a_file_parted_by_semicolons_is_recognised(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("incident_id;received_at;lon;lat;category\n")
    with pytest.raises(ValueError, match="not to be separated by commas"):
        read_log(path)


@pytest.mark.parametrize(
    ("change", "field", "reason", "expected"),
    [
        ({"lon": "NaN"}, "lon", "not readable", "finite"),
        ({"lat": "inf"}, "lat", "not readable", "finite"),
        ({"lon": ""}, "lon", "missing", "a value"),
        ({"lat": "fifty"}, "lat", "not readable", "a number"),
        ({"lon": "1_0"}, "lon", "not readable", "a number"),
        ({"lon": "-181"}, "lon", "out of range", "-180 to 180"),
        ({"received_at": "2026-03-01T08:15:00"}, "received_at", "not readable", "its offset"),
        ({"received_at": "01/03/2026 08:15"}, "received_at", "not readable", "RFC 3339"),
        ({"received_at": "2026-02-30T08:15:00Z"}, "received_at", "not readable", "that exist"),
        ({"received_at": "1899-12-30T00:00:00Z"}, "received_at", "impossible time", "1990"),
        ({"received_at": ""}, "received_at", "missing", "a value"),
        ({"category": "Cat 2"}, "category", "unknown word", "C1, C2"),
        ({"category": ""}, "category", "missing", "a value"),
        ({"incident_id": " "}, "incident_id", "missing", "an identifier"),
        ({"incident_id": "x" * 300}, "incident_id", "bad identifier", "200"),
        ({"frail": "perhaps"}, "frail", "not readable", "true or false"),
        ({"age_years": "-4"}, "age_years", "out of range", "0 to 130"),
        ({"age_years": "nan"}, "age_years", "not readable", "finite"),
        ({"handover_s": "100000"}, "handover_s", "out of range", "86400"),
        ({"outcome": "dead"}, "outcome", "unknown word", "see_and_treat"),
        (
            {"first_on_scene_at": "2026-03-01T08:14:59Z"},
            "first_on_scene_at",
            "impossible time",
            "not before received_at",
        ),
        (
            {"clear_at": "2026-04-01T08:14:59Z"},
            "clear_at",
            "impossible time",
            "within 7 days",
        ),
        (
            {"left_scene_at": "2026-03-01T09:00:00Z", "at_hospital_at": "2026-03-01T08:59:00Z"},
            "at_hospital_at",
            "impossible time",
            "not before left_scene_at",
        ),
        ({"lon": "0", "lat": "0"}, "lon, lat", "no place", "a place"),
    ],
)
def test_a_bad_cell_sets_its_row_aside_and_no_other(tmp_path, change, field, reason, expected):
    reading = reading_of(tmp_path, {}, change, {})
    reject = only_reject(reading)
    assert (reject.row, reject.field, reject.reason) == (3, field, reason)
    assert expected in reject.expected
    assert len(reading.log) == 2
    assert reading.row_count == 3


def test_exchanged_coordinates_are_recognised_by_the_region(tmp_path):
    swapped = {"lon": "50.6994", "lat": "-1.2973"}
    reject = only_reject(reading_of(tmp_path, {}, swapped, bounds=ISLAND))
    assert (reject.field, reject.reason) == ("lon, lat", "swapped coordinates")
    assert reject.found == "lon 50.6994, lat -1.2973"


def test_exchanged_coordinates_are_recognised_by_an_impossible_latitude(tmp_path):
    reject = only_reject(reading_of(tmp_path, {"lon": "37.73", "lat": "-122.42"}))
    assert reject.reason == "swapped coordinates"


def test_a_scene_outside_the_region_is_set_aside(tmp_path):
    reject = only_reject(reading_of(tmp_path, {"lon": "-0.12", "lat": "51.5"}, bounds=ISLAND))
    assert reject.reason == "outside the region"
    assert "lon -1.600 to -1.000" in reject.expected


def test_of_two_rows_with_one_name_the_first_in_the_file_stays(tmp_path):
    early = {"incident_id": "same", "received_at": "2026-03-01T07:00:00Z"}
    reading = reading_of(tmp_path, {"incident_id": "same", "category": "C1"}, {}, early)
    reject = only_reject(reading)
    assert (reject.row, reject.reason) == (4, "duplicate")
    assert reject.expected == "an identifier not seen before (row 2)"
    assert {c.incident_id: c.category for c in reading.log} == {"same": "C1", "i2": "C2"}


def test_a_note_of_ten_megabytes_is_not_kept_and_harms_nothing(tmp_path):
    note = 'He said "come",\nthen ' + "x" * 10_000_000
    reading = reading_of(tmp_path, {"note": note}, {"note": ""})
    assert len(reading.log) == 2
    assert reading.columns_left_out == ("note",)
    assert csv.field_size_limit() == 131_072


def test_a_nul_byte_spoils_its_row_only(tmp_path):
    path = written(tmp_path / "log.csv", rows({}, {"incident_id": "i\0"}, {}))
    reject = only_reject(read_log(path))
    assert (reject.row, reject.reason) == (3, "NUL byte")


def test_bytes_that_are_not_utf_8_spoil_their_row_only(tmp_path):
    path = written(tmp_path / "log.csv", rows({}, {"complaint": "fall"}, {}))
    path.write_bytes(path.read_bytes().replace(b"fall", b"f\xe4ll"))
    reject = only_reject(read_log(path))
    assert (reject.row, reject.reason) == (3, "not in the encoding")
    assert "utf-8" in reject.expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_file_in_utf_16_is_refused_by_name(tmp_path, encoding):
    path = tmp_path / "log.csv"
    text = ("\ufeff" if encoding == "utf-16-be" else "") + "incident_id,lon\n"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(ValueError, match="was UTF-16"):
        read_log(path)


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    path = written(tmp_path / "log.csv", rows({}))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_log(path).log) == 1


def test_too_few_cells_spoil_their_row_only(tmp_path):
    path = written(tmp_path / "log.csv", rows({}, {}, {}))
    lines = path.read_text().splitlines()
    lines[2] = "i2,2026-03-01T08:15:00Z"
    path.write_text("\n".join(lines))
    reject = only_reject(read_log(path))
    assert (reject.row, reject.expected) == (3, "5 cells, as in the header")


def test_a_quote_that_is_never_closed_spoils_its_row_only(tmp_path):
    path = written(tmp_path / "log.csv", rows({}, {"incident_id": "QUOTE"}, {}, {}))
    path.write_text(path.read_text().replace("QUOTE", '"i2'))
    reading = read_log(path)
    assert only_reject(reading).reason == "quote not closed"
    assert reading.log.incident_id[:] == ["i1", "i3", "i4"]


def test_a_cell_may_run_over_lines(tmp_path):
    reading = reading_of(tmp_path, {"note": 'a "b"\nc, d\n'}, {"note": "e"})
    assert len(reading.log) == 2
    assert reading.rejects.count == 0


def test_rejects_are_written_with_where_what_and_why(tmp_path):
    path = tmp_path / "rejects.csv"
    reading_of(tmp_path, {"category": "=cmd()"}, {"lon": "x"}, {}, rejects_path=path)
    with path.open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [r["row"] for r in found] == ["2", "3"]
    assert list(found[0]) == ["file", "row", "field", "reason", "expected", "found"]
    assert found[0]["found"] == "'=cmd()"


def test_without_rejects_no_file_is_left(tmp_path):
    path = tmp_path / "rejects.csv"
    path.write_text("of an earlier run")
    reading_of(tmp_path, {}, rejects_path=path)
    assert not path.exists()


def test_rejects_are_counted_by_reason(tmp_path):
    reading = reading_of(tmp_path, {"lon": "x"}, {"lon": "y"}, {"category": "?"}, {})
    assert reading.rejects.reasons == (
        ("lon", "not readable", 2),
        ("category", "unknown word", 1),
    )


def test_a_gzipped_file_that_was_cut_off_is_refused(tmp_path):
    whole = packed(written(tmp_path / "log.csv", rows(*({} for _ in range(500)))))
    whole.write_bytes(whole.read_bytes()[:200])
    with pytest.raises(ValueError, match="was cut off"):
        read_log(whole)


def test_a_parquet_file_that_was_cut_off_is_refused(tmp_path):
    whole = tmp_path / "log.parquet"
    write_log(reading_of(tmp_path, *({} for _ in range(500))).log, whole)
    whole.write_bytes(whole.read_bytes()[:-30])
    with pytest.raises(ValueError, match="broken Parquet"):
        read_log(whole)


@pytest.mark.parametrize(
    ("start", "kind"),
    [(b"PK\x03\x04", "cut off or damaged"), (b"%PDF-1.7", "PDF"), (b"\n", "an empty file")],
)
def test_a_file_of_another_kind_is_refused(tmp_path, start, kind):
    path = tmp_path / "log.csv"
    path.write_bytes(start)
    with pytest.raises(ValueError, match=kind):
        read_log(path)


def test_parquet_of_other_origin_is_read_by_type(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    when = np.array(["2026-03-01T08:15:00"] * 3, dtype="datetime64[us]")
    table = pa.table(
        {
            "incident_id": pa.array([7, 8, 9]),
            "received_at": pa.array(when).cast(pa.timestamp("us", tz="Europe/London")),
            "LON": [-1.3, None, -1.3],
            "lat": [50.7, 50.7, float("nan")],
            "category": pa.array(["C1", "C2", "C2"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    reading = read_log(tmp_path / "log.parquet")
    assert reading.log.incident_id[:] == ["7"]
    assert [(r.row, r.field) for r in reading.rejects.first] == [(2, "lon"), (3, "lat")]


CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "received_at": st.datetimes()
            .map(lambda d: f"{d:%H:%M:%S}")
            .map(lambda t: f"2026-03-01T{t}Z"),
            "lon": st.floats(-1.6, -1.0).map(str),
            "lat": st.floats(50.5, 50.8).map(str),
            "category": st.sampled_from(["C1", "C2", "C3", "C5", "HCP3", "IFT1"]),
            "complaint": st.sampled_from(["", "fall", "chest_pain", 'a "b", c']),
            "age_years": st.sampled_from(["", "0", "17.25", "99"]),
            "frail": st.sampled_from(["", "true", "false"]),
            "travel_s": st.sampled_from(["", "61.125", "0"]),
            "clear_at": st.sampled_from(["", "2026-03-02T00:00:00.500Z"]),
        }
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(CALLS)
def test_every_format_gives_the_same_log_back(tmp_path_factory, table):
    folder = tmp_path_factory.mktemp("log")
    log = reading_of(folder, *table).log
    assert len(log) == len(table)
    for name in ("a.csv", "a.csv.gz", "a.parquet"):
        write_log(log, folder / name)
        again = read_log(folder / name)
        assert again.rejects.count == 0, again.rejects
        assert again.log.sha256 == log.sha256
        assert list(again.log) == list(log)


@settings(max_examples=40, deadline=None)
@given(CALLS, st.randoms())
def test_the_order_of_rows_in_the_file_does_not_matter(tmp_path_factory, table, chance):
    folder = tmp_path_factory.mktemp("log")
    first = rows(*table)
    second = list(first)
    chance.shuffle(second)
    one = read_log(written(folder / "one.csv", first)).log
    two = read_log(written(folder / "two.csv", second)).log
    assert one.sha256 == two.sha256


def test_equal_logs_are_equal_bytes(tmp_path):
    log = reading_of(tmp_path, {}, {"complaint": "fall"}).log
    for name in ("a.csv", "a.csv.gz"):
        write_log(log, tmp_path / name)
        write_log(log, tmp_path / f"b{name}")
        assert (tmp_path / name).read_bytes() == (tmp_path / f"b{name}").read_bytes()


def test_another_word_is_another_version(tmp_path):
    versions = {
        reading_of(tmp_path, *changes).log.sha256
        for changes in ([{}], [{"category": "C1"}], [{"complaint": "fall"}], [{"lon": "-1.3"}])
    }
    assert len(versions) == 4


def test_a_name_without_a_known_ending_is_refused(tmp_path):
    log = reading_of(tmp_path, {}).log
    with pytest.raises(ValueError, match=r"ends in \.csv, \.csv\.gz, \.parquet, was log\.txt"):
        write_log(log, tmp_path / "log.txt")


def test_a_log_of_many_chunks_is_one_log(tmp_path):
    log = reading_of(tmp_path, *({"lon": f"-1.{n:06d}"} for n in range(45_000))).log
    assert len(log) == 45_000
    assert (log[44_999].incident_id, log[44_999].lon) == ("i9999", -1.009998)
    part = log.taken(np.array([5, 3]))
    assert part.incident_id[:] == [log.incident_id[i] for i in sorted([5, 3])]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000))
def test_no_bytes_crash_the_reader(tmp_path_factory, noise):
    path = tmp_path_factory.mktemp("log") / "log.csv"
    head = ",".join(A_ROW) + "\n"
    good = ",".join(A_ROW.values()) + "\n"
    path.write_bytes(
        head.encode() + good.encode() + noise + b"\n" + good.replace("i1", "z").encode()
    )
    reading = read_log(path)
    assert "i1" in reading.log.incident_id[:]
