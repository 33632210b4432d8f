"""Propose a mapping for a foreign log: TOML with the evidence, for a person to check."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.call_log import roles
from benchmarks.call_log.column_profile import MOST, Profile
from benchmarks.call_log.guesses import (
    LEVELS,
    category_guesses,
    is_for_others,
    outcome_guess,
    turned_round,
    yes_or_no,
)
from benchmarks.call_log.lengths import Length, elapsed, stamps_by_length
from benchmarks.call_log.sample import (
    Sample,
    coordinates,
    degree_factors,
    grid_guess,
    is_lat_first,
    sample,
    zone,
)
from benchmarks.call_log.schema import BY_NAME
from benchmarks.call_log.spots import grid_reference
from benchmarks.call_log.urgency import told_by_waits

TOLD_SHARE_MIN: Final = 0.2
"""Share of the kinds of call that must tell how urgent they are, for categories to rest on them."""


def propose(path: Path, rows: int = 20_000, near: tuple[float, float] | None = None) -> str:
    """Return a mapping as TOML, from the first rows of a file.

    Every entry says on what it rests; what is a guess says ``check``. ``near`` is a spot in the
    file's area, longitude first; with it the grid is found in which coordinates are written.

    Raises
    ------
    ValueError
        When the file is broken, of another kind, or has no rows.
    """
    found = sample(path, rows, near)
    what = "rows" if found.events is None else "units and incidents"
    return "\n".join(
        [
            f"# Proposed from the first {found.row_count:,} {what} of {path.name}.",
            f"title = {_quoted(path.name)}",
            'attribution = ""                     # whose data it is, and its licence',
            "",
            *_file_block(found),
            *_keep_block(found),
            *_time_block(found),
            *_place_block(found),
            *_category_block(found),
            *_word_blocks(found.profiles),
            *_number_block(found.profiles),
            *_rest(found.profiles),
            "",
        ]
    )


def _quoted(text: str) -> str:
    """Return a TOML string; JSON's are TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _listed(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _noted(line: str, note: str) -> str:
    note = _in_a_line(note)
    return f"{line:<38}# {note}" if len(line) < 38 else f"{line}  # {note}"


def _in_a_line(text: str) -> str:
    """Return a text for a comment: cells and names of columns may run over lines."""
    return " ".join(text.split())


def _evidence(column: Profile) -> str:
    return f"{column.filled:.0%} filled, {column.distinct:,} different"


def _file_block(found: Sample) -> Iterator[str]:
    yield "[file]"
    name, unit = roles.identifier(found.profiles), roles.unit(found.profiles)
    repeats = name is not None and name.distinct < 0.98 * name.rows
    if found.events is not None:
        yield _noted('one_row_per = "event"', "a row says that a unit had a status at a time")
        yield f"unit = {_quoted(found.events.unit)}"
        yield f"status = {_quoted(found.events.status)}"
        yield f"status_at = {_quoted(found.events.status_at)}"
    elif repeats and unit is not None:
        yield _noted('one_row_per = "unit"', f"identifiers come again, {unit.name} names units")
        yield f"unit = {_quoted(unit.name)}"
    elif repeats:
        yield _noted('one_row_per = "unit"', "identifiers come again: check")
    if name is not None:
        yield _noted(f"incident_id = {_quoted(name.name)}", _evidence(name))
    else:
        yield "# incident_id: no column found; the rows are numbered"
    if found.form.delimiter != ",":
        yield f"delimiter = {_quoted(found.form.delimiter)}"
    if found.form.encoding != "utf-8":
        yield f"encoding = {_quoted(found.form.encoding)}"
    if found.form.skip_lines:
        yield _noted(f"skip_lines = {found.form.skip_lines}", "before the header")
    if found.decimal != ".":
        yield _noted(f"decimal = {_quoted(found.decimal)}", "numbers such as 48,8566")


