"""The clocks of a pretend cloud, and how long things take there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What time it is, and how long things take, in s.

    Attributes:
        clock: Gives monotonic seconds.
        epoch: The seconds since 1970 when this was made; None takes them from the machine. They go on with `clock`.
        speed: How much faster than the clock cars charge, and chargers restart, update and report. What the cloud
            counts itself (the life of a token, limits, when a write is seen) is not faster.
        settle_s: From the acceptance of a write until it shows.
        live_refresh_s: How often a charger reports while energy flows; 0 for whenever somebody looks.
        idle_refresh_s: How often it does otherwise.
        restart_s: From the order to restart until a charger leaves, and from then until it is back.
        update_s: How long new firmware takes.
    """

    clock: Callable[[], float] = time.monotonic
    epoch: float | None = None
    speed: float = 1.0
    settle_s: float = 2.0
    live_refresh_s: float = 30.0
    idle_refresh_s: float = 300.0
    restart_s: tuple[float, float] = (10.0, 90.0)
    update_s: float = 60.0
    _zero: float = field(init=False)

    def __post_init__(self) -> None:
        """Remember when the clock was at zero."""
        epoch = time.time() if self.epoch is None else self.epoch
        object.__setattr__(self, "_zero", epoch - self.clock())

    def since_1970(self, at: float | None = None) -> float:
        """Seconds since 1970 at a time on the clock, by default now."""
        return self._zero + (self.clock() if at is None else at)
