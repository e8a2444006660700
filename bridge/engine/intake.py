"""From the bytes of a command to what is asked for, before anything is known of the charger. Pure."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from datetime import datetime

from bridge.charger.values import Json, parse_timestamp
from bridge.engine.results import Origin, Outcome, Reply, Result
from bridge.errors import Code, CommandRejectedError

MAX_SCALAR_BYTES = 4 * 1024
MAX_JSON_BYTES = 64 * 1024
MAX_ID_LENGTH = 128
MAX_DEPTH = 20
"""How deep a JSON message may be nested: deeper ones could be read, but not always be shown again."""
SHOWN_LENGTH = 200
"""How much of a refused value is repeated in its result."""
OF_A_VENDOR = "vendor/"
"""How the keys begin that may stand for a secret, which only a charger that has answered can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message on a set topic. `key` names the property; it is None for the JSON form."""

    key: str | None
    payload: bytes
    retained: bool = False
    correlation: bytes | None = None
    response_topic: str | None = None

    @property
    def reply(self) -> Reply | None:
        """Where else the final result goes."""
        return None if self.response_topic is None else Reply(topic=self.response_topic, correlation=self.correlation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one message asks for: values by property, all under one id."""

    id: str
    sent_at: datetime | None
    values: tuple[tuple[str, Json], ...]
    shown: tuple[Json, ...]
    """The values as results repeat them."""
    fault: CommandRejectedError | None = None
    """Why nothing of it is carried out: its id or its time makes no sense."""


class UnreadableError(CommandRejectedError):
    """A message that names no property that could be acted on; `id` and `shown` are what could be made of it."""

    def __init__(self, code: Code, message: str, *, id_: str, shown: str | None) -> None:
        """Keep what the result will repeat."""
        super().__init__(code, message)
        self.id = id_
        self.shown = shown


def read_wish(received: Received) -> Wish:
    """Read a message; raises UnreadableError (`too_large`, `invalid_value`)."""
    id_ = _correlation_id(received.correlation) or uuid.uuid4().hex[:12]
    limit = MAX_JSON_BYTES if received.key is None else MAX_SCALAR_BYTES
    if len(received.payload) > limit:
        message = f"the message has {len(received.payload)} bytes, more than {limit}"
        raise UnreadableError(Code.TOO_LARGE, message, id_=id_, shown=None)
    try:
        text = received.payload.decode()
    except UnicodeDecodeError as error:
        message = "the message is not UTF-8 text"
        raise UnreadableError(Code.INVALID_VALUE, message, id_=id_, shown=None) from error
    if received.key is not None:
        return Wish(id=id_, sent_at=None, values=((received.key, text),), shown=(_shown_scalar(text),))
    return _read_json(text, id_)


def _read_json(text: str, id_: str) -> Wish:
    def unreadable(message: str, cause: Exception | None = None) -> UnreadableError:
        error = UnreadableError(
            Code.INVALID_VALUE, message, id_=id_, shown=None if OF_A_VENDOR in text else _shorten(text)
        )
        error.__cause__ = cause
        return error

    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = "the message is not JSON"
        raise unreadable(message, error) from error
    if not isinstance(document, dict):
        message = "the message is not a JSON object of properties"
        raise unreadable(message)
    if _is_deeper(document, MAX_DEPTH):
        message = f"the message is nested more than {MAX_DEPTH} deep"
        raise unreadable(message)
    fault: CommandRejectedError | None = None
    own_id = document.pop("id", None)
    if isinstance(own_id, str | int | float) and not isinstance(own_id, bool):
        id_ = str(own_id)[:MAX_ID_LENGTH]
    elif own_id is not None:
        fault = CommandRejectedError(Code.INVALID_VALUE, "id is neither text nor a number")
    sent_at, moment = document.pop("ts", None), None
    try:
        moment = None if sent_at is None else parse_timestamp(sent_at)
    except CommandRejectedError as error:
        fault = fault or CommandRejectedError(error.code, f"ts: {error.message}")
    if not document:
        message = "the message names no property"
        raise unreadable(message)
    shown = tuple(_shown(raw) for raw in document.values())
    return Wish(id=id_, sent_at=moment, values=tuple(document.items()), shown=shown, fault=fault)


def _is_deeper(value: Json, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)


def _correlation_id(data: bytes | None) -> str | None:
    if not data:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data[:MAX_ID_LENGTH].hex()
    return text[:MAX_ID_LENGTH] if text.isprintable() else data[:MAX_ID_LENGTH].hex()


def _shorten(text: str) -> str:
    """Return at most as much of a refused message as a result repeats."""
    return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "..."


def _shown_scalar(text: str) -> Json:
    """Return the number or truth value that a scalar message stands for, else the text."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return _shorten(text)
    return _shown(found) if isinstance(found, bool | int | float) else _shorten(text)


def _shown(raw: Json) -> Json:
    if isinstance(raw, str):
        return _shorten(raw)
    if raw is None or isinstance(raw, bool | int | float):
        # NaN and Infinity are not JSON, and integers of thousands of digits are not worth repeating.
        return raw if raw is None or abs(raw) <= 1e15 else _shorten(repr(raw))  # noqa: PLR2004
    return _shorten(json.dumps(raw))


def repeated(key: str | None, shown: Json) -> Json:
    """Return what a result may repeat of a value when nothing is known of its key: nothing of a vendor's own."""
    return None if key is not None and key.startswith(OF_A_VENDOR) else shown


def refusals(received: Received, code: Code, message: str) -> list[Result]:
    """Return the results of a message that nobody will carry out: one for each property it names."""
    arrived = time.monotonic()
    try:
        wish = read_wish(received)
        named: list[tuple[str | None, Json]] = [
            (key, shown) for (key, _), shown in zip(wish.values, wish.shown, strict=True)
        ]
        id_ = wish.id
    except UnreadableError as error:
        named, id_ = [(received.key, error.shown)], error.id
    return [
        Origin(id=id_, key=key, requested=repeated(key, requested), received=arrived, reply=received.reply).result(
            Outcome.REJECTED, code, message
        )
        for key, requested in named
    ]
