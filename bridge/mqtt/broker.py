"""Our session with our broker: it lasts as long as the connection; pollers and outbox outlive it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import aiomqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from bridge.mqtt.address import BrokerAddress, Protocol
from bridge.mqtt.connection import TAKEN_OVER, Door, NoSessionError, end, subscribe
from bridge.mqtt.outbox import Message, Outbox
from bridge.mqtt.requests import Incoming
from bridge.mqtt.traffic import Traffic
from bridge.mqtt.waits import Waits
from bridge.waiting import wait_for

log = structlog.get_logger()


class _StopError(Exception):
    """Ends the tasks of a session from inside."""


class Broker:
    """Keeps a session up and moves messages both ways.

    `on_connect` is called with the protocol before anything is sent, `on_message` for each incoming message; neither
    may wait. `subscriptions` are made before anything is published.
    """

    name = "broker"

    def __init__(  # noqa: PLR0917 - its collaborators
        self,
        address: BrokerAddress,
        outbox: Outbox,
        subscriptions: tuple[str, ...],
        on_connect: Callable[[Protocol], None],
        on_message: Callable[[Incoming], None],
        traffic: Traffic,
        waits: Waits | None = None,
    ) -> None:
        """Prepare; nothing is opened before `run`."""
        self.traffic = traffic
        self._waits = waits or Waits()
        self._address = address
        self._outbox = outbox
        self._subscriptions = subscriptions
        self._on_connect = on_connect
        self._on_message = on_message
        self._stopping = asyncio.Event()
        self._tried = asyncio.Event()
        self._door = Door(address)
        self._said: str | None = None
        self._failures = 0
        """Attempts since the last session that came to nothing, each but the first without a word."""
        self._suspect: Message | None = None
        """A message over which a session ended."""

    async def tried(self) -> None:
        """Wait until a session stands or one attempt has failed."""
        await self._tried.wait()

    def stop(self) -> None:
        """End when everything in the outbox is sent."""
        self._stopping.set()
        self._outbox.wake()

    async def run(self) -> None:
        """Hold a session until stopped, connecting again and again."""
        while not self._stopping.is_set():
            began = time.monotonic()
            ending = await self._attempt()
            self._tried.set()
            if self._stopping.is_set():
                break
            if ending is None:
                wait = self._waits.after_failure()
            else:
                wait = self._waits.after_session(time.monotonic() - began)
                self._said = None
                self._say(self._explained(ending))
            await wait_for(self._stopping, wait)

    async def _attempt(self) -> str | None:
        """Hold a session to its end and return why it ended; None if none came about."""
        try:
            client, protocol = await self._door.open()
        except NoSessionError as error:
            self._failures += 1
            self._say(str(error))
            return None
        return await self._session(client, protocol)

    def _explained(self, ending: str) -> str:
        others = f"another client calls itself {self._address.client_id}, and each needs a client_id of its own"
        if ending == TAKEN_OVER:
            return others
        # Brokers that do not say why just close the connection.
        return f"{ending}; perhaps {others}" if self._waits.unsteady else ending

    async def _session(self, client: aiomqtt.Client, protocol: Protocol) -> str:
        """Hold one session and return why it ended."""
        reason: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._receive(client), name="mqtt receive")
                tasks.create_task(self._serve(client, protocol), name="mqtt send")
        except* _StopError:
            pass
        except* (aiomqtt.MqttError, OSError) as group:
            reason = group.exceptions[0]
        self.traffic.connected = False
        return await end(client, reason)

    async def _serve(self, client: aiomqtt.Client, protocol: Protocol) -> None:
        self._on_connect(protocol)
        await self._subscribe(client, protocol)
        if self.traffic.tried:
            self.traffic.reconnects += 1
        self.traffic.connected, self.traffic.protocol, self.traffic.tried = True, protocol, True
        log.info(
            "broker connected",
            host=self._address.host,
            port=self._address.port,
            protocol=protocol.value,
            failed_attempts=self._failures,
        )
        self._failures = 0
        self._said = None
        self._tried.set()
        while not (self._outbox.empty and self._stopping.is_set()):
            if self._outbox.empty:
                await self._outbox.wait()
                continue
            key, message = self._outbox.peek()
            try:
                await self._publish(client, protocol, message)
            except BaseException:
                self._blame(key, message)
                raise
            self._outbox.done(key, message)
            self.traffic.published += 1
        raise _StopError

    def _blame(self, key: str, message: Message) -> None:
        """Take note over which message a session ended; one that happens to twice is dropped.

        Some brokers close the connection of a client that publishes where it must not, and a sender can name any
        response topic.
        """
        if message.retain:
            return
        if message is self._suspect:
            log.warning("message dropped: the connection was lost over it twice", topic=message.topic)
            self._outbox.done(key, message)
        self._suspect = message

    async def _subscribe(self, client: aiomqtt.Client, protocol: Protocol) -> None:
        for topic in self._subscriptions:
            # Retained commands must come, with their flag also when they are live: they are refused and cleared.
            if not await subscribe(client, protocol, topic, keeps_flag=True):
                log.error("broker refuses a subscription; commands on it will not arrive", topic=topic)

    async def _publish(self, client: aiomqtt.Client, protocol: Protocol, message: Message) -> None:
        properties = None
        if protocol is Protocol.V5 and message.correlation is not None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = message.correlation
        try:
            await client.publish(message.topic, message.payload, message.qos, message.retain, properties)
        except ValueError as error:
            # No topic, such as one of more than 64 KiB that came from a property's name.
            log.warning("message not sent", reason=str(error)[:100])

    async def _receive(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            self.traffic.received += 1
            payload = message.payload if isinstance(message.payload, bytes) else b""
            self._on_message(
                Incoming(
                    topic=str(message.topic),
                    payload=payload,
                    retained=bool(message.retain),
                    correlation=getattr(message.properties, "CorrelationData", None),
                    response_topic=_usable(getattr(message.properties, "ResponseTopic", None)),
                )
            )

    def _say(self, reason: str) -> None:
        """Log a condition once, until another one takes its place."""
        if reason != self._said:
            log.warning("broker unavailable", host=self._address.host, port=self._address.port, reason=reason)
        self._said = reason


def _usable(response_topic: str | None) -> str | None:
    """Return a response topic that can be published to: brokers pass on what senders make up, also the empty one."""
    if not response_topic or any(character in response_topic for character in "+#"):
        return None
    return response_topic
