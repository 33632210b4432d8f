"""Weights of a hierarchy: each upward arc is the shortest way over lower nodes."""

from __future__ import annotations

from hypothesis import given, settings

from routing.customise import customise
from routing.hierarchy import build
from routing.order import contraction_order
from routing.restrictions import expand
from routing.roads import prepare
from routing.weights import UNREACHABLE_MS
from tests.routing.worlds import worlds


@settings(deadline=None)
@given(worlds())
def test_no_weight_exceeds_unreachable_nor_the_road_on_it(world):
    roads = prepare(world.network)
    arc_ms = roads.arc_weights(world.weight_ms)
    metric = customise(roads.hierarchy, arc_ms)
    for times in (metric.up, metric.down):
        assert ((times >= 0) & (times <= UNREACHABLE_MS)).all()
    for arc, slot in enumerate(roads.hierarchy.arc_slot.tolist()):
        if slot >= 0:
            side = metric.down if slot & 1 else metric.up
            assert side[slot >> 1] <= arc_ms[arc]


@settings(deadline=None)
@given(worlds())
def test_the_lower_triangle_inequality_holds(world):
    graph = expand(world.network)
    tree = build(graph, contraction_order(graph.node_count, graph.tail, graph.head))
    roads = prepare(world.network)
    metric = customise(tree, roads.arc_weights(world.weight_ms))
    for node in range(tree.node_count):
        sides = range(tree.up_first[node], tree.up_first[node + 1])
        for a in sides:
            for b in range(a + 1, tree.up_first[node + 1]):
                over = [
                    arc
                    for arc in range(
                        tree.up_first[tree.up_head[a]], tree.up_first[tree.up_head[a] + 1]
                    )
                    if tree.up_head[arc] == tree.up_head[b]
                ]
                assert metric.up[over[0]] <= metric.down[a] + metric.up[b]
                assert metric.down[over[0]] <= metric.down[b] + metric.up[a]
