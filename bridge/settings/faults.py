"""Validation errors in plain words, each at its place, without a single value of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from bridge.charger.values import Json
from bridge.complaint import OWN_WORDS
from bridge.settings.draft import Draft, Place

_ABOUT_A_KEY = {"missing", "extra_forbidden", OWN_WORDS}
"""Errors whose place may end in a key that is not there."""

_WORDS = {
    "missing": "it must be given",
    "value_error": "{error}",
    OWN_WORDS: "{message}",
    "string_type": "it must be text; put it in quotes",
    "string_pattern_mismatch": "it is not written as it should be; see docs/configuration.md",
    "string_too_long": "it must have at most {max_length} characters",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "float_type": "it must be a number",
    "float_parsing": "it must be a number",
    "finite_number": "it must be a finite number",
    "bool_type": "it must be true or false",
    "bool_parsing": "it must be true or false",
    "literal_error": "it must be {expected}",
    "enum": "it must be {expected}",
    "greater_than": "it must be more than {gt:g}",
    "greater_than_equal": "it must be at least {ge:g}",
    "less_than": "it must be less than {lt:g}",
    "less_than_equal": "it must be at most {le:g}",
    "path_type": "it must be the path of a file",
    "dict_type": "it must be a mapping (`key: value` lines)",
    "model_type": "it must be a mapping (`key: value` lines)",
    "list_type": "it must be a list",
    "tuple_type": "it must be a list",
    "set_type": "it must be a list",
    "frozen_set_type": "it must be a list",
}
"""Our words for pydantic's error types. Its own texts are not used: some of them quote the value."""


def explain(draft: Draft, error: ValidationError) -> None:
    """Add every error to the draft's faults."""
    found: dict[Place, list[str]] = {}
    for item in error.errors(include_input=False, include_url=False):
        kind, context = item["type"], item.get("ctx", {})
        if kind == "default_factory_not_called":  # a default could not be worked out, because of another fault
            continue
        place = _place(item["loc"], draft.data, may_end_in_new_key=kind in _ABOUT_A_KEY)
        if kind == "extra_forbidden":
            _unknown_key(draft, place)
            continue
        messages = found.setdefault(place, [])
        message = _message(kind, context)
        if message not in messages:
            messages.append(message)
    for place, messages in found.items():  # several where a value may be of several types
        draft.fault(place, ", or ".join(messages))


def _place(location: Sequence[int | str], data: Json, *, may_end_in_new_key: bool) -> Place:
    """Return the part of pydantic's location that is ours: it also names members of unions and `[key]`."""
    place: list[str] = []
    for part in location:
        inside: Any
        if isinstance(data, dict) and part in data:
            inside = data[str(part)]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            inside = data[part]
        else:
            if may_end_in_new_key and isinstance(data, dict) and part == location[-1]:
                place.append(str(part))
            break
        place.append(str(part))
        data = inside
    return tuple(place)


def _message(kind: str, context: dict[str, Any]) -> str:
    if kind == "string_too_short":
        return (
            "it must not be empty"
            if context["min_length"] == 1
            else f"it must have at least {context['min_length']} characters"
        )
    words = _WORDS.get(kind)
    return f"it is not valid ({kind})" if words is None else words.format_map(context)


def _unknown_key(draft: Draft, place: Place) -> None:
    guess = get_close_matches(place[-1], sorted(draft.known_keys.get(place[:-1], ())), 1)
    advice = f"; did you mean {guess[0]}?" if guess else ""
    if _value(draft.data, place) is None:
        # `{password: ab,cd}` is a mapping with the keys `password` and `cd`: the key may be part of a secret.
        draft.fault(place, f"there is a key that is not known and has no value{advice}", shown=place[:-1])
    else:
        draft.fault(place, f"this key is not known{advice}")


def _value(data: Json, place: Place) -> Json:
    for key in place:
        if isinstance(data, dict):
            data = data.get(key)
    return data
