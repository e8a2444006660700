"""The types of values: how each is read from a command and written to a topic.

On the wire (contract section 2) booleans are `true`/`false`, numbers plain decimals with at most three places,
timestamps ISO 8601 in UTC; an unknown value is JSON `null` and the text `None`.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from enum import Enum
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar

from bridge.errors import Code, CommandRejectedError

UNKNOWN_TEXT = "None"
"""The scalar text of an unknown value; Home Assistant reads exactly this word as unknown."""

MAX_DECIMALS = 3

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class Firmware(NamedTuple):
    """The installed firmware version and the latest one the charger knows of; each None when unknown."""

    installed: str | None
    latest: str | None


class Nothing(Enum):
    """A vendor's null where that is a value of its own, such as no limit; None means that a value is not known."""

    NOTHING = "null"


NOTHING = Nothing.NOTHING

Value = bool | int | float | str | datetime | Firmware | Nothing | list[Json] | dict[str, Json] | None
"""What a snapshot can hold; numbers are in the units of the catalogue. Lists and objects are never changed in place."""

T = TypeVar("T", bound=Value)


class ValueType(Protocol, Generic[T]):
    """How values of one type are parsed and written."""

    name: str
    """What the capabilities call this type.

    One of `boolean`, `number`, `integer`, `enum`, `text`, `time` (of day), `timestamp`, `firmware`, `json`.
    """

    def parse(self, raw: Json) -> T:
        """Read a command's value; raises CommandRejectedError (`invalid_value`) if it is not of this type."""

    def json(self, value: T) -> Json:
        """Return the value as it stands in a JSON document."""

    def text(self, value: T) -> str:
        """Return the value as it stands on a scalar topic."""


def invalid(raw: Json, wanted: str) -> CommandRejectedError:
    """Return the error for a value of the wrong type, quoting at most 60 characters of it."""
    try:
        shown = raw if isinstance(raw, str) else repr(raw)
    except RecursionError:  # a list in a list in a list ...
        shown = "that"
    if len(shown) > 60:  # noqa: PLR2004 - one line of a log
        shown = shown[:60] + "..."
    return CommandRejectedError(Code.INVALID_VALUE, f"{shown!r} is not {wanted}")


class _Boolean:
    name = "boolean"
    _words: ClassVar = {
        "true": True,
        "on": True,
        "1": True,
        "yes": True,
        "false": False,
        "off": False,
        "0": False,
        "no": False,
    }

    def parse(self, raw: Json) -> bool:
        if isinstance(raw, bool):
            return raw
        word = _word(str(raw)).lower() if isinstance(raw, str | int) else ""
        if word not in self._words:
            raise invalid(raw, "true or false")
        return self._words[word]

    def json(self, value: bool) -> bool:  # noqa: FBT001 - the value itself
        return value

    def text(self, value: bool) -> str:  # noqa: FBT001 - the value itself
        return "true" if value else "false"


# A decimal comma is what many people type; groups of thousands are not accepted, so it cannot be mistaken.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*|,\d{1,2})?|[.,]\d+)([eE][+-]?\d{1,3})?")


def _parse_number(raw: Json) -> float:
    if isinstance(raw, str):
        word = _word(raw)
        if len(word) > 40 or not _NUMBER.fullmatch(word) or not word.isascii():  # noqa: PLR2004 - no honest number is longer
            raise invalid(raw, "a number")
        raw = float(word.replace(",", "."))
    # Beyond 1e15 doubles lose whole numbers. This also refuses NaN, which is not less than anything.
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not abs(raw) <= 1e15:  # noqa: PLR2004
        raise invalid(raw, "a number")
    return raw


def plain_number(value: float) -> float:
    """Return the number rounded to three places, whole ones as int, so that it prints without exponent or `.0`."""
    rounded = round(value, MAX_DECIMALS)
    whole = int(rounded)
    return whole if whole == rounded else rounded


