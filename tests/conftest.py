"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of reference data, or skip, saying why.

    ``BLUELIGHT_DATA`` names it (default ``../shared/data`` beside the checkout). With
    ``BLUELIGHT_REQUIRE_DATA=1``, as in continuous integration, absence is a failure.
    """
    folder = Path(os.environ.get("BLUELIGHT_DATA", ROOT.parent / "shared" / "data"))
    if folder.is_dir():
        return folder
    reason = f"Expected reference data in {folder} (set BLUELIGHT_DATA), was nothing there."
    if os.environ.get("BLUELIGHT_REQUIRE_DATA") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
