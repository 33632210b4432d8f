"""Which word of the schema a foreign word probably means: categories, outcomes, kinds of calls."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

LEVELS: Final = {"E": "C1", "D": "C2", "C": "C2", "B": "C3", "A": "C3", "O": "C5"}
"""A start for AMPDS levels; each service's own list of codes goes before it."""

_CATEGORY_WORDS: Final = (
    ("C5", r"secondary triage|advice|omega|referral|information|nurse ?line|conseil"),
    (
        "C4",
        r"non.?(urgent|emerg|life|acute)|routine|\bgreen|\bcold|code ?1\b|\blow\b|scheduled",
    ),
    (
        "C4",
        r"transfer",
    ),
    (
        "C1",
        r"immediate.?life|life.?threat|cardiac arrest|\becho\b|purple|critical|resus|arret card",
    ),
    ("C1", r"reanimation|parada card"),
    (
        "C2",
        r"emergen|\bred\b|\bdelta\b|\bcharlie\b|\bhot\b|lights|code ?3\b|immediate|\bals\b",
    ),
    (
        "C2",
        r"\bmedic\b|serious",
    ),
    ("C3", r"lower acuity|\bmedia\b|\bmittel\b|\bmoyenne\b"),
    ("C2", r"\bakutt?\b|\bhigh\b|\balta\b|\bhoch\b|\bhaute\b"),
    ("C4", r"\bbaja\b|\bbaixa\b|\bniedrig\b|\bbasse\b"),
    ("C2", r"\bnotarzt\b|\bna\b|\bnef\b|vital|muy grave|rouge|vermelho|rojo|rosso"),
    (
        "C3",
        r"urgent|amber|orange|yellow|\bbravo\b|\balpha\b|medium|moderate|code ?2\b|\bbls\b|\brtw\b",
    ),
    (
        "C3",
        r"\baid\b|notfall|\bstable\b|\bhaster?\b",
    ),
    ("C3", r"amarelo|amarillo|jaune|gelb|giallo|geel"),
    ("C4", r"\bktp?\b|krankentransport|verde|vert|azul|bianco|groen|besteld|vanlig|planlag"),
)
_EXACT: Final = {
    "ja": "C2", "yes": "C2", "y": "C2", "oui": "C2", "si": "C2", "sim": "C2", "true": "C2",
    "nein": "C3", "no": "C3", "n": "C3", "non": "C3", "nao": "C3", "false": "C3",
}  # fmt: skip
"""Whether lights were used."""
_DUTCH: Final = {"a0": "C1", "a1": "C2", "a2": "C3", "b1": "C4", "b2": "C4"}
"""Urgency as ambulance services of the Netherlands write it."""

_HCP: Final = re.compile(r"(hcp|ift)\W*(?:l|level)?\W*([1-4])", re.IGNORECASE)
_NUMBERED: Final = re.compile(
    r"(?:(?P<first>\d{1,2})\s*[-:.]\s*)?\W*(?:c|ca?t|category|p|pr?i|priority|level|prio|rd|pri)?"
    r"\W*(?P<number>\d{1,2})?\W*(?P<letter>[a-c])?",
    re.IGNORECASE,
)
NUMBERS_PLAIN: Final = 5
"""So many different numbers are taken as they stand; more are spread over the categories."""


def plain_text(text: str) -> str:
    """Return a text in small letters without accents."""
    found = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in found if not unicodedata.combining(c))


def category_guesses(
    texts: Sequence[str], *, code_3_is_gravest: bool = True
) -> dict[str, str | None]:
    """Return the category that each text of a column probably means; None where nothing tells.

    Numbers are ranks, 1 (or 0) the gravest: up to five as they stand (5 is C5 only where the column
    says categories, else C4), more, greater ones (1, 4, 9) and those with letters (1A, 1B, 2)
    spread over C1 to C4. A ``Code 3`` is one with lights in America, and the mildest elsewhere.
    """
    if not code_3_is_gravest and any(map(_CODE.fullmatch, texts)):
        plain = category_guesses([_CODE_ALONE.sub(r"Priority \1", text) for text in texts])
        return dict(zip(texts, plain.values(), strict=True))
    if colours := _colours(texts):
        return {text: colours.get(text) for text in texts}
    numbers: dict[str, float] = {t: n for t in texts if (n := _number(t)) is not None}
    numbers |= _lettered(numbers)
    ranks = sorted(set(numbers.values()))
    says_categories = any(re.match(r"\W*c(at|ategory)?\W*[1-5]\b", t, re.IGNORECASE) for t in texts)
    found: dict[str, str | None] = {}
    for text in texts:
        if text in numbers:
            found[text] = _of_rank(numbers[text], ranks, says_categories=says_categories)
        else:
            found[text] = _of_words(text)
    return found


