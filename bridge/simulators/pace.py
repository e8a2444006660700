"""How finely a pretend charger catches up with the clock."""

from __future__ import annotations

from math import ceil

STEP_S = 1.0  # as fine as real charging logic, which runs about once per second
MOST_STEPS = 240  # a longer absence is caught up in coarser steps


def steps(seconds: float) -> int:
    """In how many steps to take so many seconds of the car's time."""
    return max(1, min(ceil(seconds / STEP_S), MOST_STEPS))
