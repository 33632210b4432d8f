"""What switches of the world are worth: off and on meet the same calls."""

from __future__ import annotations

import pytest

from benchmarks.comparison_plan import Composed
from benchmarks.switches import FIGURES, Asked, switches, table, worth
from dispatch.engine import settings_named


@pytest.fixture(scope="module")
def redirection():
    asked = Asked(
        region="isle-of-wight",
        calls=Composed(month="2026-03", days=2),
        seeds=(1, 2),
        settings=settings_named("b2"),
    )
    (switch,) = switches(["redirection"], ())
    heard = []
    found = worth(asked, switch, heard.append)
    assert heard == [1, 2]
    return found


def test_redirection_is_off_in_one_run_and_on_in_the_other(redirection):
    referred = redirection.changes["referred"]
    assert referred.baseline == 0.0
    assert referred.policy > 0.5
    assert redirection.changes["seen"].difference < 0.0


def test_the_table_names_each_figure_once(redirection):
    lines = table([redirection])
    assert len(lines) == 2 + len(redirection.changes)
    assert lines[2].startswith("| redirection | C1 mean, min |")
    assert all(words in "\n".join(lines) for words in (FIGURES["referred"], FIGURES["seen"]))


def test_switches_are_chosen_by_name():
    assert [s.name for s in switches([], ())] == ["redirection", "halo", "release at 45"]
    assert [s.name for s in switches([], ("A", "B"))][-1] == "buddies"
    with pytest.raises(ValueError, match="at least two trusts"):
        switches(["buddies"], ("A",))
    with pytest.raises(ValueError, match="was 'magic'"):
        switches(["magic"], ())
