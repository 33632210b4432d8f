"""The console's page: every element its script asks for is there, every tab has a panel."""

from __future__ import annotations

import re

from tests.conftest import ROOT

PAGE = (ROOT / "api" / "console" / "index.html").read_text("utf-8")
SCRIPT = (ROOT / "api" / "console" / "console.js").read_text("utf-8")


def test_every_element_that_the_script_names_is_on_the_page() -> None:
    ids = set(re.findall(r'id="([\w-]+)"', PAGE))
    asked = set(re.findall(r'\$\("([\w-]+)"\)', SCRIPT))
    asked |= set(re.findall(r'rows\("([\w-]+)"', SCRIPT))
    assert asked <= ids


def test_every_tab_has_a_panel_and_the_other_way_round() -> None:
    tabs = re.search(r"const TABS = \[([^\]]+)\]", SCRIPT)
    assert tabs is not None
    names = re.findall(r'"(\w+)"', tabs[1])
    assert names == ["incidents", "calls", "clinicians", "services"]
    for name in names:
        assert f'id="tab-{name}" aria-controls="panel-{name}"' in PAGE
        assert f'id="panel-{name}" aria-labelledby="tab-{name}"' in PAGE
