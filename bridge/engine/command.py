"""A command that passed every check, and the result that it ends with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bridge.charger.values import Json, Value
from bridge.engine.checks import Checked, Known, check
from bridge.engine.results import Origin, Outcome, Result
from bridge.errors import Code, CommandRejectedError


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

    @property
    def answer_decides(self) -> bool:
        """Whether there is no value to read back, so that what the charger answers is all there is to know."""
        binding = self.checked.binding
        return binding is None or binding.answer_decides

    @property
    def lapses(self) -> bool:
        """Whether the charger forgets it after a while."""
        binding = self.checked.binding
        return binding is not None and binding.lapses

    @property
    def repeatable(self) -> bool:
        """Whether results and logs may repeat what was to be set, also in the charger's words."""
        binding = self.checked.binding
        return binding is None or binding.property.repeatable

    def discreet(self, message: str) -> str:
        """Return the charger's words without a value that must not be repeated."""
        for text in () if self.repeatable else _texts(self.checked.value):
            for form in {text, json.dumps(text)[1:-1]} - {""}:
                message = message.replace(form, "***")
        return message

    def max_age_s(self, usual: float) -> float:
        """Return how long it may wait, given how long commands usually may."""
        binding = self.checked.binding
        return usual if binding is None or binding.max_age_s is None else binding.max_age_s

    def min_interval_s(self, usual: float) -> float:
        """Return how long after the last write of the same it may be sent, given the usual interval."""
        binding = self.checked.binding
        return usual if binding is None or binding.min_interval_s is None else binding.min_interval_s

    def result(self, outcome: Outcome, code: Code, message: str | None = None, applied: Value = None) -> Result:
        """Return what became of it, as of now; `applied` is what the charger shows."""
        binding = self.checked.binding
        seen = None if applied is None or binding is None else binding.property.type.json(applied)
        return self.origin.result(outcome, code, message, seen)

    def confirmed(self, value: Value) -> Result:
        """Return the result that the charger shows the value."""
        return self.result(Outcome.CONFIRMED, Code.OK, applied=value)


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a value, the longest first where one may be a part of another."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        yield from sorted((text for each in inner for text in _texts(each)), key=len, reverse=True)


def make_command(origin: Origin, key: str, raw: Json, known: Known | None) -> Command:
    """Check a wish and make it a command; raises CommandRejectedError."""
    if known is None:
        message = "the charger has not answered yet, so it is not known what it can do"
        raise CommandRejectedError(Code.VENDOR_UNREACHABLE, message)
    checked = check(key, raw, known)
    binding = checked.binding
    told = binding is not None and binding.property.repeatable
    requested = binding.property.type.json(checked.value) if binding is not None and told else origin.requested
    touches = checked.request(known.document).touches
    return Command(origin=replace(origin, requested=requested), key=key, checked=checked, touches=touches)