def _keep_block(found: Sample) -> Iterator[str]:
    """Yield what leaves out calls for others, or a block for a person to switch on."""
    column = roles.complaint(found.profiles)
    if column is None:
        return
    texts = [text.strip() for text in found.columns[column.name]]
    others = {text for text in column.common if is_for_others(text)}
    # Where most are for others it is the log of a fire brigade, and that is what is wanted.
    if 0 < sum(text in others for text in texts) < len(texts) / 2:
        yield "\n[[keep]]                             # not for an ambulance: check"
        yield f"column = {_quoted(column.name)}"
        yield f"words_not = {_listed(sorted(others))}"
        return
    yield "\n# To keep only what an ambulance service answers, take the marks away and choose:"
    yield "# [[keep]]"
    yield f"# column = {_quoted(column.name)}"
    yield f"# words = {_listed(column.common[:30])}"


def _time_block(found: Sample) -> Iterator[str]:
    profiles = found.profiles
    stamps = roles.stamps(profiles)
    pair = roles.date_and_clock(profiles)
    parts, clock = roles.date_parts(profiles), roles.clock_of_call(profiles)
    week = roles.weekday_and_hour(profiles)
    name, why = zone(found)
    yield "\n[time]"
    yield _noted(f"zone = {_quoted(name)}", why)
    with_clock = {role: column for role, column in stamps.items() if not column.dates}
    others = {} if pair is None else roles.other_clocks(profiles, pair[1])
    known = with_clock.keys() or others.keys()
    lengths = stamps_by_length(profiles, known)
    if {"at_hospital_at", "clear_at"} <= known and "handed_over_at" not in known | lengths.keys():
        yield _noted("handover_lasts_until_clear = true", "no time of the handover")
    day_first = why.startswith("by ") and not name.startswith("America/")
    if with_clock:
        yield from _stamp_lines(with_clock, day_first=day_first)
    elif parts is not None and clock is not None:
        yield from _parted_lines(parts, clock)
    elif pair is not None:
        yield from _joined_lines(pair, others, day_first=day_first)
    elif week is not None:
        yield "\n# The file has no date: each call is put into one week."
        yield "[time.hour_of_week]"
        yield f"weekday = {_quoted(week[0].name)}\nhour = {_quoted(week[1].name)}"
        yield "week_of = 2024-01-01"
    else:
        dated = next((p.name for p in profiles if p.dates), None)
        clock = roles.clock_of_call(profiles)
        if dated is not None:
            yield f"# {_in_a_line(dated)} has days without a time of day; a replay needs hours."
        elif clock is not None:
            yield f"# {_in_a_line(clock.name)} has times of day, and no column has dates."
            yield "# A replay needs both."
        yield "\n[time.columns]\n# received_at: no column of times found: name it, and its format"
    yield from _length_lines(lengths)


def _length_lines(lengths: Mapping[str, Length]) -> Iterator[str]:
    """Yield the stamps that are given as lengths of time."""
    for role, lasted in lengths.items():
        yield f"\n[time.elapsed.{role}]"
        yield _noted(f"column = {_quoted(lasted.column.name)}", f"{lasted.extent}: check the unit")
        if lasted.unit != "s":
            yield f"unit = {_quoted(lasted.unit)}"
        if lasted.after != "received_at":
            yield f"after = {_quoted(lasted.after)}"


def _stamp_lines(columns: dict[str, Profile], *, day_first: bool) -> Iterator[str]:
    yield from _formats(list(columns.values()), day_first=day_first)
    yield "\n[time.columns]"
    if "received_at" not in columns:
        yield "# received_at: no column found: name it"
    for role in (name for name in BY_NAME if name in columns):
        column = columns[role]
        note = _evidence(column)
        if role == "received_at" and roles.stamp_role(column) not in {"received_at", None}:
            note = "the file has no time of the call; this goes for it: check"
        yield _noted(f"{role} = {_quoted(column.name)}", note)


