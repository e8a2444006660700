"""What is kept of Podero's description of a wallbox, and how its values are read. Pure.

Every field is optional here: the description has changed more than once, and each kind of wallbox fills its own part.
Names of persons, e-mail addresses and links are dropped where the answer is read, so that nothing later can tell them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from bridge.charger.document import Document, boolean, text
from bridge.charger.values import Json, Value, timestamp_text

NEVER_KEPT = frozenset({"owner", "embeddable_url", "authorization_url", "cloud_service_signup_link", "resolution_link"})
"""Who the wallbox belongs to, and links, which may carry tokens."""

_FIRST_REAL_YEAR = 1970
_ADDRESS = re.compile(r"://|www\.|\S@\S")
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


def kept(found: Mapping[str, Json], names: frozenset[str]) -> dict[str, Json]:
    """Return the fields of an answer that these names list, without what must not be kept, at any depth."""
    return {name: _without_private(value) for name, value in found.items() if name in names and name not in NEVER_KEPT}


def _without_private(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _without_private(inner) for name, inner in value.items() if name not in NEVER_KEPT}
    return [_without_private(inner) for inner in value] if isinstance(value, list) else value


def at(document: Document, place: str) -> Json:
    """Return what stands at `name` or `name.inner`; raises LookupError where there is nothing of the kind."""
    outer, _, inner = place.partition(".")
    found = document[outer]
    if not inner:
        return found
    return at(found if isinstance(found, dict) else {}, inner)


def has(place: str) -> Callable[[Document], bool]:
    """Return whether a document has this place, be it null."""

    def present(document: Document) -> bool:
        try:
            at(document, place)
        except LookupError:
            return False
        return True

    return present


def flag(document: Document, name: str) -> bool | None:
    """Return a truth value; None where it is missing, null, or neither true nor false."""
    try:
        found = document.get(name)
        return None if found is None else boolean(found)
    except TypeError:
        return None


def word(document: Document, name: str) -> str | None:
    """Return a text; None where it is missing, null, or no text."""
    found = document.get(name)
    return found if isinstance(found, str) else None


def words(value: Json) -> str | None:
    """Return a text that may be published: neither a link nor an e-mail address, which free text can hold."""
    if value is None:
        return None
    found = text(value)
    if _ADDRESS.search(found):
        raise ValueError("it holds a link or an e-mail address, which is not published")
    return found


def moment(value: Json) -> datetime | None:
    """Return a time; None for null, for empty text, and for the year 1, which stands for never."""
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(text(value))
        if found.year < _FIRST_REAL_YEAR:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time beyond all calendars") from error


def deadline(value: Json) -> str | None:
    """Return a deadline as text: a time of day as it stands (`07:30`), a date with time in UTC.

    The two documents of Podero that name the field disagree on which of them it is.
    """
    if value is None or value == "":
        return None
    found = text(value)
    if _TIME_OF_DAY.fullmatch(found):
        return found
    when = moment(found)
    return None if when is None else timestamp_text(when)


def codes(value: Json) -> Value:
    """Return the codes of pending actions, and nothing else of them: they come with links."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise TypeError(f"{type(value).__name__} where a list was expected")
    return [words(action["code"]) for action in value if isinstance(action, dict) and "code" in action]
