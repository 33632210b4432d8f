"""In which time zone a log was written: by where its scenes are, else by how it is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

BOXES: Final = (
    (-10.7, -5.4, 51.3, 55.5, "Europe/Dublin"),
    (-8.7, 1.9, 49.8, 61.0, "Europe/London"),
    (-9.6, -6.2, 36.9, 42.2, "Europe/Lisbon"),
    (-18.3, -13.3, 27.5, 29.5, "Atlantic/Canary"),
    (-9.4, 3.4, 35.9, 43.4, "Europe/Madrid"),
    (2.5, 6.2, 50.75, 53.6, "Europe/Amsterdam"),
    (2.5, 5.9, 49.5, 51.5, "Europe/Brussels"),
    (5.95, 10.5, 45.8, 47.6, "Europe/Zurich"),
    (-5.2, 8.0, 42.3, 51.1, "Europe/Paris"),
    (8.0, 12.7, 54.55, 57.8, "Europe/Copenhagen"),
    (6.6, 18.5, 36.6, 46.6, "Europe/Rome"),
    (12.1, 18.9, 48.55, 51.05, "Europe/Prague"),
    (10.5, 17.2, 46.4, 48.8, "Europe/Vienna"),
    (5.9, 15.0, 47.3, 55.1, "Europe/Berlin"),
    (14.1, 24.1, 49.0, 54.9, "Europe/Warsaw"),
    (4.6, 12.5, 57.9, 71.2, "Europe/Oslo"),
    (11.0, 20.5, 55.3, 69.1, "Europe/Stockholm"),
    (20.5, 31.6, 59.8, 70.1, "Europe/Helsinki"),
    (19.3, 28.3, 34.8, 41.8, "Europe/Athens"),
    (26.0, 45.0, 35.8, 42.2, "Europe/Istanbul"),
    (34.2, 35.9, 29.4, 33.4, "Asia/Jerusalem"),
    (51.0, 56.4, 22.6, 26.1, "Asia/Dubai"),
    (68.1, 97.4, 6.7, 35.6, "Asia/Kolkata"),
    (103.6, 104.1, 1.1, 1.5, "Asia/Singapore"),
    (113.8, 114.5, 22.1, 22.6, "Asia/Hong_Kong"),
    (126.0, 129.6, 33.0, 38.6, "Asia/Seoul"),
    (128.5, 146.0, 30.0, 45.6, "Asia/Tokyo"),
    (112.9, 129.0, -35.2, -13.7, "Australia/Perth"),
    (129.0, 138.0, -26.0, -10.9, "Australia/Darwin"),
    (129.0, 141.0, -38.1, -26.0, "Australia/Adelaide"),
    (138.0, 153.6, -28.2, -9.2, "Australia/Brisbane"),
    (144.5, 148.5, -43.7, -40.5, "Australia/Hobart"),
    (141.0, 146.5, -39.2, -36.0, "Australia/Melbourne"),
    (141.0, 153.7, -37.5, -28.2, "Australia/Sydney"),
    (166.4, 178.6, -47.3, -34.3, "Pacific/Auckland"),
    (16.4, 32.9, -34.9, -22.1, "Africa/Johannesburg"),
    (-160.3, -154.7, 18.9, 22.3, "Pacific/Honolulu"),
    (-168.0, -130.0, 54.5, 71.5, "America/Anchorage"),
    (-114.82, -109.04, 31.3, 37.0, "America/Phoenix"),
    (-139.1, -120.0, 48.3, 60.0, "America/Vancouver"),
    (-120.0, -110.0, 49.0, 60.0, "America/Edmonton"),
    (-110.0, -101.4, 49.0, 60.0, "America/Regina"),
    (-101.4, -90.0, 49.0, 60.0, "America/Winnipeg"),
    (-66.5, -59.7, 43.3, 48.1, "America/Halifax"),
    (-83.5, -71.0, 43.2, 46.5, "America/Toronto"),
    (-79.8, -66.5, 45.0, 55.0, "America/Toronto"),
    (-124.8, -114.0, 32.4, 49.0, "America/Los_Angeles"),
    (-114.0, -102.0, 31.0, 49.0, "America/Denver"),
    (-102.0, -87.5, 25.8, 49.0, "America/Chicago"),
    (-87.5, -66.9, 24.4, 47.5, "America/New_York"),
    (-106.0, -86.7, 14.5, 25.8, "America/Mexico_City"),
    (-79.1, -66.8, -4.3, 12.6, "America/Bogota"),
    (-75.7, -66.4, -56.0, -17.4, "America/Santiago"),
    (-66.4, -53.6, -55.1, -27.0, "America/Argentina/Buenos_Aires"),
    (-73.9, -58.0, -13.8, 5.3, "America/Manaus"),
    (-41.5, -34.7, -10.0, -2.7, "America/Recife"),
    (-58.0, -34.7, -33.8, 5.3, "America/Sao_Paulo"),
)
"""Boxes of longitude and latitude, and the zone that most of each keeps; the first that fits.

