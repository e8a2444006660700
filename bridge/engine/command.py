"""A command that passed every check, and the result that it ends with."""

from __future__ import annotations

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
    def is_action(self) -> bool:
        """Whether there is no value to read back."""
        return self.checked.action is not None

    def result(self, outcome: Outcome, code: Code, message: str | None = None, applied: Value = None) -> Result:
        """Return what became of it, as of now; `applied` is what the charger shows."""
        binding = self.checked.binding
        seen = None if applied is None or binding is None else binding.property.type.json(applied)
        return self.origin.result(outcome, code, message, seen)

    def confirmed(self, value: Value) -> Result:
        """Return the result that the charger shows the value."""
        return self.result(Outcome.CONFIRMED, Code.OK, applied=value)


def make_command(origin: Origin, key: str, raw: Json, known: Known | None) -> Command:
    """Check a wish and make it a command; raises CommandRejectedError."""
    if known is None:
        message = "the charger has not answered yet, so it is not known what it can do"
        raise CommandRejectedError(Code.VENDOR_UNREACHABLE, message)
    checked = check(key, raw, known)
    binding = checked.binding
    told = binding is not None and not binding.property.secret
    requested = binding.property.type.json(checked.value) if binding is not None and told else origin.requested
    touches = checked.request(known.document).touches
    return Command(origin=replace(origin, requested=requested), key=key, checked=checked, touches=touches)
