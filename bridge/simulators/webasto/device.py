"""A pretend Webasto: pure state and a clock, without any input or output.

It moves only when it is asked: every call first catches up with the clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bridge.simulators.car import CarInFront, PluggedCar
from bridge.simulators.meter import PHASES
from bridge.simulators.pace import steps
from bridge.simulators.webasto.charging import Charging, Rules
from bridge.simulators.webasto.fields import Field
from bridge.simulators.webasto.fields_next import SECTIONS_BUT_SYSTEM
from bridge.simulators.webasto.fields_system import SYSTEM
from bridge.simulators.webasto.fields_unite import DELAY, FREE, LIMIT, PHASE, UNITE
from bridge.simulators.webasto.login import Login
from bridge.simulators.webasto.manners import Manners
from bridge.simulators.webasto.states import OcppState, state_named
from bridge.simulators.webasto.times import Times
from bridge.simulators.wire import Json, JsonValue

Model: TypeAlias = Literal["next", "unite"]

MOST_UPLOADS = 16
MOST_ERRORS = 32
SEED = 110_064


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came; of its content only the digest is kept."""

    key: str
    filename: str
    size: int
    sha256: str


class WebastoDevice(CarInFront):
    """One charger, with or without a car.

    Attributes:
        model: What it is.
        manners: What can be so or so.
        times: The clocks.
        login: Who is let in.
        charging: Car, contactor and meter.
        settings: What is set, by the field's key; `free-charging-alais` in this spelling whatever the manners say.
        sections: The fields of a Next by section, also for those that a test adds.
        forced: Values that fields and dashboard entries show in place of their own, by key.
        errors: The active ones.
        error_count: How many there have ever been.
        uploads: The last files.
        restarts: How often it has restarted, by a person's order.
        resets: How often it went back to its factory settings.
    """

    def __init__(self, model: Model, login: Login, manners: Manners, times: Times) -> None:
        self.model: Model = model
        self.manners = manners
        self.times = times
        self.login = login
        self.sections: dict[str, list[Field]] = {key: list(each) for key, each in SECTIONS_BUT_SYSTEM.items()}
        self.sections["system"] = list(SYSTEM)
        self.settings: Json = self._factory_settings()
        self.forced: Json = {}
        self.errors: deque[Json] = deque(maxlen=MOST_ERRORS)
        self.error_count = 3
        self.uploads: deque[Upload] = deque(maxlen=MOST_UPLOADS)
        self.restarts = 0
        self.resets = 0
        self.charging: Charging = Charging(self._rules(), seed=SEED)
        self._at = times.clock()
        self._back_at = self._at
        self._boot_at = self._at

    # What its interface sees and does

    @property
    def away(self) -> bool:
        """Whether it is restarting and does not answer."""
        return self.times.clock() < self._back_at

    @property
    def uptime_s(self) -> float:
        """Since its last full restart, 0 while that goes on."""
        return max(0.0, self.times.clock() - self._boot_at)

    def field(self, key: str) -> Field | None:
        """A field of a Next by its key as it is stored."""
        return next((field for fields in self.sections.values() for field in fields if field.key == key), None)

    def set(self, values: Mapping[str, JsonValue]) -> None:
        """Set values that have been checked."""
        self.advance()
        self.settings.update(values)
        self.charging.rules = self._rules()
        self._notice()

    def start(self) -> None:
        """Begin a session if there is a car."""
        self._do(self.charging.order_start)

    def stop(self) -> None:
        """End the session."""
        self._do(self.charging.order_stop)

    def skip_delay(self) -> None:
        """End a random delay."""
        self.advance()
        self.charging.delay_left_s = 0.0
        self._notice()

    def restart(self, *, soft: bool = False) -> None:
        """Go away for a while; the token is worth nothing afterwards, which is a guess. Settings and session stay."""
        self.advance()
        away_s = (self.times.soft_away_s if soft else self.times.away_s) / self.times.speed
        self._back_at = self._at + away_s
        if not soft:
            self._boot_at = self._back_at
        self.restarts += 1
        self.login.expire()
        self.charging.interrupt(away_s * self.times.speed)
        self._notice()

    def factory_reset(self) -> None:
        """Forget all settings and restart. That the password stays is a guess."""
        self.advance()
        self.resets += 1
        self.settings = self._factory_settings()
        self.charging.rules = self._rules()
        self.restart()

    # What happens in front of it

    def plug(self, *, capacity_kwh: float = 20.0, max_current: float = 16.0, phases: int = PHASES) -> None:
        """Connect a car that takes `capacity_kwh`; a car that is there already leaves first."""
        self.unplug()
        wh = capacity_kwh * 1_000
        car = PluggedCar(capacity_wh=wh, room_wh=wh, max_current=max_current, phases=phases, cable_current=32)
        self._do(lambda: self.charging.plug(car))

    def unplug(self) -> None:
        """Disconnect the car, which ends the session."""
        self.advance()
        if self.charging.car is not None:
            self.charging.unplug()
            self._notice()

    def allow(self, amps: float | None) -> None:
        """Let a load management allow so much per phase; None without one."""
        self.advance()
        self.charging.allowed_a = amps
        self._notice()

    # What tests force upon it

    def hold(self, state: OcppState | str | None) -> None:
        """Force a state, with everything that follows from it; None decides normally.

        Raises:
            ValueError: There is no state of that name.
        """
        held = None if state is None else state_named(state)
        self.advance()
        self.charging.held = held
        self._notice()

    def set_error(self, code: str = "ConnectorLockFailure", description: str = "Lock mechanism failed") -> None:
        """Report an error, which stops charging, until `clear_errors`."""
        self.advance()
        self.errors.append({"errorCode": code, "errorDescription": description, "timestamp": self.times.stamp()})
        self.error_count += 1
        self.charging.faulted = True
        self._notice()

    def clear_errors(self) -> None:
        """Report none any more."""
        self.advance()
        self.errors.clear()
        self.charging.faulted = False
        self._notice()

    def release(self) -> None:
        """Force nothing any more."""
        self.forced.clear()
        self.clear_errors()
        self.hold(None)

    def add_field(self, section: str, field: Field) -> None:
        """Let a Next have a field that no document knows, as newer firmware has."""
        self.sections[section].append(field)
        self.settings[field.key] = field.value

    # Time

    def advance(self) -> None:
        """Catch up with the clock."""
        real_s = max(0.0, self.times.clock() - self._at)
        pieces = steps(real_s * self.times.speed) if self.charging.car is not None else 1
        for _ in range(pieces):
            self._at += real_s / pieces
            self._step(real_s / pieces)

    def _do(self, what: Callable[[], None]) -> None:
        self.advance()
        what()
        self._notice()

    def _notice(self) -> None:
        """Let something that happened this moment show at once."""
        self._step(0.0)

    def _step(self, real_s: float) -> None:
        self.charging.step(real_s, real_s * self.times.speed)

    def _factory_settings(self) -> Json:
        if self.model == "unite":
            return {field.key: field.value for field in UNITE}
        return {field.key: field.value for fields in self.sections.values() for field in fields}

    def _rules(self) -> Rules:
        def number(key: str) -> float:
            value = self.settings[key]
            return value if isinstance(value, int | float) else 0.0

        if self.model == "unite":
            phases = PHASES if self.settings[PHASE] == 1 else 1
            return Rules(free=self.settings[FREE] == "TRUE", limit=number(LIMIT), delay_s=number(DELAY), phases=phases)
        return Rules(
            free=self.settings["free-charging"] is True,
            limit=number("operator-current-limit"),
            delay_s=number("randomised-delay-range"),
            phases=int(number("phases-connected-to-charge-point")),
        )