_CODE: Final = re.compile(r"code ?(\d)", re.IGNORECASE)
_CODE_ALONE: Final = re.compile(rf"^{_CODE.pattern}$", re.IGNORECASE)


def yes_or_no(text: str) -> bool | None:
    """Return what a text answers in one of the languages met; None when it is no answer.

    Examples
    --------
    >>> yes_or_no("Oui"), yes_or_no("N"), yes_or_no("1"), yes_or_no("Transported")
    (True, False, True, None)
    """
    word = plain_text(text).strip()
    return {"C2": True, "C3": False}.get(_EXACT.get(word, ""), {"1": True, "0": False}.get(word))


def _number(text: str) -> int | None:
    if _LETTERED.fullmatch(text):
        text = text.lower().replace("code", "")
    match = _NUMBERED.fullmatch(text.strip())
    if match is None:
        return None
    digits = match["first"] or match["number"]
    return int(digits) if digits and int(digits) < 100 else None


_COLOURS: Final = (
    r"\bred\b|rouge|rojo|vermelho|rosso|\brot\b|rood",
    r"orange|naranja|laranja|arancio",
    r"yellow|jaune|amarillo|amarelo|giallo|gelb|geel",
    r"green|vert|verde|grun|groen",
    r"blue|bleu|azul|blau|blauw",
    r"white|blanc|blanco|branco|bianco|weiss",
)
_PURPLE: Final = r"purple|violet|\blila\b"
_COLOURS_MIN: Final = 4


def _colours(texts: Sequence[str]) -> dict[str, str]:
    """Return what colours mean where they are those of triage: red, the gravest, and three more."""
    # Of four colours purple stands before red; where there are more, words tell more.
    is_purple = any(re.search(_PURPLE, plain_text(text)) for text in texts)
    if is_purple and len(texts) != _COLOURS_MIN:
        return {}
    order = [re.compile(pattern) for pattern in ((_PURPLE,) if is_purple else ()) + _COLOURS]
    found = {
        text: place
        for text in texts
        for place, pattern in enumerate(order)
        if pattern.search(plain_text(text))
    }
    ranks = sorted(set(found.values()))
    if len(ranks) < _COLOURS_MIN or ranks[0] != 0 or len(found) < len(texts) - 1:
        return {}
    return {text: _spread(ranks.index(place) / (len(ranks) - 1)) for text, place in found.items()}


def _spread(share: float) -> str:
    """Return the category of a rank, of which 0 is the gravest and 1 the mildest."""
    return "C1" if share == 0 else "C2" if share < 0.4 else "C3" if share < 0.7 else "C4"


def turned_round(texts: Sequence[str]) -> dict[str, str | None]:
    """Return the categories of ranks of which the greatest is the gravest; none of other texts.

    Examples
    --------
    >>> turned_round(["1", "3", "4"]), turned_round(["Echo", "Omega"])
    ({'1': 'C4', '3': 'C2', '4': 'C1'}, {})
    """
    numbers = [_number(text) for text in texts]
    known = [number for number in numbers if number is not None]
    if len(known) < len(texts):
        return {}
    mirrored = [f"{max(known) + min(known) - number}" for number in known]
    found = category_guesses(mirrored)
    return {text: found[number] for text, number in zip(texts, mirrored, strict=True)}


def _lettered(numbers: Mapping[str, float]) -> dict[str, float]:
    """Return ranks that letters part (1A before 1B), where plain numbers have several."""
    letters = {text: text.strip()[-1:].upper() for text in numbers if _LETTERED.fullmatch(text)}
    pairs = Counter(numbers[text] for text in letters)
    if max(pairs.values(), default=0) < 2:
        return {}
    return {text: numbers[text] + "ABC".index(letter) / 10 for text, letter in letters.items()}


