"""How a foreign log becomes a call log: the mapping file, read and checked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal

import msgspec

UNIT_S: Final = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
"""Seconds in each unit of time that a column may be in."""

CLOCKS_S: Final = {"h:m:s": (3600.0, 60.0, 1.0), "m:s": (60.0, 1.0), "h:m": (3600.0, 60.0)}
"""Seconds in each part of a length of time that is written as a clock, such as ``07:45``."""


class _Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class FileBlock(_Block, frozen=True, kw_only=True):
    """How the file is written, and what one row is.

    ``incident_id`` names the column, or the columns joined by a hyphen; None numbers the rows.
    With ``one_row_per = "unit"`` the rows of an incident are brought together; a ``unit`` that
    comes again among them is one unit. With ``one_row_per = "event"`` a row says that a unit had a
    status at a time: the rows of an incident and a ``unit`` are brought together first, and each
    text of the column ``status`` then is a column of its own that holds the text of ``status_at``.
    ``skip_lines`` are lines before the header. ``decimal`` is the mark before decimals: with a
    comma, points and spaces in numbers separate thousands.
    """

    one_row_per: Literal["incident", "unit", "event"] = "incident"
    incident_id: str | tuple[str, ...] | None = None
    unit: str | None = None
    status: str | None = None
    status_at: str | None = None
    delimiter: str = ","
    encoding: str = "utf-8"
    skip_lines: int = 0
    decimal: Literal[".", ","] = "."
    absent: tuple[str, ...] = ("NULL", "null", "NA", "N/A", "None", "nan", "NaN", "-")


class Keep(_Block, frozen=True, kw_only=True):
    """Rows to keep: those whose ``column`` holds one of ``words``, or none of ``words_not``.

    Letter case does not matter; ``*`` and ``?`` stand for any letters and any letter.
    """

    column: str
    words: tuple[str, ...] = ()
    words_not: tuple[str, ...] = ()


class Elapsed(_Block, frozen=True, kw_only=True):
    """A stamp given as a length of time after another stamp, which may be given so itself."""

    column: str
    unit: Literal["ms", "s", "min", "h", "d", "h:m:s", "m:s", "h:m"] = "s"
    after: str = "received_at"


class HourOfWeek(_Block, frozen=True, kw_only=True):
    """A file that knows only weekday and hour: each call is put into one week.

    The minute within the hour is the row's place among ``60 / step_min`` steps in turn. ``weekday``
    holds names (Monday, Mon) or numbers, of which ``monday`` is Monday.
    """

    weekday: str
    hour: str
    week_of: date
    monday: int = 1
    step_min: int = 1


class TimeBlock(_Block, frozen=True, kw_only=True):
    """Columns of stamps and how they are written.

    ``format`` is strptime's (``%d/%m/%Y %H:%M:%S``), ``iso`` (RFC 3339, or without offset in
    ``zone``), ``epoch_s``, ``epoch_ms``, ``excel_days``, or ``elapsed_s``, ``elapsed_min``,
    ``elapsed_h``, ``elapsed_d`` after ``origin``; several are tried in order. A column may be two:
    their texts are joined by a space. Local times that come twice in autumn are the earlier. With
    ``clocks_pass_midnight``, a stamp joined with the date of the call that lies before the call is
    of the next day. A stamp that cannot be (before the call, before the stamp that it follows, more
    than a week later) sets its row aside; with ``impossible = "leave_empty"`` only the stamp goes.
    """

    zone: str = "Europe/London"
    format: str | tuple[str, ...] = "iso"
    origin: datetime | None = None
    columns: dict[str, str | tuple[str, ...]] = {}
    elapsed: dict[str, Elapsed] = {}
    hour_of_week: HourOfWeek | None = None
    durations: bool = True
    """Whether the parts of a job are computed from the stamps, so that a replay can use them."""
    outcomes: bool = True
    """Whether, where the file does not say how an incident ended, its stamps do: conveyed to an
    emergency department with ``at_hospital_at``, else seen and treated with ``first_on_scene_at``.
    """
    clocks_pass_midnight: bool = False
    handover_lasts_until_clear: bool = False
    """Whether the file knows no end of the handover: the handover then includes clearing."""
    impossible: Literal["set_aside", "leave_empty"] = "set_aside"

    @property
    def elapsed_in_order(self) -> tuple[tuple[str, Elapsed], ...]:
        """Stamps given as lengths of time, each behind that which it follows; of a ring none."""
        known, left = {"received_at", *self.columns}, dict(self.elapsed)
        found: list[tuple[str, Elapsed]] = []
        while ready := [name for name, elapsed in left.items() if elapsed.after in known]:
            found += [(name, left.pop(name)) for name in ready]
            known |= {*ready}
        return tuple(found)


class PlaceBlock(_Block, frozen=True, kw_only=True):
    """Where the scene is.

    ``system`` is ``WGS84``, ``BNG`` (British National Grid), ``EPSG:`` and a number, or
    ``postcode``. Degrees and metres come in ``x`` and ``y`` (longitude or easting first), or both
    in one text, ``point``, in the given ``order``; of the British grid also as ``NT 25912 73554``.
    ``x_factor`` and ``y_factor`` make degrees or metres of other numbers: -1e-6 of millionths of a
    degree without their sign, 0.3048 of feet. A postcode, or any name of an area, is looked up in
    the file ``lookup`` (columns postcode, lon, lat); beside coordinates, where these are missing.
    """

    system: str = "WGS84"
    x: str | None = None
    y: str | None = None
    x_factor: float = 1.0
    y_factor: float = 1.0
    point: str | None = None
    order: Literal["lon lat", "lat lon"] = "lon lat"
    postcode: str | None = None
    lookup: str | None = None


class WordBlock(_Block, frozen=True, kw_only=True):
    """Where a word comes from.

    The texts of ``columns`` are joined by `` | `` and looked up in ``words``: exact first, then
    patterns with ``*`` and ``?`` in their order, then the letter of an AMPDS determinant in
    ``levels``, then ``otherwise``. Without ``words`` and ``levels`` the text itself is the word.
    A text that finds nothing is a fault where the word is required, else it is left empty.

    ``scheme`` says how codes are written: ``ampds`` determinants become ``06D01``, ``pathways``
    dispositions ``DX0110``, before they are looked up.
    """

    column: str | None = None
    columns: tuple[str, ...] = ()
    scheme: Literal["words", "ampds", "pathways"] = "words"
    words: dict[str, str] = {}
    levels: dict[str, str] = {}
    otherwise: str | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Columns of the file that the word is made of."""
        return self.columns or ((self.column,) if self.column else ())


