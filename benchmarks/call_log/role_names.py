"""Words by which control rooms name their columns, in the languages of the exports that are met.

Patterns are matched against a name in plain words (`plain`): small letters, without accents,
camel case and underscores taken apart. English stands first, then German, French, Spanish,
Portuguese, Dutch, Italian, and a few of Scandinavia; ``times 06`` and the like are the numbers of
the American standard NEMSIS.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_STAMP_WORDS: Final = (
    # The empty role is none of ours.
    ("", r"(at|arriv\w*( at)?|reach\w*|with) patient", "patient (side|contact)", "times 07"),
    ("", "birth"),
    ("handed_over_at", "hand ?over", "handed over", "off ?load", "off stretcher", "times 12"),
    ("handed_over_at", "transfer (of )?care", "triage", "ubergabe", r"\bremise"),
    ("handed_over_at", r"\btoc\b", "overdracht", "overlever", "overlamn"),
    (
        "at_hospital_at",
        r"(arriv|\bat\b|reach).*(hosp|destination|facility|\bed\b)",
        r"(\bam\b|\bim\b|ankunft).*(krankenhaus|klinik|zielort)",
        "(arriv|llegad|chegad).*(hopital|etablissement|hospital)",
        r"(arriv|\barr\b).*\b(dest|hop|ch|chu|sau|urgences)\b",
        "(aankomst|ankomst|ankunft).*(ziekenhuis|sy[kg]ehus|sjukhus|spital|bestemming)",
        "arrivo.*(ospedale|destinazione|pronto soccorso)",
        *("hosp.*arriv", "at dest", "status 8", "times 11"),
    ),
    (
        "left_scene_at",
        r"(left|leav|depart|clear|exit|salida|saida|abfahrt).*(scene|\bscn\b|site|lieux|\bsll\b)",
        r"(scene|\bscn|site).*(depart|exit|leav)",
        "(left|leav|depart|clear|exit|salida|saida|abfahrt).*(lugar|local|cena|sitio)",
        r"abfahrt.*(einsatzort|\be ort\b)",
        r"avreis|\blamnat|(vertrek|partenza|avgang|afgang).*(\bplaats\b|incident|patient|posto|luogo)",
        "(to|en ?route) (to )?(the )?(hosp|dest)",
        *("transport", "convey", "patient on ?board", "status 7", "times 09"),
        r"\b(txp|xport|trans)\b",
    ),
    ("at_hospital_at", "hosp", "hopital", "krankenhaus", r"\bkh\b", "ziekenhuis", "ospedale"),
    ("at_hospital_at", "sy[kg]ehus", "sjukhus", r"\bspital\b"),
    ("call_answered_at", "answer", "pick ?up", r"\bt1\b", "decroch", "annahme", "atendid"),
    ("received_at", "response date"),
    (
        "first_mobile_at",
        *("mobile", "mobili[sz]", "en ?route", "response", "respond", "turn ?out", "activat"),
        r"\b(base|station|post)\b.*(depart|exit|leav)|(depart|exit|leav).*\b(base|station|post)\b",
        *(
            "rolling",
            "status 3",
            "times 05",
            "ausgeruckt",
            "ausruck",
            "ausfahrt",
            "salida",
            "saida",
        ),
        *("vertrek", "uitruk", "partenza", "rykker ut", "utrykk", "avgang", "afgang"),
        r"^(date |heure )*depart( (engin|smur|vsav|vecteur|equipe|base|centre|moyen))?$",
        r"\b(enr|enrt|roll|resp start)\b",
    ),
    (
        "first_on_scene_at",
        *("scene", "arriv", "attended", "at incident", "reach", "status 4", "times 06"),
        *("einsatzort", "eintreffen", "ankunft", "sur (les )?lieux", r"\bsll\b", r"\barrv?\b"),
        *(
            "llegada",
            "chegada",
            "aankomst",
            "ankomst",
            "fr[ea]mme",
            r"\blocated",
            "ter plaatse",
            "arrivo",
            "sul posto",
        ),
    ),
    (
        "first_assigned_at",
        *("assign", "dispatch", "alloc", "despatch", "alert", "tone", "notif", "times 03"),
        *(
            "alarmzeit",
            "opdracht",
            "alarmering",
            "attivazione",
            "allertamento",
            "varslet",
            "utlarm",
        ),
        *("alarmierung", "engagement", "despach", "acionament", "asigna", "decision"),
        r"\b(dsp|disp|dspt|dispd)\b",
    ),
    (
        "clear_at",
        *("clear", "avail", "clos", "complet", r"\bfree", r"\bend(ed)?\b", "return", "times 13"),
        *("in service", r"status 1\b", r"\bende\b", "einsatzende", "disponible", "retour"),
        *(
            r"\bfrei\b",
            r"\bvrij",
            r"\bfine (missione|intervento|servizio)",
            "rientro",
            r"\bledig",
            r"\bback (to|at|in)\b",
        ),
        *(r"\bfin\b", "liber", "termin", "encerra", r"\baor\b", r"\bavl\b"),
    ),
    (
        "received_at",
        *("receiv", "connect", "phone", "start", "incident", "event", "alarm", "creat", "report"),
        *(r"\bre?c(v|e?i)?d\b", r"\bopen"),
        *("origin", "entry", "call", "time", "date", r"\bt0\b", "times 01", "stamp", "notruf"),
        *("eingang", "anruf", "datum", "zeit", "appel", "heure", "fecha", "hora", "llamada"),
        *(
            "mottatt",
            "mottag",
            "modtag",
            "opkald",
            "anrop",
            "solicitud",
            "aanname",
            "oproep",
            r"\btijd",
            "chiamata",
            r"\bora\b",
        ),
        *("chamad", r"\bdata\b", "ocorrencia", r"\bwhen\b"),
    ),
)

STAMPS: Final = tuple((role, "|".join(words)) for role, *words in _STAMP_WORDS)
"""Names of stamps, the more particular before the more general; the empty role is none of ours."""

RECEIVED_FIRST: Final = (
    r"connect|receiv|notruf|eingang|appel|llamada|chamad|chiamata|aanname|\bt0\b|times 01|call"
)
"""Of several columns of the time of the call, one named so goes before the others."""

IDENTIFIER: Final = (
    r"(incident|call|event|case|cad|run|job|master|cfs|dispatch|response|\binc|\bevt).*"
    r"(id|num\w*|no|nr|nbr|ref|key)\b|(incident|inc|event|evt|case|call|cad|run|job) ?#"
    r"|^(id|incident|event|case|call|run|job)$|response 03"
    r"|(einsatz|vorgang|auftrag)s? ?(nummer|nr|id)|\bitem( no| number)?$"
    r"|\bfolio\b"
    r"|^n(o|umero)?.*(intervention|incident|appel|ocorrencia|dossier|fiche)"
    r"|(id|numero|codice).*(intervention|incident|ocorrencia|servicio|dossier|evento|missione|scheda)"
    r"|(rit|incident|melding|inzet|hendelse|handelse|haendelse|arende|oppdrag)s? ?(nummer|nr|id)\b"
)
INCIDENT: Final = (
    r"incident|\binc\b|event|\bevt\b|case|master|cad|einsatz|intervention|ocorrencia|dossier"
    r"|\brit|scheda|hendelse|handelse|haendelse|arende|oppdrag"
)
ROW_NUMBER: Final = r"^(object|row|f)? ?id$|^fid$"
"""Names of mere row numbers: better than nothing where each is different."""

UNIT: Final = (
    r"\b(unit|vehicle|call ?sign|apparatus|resource|ambulance (id|no|num\w*)|crew|engin|vecteur"
    r"|fahrzeug|funkrufname|einsatzmittel|movil|viatura|radio name|rig"
    r"|roepnummer|voertuig|mezzo|enhet|enhed|ressurs|resurs)\b"
)
UNIT_NOT: Final = (
    r"type|count|number of|sequence|\bals\b|kind|status|units|total|time|date|primary|first"
    r"|category"
)
STATION: Final = (
    r"deployed from|from station|(home|base|first|unit) ?(station|post)|^station$|wache"
    r"|^standplaats$|^postazione$|^(base|estacion|centre de secours|caserne)$"
)

CATEGORY: Final = (
    r"final (priority|severity)|categor|severity|determinant|ampds|mpds|triage|acuity|priorit\w*"
    r"|\bdx\b|disposition code|urgenc\w*|urgent|response (code|level|mode)|lights|siren\w*"
    r"|\bsev\b|\bprio?\b|\bcat\b|\burg\b|sondersignal|blaulicht|dringlich\w*|gravit\w*|gravedad|prioridade?|classifica\w*|\bcode\b"
    r"|urgentie|colore|kleur|hastegrad|criticality"
    r"|response 23"
)
CATEGORY_NOT: Final = r"date|time|\bzip|post|status|alarm|description of"
CATEGORY_ORDER: Final = (
    "final",
    "categor",
    "severity",
    "priorit",
    "triage",
    "acuity",
    "determinant",
)

OUTCOME: Final = (
    r"stop code|disposition|outcome|result|esito|devenir|desfecho|ausgang|desenlace"
    r"|conveyed|transported"
    r"|\bdecision\b|\borientation\b|\b(xfer|transport|txp|conveyance) (flag|y n|yn|ind)\b"
)
COMPLAINT: Final = (
    r"complaint|nature|problem|call type|incident type|event type|chief|reason|type|title|desc\w*"
    r"|motif|nature|sinistre|stichwort|meldebild|einsatzart|indikation|motivo|tipo|subtipo|impression"
    r"|einsatzcode|toestandsbeeld|ziektebeeld|patologia"
)
COMPLAINT_NOT: Final = r"unit|property|group|vehicle|address|location|room|gender|sex"
COMPLAINT_ORDER: Final = (
    *("complaint", "nature", "problem", "chief", "motif", "stichwort", "subtipo", "type desc"),
    *("call", "incident", "event", "title"),
)
PERSONAL: Final = (
    r"\bname\b|surname|phone|\btel\b|mobile (no|num)|address|addr\b|street|\bnote|comment|narrat"
    r"|remark|birth|\bdob\b|\bnhs\b|email|caller|adresse|strasse|\brue\b|endereco|direccion|\bobs\b"
)
WEEKDAY: Final = r"week ?day|day of (the )?week|^dow$|wochentag|jour de (la )?semaine"
HOUR: Final = r"^hour|hour$|^stunde$|^heure$"
AGE: Final = r"^age\b|patient age|age (in )?years|\balter\b|\bedad\b|\bidade\b|leeftijd"
HOSPITAL: Final = (
    r"hospital|destination|receiving|\bdest\b|klinik|krankenhaus|hopital|etablissement"
    r"|ziekenhuis|ospedale|sykehus|sjukhus|sygehus|spital"
)
LON: Final = r"\b(lon|long|lng|longitude\w*|longitud|l(ae|a)nge(ngrad)?|lengte(graad)?)\b|^x$"
LAT: Final = r"\b(lat|latitude\w*|latitud|breite(ngrad)?|breedte(graad)?)\b|^y$"
_GRIDS: Final = r"itm|osgb|osgr|bng|utm ?\d*|mga|nztm|lv ?\d*|sweref\w*|etrs\w*|grid|coord\w*|geo"
EAST: Final = (
    r"east|rechtswert|hochwert_x|\bx\b|\bx ?(l93|lambert|coord\w*|utm)|coord\w* x"
    rf"|\b({_GRIDS}) ?e\b|^e ({_GRIDS})\b"
)
NORTH: Final = (
    r"north|hochwert|\by\b|\by ?(l93|lambert|coord\w*|utm)|coord\w* y"
    rf"|\b({_GRIDS}) ?n\b|^n ({_GRIDS})\b"
)
AREA: Final = (
    r"post|\bzip|\bpcd|\bcap\b|\bplz\b|\bcp\b|sortation|\bfsa\b|lsoa|borough|neighbo|district|commune|gemeinde"
    r"|bairro|barrio|distrito|comune|gemeente|wijk|suburb|town|city|ward|area|municip|twp|ortsteil|county|sector|beat\b"
)
POSTCODE: Final = r"post|\bzip|zipcode|\bpcd|\bcap\b|\bplz\b|\bcp\b|\bcep\b|sortation|\bfsa\b"

LAT_MIN: Final = -56.0
LAT_MAX: Final = 72.0
"""Nobody has ambulances farther south or north."""

_LIGATURES: Final = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "°": " ", "º": " "})


def plain(name: str) -> str:
    """Return a column's name as plain words.

    Examples
    --------
    >>> plain("TimeEnRoute"), plain("Arrivée_sur-les lieux"), plain("N° intervention")
    ('time en route', 'arrivee sur les lieux', 'n intervention')
    """
    text = unicodedata.normalize("NFKD", name.translate(_LIGATURES))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return re.sub(r"[^a-z0-9#]+", " ", text.lower()).strip()