_LETTERED: Final = re.compile(r"\s*(code\s?)?\d\s?[a-c]", re.IGNORECASE)


def _of_rank(number: float, ranks: Sequence[float], *, says_categories: bool) -> str:
    is_plain = len(ranks) <= NUMBERS_PLAIN and ranks[-1] <= NUMBERS_PLAIN
    is_plain = is_plain and all(rank == int(rank) for rank in ranks)
    if ranks[0] == 0 and is_plain:
        return f"C{min(int(number) + 1, 4)}"
    if is_plain or len(ranks) == 1:
        return f"C{min(max(int(number), 1), 5 if says_categories else 4)}"
    return _spread(ranks.index(number) / (len(ranks) - 1))


def _of_words(text: str) -> str | None:
    if match := _HCP.fullmatch(text.strip()):
        return f"{match[1].upper()}{match[2]}"
    word = plain_text(text).strip()
    if re.fullmatch(r"[a-eo]", word):
        return LEVELS[word.upper()]
    if (known := _EXACT.get(word, _DUTCH.get(word))) is not None:
        return known
    return next((c for c, pattern in _CATEGORY_WORDS if re.search(pattern, word)), None)


_OUTCOME_WORDS: Final = (
    ("duplicate", r"dup"),
    ("see_and_treat", r"against"),
    (
        "see_and_treat",
        r"(no|not|non|without|sans|sem|ohne|never|geen).{0,3}(trasport|transport|convey|remoc|vervoer)",
    ),
    ("see_and_treat", r"\behgv\b|ter plaatse|sul posto|rifiut"),
    (
        "conveyed_elsewhere",
        r"(conv|transp).*(non.?ed\b|other|elsewhere|minor|clinic)|urgent treatment",
    ),
    ("conveyed_elsewhere", r"minor injur|walk.?in|hospice|\butc\b|\bmiu\b"),
    ("hear_and_treat", r"advi[sc]e|hear|phone|telephone|conseil|clinical hub"),
    ("referred", r"refer|signpost|111\b|\bgp\b"),
    ("cancelled", r"cancel|no merit|unable|gone|not found|stood|stand.?down|false|no patient|hoax"),
    (
        "cancelled",
        r"\bloos\b|afgebroken|vuoto|annul|storno|abbruch|cancelad|unfounded|fehl|no response|trote",
    ),
    ("conveyed_to_ed", r"see.{0,5}convey|(convey|transport).*\b(ed|a&e|hospital)\b"),
    ("conveyed_to_ed", r"treated.{0,3}transported|transported by|remocao|hospitalis"),
    ("see_and_treat", r"refus|declin|against|see|treat|releas|deceased|examiner|dead|laiss|deced"),
    ("see_and_treat", r"obito|sur place|ambulant|verstorben|obit"),
    (
        "conveyed_to_ed",
        r"transport|convey|hospital|emergency dep|\bed\b|\ber\b|a&e|klinik|vervoer|trasport",
    ),
)


def outcome_guess(text: str) -> str:
    """Return the outcome that a text probably means; the empty word where nothing tells."""
    word = plain_text(text)
    return next((w for w, pattern in _OUTCOME_WORDS if re.search(pattern, word)), "")


_NOT_AMBULANCE: Final = re.compile(
    r"\bfire\b|alarm\b|gas.?(odor|leak)|hazmat|hazardous|rubbish|smoke|burglar|theft|robbery|noise"
    r"|parking|\bpolice\b|\bdpd\b|vandal|lift |elevator|tree down|wires down|\bfeu\b|incendie"
    r"|brand\b|brandeinsatz|lockout|illegal burn|fuel spill|public service|disabled vehicle|^inv$"
)


def is_for_others(text: str) -> bool:
    """Test whether a kind of call is surely one for a fire brigade or the police alone."""
    word = plain_text(text)
    is_medical = re.search(r"medic|ems\b|injur|victim|patient|collision|accident|burn(s|ed) ", word)
    return _NOT_AMBULANCE.search(word) is not None and is_medical is None
