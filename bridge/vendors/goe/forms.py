"""How a kind of key is read, checked and written: its type, its form on the wire, and what counts as the same."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bridge.charger.document import boolean, integer, number, text
from bridge.charger.values import BOOLEAN, INTEGER, JSON, NUMBER, TEXT, Json, Value, ValueType, invalid, is_finite
from bridge.errors import Code, CommandRejectedError

FLOAT32_DIGITS = 1e-6
"""How exactly the charger keeps numbers, relatively: 49.8 comes back as 49.79999924."""


def _as_it_is(value: Any, _: Json) -> Json:  # noqa: ANN401 - of the form's own type
    return value  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind of value.

    `read` takes what the charger tells, never null, and raises TypeError or ValueError. `wire` takes a checked value
    and what the charger told of the key last (None if nothing), and returns what is sent. `shows(wished, observed)` is
    for values that come back in another form than they were sent. `confidential`: what is sent must not be shown.
    """

    type: ValueType[Any]
    read: Callable[[Json], Value]
    wire: Callable[[Any, Json], Json] = _as_it_is
    shows: Callable[[Any, Any], bool] | None = None
    confidential: bool = False


def same(wished: object, observed: object) -> bool:
    """Tell whether two JSON values are equal but for the precision of the charger's numbers."""
    if isinstance(wished, bool) or isinstance(observed, bool):
        return wished is observed
    if isinstance(wished, int | float) and isinstance(observed, int | float):
        return math.isclose(wished, observed, rel_tol=FLOAT32_DIGITS, abs_tol=FLOAT32_DIGITS)
    if isinstance(wished, list) and isinstance(observed, list):
        return len(wished) == len(observed) and all(map(same, wished, observed))
    if isinstance(wished, dict) and isinstance(observed, dict):
        return wished.keys() == observed.keys() and all(same(wished[key], observed[key]) for key in wished)
    return wished == observed


class _Part:
    """A JSON value that is a list, or one that is an object."""

    name = "json"

    def __init__(self, kind: type[list[Json] | dict[str, Json]], wanted: str) -> None:
        self._kind = kind
        self._wanted = wanted

    def parse(self, raw: Json) -> list[Json] | dict[str, Json]:
        found = JSON.parse(raw)
        if not isinstance(found, self._kind):
            raise invalid(raw, self._wanted)
        return found

    json = staticmethod(JSON.json)
    text = staticmethod(JSON.text)


class _Colour:
    name = "text"

    def parse(self, raw: Json) -> str:
        word = TEXT.parse(raw).strip().strip('"').upper()
        if not re.fullmatch(r"#[0-9A-F]{6}", word):
            raise invalid(raw, "a colour such as #00FF80")
        return word

    json = staticmethod(TEXT.json)
    text = staticmethod(TEXT.text)


class _Button:
    """What the button on the charger may do: 0 (nothing) to 3 (always); false and true with old firmware."""

    name = "integer"

    def parse(self, raw: Json) -> int:
        try:
            return int(BOOLEAN.parse(raw))
        except CommandRejectedError:
            return INTEGER.parse(raw)

    json = staticmethod(INTEGER.json)
    text = staticmethod(INTEGER.text)


def _button_wire(value: int, shown: Json) -> Json:
    if not isinstance(shown, bool):
        return value
    if value > 1:
        raise CommandRejectedError(Code.OUT_OF_RANGE, "this firmware takes 0 (not allowed) and 1 (allowed) only")
    return value == 1


def _read_json(value: Json) -> list[Json] | dict[str, Json]:
    if not isinstance(value, list | dict):
        raise TypeError("neither a list nor an object")
    return value


class _Anything:
    """What is written or read in more than one form: a number, a list, an object."""

    name = "json"

    def parse(self, raw: Json) -> Json:
        try:
            found: Json = json.loads(raw) if isinstance(raw, str) else raw
            if found is None or isinstance(found, str) or not is_finite(found):
                raise invalid(raw, "a number, a JSON list or a JSON object")
        except (ValueError, RecursionError) as error:
            raise invalid(raw, "a number, a JSON list or a JSON object") from error
        return found

    def json(self, value: Json) -> Json:
        return value

    def text(self, value: Json) -> str:
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _read_anything(value: Json) -> Value:
    return value


def contains(wished: object, observed: object) -> bool:
    """Tell whether what was written shows in what may hold more: a number as `amp`, an object by its own keys."""
    if isinstance(observed, dict) and not isinstance(wished, list):
        parts = wished if isinstance(wished, dict) else {"amp": wished}
        return all(key in observed and same(part, observed[key]) for key, part in parts.items())
    return same(wished, observed)


def _read_whole(value: Json) -> int:
    return int(value) if isinstance(value, bool) else integer(value)


ANYTHING = Form(type=_Anything(), read=_read_anything, shows=contains)
LIST = Form(type=_Part(list, "a JSON list"), read=_read_json, shows=same)
OBJECT = Form(type=_Part(dict, "a JSON object"), read=_read_json, shows=same)
BUTTON = Form(type=_Button(), read=_read_whole, wire=_button_wire)
COLOUR = Form(type=_Colour(), read=lambda value: text(value).upper())
BOOL = Form(type=BOOLEAN, read=boolean)
INT = Form(type=INTEGER, read=_read_whole)  # some keys were true and false in older firmware
FLOAT = Form(type=NUMBER, read=number, shows=same)
WORDS = Form(type=TEXT, read=text)
