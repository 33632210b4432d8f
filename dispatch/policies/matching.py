"""Who is matched to whom: the cheapest one-to-one matching of units to incidents.

``minimise Σ x_vk (J_vk - J_0k), keep only negative entries``: an incident has at most one unit, a
unit at most one incident, and an incident whose every unit costs more than waiting waits. The
problem falls into connected components of candidate pairs; the answer of each depends on nothing
outside it. Among equally cheap answers the first in a total order is taken (see `match`), so the
answer is a function of the costs alone: not of the order of the pairs, nor of the solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

NO_UNIT: Final = -1
"""In arrays of unit rows: this incident waits."""


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """A cheapest matching, with the prices that prove it.

    Attributes
    ----------
    unit_of
        For each incident the row of its unit, `NO_UNIT` where it waits.
    total
        Sum of the net costs of the chosen pairs, not above 0.
    component_of
        For each incident the number of its connected component of candidate pairs.
    incident_price, unit_price
        Dual prices, not above 0: what the total would rise at most if the incident, or the unit,
        were taken out (with its sign turned). For each worthwhile pair
        ``net cost >= incident price + unit price``, with equality for chosen ones; the prices add
        up to ``total``. A reader can check the answer with them.
    """

    unit_of: npt.NDArray[np.int32]
    total: int
    component_of: npt.NDArray[np.int32]
    incident_price: npt.NDArray[np.int64]
    unit_price: npt.NDArray[np.int64]


def match(
    incident: npt.NDArray[np.int32],
    unit: npt.NDArray[np.int32],
    net_cost: npt.NDArray[np.int64],
    incident_count: int,
    unit_count: int,
) -> Matching:
    """Return the cheapest matching of units to incidents over candidate pairs.

    Parameters
    ----------
    incident, unit
        Rows of the two sides of each candidate pair. Numbered in the order in which ties are
        decided, gravest incident first. A pair given twice counts with its lower cost.
    net_cost
        What the pair costs more than leaving the incident to wait, in whole units below 2**40 in
        size. Pairs at or above 0 are ignored.
    incident_count, unit_count
        Number of incidents and units; rows without pairs are allowed.

    Returns
    -------
    Matching
        The total is the least possible. Ties: among all matchings of this total, the one that
        gives incident 0 the lowest unit row (no unit comes last), then incident 1, and so on.

    Raises
    ------
    ValueError
        When the arrays differ in length or a row is out of range.

    Notes
    -----
    Successive shortest augmenting paths with prices over the sparse pairs: O(I · E log E) at
    worst, near linear in practice as a path seldom leaves the neighbourhood. Decision record 0060
    compares it with other solvers.

    References
    ----------
    .. [1] Jonker, R., and A. Volgenant (1987). A shortest augmenting path algorithm for dense and
           sparse linear assignment problems. *Computing*, 38, 325-340. doi:10.1007/BF02278710

    Examples
    --------
    >>> import numpy as np
    >>> pairs = np.array([[0, 0, -9], [0, 1, -8], [1, 0, -7]])
    >>> match(*(pairs[:, c].astype(t) for c, t in enumerate("iil")), 2, 2).unit_of.tolist()
    [1, 0]
    """
    from dispatch.policies import matching_kernel as kernel

    if not incident.size == unit.size == net_cost.size:
        raise ValueError(
            f"Expected as many incidents as units and costs, was {incident.size}, {unit.size}"
            f" and {net_cost.size}."
        )
    unit_of, total, component_of, incident_price, unit_price = kernel.solve(
        incident, unit, net_cost, incident_count, unit_count
    )
    if total > 0:
        raise ValueError(
            f"Expected incidents in 0..{incident_count - 1} and units in 0..{unit_count - 1},"
            f" was {incident.min()}..{incident.max()} and {unit.min()}..{unit.max()}."
        )
    return Matching(unit_of, total, component_of, incident_price, unit_price)
