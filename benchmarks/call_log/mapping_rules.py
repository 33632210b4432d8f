"""What a mapping must satisfy before it is followed; each fault names the entry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from benchmarks.call_log.mapping import FileBlock, Mapping, PlaceBlock, TimeBlock, WordBlock
from benchmarks.call_log.schema import BY_NAME, INSTANTS, NUMBERS, WORDS

STAMPS: Final = ("received_at", *INSTANTS)
UNKNOWN_GRID: Final = "EPSG:0"
"""What a proposal writes for a grid that a person must name."""
NAMED_FORMATS: Final = (
    "iso",
    "epoch_s",
    "epoch_ms",
    "excel_days",
    "elapsed_s",
    "elapsed_min",
    "elapsed_h",
    "elapsed_d",
)


def faults_of(mapping: Mapping) -> list[str]:
    """Return everything for which a mapping cannot be followed, in the order of the file."""
    return [
        *_row_faults(mapping.file),
        *_stamp_faults(mapping.time),
        *_format_faults(mapping.time),
        *_place_faults(mapping.place),
        *_word_faults("category", mapping.category),
        *(f for name, block in mapping.words.items() for f in _word_faults(name, block)),
        *_number_faults(mapping),
    ]


def _row_faults(file: FileBlock) -> Iterator[str]:
    if file.one_row_per == "event":
        for name in ("incident_id", "unit", "status", "status_at"):
            if getattr(file, name) is None:
                yield f'file.{name}, the column, is missing: one_row_per is "event".'
    elif file.status is not None or file.status_at is not None:
        yield 'file.status and file.status_at need one_row_per = "event".'
    if file.one_row_per == "unit" and file.incident_id is None:
        yield 'file.incident_id, the column, is missing: one_row_per is "unit".'


def _stamp_faults(time: TimeBlock) -> Iterator[str]:
    for name in (*time.columns, *time.elapsed):
        if name not in STAMPS:
            yield f"time knows no {name!r}; it knows {', '.join(STAMPS)}."
    joined = time.columns.get("received_at", "")
    if time.clocks_pass_midnight and isinstance(joined, str):
        yield 'time.clocks_pass_midnight needs received_at = ["date", "clock"].'
    if "received_at" not in time.columns and time.hour_of_week is None:
        yield "time.columns.received_at is missing."
    for name in time.elapsed.keys() - {name for name, _ in time.elapsed_in_order}:
        after = time.elapsed[name].after
        yield f"time.elapsed.{name} follows {after!r}, which is no column and no known length."
    week = time.hour_of_week
    if week is not None and (week.week_of.weekday() != 0 or 60 % week.step_min):
        yield "time.hour_of_week.week_of must be a Monday, and step_min divide 60."


def _format_faults(time: TimeBlock) -> Iterator[str]:
    from benchmarks.call_log.stamps import Stamps

    try:
        ZoneInfo(time.zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"time.zone is no zone: {time.zone!r}."
        return
    formats = (time.format,) if isinstance(time.format, str) else time.format
    for form in formats:
        if form.startswith("elapsed_") and time.origin is None:
            yield f"time.format {form!r} needs time.origin."
        if "%" not in form and form not in NAMED_FORMATS:
            yield f"time.format {form!r} is no pattern and none of {', '.join(NAMED_FORMATS)}."
            return
    if time.origin is not None and time.origin.tzinfo is None:
        yield "time.origin needs its offset, such as 2026-01-01T00:00:00Z."
    try:
        Stamps(time)
    except (ValueError, re.error) as error:
        yield str(error)


def _place_faults(place: PlaceBlock) -> Iterator[str]:
    if place.system == "postcode":
        if place.postcode is None:
            yield "place.postcode, the column, is missing."
    elif place.system == UNKNOWN_GRID:
        yield (
            "place.system is to be named: EPSG: and the number of the grid (a state plane, a UTM "
            "zone); bluelight calls inspect FILE --near LON,LAT finds it."
        )
    elif place.system not in {"WGS84", "BNG"} and not re.fullmatch(r"EPSG:\d{4,6}", place.system):
        yield f"place.system is none of WGS84, BNG, EPSG:number, postcode: {place.system!r}."
    elif (place.x is None or place.y is None) and place.point is None:
        yield "place needs x and y, or point, or a postcode."


def _word_faults(name: str, block: WordBlock) -> Iterator[str]:
    if name != "category" and name not in WORDS:
        yield f"words.{name} is no column of words; these are {', '.join(WORDS)}."
        return
    if not block.sources and block.otherwise is None:
        yield f"{name} needs a column, or otherwise."
    allowed = BY_NAME[name].words
    for word in dict.fromkeys([*block.words.values(), *block.levels.values(), block.otherwise]):
        if allowed and word and word not in allowed:
            yield f"{name} gives {word!r}, which is none of {', '.join(allowed)}."


def _number_faults(mapping: Mapping) -> Iterator[str]:
    for name, block in mapping.numbers.items():
        if name not in NUMBERS:
            yield f"numbers.{name} is no number; these are {', '.join(NUMBERS)}."
        elif name.endswith("_s") and (isinstance(block, str) or block.unit == "1"):
            yield f'numbers.{name} is a time: give {{ column = "…", unit = "s" }}.'
