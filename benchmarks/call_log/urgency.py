"""Which end of a column of ranks is the gravest, as far as the waits of its calls tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.call_log import roles
from benchmarks.call_log.codes import with_decimal_point
from benchmarks.call_log.column_profile import Profile
from benchmarks.call_log.lengths import stamps_by_length
from benchmarks.call_log.mapping import TimeBlock
from benchmarks.call_log.sample import Sample
from benchmarks.call_log.schema import ABSENT_MS
from benchmarks.call_log.stamps import Stamps

Floats = npt.NDArray[np.float64]

ROWS_MIN: Final = 20
"""With fewer calls of a text their wait tells nothing."""
FACTOR_MIN: Final = 1.25
"""The mildest calls must wait longer than the gravest by this, for waits to tell them apart."""


class Verdict(NamedTuple):
    """What waits say of two texts: the calls of ``gravest`` were reached soonest."""

    gravest: str
    is_reversed: bool


def told_by_waits(
    found: Sample, texts: Sequence[str], guesses: Mapping[str, str | None]
) -> Verdict | None:
    """Return whether waits turn the guessed ranks round; None where they do not tell.

    Parameters
    ----------
    found
        The sample.
    texts
        The text of each of its rows, that is ranked.
    guesses
        The category that each text probably means.
    """
    waits = _waits_s(found)
    if waits is None:
        return None
    named = np.array([text.strip() for text in texts])
    medians: dict[str, float] = {}
    for text, guess in guesses.items():
        known = waits[(named == text) & np.isfinite(waits)]
        if guess is not None and len(known) >= ROWS_MIN:
            medians[text] = float(np.median(known))
    order = sorted(medians, key=lambda text: (guesses[text] or "", text))
    if len(order) < 2 or guesses[order[0]] == guesses[order[-1]]:
        return None
    first, last = medians[order[0]], medians[order[-1]]
    if max(first, last) < FACTOR_MIN * min(first, last):
        return None
    is_reversed = first > last
    return Verdict(order[-1] if is_reversed else order[0], is_reversed)


def _waits_s(found: Sample) -> Floats | None:
    """Return seconds from the call to the first stamp that follows it, NaN where unknown."""
    stamps = roles.stamps(found.profiles)
    after = next((stamps[name] for name in _FOLLOWING if name in stamps), None)
    received = stamps.get("received_at")
    if received is not None and after is not None and received.formats and after.formats:
        start, end = (_read(found, column) for column in (received, after))
        waits = np.where((start == ABSENT_MS) | (end == ABSENT_MS), np.nan, (end - start) / 1000)
        return np.where(waits >= 0, waits, np.nan)
    lasted = stamps_by_length(found.profiles, stamps).get("first_on_scene_at")
    if lasted is None or lasted.column.low is None or lasted.after != "received_at":
        return None
    return np.array([_number(text, found.decimal) for text in found.columns[lasted.column.name]])


_FOLLOWING: Final = ("first_on_scene_at", "first_mobile_at", "first_assigned_at")


def _read(found: Sample, column: Profile) -> npt.NDArray[np.int64]:
    stamps, _ = Stamps(TimeBlock(zone="UTC", format=column.formats[0])).read(
        [text.strip() for text in found.columns[column.name]]
    )
    return stamps


def _number(text: str, decimal: str) -> float:
    try:
        return float(with_decimal_point(text) if decimal == "," else text)
    except ValueError:
        return np.nan
