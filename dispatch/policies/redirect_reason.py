"""Why services cannot take a patient: a code for each row, and words for the nearest few."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.local_time import LONDON, minute_of_day
from dispatch.domain.patient import Patient
from dispatch.domain.redirection import RefusalCode, ServiceRefusal, Situation
from dispatch.policies.service_index import Mask, Rows, ServiceIndex

_CODES: Final = tuple(RefusalCode)
_NUMBER: Final = {code: number for number, code in enumerate(_CODES, start=1)}


class Refusals:
    """The first reason for which each row was refused; 0 while it has none."""

    def __init__(
        self,
        index: ServiceIndex,
        patient: Patient,
        situation: Situation,
        closes_ms: npt.NDArray[np.int64],
    ) -> None:
        self._index, self._patient, self._situation = index, patient, situation
        self._closes_ms = closes_ms
        self._code = np.zeros(len(index), np.int8)
        self._travel_s: dict[int, float] = {}
        self._special: dict[RefusalCode, Callable[[int], str]] = {
            RefusalCode.INACTIVE: self._inactive,
            RefusalCode.AGE: self._age,
            RefusalCode.FRAILTY: self._frailty,
            RefusalCode.EXCLUDED: self._excluded,
            RefusalCode.CLOSED: self._closed,
            RefusalCode.OUT_OF_REACH: self._reach,
            RefusalCode.CLOSES_TOO_SOON: self._too_soon,
        }

    def refuse(self, code: RefusalCode, rows: Mask) -> None:
        """Refuse the rows of a mask that nothing has refused yet."""
        self._code[rows & (self._code == 0)] = _NUMBER[code]

    def refuse_rows(
        self, code: RefusalCode, rows: npt.NDArray[np.int64], travel_s: npt.NDArray[np.float64]
    ) -> None:
        """Refuse rows by number, keeping how long the journey would have taken."""
        self._code[rows] = _NUMBER[code]
        self._travel_s.update(zip(rows.tolist(), travel_s.tolist(), strict=True))

    def passed(self) -> Rows:
        """Return the rows that nothing has refused, in order."""
        return np.flatnonzero(self._code == 0)

    def named(
        self, distance_m: npt.NDArray[np.float64], count_max: int
    ) -> tuple[tuple[ServiceRefusal, ...], dict[RefusalCode, int]]:
        """Return the nearest refused services with words, and the count of the others by code.

        Services whose type does not suit the need are only counted.
        """
        wrong_type = _NUMBER[RefusalCode.NOT_FOR_TYPE]
        rows = np.flatnonzero((self._code > 0) & (self._code != wrong_type))
        rows = rows[np.argsort(distance_m[rows], kind="stable")]
        named = rows[:count_max]
        counts = np.bincount(self._code, minlength=len(_CODES) + 1)
        counts -= np.bincount(self._code[named], minlength=len(_CODES) + 1)
        others = {code: int(counts[number]) for code, number in _NUMBER.items() if counts[number]}
        return tuple(self._refusal(int(row)) for row in named), others

    def _refusal(self, row: int) -> ServiceRefusal:
        code = _CODES[self._code[row] - 1]
        return ServiceRefusal(
            service=self._index.services[row].id, code=code, why=self._words(code, row)
        )

    def _words(self, code: RefusalCode, row: int) -> str:
        special = self._special.get(code)
        return _PLAIN[code] if special is None else special(row)

    def _age(self, row: int) -> str:
        ages = self._index.services[row].ages
        if not ages:
            least = self._index.rules[row].age_from_days
            return f"takes patients from {least} days, the patient has {self._patient.age_days}"
        spans = " and ".join(f"{span.from_days} to {span.to_days}" for span in ages)
        return f"takes patients of {spans} days, the patient has {self._patient.age_days}"

    def _frailty(self, row: int) -> str:
        index = self._index
        return (
            f"takes Clinical Frailty Scale {index.frailty_low[row]} to {index.frailty_high[row]}, "
            f"the patient has {self._patient.frailty_cfs}"
        )

    def _excluded(self, row: int) -> str:
        known = {self._patient.complaint, *self._patient.findings}
        found = [code for code in self._index.exclusions(row) if code in known]
        return f"excludes {', '.join(dict.fromkeys(found))}"

    def _closed(self, row: int) -> str:
        opens_ms = self._index.hours(row).next_opening_ms(self._situation.now_ms)
        if opens_ms is None:
            return "closed, and no opening is known"
        hours = (opens_ms - self._situation.now_ms) / 3_600_000
        return f"closed, opens at {_clock(opens_ms)} in {hours:.1f} h"

    def _reach(self, row: int) -> str:
        limit = int(self._index.reach_s[row]) // 60
        seconds = self._travel_s.get(row)
        if seconds is None:
            return f"further than {limit} min away"
        if seconds == float("inf"):
            return "no way there by road"
        return f"{seconds / 60:.0f} min away, limit {limit} min"

    def _too_soon(self, row: int) -> str:
        closes = _clock(int(self._closes_ms[row]))
        return f"closes at {closes}, {self._travel_s.get(row, 0.0) / 60:.0f} min away"

    def _inactive(self, row: int) -> str:
        return f"{self._index.services[row].name} is switched off"


def _clock(at_ms: int) -> str:
    minute = minute_of_day(LONDON, at_ms)
    return f"{minute // 60:02d}:{minute % 60:02d}"


_C = RefusalCode

_PLAIN: Final[dict[RefusalCode, str]] = {
    _C.NOT_FOR_TYPE: "this type of service does not suit the need",
    _C.TRUST: "does not take referrals of this ambulance trust",
    _C.COMPLAINT: "does not take this complaint",
    _C.DISPOSITION: "does not take this disposition",
    _C.AGE_UNKNOWN: "takes certain ages only, and the patient's is not known",
    _C.SEX: "takes one sex only, which is not known to be the patient's",
    _C.FRAILTY_UNKNOWN: "asks for the Clinical Frailty Scale, which is not known",
    _C.NOT_KNOWN_THERE: "takes only its own patients, and this is not one of them",
    _C.REFERRER: "wants to be asked by a clinician",
    _C.CATCHMENT: "the patient is outside its catchment",
    _C.FULL: "has said that it is full",
    _C.CANNOT_TRAVEL: "the patient cannot get there",
    _C.NEEDS_A_VISIT: "somebody must come to the patient, and this service does not",
    _C.NO_SLOT: "has no free time soon enough",
}
