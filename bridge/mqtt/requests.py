"""What comes in from the broker: commands, refreshes and questions, handed to the charger or answered here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from bridge.charger.values import Json
from bridge.engine.intake import Received
from bridge.engine.poller import Answered, Poller
from bridge.engine.results import Result
from bridge.errors import BridgeError
from bridge.mqtt import documents
from bridge.mqtt.outbox import Outbox
from bridge.mqtt.results import send_result
from bridge.mqtt.topics import RefreshTopic, RequestTopic, SetTopic, Topics

log = structlog.get_logger()

MAX_REQUEST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message as it came from the broker."""

    topic: str
    payload: bytes
    retained: bool
    correlation: bytes | None = None
    response_topic: str | None = None


class RequestError(BridgeError):
    """A request to the bridge cannot be answered; the message says why."""


class ElsewhereError(BridgeError):
    """A request concerns a charger of another daemon, which answers it."""


Handler = Callable[[Mapping[str, Json]], Json]
"""Carries out one kind of request and returns the `data` of its response; raises RequestError, ElsewhereError."""

SlowHandler = Callable[[Mapping[str, Json], Answered], None]
"""Begins to carry out a request that takes a while, and sees to it that it is answered."""

Refuse = Callable[[str, Received], Sequence[Result]]
"""Returns the results of a command to a charger that is not here; none when another daemon answers."""


class Requests:
    """Routes incoming messages. Never waits, never raises for anything a sender can do."""

    def __init__(
        self,
        outbox: Outbox,
        topics: Topics,
        pollers: Mapping[str, Poller],
        handlers: Mapping[str, Handler],
        slow: Mapping[str, SlowHandler],
        refuse: Refuse,
    ) -> None:
        """Take the chargers by id, the bridge's requests by name, and who answers for unknown chargers."""
        self._outbox = outbox
        self._topics = topics
        self._pollers = pollers
        self._handlers = handlers
        self._slow = slow
        self._refuse = refuse
        self._echoes = False
        self._cleared: set[str] = set()
        """Topics whose retained message we removed and whose removal comes back to us: that is no command."""

    def handle(self, message: Incoming) -> None:
        """Act on one message."""
        match self._topics.parse(message.topic):
            case SetTopic(charger, key):
                self._command(charger, key, message)
            case RefreshTopic(charger) if charger in self._pollers and not message.retained:
                self._pollers[charger].refresh()
            case RequestTopic(None, command) if not message.retained:
                self._answer(command, message)
            case RequestTopic(str(charger), command) if not message.retained:
                self._answer_for(charger, command, message)

    def _command(self, charger: str, key: str | None, message: Incoming) -> None:
        if not message.payload and message.topic in self._cleared:
            self._cleared.discard(message.topic)
            return
        if message.retained and message.payload:
            self._clear(message.topic)
        received = Received(
            key=key,
            payload=message.payload,
            retained=message.retained,
            correlation=message.correlation,
            response_topic=message.response_topic,
        )
        poller = self._pollers.get(charger)
        if poller is not None:
            poller.receive(received)
            return
        for result in self._refuse(charger, received):
            send_result(self._outbox, self._topics, charger, result)

    def _clear(self, topic: str) -> None:
        log.warning("retained command cleared", topic=topic)
        if self._echoes:
            self._cleared.add(topic)
        self._outbox.forget(topic)

    def session_began(self, *, echoes: bool) -> None:
        """Nothing of the old session comes back any more; `echoes` says whether the broker sends us what we publish."""
        self._echoes = echoes
        self._cleared.clear()

    # Questions

    def _answer(self, command: str, message: Incoming) -> None:
        topic = self._topics.bridge_response(command)
        handler, slow = self._handlers.get(command), self._slow.get(command)
        if handler is None and slow is None:
            known = ", ".join(sorted([*self._handlers, *self._slow]))
            self._respond(topic, message, error=f"unknown request; these are known: {known}")
            return
        try:
            arguments = _arguments(message.payload)
            if slow is not None:
                slow(arguments, lambda data, error: self._respond(topic, message, data=data, error=error))
                return
            data = None if handler is None else handler(arguments)
        except ElsewhereError:
            return
        except RequestError as error:
            self._respond(topic, message, error=str(error))
        else:
            self._respond(topic, message, data=data)

    def _answer_for(self, charger: str, command: str, message: Incoming) -> None:
        topic = self._topics.response(charger, command)
        poller = self._pollers.get(charger)
        if poller is None:
            for result in self._refuse(charger, Received(key=command, payload=b"")):
                self._respond(topic, message, error=result.message)
            return
        try:
            arguments = _arguments(message.payload)
        except RequestError as error:
            self._respond(topic, message, error=str(error))
            return
        poller.ask(command, arguments, lambda data, error: self._respond(topic, message, data=data, error=error))

    def _respond(self, topic: str, message: Incoming, *, data: Json = None, error: str | None = None) -> None:
        try:
            transaction = _arguments(message.payload).get("transaction")
            documents.encode(transaction)
        except (RequestError, ValueError, RecursionError):  # Infinity, or nested too deep to be said again
            transaction = None
        status = "ok" if error is None else "error"
        payload = documents.encode({"status": status, "data": data, "error": error, "transaction": transaction})
        self._outbox.send(topic, payload)
        if message.response_topic is not None:
            self._outbox.send(message.response_topic, payload, correlation=message.correlation)


def _arguments(payload: bytes) -> Mapping[str, Json]:
    """Read a request's JSON object; an empty message has no arguments, a bare word stands for `value`."""
    if len(payload) > MAX_REQUEST_BYTES:
        message = f"the request has {len(payload)} bytes, more than {MAX_REQUEST_BYTES}"
        raise RequestError(message)
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError as error:
        message = "the request is not UTF-8 text"
        raise RequestError(message) from error
    if not text.startswith("{"):
        return {"value": text} if text else {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = "the request is not valid JSON"
        raise RequestError(message) from error
    return found if isinstance(found, dict) else {}
