"""How long to stay away from the broker before the next attempt. Pure, but for the dice."""

from __future__ import annotations

import random
from dataclasses import dataclass

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
STEADY_S = 60.0
"""A session that lasted so long ended for a reason from outside, such as a restart of the broker."""


@dataclass(slots=True, kw_only=True)
class Waits:
    """How long to wait before the next attempt to connect. Pure, but for the dice."""

    first_s: float = FIRST_WAIT_S
    longest_s: float = LONGEST_WAIT_S
    _failures: int = 0
    _short_sessions: int = 0

    def after_failure(self) -> float:
        """Return the wait after a session that did not come about, with full jitter: not all clients at once."""
        self._failures += 1
        return random.uniform(self.first_s / 2, self._doubled(self._failures))  # noqa: S311 - spreads load

    def after_session(self, lasted_s: float) -> float:
        """Return the wait after a session that stood.

        One that did not stand long may have been ended by a client with the same name, which we end by coming back: so
        each time we stay away longer, and never come back at once.
        """
        self._failures = 0
        self._short_sessions = 0 if lasted_s >= STEADY_S else self._short_sessions + 1
        longest = self._doubled(self._short_sessions)
        return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load

    @property
    def unsteady(self) -> bool:
        """Whether more than one session in a row was short."""
        return self._short_sessions > 1

    def _doubled(self, times: int) -> float:
        return min(self.first_s * 2.0 ** min(times, 30), self.longest_s)
