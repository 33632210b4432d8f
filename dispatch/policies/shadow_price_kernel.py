"""The compiled part of `dispatch.policies.shadow_price`: a birth-death chain, backwards in time."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Int32s = npt.NDArray[np.int32]


@numba.njit(cache=True, nogil=True)
def prices_at_start(
    arrivals_per_min: Floats, units: Int32s, job_min: float, period_min: float, states: int
) -> Floats:
    """Return the extra queueing until the end of the last period, for one more job in each state.

    ``value[k]`` is the expected queueing still to come with k jobs in the system. It is carried
    backwards by explicit steps no longer than half the mean time to the next change.
    """
    value = np.zeros(states + 1, np.float64)
    earlier = np.zeros(states + 1, np.float64)
    for period in range(arrivals_per_min.size - 1, -1, -1):
        birth, n = arrivals_per_min[period], units[period]
        fastest = birth + n / job_min
        steps = max(1, int(np.ceil(2.0 * fastest * period_min)))
        step = period_min / steps
        for _ in range(steps):
            for k in range(states + 1):
                death = min(k, n) / job_min
                change = float(max(k - n, 0))
                if k < states:
                    change += birth * (value[k + 1] - value[k])
                elif k > 0:
                    change += birth * (value[k] - value[k - 1])  # the slope goes on
                if k > 0:
                    change += death * (value[k - 1] - value[k])
                earlier[k] = value[k] + step * change
            value, earlier = earlier, value
    return value[1:] - value[:-1]
