"""One round of assignment: a scratch copy of who is free, and the measured ways to patients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.decision import Assign, Candidate, Explanation, Verdict
from dispatch.domain.ids import UnitId
from dispatch.domain.incident import Role
from dispatch.domain.settings import AidScope
from dispatch.domain.travel import UNREACHABLE_MS, Milliseconds, Mode, Position
from dispatch.domain.unit import KIND_NUMBER, STATUS_NUMBER, UnitKind, UnitStatus
from dispatch.policies import eligibility
from dispatch.policies.lending_price import LendingPrices, lending_prices
from dispatch.policies.lent_units import pools
from dispatch.policies.refused_units import nearest_refused
from dispatch.ports import Picture, position_now
from dispatch.state import BLUE_LIGHT_RANK_MAX, NOWHERE, Incident, Unit, open_roles

Slots = npt.NDArray[np.int64]

_ON_STATION = STATUS_NUMBER[UnitStatus.ON_STATION]
_CFR = KIND_NUMBER[UnitKind.CFR]


def slots_in_focus(picture: Picture) -> Slots:
    """Return the slots of the units of the trusts that the event concerns, in their order."""
    focus, table = picture.focus, picture.state.table
    kept: dict[object, tuple[int, int, Slots]] = picture.memo.setdefault("in_focus", {})
    size, moves, slots = kept.get(focus, _UNKNOWN)
    if (size, moves) != (table.size, table.moves):
        # A pool that is agreed on may have nobody on duty yet, and then no number.
        near = np.array([picture.is_in_focus(trust) for trust in picture.state.trusts], np.bool_)
        slots = np.flatnonzero(near[table.trust[: table.size]])
        kept[focus] = table.size, table.moves, slots
    return slots


_UNKNOWN: Final[tuple[int, int, Slots]] = (-1, -1, np.zeros(0, np.int64))


def mode_to(incident: Incident) -> Mode:
    """Return how a unit drives to an incident."""
    return Mode.BLUE_LIGHT if incident.rank <= BLUE_LIGHT_RANK_MAX else Mode.ORDINARY


class Round:
    """What is still free while assignments are being chosen; the state itself is not touched."""

    def __init__(self, picture: Picture) -> None:
        from dispatch.policies import eligibility_kernel as kernel

        self.picture = picture
        self.table = picture.state.table
        self.is_free: npt.NDArray[np.bool_]
        self.is_en_route: npt.NDArray[np.bool_]
        self.is_free, self.is_en_route = kernel.at_work(
            self.table.status[: self.table.size], eligibility.STATUS_CODE, eligibility.IS_EN_ROUTE
        )
        self.diverted: set[UnitId] = set()
        self._fit: dict[tuple[object, ...], npt.NDArray[np.uint8]] = {}
        # What holds until the next unit is taken.
        self._prices: LendingPrices | None = None
        self._idle: dict[tuple[object, ...], Slots] = {}
        self._spare: dict[int, Slots] = {}
        self.in_focus = slots_in_focus(picture)

    def fitness(self, incident: Incident, role: Role) -> npt.NDArray[np.uint8]:
        """Return the eligibility codes of all units for an incident (computed once a kind)."""
        key = eligibility.kind_of(incident, role)
        fit = self._fit.get(key)
        if fit is None:
            fit = self._fit[key] = eligibility.fitness(self.picture, incident, role)
        return fit

    def open_roles(self, incident: Incident) -> tuple[Role, ...]:
        """Return the roles still open, counting the units that this round diverts as gone."""
        return open_roles(self.picture.state, incident, self.diverted)

    def idle(self, incident: Incident, role: Role) -> Slots:
        """Return the slots of free units that may go."""
        kind = eligibility.kind_of(incident, role)
        slots = self._idle.get(kind)
        if slots is None:
            free = self.is_free & (self.fitness(incident, role) == eligibility.ELIGIBLE)
            slots = self._idle[kind] = np.flatnonzero(free)
        return slots

    def anyone_for(self, rank: int) -> bool:
        """Test whether any unit is free, or on its way to something less urgent than a rank."""
        return bool(self.is_free.any()) or self._may_divert(rank)

    def anyone_as(self, role: Role, rank: int) -> bool:
        """Test the same of units that may ever go in a role."""
        if role is Role.RESPONDER:
            return self.anyone_for(rank)
        conveys = eligibility.MAY_CONVEY[self.table.kind[: self.table.size]]
        return bool((self.is_free & conveys).any()) or self._may_divert(rank)

    def _may_divert(self, rank: int) -> bool:
        if rank not in self.picture.settings.diversion.by_rank:
            return False
        lesser = self.table.rank[: self.table.size] > rank
        return bool((self.is_en_route & lesser).any())

    def divertible(self, incident: Incident, role: Role) -> Slots:
        """Return the slots of units on their way to less urgent incidents that may be diverted."""
        spare = self._spare_from(incident.rank)
        if len(spare) == 0:
            return spare
        table, rules = self.table, self.picture.settings.diversion
        fit = self.fitness(incident, role)[spare] == eligibility.ELIGIBLE
        slots: Slots = spare[fit]
        if incident.rank == 1:
            return slots
        incidents = self.picture.state.incidents
        keep = [
            slot
            for slot in slots.tolist()
            if incidents[table.units[slot].incident].diversions < rules.diversions_max
        ]
        return np.array(keep, np.int64)

    def _spare_from(self, rank: int) -> Slots:
        """Return the slots of units on their way to less urgent incidents, and not nearly there."""
        slots = self._spare.get(rank)
        if slots is None:
            size, table = self.table.size, self.table
            spare_ms = self.picture.settings.diversion.spare_s * 1000
            far = table.due_at_ms[:size] - self.picture.now_ms > spare_ms
            lesser = table.rank[:size] > rank
            slots = self._spare[rank] = np.flatnonzero(self.is_en_route & lesser & far)
        return slots

    def origins(self, slots: Slots) -> npt.NDArray[np.int64]:
        """Return where units are believed to be."""
        origins = self.table.origin[slots]
        moving = np.flatnonzero(self.table.destination[slots] != NOWHERE)
        for i in moving.tolist():
            unit = self.table.units[slots[i]]
            origins[i] = position_now(unit, self.picture.travel, self.picture.now_ms)
        return origins

    def etas_ms(self, slots: Slots, origins: npt.NDArray[np.int64], to: Incident) -> Milliseconds:
        """Return the time until each unit would arrive, mobilisation included."""
        travel = self.picture.travel.to_one_ms(
            origins, to.position, mode_to(to), self.picture.now_ms
        )
        return self.with_delays(slots, travel)

    def with_delays(self, slots: Slots, travel_ms: Milliseconds) -> Milliseconds:
        """Return travel times with mobilisation and staleness; unreachable stays unreachable."""
        settings, table = self.picture.settings, self.table
        at_station = table.status[slots] == _ON_STATION
        delay = np.where(
            at_station, settings.mobilisation_s * 1000, settings.road_mobilisation_s * 1000
        )
        if settings.freshness.applies:
            limit = self.picture.now_ms - settings.freshness.penalised_after_s * 1000
            stale = ~at_station & (table.position_at_ms[slots] < limit)
            delay = delay + stale * (settings.freshness.penalty_s * 1000)
        reach_ms = settings.cfr_reach_s * 1000
        far = (table.kind[slots] == _CFR) & (travel_ms > reach_ms)
        lost = far | (travel_ms >= UNREACHABLE_MS)
        return np.where(lost, UNREACHABLE_MS, travel_ms + delay).astype(np.int32)

    def nearest(
        self, slots: Slots, etas_ms: Milliseconds, to: Incident | None = None
    ) -> int | None:
        """Return the index of the earliest unit; None when none can come.

        Of equals, one that conveys goes, as one unit is then enough; then the first by identifier.

        Given the incident, another trust's unit must be earlier by the margin of mutual aid.
        """
        if len(slots) == 0:
            return None
        if to is not None and len(self.picture.state.trusts) > 1:
            etas_ms = self.with_margin(slots, etas_ms, to)
        best = int(etas_ms.argmin())
        if etas_ms[best] >= UNREACHABLE_MS:
            return None
        ties = np.flatnonzero(etas_ms == etas_ms[best])
        if len(ties) == 1:
            return best
        units = self.table.units
        specs = {i: units[slots[i]].spec for i in ties.tolist()}
        return min(specs, key=lambda i: (not specs[i].conveys, specs[i].id))

    def with_margin(self, slots: Slots, etas_ms: Milliseconds, to: Incident) -> Milliseconds:
        """Return arrivals, those of other trusts later by the margin and the price of aid."""
        aid = self.picture.settings.aid
        if aid.scope is AidScope.POOLED:
            return etas_ms
        margin_s = aid.c1_gain_s if to.rank == 1 else aid.c2_gain_s
        trust = self.table.trust[slots]
        foreign = trust != self.picture.state.trusts[to.trust]
        if aid.agreements:
            foreign &= ~pools(self.picture, to)[trust]
        price_ms: int | npt.NDArray[np.int64] = margin_s * 1000
        if aid.scope is AidScope.PRICED and to.rank > 1:
            price_ms = price_ms + self._price_ms(trust, to)
        late = np.where(foreign, etas_ms.astype(np.int64) + price_ms, etas_ms)
        return np.minimum(late, UNREACHABLE_MS).astype(np.int32)

    def _price_ms(self, trust: npt.NDArray[np.int16], to: Incident) -> npt.NDArray[np.int64]:
        """Return what units of each trust cost more at home than here, as minutes of a patient."""
        if self._prices is None:
            self._prices = lending_prices(self.picture)
        home = self.picture.state.trusts[to.trust]
        weight_milli = self.picture.settings.harm.weight_milli(to.rank)
        price_ms = self._prices.price_us[:, home] // weight_milli
        price_ms[~self._prices.has_spare] = UNREACHABLE_MS
        return np.asarray(price_ms[trust], np.int64)

    def take(self, slot: int) -> Unit:
        """Mark a unit as taken in this round and return it."""
        self.is_free[slot] = False
        self.is_en_route[slot] = False
        self._idle.clear()
        self._spare.clear()
        return self.table.units[slot]

    def assign(
        self,
        slot: int,
        incident: Incident,
        role: Role,
        *,
        origin: int,
        eta_ms: int,
        why: Explanation,
    ) -> Assign:
        """Return the decision to send a unit, and mark the unit as taken."""
        unit = self.take(slot)
        if unit.incident is not None:
            self.diverted.add(unit.spec.id)
        return Assign(
            incident=incident.id,
            unit=unit.spec.id,
            role=role,
            origin=Position(origin),
            eta_ms=eta_ms,
            why=why,
            diverted_from=unit.incident,
        )

    def explain(
        self,
        incident: Incident,
        role: Role,
        slots: Slots,
        etas_ms: Milliseconds,
        chosen: int | None,
    ) -> Explanation:
        """Return who was considered, in the order of arrival, and what became of the others."""
        units, most = self.table.units, self.picture.settings.candidates_max
        order = np.argsort(etas_ms, kind="stable")[:most].tolist()
        if chosen is not None:
            order = [chosen, *(i for i in order if i != chosen)][:most]
        reach = self.picture.settings.cfr_reach_s > 0
        candidates = []
        for i in order:
            eta = int(etas_ms[i])
            unit = units[slots[i]]
            verdict = Verdict.CHOSEN if i == chosen else Verdict.SLOWER
            if eta >= UNREACHABLE_MS:
                is_cfr = reach and unit.spec.kind is UnitKind.CFR
                verdict = Verdict.OUT_OF_REACH if is_cfr else Verdict.UNREACHABLE
            candidates.append(
                Candidate(unit.spec.id, verdict, None if eta >= UNREACHABLE_MS else eta)
            )
        return self._with_refused(incident, role, candidates, len(slots))

    def _with_refused(
        self, incident: Incident, role: Role, candidates: list[Candidate], eligible: int
    ) -> Explanation:
        """Add the refused: by name while there is room, the others by count."""
        code = eligibility.codes(self.picture, self.fitness(incident, role))
        taken = (code == eligibility.ELIGIBLE) & ~self.is_free
        code[taken] = eligibility.BUSY
        refused = code != eligibility.ELIGIBLE
        counts = np.bincount(code, minlength=len(eligibility.VERDICTS)).tolist()
        for candidate in candidates:
            named = self.picture.state.units[UnitId(candidate.id)].slot
            counts[code[named]] -= int(refused[named])
            refused[named] = False
        room = self.picture.settings.candidates_max - len(candidates)
        if room > 0:
            slots = np.flatnonzero(refused)
            for slot in nearest_refused(self.picture, incident, slots, code)[:room]:
                verdict = eligibility.VERDICTS[code[slot]]
                candidates.append(Candidate(self.table.units[slot].spec.id, verdict))
                counts[code[slot]] -= 1
        others = {
            verdict: count
            for verdict, count in zip(eligibility.VERDICTS[1:], counts[1:], strict=True)
            if count > 0
        }
        unnamed = eligible - sum(c.verdict in _ELIGIBLE_VERDICTS for c in candidates)
        if unnamed > 0:
            others[Verdict.SLOWER] = unnamed
        return Explanation(candidates=tuple(candidates), others=others)


_ELIGIBLE_VERDICTS = frozenset(
    {Verdict.CHOSEN, Verdict.SLOWER, Verdict.UNREACHABLE, Verdict.OUT_OF_REACH}
)


def by_urgency(waiting: Sequence[Incident]) -> list[Incident]:
    """Return incidents in the order of service: rank, then clock start, then identifier."""
    return sorted(waiting, key=lambda i: (i.rank, i.clock_start_at_ms, i.id))
