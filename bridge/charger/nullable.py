"""Values that can be set to nothing: no limit, no transaction."""

from __future__ import annotations

from typing import Generic, TypeVar

from bridge.charger.values import NOTHING, UNKNOWN_TEXT, Json, Nothing, Value, ValueType

T = TypeVar("T", bound=Value)

_WORDS = frozenset({"null", UNKNOWN_TEXT.lower()})
"""What stands for nothing in a command: the JSON literal, and the word that the scalar topic has then."""


class Nullable(Generic[T]):
    """A type of values, and nothing: JSON `null` and the text `null` or `None` in a command.

    It is published as unknown values are: `null` in JSON, `None` on a scalar topic.
    """

    def __init__(self, inner: ValueType[T]) -> None:
        """Wrap the type of what is not nothing."""
        self.name = inner.name
        self._inner = inner

    def parse(self, raw: Json) -> T | Nothing:
        """Read a command's value; raises CommandRejectedError (`invalid_value`) if it is not of this type."""
        if raw is None or (isinstance(raw, str) and raw.strip().lower() in _WORDS):
            return NOTHING
        return self._inner.parse(raw)

    def json(self, value: T | Nothing) -> Json:
        """Return the value as it stands in a JSON document."""
        return None if isinstance(value, Nothing) else self._inner.json(value)

    def text(self, value: T | Nothing) -> str:
        """Return the value as it stands on a scalar topic."""
        return UNKNOWN_TEXT if isinstance(value, Nothing) else self._inner.text(value)
