"""The joint problem of a moment: its incidents and units in rows, and the ways between them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.incident import Role
from dispatch.domain.settings import AidScope
from dispatch.domain.travel import UNREACHABLE_MS, Milliseconds, Mode, Positions
from dispatch.domain.unit import KIND_NUMBER, STATUS_NUMBER, Skill, UnitStatus
from dispatch.policies.balance import prices_without
from dispatch.policies.cover_cost import coverage_us
from dispatch.policies.crew_cost import crew_costs_us
from dispatch.policies.eligibility import ELIGIBLE, MAY_CONVEY, fitness, kind_of
from dispatch.policies.joint_cost import Fleet, Waiting, nearest_pairs
from dispatch.policies.joint_scope import Scope
from dispatch.policies.lending_price import lending_prices
from dispatch.policies.lent_units import pools
from dispatch.policies.round import Round, Slots, mode_to
from dispatch.state import Incident, Unit

PLAIN_PAIRS_MAX: Final = 512
"""Up to so many pairs every unit is measured to every incident; beyond, only the nearest."""

_AT_HOSPITAL: Final = STATUS_NUMBER[UnitStatus.AT_HOSPITAL]
_HANDED_OVER: Final = STATUS_NUMBER[UnitStatus.HANDED_OVER]


@dataclass(frozen=True, slots=True, eq=False)
class JointProblem:
    """One round's problem. Rows of units refer to ``rows``: slots of the unit table.

    Attributes
    ----------
    incidents
        In the order of service; row k of everything about incidents.
    rows
        Slot of each unit that takes part.
    origins
        Where each unit is, or will be when it is clear.
    start, units, travel_ms
        Candidate pairs in compressed rows, and the way of each.
    lend_us
        Price of lending of each pair; None where no trust helps another.
    crew_us
        What each pair costs its crew; None where that is switched off.
    degraded
        What could not be taken into account, in words.
    """

    incidents: list[Incident]
    rows: Slots
    origins: Positions
    waiting: Waiting
    fleet: Fleet
    start: npt.NDArray[np.int32]
    units: npt.NDArray[np.int32]
    travel_ms: Milliseconds
    lend_us: npt.NDArray[np.int64] | None
    crew_us: npt.NDArray[np.int64] | None
    degraded: tuple[str, ...]

    def unit(self, round_: Round, row: int) -> Unit:
        """Return the unit of a row."""
        return round_.table.units[int(self.rows[row])]


def build(round_: Round, scope: Scope) -> JointProblem | None:
    """Return the problem of a round; None when there is nobody to send or nobody to be helped."""
    incidents = scope.incidents
    slots = _slots(round_, scope)
    if not incidents or not (round_.is_free[slots].any() or scope.diverting):
        return None
    fits = _fits(round_, incidents, slots)
    fits_any: npt.NDArray[np.bool_] = np.logical_or.reduce(fits.of_kind, axis=0)
    taken, clear_ms = _rows(round_, incidents, slots, fits_any)
    rows = slots[taken]
    if len(rows) == 0 or not (round_.is_free | round_.is_en_route)[rows].any():
        return None
    fits = _Fits(fits.of_kind[:, taken], fits.kind)
    fleet = _fleet(round_, rows, clear_ms, incidents)
    waiting = _waiting(round_, scope, fleet)
    goes_now = (clear_ms == 0) & (waiting.may_divert.any() | (fleet.going_to < 0))
    if not goes_now.any():
        return None
    origins = _origins(round_, rows, np.flatnonzero(goes_now))
    start, units = _pairs(round_, scope, waiting, fleet, rows, origins, fits)
    if len(units) == 0:
        return None
    lend_us, units, start = _lending(round_, incidents, rows, start, units)
    if len(units) == 0:
        return None
    travel_ms = _travel(round_, incidents, fleet, origins, start, units)
    crew_us = None
    if round_.picture.settings.terms.crew:
        ready_ms = fleet.clear_ms + fleet.mobilise_ms
        crew_us = crew_costs_us(round_.picture, incidents, rows, ready_ms, start, units, travel_ms)
    return JointProblem(
        incidents=incidents,
        rows=rows,
        origins=origins,
        waiting=waiting,
        fleet=fleet,
        start=start,
        units=units,
        travel_ms=travel_ms,
        lend_us=lend_us,
        crew_us=crew_us,
        degraded=() if lend_us is None else prices_without(round_.picture),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Fits:
    """Which units (columns) may go to each kind of incident (rows), and of which kind each is."""

    of_kind: npt.NDArray[np.bool_]
    kind: npt.NDArray[np.int64]


def _slots(round_: Round, scope: Scope) -> Slots:
    """Return the slots of units that may convey and are free, on their way, or at a hospital."""
    table, picture = round_.table, round_.picture
    status = table.status[: table.size]
    taking_part = round_.is_free | round_.is_en_route
    if picture.settings.terms.look_ahead:
        taking_part |= (status == _HANDED_OVER) | (status == _AT_HOSPITAL)
    taking_part &= MAY_CONVEY[table.kind[: table.size]]
    if picture.focus is not None:
        # A pool that is agreed on may have nobody on duty yet, and then no number.
        near = np.array([picture.is_in_focus(trust) for trust in picture.state.trusts], np.bool_)
        taking_part &= near[table.trust[: table.size]]
    if scope.is_only_relief:
        taking_part &= round_.is_en_route | _is_relieving(round_, scope, slice(table.size))
    return np.flatnonzero(taking_part)


def _is_relieving(round_: Round, scope: Scope, of: Slots | slice) -> npt.NDArray[np.bool_]:
    """Return which units may relieve one that is on its way; of all slots, or of some."""
    found = np.full(round_.table.size, scope.relieving is None)
    for unit in scope.relieving or ():
        found[round_.picture.state.units[unit].slot] = True
    return found[of]


def _fits(round_: Round, incidents: list[Incident], slots: Slots) -> _Fits:
    kinds: dict[tuple[object, ...], int] = {}
    of_kind: list[npt.NDArray[np.bool_]] = []
    kind = []
    for incident in incidents:
        key = kind_of(incident, Role.CONVEYING)
        number = kinds.get(key)
        if number is None:
            number = kinds[key] = len(of_kind)
            of_kind.append(fitness(round_.picture, incident, Role.CONVEYING, slots) == ELIGIBLE)
        kind.append(number)
    return _Fits(np.array(of_kind), np.array(kind, np.int64))


def _rows(
    round_: Round, incidents: list[Incident], slots: Slots, fits: npt.NDArray[np.bool_]
) -> tuple[Slots, npt.NDArray[np.int64]]:
    """Return which slots take part: free, on their way below C1, or nearly clear, and when.

    ``fits`` says of each slot whether any of the incidents could have it. A unit on its way to an
    incident that does not take part stays on its way.
    """
    table, now_ms = round_.table, round_.picture.now_ms
    rules = round_.picture.settings.clear
    names = {incident.id for incident in incidents}
    movable = round_.is_en_route[slots] & (table.rank[slots] > 1) & fits
    for i in np.flatnonzero(movable).tolist():
        movable[i] = table.units[slots[i]].incident in names
    on_duty = table.end_ms[slots] > now_ms
    takes_part = (round_.is_free[slots] & on_duty & fits) | movable
    status = table.status[slots]
    clear = np.zeros(len(slots), np.int64)
    nearly = ((status == _HANDED_OVER) | (status == _AT_HOSPITAL)) & fits
    for i in np.flatnonzero(nearly).tolist():
        left_ms = _until_clear_ms(round_, table.units[slots[i]], now_ms)
        if left_ms <= rules.look_ahead_s * 1000:
            takes_part[i] = True
            clear[i] = max(1, left_ms)
    taken = np.flatnonzero(takes_part)
    return taken, clear[taken]


def _until_clear_ms(round_: Round, unit: Unit, now_ms: int) -> int:
    """Return how long a unit at hospital is expected to take until it is clear."""
    rules = round_.picture.settings.clear
    since_ms = now_ms - unit.status_at_ms
    if unit.status is UnitStatus.HANDED_OVER:
        return max(0, rules.clear_s * 1000 - since_ms)
    handover_ms = rules.handover_s * 1000
    if unit.hospital is not None:
        recent = round_.picture.state.hospitals[unit.hospital].recent_ms
        if recent:
            handover_ms = sum(recent) // len(recent)
    return max(0, handover_ms - since_ms) + rules.clear_s * 1000


def _origins(round_: Round, rows: Slots, goes_now: npt.NDArray[np.int64]) -> Positions:
    """Return where units are; of those that may not go now, where they stand or set out from."""
    origins = round_.table.origin[rows]
    origins[goes_now] = round_.origins(rows[goes_now])
    return origins


def _fleet(
    round_: Round, rows: Slots, clear_ms: npt.NDArray[np.int64], incidents: list[Incident]
) -> Fleet:
    table, now_ms = round_.table, round_.picture.now_ms
    settings = round_.picture.settings
    row_of = {incident.id: k for k, incident in enumerate(incidents)}
    en_route = round_.is_en_route[rows]
    going_to = np.full(len(rows), -1, np.int32)
    for row in np.flatnonzero(en_route).tolist():
        incident = table.units[rows[row]].incident
        going_to[row] = -1 if incident is None else row_of.get(incident, -1)
    at_station = table.status[rows] == STATUS_NUMBER[UnitStatus.ON_STATION]
    mobilise = np.where(at_station, settings.mobilisation_s, settings.road_mobilisation_s)
    mobilise = np.where(en_route, 0, mobilise).astype(np.int64) * 1000
    nowhere = np.zeros(len(rows))
    return Fleet(
        x_m=nowhere,
        y_m=nowhere,
        group=np.zeros(len(rows), np.int8),
        clear_ms=clear_ms,
        mobilise_ms=mobilise,
        coverage_us=(
            coverage_us(round_.picture, rows)
            if settings.terms.coverage
            else np.zeros(len(rows), np.int64)
        ),
        going_to=going_to,
        arrives_in_ms=np.maximum(table.due_at_ms[rows] - now_ms, 0),
    )


def _waiting(round_: Round, scope: Scope, fleet: Fleet) -> Waiting:
    incidents, now_ms = scope.incidents, round_.picture.now_ms
    holder = np.full(len(incidents), -1, np.int32)
    for row in np.flatnonzero(fleet.going_to >= 0).tolist():
        holder[fleet.going_to[row]] = row
    nowhere = np.zeros(len(incidents))
    rank = np.array([incident.rank for incident in incidents], np.int64)
    began_ms = np.array([incident.clock_start_at_ms for incident in incidents], np.int64)
    waited_ms = np.maximum(now_ms - began_ms, 0)
    settings = round_.picture.settings
    growth_max_ms = round(settings.joint.growth_max_min * 60_000)
    return Waiting(
        x_m=nowhere,
        y_m=nowhere,
        groups=np.ones(len(incidents), np.int64),
        waited_ms=np.where(rank <= 2, waited_ms, np.minimum(waited_ms, growth_max_ms)),
        weight_milli=settings.harm.weights_milli[rank - 1],
        diversions=np.array([i.diversions for i in incidents], np.int32),
        holder=holder,
        may_divert=np.array([incident.id in scope.diverting for incident in incidents], np.bool_),
    )


def _pairs(
    round_: Round,
    scope: Scope,
    waiting: Waiting,
    fleet: Fleet,
    rows: Slots,
    origins: Positions,
    fits: _Fits,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return candidate pairs: all that may be while they are few, else the nearest by crow.

    Units on their way are candidates of who may divert, units that relieve of who has one on its
    way, and whoever is on its way is a candidate of its own patient.
    """
    is_going, relieves = fleet.going_to >= 0, _is_relieving(round_, scope, rows)
    classes = (_class_of(round_, rows) * 2 + is_going) * 2 + relieves
    first, class_of = np.unique(classes, return_index=True, return_inverse=True)[1:]
    may = fits.of_kind[:, first][fits.kind]
    may &= waiting.may_divert[:, None] | ~is_going[first]
    held = np.array(scope.held)
    may &= ~held[:, None] | relieves[first]
    # A unit past the end of its duty, or lent, has no row: nothing can be exchanged for it.
    may[held & (waiting.holder < 0)] = False
    if may.shape[0] * len(rows) <= PLAIN_PAIRS_MAX or len(first) > CLASSES_MAX:
        return _all_pairs(may[:, class_of], waiting.holder)
    travel = round_.picture.travel
    unit_x_m, unit_y_m = travel.plane_m(origins)
    x_m, y_m = travel.plane_m(np.array([i.position for i in scope.incidents], np.int64))
    groups = (may.astype(np.int64) << np.arange(len(first))).sum(axis=1)
    return nearest_pairs(
        dataclasses.replace(waiting, x_m=x_m, y_m=y_m, groups=groups),
        dataclasses.replace(fleet, x_m=unit_x_m, y_m=unit_y_m, group=class_of.astype(np.int8)),
        round_.picture.settings.joint.crow_max,
    )


