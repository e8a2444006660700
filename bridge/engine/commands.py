"""One charger's commands: from a received message to one final result each.

A command is checked at once against what is known, queued, sent when the charger is free, and judged by what the
charger shows afterwards. Nothing is optimistic, and nothing is sent twice.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bridge.charger.contract import Pace
from bridge.charger.values import Json, Value
from bridge.engine.abilities import REFRESH
from bridge.engine.checks import Checked, Known, check
from bridge.engine.intake import Received, UnreadableError, read_wish
from bridge.engine.results import Origin, Outcome, Result
from bridge.errors import BridgeError, ChargerError, Code, CommandRejectedError, RefusedError, UnreachableError


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLimits:
    """How long a command may wait (s), how many may, and how far apart two writes of one setting must be (s)."""

    max_age_s: float = 60.0
    queue: int = 32
    min_write_interval_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A wish that passed every check."""

    origin: Origin
    key: str
    checked: Checked
    touches: frozenset[str]
    """What its write changes in the vendor's words: two properties may stand for the same setting."""


@dataclass(slots=True, kw_only=True)
class _Sent:
    """A command on its way: to be judged by a read that begins at `due` or later."""

    command: Command
    due: float
    settle_s: float
    reads_left: int
    doubt: ChargerError | None = None
    """Why we are not sure that the charger took it: no answer, or a refusal that may be wrong."""
    hurried: bool = False
    """The next answer may confirm it, although it comes before `due`."""
    shown: bool = False
    """The charger has shown the wished value once; until it is judged, older values are not published again."""


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
        self._report = report
        self._may_write_at = may_write_at or _at_once
        self._queue: dict[str, Command] = {}
        self._writing: Command | None = None
        """The one that is being sent this moment, unless it has got its result meanwhile."""
        self._began = -math.inf
        self._sent: dict[str, _Sent] = {}
        self._written: dict[str, float] = {}
        """When each property, and each thing in the vendor's words, was written last."""
        self._overtaken: set[str] = set()
        """What was written, in the vendor's words, by a command that was replaced before it was judged."""
        self._closed = False

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is on its way."""
        return not self._queue and not self._sent

    @property
    def next_look(self) -> float:
        """When the next read is needed to judge what was sent, by the monotonic clock; infinite if nothing was."""
        return min((sent.due for sent in self._sent.values()), default=math.inf)

    @property
    def watched(self) -> tuple[str, ...]:
        """The properties of what was sent and waits to be judged."""
        return tuple(self._sent)

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
            self._report(origin.result(Outcome.REJECTED, refusal.code, refusal.message))
            return
        for (key, raw), shown in zip(wish.values, wish.shown, strict=True):
            origin = Origin(id=wish.id, key=key, requested=shown, received=arrived, reply=received.reply)
            try:
                if received.retained:
                    raise _retained()
                if wish.fault is not None:
                    raise wish.fault
                self._refuse_untimely(wish.sent_at)
                self._take(_command(origin, key, raw, known), present)
            except CommandRejectedError as error:
                outcome = Outcome.EXPIRED if error.code is Code.EXPIRED else Outcome.REJECTED
                self._report(origin.result(outcome, error.code, error.message))

    def _refuse_untimely(self, sent_at: datetime | None) -> None:
        if sent_at is not None:
            age = (datetime.now(UTC) - sent_at).total_seconds()
            if age > self._limits.max_age_s:
                message = f"the command is {age:.0f} s old, more than {self._limits.max_age_s:g} s"
                raise CommandRejectedError(Code.EXPIRED, message)
        if self._closed:
            raise CommandRejectedError(Code.SHUTTING_DOWN, "the bridge is stopping")

    def _take(self, command: Command, present: Mapping[str, Value]) -> None:
        waiting, sent = self._queue.get(command.key), self._sent.get(command.key)
        if self._holds(command, present) and not self._undecided(command, self._queue.values()):
            self._confirm(command, present[command.key])
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
        sent = self._sent.pop(key, None)
        older = [] if sent is None else [sent.command]
        # A button that is being pressed cannot be pressed differently: it gets its own result.
        if self._writing is not None and self._writing.key == key and self._writing.checked.action is None:
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

    def _repeats(self, command: Command, sent: _Sent) -> bool:
        """Tell whether this very value was sent just now, was taken, and nothing else is about to change it."""
        others = [other for other in (*self._queue.values(), *self._on_the_way()) if other is not sent.command]
        return (
            sent.doubt is None
            and sent.command.checked.value == command.checked.value
            and not any(other.touches & command.touches for other in others)
        )

    def _on_the_way(self) -> list[Command]:
        """Return what was sent and is not judged yet, and what is being sent."""
        sent = [sent.command for sent in self._sent.values()]
        return sent if self._writing is None else [*sent, self._writing]

    @staticmethod
    def _holds(command: Command, present: Mapping[str, Value]) -> bool:
        if command.checked.action is not None or present.get(command.key) is None:
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
        return max(before + self._limits.min_write_interval_s, self._may_write_at())

    def begin(self, command: Command, present: Mapping[str, Value]) -> bool:
        """Take a command off the queue; False if it ended without a write (too old, or nothing to change)."""
        self._queue.pop(command.key, None)
        now = time.monotonic()
        # What it had to wait because of min_write_interval or the budget does not make it too old.
        age = now - max(command.origin.received, self._ready(command))
        if age > self._limits.max_age_s:
            message = f"the charger was not free for {age:.0f} s, longer than a command may wait"
            self._finish(command, Outcome.EXPIRED, Code.EXPIRED, message)
            return False
        if self._holds(command, present) and not self._undecided(command, ()):
            self._confirm(command, present[command.key])
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
        if command.checked.action is not None and not until_read:
            self._finish(command, Outcome.CONFIRMED, Code.OK)
        else:
            self._watch(command, None)

    def failed(self, command: Command, error: BridgeError, present: Mapping[str, Value]) -> None:
        """The write went wrong: end the command, or look first where the error does not tell what the charger did."""
        if not self._landed(command, certainly_not=isinstance(error, CommandRejectedError | UnreachableError)):
            return
        action = command.checked.action is not None
        if isinstance(error, CommandRejectedError):
            self._finish(command, Outcome.REJECTED, error.code, error.message)
        elif isinstance(error, UnreachableError) or (
            isinstance(error, RefusedError) and (action or not self._pace.refusals_may_be_wrong)
        ):
            self._finish(command, Outcome.REJECTED, error.code, error.message, present.get(command.key))
        elif isinstance(error, ChargerError):
            if action:
                self._finish(command, Outcome.FAILED, error.code, error.message)
            else:
                self._watch(command, error)

    def _watch(self, command: Command, doubt: ChargerError | None) -> None:
        self._overtaken -= command.touches
        binding = command.checked.binding
        settle = self._pace.settle_s if binding is None or binding.settle_s is None else binding.settle_s
        settle = 0.0 if command.checked.action is REFRESH else settle
        self._sent[command.key] = _Sent(
            command=command,
            due=time.monotonic() + settle,
            settle_s=settle,
            reads_left=1 if isinstance(doubt, RefusedError) else self._pace.confirm_reads,
            doubt=doubt,
        )

    def hurry(self, command: Command) -> None:
        """Let the very next answer confirm a command that was sent, without counting against it if it does not."""
        sent = self._sent.get(command.key)
        if sent is not None and sent.command is command:
            sent.hurried = True

    def hold_back(self, values: dict[str, Value], published: Mapping[str, Value]) -> None:
        """Keep values from going back while their command is not judged: in place, before publishing."""
        for key, sent in self._sent.items():
            if key not in values:
                continue
            if sent.command.checked.equals(values[key]):
                sent.shown = True
            elif sent.shown and values[key] is not None:  # unknown is not the old value
                values[key] = published.get(key)

    def judge(self, began: float, observed: Mapping[str, Value] | None) -> list[Callable[[], None]]:
        """Judge what was sent by a read that began then; None if the read failed.

        Returns the reports to make after the observed values were published.
        """
        reports: list[Callable[[], None]] = []
        for key, sent in list(self._sent.items()):
            hurried, sent.hurried = sent.hurried, False
            value = None if observed is None else observed.get(key)
            if began < sent.due and not (hurried and sent.command.checked.equals(value)):
                continue
            action = sent.command.checked.action is not None
            if observed is not None and (action or (value is not None and sent.command.checked.equals(value))):
                del self._sent[key]
                reports.append(lambda c=sent.command, v=value: self._confirm(c, v))  # type: ignore[misc]
                continue
            sent.reads_left -= 1
            sent.due = time.monotonic() + sent.settle_s
            if sent.reads_left <= 0:
                del self._sent[key]
                reports.append(lambda s=sent, v=value: self._give_up(s, v))  # type: ignore[misc]
        return reports

    def _give_up(self, sent: _Sent, applied: Value) -> None:
        if isinstance(sent.doubt, RefusedError):
            self._finish(sent.command, Outcome.REJECTED, sent.doubt.code, sent.doubt.message, applied)
        elif sent.doubt is not None:
            self._finish(sent.command, Outcome.FAILED, sent.doubt.code, sent.doubt.message, applied)
        else:
            message = "the charger took the command but does not show the value"
            if applied is None:
                message = "the charger took the command but its value could not be read afterwards"
            self._finish(sent.command, Outcome.UNCONFIRMED, Code.NOT_CONFIRMED, message, applied)

    def close(self) -> None:
        """Refuse what waits and whatever comes; what was sent is still judged."""
        self._closed = True
        for command in list(self._queue.values()):
            self._finish(command, Outcome.REJECTED, Code.SHUTTING_DOWN, "the bridge is stopping")
        self._queue.clear()

    def abandon(self) -> None:
        """End what was sent, or is being sent, without another look."""
        unfinished = self._on_the_way()
        self._sent.clear()
        self._writing = None
        for command in unfinished:
            message = "the bridge stopped before the charger showed what became of it"
            self._finish(command, Outcome.UNCONFIRMED, Code.SHUTTING_DOWN, message)

    def _confirm(self, command: Command, value: Value) -> None:
        self._finish(command, Outcome.CONFIRMED, Code.OK, applied=value)

    def _finish(
        self, command: Command, outcome: Outcome, code: Code, message: str | None = None, applied: Value = None
    ) -> None:
        binding = command.checked.binding
        seen = None if applied is None or binding is None else binding.property.type.json(applied)
        self._report(command.origin.result(outcome, code, message, seen))


def _retained() -> CommandRejectedError:
    message = "retained commands are not carried out, because they would be again at every start; it was cleared"
    return CommandRejectedError(Code.RETAINED, message)


def _command(origin: Origin, key: str, raw: Json, known: Known | None) -> Command:
    if known is None:
        message = "the charger has not answered yet, so it is not known what it can do"
        raise CommandRejectedError(Code.VENDOR_UNREACHABLE, message)
    checked = check(key, raw, known)
    requested = origin.requested if checked.binding is None else checked.binding.property.type.json(checked.value)
    touches = checked.request(known.document).touches
    return Command(origin=replace(origin, requested=requested), key=key, checked=checked, touches=touches)


def _at_once() -> float:
    return -math.inf
