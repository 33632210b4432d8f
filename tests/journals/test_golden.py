"""Golden journals: what was decided once is decided again, on every Python."""

import gzip

import pytest

from benchmarks.replay import travel_times
from benchmarks.verify import verify
from tests.journals.write import FOLDER, RUNS, golden_town, write


@pytest.mark.parametrize("name", RUNS)
def test_every_recorded_decision_is_decided_again(name):
    town = golden_town()
    found = verify(FOLDER / f"{name}.jsonl.gz", town, travel_times(town))
    assert found.first == ()
    assert found.decisions > 100


@pytest.mark.parametrize("name", RUNS)
def test_the_same_world_happens_again_byte_for_byte(name, tmp_path):
    path = tmp_path / "again.jsonl"
    write(name, path)
    golden = gzip.decompress((FOLDER / f"{name}.jsonl.gz").read_bytes())
    # The header names the version of the engine that wrote it; everything after it is equal.
    assert path.read_bytes().split(b"\n")[1:] == golden.split(b"\n")[1:]
