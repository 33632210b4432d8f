from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.commands import app
from api.ground import Ground
from tests.api.builders import HandClock, a_ground, a_server
from tests.conftest import ROOT


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "j.sqlite"
    with a_server(path, clock=HandClock()) as client:
        client.sign_on("A1", 5)
        client.report("i", "C1", 0)

    def on_the_road(name: str) -> Ground:
        assert name == "road"
        return a_ground()

    monkeypatch.setattr("api.audit.open_ground", on_the_road)
    return path


def test_a_journal_is_verified_by_its_own_region(store: Path) -> None:
    result = CliRunner().invoke(app, ["journal", "verify", "--store", str(store)])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("3 entries: the chain is whole and not one decision differs.")


def test_a_journal_that_would_be_decided_otherwise_has_an_exit_status_of_its_own(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dispatch.dispatcher import Dispatcher

    monkeypatch.setattr(Dispatcher, "recommend", lambda *_: ())
    result = CliRunner().invoke(app, ["journal", "verify", "--store", str(store)])
    assert result.exit_code == 2
    assert "2 would be decided otherwise; the first are 1, 2." in result.output


def test_a_journal_is_exported_as_lines(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "j.jsonl"
    result = CliRunner().invoke(
        app, ["journal", "export", "--store", str(store), "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert rows[0]["region"] == "road"
    assert [row["seq"] for row in rows[1:-1]] == [0, 1, 2]
    assert rows[-1]["entries"] == 3


@pytest.mark.parametrize("command", ["verify", "export"])
def test_what_is_no_journal_is_named(tmp_path: Path, command: str) -> None:
    wrong = tmp_path / "notes.txt"
    wrong.write_text("not a journal " * 100)
    more = ["--out", str(tmp_path / "out")] if command == "export" else []
    result = CliRunner().invoke(app, ["journal", command, "--store", str(wrong), *more])
    assert result.exit_code == 1
    assert "to be a journal" in result.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--region", "atlantis"], "Expected a bundled region"),
        (["--store", "postgresql://db/journal"], "Expected the path of an SQLite file"),
    ],
)
def test_a_server_that_cannot_start_says_why_in_a_line(
    tmp_path: Path, options: list[str], words: str
) -> None:
    store = [] if "--store" in options else ["--store", str(tmp_path / "j.sqlite")]
    result = CliRunner().invoke(app, ["serve", *options, *store])
    assert result.exit_code != 0
    assert words in " ".join(re.sub(r"[│╭╮╰╯─]", " ", result.output).split())
    assert not (tmp_path / "j.sqlite").exists()


def test_the_commands_open_nothing_heavy() -> None:
    code = (
        "import sys, api.commands; "
        "print(sorted(set(sys.modules) & {'fastapi', 'pydantic', 'numpy', 'numba', 'uvicorn'}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