def _parted_lines(parts: tuple[Profile, Profile, Profile], clock: Profile) -> Iterator[str]:
    """Yield the stamp of a file that has day, month, year and time of day each in a column."""
    month = "%m" if parts[1].low is not None else "%B"
    yield _noted(
        f'format = "%d {month} %Y {clock.clocks[0]}"', "day, month and year in a column each"
    )
    yield "\n[time.columns]"
    yield f"received_at = {_listed([p.name for p in (*parts, clock)])}"


def _joined_lines(
    pair: tuple[Profile, Profile], others: dict[str, Profile], *, day_first: bool
) -> Iterator[str]:
    """Yield the stamps of a file that has a date and times of day."""
    day, clock = pair
    clocks = dict.fromkeys(c.clocks[0] for c in (clock, *others.values()))
    # Americans, who write AM and PM, write the month first.
    month_first = "%p" in str(clocks) and not day_first
    dates = sorted(day.dates, key=lambda f: "%m/%d" not in f) if month_first else day.dates
    forms = [f"{dates[0]} {form}" for form in clocks]
    written = _quoted(forms[0]) if len(forms) == 1 else _listed(forms)
    yield _noted(f"format = {written}", _doubt(day.dates))
    if others:
        yield _noted("clocks_pass_midnight = true", "times of day before the call are of the next")
    yield "\n[time.columns]"
    for role, column in {"received_at": clock, **others}.items():
        yield f"{role} = [{_quoted(day.name)}, {_quoted(column.name)}]"


def _formats(columns: Sequence[Profile], *, day_first: bool) -> Iterator[str]:
    """Yield the formats in which the columns are written, the fewest that serve all."""
    common = [f for f in columns[0].formats if all(f in c.formats for c in columns)]
    exchanged = common[0].replace("%m/%d", "%d/%m") if common else ""
    if day_first and exchanged in common and not any(c.order_is_sure for c in columns):
        common = [exchanged, *(f for f in common if f != exchanged)]
    if common:
        yield _noted(f"format = {_quoted(common[0])}", _doubt(common))
        return
    each = dict.fromkeys(c.formats[0] for c in columns)
    yield f"format = {_listed(list(each))}"


def _doubt(formats: Sequence[str]) -> str:
    if any("%d/%m" in f for f in formats) and any("%m/%d" in f for f in formats):
        return "day before month, or the reverse? The sample fits both: check"
    return "fits the sample"


def _place_block(found: Sample) -> Iterator[str]:
    profiles = found.profiles
    yield "\n[place]"
    pair, point = coordinates(found), roles.point(profiles)
    postcode, area = roles.postcode(profiles), roles.area(profiles)
    reference = roles.first(profiles, lambda column: column.is_grid_reference)
    if pair is not None:
        yield from _number_lines(pair, found)
        is_missing = min(column.filled for column in pair) < MOST or _has_noughts(pair, found)
        if postcode is not None and is_missing:
            yield "# Some rows have no coordinates; with a list of postcodes they are found so:"
            yield f"# postcode = {_quoted(postcode.name)}"
            yield '# lookup = "postcodes.csv"           # columns postcode, lon, lat'
    elif reference is not None:
        yield _noted('system = "BNG"', "references to the British grid")
        yield _noted(f"point = {_quoted(reference.name)}", f"such as {_example(reference)}")
    elif point is not None:
        yield _noted(f"point = {_quoted(point.name)}", f"such as {point.common[0][:40]}")
        is_lat = is_lat_first(found.columns[point.name])
        yield f'order = "{"lat lon" if is_lat else "lon lat"}"'
    elif postcode is not None:
        yield 'system = "postcode"'
        yield _noted(f"postcode = {_quoted(postcode.name)}", _evidence(postcode))
        yield _noted('lookup = "postcodes.csv"', "columns postcode, lon, lat; or --postcodes")
    elif area is not None:
        yield _noted('system = "postcode"', "no coordinates, no postcodes: names of areas")
        yield _noted(f"postcode = {_quoted(area.name)}", _evidence(area))
        yield _noted('lookup = "areas.csv"', "to be made: columns name, lon, lat")
    else:
        yield "# No coordinates and no postcodes were found: name x and y, point, or postcode."


