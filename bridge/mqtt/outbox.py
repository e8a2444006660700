"""What has to go to the broker: everything that it should hold, and what happened meanwhile.

Writers never wait. A topic that is written again before it was sent is sent once, with the newest payload and in its
newest place, so that consumers see messages in the order of the newest facts. Everything is bounded: retained
messages by the number of topics, the others by MAX_LIVE.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

import structlog

log = structlog.get_logger()

MAX_LIVE = 20000
"""Messages that are not retained and wait for the broker; beyond it the oldest are dropped, said once."""


class Rank(IntEnum):
    """The order in which a new broker session gets what is retained."""

    BRIDGE_STATE = 0
    BRIDGE_INFO = 1
    AVAILABILITY = 2
    DISCOVERY = 3
    CHARGERS = 4
    STATE = 5


@dataclass(frozen=True, slots=True)
class Message:
    """One message to the broker."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    rank: Rank = Rank.STATE
    correlation: bytes | None = None


class Outbox:
    """The queue to the broker, and the memory of what is retained there."""

    def __init__(self) -> None:
        """Start empty."""
        self.retained: dict[str, Message] = {}
        self._queue: dict[str, Message] = {}
        self._live = 0
        self._dropped = 0
        self._numbers = itertools.count()
        self._filled = asyncio.Event()

    def keep(self, topic: str, payload: bytes, *, rank: Rank, qos: int = 1) -> bool:
        """Have the broker retain this payload; False if it does already."""
        known = self.retained.get(topic)
        if known is not None and known.payload == payload:
            return False
        message = Message(topic, payload, qos, retain=True, rank=rank)
        self.retained[topic] = message
        # Who is there is told before anything about them, however soon it changes.
        self._put(topic, message, in_place=rank is Rank.AVAILABILITY)
        return True

    def forget(self, topic: str) -> None:
        """Have the broker drop what it retains for this topic."""
        self.replace(topic, b"")

    def disown(self, topic: str) -> None:
        """Take note that a retained payload is ours no longer; the broker keeps it until someone says otherwise."""
        self.retained.pop(topic, None)

    def replace(self, topic: str, payload: bytes) -> None:
        """Send a retained payload that is only a step on the way: it is not sent again to a new session."""
        self.retained.pop(topic, None)
        self._put(topic, Message(topic, payload, 1, retain=True))

    def send(self, topic: str, payload: bytes, *, qos: int = 1, correlation: bytes | None = None) -> None:
        """Send something that is not retained."""
        if self._live >= MAX_LIVE:
            self._drop_oldest()
        # A name that is no topic: these messages do not replace each other.
        self._put(f"\0{next(self._numbers)}", Message(topic, payload, qos, retain=False, correlation=correlation))
        self._live += 1

    def renew(self, ranks: Collection[Rank] = tuple(Rank)) -> None:
        """Queue everything retained of these ranks again, in their order, before what else waits."""
        again = sorted((m for m in self.retained.values() if m.rank in ranks), key=lambda message: message.rank)
        renewed = {message.topic: message for message in again}
        self._queue = renewed | {key: m for key, m in self._queue.items() if key not in renewed}
        self._filled.set()

    async def wait(self) -> None:
        """Return when there may be something to send, or after `wake`."""
        self._filled.clear()
        if not self._queue:
            await self._filled.wait()

    def wake(self) -> None:
        """Let `wait` return."""
        self._filled.set()

    def peek(self) -> tuple[str, Message]:
        """Return the next message and its key; it stays queued until `done`."""
        return next(iter(self._queue.items()))

    def done(self, key: str, message: Message) -> None:
        """The message was sent; if its topic has a newer payload meanwhile, that one stays queued."""
        if self._queue.get(key) is message:
            del self._queue[key]
            self._live -= not message.retain

    @property
    def empty(self) -> bool:
        """Whether everything was sent."""
        return not self._queue

    def _put(self, key: str, message: Message, *, in_place: bool = False) -> None:
        if not in_place:
            self._queue.pop(key, None)
        self._queue[key] = message
        self._filled.set()

    def _drop_oldest(self) -> None:
        oldest = next(key for key, message in self._queue.items() if not message.retain)
        del self._queue[oldest]
        self._live -= 1
        self._dropped += 1
        if self._dropped == 1:
            log.warning("messages dropped while the broker is away", kept=MAX_LIVE)