class _Number:
    name = "number"

    def parse(self, raw: Json) -> float:
        return plain_number(_parse_number(raw))

    def json(self, value: float) -> float:
        return plain_number(value)

    def text(self, value: float) -> str:
        return repr(plain_number(value))


class _Integer:
    name = "integer"

    def parse(self, raw: Json) -> int:
        number = _parse_number(raw)
        if number != int(number):
            raise invalid(raw, "a whole number")
        return int(number)

    def json(self, value: int) -> int:
        return value

    def text(self, value: int) -> str:
        return str(value)


class _Text:
    name = "text"

    def parse(self, raw: Json) -> str:
        if not isinstance(raw, str):
            raise invalid(raw, "text")
        try:
            raw.encode()
        except UnicodeEncodeError as error:  # half a character, which JSON can spell
            raise invalid(raw, "valid text") from error
        return raw

    def json(self, value: str) -> str:
        return value

    def text(self, value: str) -> str:
        return value


class _Enumeration(_Text):
    name = "enum"

    def parse(self, raw: Json) -> str:
        if not isinstance(raw, str):
            raise invalid(raw, "one of the options")
        return _word(raw).lower()


class _Timestamp:
    name = "timestamp"

    def parse(self, raw: Json) -> datetime:
        return parse_timestamp(raw)

    def json(self, value: datetime) -> str:
        return timestamp_text(value)

    def text(self, value: datetime) -> str:
        return timestamp_text(value)


class _FirmwareVersions:
    name = "firmware"

    def parse(self, raw: Json) -> Firmware:
        raise invalid(raw, "something that can be set")

    def json(self, value: Firmware) -> Json:
        return {"installed": value.installed, "latest": value.latest}

    def text(self, value: Firmware) -> str:
        return UNKNOWN_TEXT if value.installed is None else value.installed


class _Json:
    name = "json"

    def parse(self, raw: Json) -> list[Json] | dict[str, Json]:
        wanted = "a JSON list or object"
        try:
            found = json.loads(raw) if isinstance(raw, str) else raw
            if not isinstance(found, list | dict) or not is_finite(found):
                raise invalid(raw, wanted)
        except (ValueError, RecursionError) as error:
            raise invalid(raw, wanted) from error
        return found

    def json(self, value: list[Json] | dict[str, Json]) -> Json:
        return value

    def text(self, value: list[Json] | dict[str, Json]) -> str:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


BOOLEAN: ValueType[bool] = _Boolean()
NUMBER: ValueType[float] = _Number()
INTEGER: ValueType[int] = _Integer()
TEXT: ValueType[str] = _Text()
ENUM: ValueType[str] = _Enumeration()
TIMESTAMP: ValueType[datetime] = _Timestamp()
FIRMWARE: ValueType[Firmware] = _FirmwareVersions()
JSON: ValueType[list[Json] | dict[str, Json]] = _Json()


def _word(text: str) -> str:
    """Strip blanks and one pair of double quotes: flow editors often send a JSON string where a word is meant."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':  # noqa: PLR2004 - a pair
        text = text[1:-1].strip()
    return text


def is_finite(value: Json) -> bool:
    """Tell whether every number in it can be written as JSON: Python reads NaN and 1e999 without a word."""
    if isinstance(value, float):
        return math.isfinite(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(is_finite(each) for each in inner)


def parse_timestamp(raw: Json) -> datetime:
    """Read an ISO 8601 time with zone; raises CommandRejectedError (`invalid_value`)."""
    wanted = "an ISO 8601 time with zone, such as 2026-11-20T10:15:02Z"
    if not isinstance(raw, str):
        raise invalid(raw, wanted)
    try:
        moment = datetime.fromisoformat(raw.strip())
        if moment.tzinfo is None:
            raise invalid(raw, wanted)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise invalid(raw, wanted) from error


def timestamp_text(moment: datetime) -> str:
    """Return the moment in UTC with milliseconds, such as `2026-11-20T10:15:02.140Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
