"""Replay: the same run for ever, and a journal that proves it."""

import gzip

import pytest

from benchmarks.journal_file import JournalWriter, opened_journal
from benchmarks.reopen import reopened
from benchmarks.replay import replay, travel_times
from benchmarks.simulator.settings import HandoverModel, WorldSettings
from benchmarks.verify import OtherVersionError, verify
from dispatch.domain.decision import Assign
from dispatch.engine import settings_named
from dispatch.journal import BrokenJournalError, Header
from maps.region import Region
from tests.benchmarks.towns import a_busy_day, a_call, a_log, a_town, a_unit

TOWN = a_town(a_unit("A1", 0), a_unit("A2", 3), a_unit("A3", 6), a_unit("R1", 3, kind="RRV"))


def written(path, policy="b2", **world):
    run = replay(a_busy_day(40), TOWN, settings_named(policy), WorldSettings(**world), journal=path)
    return run, path


@pytest.mark.parametrize("policy", ["b1", "b2"])
@pytest.mark.parametrize("handover", list(HandoverModel))
def test_two_runs_with_one_seed_are_byte_equal(tmp_path, policy, handover):
    one, first = written(tmp_path / "1.jsonl", policy, seed=3, handover=handover)
    two, second = written(tmp_path / "2.jsonl", policy, seed=3, handover=handover)
    assert first.read_bytes() == second.read_bytes()
    assert one.records == two.records


def test_another_seed_is_another_run(tmp_path):
    _, first = written(tmp_path / "1.jsonl", seed=1)
    _, second = written(tmp_path / "2.jsonl", seed=2)
    assert first.read_bytes() != second.read_bytes()


def test_a_compressed_journal_is_the_same_journal_and_carries_no_time(tmp_path):
    _, plain = written(tmp_path / "j.jsonl")
    _, packed = written(tmp_path / "j.jsonl.gz")
    again = tmp_path / "k.jsonl.gz"
    written(again)
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    assert packed.read_bytes() == again.read_bytes()


def test_a_crew_goes_to_a_patient_of_c5_whom_the_log_has_seen_by_one():
    seen = a_call(30, 1, category="C5", outcome="see_and_treat")
    run = replay(a_log(seen, a_call(60, 2, category="C5")), TOWN, settings_named("b2"))
    assert run.unfinished == 0
    assert {str(record.outcome) for record in run.records} == {"see_and_treat", "hear_and_treat"}


def test_every_incident_ends_in_a_record(tmp_path):
    run, _ = written(tmp_path / "j.jsonl")
    assert len(run.records) == run.calls == len({record.incident for record in run.records})
    assert (run.unfinished, run.refused) == (0, [])


@pytest.mark.parametrize("policy", ["b1", "b2"])
def test_a_verified_journal_has_not_one_different_decision(tmp_path, policy):
    _, path = written(tmp_path / "j.jsonl.gz", policy)
    found = verify(path, TOWN, travel_times(TOWN))
    assert found.different == 0
    assert found.decisions > 60


def test_a_decision_that_was_changed_is_found_and_counted_once(tmp_path):
    _, path = written(tmp_path / "j.jsonl")
    other = tmp_path / "other.jsonl"
    changed = _with_another_eta(path, other)
    found = verify(other, TOWN, travel_times(TOWN))
    assert found.different == 1
    (difference,) = found.first
    assert difference.seq == changed
    assert difference.recorded != difference.decided


def _with_another_eta(path, other):
    """Write a journal again with the ETA of its third assignment moved by a millisecond."""
    import msgspec

    seen = 0
    changed = -1
    with opened_journal(path) as (header, entries), JournalWriter(other, header) as writer:
        for entry in entries:
            decisions = list(entry.decisions)
            for i, decision in enumerate(entry.decisions):
                seen += isinstance(decision, Assign)
                if isinstance(decision, Assign) and seen == 3:
                    decisions[i] = msgspec.structs.replace(decision, eta_ms=decision.eta_ms + 1)
                    changed = entry.seq
            writer.write(msgspec.structs.replace(entry, decisions=tuple(decisions)))
    return changed


def test_a_journal_of_another_region_is_refused(tmp_path):
    _, path = written(tmp_path / "j.jsonl")
    other = Region(**{**_fields(TOWN), "version": "8" * 64})
    with pytest.raises(OtherVersionError, match="expected region version 777"):
        verify(path, other, travel_times(other))


def _fields(region):
    return {name: getattr(region, name) for name in region.__dataclass_fields__}


def test_a_journal_that_was_cut_short_names_file_and_fault(tmp_path):
    _, path = written(tmp_path / "j.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(BrokenJournalError, match=r"j\.jsonl: .*truncated"):
        verify(path, TOWN, travel_times(TOWN))


def test_a_journal_that_was_altered_is_refused(tmp_path):
    _, path = written(tmp_path / "j.jsonl")
    path.write_bytes(path.read_bytes().replace(b'"category":"C2"', b'"category":"C3"', 1))
    with pytest.raises(BrokenJournalError, match="altered"):
        verify(path, TOWN, travel_times(TOWN))


def test_a_compressed_journal_that_was_cut_short_is_refused(tmp_path):
    _, path = written(tmp_path / "j.jsonl.gz")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(BrokenJournalError, match="gzip"):
        verify(path, TOWN, travel_times(TOWN))


def test_what_is_no_journal_is_refused(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_bytes(b"incident_id,received_at\n")
    with pytest.raises(BrokenJournalError, match=r"j\.jsonl: Line 1"):
        verify(path, TOWN, travel_times(TOWN))


def test_a_run_that_breaks_off_leaves_no_footer(tmp_path):
    path = tmp_path / "j.jsonl"
    header = Header(engine="1", region="r", region_version="1", travel_version="1")

    class PowerCutError(Exception):
        pass

    with pytest.raises(PowerCutError), JournalWriter(path, header):
        raise PowerCutError
    assert b'"entries"' not in path.read_bytes()


def test_a_journal_opened_again_holds_the_same_run(tmp_path):
    run, path = written(tmp_path / "j.jsonl.gz")
    again = reopened(path, TOWN, travel_times(TOWN))
    assert again.records == run.records
    assert again.ledger.assignments == run.ledger.assignments
    assert again.ledger.spells().end_ms.tolist() == run.ledger.spells().end_ms.tolist()
    assert (again.calls, again.month) == (run.calls, run.month)


def test_progress_is_told_up_to_the_last_call():
    heard = []
    replay(a_busy_day(40), TOWN, settings_named("b2"), progress=heard.append)
    assert heard[0] == 0
    assert heard[-1] == 40


def test_an_empty_log_is_refused():
    with pytest.raises(ValueError, match="at least one incident, was empty"):
        replay(a_log(*[]), TOWN, settings_named("b2"))


def test_a_region_without_a_fleet_is_refused():
    bare = Region(**{**_fields(TOWN), "fleet": ()})
    with pytest.raises(ValueError, match="'town' to have a fleet, was none"):
        replay(a_log(a_call()), bare, settings_named("b2"))
