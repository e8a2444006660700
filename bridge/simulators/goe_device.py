"""The pretend go-e charger itself: pure state and a clock, without any input or output.

It moves only when it is asked: every call first catches up with the clock. So hundreds of them cost nothing while
nobody looks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bridge.simulators.agenda import Agenda
from bridge.simulators.car import CarInFront, PluggedCar
from bridge.simulators.goe_charging import Charging
from bridge.simulators.goe_family import FAMILIES, Family, FamilyName
from bridge.simulators.goe_objects import CARDS, empty_card
from bridge.simulators.goe_reading import readings
from bridge.simulators.goe_settings import Settings
from bridge.simulators.goe_stamps import moment_of, new_stamps, no_stamps
from bridge.simulators.goe_writes import carry_out, checked_value
from bridge.simulators.meter import PHASES, Meter
from bridge.simulators.pace import steps
from bridge.simulators.wire import Json

SOLAR_LASTS_S = 10.0
TEMPORARY_LIMIT_LASTS_S = 600.0
UNUSED_TRANSACTION_LASTS_S = 60.0
FULL_POWER_A = {11: 16, 22: 32}  # by `var`


@dataclass(kw_only=True, eq=False)
class GoeDevice(CarInFront):
    """One charger, with or without a car.

    Attributes:
        family: Which firmware: `055` (V3 and V4 hardware), `051` (as in the first document) or `60` (CORE and PRO).
        serial: Six digits.
        variant: 11 or 22, in kW.
        clock: Gives monotonic seconds.
        wall_clock: Gives seconds since 1970, for the charger's own date and time alone.
        speed: How much faster than the clock cars charge and the contactor works. What the charger itself counts on the
            clock (its uptime, its time stamps, when a write is seen, how long a limit lasts) is not faster.
        seed: Two chargers with one seed have the same noise in their readings.
        visible_after_s: From the acceptance of a write until the charging logic and the status have it.
        reboot_s: How long it is away after a reboot.
    """

    family: FamilyName = "055"
    serial: str = "123456"
    variant: int = 22
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    speed: float = 1.0
    seed: int = 1
    visible_after_s: float = 1.0
    reboot_s: float = 2.0

    rules: Family = field(init=False)
    settings: Settings = field(init=False)
    charging: Charging = field(init=False)
    cards: list[Json] = field(init=False)
    forced: Json = field(init=False, default_factory=dict)
    stamps: Json = field(init=False, default_factory=no_stamps)
    reboots: int = field(init=False, default=7)
    events: list[Callable[[], None]] = field(init=False, default_factory=list)  # called when something happens to it

    def __post_init__(self) -> None:
        """Start without a car, as if it had been switched on this moment."""
        self.rules = FAMILIES[self.family]
        self.settings = Settings(self.rules.keys)
        self.charging = Charging(
            self.settings,
            Meter(seed=self.seed, total_wh=1_234_567.0),
            rated_current=FULL_POWER_A[self.variant],
            adapter_counts=not self.rules.adapter_always,
        )
        self.cards = [empty_card() for _ in range(CARDS)]
        self._at = self._boot_at = self.clock()
        self._agenda = Agenda()

    # What users of the interface see

    @property
    def away(self) -> bool:
        """Whether it is rebooting and cannot be reached."""
        return self.clock() < self._boot_at

    @property
    def uptime_s(self) -> float:
        """Seconds since boot, up to which everything has been computed."""
        return max(0.0, self._at - self._boot_at)

    @property
    def uptime_ms(self) -> int:
        """The value of `rbt`."""
        return round(self.uptime_s * 1_000)

    def status(self, names: Iterable[str] | None = None) -> Json:
        """The named keys, or all that can be read; names that this charger does not know are left out."""
        self.advance()
        every = {**self.settings.all(), **readings(self), **self.forced}
        wanted = self.rules.keys if names is None else names
        return {name: every[name] for name in wanted if name in self.rules.keys and self.rules.keys[name].readable}

    def write(self, name: str, raw: str) -> None:
        """Take one value in the form of a JSON literal; it shows in the status `visible_after_s` later.

        Raises:
            WriteRefusedError: With the text that the charger answers.
        """
        self.advance()
        value = checked_value(self.rules, name, raw)
        if name == "rst":
            # `true` works everywhere, 1 has been reported to work (go-eCharger-API-v2 issues 165 and 315).
            if value in (True, 1):
                self.reboot()
            return
        self._agenda.add_write(self._at + self.visible_after_s, name, value)

    # What happens in front of it

    def plug(
        self, *, capacity_kwh: float = 20.0, max_current: float = 16.0, phases: int = PHASES, cable_current: int = 32
    ) -> None:
        """Connect a car that takes `capacity_kwh`; a car that is there already leaves first."""
        self.unplug()
        wh = capacity_kwh * 1_000
        self._agenda.keep("trx")
        self.charging.plug(
            PluggedCar(capacity_wh=wh, room_wh=wh, max_current=max_current, phases=phases, cable_current=cable_current)
        )
        self._notice()

    def unplug(self) -> None:
        """Disconnect the car; this also ends `frc`."""
        self.advance()
        if self.charging.car is not None:
            self.charging.unplug()
            self.settings["frc"] = 0
            self._notice()

    def swipe_card(self, index: int) -> None:
        """Hold a card in front of the reader: a transaction for it begins."""
        self.advance()
        self.charging.transaction = index + 1
        self.settings["lrc"], self.settings["lrr"] = index, self.uptime_ms
        if self.settings.flag("rde"):
            self.settings["lri"] = self.settings["tsi"] = f"04a1b2c3d4e5{index:02}"
        self.expect_car()
        self._notice()

    # What tests force upon it

    def hold(self, model_status: int | None) -> None:
        """Force a reason for charging or not charging, with everything that follows from it; None decides normally."""
        self.advance()
        self.charging.held = model_status
        self._notice()

    def car_state(self, value: int | None) -> None:
        """Report this as `car`, whatever happens (None: null), until `release`."""
        self.forced["car"] = value

    def set_error(self, code: int | None) -> None:
        """Report an error, which stops charging; 0 ends it, None stands for null."""
        self.advance()
        self.charging.error = code
        self._notice()

    def release(self) -> None:
        """Force nothing any more."""
        self.forced.clear()
        self.set_error(0)
        self.hold(None)

    def forget_session_energy(self) -> None:
        """Set `wh` back in the middle of a session, as some firmware does at times (go-eCharger-API-v2 issue 198)."""
        self.advance()
        self.charging.meter.session_wh = 0.0

    def reboot(self) -> None:
        """Restart: settings and the session's energy stay, writes that are not visible yet are lost."""
        self.advance()
        self._boot_at = self._at + self.reboot_s
        self.reboots += 1
        self._agenda.clear()
        self.settings["tcl"] = self.charging.surplus = None
        self.charging.interrupt()
        self.stamps = no_stamps()

    # Time

    def advance(self) -> None:
        """Catch up with the clock."""
        now = self.clock()
        while (due := self._agenda.next_due()) <= now:
            self._run_until(due)
            self._take_due()
            self._notice()
        self._run_until(now)

    def expect_solar_reading(self) -> None:
        """Forget the solar reading unless another one comes in time."""
        self._agenda.renew("ids", self._at + SOLAR_LASTS_S)

    def expect_temporary_limit(self) -> None:
        """Drop `tcl` unless it is written again in time."""
        self._agenda.renew("tcl", self._at + TEMPORARY_LIMIT_LASTS_S)

    def expect_car(self) -> None:
        """End a transaction unless a car comes in time."""
        if self.charging.car is None:
            self._agenda.renew("trx", self._at + UNUSED_TRANSACTION_LASTS_S)

    def _take_due(self) -> None:
        for name, value in self._agenda.due_writes(self._at):
            carry_out(self, name, value)
        for name in self._agenda.lapsed(self._at):
            if name == "ids":
                self.charging.surplus = None
            elif name == "tcl":
                self.settings["tcl"] = None
            else:
                self.charging.transaction = None

    def _run_until(self, moment: float) -> None:
        real_s = max(0.0, moment - self._at)
        pieces = steps(real_s * self.speed) if self.charging.busy else 1
        for _ in range(pieces):
            self._at += real_s / pieces
            self._step(real_s / pieces)
        self._at = max(self._at, moment)

    def _notice(self) -> None:
        """Let something that happened this moment show at once."""
        self._step(0.0)
        for tell in self.events:
            tell()

    def _step(self, real_s: float) -> None:
        charging = self.charging
        before = moment_of(charging)
        flowed = charging.step(real_s, real_s * self.speed)
        self.stamps |= new_stamps(before, moment_of(charging), self.uptime_ms)
        if charging.transaction:
            card = self.cards[charging.transaction - 1]
            energy = card["energy"]
            card["energy"] = flowed + (energy if isinstance(energy, int | float) else 0)
