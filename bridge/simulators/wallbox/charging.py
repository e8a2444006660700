"""Car, contactor and meters of a pretend Wallbox: all that goes on by itself while time passes."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from bridge.simulators.car import LEAST_OFFER_A, PluggedCar
from bridge.simulators.meter import Meter
from bridge.simulators.wallbox.config import Config
from bridge.simulators.wallbox.models import Model
from bridge.simulators.wallbox.statuses import CHARGING, StatusId

HANDSHAKE_S = 2.0  # from permission until the car closes its switch
LEAST_BATTERY_WH = 40_000.0  # of a car that can be discharged
EMPTY = 0.2  # of its battery: it gives nothing below that
FULL_SOLAR = 1  # the mode of eco-smart that takes no power from the grid


class Order(Enum):
    """What a person told the charger last."""

    NONE = "nothing: schedules and eco-smart decide"
    PAUSE = "pause"
    RESUME = "charge, whatever schedules and eco-smart say"


class Charging:
    """The state machine.

    Attributes:
        car: None while nothing is plugged in.
        meter: What went into the car.
        back: What came out of it.
        order: What a person told the charger in this session.
        held: A status forced from outside, None to decide normally.
        stopped: The status of a charger that is busy with itself, None while it is not.
        solar_a: Solar power to spare, in A per phase.
        house_a: What the rest of the house draws, in A per phase.
        status: What the charger does.
        green_wh: The part of the energy into the car that came from the sun.
        charged_s: How long energy flowed into the car, in s of the real clock.
        discharged_s: How long it flowed back.
    """

    def __init__(self, model: Model, config: Config, seed: int) -> None:
        self._model = model
        self._config = config
        self._pause_left_s = 0.0
        self._has_charged = False
        self.car: PluggedCar | None = None
        self.meter = Meter(seed=seed)
        self.back = Meter(seed=seed)
        self.order = Order.NONE
        self.held: int | None = None
        self.stopped: int | None = None
        self.solar_a = 0.0
        self.house_a = 0.0
        self.status = int(StatusId.READY)
        self.green_wh = 0.0
        self.charged_s = 0.0
        self.discharged_s = 0.0

    @property
    def phases(self) -> int:
        """How many phases the present car would use."""
        return min(self._model.phases, self.car.phases if self.car else self._model.phases)

    @property
    def limit(self) -> int:
        """The current that is set, in A; negative for discharging."""
        return self._config.whole("max_charging_current")

    @property
    def is_locked(self) -> bool:
        """Whether nobody may charge."""
        return self._config.flag("locked")

    @property
    def battery_wh(self) -> float:
        """The size of the car's battery, 0 without a car."""
        return max(LEAST_BATTERY_WH, self.car.capacity_wh) if self.car else 0.0

    @property
    def charge_level(self) -> float | None:
        """How full the car's battery is, from 0 to 1; None unless the charger can tell."""
        if self.car is None or not self._model.bidirectional:
            return None
        return 1 - self.car.room_wh / self.battery_wh

    @property
    def house_room_a(self) -> float:
        """What power boost leaves for the car, in A."""
        most = abs(self._config.whole("icp_max_current"))
        return most - self.house_a if self._config.flag("home_sharing") and most else float("inf")

    @property
    def full_solar(self) -> bool:
        """Whether the charger waits for the sun."""
        eco = self._config.eco_smart
        return eco is not None and eco.enabled and eco.mode == FULL_SOLAR and self.order != Order.RESUME

    def offered(self) -> float:
        """What the car may draw, in A per phase."""
        most = min(self.limit, self._config.whole("max_available_current"), self.house_room_a)
        eco = self._config.eco_smart
        if eco is not None and eco.enabled and self.order != Order.RESUME:
            return min(most, max(LEAST_OFFER_A, self.solar_a))
        return most

    def plug(self, car: PluggedCar) -> None:
        """Begin a session."""
        self.car = car
        self.meter.session_wh = self.back.session_wh = self.green_wh = 0.0
        self.charged_s = self.discharged_s = 0.0
        self.order = Order.NONE
        self._has_charged = False
        self._pause_left_s = HANDSHAKE_S

    def unplug(self) -> None:
        """End a session; its energy stays to be read."""
        self.car = None
        self.order = Order.NONE

    def step(self, real_s: float, seconds: float, *, in_window: bool | None) -> None:
        """Let time pass; 0 s only takes notice of what has changed.

        Args:
            real_s: On the clock.
            seconds: For the car, which may live faster.
            in_window: Whether a schedule wants the car to charge now, None without schedules.
        """
        self._pause_left_s = max(0.0, self._pause_left_s - seconds)
        before = self.status
        status = self._permitted(in_window=in_window)
        if status == StatusId.CHARGING and before not in CHARGING and before not in _HANDSHAKING:
            self._pause_left_s = HANDSHAKE_S
        into, out = self._aims(status)
        self._flow(real_s, seconds, into=into, out=out)
        self.status = status if self.held is not None else self._with_car(status, flows=into > 0 or out > 0)

    def _permitted(self, *, in_window: bool | None) -> int:
        """What the charger would do with a willing car."""
        if self.held is not None:
            return self.held
        if self.stopped is not None:
            return self.stopped
        waits = in_window is False and self.order != Order.RESUME
        rule = next((status for status, holds in _RULES if holds(self)), None)
        if rule is None and waits:
            return StatusId.SCHEDULED_AGAIN if self._has_charged else StatusId.SCHEDULED
        if rule is None and self.full_solar and self.solar_a < LEAST_OFFER_A:
            return StatusId.QUEUE_ECO_SMART
        if rule is None and self.limit < 0:
            return StatusId.DISCHARGING
        if rule is None and self.house_room_a < LEAST_OFFER_A:
            return StatusId.QUEUE_POWER_BOOST
        return StatusId.CHARGING if rule is None else rule

    def _with_car(self, status: int, *, flows: bool) -> int:
        if flows or status not in {StatusId.CHARGING, StatusId.DISCHARGING} or self.car is None:
            return status
        over = self._has_charged or self.car.room_wh <= 0
        return StatusId.WAITING_FOR_CAR_AGAIN if over else StatusId.WAITING_FOR_CAR

    def _aims(self, status: int) -> tuple[float, float]:
        """The currents into the car and out of it that are aimed for, in A per phase."""
        car = self.car
        if car is None or self._pause_left_s > 0:
            return 0.0, 0.0
        if status in CHARGING:
            return car.current(self.offered()), 0.0
        if status == StatusId.DISCHARGING and self._model.bidirectional and self._left_wh > 0:
            return 0.0, float(abs(self.limit))
        return 0.0, 0.0

    @property
    def _left_wh(self) -> float:
        """What the car can still give."""
        return 0.0 if self.car is None else self.battery_wh * (1 - EMPTY) - self.car.room_wh

    def _flow(self, real_s: float, seconds: float, *, into: float, out: float) -> None:
        car = self.car
        flowed = self.meter.run(seconds, aim=into, phases=self.phases, room_wh=car.room_wh if car else 0.0)
        returned = self.back.run(seconds, aim=out, phases=self.phases, room_wh=self._left_wh)
        if car is not None:
            car.room_wh += returned - flowed
        self.green_wh += flowed * min(1.0, self.solar_a / self.meter.current if self.meter.current else 0.0)
        if into > 0:
            self._has_charged = True
            self.charged_s += real_s
        if out > 0:
            self._has_charged = True
            self.discharged_s += real_s


_HANDSHAKING = frozenset({StatusId.WAITING_FOR_CAR, StatusId.WAITING_FOR_CAR_AGAIN})

# What comes before schedules and eco-smart; the first that holds counts. That locking stops a car and that a current
# below 6 A pauses it are guesses; a local client has seen the latter.
_RULES: tuple[tuple[StatusId, Callable[[Charging], bool]], ...] = (
    (StatusId.LOCKED, lambda now: now.is_locked and now.car is None),
    (StatusId.LOCKED_CAR, lambda now: now.is_locked),
    (StatusId.READY, lambda now: now.car is None),
    (StatusId.PAUSED_BY_USER, lambda now: now.order == Order.PAUSE),
    (StatusId.PAUSED, lambda now: abs(now.limit) < LEAST_OFFER_A),
)