def _all_pairs(
    may: npt.NDArray[np.bool_], holder: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    held = np.flatnonzero(holder >= 0)
    may[held, holder[held]] = True
    start = np.zeros(len(may) + 1, np.int32)
    np.cumsum(may.sum(axis=1), out=start[1:])
    return start, np.nonzero(may)[1].astype(np.int32)


def _class_of(round_: Round, rows: Slots) -> npt.NDArray[np.int64]:
    """Return a number for each unit such that units of one number fit the same incidents."""
    table = round_.table
    trust, kind = table.trust[rows].astype(np.int64), table.kind[rows].astype(np.int64)
    return (trust * len(KIND_NUMBER) + kind) * len(Skill) + table.skill[rows]


CLASSES_MAX: Final = 63
"""Kinds of unit, by which incidents they fit, that the search by crow can tell apart."""


def _travel(
    round_: Round,
    incidents: list[Incident],
    fleet: Fleet,
    origins: Positions,
    start: npt.NDArray[np.int32],
    units: npt.NDArray[np.int32],
) -> Milliseconds:
    """Return the way of each pair in the mode of its incident; what is left of a begun one."""
    travel, now_ms = round_.picture.travel, round_.picture.now_ms
    of = np.repeat(np.arange(len(incidents)), np.diff(start))
    to = np.array([i.position for i in incidents], np.int64)
    blue = np.array([mode_to(i) is Mode.BLUE_LIGHT for i in incidents])[of]
    begun = fleet.going_to[units] == of
    out = np.minimum(fleet.arrives_in_ms[units], UNREACHABLE_MS).astype(np.int32)
    for mode, mask in ((Mode.BLUE_LIGHT, blue & ~begun), (Mode.ORDINARY, ~blue & ~begun)):
        pairs = np.flatnonzero(mask)
        if len(pairs):
            out[pairs] = travel.pairs_ms(origins[units[pairs]], to[of[pairs]], mode, now_ms)
    return out


def _lending(
    round_: Round,
    incidents: list[Incident],
    rows: Slots,
    start: npt.NDArray[np.int32],
    units: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int64] | None, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the price of lending of each pair, and the pairs without those that may not be lent.

    A trust at its floor lends nobody. The price is the margin of mutual aid in this patient's
    minutes, and what the unit is worth more at home than here.
    """
    picture = round_.picture
    if picture.settings.aid.scope is AidScope.SILO or len(picture.state.trusts) == 1:
        return None, units, start
    of = np.repeat(np.arange(len(incidents)), np.diff(start))
    home = np.array([picture.state.trusts[i.trust] for i in incidents])[of]
    lender = round_.table.trust[rows[units]].astype(np.int64)
    foreign = lender != home
    if not foreign.any():
        return None, units, start
    aid, prices = picture.settings.aid, lending_prices(picture)
    weight = np.array([picture.settings.harm.weight_milli(i.rank) for i in incidents], np.int64)[of]
    margin = 0 if aid.scope is AidScope.POOLED else aid.c2_gain_s * 1000
    if aid.agreements:
        # Units of a pool are the borrower's own: no price, no margin, no floor.
        of_pool = np.array([pools(picture, incident) for incident in incidents])[of, lender]
        foreign = foreign & ~of_pool
    lend = np.where(foreign, prices.price_us[lender, home] + weight * margin, 0)
    keep = ~foreign | prices.has_spare[lender]
    counts = np.bincount(of[keep], minlength=len(incidents))
    kept = np.zeros(len(incidents) + 1, np.int32)
    np.cumsum(counts, out=kept[1:])
    return lend[keep], units[keep], kept
