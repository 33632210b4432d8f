"""Why each pair of a joint round was chosen: terms, other candidates, and what the trade was.

A round may give hundreds of orders; what all of them need is worked out once, in columns.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.domain.decision import Candidate, Explanation, Term, Verdict
from dispatch.domain.unit import EN_ROUTE
from dispatch.policies.crew_cost import crew_words
from dispatch.policies.harm import HARM_US_PER_MINUTE
from dispatch.policies.joint_cost import PairCosts, PairRefusal
from dispatch.policies.joint_problem import JointProblem
from dispatch.policies.matching import Matching
from dispatch.policies.round import Round
from dispatch.state import Unit

TERMS: Final = ("harm", "coverage", "switch", "lend", "crew", "wait")
"""Names of the terms of a pair's cost; they add up to what it costs beside waiting."""

NO_PAIR: Final = -1
"""In arrays of pairs: there is none."""

_VERDICTS: Final = (
    Verdict.COSTLIER,
    Verdict.UNREACHABLE,
    Verdict.NEARLY_THERE,
    Verdict.ALREADY_DIVERTED,
    Verdict.GAIN_TOO_SMALL,
    Verdict.SLOWER,
    Verdict.COSTLIER,
    Verdict.NOT_GRAVER,
    Verdict.CHOSEN,
)
"""By `PairRefusal`, and last of what is chosen."""


class Reasons:
    """What is said about the pairs of one round.

    Only of the incidents in ``changed``, those with a new unit, is anything said: most of a round
    stays as it was, and nobody is told.

    Attributes
    ----------
    pair_of
        Row of the chosen pair of each changed incident, else `NO_PAIR`.
    holder_pair_of
        Row of the pair with the unit that is on its way, `NO_PAIR` where nobody is.
    """

    def __init__(
        self,
        round_: Round,
        problem: JointProblem,
        costs: PairCosts,
        matching: Matching,
        changed: npt.NDArray[np.int64],
    ) -> None:
        from dispatch.policies import joint_cost_kernel as kernel

        self._round, self._problem, self._costs = round_, problem, costs
        self._changed, self._matching = changed, matching
        self.pair_of, self.holder_pair_of, self._nearest = kernel.pairs_named(
            problem.start,
            costs.unit,
            costs.eta_ms,
            costs.refusal,
            matching.unit_of,
            problem.waiting.holder,
            changed,
        )
        self._listed = self._candidates()
        self._named = self._terms()

    def explain(self, k: int) -> Explanation:
        """Return every term of the cost of an incident's pair, and who else was considered."""
        return Explanation(
            candidates=self._listed[k],
            terms=self._named[k],
            note="; ".join(filter(None, (self._traded(k), self._crew(k)))),
            degraded=self._problem.degraded,
        )

    def _traded(self, k: int) -> str:
        return "" if self._nearest[k] == self.pair_of[k] else self._trade(k)

    def _crew(self, k: int) -> str:
        """Say what the job means for its crew, where that has cost something."""
        pair = self.pair_of[k]
        if not self._costs.crew_us[pair]:
            return ""
        picture = self._round.picture
        return crew_words(
            self._unit(int(self._costs.unit[pair])),
            self._problem.incident(self._round, k),
            int(self._costs.eta_ms[pair]),
            picture.now_ms,
            picture.settings.crew,
        )

    def _candidates(self) -> dict[int, tuple[Candidate, ...]]:
        """Return the candidates of each changed incident: the chosen, then by arrival."""
        from dispatch.policies import joint_cost_kernel as kernel

        costs, most = self._costs, self._round.picture.settings.candidates_max
        begin, pairs = kernel.in_order(
            self._problem.start, self.pair_of, costs.eta_ms, max(1, most)
        )
        chosen = self.pair_of[costs.incident[pairs]]
        code, eta_ms = costs.refusal[pairs].astype(np.int64), costs.eta_ms[pairs]
        costlier = (code == PairRefusal.NONE) | (code == PairRefusal.DEARER_THAN_WAITING)
        code[costlier & (eta_ms >= costs.eta_ms[chosen])] = PairRefusal.NOT_NEAREST
        code[pairs == chosen] = len(_VERDICTS) - 1
        etas: list[int | None] = eta_ms.tolist()
        for i in np.flatnonzero(code == PairRefusal.NO_WAY).tolist():
            etas[i] = None
        slots, units = self._problem.rows[costs.unit[pairs]].tolist(), self._round.table.units
        names = [units[slot].spec.id for slot in slots]
        made = list(map(Candidate, names, [_VERDICTS[number] for number in code.tolist()], etas))
        ends = begin.tolist()
        return {k: tuple(made[ends[k] : ends[k + 1]]) for k in self._changed.tolist()}

    def _unit(self, row: int) -> Unit:
        return self._problem.unit(self._round, row)

    def _terms(self) -> dict[int, tuple[Term, ...]]:
        """Return the terms of each changed incident, in weighted minutes."""
        costs, served = self._costs, self._changed
        pairs = self.pair_of[served]
        columns = (
            costs.harm_us[pairs],
            costs.coverage_us[pairs],
            costs.switch_us[pairs],
            costs.lend_us[pairs],
            costs.crew_us[pairs],
            -costs.wait_us[served],
        )
        weighted_min = np.round(np.stack(columns, axis=1) / HARM_US_PER_MINUTE, 2)
        named: dict[int, tuple[Term, ...]] = {}
        for k, values in zip(served.tolist(), weighted_min.tolist(), strict=True):
            named[k] = tuple(
                [Term(name, value) for name, value in zip(TERMS, values, strict=True) if value]
            )
        return named

    def _trade(self, k: int) -> str:
        """Say what this patient pays, and what others gain, when the nearest unit is not it."""
        costs, chosen, nearest = self._costs, self.pair_of[k], self._nearest[k]
        costs_min = (int(costs.eta_ms[chosen]) - int(costs.eta_ms[nearest])) / 60_000
        row = int(costs.unit[nearest])
        saves = max(0, -int(self._matching.unit_price[row])) / HARM_US_PER_MINUTE
        return (
            f"nearest was {self._unit(row).spec.id}{self._where_else(row)}: "
            f"costs this patient {costs_min:.1f} min, saves others {saves:.1f} weighted minutes"
        )

    def _where_else(self, row: int) -> str:
        """Say where a unit goes that this patient does not get."""
        served = np.flatnonzero(self._matching.unit_of == row)
        if len(served):
            incident = self._problem.incident(self._round, int(served[0]))
            return f", which goes to {incident.category} {incident.id}"
        is_en_route = self._unit(row).status in EN_ROUTE
        return ", which is on its way elsewhere" if is_en_route else ""
