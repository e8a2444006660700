"""One charger's commands: from a received message to one final result each.

A command is checked at once against what is known, queued, sent when the charger is free, and judged by what the
charger shows afterwards. Nothing is optimistic, and nothing is sent twice.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from bridge.charger.contract import Pace
from bridge.charger.values import Value
from bridge.engine.abilities import REFRESH
from bridge.engine.checks import Known
from bridge.engine.command import Command, CommandLimits, make_command
from bridge.engine.intake import Received, UnreadableError, read_wish, repeated
from bridge.engine.results import Origin, Outcome, Result
from bridge.engine.watch import Sent, Watch
from bridge.errors import BridgeError, ChargerError, Code, CommandRejectedError, RefusedError, UnreachableError


class Commands:
    """The queue of one charger. All calls come from the event loop; `report` takes every result."""

    def __init__(
        self,
        pace: Pace,
        limits: CommandLimits,
        report: Callable[[Result], None],
        may_write_at: Callable[[], float] | None = None,
    ) -> None:
        """Start empty. `may_write_at` tells when the account's budget permits the next write (monotonic)."""
        self._pace = pace
        self._limits = limits
        self.report = report
        """Takes every result."""
        self._may_write_at = may_write_at or _at_once
        self._queue: dict[str, Command] = {}
        self._writing: Command | None = None
        """The one that is being sent this moment, unless it has got its result meanwhile."""
        self._began = -math.inf
        self._watch = Watch(pace)
        self._written: dict[str, float] = {}
        """When each property, and each thing in the vendor's words, was written last."""
        self._overtaken: set[str] = set()
        """What was written, in the vendor's words, by a command that was replaced before it was judged."""
        self._closed = False

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is on its way."""
        return not self._queue and not self._watch.sent

    @property
    def next_look(self) -> float:
        """When the next read is needed to judge what was sent, by the monotonic clock; infinite if nothing was."""
        return self._watch.next_look

    @property
    def watched(self) -> tuple[str, ...]:
        """The properties of what was sent and waits to be judged."""
        return tuple(self._watch.sent)

    def receive(self, received: Received, known: Known | None, present: Mapping[str, Value]) -> None:
        """Take a message: every property in it gets its result here or later.

        `known` is None until the charger's first good answer; `present` are the values published last.
        """
        arrived = time.monotonic()
        try:
            wish = read_wish(received)
        except UnreadableError as error:
            origin = Origin(
                id=error.id, key=received.key, requested=error.shown, received=arrived, reply=received.reply
            )
            refusal = _retained() if received.retained else error
            self.report(origin.result(Outcome.REJECTED, refusal.code, refusal.message))
            return
        for (key, raw), shown in zip(wish.values, wish.shown, strict=True):
            requested = shown if _is_no_secret(key, known) else repeated(key, shown)
            origin = Origin(id=wish.id, key=key, requested=requested, received=arrived, reply=received.reply)
            try:
                if received.retained:
                    raise _retained()
                if wish.fault is not None:
                    raise wish.fault
                self._refuse_untimely(wish.sent_at, self._limits.max_age_s)
                command = make_command(origin, key, raw, known)
                self._refuse_untimely(wish.sent_at, command.max_age_s(self._limits.max_age_s))
                self._take(command, present)
            except CommandRejectedError as error:
                outcome = Outcome.EXPIRED if error.code is Code.EXPIRED else Outcome.REJECTED
                self.report(origin.result(outcome, error.code, error.message))

    def _refuse_untimely(self, sent_at: datetime | None, max_age_s: float) -> None:
        if sent_at is not None:
            age = (datetime.now(UTC) - sent_at).total_seconds()
            if age > max_age_s:
                message = f"the command is {age:.0f} s old, more than {max_age_s:g} s"
                raise CommandRejectedError(Code.EXPIRED, message)
        if self._closed:
            raise CommandRejectedError(Code.SHUTTING_DOWN, "the bridge is stopping")

    def _take(self, command: Command, present: Mapping[str, Value]) -> None:
        waiting, sent = self._queue.get(command.key), self._watch.sent.get(command.key)
        if self._holds(command, present) and not self._undecided(command, self._queue.values()):
            self.report(command.confirmed(present[command.key]))
            return
        if sent is not None and self._repeats(command, sent):
            self._supersede(sent.command)
            sent.command = command
            self._finish(command, Outcome.ACCEPTED, Code.OK)
            return
        wait = self._may_write_at() - time.monotonic()
        if wait > self._limits.max_age_s and command.checked.action is not REFRESH:
            message = f"the account may write again in {wait:.0f} s, longer than a command may wait"
            raise CommandRejectedError(Code.RATE_LIMITED, message)
        if waiting is None and len(self._queue) >= self._limits.queue:
            message = f"{len(self._queue)} commands wait already"
            raise CommandRejectedError(Code.QUEUE_FULL, message)
        if waiting is not None:
            self._supersede(waiting)
        self._overtake(command.key)
        if any(other.touches & command.touches for other in self._queue.values() if other is not waiting):
            self._queue.pop(command.key, None)  # what they share must end as the newest one says, so it goes last
        self._queue[command.key] = command
        self._finish(command, Outcome.ACCEPTED, Code.OK)

    def _overtake(self, key: str) -> None:
        """End the command for this property that is being sent or waits to be judged: nobody cares for it any more."""
        sent = self._watch.sent.pop(key, None)
        older = [] if sent is None else [sent.command]
        # A button that is being pressed cannot be pressed differently: it gets its own result.
        if self._writing is not None and self._writing.key == key and not self._writing.answer_decides:
            older.append(self._writing)
            self._writing = None
        for command in older:
            self._overtaken |= command.touches
            self._supersede(command)

    def _supersede(self, older: Command) -> None:
        message = f"replaced by a newer command for {older.key}"
        self._finish(older, Outcome.SUPERSEDED, Code.SUPERSEDED, message)

    def _undecided(self, command: Command, queued: Iterable[Command]) -> bool:
        """Tell whether the value shown now may be about to change, so that equal to it means nothing."""
        others = (*queued, *self._on_the_way())
        return bool(self._overtaken & command.touches) or any(other.touches & command.touches for other in others)

    def _repeats(self, command: Command, sent: Sent) -> bool:
        """Tell whether this very value was sent just now, was taken, and nothing else is about to change it."""
        others = [other for other in (*self._queue.values(), *self._on_the_way()) if other is not sent.command]
        return (
            sent.doubt is None
            and sent.command.checked.value == command.checked.value
            and not any(other.touches & command.touches for other in others)
        )

    def _on_the_way(self) -> list[Command]:
        """Return what was sent and is not judged yet, and what is being sent."""
        sent = [sent.command for sent in self._watch.sent.values()]
        return sent if self._writing is None else [*sent, self._writing]

    @staticmethod
    def _holds(command: Command, present: Mapping[str, Value]) -> bool:
        # What may hold a secret never shows as a whole: there is a card, but is it this one?
        if command.answer_decides or command.lapses or not command.repeatable or present.get(command.key) is None:
            return False
        return command.checked.equals(present[command.key])

    def next(self) -> tuple[Command | None, float]:
        """Return the command to send now, or None and when the next may be sent."""
        now = time.monotonic()
        earliest = math.inf
        for command in self._queue.values():
            ready = self._ready(command)
            if ready <= now:
                return command, now
            earliest = min(earliest, ready)
        return None, earliest

    def _ready(self, command: Command) -> float:
        """Return when this command may be sent, as far as earlier writes go."""
        if command.checked.action is REFRESH:
            return -math.inf
        before = max(self._written.get(name, -math.inf) for name in (command.key, *command.touches))
        return max(before + command.min_interval_s(self._limits.min_write_interval_s), self._may_write_at())

    def begin(self, command: Command, present: Mapping[str, Value]) -> bool:
        """Take a command off the queue; False if it ended without a write (too old, or nothing to change)."""
        self._queue.pop(command.key, None)
        now = time.monotonic()
        # What it had to wait because of min_write_interval or the budget does not make it too old.
        age = now - max(command.origin.received, self._ready(command))
        if age > command.max_age_s(self._limits.max_age_s):
            message = f"the charger was not free for {age:.0f} s, longer than a command may wait"
            self._finish(command, Outcome.EXPIRED, Code.EXPIRED, message)
            return False
        if self._holds(command, present) and not self._undecided(command, ()):
            self.report(command.confirmed(present[command.key]))
            return False
        self._writing, self._began = command, now
        return True

    def _landed(self, command: Command, *, certainly_not: bool = False) -> bool:
        """Take note that a write is over, and whether it went nowhere; False if its command has its result already."""
        if not certainly_not and command.checked.action is not REFRESH:  # which writes nothing
            self._written |= dict.fromkeys((command.key, *command.touches), self._began)
        writing, self._writing = self._writing, None
        return writing is command

    def sent(self, command: Command, *, until_read: bool = False) -> None:
        """The charger said yes: look whether it shows; an action is done then, or with the next read (`until_read`)."""
        if not self._landed(command):
            return
        if command.answer_decides and not until_read:
            self._finish(command, Outcome.CONFIRMED, Code.OK)
        else:
            self._look_again(command, None)

    def failed(self, command: Command, error: BridgeError, present: Mapping[str, Value]) -> None:
        """The write went wrong: end the command, or look first where the error does not tell what the charger did."""
        if not self._landed(command, certainly_not=isinstance(error, CommandRejectedError | UnreachableError)):
            return
        if isinstance(error, CommandRejectedError):
            self._finish(command, Outcome.REJECTED, error.code, error.message)
        elif isinstance(error, UnreachableError) or (
            isinstance(error, RefusedError) and (command.answer_decides or not self._pace.refusals_may_be_wrong)
        ):
            self._finish(command, Outcome.REJECTED, error.code, error.message, present.get(command.key))
        elif isinstance(error, ChargerError):
            if command.answer_decides:
                self._finish(command, Outcome.FAILED, error.code, error.message)
            else:
                self._look_again(command, error)

    def _look_again(self, command: Command, doubt: ChargerError | None) -> None:
        self._overtaken -= command.touches
        self._watch.add(command, doubt)

    def hurry(self, command: Command) -> None:
        """Let the very next answer confirm a command that was sent, without counting against it if it does not."""
        self._watch.hurry(command)

    def hold_back(self, values: dict[str, Value], published: Mapping[str, Value]) -> None:
        """Keep values from going back while their command is not judged: in place, before publishing."""
        self._watch.hold_back(values, published)

    def judge(self, began: float, observed: Mapping[str, Value] | None) -> list[Result]:
        """Judge what was sent by a read that began then; None if the read failed.

        Returns the results, to be given to `report` after the observed values were published.
        """
        return self._watch.judge(began, observed)

    def close(self) -> None:
        """Refuse what waits and whatever comes; what was sent is still judged."""
        self._closed = True
        for command in list(self._queue.values()):
            self._finish(command, Outcome.REJECTED, Code.SHUTTING_DOWN, "the bridge is stopping")
        self._queue.clear()

    def abandon(self) -> None:
        """End what was sent, or is being sent, without another look."""
        unfinished = self._on_the_way()
        self._watch.sent.clear()
        self._writing = None
        for command in unfinished:
            message = "the bridge stopped before the charger showed what became of it"
            self._finish(command, Outcome.UNCONFIRMED, Code.SHUTTING_DOWN, message)

    def _finish(
        self, command: Command, outcome: Outcome, code: Code, message: str | None = None, applied: Value = None
    ) -> None:
        self.report(command.result(outcome, code, message, applied))


def _retained() -> CommandRejectedError:
    message = "retained commands are not carried out, because they would be again at every start; it was cleared"
    return CommandRejectedError(Code.RETAINED, message)


def _is_no_secret(key: str, known: Known | None) -> bool:
    ability = None if known is None else known.capabilities.get(key)
    return ability is not None and ability.property.repeatable


def _at_once() -> float:
    return -math.inf
