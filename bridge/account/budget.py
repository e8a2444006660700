"""How many calls an account may make, and when the next one may be made. Pure: times are handed in, in seconds."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

MINUTE_S = 60.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 120.0, 900.0
LONGEST_RETRY_AFTER_S = 3600.0
JITTER = 0.2


@dataclass(slots=True)
class Budget:
    """Calls of one kind: at most `per_minute` in any minute, counted exactly, so that a limit is kept by construction.

    Fractions are allowed: 0.5 is one call in two minutes.
    """

    per_minute: float
    _made: deque[float] = field(default_factory=deque)

    @property
    def _calls(self) -> int:
        return max(1, int(self.per_minute))

    @property
    def _window_s(self) -> float:
        return self._calls * MINUTE_S / self.per_minute

    @property
    def spacing_s(self) -> float:
        """How far apart calls are when they are spread evenly."""
        return MINUTE_S / self.per_minute

    def spend(self, now: float) -> None:
        """Note that a call is being made."""
        self._made.append(now)
        while len(self._made) > self._calls:
            self._made.popleft()

    def ready_at(self) -> float:
        """Return when the next call may be made; a time in the past means at once."""
        return self._made[0] + self._window_s if len(self._made) >= self._calls else float("-inf")

    def left(self, now: float) -> int:
        """Return how many calls may be made right now."""
        return self._calls - sum(made > now - self._window_s for made in self._made)

    def reset_in_s(self, now: float) -> float:
        """Return in how many seconds all calls may be made again."""
        return max(0.0, self._made[-1] + self._window_s - now) if self._made else 0.0


@dataclass(slots=True)
class Throttle:
    """The pause after the cloud said that we ask too often: as long as it says, else doubling from 2 to 15 minutes."""

    until: float = float("-inf")
    _pause_s: float = 0.0

    def hit(self, now: float, retry_after_s: float | None) -> None:
        """Note a refusal; `retry_after_s` is what the cloud asks for, None if it does not say."""
        self._pause_s = min(max(FIRST_PAUSE_S, self._pause_s * 2), LONGEST_PAUSE_S)
        wait = self._pause_s if retry_after_s is None else min(retry_after_s, LONGEST_RETRY_AFTER_S)
        # Later than asked for, never sooner: several daemons must not come back in the same moment.
        self.until = now + wait * random.uniform(1, 1 + JITTER)  # noqa: S311 - spreads load, keeps no secret

    def passed(self) -> None:
        """Note that a call went through."""
        self.until, self._pause_s = float("-inf"), 0.0

    def active(self, now: float) -> bool:
        """Tell whether the pause is still on."""
        return now < self.until
