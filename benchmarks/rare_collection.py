"""Look for cycles of garbage rarely while a run goes on."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

YOUNG_MAX: Final = 50_000
"""So many new objects between two looks; by default 700."""


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let the collector of cycles run rarely, and spare it what was there before.

    A picture has next to no cycles, and its rows tell the collector so (``gc=False``); a fiftieth
    of a replay was spent looking for them. What was set before holds again afterwards.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
