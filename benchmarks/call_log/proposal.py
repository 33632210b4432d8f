"""Propose a mapping for a foreign log: TOML with the evidence, for a person to check."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.call_log import roles
from benchmarks.call_log.column_profile import Profile, profile
from benchmarks.call_log.parquet import is_parquet
from benchmarks.call_log.records import records
from benchmarks.call_log.rejects import Problem, Rejects
from benchmarks.call_log.schema import BY_NAME
from benchmarks.call_log.source import open_source

_ZONES: Final = (
    (-10.0, 2.5, 49.0, 61.0, "Europe/London"),
    (-125.0, -114.0, 31.0, 50.0, "America/Los_Angeles"),
    (-114.0, -102.0, 31.0, 50.0, "America/Denver"),
    (-102.0, -87.0, 25.0, 50.0, "America/Chicago"),
    (-87.0, -66.0, 24.0, 48.0, "America/New_York"),
)
"""Boxes of longitude and latitude, and the zone that most of each keeps."""

_LEVELS: Final = {"E": "C1", "D": "C2", "C": "C2", "B": "C3", "A": "C3", "O": "C5"}
"""A start for AMPDS levels; each service's own list of codes goes before it."""


def propose(path: Path, rows: int = 20_000) -> str:
    """Return a mapping as TOML, from the first rows of a file.

    Every entry says on what it rests; what is a guess says ``check``.

    Raises
    ------
    ValueError
        When the file is broken, of another kind, or has no rows.
    """
    delimiter, encoding = ",", "utf-8"
    if not is_parquet(path):
        delimiter, encoding = _form(path)
    columns = _sample(path, rows, delimiter, encoding)
    profiles = [profile(name, cells) for name, cells in columns.items() if name]
    return "\n".join(
        [
            f"# Proposed from the first {len(next(iter(columns.values()))):,} rows of {path.name}.",
            f"title = {_quoted(path.name)}",
            'attribution = ""                     # whose data it is, and its licence',
            "",
            *_file_block(profiles, delimiter, encoding),
            *_keep_block(profiles),
            *_time_block(profiles, columns),
            *_place_block(profiles, columns),
            *_category_block(roles.category(profiles)),
            *_word_blocks(profiles),
            *_rest(profiles),
            "",
        ]
    )


def _form(path: Path) -> tuple[str, str]:
    """Return how a CSV file is written: what separates cells, and its encoding."""
    encoding = "utf-8"
    for _, cells in islice(records(path), 2_000):
        if isinstance(cells, Problem) and cells.reason == "not in the encoding":
            encoding = "cp1252"
    counts = {}
    for delimiter in (",", ";", "\t", "|"):
        header = next(records(path, encoding=encoding, delimiter=delimiter), (0, []))[1]
        counts[delimiter] = len(header) if isinstance(header, list) else 0
    return max(counts, key=lambda d: counts[d]), encoding


def _sample(path: Path, rows: int, delimiter: str, encoding: str) -> dict[str, list[str]]:
    source = open_source(path, Rejects(), rows_at_once=rows, delimiter=delimiter, encoding=encoding)
    chunk = next(source.chunks, None)
    if chunk is None:
        raise ValueError(f"Expected rows in {path}, was none.")
    return {name: list(cells) for name, cells in chunk.columns.items()}


