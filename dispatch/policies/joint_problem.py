"""The joint problem of a moment: its incidents and units in rows, and the ways between them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dispatch.domain.settings import AidScope
from dispatch.domain.travel import Milliseconds, Positions
from dispatch.policies.balance import prices_without
from dispatch.policies.crew_cost import crew_costs_us
from dispatch.policies.eligibility import MAY_CONVEY
from dispatch.policies.joint_candidates import candidates, ways_ms
from dispatch.policies.joint_cost import Fleet, Waiting
from dispatch.policies.joint_scope import Scope
from dispatch.policies.joint_units import units_taking_part
from dispatch.policies.lending_price import lending_prices
from dispatch.policies.lent_units import pools
from dispatch.policies.round import Round, Slots
from dispatch.ports import Picture
from dispatch.state import Incident, Unit

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
    if len(slots) == 0 or not (_is_anybody_free(round_) or scope.may_divert.any()):
        return None
    taking = units_taking_part(round_, scope)
    goes_now = taking.fleet.clear_ms == 0
    if not scope.may_divert.any():
        goes_now &= taking.fleet.going_to < 0
    if not goes_now.any():
        return None
    found = candidates(picture, taking, scope, goes_now)
    start, units, slots = found.start, found.units, slots[found.reached]
    fleet = dataclasses.replace(taking.fleet, going_to=found.going_to)
    waiting = _waiting(picture, slots, scope.may_divert[found.reached], fleet)
    destinations = picture.state.incident_table.position[slots]
    lend_us, units, start = _lending(picture, slots, waiting, taking.rows, start, units)
    if len(units) == 0:
        return None
    origins = _origins(round_, taking.rows, goes_now, units)
    travel_ms = ways_ms(picture, origins, destinations, waiting.rank, fleet, start, units)
    wanted = taking.rules.skill_wanted[taking.kind[found.reached]]
    crew_us = crew_costs_us(picture, taking.rows, fleet, waiting, wanted, start, units, travel_ms)
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


def _is_anybody_free(round_: Round) -> bool:
    """Test whether anybody in focus is free who may ever convey: in busy hours, mostly nobody."""
    free = round_.in_focus[round_.is_free[round_.in_focus]]
    return bool(MAY_CONVEY[round_.table.kind[free]].any())


def _origins(
    round_: Round, rows: Slots, goes_now: npt.NDArray[np.bool_], units: Int32s
) -> Positions:
    """Return where candidates are; of those that may not go now, where they stand or set out from.

    Of units without a pair, where they set out from: nobody asks.
    """
    origins = round_.table.origin[rows]
    is_asked = np.zeros(len(rows), np.bool_)
    is_asked[units] = True
    asked = np.flatnonzero(is_asked & goes_now)
    origins[asked] = round_.origins(rows[asked])
    return origins


def _waiting(
    picture: Picture, slots: Slots, may_divert: npt.NDArray[np.bool_], fleet: Fleet
) -> Waiting:
    from dispatch.policies.joint_cost_kernel import waiting_columns

    table, settings = picture.state.incident_table, picture.settings
    rank, waited_ms, weight_milli, diversions, holder = waiting_columns(
        slots,
        table.rank,
        table.began_ms,
        table.diversions,
        fleet.going_to,
        settings.harm.weights_milli,
        picture.now_ms,
        round(settings.joint.growth_max_min * 60_000),
    )
    return Waiting(
        rank=rank,
        waited_ms=waited_ms,
        weight_milli=weight_milli,
        diversions=diversions,
        holder=holder,
        may_divert=may_divert,
    )


def _lending(
    picture: Picture, slots: Slots, waiting: Waiting, rows: Slots, start: Int32s, units: Int32s
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
    weight = waiting.weight_milli[of]
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
