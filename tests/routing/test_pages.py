"""The code of this room's pages runs as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("page", ["check-a-route-with-osmnx.md", "close-a-road.md"])
def test_the_python_of_a_page_runs_from_top_to_bottom(page):
    text = (ROOT / "docs" / "how-to" / page).read_text()
    script = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    assert script
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
