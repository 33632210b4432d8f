"""Everything is asked once before a patient asks it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dispatch.dispatcher import Dispatcher
from dispatch.domain import event as ev
from dispatch.domain.settings import PolicyNames, Settings
from dispatch.policies.tables import POLICIES
from dispatch.rehearsal import UNITS, rehearse
from tests.dispatch.builders import NOON, ControlRoom

JOINT = Settings(name="joint", policies=PolicyNames(assign="joint"))

IN_A_NEW_PROCESS = """
from importlib import import_module
from dispatch.rehearsal import rehearse
from tests.dispatch.test_rehearsal import opened_by
from tests.dispatch.builders import NOON

room, opened = opened_by("joint")
rehearse(room.dispatcher.twin(), opened, NOON)
kernels = [
    ("joint_units_kernel", ["taking_part"]),
    ("joint_candidates_kernel", ["visible", "all_pairs", "nearest_pairs"]),
    ("joint_candidates_kernel", ["reached", "ways_to_ask"]),
    ("joint_cost_kernel", ["waiting_columns", "pair_costs", "pairs_named", "in_order"]),
    ("joint_scope_kernel", ["by_rank_and_clock"]),
    ("crew_cost_kernel", ["crew_costs"]),
    ("matching_kernel", ["solve"]),
    ("eligibility_kernel", ["at_work", "fitness", "number_kinds"]),
]
for module, names in kernels:
    for name in names:
        if not getattr(import_module(f"dispatch.policies.{module}"), name).signatures:
            print(module, name)
"""


def opened_by(policy: str) -> tuple[ControlRoom, ev.PictureOpened]:
    room = ControlRoom(Settings(name=policy, policies=PolicyNames(assign=policy)))
    opened = room.entries[0].event
    assert isinstance(opened, ev.PictureOpened)
    return room, opened


def test_every_kernel_of_the_matching_is_compiled_by_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_NEW_PROCESS], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""


@pytest.mark.parametrize("policy", ["first_come", "nearest", "joint"])
def test_it_leaves_the_picture_that_it_is_held_for_alone(policy: str) -> None:
    room, opened = opened_by(policy)
    before, entries = room.state.digest(), room.dispatcher.next_seq
    twin = room.dispatcher.twin()
    rehearse(twin, opened, NOON)
    assert len(twin.state.units) == UNITS
    assert twin.state.waiting
    assert room.state.digest() == before
    assert room.dispatcher.next_seq == entries


def test_without_a_post_nothing_is_rehearsed() -> None:
    room = ControlRoom(JOINT)
    opened = ev.PictureOpened(
        region="r", region_version="1", hospitals=(), posts=(), settings=JOINT
    )
    twin = Dispatcher(room.travel, POLICIES)
    rehearse(twin, opened, NOON)
    assert twin.next_seq == 0
