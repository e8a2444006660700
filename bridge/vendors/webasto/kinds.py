"""Types of values that only a charger's own fields have. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bridge.charger.values import TEXT, Json, ValueType, invalid
from bridge.errors import Code, CommandRejectedError


@dataclass(slots=True, eq=False)
class Choice:
    """One of some words, in the charger's spelling; people may write them in any case."""

    options: tuple[str, ...]
    name: str = "enum"

    def parse(self, raw: Json) -> str:
        """Return the option in the charger's spelling."""
        word = TEXT.parse(raw).strip().strip('"').strip()
        found = next((option for option in self.options if option.lower() == word.lower()), None)
        if found is None:
            raise invalid(raw, f"one of {', '.join(self.options)}")
        return found

    def json(self, value: str) -> Json:
        """Return it as it is."""
        return value

    def text(self, value: str) -> str:
        """Return it as it is."""
        return value


class _TimeOfDay:
    name = "time"

    def parse(self, raw: Json) -> str:
        word = TEXT.parse(raw).strip().strip('"').strip()
        if not re.fullmatch(r"([01]\d|2[0-3])(:[0-5]\d){1,2}", word, re.ASCII):
            raise invalid(raw, "a time of day, such as 07:30")
        return word

    def json(self, value: str) -> Json:
        return value

    def text(self, value: str) -> str:
        return value


class _Secret:
    name = "text"

    def parse(self, raw: Json) -> str:
        if isinstance(raw, bool) or not isinstance(raw, str | int):
            raise CommandRejectedError(Code.INVALID_VALUE, "the secret must be text")  # without quoting it
        return str(raw)

    def json(self, value: str) -> Json:  # noqa: ARG002 - nobody is told
        return None

    def text(self, value: str) -> str:
        return value


TIME_OF_DAY: ValueType[str] = _TimeOfDay()
SECRET: ValueType[str] = _Secret()
