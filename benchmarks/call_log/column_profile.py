"""What a column of a foreign file holds, as far as a sample of its rows shows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np

from benchmarks.call_log.codes import ampds_determinant, coordinate, with_decimal_point
from benchmarks.call_log.mapping import TimeBlock
from benchmarks.call_log.schema import ABSENT_MS, EARLIEST_MS, LATEST_MS
from benchmarks.call_log.spots import grid_reference
from benchmarks.call_log.stamps import Stamps, is_no_day

TIME_FORMATS: Final = (
    "iso",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%y %H:%M:%S",
    "%m/%d/%y %H:%M:%S",
    "%d/%m/%y %H:%M",
    "%m/%d/%y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%d/%m/%Y %I:%M %p",
    "%d-%m-%Y %H:%M:%S",
    "%m-%d-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H.%M.%S",
    "%d/%m/%Y %H.%M",
    "%d.%m.%Y %H.%M.%S",
    "%d.%m.%Y %H.%M",
    "%d-%m-%Y %H.%M",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y %H:%M",
    "%d-%b-%y %H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%b %d %Y %I:%M:%S %p",
    "%b %d %Y %I:%M %p",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y/%m/%d %H:%M:%S%z",
    "%d/%m/%Y %H:%M:%S %z",
    "%m/%d/%Y %H:%M:%S %z",
    "%d/%m/%y %I:%M:%S %p",
    "%m/%d/%y %I:%M:%S %p",
    "%d/%m/%y %I:%M %p",
    "%m/%d/%y %I:%M %p",
    "%d-%b-%Y %I:%M:%S %p",
    "%d-%b-%Y %I:%M %p",
    "%d %b %Y %I:%M:%S %p",
    "%d %b %Y %I:%M %p",
    "%d/%b/%Y %H:%M:%S",
    "%d/%b/%Y %H:%M",
    "%b %d %Y %H:%M:%S",
    "%b %d, %Y %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S %z",
    "%H:%M:%S %d/%m/%Y",
    "%H:%M %d/%m/%Y",
    "%d-%m-%Y %I:%M %p",
    "%Y-%m-%d %I:%M %p",
    "%Y/%m/%d %I:%M:%S %p",
    "%d/%m/%Y, %H:%M:%S",
    "%m/%d/%Y, %I:%M:%S %p",
    "%d/%m/%Y %Hh%M",
    "%d-%m-%Y %I:%M:%S %p",
    "%m-%d-%Y %I:%M:%S %p",
    "%d.%m.%y %H:%M:%S",
    "%d.%m.%y %H:%M",
    "%d-%b-%y %I.%M.%S %p",
    "%d%b%Y:%H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %I:%M %p",
    "%a %b %d %Y %H:%M:%S",
    "%A, %B %d, %Y %I:%M:%S %p",
    "%Y%m%dT%H%M%S%z",
    "%Y%m%dT%H%M%S",
    "%Y %b %d %I:%M:%S %p",
    "%Y%m%d%H%M%S",
    "%Y%m%d%H%M",
    "%Y%m%d %H%M%S",
    "%Y%m%d %H%M",
    "%Y%m%d %H:%M:%S",
    "epoch_s",
    "epoch_ms",
    "excel_days",
)
"""Formats that are tried, in this order. Where both fit, the day goes before the month, but with
AM and PM, which Americans write, the month before the day."""

DATE_FORMATS: Final = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%b %d %Y",
    "%b %d, %Y",
    "%a %d %b %Y",
    "%a, %d %b %Y",
    "%a %d/%m/%Y",
    "%d-%m-%y",
    "%Y%m%d",
    "%Y/%m/%d",
)
CLOCK_FORMATS: Final = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%Hh%M", "%H%M%S", "%H%M")
_NUMERIC_FORMATS: Final = frozenset(
    {"epoch_s", "epoch_ms", "excel_days", "%Y%m%d%H%M%S", "%Y%m%d%H%M"}
)
_NOTHING: Final = frozenset({"", "null", "na", "n/a", "none", "nan", "-"})
_POSTCODE: Final = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?(\d[A-Z]{2})?", re.IGNORECASE)
_ZIP: Final = re.compile(r"\d{5}(-\d{4})?(\.0)?")
_CANADIAN: Final = re.compile(r"[A-Z]\d[A-Z]( ?\d[A-Z]\d)?", re.IGNORECASE)
_POINT: Final = re.compile(
    r"\D*-?\d{1,3}\.\d+[^\d.-]+-?\d{1,3}\.\d+\D*|.*\(-?\d{1,3}\.\d+,? +-?\d{1,3}\.\d+\)\s*",
    re.DOTALL,
)
"""Two numbers, or an address with two numbers behind it, in brackets."""
_PATHWAYS: Final = re.compile(r"DX\d+", re.IGNORECASE)
_OFFSET: Final = re.compile(
    r".*(\d:\d{2}(:\d{2}([.,]\d+)?)?|T\d{4,6}) ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)"
)
MOST: Final = 0.95
"""Share of the filled cells that must be of a kind; a few are always odd."""
_TRIED: Final = 300


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What a column holds.

    ``filled`` is the share of cells that say something, ``distinct`` the number of different
    ones. ``formats`` are the formats of time that fit, ``order_is_sure`` whether day and month
    exchanged would tear the file apart; ``low`` and ``high`` bound the numbers,
    None where the column holds other things, ``middle`` is their median. ``common`` are the most
    frequent texts. ``has_offsets`` says that every time tells its offset. ``length_form`` is how a
    length of time may be written as a clock (``m:s``, ``h:m:s``), or empty.
    """

    name: str
    filled: float
    distinct: int
    rows: int
    formats: tuple[str, ...] = ()
    order_is_sure: bool = False
    dates: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    middle: float | None = None
    has_offsets: bool = False
    postcode_share: float = 0.0
    is_canadian: bool = False
    is_grid_reference: bool = False
    length_form: str = ""
    is_point: bool = False
    ampds_share: float = 0.0
    is_pathways: bool = False
    length: float = 0.0
    common: tuple[str, ...] = ()


