"""How often an account may ask, and how often it does."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

WINDOW_S = 60.0
MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Requests per minute of one account.

    Attributes:
        reads_per_minute: GET; None for no limit.
        writes_per_minute: Everything else; None for no limit.
        status: What a request too many is answered with; the cloud has been seen to do both.
        retry_after: Whether such an answer says how long to wait. None has been recorded that does.
        sign_in_counts: Whether sign-in and refresh count as reads; nobody knows.
    """

    reads_per_minute: int | None = None
    writes_per_minute: int | None = None
    status: Literal[429, 403] = 429
    retry_after: bool = False
    sign_in_counts: bool = False


NO_LIMITS = Limits()
ANNOUNCED = Limits(reads_per_minute=3, writes_per_minute=5)
"""What the vendor announced in July 2025."""
EFFECTIVE = Limits(reads_per_minute=1, writes_per_minute=5)
"""What users found from September 2025 on."""


@dataclass(slots=True)
class Window:
    """What happened in the last minute, of one kind.

    Attributes:
        busiest: The most that came within any minute, let through or not.
    """

    busiest: int = 0
    _all: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_REMEMBERED))
    _admitted: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_REMEMBERED))

    def admit(self, now: float, limit: int | None) -> float | None:
        """Take notice of a request: None when it is let through, else the seconds after which one would be."""
        _forget(self._all, now)
        self._all.append(now)
        self.busiest = max(self.busiest, len(self._all))
        _forget(self._admitted, now)
        if limit is not None and len(self._admitted) >= limit:
            return self._admitted[-limit] + WINDOW_S - now if limit else WINDOW_S
        self._admitted.append(now)
        return None


def _forget(times: deque[float], now: float) -> None:
    while times and times[0] <= now - WINDOW_S:
        times.popleft()
