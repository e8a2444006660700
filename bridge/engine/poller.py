"""One charger's life: reading it at its pace, carrying out commands, and saying what changed.

One task per charger does everything in turn, so that a charger never gets two requests at once.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import structlog

from bridge.charger.binding import read_all
from bridge.charger.contract import Charger, ChargerSettings
from bridge.charger.document import Document
from bridge.charger.session import SessionTracker
from bridge.charger.snapshot import complete
from bridge.engine.abilities import REFRESH, Abilities
from bridge.engine.checks import Known
from bridge.engine.commands import Command, CommandLimits, Commands
from bridge.engine.intake import Received
from bridge.engine.outlet import Outlet
from bridge.engine.pace import Intervals
from bridge.engine.results import Result
from bridge.engine.view import ChargerView, LastError
from bridge.errors import BadAnswerError, BridgeError, ChargerError, Code, CommandRejectedError

log = structlog.get_logger()

SECONDS_TO_JUDGE_AT_STOP = 5.0


class Poller:
    """Drives one charger. `run` returns after `stop` was called and what was sent has been judged."""

    def __init__(
        self,
        charger_id: str,
        settings: ChargerSettings,
        charger: Charger,
        outlet: Outlet,
        limits: CommandLimits,
        *,
        start_after_s: float = 0.0,
    ) -> None:
        """Prepare; nothing is read before `run`. `start_after_s` spreads many chargers at the start."""
        self.view = ChargerView(id=charger_id, name=settings.name, vendor=settings.vendor, pace=charger.pace)
        self._charger = charger
        self._outlet = outlet
        self._intervals = Intervals.of(settings, charger.pace)
        self._read_only = settings.read_only
        self._abilities = Abilities(charger.bindings, charger.actions, settings)
        self._tracker = SessionTracker()
        self._commands = Commands(charger.pace, limits, self._report)
        self._document: Document | None = None
        self._next_read = time.monotonic() + start_after_s
        self._last_good = time.monotonic()
        self._wake = asyncio.Event()
        self._stopping = False
        self._said: dict[str, str] = {}
        """Rows that could not be read, with what was logged of them."""

    def receive(self, received: Received) -> None:
        """Take a command; its results go to the outlet, the first one before this returns."""
        self._commands.receive(received, self._known(), self.view.values)
        self._wake.set()

    def refresh(self) -> None:
        """Read the charger as soon as it is free."""
        self._next_read = time.monotonic()
        self._wake.set()

    def stop(self) -> None:
        """Refuse what waits; `run` returns when what was sent has been judged."""
        self._stopping = True
        self._commands.close()
        self._wake.set()

    async def run(self) -> None:
        """Live until stopped."""
        give_up_at = math.inf
        while True:
            now = time.monotonic()
            if self._stopping:
                give_up_at = min(give_up_at, now + SECONDS_TO_JUDGE_AT_STOP)
                if self._commands.idle or now >= give_up_at:
                    break
            command, next_write = self._commands.next()
            if command is not None:
                await self._write(command)
                continue
            next_read = self._commands.next_look if self._stopping else min(self._next_read, self._commands.next_look)
            if now >= next_read:
                await self.read()
            else:
                await self._sleep(min(next_read, next_write, give_up_at) - now)
        self._commands.abandon()

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    def _known(self) -> Known | None:
        if self._document is None:
            return None
        return Known(
            bindings=self._abilities.bindings,
            actions=self._abilities.actions,
            capabilities=self._abilities.capabilities,
            document=self._document,
            read_only=self._read_only,
        )

    def _report(self, result: Result) -> None:
        if result.final:
            self.view.health.commands[result.outcome, result.code] += 1
        self._outlet.result(self.view.id, result)

    # Reading

    async def read(self) -> None:
        """Read the charger once and publish what changed; a failure shows in the view's health."""
        began = time.monotonic()
        try:
            document = await self._charger.fetch()
            self._identify(document)
        except ChargerError as error:
            self._read_failed(error, began)
        else:
            self._read_succeeded(document, began)
        health = self.view.health
        health.reads += 1
        health.read_seconds += time.monotonic() - began
        charging = self.view.values.get("charging") is True
        health.interval_s = (
            self._intervals.after_failures(health.consecutive_failures, charging=charging)
            if health.consecutive_failures
            else self._intervals.usual(charging=charging)
        )
        # From the beginning of this read, so that a slow charger is not read more slowly than it was asked for.
        self._next_read = max(began + health.interval_s, time.monotonic())
        health.next_poll = datetime.now(UTC) + timedelta(seconds=self._next_read - time.monotonic())

    def _identify(self, document: Document) -> None:
        known = self.view.identity
        try:
            found = self._charger.identify(document)
        except (LookupError, TypeError, ValueError) as error:
            if known is None:
                message = "the answer does not say who the charger is (no serial number)"
                raise BadAnswerError(message) from error
            return
        if known is not None and known.serial != found.serial:
            log.warning("another charger answers", charger=self.view.id, serial=found.serial, before=known.serial)
        if known != found:
            self.view.identity = found

    def _read_succeeded(self, document: Document, began: float) -> None:
        now = datetime.now(UTC)
        view, health = self.view, self.view.health
        self._document = document
        self._abilities.learn(document)
        reading = read_all(self._abilities.bindings.values(), document)
        self._log_rows(reading.failures)
        values = dict(reading.values)
        complete(values, self._abilities.capabilities)
        sessions_before = self._tracker.finished
        events = self._tracker.update(values, now, gap=health.consecutive_failures > 0)
        values |= {"online": True, "last_update": now, "stale": False, "data_age_s": 0}
        reports = self._commands.judge(began, values)
        self._commands.hold_back(values, view.values)
        if not view.available:
            self._log_back(now)
        health.last_success, health.consecutive_failures = now, 0
        health.latency_ms = round((time.monotonic() - began) * 1000)
        self._last_good = time.monotonic()
        view.available, view.values = True, values
        view.capabilities, view.actions = self._abilities.capabilities, tuple(self._abilities.actions.values())
        self._outlet.changed(view)
        for event in events:
            self._outlet.event(view, event)
        if self._tracker.finished is not None and self._tracker.finished is not sessions_before:
            self._outlet.session(view, self._tracker.finished)
        for report in reports:
            report()

    def _read_failed(self, error: ChargerError, began: float) -> None:
        view, health = self.view, self.view.health
        health.consecutive_failures += 1
        health.read_failures[error.code] += 1
        moment = datetime.now(UTC)
        if health.last_error is None or health.consecutive_failures == 1 or health.last_error.message != error.message:
            log.warning("read failed", charger=view.id, code=error.code.value, reason=error.message)
        health.last_error = LastError(code=error.code, message=error.message, moment=moment)
        silent = time.monotonic() - self._last_good
        if view.available and self._intervals.is_away(health.consecutive_failures, silent):
            view.available = False
            log.warning("charger unavailable", charger=view.id, failures=health.consecutive_failures)
        if health.last_success is not None:
            age = (moment - health.last_success).total_seconds()
            usual = self._intervals.usual(charging=view.values.get("charging") is True)
            stale = age > 2 * usual
            view.values = {**view.values, "online": view.available, "stale": stale, "data_age_s": max(0, int(age))}
        self._outlet.changed(view)
        for report in self._commands.judge(began, None):
            report()

    def _log_back(self, now: datetime) -> None:
        since = self.view.health.last_success
        gone = None if since is None else round((now - since).total_seconds())
        log.info("charger available", charger=self.view.id, silent_s=gone)

    def _log_rows(self, failures: Mapping[str, str]) -> None:
        for key, reason in failures.items():
            if self._said.get(key) != reason:
                log.warning("value not understood", charger=self.view.id, property=key, reason=reason[:200])
        self._said = dict(failures)

    # Writing

    async def _write(self, command: Command) -> None:
        if not self._commands.begin(command, self.view.values):
            return
        try:
            if command.checked.action is REFRESH:
                await self.read()
                if self.view.health.consecutive_failures and self.view.health.last_error:
                    raise _as_rejection(self.view.health.last_error)
            else:
                await self._charger.send(command.checked.request(self._document or {}))
        except (ChargerError, CommandRejectedError) as error:
            log.warning("command failed", charger=self.view.id, property=command.key, reason=str(error))
            self._commands.failed(command, error, self.view.values)
        except (LookupError, TypeError, ValueError) as error:
            message = "the charger's last answer lacks what this command needs"
            refusal: BridgeError = CommandRejectedError(Code.WRONG_STATE, message)
            log.warning("command not possible", charger=self.view.id, property=command.key, reason=str(error))
            self._commands.failed(command, refusal, self.view.values)
        else:
            log.info("command sent", charger=self.view.id, property=command.key, value=command.origin.requested)
            self._commands.sent(command)


def _as_rejection(error: LastError) -> CommandRejectedError:
    return CommandRejectedError(error.code, error.message)
