"""Bringing foreign logs in: mapped, checked, units together, nothing lost unseen."""

import csv
import gzip
from datetime import UTC, datetime

import pytest

from benchmarks.call_log import row_store
from benchmarks.call_log.bring_in import bring_in
from benchmarks.call_log.mapping_file import bundled_mappings, load_mapping, read_mapping
from benchmarks.call_log.read import read_log
from tests.benchmarks.call_log.builders import written

PLAIN = """
title = "plain"

[file]
incident_id = "id"

[time]
format = "%d/%m/%Y %H:%M:%S"

[time.columns]
received_at = "received"

[place]
x = "lon"
y = "lat"

[category]
column = "cat"

[category.words]
1 = "C1"
2 = "C2"
"""

UNITS = PLAIN.replace('incident_id = "id"', 'incident_id = "id"\none_row_per = "unit"').replace(
    'received_at = "received"',
    """received_at = "received"
first_assigned_at = "assigned"
first_mobile_at = "mobile"
first_on_scene_at = "scene"
left_scene_at = "left"
at_hospital_at = "hospital"
handed_over_at = "handover"
clear_at = "clear"
""",
)


def a_row(**change):
    row = {"id": "a", "received": "01/03/2026 08:00:00", "lon": "-1.3", "lat": "50.7", "cat": "2"}
    return row | change


def a_unit(unit, **minutes):
    """Return a row of one unit; times are minutes after eight."""
    names = ("assigned", "mobile", "scene", "left", "hospital", "handover", "clear")
    stamps = {n: f"01/03/2026 08:{minutes[n]:02d}:00" if n in minutes else "" for n in names}
    return a_row(unit=unit, **stamps)


def brought(folder, mapping, table, **options):
    source = folder / "foreign.csv"
    with source.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    report = bring_in(source, read_mapping(mapping, "m.toml"), folder / "log.csv", **options)
    reading = read_log(folder / "log.csv")
    assert reading.rejects.count == 0
    return report, reading.log


def test_a_row_an_incident(tmp_path):
    report, log = brought(tmp_path, PLAIN, [a_row(), a_row(id="b", cat="1")])
    assert report.incident_count == 2
    assert report.categories == {"C1": 1, "C2": 1}
    assert (log[0].incident_id, log[0].category, log[0].received_at_ms) == (
        "a",
        "C2",
        1_772_352_000_000,
    )


