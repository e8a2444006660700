"""Car, contactor and meter of the pretend go-e: all that goes on by itself while time passes."""

from __future__ import annotations

from enum import IntEnum

from bridge.simulators.car import PluggedCar
from bridge.simulators.goe_logic import CHARGING_REASONS, MODE_ECO, Reason, Situation, model_status
from bridge.simulators.goe_settings import Settings
from bridge.simulators.meter import MAINS_V, PHASES, Meter
from bridge.simulators.wire import Json

HANDSHAKE_S = 2.0  # from permission until the car closes its switch
PHASE_SWITCH_S = 8.0  # the charger stops, changes over and starts again


class CarState(IntEnum):
    """The values of `car` that this simulator comes to by itself."""

    IDLE = 1
    CHARGING = 2
    WAITING = 3
    COMPLETE = 4
    ERROR = 5


class Charging:
    """The state machine.

    Attributes:
        car: None while nothing is plugged in.
        error: 0 for none, None when the charger does not know itself.
        transaction: None, 0 for one without a card, else the card's index + 1.
        held: A `modelStatus` forced from outside, None to decide normally.
        surplus: What was last sent as `ids`, None when that is too long ago.
        state: The value of `car`.
        model: The value of `modelStatus`.
        single_phase: Whether the contactor is set to one phase.
        charged_s: How long the car has been charging, in s of the real clock.
    """

    def __init__(self, settings: Settings, meter: Meter, *, rated_current: int, adapter_counts: bool) -> None:
        self._settings = settings
        self._adapter_counts = adapter_counts
        self._rated_current = rated_current
        self._pause_left_s = 0.0
        self._switch_left_s = 0.0
        self._has_charged = False
        self.meter = meter
        self.car: PluggedCar | None = None
        self.error: int | None = 0
        self.transaction: int | None = None
        self.held: int | None = None
        self.surplus: Json | None = None
        self.state = CarState.IDLE
        self.model = int(Reason.DEFAULT)
        self.single_phase = False
        self.charged_s = 0.0

    @property
    def allowed(self) -> bool:
        """The value of `alw`."""
        return self.model in CHARGING_REASONS

    @property
    def busy(self) -> bool:
        """Whether anything can change while time passes."""
        waits_or_charges = self.allowed and self.car is not None and self.car.wants_energy
        return waits_or_charges or self._switch_left_s > 0 or self.meter.current > 0 or self.meter.average_w > 1

    @property
    def phases(self) -> int:
        """How many phases the present car would use."""
        return min(self.car.phases if self.car else PHASES, 1 if self.single_phase else PHASES)

    def limits(self) -> dict[str, int]:
        """Everything that limits the current, in A, by the names of `cll`."""
        settings = self._settings
        limits = {
            "currentLimitMax": min(settings.whole("ama"), self._rated_current),
            "requestedCurrent": settings.whole("amp"),
            "temperatureCurrentLimit": settings.whole("amt"),
            "unsymetryCurrentLimit": 32,
        }
        if self.car is not None:
            limits["cableCurrentLimit"] = self.car.cable_current
        if settings.flag("adi") and self._adapter_counts:
            limits["adapterCurrentLimit"] = 16
        if (temporary := settings.number_or_none("tcl")) is not None:
            limits["temporaryCurrentLimit"] = int(temporary)
        return limits

    def offered(self) -> int | None:
        """The value of `acu`: what the car may draw now in A per phase, None while it may not charge."""
        if not self.allowed:
            return None
        most = min(self.limits().values())
        if self.model == Reason.SOLAR_SURPLUS:
            affordable = int((self.surplus_w() or 0) / (MAINS_V * self.phases))
            return min(most, max(self._settings.whole("mca"), affordable))
        return most

    def surplus_w(self) -> float | None:
        """Solar power to spare in W: what goes to the grid and into the house battery."""
        if self.surplus is None:
            return None
        parts = (self.surplus.get("pGrid"), self.surplus.get("pAkku"))
        return -sum(part for part in parts if isinstance(part, int | float))

    def plug(self, car: PluggedCar) -> None:
        """Begin a session."""
        self.car = car
        self.meter.session_wh = 0.0
        self.charged_s = 0.0
        self._has_charged = False
        self._pause_left_s = HANDSHAKE_S
        if self._settings.whole("acs") == 0 and self.transaction is None:
            self.transaction = 0

    def unplug(self) -> None:
        """End a session; its energy stays to be read."""
        self.car = None
        self.transaction = None
        self.meter.current = 0.0

    def interrupt(self) -> None:
        """Open the contactor for a moment."""
        self.meter.current = 0.0
        self._pause_left_s = HANDSHAKE_S

    def step(self, real_s: float, seconds: float) -> float:
        """Let time pass and return the Wh that flowed; 0 s only takes notice of what has changed.

        Args:
            real_s: On the clock.
            seconds: For the car, which may live faster.
        """
        self._pause_left_s = max(0.0, self._pause_left_s - seconds)
        self._switch_left_s = max(0.0, self._switch_left_s - seconds)
        self._watch_phases()
        self._decide()
        car, aim = self.car, 0.0
        if car is not None and self._pause_left_s <= 0:
            aim = car.current(self.offered())
        flowed = self.meter.run(seconds, aim=aim, phases=self.phases, room_wh=car.room_wh if car else 0.0)
        if car is not None:
            car.room_wh -= flowed
        if aim > 0:
            self._has_charged = True
            self.charged_s += real_s
        self.state = self._car_state(charging=aim > 0)
        return flowed

    def _decide(self) -> None:
        before = self.allowed
        situation = Situation(
            settings=self._settings,
            error=self.error,
            transaction=self.transaction,
            session_wh=self.meter.session_wh,
            switching_phases=self._switch_left_s > 0,
            surplus_w=self.surplus_w(),
        )
        self.model = self.held if self.held is not None else model_status(situation)
        if self.allowed and not before:
            self._pause_left_s = HANDSHAKE_S

    def _watch_phases(self) -> None:
        if self._wants_single_phase != self.single_phase:
            self.single_phase = not self.single_phase
            if self.meter.current > 0:
                self._switch_left_s = PHASE_SWITCH_S

    @property
    def _wants_single_phase(self) -> bool:
        mode, surplus = self._settings.whole("psm"), self.surplus_w()
        if mode == 0 and self._settings.whole("lmo") == MODE_ECO:
            return self.single_phase if surplus is None else surplus < self._settings.number("spl3")
        return mode == 1

    def _car_state(self, *, charging: bool) -> CarState:
        if self.error != 0:
            return CarState.ERROR
        if self.car is None:
            return CarState.IDLE
        if charging:
            return CarState.CHARGING
        over = self._has_charged or self.car.room_wh <= 0
        return CarState.COMPLETE if over and self.model != Reason.ACCESS_CONTROL else CarState.WAITING
