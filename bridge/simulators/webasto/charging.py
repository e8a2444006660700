"""Car, contactor and meter of a pretend Webasto: all that goes on by itself while time passes."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.simulators.car import LEAST_OFFER_A, PluggedCar
from bridge.simulators.meter import PHASES, Meter
from bridge.simulators.webasto.states import OcppState

HANDSHAKE_S = 2.0  # from permission until the car closes its switch


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the settings say about charging.

    Attributes:
        free: Whether any car may charge.
        limit: In A per phase.
        delay_s: How long a random delay may be at the most.
        phases: How many are connected.
    """

    free: bool
    limit: float
    delay_s: float
    phases: int = PHASES


class Charging:
    """The state machine.

    Attributes:
        rules: The present ones; set it to change them.
        car: None while nothing is plugged in.
        meter: What went into the car.
        running: Whether a session goes on, with or without energy.
        held: A state forced from outside, None to decide normally.
        faulted: Whether there are errors.
        allowed_a: What a load management allows, in A per phase; None without one.
        state: What the charger does.
        duration_s: Of the present session or else the last one, in s of the real clock.
        sessions: How many there have been.
        plug_cycles: How often a car has come.
        delay_left_s: Of a random delay.
    """

    def __init__(self, rules: Rules, *, seed: int) -> None:
        self.rules = rules
        self.car: PluggedCar | None = None
        self.meter = Meter(seed=seed)
        self.running = False
        self.held: OcppState | None = None
        self.faulted = False
        self.allowed_a: float | None = None
        self.state = OcppState.AVAILABLE
        self.duration_s = 0.0
        self.sessions = 28
        self.plug_cycles = 31
        self.delay_left_s = 0.0
        self._stopped = False
        self._pause_left_s = 0.0

    @property
    def phases(self) -> int:
        """How many phases the present car would use."""
        return min(self.rules.phases, self.car.phases if self.car else PHASES)

    @property
    def limit(self) -> float:
        """What the car may draw when it may draw anything, in A per phase."""
        return self.rules.limit if self.allowed_a is None else min(self.rules.limit, self.allowed_a)

    def plug(self, car: PluggedCar) -> None:
        """Connect a car."""
        self.car = car
        self.plug_cycles += 1
        self._pause_left_s = HANDSHAKE_S

    def unplug(self) -> None:
        """End everything; what the session came to stays to be read."""
        self.car = None
        self.running = self._stopped = False
        self.meter.current = 0.0

    def order_start(self) -> None:
        """Let the car charge that is there; nothing happens without one."""
        self._stopped = False
        if self.car is not None and not self.running:
            self._begin()

    def order_stop(self) -> None:
        """End the session, until a person starts another one or the car leaves."""
        if self.running:
            self.running = False
            self._stopped = True

    def interrupt(self, seconds: float) -> None:
        """Open the contactor for so long."""
        self.meter.current = 0.0
        self._pause_left_s = seconds + HANDSHAKE_S

    def step(self, real_s: float, seconds: float) -> None:
        """Let time pass; 0 s only takes notice of what has changed.

        Args:
            real_s: On the clock.
            seconds: For the car, which may live faster.
        """
        if self.car is not None and self.rules.free and not self.running and not self._stopped:
            self._begin()
        self._pause_left_s = max(0.0, self._pause_left_s - seconds)
        self.delay_left_s = max(0.0, self.delay_left_s - seconds)
        if self.running:
            self.duration_s += real_s
        state = self._permitted()
        car = self.car
        may = state == OcppState.CHARGING and car is not None and self._pause_left_s <= 0
        aim = car.current(self.limit) if may and car is not None else 0.0
        room = car.room_wh if car is not None else 0.0
        flowed = self.meter.run(seconds, aim=aim, phases=self.phases, room_wh=room)
        if car is not None:
            car.room_wh -= flowed
        self.state = self._with_car(state, flows=aim > 0)

    def _begin(self) -> None:
        self.running = True
        self.sessions += 1
        self.duration_s = 0.0
        self.meter.session_wh = 0.0
        self._pause_left_s = HANDSHAKE_S
        self.delay_left_s = self.rules.delay_s * (self.meter.noise(self.sessions, 0) + 1) / 2

    def _permitted(self) -> OcppState:
        """What the charger would do with a willing car."""
        if self.held is not None:
            return self.held
        if self.faulted:
            return OcppState.FAULTED
        if self.car is None:
            return OcppState.AVAILABLE
        if not self.running:
            return OcppState.FINISHING if self._stopped else OcppState.PREPARING
        if self.delay_left_s > 0 or self.limit < LEAST_OFFER_A:
            return OcppState.SUSPENDED_EVSE
        return OcppState.CHARGING

    def _with_car(self, state: OcppState, *, flows: bool) -> OcppState:
        if flows or state != OcppState.CHARGING or self.held is not None or self.car is None:
            return state
        return OcppState.PREPARING if self._pause_left_s > 0 and self.car.wants_energy else OcppState.SUSPENDED_EV