def profile(name: str, cells: Sequence[str], decimal: str = ".") -> Profile:
    """Return what a column holds; ``decimal`` is the mark before decimals."""
    texts = [t for cell in cells if (t := cell.strip()).lower() not in _NOTHING]
    counts = Counter(texts)
    if not texts:
        return Profile(name=name, filled=0.0, distinct=0, rows=len(cells))
    # Spread over the sample, so that one day of it does not stand for all.
    some = texts[:: max(1, len(texts) // _TRIED)]
    numbers = _numbers([with_decimal_point(t) for t in some] if decimal == "," else some)
    formats, order_is_sure = _fitting(some, TIME_FORMATS)
    return Profile(
        name=name,
        filled=len(texts) / len(cells),
        distinct=len(counts),
        rows=len(cells),
        formats=formats,
        order_is_sure=order_is_sure,
        dates=_fitting(some, DATE_FORMATS)[0],
        clocks=tuple(f for f in CLOCK_FORMATS if _clock_fits(some, f)),
        low=min(numbers) if numbers else None,
        high=max(numbers) if numbers else None,
        middle=sorted(numbers)[len(numbers) // 2] if numbers else None,
        has_offsets=_mostly(some, lambda t: _OFFSET.fullmatch(t) is not None),
        postcode_share=_share(some, _is_postcode),
        is_canadian=_mostly(some, lambda t: _CANADIAN.fullmatch(t) is not None),
        is_grid_reference=_mostly(some, lambda t: grid_reference(t) is not None),
        length_form=next((f for f, p in _LENGTHS if _mostly(some, _fits(p))), ""),
        is_point=_mostly(some, lambda t: _POINT.fullmatch(t) is not None),
        ampds_share=_share(some, lambda t: ampds_determinant(t) is not None),
        is_pathways=_mostly(some, lambda t: _PATHWAYS.fullmatch(t) is not None),
        length=sum(map(len, some)) / len(some),
        common=tuple(text for text, _ in counts.most_common(60)),
    )


_LENGTHS: Final = (("h:m:s", r"-?\d+:[0-5]\d:[0-5]\d(\.\d+)?"), ("m:s", r"-?\d+:[0-5]\d(\.\d+)?"))


def _fits(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


def _mostly(texts: Sequence[str], test: Callable[[str], bool]) -> bool:
    return _share(texts, test) >= MOST


def _share(texts: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, texts)) / len(texts)


def _is_postcode(text: str) -> bool:
    return any(form.fullmatch(text) for form in (_POSTCODE, _ZIP, _CANADIAN))


def _numbers(texts: Sequence[str]) -> list[float]:
    """Return the numbers of a column; none when it holds other things."""
    found = []
    for text in texts:
        try:
            found.append(coordinate(text))
        except ValueError:
            continue
    finite = [n for n in found if abs(n) < 1e15]
    return finite if len(finite) >= MOST * len(texts) else []


def _fitting(texts: Sequence[str], formats: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """Return the formats in which nearly all texts are times from 1990 on, the likeliest first.

    A file is mostly one stretch of time: day and month exchanged tear it apart, so that of two
    formats that fit, one with less than half the span of the other goes before it. The second
    answer is whether that tells them apart.
    """
    only_digits = _mostly(texts, lambda t: re.fullmatch(r"\d+([.,]\d*)?", t) is not None)
    found: list[tuple[str, int]] = []
    for form in formats:
        if only_digits != (form in _NUMERIC_FORMATS or form == "%Y%m%d"):
            continue
        stamps, _ = Stamps(TimeBlock(zone="UTC", format=form)).read(texts)
        good = (stamps != ABSENT_MS) & (stamps >= EARLIEST_MS) & (stamps <= LATEST_MS)
        if good.any() and good.sum() >= MOST * (len(texts) - is_no_day(stamps).sum()):
            found.append((form, int(np.ptp(stamps[good]))))
    spans = sorted(span for _, span in found)
    if found and 2 * spans[0] < found[0][1]:
        found.sort(key=lambda pair: pair[1])
    return tuple(form for form, _ in found), bool(found) and 2 * spans[0] < spans[-1]


def _clock_fits(texts: Sequence[str], form: str) -> bool:
    if form == "%H%M%S" and not _mostly(texts, lambda t: re.fullmatch(r"\d{6}", t) is not None):
        return False
    # Four digits are a time of day only where some keep the noughts in front that numbers lose.
    if form == "%H%M" and not (
        _mostly(texts, lambda t: re.fullmatch(r"\d{4}", t) is not None)
        and any(text.startswith("0") for text in texts)
    ):
        return False
    stamps, _ = Stamps(TimeBlock(zone="UTC", format=f"%Y {form}")).read(
        [f"2000 {t}" for t in texts]
    )
    return bool((stamps != ABSENT_MS).sum() >= MOST * len(texts))
