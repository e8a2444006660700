"""Which JSON values a go-e key takes, and the words in which the charger refuses others.

The error texts are those of real chargers (go-eCharger-API-v2 issues 4, 81, 153, 192, 218), without the key in front.
Where nobody has published the text for a case, the nearest published one is used.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from bridge.simulators.wire import JsonValue


class WriteRefusedError(Exception):
    """The charger does not take a value; the text is what it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a value must be.

    Attributes:
        kind: The vendor's name of the type, as it stands in error texts.
        fits: Whether a value that is not null is of that type.
        low: Smallest number allowed, None for no limit.
        high: Largest number allowed, None for no limit.
        nullable: Whether null is a value.
        fault_inside: Says what is wrong inside an object, a list or a text; None when nothing is.
    """

    kind: str
    fits: Callable[[JsonValue], bool]
    low: float | None = None
    high: float | None = None
    nullable: bool = False
    fault_inside: Callable[[JsonValue], str | None] | None = None

    def check(self, value: JsonValue) -> None:
        """Raise `WriteRefusedError` when the value does not fit."""
        if value is None:
            if not self.nullable:
                raise WriteRefusedError("null not allowed")
            return
        if not self.fits(value):
            raise WriteRefusedError(f"value must be {'null or ' if self.nullable else ''}{self.kind}")
        if self.low is not None and self.high is not None and is_number(value):
            check_range(value, self.low, self.high)
        if self.fault_inside is not None and (fault := self.fault_inside(value)) is not None:
            raise WriteRefusedError(fault)


def parse_literal(raw: str) -> JsonValue:
    """Read one JSON literal as the charger's JSON library does, with its names for what is wrong.

    Raises:
        WriteRefusedError: The text is not JSON.
    """
    if not raw.strip():
        raise WriteRefusedError("EmptyInput")
    try:
        value: JsonValue = json.loads(raw, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        cut_short = error.pos >= len(raw) or error.msg.startswith("Unterminated string")
        raise WriteRefusedError("IncompleteInput" if cut_short else "InvalidInput") from None
    except (ValueError, RecursionError):
        raise WriteRefusedError("InvalidInput") from None
    return value


def is_number(value: JsonValue) -> bool:
    """Whether it is a number; to Python true and false are numbers, to JSON they are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: JsonValue) -> bool:
    """Whether it is a number without a fraction; 16.0 has one for the charger."""
    return isinstance(value, int) and not isinstance(value, bool)


def check_range(value: JsonValue, low: float, high: float) -> None:
    """Raise `WriteRefusedError` when a number is outside a range."""
    if not isinstance(value, int | float) or not low <= value <= high:
        raise WriteRefusedError(f"Value {json.dumps(value)} exceeds range {low:g} to {high:g}")


def uint8(low: int = 0, high: int = 255) -> Rule:
    """A whole number of 8 bits; a narrower range has an error text of its own."""
    return Rule(kind="uint8_t", fits=lambda value: _within_bits(value, 0, 255), low=low, high=high)


def uint16() -> Rule:
    """A whole number of 16 bits."""
    return Rule(kind="uint16_t", fits=lambda value: _within_bits(value, 0, 2**16 - 1))


def uint32() -> Rule:
    """A whole number of 32 bits."""
    return Rule(kind="uint32_t", fits=lambda value: _within_bits(value, 0, 2**32 - 1))


def int32(low: int | None = None, high: int | None = None) -> Rule:
    """A whole number of 32 bits with sign: milliseconds, seconds, minutes."""
    return Rule(kind="int32_t", fits=lambda value: _within_bits(value, -(2**31), 2**31 - 1), low=low, high=high)


def int64() -> Rule:
    """A whole number of 64 bits with sign: moments in ms."""
    return Rule(kind="int64_t", fits=lambda value: _within_bits(value, -(2**63), 2**63 - 1))


def uint64() -> Rule:
    """A whole number of 64 bits."""
    return Rule(kind="uint64_t", fits=lambda value: _within_bits(value, 0, 2**64 - 1))


def number(kind: str = "float") -> Rule:
    """Any number; `kind` is `float` or `double`."""
    return Rule(kind=kind, fits=is_number)


def boolean() -> Rule:
    """True or false, and no number instead."""
    return Rule(kind="bool", fits=lambda value: isinstance(value, bool))


def text(longest: int | None = None) -> Rule:
    """A string."""

    def too_long(value: JsonValue) -> str | None:
        is_long = longest is not None and isinstance(value, str) and len(value) > longest
        return f"string longer than {longest}" if is_long else None

    return Rule(kind="string", fits=lambda value: isinstance(value, str), fault_inside=too_long)


def array(fault_inside: Callable[[JsonValue], str | None] | None = None) -> Rule:
    """A list."""
    return Rule(kind="JsonArray", fits=lambda value: isinstance(value, list), fault_inside=fault_inside)


def json_object(fault_inside: Callable[[JsonValue], str | None] | None = None) -> Rule:
    """An object."""
    return Rule(kind="JsonObject", fits=lambda value: isinstance(value, dict), fault_inside=fault_inside)


def anything() -> Rule:
    """Any JSON value."""
    return Rule(kind="JsonVariantConst", fits=lambda _: True, nullable=True)


def button_right() -> Rule:
    """What the button may do: a bool in the first document, later 0 (always locked) to 3 (never locked)."""
    return Rule(
        kind="uint8_t", fits=lambda value: isinstance(value, bool) or _within_bits(value, 0, 255), low=0, high=3
    )


def optional(rule: Rule) -> Rule:
    """The same, or null."""
    return replace(rule, nullable=True)


def _within_bits(value: JsonValue, low: int, high: int) -> bool:
    return isinstance(value, int) and is_whole(value) and low <= value <= high


def _no_constant(name: str) -> JsonValue:
    # Python reads NaN and Infinity; JSON has no such things, and the charger refuses them.
    raise ValueError(name)
