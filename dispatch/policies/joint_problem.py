"""The joint problem of a moment: its incidents and units in rows, and the ways between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.settings import AidScope
from dispatch.domain.travel import Milliseconds, Positions
from dispatch.domain.unit import STATUS_NUMBER, UnitStatus
from dispatch.policies.balance import prices_without
from dispatch.policies.cover_cost import coverage_us
from dispatch.policies.crew_cost import crew_costs_us
from dispatch.policies.eligibility_tables import requirements
from dispatch.policies.joint_candidates import candidate_pairs, ways_ms
from dispatch.policies.joint_cost import Fleet, Waiting
from dispatch.policies.joint_scope import Scope
from dispatch.policies.joint_units import TakingPart, units_taking_part
from dispatch.policies.lending_price import lending_prices
from dispatch.policies.lent_units import pools
from dispatch.policies.round import Round, Slots
from dispatch.ports import Picture
from dispatch.state import Incident, Unit

_ON_STATION: Final = STATUS_NUMBER[UnitStatus.ON_STATION]

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class JointProblem:
    """One round's problem. Rows of units refer to ``rows``: slots of the unit table.

    Attributes
    ----------
    slots
        Slot of each incident, in the order of service; row k of everything about incidents.
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

    slots: Slots
    rows: Slots
    origins: Positions
    waiting: Waiting
    fleet: Fleet
    start: Int32s
    units: Int32s
    travel_ms: Milliseconds
    lend_us: Int64s | None
    crew_us: Int64s | None
    degraded: tuple[str, ...]

    def unit(self, round_: Round, row: int) -> Unit:
        """Return the unit of a row."""
        return round_.table.units[int(self.rows[row])]

    def incident(self, round_: Round, row: int) -> Incident:
        """Return the incident of a row."""
        return round_.picture.state.incident_table.at(int(self.slots[row]))


def build(round_: Round, scope: Scope) -> JointProblem | None:
    """Return the problem of a round; None when there is nobody to send or nobody to be helped."""
    picture, slots = round_.picture, scope.slots
    if len(slots) == 0 or not (round_.is_free[round_.in_focus].any() or scope.may_divert.any()):
        return None
    taking = units_taking_part(round_, scope)
    goes_now = taking.clear_ms == 0
    if not scope.may_divert.any():
        goes_now &= taking.going_to < 0
    if not goes_now.any():
        return None
    table = picture.state.incident_table
    rank, destinations = table.rank[slots].astype(np.int64), table.position[slots]
    fleet = _fleet(round_, taking)
    waiting = _waiting(picture, scope, rank, fleet)
    origins = _origins(round_, taking.rows, np.flatnonzero(goes_now))
    start, units = candidate_pairs(picture, taking, origins, waiting, fleet, destinations)
    lend_us, units, start = _lending(picture, slots, rank, taking.rows, start, units)
    if len(units) == 0:
        return None
    travel_ms = ways_ms(picture, origins, destinations, rank, fleet, start, units)
    crew_us = None
    if picture.settings.terms.crew:
        wanted = requirements(picture).skill_wanted[table.asked[slots]]
        ready_ms = fleet.clear_ms + fleet.mobilise_ms
        crew_us = crew_costs_us(
            picture, wanted, rank, taking.rows, ready_ms, start, units, travel_ms
        )
    return JointProblem(
        slots=slots,
        rows=taking.rows,
        origins=origins,
        waiting=waiting,
        fleet=fleet,
        start=start,
        units=units,
        travel_ms=travel_ms,
        lend_us=lend_us,
        crew_us=crew_us,
        degraded=() if lend_us is None else prices_without(picture),
    )


def _origins(round_: Round, rows: Slots, goes_now: Slots) -> Positions:
    """Return where units are; of those that may not go now, where they stand or set out from."""
    origins = round_.table.origin[rows]
    origins[goes_now] = round_.origins(rows[goes_now])
    return origins


def _fleet(round_: Round, taking: TakingPart) -> Fleet:
    table, picture, rows = round_.table, round_.picture, taking.rows
    settings = picture.settings
    at_station = table.status[rows] == _ON_STATION
    mobilise_s = np.where(at_station, settings.mobilisation_s, settings.road_mobilisation_s)
    covers = settings.terms.coverage
    return Fleet(
        clear_ms=taking.clear_ms,
        mobilise_ms=np.where(taking.going_to >= 0, 0, 1000 * mobilise_s),
        coverage_us=coverage_us(picture, rows) if covers else np.zeros(len(rows), np.int64),
        going_to=taking.going_to,
        arrives_in_ms=np.maximum(table.due_at_ms[rows] - picture.now_ms, 0),
    )


def _waiting(picture: Picture, scope: Scope, rank: Int64s, fleet: Fleet) -> Waiting:
    table, settings = picture.state.incident_table, picture.settings
    holder = np.full(len(rank), -1, np.int32)
    going = np.flatnonzero(fleet.going_to >= 0)
    holder[fleet.going_to[going]] = going
    waited_ms = np.maximum(picture.now_ms - table.began_ms[scope.slots], 0)
    growth_max_ms = round(settings.joint.growth_max_min * 60_000)
    return Waiting(
        waited_ms=np.where(rank <= 2, waited_ms, np.minimum(waited_ms, growth_max_ms)),
        weight_milli=settings.harm.weights_milli[rank - 1],
        diversions=table.diversions[scope.slots],
        holder=holder,
        is_held=scope.is_held,
        may_divert=scope.may_divert,
    )


def _lending(
    picture: Picture, slots: Slots, rank: Int64s, rows: Slots, start: Int32s, units: Int32s
) -> tuple[Int64s | None, Int32s, Int32s]:
    """Return the price of lending of each pair, and the pairs without those that may not be lent.

    A trust at its floor lends nobody. The price is the margin of mutual aid in this patient's
    minutes, and what the unit is worth more at home than here.
    """
    state = picture.state
    if picture.settings.aid.scope is AidScope.SILO or len(state.trusts) == 1:
        return None, units, start
    of = np.repeat(np.arange(len(slots)), np.diff(start))
    home = state.incident_table.trust[slots].astype(np.int64)[of]
    lender = state.table.trust[rows[units]].astype(np.int64)
    foreign = lender != home
    if not foreign.any():
        return None, units, start
    aid, prices = picture.settings.aid, lending_prices(picture)
    weight = picture.settings.harm.weights_milli[rank - 1][of]
    margin = 0 if aid.scope is AidScope.POOLED else aid.c2_gain_s * 1000
    if aid.agreements:
        # Units of a pool are the borrower's own: no price, no margin, no floor.
        incidents = [state.incident_table.at(slot) for slot in slots.tolist()]
        of_pool = np.array([pools(picture, incident) for incident in incidents])[of, lender]
        foreign = foreign & ~of_pool
    lend = np.where(foreign, prices.price_us[lender, home] + weight * margin, 0)
    keep = ~foreign | prices.has_spare[lender]
    counts = np.bincount(of[keep], minlength=len(slots))
    kept = np.zeros(len(slots) + 1, np.int32)
    np.cumsum(counts, out=kept[1:])
    return lend[keep], units[keep], kept