def test_every_row_is_accounted_for(tmp_path):
    keep = '[[keep]]\ncolumn = "kind"\nwords = ["medical"]\n'
    table = [
        a_row(kind="medical"),
        a_row(kind="fire", id="b"),
        a_row(kind="medical", id="c", cat="9"),
        a_row(kind="medical", id="d", received="soon"),
        a_row(kind="medical", id="e", lat=""),
        a_row(kind="medical"),
    ]
    report, _ = brought(tmp_path, PLAIN + keep, table, rejects_path=tmp_path / "rejects.csv")
    assert (report.row_count, report.left_out_count) == (6, 1)
    assert (report.rejects.count, report.incident_count) == (4, 1)
    assert {r.row: (r.field, r.reason) for r in report.rejects.first} == {
        4: ("cat", "unknown word"),
        5: ("received", "not readable"),
        6: ("lat", "no place"),
        7: ("incident_id", "duplicate"),
    }
    with (tmp_path / "rejects.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 4


def test_units_of_one_incident_are_brought_together(tmp_path):
    table = [
        a_unit("car", assigned=1, mobile=2, scene=6, clear=30),
        a_unit(
            "ambulance", assigned=2, mobile=3, scene=9, left=25, hospital=40, handover=50, clear=55
        ),
        a_unit("stood down", assigned=1, clear=4),
    ]
    report, log = brought(tmp_path, UNITS, table)
    call = log[0]
    minute = lambda stamp: (stamp - call.received_at_ms) // 60_000  # noqa: E731
    assert report.incident_count == 1
    assert minute(call.first_assigned_at_ms) == 1
    assert minute(call.first_on_scene_at_ms) == 6
    assert minute(call.transporting_on_scene_at_ms) == 9
    assert minute(call.left_scene_at_ms) == 25
    assert minute(call.clear_at_ms) == 55
    assert (call.mobilisation_s, call.travel_s) == (60, 240)
    assert (call.scene_s, call.conveyance_s) == (16 * 60, 15 * 60)
    assert (call.handover_s, call.clear_s) == (600, 300)
    assert call.responders_needed == 2


def test_a_patient_who_stays_keeps_the_unit_until_it_is_clear(tmp_path):
    _, log = brought(tmp_path, UNITS, [a_unit("x", assigned=1, mobile=2, scene=6, clear=36)])
    assert (log[0].scene_s, log[0].clear_s, log[0].handover_s) == (1800, 0, None)
    assert log[0].transporting_on_scene_at_ms is None


def test_a_handover_without_an_end_lasts_until_clear(tmp_path):
    mapping = UNITS.replace("[time]", "[time]\nhandover_lasts_until_clear = true").replace(
        'handed_over_at = "handover"\n', ""
    )
    table = [a_unit("x", scene=6, left=20, hospital=30, clear=55)]
    _, log = brought(tmp_path, mapping, table)
    assert (log[0].handover_s, log[0].clear_s) == (1500, 0)


def test_durations_may_be_left_to_the_simulated_world(tmp_path):
    mapping = UNITS.replace("[time]", "[time]\ndurations = false")
    _, log = brought(tmp_path, mapping, [a_unit("x", mobile=2, scene=6, clear=36)])
    assert log[0].travel_s is None
    assert log[0].first_on_scene_at_ms is not None


def test_lengths_of_time_become_stamps_and_numbers_take_their_unit(tmp_path):
    extra = """
[time.elapsed.first_on_scene_at]
column = "wait"
unit = "min"

[numbers]
handover_s = { column = "handover", unit = "min" }
age_years = "age"

[words.outcome]
column = "end"
otherwise = ""
words = { "Taken" = "conveyed_to_ed" }
"""
    table = [
        a_row(wait="7.5", handover="20", age="71", end="Taken"),
        a_row(id="b", wait="", handover="", age="", end="?"),
        a_row(id="c", wait="-1", handover="2000", age="500", end=""),
    ]
    report, log = brought(tmp_path, PLAIN + extra, table)
    assert log[0].first_on_scene_at_ms - log[0].received_at_ms == 450_000
    assert (log[0].handover_s, log[0].age_years, log[0].outcome) == (1200, 71, "conveyed_to_ed")
    assert (log[1].first_on_scene_at_ms, log[1].outcome) == (None, None)
    assert [(r.row, r.field) for r in report.rejects.first] == [(4, "wait")]


def test_words_for_nothing_are_nothing(tmp_path):
    extra = '[words.complaint]\ncolumn = "what"\n'
    _, log = brought(tmp_path, PLAIN + extra, [a_row(what="NULL"), a_row(id="b", what="fall")])
    assert [call.complaint for call in log] == [None, "fall"]


def test_a_file_without_identifiers_numbers_its_rows(tmp_path):
    mapping = PLAIN.replace('incident_id = "id"', "")
    _, log = brought(tmp_path, mapping, [a_row(), a_row()])
    assert log.incident_id[:] == ["row-2", "row-3"]


def test_an_identifier_may_be_made_of_two_columns(tmp_path):
    mapping = PLAIN.replace('incident_id = "id"', 'incident_id = ["cat", "id"]')
    _, log = brought(tmp_path, mapping, [a_row(), a_row(cat="1")])
    assert log.incident_id[:] == ["1-a", "2-a"]


def test_the_output_is_in_order_of_time_whatever_the_input_is(tmp_path):
    table = [a_row(id=f"i{n}", received=f"01/03/2026 08:{59 - n:02d}:00") for n in range(60)]
    _, log = brought(tmp_path, PLAIN, table)
    assert log.incident_id[0] == "i59"
    assert (log.received_at_ms[1:] > log.received_at_ms[:-1]).all()


def test_parquet_and_gzip_come_in_alike(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = [a_row(), a_row(id="b")]
    _, plain = brought(tmp_path, PLAIN, table)
    packed = tmp_path / "foreign.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "foreign.csv").read_bytes()))
    columns = {name: [row[name] for row in table] for name in table[0]}
    columns["lon"] = [-1.3, -1.3]
    columns["cat"] = [2, 2]
    columns["received"] = pa.array(
        [datetime(2026, 3, 1, 8, tzinfo=UTC)] * 2, pa.timestamp("us", tz="UTC")
    )
    pq.write_table(pa.table(columns), tmp_path / "foreign.parquet")
    for source, mapping in (
        (packed, PLAIN),
        (tmp_path / "foreign.parquet", PLAIN.replace('"%d/%m/%Y %H:%M:%S"', '"iso"')),
    ):
        bring_in(source, read_mapping(mapping, "m"), tmp_path / "again.parquet")
        assert read_log(tmp_path / "again.parquet").log.sha256 == plain.sha256


def test_a_column_that_the_file_lacks_is_named(tmp_path):
    source = tmp_path / "foreign.csv"
    source.write_text("id,lon,lat,cat\n")
    with pytest.raises(ValueError, match=r"Expected columns received in .* was id, lon, lat, cat"):
        bring_in(source, read_mapping(PLAIN, "m"), tmp_path / "log.csv")
    assert not (tmp_path / "log.csv").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("[place]", "[plaice]"), "unknown field `plaice`"),
        (("received_at", "recieved_at"), "received_at is missing"),
        (('2 = "C2"', '2 = "Cat 2"'), "category gives 'Cat 2'"),
        (('y = "lat"', ""), "place needs x and y"),
        (('x = "lon"', 'x = "lon"\nsystem = "OSGB"'), "none of WGS84, BNG"),
        (("[time]", '[time]\nzone = "Mars/Olympus"'), "no zone: 'Mars/Olympus'"),
        (("%d/%m/%Y", "%Q"), "%Q"),
        (("%d/%m/%Y %H:%M:%S", "elapsed_d"), "needs time.origin"),
        (("%d/%m/%Y %H:%M:%S", "someday"), "is no pattern"),
        (('title = "plain"', "title = plain"), "Expected TOML"),
        (("[category.words]", '[numbers]\nscene_s = "x"\n[category.words]'), "is a time"),
        (("[category.words]", '[numbers]\nweight = "x"\n[category.words]'), "is no number"),
        (
            ("[category.words]", '[words.colour]\ncolumn = "x"\n[category.words]'),
            "no column of words",
        ),
    ],
)
def test_a_mapping_that_cannot_be_followed_says_why(change, message):
    assert change[0] in PLAIN
    with pytest.raises(ValueError, match=message):
        read_mapping(PLAIN.replace(*change), "m.toml")


