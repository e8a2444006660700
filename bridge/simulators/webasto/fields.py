"""What a field of the configuration is: its type, its bounds, who may set it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bridge.simulators.webasto.refusals import RefusedError
from bridge.simulators.wire import JsonValue

Kind: TypeAlias = Literal[
    "number",
    "readonly",
    "boolean",
    "simple-string",
    "select",
    "password",
    "time",
    "datetime",
    "button",
    "upload",
    "download",
]
"""Of `configurationFieldType` the document shows only `number` and `readonly`. `boolean` and `simple-string` follow
from the updates that other clients send; the rest is a guess from the words of its tables."""

WITHOUT_VALUE = frozenset({"button", "upload", "download"})
HOURS, MINUTES = 24, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field.

    Attributes:
        key: Its `fieldKey`.
        group: Its `groupKey`, empty for the fields of a Unite.
        kind: What it is.
        label: In English.
        german: In German.
        value: From the factory, or what is read when nothing else is known.
        writable: Whether it may be set.
        least: Of a number, None without a bound that is told.
        most: The same.
        options: What can be chosen, empty when that is not known.
    """

    key: str
    group: str = ""
    kind: Kind = "readonly"
    label: str = ""
    german: str = ""
    value: JsonValue = None
    writable: bool = True
    least: float | None = None
    most: float | None = None
    options: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """Its `configurationFieldType`."""
        return f"{self.kind}-configuration-field"

    def check(self, value: JsonValue) -> None:
        """Let a value pass that may be set.

        Raises:
            RefusedError: It has the wrong type, is out of bounds, or there is nothing to be set here.
        """
        if not self.writable:
            raise RefusedError(403, f"{self.key} is read-only")
        if self.kind in WITHOUT_VALUE:
            raise RefusedError(400, f"{self.key} cannot be set")
        if not self._has_type(value):
            raise RefusedError(400, f"{json_name(value)} is not a value for {self.key}")
        if isinstance(value, int | float) and not isinstance(value, bool) and not self._within(value):
            raise RefusedError(400, f"{self.key} must be between {self.least:g} and {self.most:g}")
        if self.options and value not in self.options:
            raise RefusedError(400, f"{self.key} must be one of {', '.join(self.options)}")

    def _has_type(self, value: JsonValue) -> bool:
        if self.kind == "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind == "boolean":
            return isinstance(value, bool)
        if self.kind == "time":
            return isinstance(value, str) and _is_time(value)
        return isinstance(value, str)

    def _within(self, value: float) -> bool:
        return self.least is None or self.most is None or self.least <= value <= self.most


def json_name(value: JsonValue) -> str:
    """What kind of JSON a value is; never the value, which may be a secret."""
    names = {
        bool: "A boolean",
        int: "A number",
        float: "A number",
        str: "A string",
        list: "An array",
        dict: "An object",
    }
    return names.get(type(value), "null")


def _is_time(text: str) -> bool:
    hours, colon, minutes = text.partition(":")
    return (
        bool(colon)
        and all(part.isdecimal() and len(part) == len("00") for part in (hours, minutes))
        and int(hours) < HOURS
        and int(minutes) < MINUTES
    )
