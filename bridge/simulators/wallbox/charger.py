"""A charger of the pretend Wallbox cloud: pure state and a clock, without any input or output.

It moves only when it is asked: every call first catches up with the clock. So hundreds of them cost nothing while
nobody looks.
"""

from __future__ import annotations

from bridge.simulators.agenda import Agenda
from bridge.simulators.car import CarInFront, PluggedCar
from bridge.simulators.meter import PHASES
from bridge.simulators.pace import steps
from bridge.simulators.wallbox.actions import Action
from bridge.simulators.wallbox.charging import Charging, Order
from bridge.simulators.wallbox.config import Config
from bridge.simulators.wallbox.models import MODELS
from bridge.simulators.wallbox.report import Report, report_of
from bridge.simulators.wallbox.schedules import Schedules
from bridge.simulators.wallbox.sessions import Sessions, finished, past_sessions
from bridge.simulators.wallbox.specs import ChargerSpec
from bridge.simulators.wallbox.statuses import FLOWING, StatusId, status_number
from bridge.simulators.wallbox.times import Times
from bridge.simulators.wire import Json, JsonValue


class Charger(CarInFront):
    """One charger, with or without a car.

    Attributes:
        spec: How it was delivered.
        model: What it is.
        config: What is set, as far as it shows already.
        charging: Car, contactor and meters.
        schedules: Those that show already.
        sessions: The finished ones, oldest first.
        report: What it last told the cloud.
        offline: Whether it has lost the cloud, which then says so; see `go_offline`.
        stuck: Whether the cloud keeps an old report without saying so.
        summary_lags: Whether the list of all chargers shows no power while energy flows, as it has been recorded.
        pending: Settings that were accepted and do not show yet.
        forced: Values that the detailed status shows in place of its own, by their names there.
    """

    def __init__(self, spec: ChargerSpec, times: Times, owner_uid: str) -> None:
        self.spec = spec
        self.model = MODELS[spec.model]
        self.times = times
        self.config = Config(spec)
        self.charging: Charging = Charging(self.model, self.config, seed=spec.id)
        self.schedules = Schedules(user_uid=owner_uid)
        self.sessions: Sessions = past_sessions(spec.past_sessions, times.since_1970(), spec.energy_price)
        self.offline = False
        self.stuck = False
        self.summary_lags = False
        self.pending: Json = {}
        self.forced: Json = {}
        self._at = times.clock()
        self._plugged_at: float | None = None
        self._unplugged_at: float | None = None
        self._agenda = Agenda()
        self.report = self._present()
        self._notice()
        self._report()

    # What the cloud sees and does

    @property
    def away(self) -> bool:
        """Whether it is restarting and cannot be reached just now."""
        return self.charging.stopped == StatusId.DISCONNECTED

    @property
    def status(self) -> int:
        """The number that the cloud shows."""
        return StatusId.DISCONNECTED if self.offline or self.away else self.report.status

    def write(self, name: str, value: JsonValue) -> None:
        """Set something, or do something (`action`); it shows and has its effect `settle_s` later."""
        self.advance()
        self._agenda.add_write(self._at + self.times.settle_s, name, value)
        if name in self.config:
            self.pending[name] = value

    # What happens in front of it

    def plug(self, *, capacity_kwh: float = 20.0, max_current: float = 16.0, phases: int = PHASES) -> None:
        """Connect a car that takes `capacity_kwh`; a car that is there already leaves first."""
        self.unplug()
        wh = capacity_kwh * 1_000
        car = PluggedCar(capacity_wh=wh, room_wh=wh, max_current=max_current, phases=phases, cable_current=32)
        self.charging.plug(car)
        self._plugged_at, self._unplugged_at = self._at, None
        self._notice()
        self._report()

    def unplug(self) -> None:
        """Disconnect the car, which ends the session."""
        self.advance()
        if self.charging.car is None:
            return
        present = self._present()
        self.charging.unplug()
        self._unplugged_at = self._at
        if present.energy_wh or present.discharged_wh:
            number = self.sessions[-1].number + 1 if self.sessions else 1
            self.sessions.append(finished(present, number, self.config.number("energy_price")))
        self._notice()

    def surroundings(self, *, solar_a: float = 0.0, house_a: float = 0.0) -> None:
        """Say what sun and house do: power to spare and power drawn, both in A per phase."""
        self.advance()
        self.charging.solar_a, self.charging.house_a = solar_a, house_a
        self._notice()

    def go_offline(self, *, offline: bool = True) -> None:
        """Lose the cloud, or find it again: it charges on, and the cloud knows nothing of it."""
        self.advance()
        self.offline = offline
        if not offline:
            self._report()

    # What tests force upon it

    def hold(self, status: StatusId | int | str | None) -> None:
        """Force a status by its name or number, with everything that follows from it; None decides normally.

        Raises:
            ValueError: There is no status of that name.
        """
        number = status_number(status)
        self.advance()
        self.charging.held = number
        self._notice()

    def set_ocpp(self, *, ocpp: bool) -> None:
        """Let another system than the vendor's control it, or not."""
        self.advance()
        self.config["operation_mode"] = "ocpp" if ocpp else "wallbox"

    # Time

    def advance(self) -> None:
        """Catch up with the clock."""
        now = self.times.clock()
        while (due := self._agenda.next_due()) <= now:
            self._run_until(due)
            for name, value in self._agenda.due_writes(self._at):
                self._carry_out(name, value)
            for name in self._agenda.lapsed(self._at):
                self._go_on(name, now)
        self._run_until(now)
        if self.times.live_refresh_s <= 0:
            self._report()

    def _carry_out(self, name: str, value: JsonValue) -> None:
        if name == "action":
            self._act(value)
        elif name == "schedules" and isinstance(value, list):
            entries = [entry for entry in value if isinstance(entry, dict)]
            self.schedules = self.schedules.after(entries, self.times.since_1970(self._at))
        else:
            self.config[name] = value
            if self.pending.get(name) == value:
                del self.pending[name]
        self._notice()
        self._report()

    def _act(self, action: JsonValue) -> None:
        charging, speed = self.charging, self.times.speed
        if action in {Action.RESTART, Action.FACTORY_RESET}:
            charging.stopped = StatusId.READY
            self._agenda.renew("leave", self._at + self.times.restart_s[0] / speed)
        if action == Action.RESUME:
            charging.order = Order.RESUME
        elif action == Action.PAUSE:
            charging.order = Order.PAUSE
        elif action == Action.RESUME_SCHEDULE:
            charging.order = Order.NONE
        elif action == Action.FACTORY_RESET:
            self.config.reset()
            self.schedules = Schedules(user_uid=self.schedules.user_uid)
        elif action == Action.UPDATE and self.config.version != self.config.latest_version:
            charging.stopped = StatusId.UPDATING
            self._agenda.renew("updated", self._at + self.times.update_s / speed)

    def _go_on(self, name: str, now: float) -> None:
        """Do what was to happen at this time."""
        if name == "leave":
            self.charging.stopped = StatusId.DISCONNECTED
            self._agenda.renew("return", self._at + self.times.restart_s[1] / self.times.speed)
        elif name in {"return", "updated"}:
            self.charging.stopped = None
            if name == "updated":
                self.config.version = self.config.latest_version
        self._notice()
        self._report(looked_at=now)

    def _run_until(self, moment: float) -> None:
        real_s = max(0.0, moment - self._at)
        pieces = steps(real_s * self.times.speed) if self.charging.car is not None else 1
        for _ in range(pieces):
            self._at += real_s / pieces
            self._step(real_s / pieces)
        self._at = max(self._at, moment)

    def _notice(self) -> None:
        """Let something that happened this moment show at once."""
        self._step(0.0)

    def _step(self, real_s: float) -> None:
        before = self.charging.status
        in_window = self.schedules.in_window(self.times.since_1970(self._at))
        self.charging.step(real_s, real_s * self.times.speed, in_window=in_window)
        if self.charging.status != before:
            self._report()

    def _report(self, looked_at: float | None = None) -> None:
        """Tell the cloud, unless that is not possible, and plan the next report.

        Args:
            looked_at: When somebody looks next, if that is known: reports that nobody can see are left out.
        """
        if not (self.offline or self.stuck or self.away):
            self.report = self._present()
        times = self.times
        every = (times.live_refresh_s if self.charging.status in FLOWING else times.idle_refresh_s) / times.speed
        if every > 0:
            skipped = 0.0 if looked_at is None else (looked_at - self._at) // every
            self._agenda.renew("report", self._at + max(1.0, skipped) * every)

    def _present(self) -> Report:
        plugged_s = 0.0 if self._plugged_at is None else (self._unplugged_at or self._at) - self._plugged_at
        started_at = 0.0 if self._plugged_at is None else self.times.since_1970(self._plugged_at)
        return report_of(self.charging, at=self.times.since_1970(self._at), plugged_s=plugged_s, started_at=started_at)