def test_bundled_mappings_can_be_followed():
    assert bundled_mappings() == (
        "london-dwelling-fires-2009",
        "london-fire-2024",
        "san-francisco-engines",
        "san-francisco-units",
    )
    for name in bundled_mappings():
        assert load_mapping(name).attribution


def test_an_unknown_mapping_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="san-francisco-units, was atlantis"):
        load_mapping("atlantis")


@pytest.mark.needs_data
def test_the_san_francisco_log_comes_in(data_folder, tmp_path):
    source = data_folder / "calls" / "sf_fire_ems" / "sf_calls_2020-04-07_20.csv.gz"
    report = bring_in(source, load_mapping("san-francisco-units"), tmp_path / "log.parquet")
    assert (report.row_count, report.left_out_count, report.rejects.count) == (10_410, 2_611, 16)
    assert report.incident_count == 4_312
    assert {reason for _, reason, _ in report.rejects.reasons} == {"impossible time"}
    log = read_log(tmp_path / "log.parquet").log
    first = next(c for c in log if c.incident_id == "20041901")
    # Row 3 of the file: medic 85, at the scene at 12:02:21 AM, received at 11:53:08 PM, local.
    assert first.transporting_on_scene_at_ms - first.received_at_ms == 553_000
    assert first.first_on_scene_at_ms - first.received_at_ms == 412_000
    assert (first.outcome, first.responders_needed) == ("conveyed_to_ed", 2)


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("folder", "file", "mapping", "count"),
    [
        (
            "lfb_london_2024",
            "lfb_2024_first_pump_response.csv.gz",
            "london-fire-2024",
            66_277,
        ),
        ("lfb_dwelling_fires_2009", "fstimes.csv", "london-dwelling-fires-2009", 6_708),
    ],
)
def test_the_london_logs_come_in_whole(data_folder, tmp_path, folder, file, mapping, count):
    source = data_folder / "calls" / folder / file
    report = bring_in(source, load_mapping(mapping), tmp_path / "log.parquet")
    assert (report.row_count, report.incident_count, report.rejects.count) == (count, count, 0)
    log = read_log(tmp_path / "log.parquet").log
    waits_s = [(c.first_on_scene_at_ms - c.received_at_ms) / 1000 for c in log]
    assert 300 < sum(waits_s) / count < 360
    assert all(-0.6 < c.lon < 0.4 and 51.2 < c.lat < 51.8 for c in log)


def test_rows_are_kept_by_patterns_too(tmp_path):
    keep = '\n[[keep]]\ncolumn = "kind"\nwords = ["EMS:*", "fall"]\n'
    table = [a_row(id="a", kind="EMS: FALL"), a_row(id="b", kind="Fire: GAS"), a_row(kind="Fall")]
    report, log = brought(tmp_path, PLAIN + keep, table)
    assert report.left_out_count == 1
    assert len(log) == 1  # of the equal names the first stays


