"""One charger's life: reading it at its pace, carrying out commands, and saying what changed.

One task per charger does everything in turn, so that a charger never gets two requests at once. A charger whose account
is read as a whole is told of its answers instead of reading by itself.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import structlog

from bridge.charger.contract import Account, Charger, ChargerSettings, Question, SharedReading, Telling
from bridge.charger.document import Document
from bridge.charger.pulse import Pulse
from bridge.charger.session import SessionRecord
from bridge.charger.values import Json
from bridge.engine.abilities import REFRESH
from bridge.engine.checks import Known
from bridge.engine.command import Command, CommandLimits
from bridge.engine.commands import Commands
from bridge.engine.intake import Received
from bridge.engine.observer import Observer
from bridge.engine.outlet import Outlet
from bridge.engine.results import Result
from bridge.engine.view import ChargerView, LastError
from bridge.errors import ChargerError, CommandRejectedError
from bridge.waiting import wait_for

log = structlog.get_logger()

SECONDS_TO_JUDGE_AT_STOP = 5.0
NEWS_COME_TOGETHER_S = 0.03
"""How long to wait after news for what belongs to it: a charger tells of each of its values by itself."""
MOST_QUESTIONS = 10
"""How many may wait to be asked."""

Answered: TypeAlias = Callable[[Json, str | None], None]
"""Takes the answer to a question: its data and no error, or None and what went wrong."""


class Poller:
    """Drives one charger. `run` returns after `stop` was called and what was sent has its result."""

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
        self.pulse = Pulse()
        self._charger = charger
        self._outlet = outlet
        self._observer = Observer(charger_id, settings, charger, outlet)
        self._shared = isinstance(charger.account, SharedReading)
        may_write_at = None if charger.account is None else charger.account.may_write_at
        self._commands = Commands(charger.pace, limits, self._report, may_write_at)
        self._next_read = math.inf if self._shared else time.monotonic() + start_after_s
        self._wake = asyncio.Event()
        self._refresh_wanted = False
        self._records: list[SessionRecord] = []
        """The session that ended last, until its record has been asked for."""
        self._asking: list[tuple[Question, Mapping[str, Json], Answered]] = []
        self._stopping = False
        if isinstance(charger, Telling):
            charger.on_news = self._news

    @property
    def view(self) -> ChargerView:
        """What is known of the charger."""
        return self._observer.view

    @property
    def known(self) -> Known | None:
        """The newest good answer and the rows that it is read by; None before the first one."""
        return self._observer.known()

    def receive(self, received: Received) -> None:
        """Take a command; its results go to the outlet, the first one before this returns."""
        self._commands.receive(received, self._observer.known(), self._observer.present())
        self._wake.set()

    def refresh(self) -> None:
        """Read the charger as soon as it is free; a read that runs already may have seen too little."""
        if self._shared:
            self._charger.look((), time.monotonic())
            return
        self._refresh_wanted = True
        self._next_read = time.monotonic()
        self._wake.set()

    def ask(self, question: str, arguments: Mapping[str, Json], answered: Answered) -> None:
        """Have a question answered: `answered` is called with the data, or with None and what went wrong."""
        answer = self._charger.questions.get(question)
        if answer is None or self._stopping or len(self._asking) >= MOST_QUESTIONS:
            known = f"; these are known: {', '.join(self._charger.questions)}" if self._charger.questions else ""
            busy = answer is not None
            sentence = f"{self.view.vendor} chargers answer no request called {question}{known}"
            answered(None, "too many requests wait for this charger already" if busy else sentence)
            return
        self._asking.append((answer, arguments, answered))
        self._wake.set()

    @property
    def account(self) -> Account | None:
        """What the charger shares with others."""
        return self._charger.account

    @property
    def member(self) -> int:
        """The number that its account knows the charger by."""
        return self._charger.member

    def stop(self) -> None:
        """Refuse what waits; `run` returns when what was sent has been judged, or cannot be in time."""
        self._stopping = True
        self._commands.close()
        for _, _, answered in self._asking:
            answered(None, "the bridge is stopping")
        self._asking.clear()
        if isinstance(self._charger, Telling) and self._observer.document is None:
            self._charger.stop()  # else it may go on waiting for the charger's first words
        self._wake.set()
        # Not in `run`, which may be waiting for a charger that does not answer.
        asyncio.get_running_loop().call_later(SECONDS_TO_JUDGE_AT_STOP, self._give_up)

    async def close(self) -> None:
        """Let go of what the charger holds, after `run` has returned."""
        await self._charger.close()

    def _give_up(self) -> None:
        self._commands.abandon()
        self._wake.set()

    async def run(self) -> None:
        """Live until stopped."""
        self.pulse.begin()
        async with asyncio.TaskGroup() as beside:
            if isinstance(self._charger, Telling):
                beside.create_task(self._charger.run(), name=f"listen {self.view.id}")
            await self._live(beside)
            self.pulse.resting()
            if isinstance(self._charger, Telling):
                self._charger.stop()

    def _news(self) -> None:
        """The charger has told of something: see what, with all that comes with it."""
        self._next_read = min(self._next_read, time.monotonic() + NEWS_COME_TOGETHER_S)
        self._wake.set()

    async def _live(self, beside: asyncio.TaskGroup) -> None:
        while not (self._stopping and self._commands.idle):
            self.pulse.working(time.monotonic())
            while self._records and not self._stopping:
                beside.create_task(self._replace(self._records.pop()), name=f"record {self.view.id}")
            while self._asking:
                beside.create_task(_answer(*self._asking.pop(0)), name=f"question {self.view.id}")
            command, next_write = self._commands.next()
            if command is not None:
                await self._write(command)
                continue
            now = time.monotonic()
            next_read = self._next_own_read()
            if now >= next_read:
                await self.read()
                continue
            due = min(next_read, next_write)
            self.pulse.waiting(due)
            if await wait_for(self._wake, due - now):
                self._wake.clear()

    def _next_own_read(self) -> float:
        if self._shared:
            return math.inf
        return self._commands.next_look if self._stopping else min(self._next_read, self._commands.next_look)

    def _report(self, result: Result) -> None:
        if result.final:
            self.view.health.commands[result.outcome, result.code] += 1
            self.view.health.command_times.observe(result.latency_ms / 1000)
        self._outlet.result(self.view.id, result)

    # Reading

    async def read(self) -> None:
        """Read the charger once and publish what changed; a failure shows in the view's health."""
        began = time.monotonic()
        self._refresh_wanted = False
        try:
            self._ended(self._observer.take(await self._charger.fetch(), began, self._commands))
        except ChargerError as error:
            self._observer.fail(error, began, self._commands)
        health, intervals = self.view.health, self._observer.intervals
        health.reads.observe(time.monotonic() - began)
        charging = self._observer.charging()
        health.interval_s = (
            intervals.after_failures(health.consecutive_failures, charging=charging)
            if health.consecutive_failures
            else intervals.usual(charging=charging)
        )
        # From the beginning of this read, so that a slow charger is not read more slowly than it was asked for.
        due = began if self._refresh_wanted else began + health.interval_s
        self._next_read = max(due, time.monotonic())
        self.plan(self._next_read)

    def tell(self, found: Document | ChargerError, began: float) -> None:
        """Take what a read of the account brought, which began then."""
        health = self.view.health
        health.reads.observe(time.monotonic() - began)
        if isinstance(found, ChargerError):
            self._observer.fail(found, began, self._commands)
        else:
            try:
                self._ended(self._observer.take(found, began, self._commands))
            except ChargerError as error:
                self._observer.fail(error, began, self._commands)
        self._ask_for_a_look()
        self._wake.set()

    def _ended(self, record: SessionRecord | None) -> None:
        """Ask for the vendor's own record of a session that has ended, which knows more."""
        if record is not None:
            self._records = [record]
            self._wake.set()

    async def _replace(self, record: SessionRecord) -> None:
        try:
            better = await self._charger.record_of(record)
        except ChargerError as error:
            log.info("no record of the session", charger=self.view.id, reason=error.message)
            return
        if better != record:
            self._outlet.session(self.view, better)

    def plan(self, next_read: float) -> None:
        """Tell others when the next read is due, by the monotonic clock."""
        self.view.health.next_poll = datetime.now(UTC) + timedelta(seconds=next_read - time.monotonic())

    def _ask_for_a_look(self) -> None:
        if self._shared and self._commands.next_look < math.inf:
            self._charger.look(self._commands.watched, self._commands.next_look)

    # Writing

    async def _write(self, command: Command) -> None:
        if not self._commands.begin(command, self._observer.present()):
            return
        shown: Document | None = None
        try:
            if command.checked.action is REFRESH:
                await self._refresh_now()
            else:
                shown = await self._charger.send(command.checked.request(self._observer.document or {}))
        except (ChargerError, CommandRejectedError) as error:
            error.message = command.discreet(error.message)
            log.warning("command failed", charger=self.view.id, property=command.key, reason=error.message)
            self._commands.failed(command, error, self._observer.present())
        else:
            log.info("command sent", charger=self.view.id, property=command.key, value=command.origin.requested)
            self._commands.sent(command, until_read=self._shared and command.checked.action is REFRESH)
        if shown is not None:
            # The answer tells what the charger shows now: as good as a read, where it shows what was asked for.
            self._commands.hurry(command)
            self._ended(self._observer.take(shown, time.monotonic(), self._commands))
        self._ask_for_a_look()

    async def _refresh_now(self) -> None:
        if self._shared:
            self.refresh()
            return
        await self.read()
        if self.view.health.consecutive_failures and self.view.health.last_error:
            raise _as_rejection(self.view.health.last_error)


def _as_rejection(error: LastError) -> CommandRejectedError:
    return CommandRejectedError(error.code, error.message)


async def _answer(question: Question, arguments: Mapping[str, Json], answered: Answered) -> None:
    try:
        data = await question(arguments)
    except (ChargerError, CommandRejectedError) as error:
        answered(None, error.message)
    else:
        answered(data, None)