def _quoted(text: str) -> str:
    """Return a TOML string; JSON's are TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _noted(line: str, note: str) -> str:
    return f"{line:<38}# {note}" if len(line) < 38 else f"{line}  # {note}"


def _evidence(column: Profile) -> str:
    return f"{column.filled:.0%} filled, {column.distinct:,} different"


def _file_block(profiles: Sequence[Profile], delimiter: str, encoding: str) -> Iterator[str]:
    yield "[file]"
    name, unit = roles.identifier(profiles), roles.unit(profiles)
    repeats = name is not None and name.distinct < 0.98 * name.rows
    if repeats and unit is not None:
        yield _noted('one_row_per = "unit"', f"identifiers come again, {unit.name} names units")
    elif repeats:
        yield _noted('one_row_per = "unit"', "identifiers come again: check")
    if name is not None:
        yield _noted(f"incident_id = {_quoted(name.name)}", _evidence(name))
    else:
        yield "# incident_id: no column found; the rows are numbered"
    if delimiter != ",":
        yield f"delimiter = {_quoted(delimiter)}"
    if encoding != "utf-8":
        yield f"encoding = {_quoted(encoding)}"


def _keep_block(profiles: Sequence[Profile]) -> Iterator[str]:
    """Yield a block that would keep only some rows, for a person to switch on."""
    column = roles.complaint(profiles)
    if column is None:
        return
    yield "\n# To keep only what an ambulance service answers, take the marks away and choose:"
    yield "# [[keep]]"
    yield f"# column = {_quoted(column.name)}"
    yield f"# words = [{', '.join(map(_quoted, column.common[:30]))}]"


def _time_block(profiles: Sequence[Profile], columns: dict[str, list[str]]) -> Iterator[str]:
    found = roles.stamps(profiles)
    pair = roles.date_and_clock(profiles)
    week = roles.weekday_and_hour(profiles)
    yield "\n[time]"
    yield _noted(f'zone = "{_zone(profiles, columns)}"', "of times without an offset: check")
    with_clock = {role: column for role, column in found.items() if not column.dates}
    if with_clock:
        yield from _formats(list(with_clock.values()))
        if "at_hospital_at" in found and "handed_over_at" not in found and "clear_at" in found:
            yield _noted("handover_lasts_until_clear = true", "no stamp of the handover")
        yield "\n[time.columns]"
        if "received_at" not in with_clock:
            yield "# received_at: no column found: name it"
        for role in (name for name in BY_NAME if name in with_clock):
            yield _noted(f"{role} = {_quoted(with_clock[role].name)}", _evidence(with_clock[role]))
    elif pair is not None:
        day, clock = pair
        yield _noted(f'format = "{day.dates[0]} {clock.clocks[0]}"', _doubt(day.dates))
        yield "\n[time.columns]"
        yield f"received_at = [{_quoted(day.name)}, {_quoted(clock.name)}]"
    elif week is not None:
        yield "\n# The file has no date: each call is put into one week."
        yield "[time.hour_of_week]"
        yield f"weekday = {_quoted(week[0].name)}\nhour = {_quoted(week[1].name)}"
        yield "week_of = 2024-01-01"
    else:
        yield "\n[time.columns]\n# received_at: no column of times found: name it, and its format"
    lasted = roles.elapsed(profiles)
    if lasted is not None and "first_on_scene_at" not in found:
        yield "\n[time.elapsed.first_on_scene_at]"
        note = f"{lasted.low:g} to {lasted.high:g}: check the unit"
        yield _noted(f"column = {_quoted(lasted.name)}", note)


def _formats(columns: Sequence[Profile]) -> Iterator[str]:
    """Yield the formats in which the columns are written, the fewest that serve all."""
    common = [f for f in columns[0].formats if all(f in c.formats for c in columns)]
    if common:
        yield _noted(f"format = {_quoted(common[0])}", _doubt(common))
        return
    each = dict.fromkeys(c.formats[0] for c in columns)
    yield f"format = [{', '.join(map(_quoted, each))}]"


def _doubt(formats: Sequence[str]) -> str:
    if any("%d/%m" in f for f in formats) and any("%m/%d" in f for f in formats):
        return "day before month, or the reverse? The sample fits both: check"
    return "fits the sample"


def _zone(profiles: Sequence[Profile], columns: dict[str, list[str]]) -> str:
    if roles.grid(profiles) is not None:
        return "Europe/London"
    spot = _middle(profiles, columns)
    if spot is None:
        postcode = roles.postcode(profiles)
        is_zip = postcode is not None and postcode.low is not None
        return "America/New_York" if is_zip else "Europe/London"
    for lon_min, lon_max, lat_min, lat_max, zone in _ZONES:
        if lon_min <= spot[0] < lon_max and lat_min <= spot[1] < lat_max:
            return zone
    return "UTC"


def _middle(
    profiles: Sequence[Profile], columns: dict[str, list[str]]
) -> tuple[float, float] | None:
    """Return longitude and latitude of about the middle of the sample."""
    pair, point = roles.degrees(profiles), roles.point(profiles)
    if pair is not None and pair[0].low is not None and pair[1].low is not None:
        halves = [(p.low + (p.high or 0)) / 2 for p in pair if p.low is not None]
        return halves[0], halves[1]
    if point is None:
        return None
    text = next(cell for cell in columns[point.name] if cell.strip())
    x, y = map(float, re.findall(r"-?\d+\.\d+", text)[:2])
    return (y, x) if _is_lat_first(columns[point.name]) else (x, y)


def _is_lat_first(cells: Sequence[str]) -> bool:
    """Test whether the first number of points is the latitude.

    Known text form has the longitude first; else a number beyond 90 gives the longitude away,
    and last that Britain lies between 49 and 61 degrees north.
    """
    texts = [cell for cell in cells if cell.strip()][:500]
    pairs = [re.findall(r"-?\d+\.\d+", text)[:2] for text in texts]
    numbers = [(float(a), float(b)) for a, b in (p for p in pairs if len(p) == 2)]
    if texts[0].lstrip().upper().startswith("POINT"):
        return False
    if any(abs(a) > 90 for a, _ in numbers):
        return False
    return any(abs(b) > 90 for _, b in numbers) or 49 <= numbers[0][0] <= 61


def _place_block(profiles: Sequence[Profile], columns: dict[str, list[str]]) -> Iterator[str]:
    yield "\n[place]"
    pair, metres = roles.degrees(profiles), roles.grid(profiles)
    point, postcode = roles.point(profiles), roles.postcode(profiles)
    if pair is not None:
        yield _noted(f"x = {_quoted(pair[0].name)}", _range(pair[0]))
        yield _noted(f"y = {_quoted(pair[1].name)}", _range(pair[1]))
    elif metres is not None:
        yield 'system = "BNG"'
        yield _noted(f"x = {_quoted(metres[0].name)}", _range(metres[0]))
        yield _noted(f"y = {_quoted(metres[1].name)}", _range(metres[1]))
    elif point is not None:
        yield _noted(f"point = {_quoted(point.name)}", f"such as {point.common[0][:40]}")
        yield f'order = "{"lat lon" if _is_lat_first(columns[point.name]) else "lon lat"}"'
    elif postcode is not None:
        yield 'system = "postcode"'
        yield _noted(f"postcode = {_quoted(postcode.name)}", _evidence(postcode))
        yield _noted('lookup = "postcodes.csv"', "columns postcode, lon, lat; or --postcodes")
    else:
        yield "# No coordinates and no postcodes were found: name x and y, point, or postcode."


def _range(column: Profile) -> str:
    return f"{column.low:g} to {column.high:g}"


def _category_block(column: Profile | None) -> Iterator[str]:
    yield "\n[category]"
    if column is None:
        yield _noted('otherwise = "C2"', "no column of urgency was found: check")
        return
    yield _noted(f"column = {_quoted(column.name)}", _evidence(column))
    if column.is_ampds:
        yield 'scheme = "ampds"'
        yield "levels = { " + ", ".join(f'{k} = "{v}"' for k, v in _LEVELS.items()) + " }"
        yield "# Levels are a start only: put the codes of your service before them, such as"
        yield '# words = { "06D01" = "C1", "17*" = "C3" }'
        return
    if column.is_pathways:
        yield 'scheme = "pathways"'
        yield "# Dispositions and their categories are your service's own: fill them in."
    if set(column.common) <= set(BY_NAME["category"].words):
        return
    yield _noted('otherwise = "C3"', "what is not in the list")
    yield "\n[category.words]                     # check each: is 1 the gravest, or the mildest?"
    for text in column.common:
        yield f"{_quoted(text)} = {_quoted(_category_guess(text))}"


_CATEGORY_WORDS: Final = (
    ("C1", r"immediate|life.?threat|cardiac arrest|echo|purple|critical|resus"),
    ("C2", r"emergenc|red|urgent.?1|delta|charlie|hot|lights|code ?3"),
    ("C4", r"non.?(urgent|emerg|life)|routine|green|cold|code ?1|low"),
    ("C3", r"urgent|amber|yellow|bravo|alpha|medium|moderate|code ?2"),
    ("C5", r"advice|omega|referral|information"),
)


def _category_guess(text: str) -> str:
    """Guess a category from a word, a number or a letter."""
    digits = re.search(r"\d+", text)
    if re.fullmatch(r"\W*(c|cat|category|p|priority|level)?\W*\d\W*", text, re.IGNORECASE):
        assert digits is not None
        return f"C{min(max(int(digits[0]), 1), 4)}"
    if re.fullmatch(r"[A-EO]", text, re.IGNORECASE):
        return _LEVELS[text.upper()]
    guess = next((c for c, p in _CATEGORY_WORDS if re.search(p, text, re.IGNORECASE)), None)
    return guess or "C3"


_OUTCOME_WORDS: Final = (
    ("cancelled", r"cancel|no merit|unable|gone|not found|stood|false|duplicate|no patient|hoax"),
    ("see_and_treat", r"refus|declin|against|treat|release|no transport|deceased|examiner|dead"),
    ("hear_and_treat", r"advice|hear|phone|telephone|refer"),
    ("conveyed_elsewhere", r"minor injur|urgent treatment|walk.?in|clinic|hospice"),
    ("conveyed_to_ed", r"transport|convey|hospital|emergency dep|\bed\b|\ber\b|a&e"),
)


def _word_blocks(profiles: Sequence[Profile]) -> Iterator[str]:
    ended = roles.outcome(profiles)
    category = roles.category(profiles)
    if ended is not None and ended is not category:
        yield "\n[words.outcome]"
        yield _noted(f"column = {_quoted(ended.name)}", _evidence(ended))
        yield _noted('otherwise = ""', "then the simulated world draws it")
        yield "\n[words.outcome.words]                # check each"
        for text in ended.common:
            patterns = ((w, p) for w, p in _OUTCOME_WORDS if re.search(p, text, re.IGNORECASE))
            word = next(patterns, ("", ""))[0]
            yield f"{_quoted(text)} = {_quoted(word)}"
    for name, column in (
        ("complaint", roles.complaint(profiles)),
        ("destination", roles.hospital(profiles)),
        ("observed_from", roles.origin(profiles)),
    ):
        if column is not None and column is not category and column is not ended:
            yield f"\n[words.{name}]"
            yield _noted(f"column = {_quoted(column.name)}", _evidence(column))
    years = roles.age(profiles)
    if years is not None:
        yield f"\n[numbers]\nage_years = {_quoted(years.name)}"


def _rest(profiles: Sequence[Profile]) -> Iterator[str]:
    personal = [p.name for p in profiles if roles.is_personal(p)]
    empty = [p.name for p in profiles if p.filled == 0]
    if personal:
        yield f"\n# Seem to tell who somebody is; not kept: {_list(personal)}"
    if empty:
        yield f"# Empty in the sample: {_list(empty)}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
