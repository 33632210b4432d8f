"""The version of this distribution, as it is installed."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def bluelight_version() -> str:
    """Return the version of the distribution; ``0+source`` when it runs without being installed."""
    try:
        return version("bluelight-dispatch")
    except PackageNotFoundError:
        return "0+source"
