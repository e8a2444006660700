"""The clocks of a pretend Webasto, and how long things take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What time it is, and how long things take, in s.

    Attributes:
        clock: Gives monotonic seconds.
        epoch: The seconds since 1970 when this was made; None takes them from the machine. They go on with `clock`.
        speed: How much faster than the clock cars charge and the charger restarts. The life of a token, the lock-out
            and the duration of a session are on the clock.
        slow_s: How long the slow endpoint takes on the machine's own clock: `sections/system` of a Next,
            `configuration-fields` of a Unite. Real ones need more than 10 s.
        away_s: How long it is away after a restart.
        soft_away_s: How long a Unite is away after a soft reset; nobody has measured it.
        clock_error_s: How wrong the charger's own time is, which is in its tokens.
    """

    clock: Callable[[], float] = time.monotonic
    epoch: float | None = None
    speed: float = 1.0
    slow_s: float = 0.3
    away_s: float = 150.0
    soft_away_s: float = 30.0
    clock_error_s: float = 0.0
    _zero: float = field(init=False)

    def __post_init__(self) -> None:
        """Remember when the clock was at zero."""
        epoch = time.time() if self.epoch is None else self.epoch
        object.__setattr__(self, "_zero", epoch - self.clock())

    def since_1970(self) -> float:
        """Seconds since 1970, as the charger believes."""
        return self._zero + self.clock() + self.clock_error_s

    def stamp(self) -> str:
        """The charger's time in the form that its errors have."""
        return datetime.fromtimestamp(self.since_1970(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
