"""Which name in the settings means which policy: the literal tables."""

from __future__ import annotations

from typing import Final

from dispatch.policies.assign_first_come import assign_first_come
from dispatch.policies.assign_joint import assign_joint
from dispatch.policies.assign_nearest import assign_nearest
from dispatch.policies.convey_least_wait import convey_least_wait
from dispatch.policies.convey_nearest import convey_nearest
from dispatch.policies.redirect import redirect_none, redirect_ranked
from dispatch.policies.relocate_cover import rebalance_cover, relocate_cover
from dispatch.policies.relocate_home import rebalance_never, relocate_home
from dispatch.ports import PolicySet

POLICIES: Final = PolicySet(
    assign={
        "joint": assign_joint,
        "first_come": assign_first_come,
        "nearest": assign_nearest,
    },
    convey={
        "least_wait": convey_least_wait,
        "nearest": convey_nearest,
    },
    relocate={
        "cover": relocate_cover,
        "home": relocate_home,
    },
    rebalance={
        "cover": rebalance_cover,
        "never": rebalance_never,
    },
    redirect={
        "none": redirect_none,
        "ranked": redirect_ranked,
    },
    exchanging=frozenset({"joint"}),
)
"""Every policy that a configuration may name."""
