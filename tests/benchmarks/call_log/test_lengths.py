"""Lengths of time in place of stamps: from what to what, in which unit; the samples are made up."""

import pytest

from benchmarks.call_log.bring_in import bring_in
from benchmarks.call_log.mapping_file import read_mapping
from benchmarks.call_log.proposal import propose
from benchmarks.call_log.read import read_log
from benchmarks.call_log.trial import tried


def proposed(folder, head, *rows):
    path = folder / "foreign.csv"
    path.write_text("\n".join([head, *rows]) + "\n")
    toml = propose(path)
    return path, toml, read_mapping(toml, "proposed")


DETROIT = (
    "incident_entry_id,priority,called_at,intake_time,dispatch_time,travel_time,"
    "total_response_time,time_on_scene,total_time,longitude,latitude"
)


def test_minutes_after_the_call_become_stamps(tmp_path):
    rows = [
        f"2024{n},{n % 4 + 1},2024/03/04 {n:02d}:00:00+00,1.{n},2.{n},6.{n},10.{n},40.{n},"
        f"7{n % 9}.5,-83.0{n},42.3{n}"
        for n in range(10, 24)
    ]
    path, toml, mapping = proposed(tmp_path, DETROIT, *rows)
    assert {name: (e.column, e.unit, e.after) for name, e in mapping.time.elapsed.items()} == {
        "first_on_scene_at": ("total_response_time", "min", "received_at"),
        "clear_at": ("total_time", "min", "received_at"),
    }
    assert {name: block.unit for name, block in mapping.numbers.items()} == {
        "travel_s": "min",
        "scene_s": "min",
    }
    assert "first_on_scene_at: 14 of 14" in tried(path, toml, "proposed", 1000)


def test_seconds_from_the_call_to_each_stamp_are_told_by_their_names(tmp_path):
    rows = [f"a{n},{1709531215 + n},4{n},9{n},60{n},-97.7,30.2" for n in range(10, 24)]
    head = "incident_id,created_ts,seconds_to_dispatch,seconds_to_enroute,seconds_to_scene,lng,lat"
    _, _, mapping = proposed(tmp_path, head, *rows)
    assert mapping.time.format == "epoch_s"
    assert {name: (e.column, e.unit) for name, e in mapping.time.elapsed.items()} == {
        "first_assigned_at": ("seconds_to_dispatch", "s"),
        "first_mobile_at": ("seconds_to_enroute", "s"),
        "first_on_scene_at": ("seconds_to_scene", "s"),
    }


def test_lengths_may_follow_each_other(tmp_path):
    head = "Incident ID,Received,Call to Dispatch (sec),Turnout (sec),Enroute to Arrival (sec)"
    rows = [f"i{n},2024-03-04T{n}:00:00Z,{n},1{n},2{n},-1.2,52.2" for n in range(10, 24)]
    path, _, mapping = proposed(tmp_path, f"{head},lon,lat", *rows)
    assert {name: e.after for name, e in mapping.time.elapsed_in_order} == {
        "first_assigned_at": "received_at",
        "first_mobile_at": "first_assigned_at",
        "first_on_scene_at": "first_mobile_at",
    }
    bring_in(path, mapping, tmp_path / "log.csv")
    call = read_log(tmp_path / "log.csv").log[0]
    assert call.first_on_scene_at_ms - call.received_at_ms == (10 + 110 + 210) * 1000
    assert (call.mobilisation_s, call.travel_s) == (110, 210)


def test_lengths_written_as_clocks_are_no_times_of_day(tmp_path):
    head = "Incident ID,Received,Response Time,lon,lat"
    rows = [f"i{n},2024-03-04T10:00:00Z,00:{n}:0{n % 9},-1.2,52.2" for n in range(10, 40)]
    path, toml, mapping = proposed(tmp_path, head, *rows)
    assert mapping.time.elapsed["first_on_scene_at"].unit == "h:m:s"
    assert "first_on_scene_at: 30 of 30" in tried(path, toml, "proposed", 1000)


@pytest.mark.parametrize(
    "entries",
    [
        {"first_on_scene_at": "clear_at"},
        {"first_on_scene_at": "first_mobile_at", "first_mobile_at": "first_on_scene_at"},
    ],
)
def test_a_length_after_nothing_known_is_refused(entries):
    text = 'title = "x"\n[time.columns]\nreceived_at = "r"\n'
    for name, after in entries.items():
        text += f'[time.elapsed.{name}]\ncolumn = "c"\nafter = "{after}"\n'
    text += '[place]\nx = "x"\ny = "y"\n[category]\notherwise = "C2"\n'
    with pytest.raises(ValueError, match=r"follows '\w+', which is no column and no known length"):
        read_mapping(text, "x")
