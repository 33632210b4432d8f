"""The documentation is whole: links lead somewhere, hazards name real tests, policies are told."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.engine import NAMED_SETTINGS
from dispatch.policies.tables import POLICIES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = [t for t in LINK.findall(page.read_text()) if "://" not in t and ":" not in t]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


def test_every_hazard_names_tests_that_exist() -> None:
    page = (ROOT / "docs/safety/README.md").read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| H\d+", line)]
    assert rows
    for row in rows:
        named = re.findall(r"`(tests/[^`]+)`", row)
        assert named, row
        for test in named:
            assert (ROOT / test).exists(), f"{row[:6]} names {test}, which does not exist."


def test_every_decision_record_says_context_decision_and_consequences() -> None:
    for page in ROOT.glob("docs/decisions/*.md"):
        words = page.read_text().lower()
        for part in ("context", "decision", "consequences"):
            assert part in words, f"{page.name} says no {part}"


def test_every_policy_and_named_configuration_is_told_of() -> None:
    told = "\n".join(page.read_text() for page in PAGES)
    for table in (POLICIES.assign, POLICIES.convey, POLICIES.relocate, POLICIES.rebalance):
        for name in table:
            assert f"`{name}`" in told, f"no page tells of policy {name}"
    for name in NAMED_SETTINGS:
        assert f"`{name}`" in told, f"no page tells of configuration {name}"


def test_the_policy_of_the_how_to_works() -> None:
    page = (ROOT / "docs/how-to/write-a-policy.md").read_text()
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    script = block + (
        "\nfrom dataclasses import replace\n"
        "from dispatch.domain.settings import PolicyNames, Settings\n"
        "from dispatch.policies.tables import POLICIES\n"
        "from tests.dispatch.builders import ControlRoom\n"
        "table = {**POLICIES.assign, 'alphabetical': assign_alphabetical}\n"
        "settings = Settings(policies=PolicyNames(assign='alphabetical'))\n"
        "room = ControlRoom(settings, replace(POLICIES, assign=table))\n"
        "room.sign_on('B', 1)\nroom.sign_on('A', 50)\n"
        "(decision,) = room.report('i').decisions\n"
        "assert decision.unit == 'A', decision\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_every_command_is_told_of() -> None:
    told = "\n".join(page.read_text() for page in PAGES)
    result = subprocess.run(
        [sys.executable, "-m", "bluelight", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    commands = re.findall(r"^│ (\w[\w-]*) ", result.stdout, re.MULTILINE)
    assert len(commands) > 5
    for command in commands:
        assert f"bluelight {command}" in told or f"run {command}" in told, command
