"""The pretend wallbox: car, boost, and what Podero's plan lets flow, without any input or output."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bridge.simulators.car import PluggedCar
from bridge.simulators.meter import MAINS_V, SECONDS_PER_HOUR
from bridge.simulators.pace import steps

HANDSHAKE_S = 2.0  # from permission until the car closes its switch
PLANNED_SHARE = 0.5  # of the full rate, while Podero's plan lets the car charge: a pretend plan
CABLE_A = 32
FINENESS_S = 60.0  # of what is remembered of the past
HOURS_OF = {"day": 24, "week": 7 * 24, "month": 30 * 24}


class BoostState(StrEnum):
    """The documented values of `boost_state`."""

    AVAILABLE = "available"
    REQUESTED = "requested"
    ONGOING = "ongoing"
    UNAVAILABLE = "unavailable"


class BoostRefusedError(Exception):
    """A boost that cannot be: 409 with its state and reason."""

    def __init__(self, state: BoostState, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


@dataclass(slots=True, kw_only=True)
class Times:
    """The clock, and how long things take, in s.

    Attributes:
        clock: Gives monotonic seconds.
        epoch: Seconds since 1970 when the clock was at zero.
        speed: How much faster than the clock the car lives.
        settle_s: From a boost's request until the wallbox has taken it, on the clock.
    """

    clock: Callable[[], float] = time.monotonic
    epoch: float = 0.0
    speed: float = 1.0
    settle_s: float = 2.0

    def since_1970(self, at: float) -> float:
        """Seconds since 1970 at a time on the clock."""
        return self.epoch + at


class Wallbox:
    """One wallbox with its car; it has the methods of a car.

    Attributes:
        smart: Whether Podero's plan decides; otherwise a car charges as soon as it is there.
        plan_waits: Whether the plan waits for better hours.
        paused: Whether a pause of power is active.
        authenticated: Whether the sign-in at the wallbox's maker holds.
        connected: Whether the wallbox has a connection; None: it never had one.
        health: The three `..._status` fields.
        armed: `boost_for_next_session`.
        max_power_w: The full rate.
        deleted: Whether it was deleted at Podero.
        broken_boost: Whether a boost fails within Podero.
        changed_at: When something about charging changed last, on the clock.
    """

    def __init__(self, times: Times) -> None:
        self.times = times
        self.car: PluggedCar | None = None
        self.smart = True
        self.plan_waits = False
        self.paused = False
        self.authenticated = True
        self.connected: bool | None = True
        self.health = {"connection_status": "ok", "monitoring_status": "ok", "steering_status": "ok"}
        self.armed = False
        self.max_power_w = 11_000
        self.deleted = False
        self.broken_boost = False
        self.power_w = 0.0
        self.changed_at = times.clock()
        self._boost_asked: float | None = None
        self._now = times.clock()
        self._handshake_left_s = 0.0
        self._flowed: deque[tuple[float, float]] = deque(maxlen=int(30 * 24 * SECONDS_PER_HOUR / FINENESS_S))

    # The car

    def plug(self, *, capacity_kwh: float = 20.0, max_current: float = 16.0, phases: int = 3) -> None:
        """Connect a car; one that is there already leaves first. An armed boost begins."""
        self.unplug()
        capacity = max(0.0, capacity_kwh) * 1_000
        self.car = PluggedCar(
            capacity_wh=capacity, room_wh=capacity, max_current=max_current, phases=phases, cable_current=CABLE_A
        )
        self._handshake_left_s = HANDSHAKE_S
        if self.armed:
            self.armed = False
            self._boost_asked = self._now

    def unplug(self) -> None:
        """Disconnect the car, which ends a boost."""
        self.advance()
        self.car = None
        self._boost_asked = None
        self.power_w = 0.0
        self.changed_at = self._now

    def fill(self) -> None:
        """Make the car full at once."""
        self.advance()
        if self.car is not None:
            self.car.room_wh = 0.0
        self.advance()

    @property
    def full(self) -> bool:
        """Whether a car is there that takes no more."""
        return self.car is not None and self.car.room_wh <= 0

    @property
    def charging(self) -> bool:
        """Whether energy flows."""
        return self.power_w > 0

    # Boost

    @property
    def boost_state(self) -> BoostState:
        """What a boost would be, or is."""
        if self.car is None or not self.authenticated:
            return BoostState.UNAVAILABLE
        if self._boost_asked is None:
            return BoostState.UNAVAILABLE if self.full else BoostState.AVAILABLE
        return BoostState.ONGOING if self._boost_runs() else BoostState.REQUESTED

    def boost(self) -> None:
        """Charge at the full rate, or arm that for the next car where there is none.

        Raises:
            BoostRefusedError: It cannot.
        """
        self.advance()
        state = self.boost_state
        if self.broken_boost:
            raise BoostRefusedError(state, "internal_error")
        if state in {BoostState.ONGOING, BoostState.REQUESTED}:
            raise BoostRefusedError(state, "already_charging")
        if self.full:
            raise BoostRefusedError(state, "fully_charged")
        if self.car is None:
            self.armed = True
        else:
            self._boost_asked = self._now

    def cancel_boost(self) -> None:
        """End a boost and disarm one; harmless without."""
        self.advance()
        self._boost_asked = None
        self.armed = False

    def _boost_runs(self) -> bool:
        return self._boost_asked is not None and self._now >= self._boost_asked + self.times.settle_s

    # Time

    def advance(self) -> None:
        """Catch up with the clock."""
        before, self._now = self._now, max(self._now, self.times.clock())
        seconds = (self._now - before) * self.times.speed
        count = steps(seconds)
        for _ in range(count):
            self._step(seconds / count)
        if self.full:
            self._boost_asked = None

    def _step(self, seconds: float) -> None:
        self._handshake_left_s = max(0.0, self._handshake_left_s - seconds)
        was = self.power_w
        self.power_w = self._aim()
        if self.car is not None and self.power_w > 0:
            flowed = min(self.car.room_wh, self.power_w * seconds / SECONDS_PER_HOUR)
            self.car.room_wh -= flowed
            self._remember(flowed)
            if self.car.room_wh <= 0:
                self.power_w = 0.0
        if (was > 0) is not (self.power_w > 0):
            self.changed_at = self._now

    def _aim(self) -> float:
        car = self.car
        if car is None or not car.wants_energy or self._handshake_left_s > 0:
            return 0.0
        most = min(self.max_power_w, MAINS_V * car.phases * car.max_current)
        if self._boost_runs():
            return most
        if self.paused or (self.smart and self.plan_waits):
            return 0.0
        return most * PLANNED_SHARE if self.smart else most

    def _remember(self, wh: float) -> None:
        if self._flowed and self._now - self._flowed[-1][0] < FINENESS_S:
            at, before = self._flowed[-1]
            self._flowed[-1] = (at, before + wh)
        else:
            self._flowed.append((self._now, wh))

    def consumed_kwh(self, window: str) -> float:
        """What flowed within the last day, week or month."""
        since = self._now - HOURS_OF[window] * SECONDS_PER_HOUR
        return round(sum(wh for at, wh in self._flowed if at >= since) / 1_000, 3)
