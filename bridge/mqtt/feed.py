"""A session with a broker on which chargers tell of themselves: ours, or another one that they were set up for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import aiomqtt
import structlog

from bridge.charger.feed import Heard
from bridge.errors import NoAnswerError, UnreachableError
from bridge.mqtt.address import BrokerAddress, Protocol
from bridge.mqtt.connection import Door, NoSessionError, end, subscribe
from bridge.mqtt.waits import Waits
from bridge.waiting import wait_for

log = structlog.get_logger()

LEVELS = ("+", "+/+")
"""How far below a root messages are heard."""


class _StopError(Exception):
    """Ends the tasks of a session from inside."""


class BrokerFeed:
    """Hears what chargers publish and publishes to them; while there is no session nothing is kept for later."""

    def __init__(self, address: BrokerAddress, waits: Waits | None = None) -> None:
        """Prepare; nothing is opened before `run`."""
        self.name = f"feed {address.host}:{address.port}"
        self.client_id = address.client_id
        self._address = address
        self._door = Door(address)
        self._waits = waits or Waits()
        self._listeners: dict[str, list[Heard]] = {}
        self._client: aiomqtt.Client | None = None
        self._subscribed: set[str] = set()
        self._changed = asyncio.Event()
        """What should be subscribed to has changed, or it is time to stop."""
        self._stopping = asyncio.Event()
        self._said: str | None = None
        self.overheard: Heard | None = None
        """Takes every message with its whole topic, for whoever records them."""
        self._failures = 0
        """Attempts since the last session that came to nothing, each but the first without a word."""

    @property
    def connected(self) -> bool:
        """Whether messages can come and go at present."""
        return self._client is not None

    @property
    def unused(self) -> bool:
        """Whether nobody listens."""
        return not self._listeners

    def hear(self, root: str, heard: Heard) -> Callable[[], None]:
        """Have `heard` called for every message one or two levels below `root`, until what is returned is called."""
        self._listeners.setdefault(root, []).append(heard)
        self._changed.set()

        def no_more() -> None:
            self._listeners[root].remove(heard)
            if not self._listeners[root]:
                del self._listeners[root]
            self._changed.set()

        return no_more

    async def say(self, path: str, text: str) -> None:
        """Send one message, once; see `bridge.charger.feed.Feed`."""
        if self._client is None:
            raise UnreachableError("there is no connection to the charger's broker")
        try:
            await self._client.publish(path, text.encode(), qos=1)
        except (aiomqtt.MqttError, OSError) as error:
            raise NoAnswerError("the connection to the charger's broker was lost") from error
        except ValueError as error:
            raise UnreachableError("the charger's broker cannot take this message") from error

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopping.set()
        self._changed.set()

    async def run(self) -> None:
        """Hold a session until stopped, connecting again and again."""
        while not self._stopping.is_set():
            try:
                client, protocol = await self._door.open()
            except NoSessionError as error:
                self._failures += 1
                self._say(str(error))
                wait = self._waits.after_failure()
            else:
                began = time.monotonic()
                ending = await self._session(client, protocol)
                if self._stopping.is_set():
                    break
                self._say(ending)
                wait = self._waits.after_session(time.monotonic() - began)
            await wait_for(self._stopping, wait)

    async def _session(self, client: aiomqtt.Client, protocol: Protocol) -> str:
        self._subscribed = set()
        self._changed.set()
        self._client, self._said = client, None
        log.info(
            "feed connected",
            host=self._address.host,
            port=self._address.port,
            protocol=protocol.value,
            failed_attempts=self._failures,
        )
        self._failures = 0
        reason: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._receive(client), name="feed receive")
                tasks.create_task(self._follow(client, protocol), name="feed subscribe")
        except* _StopError:
            pass
        except* (aiomqtt.MqttError, OSError) as group:
            reason = group.exceptions[0]
        self._client = None
        return await end(client, reason)

    async def _follow(self, client: aiomqtt.Client, protocol: Protocol) -> None:
        """Keep the subscriptions as the listeners want them."""
        while not self._stopping.is_set():
            await self._changed.wait()
            self._changed.clear()
            for root in set(self._listeners) - self._subscribed:
                self._subscribed.add(root)
                for topic in (f"{root}/{below}" for below in LEVELS):
                    if not await subscribe(client, protocol, topic, keeps_flag=False):
                        log.error("broker refuses a subscription; the charger will not be heard", topic=topic)
            for root in self._subscribed - set(self._listeners):
                self._subscribed.discard(root)
                for topic in (f"{root}/{below}" for below in LEVELS):
                    await client.unsubscribe(topic)
        raise _StopError

    async def _receive(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            topic = str(message.topic)
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if self.overheard is not None:
                self.overheard(topic, payload, bool(message.retain))
            parts = topic.split("/")
            for levels in range(1, len(LEVELS) + 1):
                below = "/".join(parts[-levels:])
                for heard in tuple(self._listeners.get("/".join(parts[:-levels]), ())):
                    heard(below, payload, bool(message.retain))

    def _say(self, reason: str) -> None:
        """Log a condition once, until another one takes its place."""
        if reason != self._said:
            log.warning("feed unavailable", host=self._address.host, port=self._address.port, reason=reason)
        self._said = reason
