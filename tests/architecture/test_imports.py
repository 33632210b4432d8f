"""The plan of the house holds, and the contracts have teeth."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = Path(sys.executable).with_name("lint-imports")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINT), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_every_contract_is_kept() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def copy_of_the_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    for room in ("dispatch", "routing", "maps", "api", "benchmarks"):
        shutil.copytree(
            ROOT / room, folder / room, ignore=shutil.ignore_patterns("*.region", "__pycache__")
        )
    for file in ("bluelight.py", "pyproject.toml"):
        shutil.copy(ROOT / file, folder / file)
    return folder


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("dispatch/decide.py", "import routing", "floors of the house"),
        ("maps/geo.py", "import dispatch", "floors of the house"),
        ("api/app.py", "import benchmarks", "floors of the house"),
        ("dispatch/domain/unit.py", "import dispatch.state", "every room is on a floor"),
        ("dispatch/state/observe.py", "import time", "no clock, no chance"),
        ("dispatch/policies/round.py", "import random", "no clock, no chance"),
    ],
)
def test_a_broken_plan_is_noticed(
    copy_of_the_house: Path, file: str, line: str, contract: str
) -> None:
    path = copy_of_the_house / file
    whole = path.read_text()
    path.write_text(whole.replace("import annotations\n", f"import annotations\n\n{line}\n", 1))
    try:
        result = lint(copy_of_the_house)
    finally:
        path.write_text(whole)
    assert result.returncode != 0
    broken = [row for row in result.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(contract in row for row in broken), result.stdout
