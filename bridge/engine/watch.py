"""What was sent and waits to be judged by what the charger shows."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bridge.charger.contract import Pace
from bridge.charger.values import Value
from bridge.engine.abilities import REFRESH
from bridge.engine.command import Command
from bridge.engine.results import Outcome, Result
from bridge.errors import ChargerError, Code, RefusedError


@dataclass(slots=True, kw_only=True)
class Sent:
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

    def given_up(self, applied: Value) -> Result:
        """Return the result when the charger was looked at often enough and does not show the value."""
        if isinstance(self.doubt, RefusedError):
            return self.command.result(Outcome.REJECTED, self.doubt.code, self.doubt.message, applied)
        if self.doubt is not None:
            return self.command.result(Outcome.FAILED, self.doubt.code, self.doubt.message, applied)
        message = "the charger took the command but does not show the value"
        if applied is None:
            message = "the charger took the command but its value could not be read afterwards"
        return self.command.result(Outcome.UNCONFIRMED, Code.NOT_CONFIRMED, message, applied)


class Watch:
    """The commands of one charger that were sent, by property."""

    def __init__(self, pace: Pace) -> None:
        """Watch nothing yet."""
        self._pace = pace
        self.sent: dict[str, Sent] = {}

    @property
    def next_look(self) -> float:
        """When the next read is needed, by the monotonic clock; infinite if nothing was sent."""
        return min((sent.due for sent in self.sent.values()), default=math.inf)

    def add(self, command: Command, doubt: ChargerError | None) -> None:
        """Watch a command that was sent just now."""
        binding = command.checked.binding
        settle = self._pace.settle_s if binding is None or binding.settle_s is None else binding.settle_s
        settle = 0.0 if command.checked.action is REFRESH else settle
        self.sent[command.key] = Sent(
            command=command,
            due=time.monotonic() + settle,
            settle_s=settle,
            reads_left=1 if isinstance(doubt, RefusedError) else self._pace.confirm_reads,
            doubt=doubt,
        )

    def hurry(self, command: Command) -> None:
        """Let the very next answer confirm a command, without counting against it if it does not."""
        sent = self.sent.get(command.key)
        if sent is not None and sent.command is command:
            sent.hurried = True

    def hold_back(self, values: dict[str, Value], published: Mapping[str, Value]) -> None:
        """Keep values from going back while their command is not judged: in place, before publishing."""
        for key, sent in self.sent.items():
            if key not in values:
                continue
            if sent.command.checked.equals(values[key]):
                sent.shown = True
            elif sent.shown and values[key] is not None:  # unknown is not the old value
                values[key] = published.get(key)

    def judge(self, began: float, observed: Mapping[str, Value] | None) -> list[Result]:
        """Judge by a read that began then, None if it failed; returns the results to report after publishing."""
        results: list[Result] = []
        for key, sent in list(self.sent.items()):
            value = None if observed is None else observed.get(key)
            shows = observed is not None and _shows(sent.command, value)
            hurried, sent.hurried = sent.hurried, False
            if began < sent.due and not (hurried and shows):
                continue
            if shows:
                del self.sent[key]
                results.append(sent.command.confirmed(value))
                continue
            sent.reads_left -= 1
            sent.due = time.monotonic() + sent.settle_s
            if sent.reads_left <= 0:
                del self.sent[key]
                results.append(sent.given_up(value))
        return results


def _shows(command: Command, value: Value) -> bool:
    """Tell whether a good read confirms a command; one without a value to read back with any."""
    return command.answer_decides or (value is not None and command.checked.equals(value))
