"""The directory laid out for fast questions: one row a service, a column for each condition.

Rows are in the order of ids, which settles every tie. Everything that can be known from the
directory alone is worked out once; opening hours are unrolled into intervals a day at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from dispatch.domain.complaint import COMPLAINTS
from dispatch.domain.ids import ServiceId, TrustCode
from dispatch.domain.local_time import DAY_MS
from dispatch.domain.opening_hours import OpeningHours
from dispatch.domain.patient import AGE_MAX_DAYS, Sex
from dispatch.domain.service import AgeRange, CapacityReport, Service, SymptomCode
from dispatch.domain.service_type import (
    TYPE_NUMBER,
    TYPE_RULES,
    Delivery,
    RedSemantics,
    Referrer,
    ServiceType,
    ServiceTypeRule,
)
from maps.geo import EARTH_RADIUS_M, LonLat

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

_K = TypeVar("_K", bound=Hashable)

NEVER_MS: Final = 2**62
"""In arrays of closing times: does not close within the next day."""

_WINDOW_MS: Final = 2 * DAY_MS
_USABLE_MS: Final = DAY_MS


class ServiceIndex:
    """The directory as arrays.

    Raises
    ------
    ValueError
        When an id occurs twice.
    """

    def __init__(
        self,
        services: Iterable[Service],
        type_rules: dict[ServiceType, ServiceTypeRule] | None = None,
    ) -> None:
        self.services: Final = sorted(services, key=lambda service: service.id)
        self.rules: Final = [(type_rules or TYPE_RULES)[s.type] for s in self.services]
        self.row_of: Final = {service.id: row for row, service in enumerate(self.services)}
        if len(self.row_of) != len(self.services):
            raise ValueError("Expected each service id once, was one of them twice.")
        self._lay_out_places()
        self._lay_out_conditions()
        self._lay_out_codes()
        self._lay_out_hours()
        self._window: tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return len(self.services)

    def _column(
        self, value: Callable[[Service, ServiceTypeRule], object], kind: type
    ) -> np.ndarray:
        pairs = zip(self.services, self.rules, strict=True)
        return np.array([value(service, rule) for service, rule in pairs], dtype=kind)

    def _lay_out_places(self) -> None:
        self.lon = self._column(lambda s, _: s.at.lon if s.at else np.nan, np.float64)
        self.lat = self._column(lambda s, _: s.at.lat if s.at else np.nan, np.float64)
        self._has_place = np.isfinite(self.lon)
        self._lon_rad = np.radians(np.nan_to_num(self.lon))
        self._lat_rad = np.radians(np.nan_to_num(self.lat))
        self._cos_lat = np.cos(self._lat_rad)
        self.radius_m = self._column(
            lambda s, _: np.inf if s.radius_m is None else s.radius_m, np.float64
        )
        self.goes = self._column(lambda _, r: r.delivery is Delivery.PATIENT_GOES, np.bool_)
        self.comes = self._column(lambda _, r: r.delivery is Delivery.SERVICE_COMES, np.bool_)
        self.calls = ~(self.goes | self.comes)
        self.reach_s = 60 * self._column(
            lambda s, r: r.reach_min if s.reach_min is None else s.reach_min, np.int64
        )
        self.respond_min = self._column(
            lambda s, r: r.respond_min if s.respond_min is None else s.respond_min, np.int64
        )
        self.has_polygon = self._column(lambda s, _: s.polygon_wkb_hex is not None, np.bool_)
        self._polygon_rows = np.flatnonzero(self.has_polygon)
        if len(self._polygon_rows):
            import shapely

            shapes = shapely.from_wkb(
                [str(self.services[row].polygon_wkb_hex) for row in self._polygon_rows]
            )
            self._polygons = shapely.STRtree(shapes)

    def _lay_out_conditions(self) -> None:
        self.type_number = self._column(lambda s, _: TYPE_NUMBER[s.type], np.int8)
        self.is_active = self._column(lambda s, _: s.is_active, np.bool_)
        self.known_only = self._column(lambda _, r: r.only_known_patients, np.bool_)
        self.red_hides = self._column(lambda _, r: r.red is RedSemantics.HIDES, np.bool_)
        self.books_slots = self._column(lambda s, _: s.books_slots, np.bool_)
        self.confirm_min = self._column(lambda _, r: r.confirm_min, np.int64)
        self.frailty_low = self._column(lambda s, _: s.frailty_min or 1, np.int8)
        self.frailty_high = self._column(lambda s, _: s.frailty_max or 9, np.int8)
        self.asks_frailty = (self.frailty_low > 1) | (self.frailty_high < 9)
        self._takes_sex = {
            sex: self._column(lambda s, _, sex=sex: not s.sexes or sex in s.sexes, np.bool_)  # type: ignore[misc]
            for sex in Sex
        }
        self.asks_sex = ~np.logical_and.reduce(list(self._takes_sex.values()))
        self._takes_referrer = {
            who: self._column(
                lambda s, r, who=who: who in (r.referrers if s.referrers is None else s.referrers),  # type: ignore[misc]
                np.bool_,
            )
            for who in Referrer
        }
        ages = [
            service.ages or (AgeRange(rule.age_from_days),)
            for service, rule in zip(self.services, self.rules, strict=True)
        ]
        width = max((len(ranges) for ranges in ages), default=1)
        # An impossible range pads the rows of services with fewer of them.
        self._age_from = np.full((width, len(self)), 1, np.int32)
        self._age_to = np.zeros((width, len(self)), np.int32)
        for row, ranges in enumerate(ages):
            for column, span in enumerate(ranges):
                self._age_from[column, row] = span.from_days
                self._age_to[column, row] = span.to_days
        self.any_age = ((self._age_from == 0) & (self._age_to == AGE_MAX_DAYS)).any(axis=0)

    def _lay_out_codes(self) -> None:
        self.has_complaints = self._column(lambda s, _: bool(s.complaints), np.bool_)
        self.has_symptoms = self._column(lambda s, _: bool(s.symptoms), np.bool_)
        self.has_dispositions = self._column(lambda s, _: bool(s.dispositions), np.bool_)
        self._complaints = _by_code(COMPLAINTS, [s.complaints for s in self.services])
        symptoms = {code for s in self.services for code in s.symptoms}
        self._symptoms = _by_code(symptoms, [s.symptoms for s in self.services])
        dispositions = {code for s in self.services for code in s.dispositions}
        self._dispositions = _by_code(dispositions, [s.dispositions for s in self.services])
        excluded = [
            (*service.exclusions, *rule.exclusions)
            for service, rule in zip(self.services, self.rules, strict=True)
        ]
        self._excluded = _by_code({code for codes in excluded for code in codes}, excluded)
        trusts = {code for s in self.services for code in s.trusts}
        self._trusts = _by_code(trusts, [s.trusts for s in self.services])
        self._any_trust = self._column(lambda s, _: not s.trusts, np.bool_)

    def _lay_out_hours(self) -> None:
        number: dict[OpeningHours, int] = {}
        self._hours_of = np.zeros(len(self), np.int64)
        for row, (service, rule) in enumerate(zip(self.services, self.rules, strict=True)):
            hours = rule.hours if service.hours is None else service.hours
            self._hours_of[row] = number.setdefault(hours, len(number))
        self._hours = list(number)

    def hours(self, row: int) -> OpeningHours:
        """Return the opening hours of a row, its own or its type's."""
        return self._hours[int(self._hours_of[row])]

    def exclusions(self, row: int) -> tuple[str, ...]:
        """Return what a row excludes, by itself or by its type."""
        return (*self.services[row].exclusions, *self.rules[row].exclusions)

    def closing_ms(self, now_ms: int) -> npt.NDArray[np.int64]:
        """Return when each row closes: 0 where it is closed now, `NEVER_MS` where it does not.

        The first question of a day unrolls that day's hours; asking earlier, when nobody waits
        for the answer, spares the patient that.
        """
        if self._window is None or not 0 <= now_ms - self._window[0] < _USABLE_MS:
            self._window = self._unroll(now_ms)
        start_ms, keys, ends = self._window
        # Each set of hours has its own stretch of one sorted line, so one search serves all.
        offsets = np.arange(len(self._hours), dtype=np.int64) * (2 * _WINDOW_MS)
        found = np.searchsorted(keys, offsets + (now_ms - start_ms), side="right") - 1
        closes = ends[found]
        closes = np.where((keys[found] >= offsets) & (closes > now_ms), closes, 0)
        return np.asarray(closes[self._hours_of])

    def _unroll(self, now_ms: int) -> tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        start_ms = now_ms - now_ms % DAY_MS
        keys, ends = [-1], [0]
        for number, hours in enumerate(self._hours):
            offset = number * 2 * _WINDOW_MS
            for opens, closes in hours.intervals_ms(start_ms, start_ms + _WINDOW_MS):
                keys.append(offset + max(0, opens - start_ms))
                ends.append(NEVER_MS if closes >= start_ms + _WINDOW_MS else closes)
        return start_ms, np.array(keys, np.int64), np.array(ends, np.int64)

    def takes_age(self, age_days: int) -> Mask:
        """Return which rows take an age."""
        inside = (self._age_from <= age_days) & (age_days <= self._age_to)
        return np.asarray(inside.any(axis=0))

    def takes_sex(self, sex: Sex) -> Mask:
        """Return which rows take a sex."""
        return self._takes_sex[sex]

    def takes_referrer(self, who: Referrer) -> Mask:
        """Return which rows may be asked by somebody."""
        return self._takes_referrer[who]

    def takes_trust(self, trust: TrustCode | None) -> Mask:
        """Return which rows an ambulance trust may ask; all when the trust is not known."""
        if trust is None:
            return np.ones(len(self), np.bool_)
        return self._any_trust | self._flags(self._trusts, trust)

    def lists_complaint(self, complaint: str) -> Mask:
        """Return which rows list a complaint."""
        return self._flags(self._complaints, complaint)

    def lists_symptom(self, group: int, discriminator: int | None) -> Mask:
        """Return which rows list a symptom group, with its discriminator or with any."""
        listed = self._flags(self._symptoms, SymptomCode(group))
        if discriminator is not None:
            listed = listed | self._flags(self._symptoms, SymptomCode(group, discriminator))
        return listed

    def lists_disposition(self, code: str) -> Mask:
        """Return which rows list a disposition."""
        return self._flags(self._dispositions, code)

    def excludes(self, codes: Iterable[str]) -> Mask:
        """Return which rows exclude any of some codes, by themselves or by their type."""
        result = np.zeros(len(self), np.bool_)
        for code in codes:
            if code in self._excluded:
                result |= self._excluded[code]
        return result

    def outside_catchment(self, at: LonLat, distance_m: npt.NDArray[np.float64]) -> Mask:
        """Return which rows have a catchment that does not hold a point."""
        outside = distance_m > self.radius_m
        if len(self._polygon_rows):
            import shapely

            inside = np.zeros(len(self), np.bool_)
            hits = self._polygons.query(shapely.Point(at), predicate="intersects")
            inside[self._polygon_rows[hits]] = True
            outside |= self.has_polygon & ~inside
        return outside

    def distance_m(self, at: LonLat) -> npt.NDArray[np.float64]:
        """Return the great-circle distance of each row in metres; 0 where it has no place."""
        at_lon, at_lat = math.radians(at.lon), math.radians(at.lat)
        north = np.sin((self._lat_rad - at_lat) / 2)
        east = np.sin((self._lon_rad - at_lon) / 2)
        half = north * north + self._cos_lat * math.cos(at_lat) * east * east
        metres = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, half)))
        return np.where(self._has_place, metres, 0.0)

    def _flags(self, table: dict[_K, Mask], code: _K) -> Mask:
        return table[code] if code in table else np.zeros(len(self), np.bool_)