Drawn by hand around countries and states; borders within a box are not known, so that whoever
reads the proposal is told to check it.
"""

_BY_LANGUAGE: Final = {
    "de": "Europe/Berlin",
    "fr": "Europe/Paris",
    "es": "Europe/Madrid",
    "pt": "America/Sao_Paulo",
    "nl": "Europe/Amsterdam",
    "it": "Europe/Rome",
    "no": "Europe/Oslo",
    "sv": "Europe/Stockholm",
    "da": "Europe/Copenhagen",
}

_BY_ZIP: Final = (
    ("889|89[01]", "America/Los_Angeles"),
    ("96[78]", "Pacific/Honolulu"),
    ("99[5-9]", "America/Anchorage"),
    ("8[56]", "America/Phoenix"),
    ("3[56]|5[34]|[5-7]", "America/Chicago"),
    ("[0-4]", "America/New_York"),
    ("8", "America/Denver"),
    ("9", "America/Los_Angeles"),
)
"""First digits of American postcodes, and the zone that most of their area keeps; the first."""


def zone_of_zips(zips: Sequence[str]) -> str | None:
    """Return the zone in which most of some American postcodes lie.

    Examples
    --------
    >>> zone_of_zips(["92101", "92103", "10001"]), zone_of_zips(["60601"]), zone_of_zips([])
    ('America/Los_Angeles', 'America/Chicago', None)
    """
    found = Counter(next((z for p, z in _BY_ZIP if re.match(p, text)), None) for text in zips)
    return found.most_common(1)[0][0] if found else None


def zone_at(lon: float, lat: float) -> str | None:
    """Return the zone of a place; None where none of the boxes lies around it.

    Examples
    --------
    >>> zone_at(-73.98, 40.75), zone_at(8.68, 50.11), zone_at(153.0, -27.5), zone_at(0.0, 0.0)
    ('America/New_York', 'Europe/Berlin', 'Australia/Brisbane', None)
    """
    for lon_min, lon_max, lat_min, lat_max, zone in BOXES:
        if lon_min <= lon < lon_max and lat_min <= lat < lat_max:
            return zone
    return None


def zone_by_writing(language: str | None, *, american: bool, canadian: bool) -> str:
    """Return the zone that a log without places was probably written in."""
    if canadian:
        return "America/Toronto"
    if american:
        return "America/New_York"
    return _BY_LANGUAGE.get(language or "", "Europe/London")


_LANGUAGE_WORDS: Final = {
    "de": ("einsatz", "alarm", "datum", "uhrzeit", "rechtswert", "notruf", "klinik", "fahrzeug"),
    "fr": ("heure", "appel", "lieux", "intervention", "commune", "arrivee", "motif", "depart"),
    "es": ("fecha", "hora", "llamada", "llegada", "hospital destino", "barrio", "edad"),
    "nl": ("aankomst", "vertrek", "melding", "ziekenhuis", "urgentie", "opdracht", "standplaats"),
    "it": ("chiamata", "arrivo", "ospedale", "partenza", "esito", "missione", "attivazione"),
    "no": ("hendelse", "varslet", "mottatt", "sykehus", "hastegrad", "oppdrag"),
    "sv": ("mottag", "framme", "sjukhus", "arende", "handelse", "utlarm"),
    "da": ("modtaget", "sygehus", "haendelse", "hastegrad", "opgave"),
    "pt": ("bairro", "chamado", "idade", "motivo desfecho", "municipio", "endereco", "ocorrencia"),
}


def language_of(names: list[str]) -> str | None:
    """Return the language of column names in plain words, such as ``de`` or ``pt``; or None.

    Two different words of it must occur.
    """
    text = " | ".join(names)
    counts = {code: sum(w in text for w in words) for code, words in _LANGUAGE_WORDS.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] >= 2 else None