def test_the_second_of_two_equal_hours_is_taken_where_the_times_before_show_it(tmp_path):
    # On 25 October 2026 clocks go back at 02:00: the call is at 01:50 summer time, the crew
    # arrives at 01:05 winter time, a quarter of an hour later.
    day = "25/10/2026 "
    row = a_row(
        received=day + "01:50:00", scene=day + "01:05:00", clear=day + "01:55:00", assigned=""
    )
    row |= dict.fromkeys(("mobile", "left", "hospital", "handover"), "")
    report, log = brought(tmp_path, UNITS, [row])
    assert report.rejects.count == 0
    call = log[0]
    assert call.first_on_scene_at_ms is not None
    assert call.clear_at_ms is not None
    assert call.first_on_scene_at_ms - call.received_at_ms == 15 * 60_000
    assert call.clear_at_ms - call.received_at_ms == 65 * 60_000


def test_numbers_with_a_decimal_comma_and_factors_are_read(tmp_path):
    mapping = PLAIN.replace("[file]", '[file]\ndecimal = ","').replace(
        'y = "lat"', 'y = "lat"\nx_factor = -1e-6\ny_factor = 0.001'
    )
    _, log = brought(tmp_path, mapping, [a_row(lon="97.743.061", lat="30267,153")])
    assert log[0].lon == pytest.approx(-97.743061)
    assert log[0].lat == pytest.approx(30.267153)


def test_past_midnight_holds_on_the_night_on_which_the_clocks_go_back(tmp_path):
    text = PLAIN.replace('format = "%d/%m/%Y %H:%M:%S"', 'format = "%d/%m/%Y %H:%M"')
    text = text.replace("[time.columns]", "clocks_pass_midnight = true\n\n[time.columns]")
    text = text.replace(
        'received_at = "received"', 'received_at = ["day", "call"]\nclear_at = ["day", "end"]'
    )
    rows = [
        {
            "id": "a",
            "day": "26/10/2025",
            "call": "23:50",
            "end": "00:40",
            "lon": "0",
            "lat": "51",
            "cat": "1",
        }
    ]
    source = written(tmp_path / "log.csv", rows)
    report = bring_in(source, read_mapping(text, "x"), tmp_path / "out.csv")
    assert report.rejects.count == 0
    call = read_log(tmp_path / "out.csv").log[0]
    assert call.clear_at_ms - call.received_at_ms == 50 * 60_000


def test_a_unit_that_comes_again_is_one_responder(tmp_path):
    rows = [a_unit("M1", scene=5), a_unit("M1", scene=5), a_unit("M2", scene=9)]
    text = UNITS.replace('one_row_per = "unit"', 'one_row_per = "unit"\nunit = "unit"')
    bring_in(written(tmp_path / "log.csv", rows), read_mapping(text, "x"), tmp_path / "out.csv")
    assert read_log(tmp_path / "out.csv").log[0].responders_needed == 2


IMPOSSIBLE = UNITS.replace('\none_row_per = "unit"', "")


def test_an_impossible_time_may_be_left_empty_and_its_incident_kept(tmp_path):
    row = a_unit("M1", assigned=1, mobile=2, scene=9, left=30, hospital=20, clear=50)
    row |= {"assigned": "01/03/2026 07:55:00"}
    source = written(tmp_path / "log.csv", [row])
    strict = bring_in(source, read_mapping(IMPOSSIBLE, "x"), tmp_path / "strict.csv")
    assert (strict.incident_count, strict.rejects.count) == (0, 1)
    lenient = IMPOSSIBLE.replace("[time.columns]", 'impossible = "leave_empty"\n\n[time.columns]')
    report = bring_in(source, read_mapping(lenient, "x"), tmp_path / "out.csv")
    assert (report.incident_count, report.rejects.count, report.times_left_empty_count) == (1, 0, 2)
    call = read_log(tmp_path / "out.csv").log[0]
    assert call.first_assigned_at_ms is None
    assert call.at_hospital_at_ms is None
    assert call.clear_at_ms is not None
    assert call.travel_s == 7 * 60


@pytest.mark.parametrize(
    ("unit", "text", "expected"),
    [("m:s", "12:30", 750.0), ("h:m:s", "1:00:05", 3605.0), ("h:m", "0:45", 2700.0)],
)
def test_lengths_of_time_may_be_written_as_clocks(tmp_path, unit, text, expected):
    block = f'\n[numbers]\nhandover_s = {{ column = "length", unit = "{unit}" }}\n'
    source = written(tmp_path / "log.csv", [a_row(length=text), a_row(id="b", length="soon")])
    report = bring_in(source, read_mapping(PLAIN + block, "x"), tmp_path / "out.csv")
    assert report.rejects.reasons == (("length", "not readable", 1),)
    assert read_log(tmp_path / "out.csv").log[0].handover_s == expected


