"""Reading JSON documents of vendors strictly enough to notice nonsense and leniently enough to survive firmware.

Each function takes the value found and returns it in one type, or raises: LookupError is the caller's (a missing key),
TypeError and ValueError are raised here. JSON `null` comes back as None from the functions called `optional_*` only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias

from bridge.charger.values import Json

Document: TypeAlias = Mapping[str, Json]
"""A vendor's answers merged into one object, in the vendor's own words and units."""


def number(value: Json) -> float:
    """Return a finite number; numbers in strings count, booleans do not."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        msg = f"{type(value).__name__} where a number was expected"
        raise TypeError(msg)
    try:
        found = float(value)
    except OverflowError:  # a whole number of some hundred digits
        found = math.inf
    if not math.isfinite(found):
        msg = "a number that is not finite"
        raise ValueError(msg)
    return found


def optional_number(value: Json) -> float | None:
    """Return a finite number, or None for null."""
    return None if value is None else number(value)


def integer(value: Json) -> int:
    """Return a whole number."""
    found = number(value)
    if found != int(found):
        msg = f"{found} where a whole number was expected"
        raise ValueError(msg)
    return int(found)


def optional_integer(value: Json) -> int | None:
    """Return a whole number, or None for null."""
    return None if value is None else integer(value)


def boolean(value: Json) -> bool:
    """Return a truth value; 0 and 1 count, because firmware changes between the two forms."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in {0, 1}:
        return value == 1
    msg = f"{type(value).__name__} where true or false was expected"
    raise TypeError(msg)


def text(value: Json) -> str:
    """Return a string."""
    if not isinstance(value, str):
        msg = f"{type(value).__name__} where text was expected"
        raise TypeError(msg)
    return value


def items(value: Json) -> list[Json]:
    """Return a list."""
    if not isinstance(value, list):
        msg = f"{type(value).__name__} where a list was expected"
        raise TypeError(msg)
    return value
