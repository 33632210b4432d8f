"""What a measured handover says about the hospital, queueing taken out."""

from __future__ import annotations


def bay_time_ms(handover_ms: int, ahead: int, bays: int) -> int:
    """Return the time in a bay that a measured handover implies.

    A handover (arrival to handed over) contains the queue; a rolling mean of it would count the
    queue twice. It is divided by the factor that was expected when the crew arrived with so many
    ``ahead``, itself not counted.
    """
    return handover_ms * bays // (bays + max(0, ahead + 1 - bays))


def rolling_ms(mean_ms: int, observed_ms: int, newest_per_mille: int = 200) -> int:
    """Return the exponentially weighted mean after one more observation (weight 0.2)."""
    return mean_ms + (observed_ms - mean_ms) * newest_per_mille // 1000
