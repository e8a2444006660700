"""Since when the broker has been away, which the session with it does not keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Traffic(Protocol):
    """What is needed of the broker session's counters."""

    @property
    def connected(self) -> bool:
        """Whether the session stands."""

    @property
    def received(self) -> int:
        """Messages that came."""

    @property
    def published(self) -> int:
        """Messages that were sent."""

    @property
    def reconnects(self) -> int:
        """Sessions after the first one."""


class BrokerWatch:
    """Turns `connected` into a duration. Nobody calls when the broker goes, so `look` has to be called often."""

    def __init__(self, traffic: Traffic, clock: Callable[[], float]) -> None:
        """Start with the broker away."""
        self.seen = False
        """Whether a session ever stood."""
        self._traffic = traffic
        self._clock = clock
        self._away_since: float | None = clock()

    def look(self) -> float | None:
        """Return for how many seconds the broker has been away, None while it is there."""
        if self._traffic.connected:
            self.seen, self._away_since = True, None
            return None
        now = self._clock()
        if self._away_since is None:
            self._away_since = now
        return now - self._away_since