def _example(references: Profile) -> str:
    return next(text for text in references.common if grid_reference(text) is not None)


def _has_noughts(pair: tuple[Profile, Profile], found: Sample) -> bool:
    """Test whether coordinates of nought and nought stand for none in the sample."""
    x, y = (found.columns[column.name] for column in pair)
    noughts = {"0", "0.0", "0.00", "0,0"}
    return any(a.strip() in noughts and b.strip() in noughts for a, b in zip(x, y, strict=True))


def _number_lines(pair: tuple[Profile, Profile], found: Sample) -> Iterator[str]:
    """Yield two columns of coordinates, in whichever unit they are."""
    factors = None
    if not roles.is_degrees(pair):
        guess = None
        if roles.is_microdegrees(pair):
            factors = degree_factors(pair, found)
        else:
            guess = grid_guess(pair, found)
        if guess is not None:
            yield _noted(f"system = {_quoted(guess[0])}", guess[1])
        elif factors is None:
            yield 'system = "EPSG:0"                     # an unknown grid: --near LON,LAT finds it'
    exchanged = "; the names say the reverse: check" if roles.is_exchanged(pair[::-1]) else ""
    yield _noted(f"x = {_quoted(pair[0].name)}", _range(pair[0]) + exchanged)
    yield _noted(f"y = {_quoted(pair[1].name)}", _range(pair[1]))
    if factors is not None:
        west = "; without its sign" if factors[0] < 0 else ""
        yield _noted(f"x_factor = {factors[0]:g}", f"millionths of a degree{west}: check")
        yield f"y_factor = {factors[1]:g}"


def _range(column: Profile) -> str:
    return f"{column.low:g} to {column.high:g}"


def _category_block(found: Sample) -> Iterator[str]:
    profiles = found.profiles
    column = roles.category(profiles)
    is_american = zone(found)[0].startswith("America/")
    yield "\n[category]"
    if column is None:
        yield from _category_by_complaint(roles.complaint(profiles))
        return
    yield _noted(f"column = {_quoted(column.name)}", _evidence(column))
    if roles.is_ampds(column):
        yield 'scheme = "ampds"'
        yield "levels = { " + ", ".join(f'{k} = "{v}"' for k, v in LEVELS.items()) + " }"
        if column.ampds_share < 1.0 or column.filled < 1.0:
            yield _noted('otherwise = "C3"', "what is no determinant")
        yield "# Levels are a start only: put the codes of your service before them, such as"
        yield '# words = { "06D01" = "C1", "17*" = "C3" }'
        others = [p.name for p in roles.ranked_categories(profiles) if p is not column]
        if others:
            yield f"# Or by {_in_a_line(' or '.join(others))}, which seems to rank calls too."
        return
    if column.is_pathways:
        yield 'scheme = "pathways"'
        yield "# Dispositions and their categories are your service's own: fill them in."
    if set(column.common) <= set(BY_NAME["category"].words):
        return
    yield _noted('otherwise = "C3"', "what is not in the list")
    guesses = category_guesses(column.common, code_3_is_gravest=is_american)
    verdict = told_by_waits(found, found.columns[column.name], guesses)
    if verdict is not None and verdict.is_reversed:
        turned = turned_round(column.common)
        guesses, verdict = (turned, verdict) if turned else (guesses, None)
    yield from _category_words(guesses, None if verdict is None else verdict.gravest)


def _category_by_complaint(column: Profile | None) -> Iterator[str]:
    """Yield categories by kind of call, of a file that says nothing of how urgent it was."""
    kept = [] if column is None else [t for t in column.common if not is_for_others(t)]
    guesses = category_guesses(kept)
    told = [text for text in kept if guesses[text]]
    if column is None or len(told) <= TOLD_SHARE_MIN * len(kept):
        yield _noted('otherwise = "C2"', "no column of urgency was found: check")
        return
    yield _noted(
        f"column = {_quoted(column.name)}", "no column of urgency; the kind of call: check"
    )
    yield _noted('otherwise = "C3"', "what is not in the list")
    yield from _category_words({text: guesses[text] for text in told})


