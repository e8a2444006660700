"""What a charger's answers, and its silence, mean: from documents to the view, events and log lines."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from bridge.charger.binding import read_all
from bridge.charger.contract import Charger, ChargerSettings
from bridge.charger.document import Document
from bridge.charger.properties import SESSION_COST
from bridge.charger.session import SessionRecord, SessionTracker
from bridge.charger.snapshot import complete
from bridge.charger.values import Value
from bridge.engine.abilities import Abilities
from bridge.engine.checks import Known
from bridge.engine.commands import Commands
from bridge.engine.outlet import Outlet
from bridge.engine.pace import Intervals
from bridge.engine.view import ChargerView, LastError
from bridge.errors import BadAnswerError, ChargerError, LoginRefusedError, ThrottledError

log = structlog.get_logger()

MOST_REASONS = 20
"""How many different reasons for the same trouble are logged."""


class Observer:
    """Keeps the view of one charger. Only it writes there."""

    def __init__(self, charger_id: str, settings: ChargerSettings, charger: Charger, outlet: Outlet) -> None:
        """Start with nothing known."""
        self.view = ChargerView(id=charger_id, name=settings.name, vendor=settings.vendor, pace=charger.pace)
        self.intervals = Intervals.of(settings, charger.pace)
        self.document: Document | None = None
        """The charger's newest good answer."""
        self._charger = charger
        self._outlet = outlet
        self._abilities = Abilities(charger.bindings, charger.actions, settings, shared=charger.account is not None)
        self._tracker = SessionTracker()
        self._last_good = time.monotonic()
        self._said_of_rows: dict[str, set[str]] = {}
        """Rows that could not be read, with what was logged of them."""
        self._said_of_reads: set[str] = set()
        """What was logged of failed reads since the charger was away last."""

    def known(self) -> Known | None:
        """Return what commands are checked against; None before the first good answer."""
        if self.document is None:
            return None
        return Known(
            bindings=self._abilities.bindings,
            actions=self._abilities.actions,
            capabilities=self._abilities.capabilities,
            document=self.document,
            read_only=self._abilities.read_only,
        )

    def present(self) -> Mapping[str, Value]:
        """Return the values that may be taken as present: none while the charger does not answer."""
        return {} if self.view.health.consecutive_failures else self.view.values

    def charging(self) -> bool:
        """Tell whether the charger charges, as far as is known."""
        return self.view.values.get("charging") is True

    def take(self, document: Document, began: float, commands: Commands) -> SessionRecord | None:
        """Take a good answer, of a read that began then: publish it, and judge commands by it.

        Returns the session that it shows to have ended, if any.

        Raises:
            BadAnswerError: it does not say who the charger is, and no answer before did.

        """
        self._identify(document)
        now = datetime.now(UTC)
        view, health = self.view, self.view.health
        self.document = document
        self._abilities.learn(document)
        reading = read_all(self._abilities.bindings.values(), document)
        self._log_rows(reading.failures)
        values = dict(reading.values)
        complete(values, self._abilities.capabilities)
        cost = self._abilities.capabilities.get(SESSION_COST.key)
        self._tracker.currency = None if cost is None else cost.unit
        sessions_before = self._tracker.finished
        events = self._tracker.update(values, now, gap=health.consecutive_failures > 0)
        view.as_of = self._charger.as_of(document) or now
        age = max(0.0, (now - view.as_of).total_seconds())
        values.setdefault("online", True)
        values |= {"last_update": now, "stale": self._is_stale(age), "data_age_s": int(age)}
        if self._charger.account is not None:
            values |= {"reauth_required": False, "rate_limited": False}
        results = commands.judge(began, values)
        commands.hold_back(values, view.values)
        if not view.available:
            self._log_back(now)
        health.last_success, health.consecutive_failures = now, 0
        health.latency_ms = round((time.monotonic() - began) * 1000)
        self._last_good = time.monotonic()
        view.available, view.values = True, values
        view.capabilities, view.actions = self._abilities.capabilities, self._abilities.offered_actions
        self._outlet.changed(view)
        for event in events:
            self._outlet.event(view, event)
        finished = None if self._tracker.finished is sessions_before else self._tracker.finished
        if finished is not None:
            self._outlet.session(view, finished)
        for result in results:
            commands.report(result)
        return finished

    def fail(self, error: ChargerError, began: float, commands: Commands) -> None:
        """Take note of a read that failed: what was known stays, older by the minute."""
        view, health = self.view, self.view.health
        told = {"charger": view.id, "code": error.code.value, "reason": error.message}
        if error.message not in self._said_of_reads and len(self._said_of_reads) < MOST_REASONS:
            self._said_of_reads.add(error.message)
            log.warning("read failed", **told)
        health.read_failures[error.code] += 1
        health.last_error = LastError(code=error.code, message=error.message, moment=datetime.now(UTC))
        silent = time.monotonic() - self._last_good
        # A cloud that says "too often" is there, and so is the charger as far as anyone knows.
        if not isinstance(error, ThrottledError):
            health.consecutive_failures += 1
        away = isinstance(error, LoginRefusedError) or self.intervals.is_away(health.consecutive_failures, silent)
        if view.available and away:
            view.available = False
            log.warning("charger unavailable", **told, failures=health.consecutive_failures)
        self._age(error)
        self._outlet.changed(view)
        for result in commands.judge(began, None):
            commands.report(result)

    def _age(self, error: ChargerError) -> None:
        """Say in the values how old they are, and what is wrong; a refused login leaves nothing known."""
        view = self.view
        if isinstance(error, LoginRefusedError):
            view.capabilities = self._abilities.capabilities or self._abilities.before_any_answer
            said = {key: True for key in ("reauth_required", "problem") if key in view.capabilities}
            view.values = dict.fromkeys(view.capabilities) | said
            return
        if view.as_of is None:
            return
        age = max(0.0, (datetime.now(UTC) - view.as_of).total_seconds())
        values = {**view.values, "stale": self._is_stale(age), "data_age_s": int(age)}
        if not view.available:
            values["online"] = False
        if self._charger.account is not None:
            values["rate_limited"] = isinstance(error, ThrottledError)
        view.values = values

    def _is_stale(self, age_s: float) -> bool:
        usual = self.intervals.usual(charging=self.charging())
        return age_s > 2 * (usual + self.view.pace.reports_every_s)

    def _identify(self, document: Document) -> None:
        known = self.view.identity
        try:
            found = self._charger.identify(document)
        except (LookupError, TypeError, ValueError) as error:
            if known is None:
                raise BadAnswerError("the answer does not say who the charger is (no serial number)") from error
            return
        if known is not None and known.serial != found.serial:
            log.warning("another charger answers", charger=self.view.id, serial=found.serial, before=known.serial)
        if known != found:
            self.view.identity = found

    def _log_back(self, now: datetime) -> None:
        since = self.view.health.last_success
        gone = None if since is None else round((now - since).total_seconds())
        log.info(
            "charger available", charger=self.view.id, silent_s=gone, failed_reads=self.view.health.consecutive_failures
        )
        self._said_of_reads.clear()

    def _log_rows(self, failures: Mapping[str, str]) -> None:
        for key, reason in failures.items():
            said = self._said_of_rows.setdefault(key, set())
            if reason not in said and len(said) < MOST_REASONS:
                said.add(reason)
                log.warning("value not understood", charger=self.view.id, property=key, reason=reason[:200])
