"""Files with a row for each status of a unit: brought together, mapped, bounded."""

import pytest

from benchmarks.call_log import events
from benchmarks.call_log.bring_in import bring_in
from benchmarks.call_log.events import open_mapped
from benchmarks.call_log.mapping import FileBlock
from benchmarks.call_log.mapping_file import read_mapping
from benchmarks.call_log.proposal import propose
from benchmarks.call_log.read import read_log
from benchmarks.call_log.rejects import Rejects

EVENTS = FileBlock(
    one_row_per="event", incident_id="no", unit="unit", status="status", status_at="at"
)

HEAD = "no,unit,status,at,lon,lat,prio\n"
ROWS = """\
1,,Call Received,2025-10-24T08:00:00,-6.26,53.35,ECHO
1,M1,Mobilised,2025-10-24T08:01:00,-6.26,53.35,ECHO
1,M1,Mobile to Incident,2025-10-24T08:02:00,-6.26,53.35,ECHO
1,M2,Mobilised,2025-10-24T08:03:00,-6.26,53.35,ECHO
1,M1,At Scene,2025-10-24T08:09:00,-6.26,53.35,ECHO
1,M1,At Scene,2025-10-24T08:11:00,-6.26,53.35,ECHO
1,M2,At Scene,2025-10-24T08:12:00,-6.26,53.35,ECHO
1,M1,Left Scene,2025-10-24T08:30:00,-6.26,53.35,ECHO
1,M1,At Hospital,2025-10-24T08:40:00,-6.26,53.35,ECHO
1,M1,Clear,2025-10-24T09:10:00,-6.26,53.35,ECHO
1,M2,Clear,2025-10-24T08:32:00,-6.26,53.35,ECHO
2,,Call Received,2025-10-24T08:05:00,-6.25,53.34,OMEGA
"""


def a_file(folder, text=HEAD + ROWS):
    path = folder / "status.csv"
    path.write_text(text, encoding="utf-8")
    return path


def rows_of(path, file=EVENTS, **options):
    return [
        dict(zip(chunk.columns, row, strict=True))
        for chunk in open_mapped(path, file, Rejects(), **options).chunks
        for row in zip(*chunk.columns.values(), strict=True)
    ]


def test_a_row_a_unit_with_a_column_a_status(tmp_path):
    first, second, alone = rows_of(a_file(tmp_path))
    assert (first["unit"], first["Mobilised"], first["Clear"]) == (
        *("M1", "2025-10-24T08:01:00", "2025-10-24T09:10:00"),
    )
    assert (second["unit"], second["At Hospital"]) == ("M2", "")
    assert (alone["no"], alone["unit"], alone["prio"]) == ("2", "", "OMEGA")


def test_what_is_said_without_a_unit_holds_for_all_units_of_the_incident(tmp_path):
    first, second, _ = rows_of(a_file(tmp_path))
    assert first["Call Received"] == second["Call Received"] == "2025-10-24T08:00:00"


def test_of_a_status_that_comes_again_the_first_is_taken(tmp_path):
    assert rows_of(a_file(tmp_path))[0]["At Scene"] == "2025-10-24T08:09:00"


def test_names_and_statuses_may_hold_quotes(tmp_path):
    text = 'n"o,unit,status,at\n1,M1,"At ""Scene""",2025-10-24T08:00:00\n'.replace('n"o', '"n""o"')
    file = FileBlock(
        one_row_per="event", incident_id='n"o', unit="unit", status="status", status_at="at"
    )
    (row,) = rows_of(a_file(tmp_path, text), file)
    assert row['At "Scene"'] == "2025-10-24T08:00:00"


def test_a_missing_column_of_events_is_named(tmp_path):
    text = (HEAD + ROWS).replace("status,at", "state,at")
    with pytest.raises(ValueError, match=r"Expected columns status in .*was no, unit, state"):
        open_mapped(a_file(tmp_path, text), EVENTS, Rejects())


def test_free_text_is_no_status(tmp_path):
    rows = "".join(f"1,M1,note {n},2025-10-24T08:00:00,0,0,x\n" for n in range(600))
    with pytest.raises(ValueError, match="at most 500 different texts in column status"):
        open_mapped(a_file(tmp_path, HEAD + rows), EVENTS, Rejects())


def many(count):
    """Return the rows of many incidents like the first."""
    first = ROWS.split("2,,Call", maxsplit=1)[0]
    return "".join(first.replace("1,", f"{n},", 1).replace("\n1,", f"\n{n},") for n in range(count))


def test_a_log_of_events_is_recognised_and_comes_in(tmp_path):
    path = a_file(
        tmp_path, HEAD.replace("no,", "IncidentNo,").replace("unit", "Callsign") + many(20)
    )
    mapping = read_mapping(propose(path), "proposed")
    assert mapping.file.one_row_per == "event"
    assert (mapping.file.unit, mapping.file.status) == ("Callsign", "status")
    assert mapping.time.columns["received_at"] == "Call Received"
    assert mapping.time.columns["first_assigned_at"] == "Mobilised"
    assert mapping.time.columns["first_mobile_at"] == "Mobile to Incident"
    report = bring_in(path, mapping, tmp_path / "log.csv")
    assert (report.row_count, report.incident_count, report.rejects.count) == (40, 20, 0)
    call = read_log(tmp_path / "log.csv").log[0]
    assert call.travel_s == 7 * 60
    assert call.handover_s == 30 * 60
    assert call.responders_needed == 2


def test_a_mapping_of_events_needs_its_columns():
    text = 'title = "x"\n[file]\none_row_per = "event"\n[time.columns]\nreceived_at = "a"\n'
    text += '[place]\nx = "x"\ny = "y"\n[category]\notherwise = "C2"\n'
    with pytest.raises(ValueError, match=r"file.unit, the column, is missing.*file.status_at"):
        read_mapping(text, "x")


def test_many_events_are_brought_together_part_by_part_with_the_same_result(tmp_path, monkeypatch):
    path = a_file(tmp_path, HEAD + many(100))
    whole = {(row["no"], row["unit"]): row for row in rows_of(path)}
    monkeypatch.setattr(events, "ROWS_TOGETHER_PER_MB", 0.2)
    parts = rows_of(path)
    assert len(parts) == len(whole) == 200
    assert {(row["no"], row["unit"]): row for row in parts} == whole
