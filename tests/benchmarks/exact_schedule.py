"""The exact optimum with perfect information of small worlds, by CP-SAT: the bound's oracle."""

from __future__ import annotations

from ortools.sat.python import cp_model

from benchmarks.bound import NEVER_MS, Crews, Jobs

HORIZON_MS = 3 * 10**7


def least_total(
    jobs: Jobs, crews: Crews, travel, growth_ms: int | None = None, posts=None
) -> int | None:
    """Return the least sum of ``weight x response`` of all schedules; None if none serves all.

    Every unit drives a route of its own: delays pass on along it, each job's way to become free is
    chosen freely, and a unit may set off before the incident is known. With ``posts`` it may not:
    it is sent from where it became free, or from a post that it could reach.
    """
    n, units = jobs.place.size, crews.place.size
    model = cp_model.CpModel()
    arrival = [model.new_int_var(int(t), HORIZON_MS, "") for t in jobs.at_ms]
    served_by = [[model.new_bool_var("") for _ in range(units)] for _ in range(n)]
    for k in range(n):
        model.add_exactly_one(served_by[k])
        model.add(arrival[k] >= int(jobs.at_ms[k] + jobs.mobilise_ms[k]))
    for u in range(units):
        arcs = [(0, 0, model.new_bool_var(""))]
        for k in range(n):
            arcs.append((k + 1, k + 1, served_by[k][u].negated()))
            if jobs.at_ms[k] >= crews.end_ms[u] < NEVER_MS:
                model.add(served_by[k][u] == 0)
            first, last = model.new_bool_var(""), model.new_bool_var("")
            arcs += [(0, k + 1, first), (k + 1, 0, last)]
            free = [(int(crews.start_ms[u]), int(crews.place[u]))]
            _drive(model, [first], free, None, k, jobs, arrival, travel, posts)
            for i in range(n):
                if i != k:
                    follows = model.new_bool_var("")
                    arcs.append((i + 1, k + 1, follows))
                    ways = [
                        (int(after), int(place))
                        for after, place in zip(
                            jobs.exit_after_ms[i], jobs.exit_place[i], strict=True
                        )
                        if place >= 0
                    ]
                    _drive(model, [follows], ways, arrival[i], k, jobs, arrival, travel, posts)
        model.add_circuit(arcs)
    costs = [_cost(model, arrival[k], k, jobs, growth_ms) for k in range(n)]
    model.minimize(sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = 60
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    assert status == cp_model.OPTIMAL, solver.status_name(status)
    return round(solver.objective_value)


def _drive(model, chosen, ways, after, k, jobs, arrival, travel, posts) -> None:  # noqa: PLR0917
    """Require that ``k`` is reached by one of the ways in which its predecessor becomes free."""
    options = []
    for free_ms, place in ways:
        free = free_ms if after is None else after + free_ms
        direct = _minutes(travel, place, int(jobs.place[k]))
        if posts is None:
            option = model.new_bool_var("")
            mobilise = int(jobs.mobilise_ms[k])
            model.add(arrival[k] >= free + mobilise + direct).only_enforce_if(option)
            options.append(option)
            continue
        mobilise = int(jobs.mobilise_ms[k])
        waits = model.new_bool_var("")
        model.add(arrival[k] >= free + direct + mobilise).only_enforce_if(waits)
        model.add(arrival[k] >= int(jobs.at_ms[k]) + direct + mobilise).only_enforce_if(waits)
        options.append(waits)
        for post in posts.tolist():
            stands = model.new_bool_var("")
            there = free + _minutes(travel, place, post)
            model.add(there <= int(jobs.at_ms[k])).only_enforce_if(stands)
            onward = _minutes(travel, post, int(jobs.place[k]))
            model.add(arrival[k] >= int(jobs.at_ms[k]) + onward + mobilise).only_enforce_if(stands)
            options.append(stands)
    model.add_bool_or(options).only_enforce_if(chosen)


def _minutes(travel, origin: int, destination: int) -> int:
    import numpy as np

    return int(travel(np.array([origin], np.int32), np.array([destination], np.int32))[0, 0])


def _cost(model, arrival, k: int, jobs: Jobs, growth_ms: int | None):
    response = model.new_int_var(0, HORIZON_MS, "")
    model.add(response == arrival - int(jobs.at_ms[k]))
    weighted = model.new_int_var(0, 10**12, "")
    if growth_ms is None:
        model.add_division_equality(weighted, int(jobs.weight_milli[k]) * response, 1000)
        return weighted
    square = model.new_int_var(0, HORIZON_MS**2, "")
    model.add_multiplication_equality(square, [response, response])
    grown = model.new_int_var(0, HORIZON_MS**2 // growth_ms, "")
    model.add_division_equality(grown, square, growth_ms)
    model.add_division_equality(weighted, int(jobs.weight_milli[k]) * (response + grown), 1000)
    return weighted
