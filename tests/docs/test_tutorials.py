"""The commands of a tutorial run as they stand, on one trust of the country."""

from __future__ import annotations

import csv
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STEPS = 4
"""Of a day of England the fifth compares policies over seeds: another test's work."""


def test_a_day_of_england(tmp_path: Path) -> None:
    page = (ROOT / "docs/tutorial/a-day-of-england.md").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)[:STEPS]
    assert [block.split()[1] for block in blocks] == ["calls", "replay", "show", "explain"]
    for block in blocks:
        words = shlex.split(block.replace("\\\n", " "))[1:]
        if "--region" in words:
            words += ["--trusts", "R1F"]
        if words[0] == "explain":
            with (tmp_path / "england-day-incidents.csv").open(newline="") as file:
                rows = [row for row in csv.DictReader(file) if row["category"] == "C2"]
            words[-1] = rows[0]["incident"]
        command = [sys.executable, "-m", "bluelight", *words]
        told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        assert told.stdout.strip()
    assert "Patients" in (tmp_path / "evening.html").read_text("utf-8")
    assert "is reported" in told.stdout
