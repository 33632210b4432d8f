"""Dated configuration: which of several versions of one setting is in force at an instant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, TypeVar

from dispatch.domain.local_time import LONDON, day_of


class Dated(Protocol):
    """Anything that says from which local date (ISO) it is in force."""

    @property
    def effective_from(self) -> str:
        """The first local date, such as 2026-04-01."""
        ...


_Dated = TypeVar("_Dated", bound=Dated)


def in_force(versions: Iterable[_Dated], at_ms: int) -> _Dated | None:
    """Return the version in force at an instant: the latest that began on or before its date.

    None when none has begun. Two that begin on one day are an error: nobody could say which.

    Raises
    ------
    ValueError
        When a date cannot be read, or two versions begin on the same day.

    Examples
    --------
    >>> from dispatch.domain.handover import HandoverRules
    >>> before = HandoverRules(release_min=None, effective_from="2022-04-01")
    >>> in_force([HandoverRules(), before], 1_700_000_000_000) is before
    True
    """
    ordered = sorted(versions, key=lambda version: _date(version.effective_from))
    seen: dict[date, _Dated] = {}
    for version in ordered:
        begins = _date(version.effective_from)
        if begins in seen:
            raise ValueError(f"Expected one version from {begins}, was two.")
        seen[begins] = version
    today = day_of(LONDON, at_ms)
    begun = [version for begins, version in seen.items() if begins <= today]
    return begun[-1] if begun else None


def version_at(versions: tuple[_Dated, ...], at_ms: int) -> _Dated:
    """Return the version in force; before the first has begun, the first."""
    if len(versions) == 1:
        return versions[0]
    return in_force(versions, at_ms) or min(versions, key=lambda item: item.effective_from)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Expected a date such as 2026-04-01, was {text!r}.") from None