class Capacities:
    """What services last said about their capacity: a row each, kept by whoever keeps the picture.

    A red or amber is forgotten at its reset, without anything having to happen.
    """

    def __init__(self, index: ServiceIndex) -> None:
        self._index = index
        self._reset_at_ms = np.zeros(len(index), np.int64)
        self._level = np.zeros(len(index), np.int8)
        self._reports: dict[ServiceId, CapacityReport] = {}

    @property
    def reports(self) -> tuple[CapacityReport, ...]:
        """The last report of each service that made one, in order of service id."""
        return tuple(self._reports[service] for service in sorted(self._reports))

    def report(self, report: CapacityReport) -> None:
        """Take in what a service said.

        Raises
        ------
        ValueError
            When the service is not in the directory.
        """
        row = self._index.row_of.get(report.service)
        if row is None:
            raise ValueError(f"Expected a service of the directory, was {report.service!r}.")
        self._level[row] = report.level
        resets_at_ms = report.resets_at_ms
        self._reset_at_ms[row] = NEVER_MS if resets_at_ms is None else resets_at_ms
        self._reports[report.service] = report

    def levels_at(self, now_ms: int) -> npt.NDArray[np.int8]:
        """Return the capacity of each row: 0 green, 1 amber, 2 red; green from its reset on."""
        return np.where(self._reset_at_ms <= now_ms, np.int8(0), self._level)


def _by_code(codes: Iterable[_K], listed: Sequence[Sequence[_K]]) -> dict[_K, Mask]:
    flags: dict[_K, Mask] = {}
    wanted = set(codes)
    for row, names in enumerate(listed):
        for name in names:
            if name in wanted:
                flags.setdefault(name, np.zeros(len(listed), np.bool_))[row] = True
    return flags
