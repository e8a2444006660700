"""Values that have an inside: reading and refusing their parts."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.charger.document import integer, items
from bridge.charger.values import JSON, Json
from bridge.errors import Code, CommandRejectedError
from bridge.vendors.goe.forms import Form, same

MOST_PRESETS = 5


def wrong(message: str) -> CommandRejectedError:
    """Return the error for a value with something wrong inside."""
    return CommandRejectedError(Code.INVALID_VALUE, message)


def an_object(raw: Json, known: Iterable[str], what: str) -> dict[str, Json]:
    """Return an object that has no other than the known keys; raises CommandRejectedError."""
    if not isinstance(raw, dict):
        raise wrong(f"{what} is not a JSON object")
    strange = [key for key in raw if key not in known]
    if strange:
        raise wrong(f"{what} has no {strange[0][:40]!r}; it has {', '.join(known)}")
    return raw


def parsed_object(raw: Json, known: Iterable[str], what: str) -> dict[str, Json]:
    """Return the object that a command's value stands for; raises CommandRejectedError."""
    try:
        found = JSON.parse(raw)
    except CommandRejectedError:
        raise wrong(f"{what} is not a JSON object") from None
    return an_object(found, known, what)


def whole(raw: Json, low: int, high: int, what: str) -> int:
    """Return a whole number within bounds; raises CommandRejectedError."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or raw != int(raw) or not low <= raw <= high:
        raise wrong(f"{what} must be a whole number from {low} to {high}")
    return int(raw)


class Inside:
    """What the types of such values have in common: they are JSON on every topic."""

    name = "json"
    json = staticmethod(JSON.json)
    text = staticmethod(JSON.text)


def mapping(value: Json) -> dict[str, Json]:
    """Return an object that the charger tells; raises TypeError."""
    if not isinstance(value, dict):
        raise TypeError(f"{type(value).__name__} where an object was expected")
    return value


class _Presets(Inside):
    """The currents that the button goes through, in A."""

    def parse(self, raw: Json) -> list[Json]:
        found = JSON.parse(raw)
        if not isinstance(found, list) or len(found) > MOST_PRESETS:
            raise wrong(f"it must be a list of at most {MOST_PRESETS} currents")
        return [whole(each, 6, 32, "a current") for each in found]


def _read_presets(value: Json) -> list[Json]:
    return [integer(each) for each in items(value)]


PRESETS = Form(type=_Presets(), read=_read_presets, shows=same)
