"""What passes between a simulator's socket and its pure part: requests in, answers out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import unquote_plus

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
Json: TypeAlias = dict[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRequest:
    """One request as it came.

    Attributes:
        method: `GET` and the like.
        path: Without the query.
        query: Decoded, the first value of each name.
        raw_query: What stood behind the question mark, not decoded.
        at: Seconds on the simulator's clock.
        headers: By their names in lower case; of several with one name the first.
        body: As it came, mostly empty.
    """

    method: str
    path: str
    query: Mapping[str, str]
    raw_query: str
    at: float
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> JsonValue:
        """The body as JSON.

        Raises:
            ValueError: It is none.
        """
        value: JsonValue = json.loads(self.body)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the simulator sends back. Not chunked means with a `Content-Length`; `after_s` is how long it takes."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    chunked: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0


def raw_values(raw_query: str) -> dict[str, str]:
    """Split a query into names and still encoded values; of several with one name the first counts."""
    values: dict[str, str] = {}
    for part in raw_query.split("&"):
        name, _, value = part.partition("=")
        if name:
            values.setdefault(unquote_plus(name), value)
    return values


def decoded_values(raw_query: str) -> dict[str, str]:
    """Split a query into names and decoded values; bytes that are no UTF-8 become replacement characters."""
    return {name: unquote_plus(value) for name, value in raw_values(raw_query).items()}