class NumberBlock(_Block, frozen=True, kw_only=True):
    """A number in a unit of time; ages and counts have unit 1."""

    column: str
    unit: Literal["1", "ms", "s", "min", "h", "d", "h:m:s", "m:s", "h:m"] = "1"


class Mapping(_Block, frozen=True, kw_only=True):
    """A mapping from a foreign file to the schema of call logs."""

    title: str
    attribution: str = ""
    file: FileBlock = FileBlock()
    keep: tuple[Keep, ...] = ()
    time: TimeBlock
    place: PlaceBlock
    category: WordBlock
    words: dict[str, WordBlock] = {}
    numbers: dict[str, NumberBlock | str] = {}
    path: str = ""
    """Where the mapping was read from; files that it names lie beside it."""

    @property
    def infers_outcomes(self) -> bool:
        """Whether stamps say how incidents ended, where nothing else does."""
        needed = {"at_hospital_at", "first_on_scene_at"}
        return self.time.outcomes and needed <= {*self.time.columns, *self.time.elapsed}

    def sources(self) -> tuple[str, ...]:
        """Return the columns of the file that are read, each once."""
        found: list[str] = []
        identifier = self.file.incident_id
        found += [identifier] if isinstance(identifier, str) else list(identifier or ())
        found += [n for n in (self.file.unit, self.file.status, self.file.status_at) if n]
        found += [keep.column for keep in self.keep]
        for names in self.time.columns.values():
            found += [names] if isinstance(names, str) else list(names)
        found += [elapsed.column for elapsed in self.time.elapsed.values()]
        if self.time.hour_of_week is not None:
            found += [self.time.hour_of_week.weekday, self.time.hour_of_week.hour]
        place = self.place
        found += [n for n in (place.x, place.y, place.point, place.postcode) if n is not None]
        for block in (self.category, *self.words.values()):
            found += block.sources
        found += [n if isinstance(n, str) else n.column for n in self.numbers.values()]
        return tuple(dict.fromkeys(found))

    def number_sources(self) -> frozenset[str]:
        """Return the columns of the file that are read as numbers."""
        place = (self.place.x, self.place.y, self.place.point)
        found = {name for name in place if name is not None}
        found |= {elapsed.column for elapsed in self.time.elapsed.values()}
        found |= {n if isinstance(n, str) else n.column for n in self.numbers.values()}
        return frozenset(found)
