"""The offline form: virtual clock, call logs, a simulated world and the analyst's reports.

For notebooks: ``from benchmarks import compare, load_log, replay_log``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.notebook import compare, load_log, replay_log

__all__ = ["compare", "load_log", "replay_log"]


def __getattr__(name: str) -> Any:
    """Open the notebook's door when it is first asked for: commands do not pay for it."""
    if name in __all__:
        from benchmarks import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
