"""Signs of life of a task that asks chargers: by when it must be heard of again.

Pure: times are handed in, in seconds of the monotonic clock.
"""

from __future__ import annotations

import math
from contextvars import ContextVar

QUIET_S = 360.0
"""How long a task may be silent beyond what it has said: more than whatever it does without saying so. The longest of
that is to listen for a charger's first words, for its `timeout`, which is 300 s at the most."""


class Pulse:
    """When one task must be heard of again. It is `resting` before it begins and after it has ended."""

    def __init__(self) -> None:
        """Rest."""
        self._until = math.inf

    def begin(self) -> None:
        """Let whatever is called from this task say for how long (`takes_until`)."""
        _PULSE.set(self)

    def working(self, now: float) -> None:
        """Note that it goes on with its work, which comes to an end by itself."""
        self._until = now

    def waiting(self, until: float) -> None:
        """Note that it goes on then, or when it is woken; infinite where it must be woken."""
        self._until = until

    def resting(self) -> None:
        """Note that nothing has to be heard of it."""
        self._until = math.inf

    def takes_until(self, moment: float) -> None:
        """Note that what it does may take until then."""
        self._until = max(self._until, moment)

    def is_stuck(self, now: float, others: int = 0) -> bool:
        """Tell whether it has been silent for too long; it may have to wait for each of so many `others` in turn."""
        return now > self._until + QUIET_S * (1 + others)


_PULSE: ContextVar[Pulse | None] = ContextVar("pulse", default=None)


def takes_until(moment: float) -> None:
    """Note that what this task begins now may take until then; it has a limit of its own that ends it."""
    pulse = _PULSE.get()
    if pulse is not None:
        pulse.takes_until(moment)
