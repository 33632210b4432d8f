"""More incidents than a joint round can weigh: the most urgent are, the others go by the rule."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from dispatch.domain.decision import Assign
from dispatch.policies.assign_nearest import serve_category
from dispatch.policies.joint_scope import Scope
from dispatch.policies.round import Round
from dispatch.ports import Picture
from dispatch.state import Incident


def most_urgent(picture: Picture, scope: Scope, most: int) -> tuple[Scope, list[Incident]]:
    """Return what a round takes of what it should weigh, and the incidents beyond that."""
    if len(scope.slots) <= most:
        return scope, []
    table = picture.state.incident_table
    return scope.until(most), [table.at(slot) for slot in scope.slots[most:].tolist()]


def by_the_rule(round_: Round, left_out: Sequence[Incident]) -> list[Assign]:
    """Serve by the nearest rule, category by category, those that still wait for a unit.

    Units that the joint round has sent are taken; who is on its way below C1 stays on its way.
    """
    waiting = round_.picture.state.waiting
    orders: list[Assign] = []
    still = (i for i in left_out if i.id in waiting and round_.open_roles(i))
    for _, group in groupby(still, key=lambda incident: incident.rank):
        orders += serve_category(round_, list(group))
    return orders