def _category_words(guesses: Mapping[str, str | None], gravest: str | None = None) -> Iterator[str]:
    """Yield categories by text; ``gravest`` is the text whose calls were reached soonest."""
    doubt = "check each: is 1 the gravest, or the mildest?"
    if gravest is not None:
        doubt = f"check each: calls of {_quoted(gravest)} were reached soonest"
    yield "\n" + _noted("[category.words]", doubt)
    for text in sorted(guesses, key=lambda t: (guesses[t] or "C3", t)):
        guess = guesses[text]
        line = f"{_quoted(text)} = {_quoted(guess or 'C3')}"
        yield line if guess else _noted(line, "nothing tells: check")


def _word_blocks(profiles: Sequence[Profile]) -> Iterator[str]:
    ended, category = roles.outcome(profiles), roles.category(profiles)
    if ended is not None and ended is not category:
        yield "\n[words.outcome]"
        yield _noted(f"column = {_quoted(ended.name)}", _evidence(ended))
        yield _noted('otherwise = ""', "then the simulated world draws it")
        yield "\n[words.outcome.words]                # check each; an empty word is drawn too"
        for text in ended.common:
            yield f"{_quoted(text)} = {_quoted(_ended(ended, text))}"
    taken = {column.name for column in (ended, category) if column is not None}
    for name, column, note in (
        ("complaint", roles.complaint(profiles), ""),
        ("destination", roles.hospital(profiles), "; name hospitals by their ids in the region"),
        ("observed_from", roles.origin(profiles), ""),
    ):
        if column is not None and column.name not in taken:
            yield f"\n[words.{name}]"
            yield _noted(f"column = {_quoted(column.name)}", _evidence(column) + note)


def _ended(column: Profile, text: str) -> str:
    """Return the probable outcome; of a column of yes and no, whether a patient was conveyed."""
    answer = yes_or_no(text)
    if answer is not None and roles.named(column, r"xfer|transport|txp|convey"):
        return "conveyed_to_ed" if answer else "see_and_treat"
    return "" if answer is not None else outcome_guess(text)


def _number_block(profiles: Sequence[Profile]) -> Iterator[str]:
    lines = []
    years = roles.age(profiles)
    if years is not None:
        lines.append(f"age_years = {_quoted(years.name)}")
    stamps = roles.stamps(profiles)
    taken = {lasted.column.name for lasted in stamps_by_length(profiles, stamps).values()}
    for name, pattern, both in (
        ("travel_s", r"travel", {"first_mobile_at", "first_on_scene_at"}),
        ("mobilisation_s", r"turn ?out|chute|mobili[sz]ation|activation", {"first_mobile_at"}),
        ("handover_s", r"hand ?over|off ?load", {"at_hospital_at", "handed_over_at"}),
        ("scene_s", r"(on|at) scene", {"first_on_scene_at", "left_scene_at"}),
    ):
        lasted = elapsed(profiles, pattern)
        is_new = lasted is not None and lasted.column.name not in taken
        if lasted is not None and is_new and not both <= stamps.keys():
            entry = f'{{ column = {_quoted(lasted.column.name)}, unit = "{lasted.unit}" }}'
            lines.append(_noted(f"{name} = {entry}", f"{lasted.extent}: check the unit"))
    if lines:
        yield "\n[numbers]"
        yield from lines


def _rest(profiles: Sequence[Profile]) -> Iterator[str]:
    personal = [p.name for p in profiles if roles.is_personal(p)]
    empty = [p.name for p in profiles if p.filled == 0]
    if personal:
        yield f"\n# Seem to tell who somebody is; not kept: {_in_a_line(', '.join(personal))}"
    if empty:
        yield f"# Empty in the sample: {_in_a_line(', '.join(empty))}"
