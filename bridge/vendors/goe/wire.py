"""What the ways to a charger have in common: reading keys, writing one, and the words of an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol
from urllib.parse import quote

from bridge.charger.binding import Request
from bridge.charger.document import Document
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, RefusedError
from bridge.http import Answer

KEYS_PER_REQUEST = 40
"""About 350 characters of filter are what all firmware answers reliably."""


class Wire(Protocol):
    """A way to one charger on which it is asked. Calls must not overlap: the device serves one at a time."""

    async def read(self, keys: Sequence[str]) -> Document:
        """Return the keys that the charger has; those it does not know are missing. Raises ChargerError."""

    async def write(self, request: Request) -> None:
        """Send one write, once; raises ChargerError, with the charger's own words when it says no."""


def in_parts(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield the keys in filters of that size."""
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def query(request: Request) -> Iterator[tuple[str, str]]:
    """Yield each key with its value, encoded for an address, but no more than is needed: there is a limit."""
    for key, literal in request.query:
        yield quote(key), quote(literal, safe=":,")


def json_object(answer: Answer) -> dict[str, Json]:
    """Return the object in an answer; raises BadAnswerError."""
    document = answer.json()
    if not isinstance(document, dict):
        raise BadAnswerError("the answer is not a JSON object")
    return document


def check_taken(request: Request, document: Mapping[str, Json]) -> None:
    """Raise RefusedError unless every key was taken: true means accepted, anything else is the error text.

    Source: README by example, issue 62.
    """
    for key, _ in request.query:
        if document.get(key) is not True:
            raise RefusedError(shown(document.get(key)))


def words(answer: Answer) -> str:
    """Return the charger's words in a refusal: the texts of its JSON, else the beginning of what it sent."""
    try:
        document = answer.json()
    except BadAnswerError:
        document = None
    if isinstance(document, dict) and document:
        return "; ".join(shown(text) for text in document.values())
    return f"HTTP {answer.status}: {answer.text() or 'no text'}"


def shown(value: Json) -> str:
    """Return a value of an answer in one line."""
    return (value if isinstance(value, str) else json.dumps(value))[:200]
