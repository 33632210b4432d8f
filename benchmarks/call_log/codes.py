"""From the words and codes of a foreign log to those of the schema."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as TextColumns
from fnmatch import translate as glob_pattern
from typing import Final

from benchmarks.call_log.mapping import WordBlock
from benchmarks.call_log.rejects import Problem
from benchmarks.call_log.schema import BY_NAME

_AMPDS: Final = re.compile(r"(\d{1,2})\W*([A-EOΩ])\W*(\d{1,2})\W*([A-Za-z]{0,3})", re.IGNORECASE)
_PATHWAYS: Final = re.compile(r"\s*(?:DX\W*)?(\d{1,6})\s*", re.IGNORECASE)
_MASKED: Final = re.compile(r"(-?\d[\d.]*)([*xX]+)")
_THOUSANDS: Final = re.compile("(?<=\\d)[. \u00a0\u202f'](?=\\d{3}(?!\\d))")
_DECIMAL_COMMA: Final = re.compile(r"(?<=\d),(?=\d)")
_BETWEEN: Final = " | "


def ampds_determinant(text: str) -> str | None:
    """Return a determinant as card, level, number and suffix, such as ``06D01`` or ``17A04G``.

    None when the text is none. ``O`` is also written as the Greek omega.

    Examples
    --------
    >>> ampds_determinant("6-d-1"), ampds_determinant("17A4g"), ampds_determinant("fall")
    ('06D01', '17A04G', None)
    """
    match = _AMPDS.fullmatch(text.strip())
    if match is None:
        return None
    card, level, number, suffix = match.groups()
    letter = level.upper().replace("Ω", "O")
    return f"{int(card):02d}{letter}{int(number):02d}{suffix.upper()}"


def pathways_disposition(text: str) -> str | None:
    """Return an NHS Pathways disposition such as ``DX0110``; None when the text is none.

    Examples
    --------
    >>> pathways_disposition("dx 0110"), pathways_disposition("011"), pathways_disposition("C2")
    ('DX0110', 'DX011', None)
    """
    match = _PATHWAYS.fullmatch(text)
    return f"DX{match[1]}" if match else None


def texts_found(texts: Sequence[str], words: Collection[str]) -> frozenset[str]:
    """Return which texts are among words, of which some may be patterns with ``*`` and ``?``.

    Letter case does not matter.
    """
    exact = {word.strip().casefold() for word in words}
    patterns = [re.compile(glob_pattern(w), re.IGNORECASE) for w in words if set(w) & set("*?")]
    return frozenset(
        text
        for text in set(texts)
        if text.casefold() in exact or any(p.fullmatch(text) for p in patterns)
    )


def with_decimal_point(text: str) -> str:
    """Return a text in which numbers with a decimal comma have a point.

    Examples
    --------
    >>> with_decimal_point("842.123,45"), with_decimal_point("6 519 001,2"), with_decimal_point("7")
    ('842123.45', '6519001.2', '7')
    """
    plain = _THOUSANDS.sub("", text)
    return _DECIMAL_COMMA.sub(".", plain)


def unmasked(text: str) -> str:
    """Return a number of which the last digits were masked as the middle of what it may be.

    Examples
    --------
    >>> unmasked("376***"), unmasked("-79.3X"), unmasked("XXX")
    ('376500', '-79.35', 'XXX')
    """
    match = _MASKED.fullmatch(text)
    return f"{match[1]}5{'0' * (len(match[2]) - 1)}" if match else text


def decimal_degrees(text: str) -> str:
    """Return degrees, minutes and seconds as decimal degrees, or the text if it is none of these.

    Examples
    --------
    >>> decimal_degrees("51°30'36N"), decimal_degrees("W 93 15.6"), decimal_degrees("51.51")
    ('51.51', '-93.26', '51.51')
    """
    match = _SEXAGESIMAL.fullmatch(text.strip())
    if match is None:
        return text
    sign, before, degrees, minutes, seconds, after = match.groups()
    half = (before or after or "").upper()
    # Without a sign, a half of the globe or the mark of degrees, numbers are something else.
    if not half and "°" not in text:
        return text
    value = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return f"{-value if sign or half in {'S', 'W'} else value:.7f}".rstrip("0").rstrip(".")


def coordinate(text: str) -> float:
    """Return a coordinate as a number: with separators of thousands, masked, or in minutes.

    Raises
    ------
    ValueError
        When it is none.
    """
    plain = text.replace(",", "")
    try:
        return float(plain)
    except ValueError:
        return float(decimal_degrees(unmasked(plain)))


def pair_of(text: str) -> tuple[float, float] | None:
    """Return the two numbers of a text, or of the brackets at its end; None where there are more.

    Examples
    --------
    >>> pair_of("POINT (-122.4 37.7)"), pair_of("12 High St (36.85, -76.0)"), pair_of("12 High St")
    ((-122.4, 37.7), (36.85, -76.0), None)
    """
    inner = _BRACKETS.search(text)
    for part in (inner[1] if inner else "", text):
        numbers = _NUMBER.findall(part)
        if len(numbers) == 2:
            return float(numbers[0]), float(numbers[1])
    return None


_BRACKETS: Final = re.compile(r"\(([^()]*)\)\s*$")
_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_SEXAGESIMAL: Final = re.compile(
    r"(-)?([NSEW])?\s*(\d{1,3}(?:\.\d+)?)[°º\s]\s*(?:(\d{1,2}(?:\.\d+)?)['\u2032\u2019\s]?\s*)?"
    r"(?:(\d{1,2}(?:\.\d+)?)(?:[\"\u2033\u201d]|'')?\s*)?([NSEW])?",
    re.IGNORECASE,
)


class Words:
    """Translates the texts of one column of the schema; each text is looked up once."""

    def __init__(self, name: str, block: WordBlock) -> None:
        self._column, self._block = BY_NAME[name], block
        self._patterns = [
            (re.compile(glob_pattern(text), re.IGNORECASE), word)
            for text, word in block.words.items()
            if set(text) & set("*?[")
        ]
        self._exact = {text.strip().casefold(): word for text, word in block.words.items()}
        self._known: dict[str, str | None] = {}

    def read(
        self, columns: TextColumns[str, Sequence[str]], count: int, problems: dict[int, Problem]
    ) -> list[str]:
        """Return the word of each row; the empty word where nothing is known."""
        parts = [columns[name] for name in self._block.sources]
        if not parts:
            return [self._block.otherwise or ""] * count
        texts = parts[0] if len(parts) == 1 else [*map(_BETWEEN.join, zip(*parts, strict=True))]
        known = self._known
        for text in set(texts):
            if text not in known:
                known[text] = self._one(text)
        found = []
        for row, text in enumerate(texts):
            word = known[text]
            if word is None:
                problems.setdefault(row, self._fault(text))
            found.append(word or "")
        return found

    def _one(self, text: str) -> str | None:
        """Return the word for a text; None when a required word finds nothing."""
        block = self._block
        if not text.strip(" |") and block.otherwise is None:
            return None if self._column.required else ""
        code: str | None = text.strip()
        if block.scheme == "ampds":
            code = ampds_determinant(text)
        elif block.scheme == "pathways":
            code = pathways_disposition(text)
        if code is not None and (word := self._looked_up(code)) is not None:
            return word
        if block.otherwise is not None:
            return block.otherwise
        return None if self._column.required or self._column.words else ""

    def _looked_up(self, code: str) -> str | None:
        block = self._block
        if (word := self._exact.get(code.casefold())) is not None:
            return word
        for pattern, word in self._patterns:
            if pattern.fullmatch(code):
                return word
        if block.scheme == "ampds" and code[2] in block.levels:
            return block.levels[code[2]]
        if block.words or block.levels:
            return None
        allowed = self._column.words
        return code if not allowed or code in allowed else None

    def _fault(self, text: str) -> Problem:
        expected = f"a text that the mapping knows, or {self._column.name}.otherwise"
        return Problem(", ".join(self._block.sources), "unknown word", expected, text or "nothing")
