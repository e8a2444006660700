"""What a go-e key is: its name, who may read or write it, its first value, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.simulators.goe_values import Rule
from bridge.simulators.wire import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One row of the key table.

    Attributes:
        name: The vendor's key.
        readable: Whether it is part of the status.
        rule: What may be written; None for a key that cannot be written.
        default: What a new charger has. Measurements and states are computed instead.
    """

    name: str
    readable: bool = True
    rule: Rule | None = None
    default: JsonValue = None


def read(name: str, default: JsonValue = None) -> Key:
    """A key that can only be read (`R` in the documents)."""
    return Key(name=name, default=default)


def read_write(name: str, rule: Rule, default: JsonValue = None) -> Key:
    """A key that can be read and written (`R/W`)."""
    return Key(name=name, rule=rule, default=default)


def write(name: str, rule: Rule) -> Key:
    """A key that can only be written (`W`): an action or a secret."""
    return Key(name=name, readable=False, rule=rule)