def test_columns_of_parts_are_columns_of_their_own_and_lists_are_texts(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table(
        {
            "id": ["a"],
            "where": [{"at": {"lon": -1.3, "lat": 50.7}, "exact": True}],
            "units": [["M1", "M2"]],
            "received": ["01/03/2026 08:00:00"],
            "cat": ["1"],
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    text = PLAIN.replace('"lon"', '"where.at.lon"').replace('"lat"', '"where.at.lat"')
    text += '\n[words.observed_from]\ncolumn = "units"\n'
    report = bring_in(tmp_path / "log.parquet", read_mapping(text, "x"), tmp_path / "out.csv")
    assert report.columns_not_read == ("where.exact",)
    call = read_log(tmp_path / "out.csv").log[0]
    assert (call.lon, call.lat, call.observed_from) == (-1.3, 50.7, "M1, M2")


STAMPED = [
    a_unit("M1", scene=5, left=20, hospital=30, clear=50) | {"id": "conveyed"},
    a_unit("M1", scene=5, clear=50) | {"id": "seen"},
    a_unit("M1", assigned=2) | {"id": "nobody came"},
]


@pytest.mark.parametrize("per_unit", [True, False])
def test_stamps_say_how_an_incident_ended_where_nothing_else_does(tmp_path, per_unit):
    source = written(tmp_path / "log.csv", STAMPED)
    mapping = read_mapping(UNITS if per_unit else IMPOSSIBLE, "x")
    bring_in(source, mapping, tmp_path / "out.csv")
    ended = {call.incident_id: call.outcome for call in read_log(tmp_path / "out.csv").log}
    assert ended == {"conveyed": "conveyed_to_ed", "seen": "see_and_treat", "nobody came": None}


def test_the_files_own_word_for_the_end_goes_before_its_stamps(tmp_path):
    rows = [row | {"end": "refused" if row["id"] == "conveyed" else ""} for row in STAMPED]
    words = (
        '\n[words.outcome]\ncolumn = "end"\notherwise = ""\nwords = { refused = "see_and_treat" }\n'
    )
    bring_in(
        written(tmp_path / "log.csv", rows), read_mapping(UNITS + words, "x"), tmp_path / "out.csv"
    )
    ended = {call.incident_id: call.outcome for call in read_log(tmp_path / "out.csv").log}
    assert ended == {"conveyed": "see_and_treat", "seen": "see_and_treat", "nobody came": None}


def test_ends_may_be_left_to_the_simulated_world(tmp_path):
    text = UNITS.replace("[time.columns]", "outcomes = false\n\n[time.columns]")
    source = written(tmp_path / "log.csv", STAMPED)
    report = bring_in(source, read_mapping(text, "x"), tmp_path / "out.csv")
    assert "outcome" not in report.filled


@pytest.mark.parametrize("mapping", [PLAIN, UNITS])
def test_many_rows_are_brought_together_part_by_part_with_the_same_result(
    tmp_path, monkeypatch, mapping
):
    rows = [a_row(id=f"i{n % 200}") | a_unit(f"u{n}", scene=n % 50) for n in range(500)]
    rows = [row | {"id": f"i{n % 200}"} for n, row in enumerate(rows)]
    source = written(tmp_path / "log.csv", rows)
    whole = bring_in(source, read_mapping(mapping, "m"), tmp_path / "whole.csv")
    monkeypatch.setattr(row_store, "ROWS_TOGETHER_PER_MB", 1)
    parts = bring_in(source, read_mapping(mapping, "m"), tmp_path / "parts.csv", memory_mb=64)
    assert whole == parts
    assert whole.incident_count == 200
    assert (tmp_path / "whole.csv").read_bytes() == (tmp_path / "parts.csv").read_bytes()


def test_too_little_memory_is_told_plainly():
    import duckdb

    with (
        pytest.raises(ValueError, match=r"Expected 64 MB to be enough .*--memory-mb"),
        row_store.open_database(64),
    ):
        raise duckdb.OutOfMemoryException


def test_an_hour_that_the_clocks_jump_over_is_told_as_such(tmp_path):
    table = [a_row(), a_row(id="b", received="29/03/2026 01:30:00")]
    report, _ = brought(tmp_path, PLAIN, table)
    (reject,) = report.rejects.first
    assert reject.row == 3
    assert "Europe/London, whose clocks go forward over this hour" in reject.expected
