"""A command that passed every check, and the result that it ends with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bridge.charger.values import Json, Value
from bridge.engine.checks import Checked, Known, check
from bridge.engine.results import Origin, Outcome, Result
from bridge.errors import Code, CommandRejectedError

MASK = "***"
TELLING_RUN = 4
"""So many letters in a row of a secret are hidden, wherever they stand; a shorter one is hidden as a whole."""


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
        """Return the charger's words without a value that must not be repeated, and without any part of it."""
        return message if self.repeatable else _without(message, [*_forms(self.checked.value)])

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


def _forms(value: object) -> Iterator[str]:
    """Yield every text in a value as chargers may repeat it: as it is, in one line, and as it stands in JSON."""
    if isinstance(value, str):
        in_json = (json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
        yield from {value, " ".join(value.split()), *in_json} - {""}
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _forms(each)


def _without(message: str, forms: Sequence[str]) -> str:
    """Hide every run of letters that is in one of the forms: words of chargers are cut, and their blanks may differ."""
    shown, at = "", 0
    while at < len(message):
        run = max((_run(message, at, form) for form in forms), default=0)
        shown += MASK if run else message[at]
        at += max(run, 1)
    return shown


def _run(message: str, at: int, form: str) -> int:
    """Return how many letters from there on are in the form, 0 if they are too few to be more than chance."""
    length = min(TELLING_RUN, len(form))
    if len(message) - at < length or message[at : at + length] not in form:
        return 0
    while at + length < len(message) and message[at : at + length + 1] in form:
        length += 1
    return length


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
