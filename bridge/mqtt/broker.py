"""The session with the broker. Only this and `listener.py` import the MQTT library.

A session lasts as long as the connection; pollers and outbox outlive it. Every attempt makes a new client, because a
client that failed to connect is not reliable afterwards.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

import aiomqtt
import structlog
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from bridge.mqtt.address import BrokerAddress, Protocol, tls_context
from bridge.mqtt.outbox import Message, Outbox
from bridge.mqtt.requests import Incoming
from bridge.mqtt.traffic import Traffic
from bridge.mqtt.waits import Waits
from bridge.waiting import wait_for

log = structlog.get_logger()

KEEPALIVE_S = 30
SUBSCRIBE_FAILED = 0x80
SESSION_TAKEN_OVER = 0x8E
UNSUPPORTED_PROTOCOL_CODES = frozenset({0x84, 1})
"""CONNACK: unsupported protocol version, in MQTT 5 and in the words of a 3.1.1 broker."""
MAX_INCOMING = 10000
_TAKEN_OVER = "taken over"


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
        self._known_protocol: Protocol | None = None
        self._said: str | None = None
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
        """Try the protocols in turn until a session stands, and hold it to its end; None if none came about."""
        reasons: dict[str, None] = {}
        for protocol in self._protocols():
            try:
                return await self._session(protocol)
            except _ConnectError as error:
                reasons[error.reason] = None
                if error.unsupported and protocol is Protocol.V5:
                    self._known_protocol = Protocol.V311
                if not error.reached:
                    break
        self._say("; ".join(reasons))
        return None

    def _explained(self, ending: str) -> str:
        others = f"another client calls itself {self._address.client_id}, and each needs a client_id of its own"
        if ending == _TAKEN_OVER:
            return others
        # Brokers that do not say why just close the connection.
        return f"{ending}; perhaps {others}" if self._waits.unsteady else ending

    def _protocols(self) -> tuple[Protocol, ...]:
        """Return what to try, in this order. A broker that says no to MQTT 5 in so many words is not asked again."""
        if self._address.protocol != "auto":
            return (Protocol(self._address.protocol),)
        if self._known_protocol is not None:
            return (self._known_protocol,)
        return (Protocol.V5, Protocol.V311)

    async def _session(self, protocol: Protocol) -> str:
        """Hold one session and return why it ended; raises _ConnectError when it never stood."""
        client: aiomqtt.Client | None = None
        try:
            client = self._client(protocol)
            await client.__aenter__()
        except (aiomqtt.MqttError, OSError, ValueError) as error:
            if client is not None:
                # It leaves the connection open when no answer came in time, and offers nothing to close it. A broker
                # that was only slow would take this one for us later.
                client._client.disconnect()  # noqa: SLF001
            raise _ConnectError(error) from error
        if protocol is Protocol.V5:
            self._known_protocol = protocol
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
        try:
            await client.__aexit__(None, None, None)
        except (aiomqtt.MqttError, OSError) as error:
            reason = reason or error
        if client._disconnected.done():  # noqa: SLF001 - else asyncio complains that nobody looked at it
            reason = client._disconnected.exception() or reason  # noqa: SLF001
        code = getattr(reason, "rc", None)
        if isinstance(code, ReasonCode) and code.value == SESSION_TAKEN_OVER:
            return _TAKEN_OVER
        return f"connection lost: {reason}"

    def _client(self, protocol: Protocol) -> aiomqtt.Client:
        address = self._address
        five = protocol is Protocol.V5
        return aiomqtt.Client(
            address.host,
            address.port,
            username=address.username,
            password=address.password,
            identifier=address.client_id,
            protocol=aiomqtt.ProtocolVersion.V5 if five else aiomqtt.ProtocolVersion.V311,
            will=aiomqtt.Will(address.will_topic, b"offline", qos=1, retain=True),
            # The session keeps nothing: commands sent while we were away must not be delivered late.
            clean_session=None if five else True,
            clean_start=True
            if five
            else MQTT_CLEAN_START_FIRST_ONLY,  # what MQTT 3.1.1 does not know must be left alone
            keepalive=KEEPALIVE_S,
            timeout=address.timeout_s,
            max_queued_incoming_messages=MAX_INCOMING,
            # Else a message waits up to 40 ms for the broker's TCP to acknowledge the small one before it.
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
            tls_context=None if address.tls is None else tls_context(address.tls),
            tls_insecure=None if address.tls is None or address.tls.verify else True,
        )

    async def _serve(self, client: aiomqtt.Client, protocol: Protocol) -> None:
        self._on_connect(protocol)
        await self._subscribe(client, protocol)
        if self.traffic.tried:
            self.traffic.reconnects += 1
        self.traffic.connected, self.traffic.protocol, self.traffic.tried = True, protocol, True
        log.info("broker connected", host=self._address.host, port=self._address.port, protocol=protocol.value)
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
            if protocol is Protocol.V5:
                # Retained commands must come, with their flag also when they are live: they are refused and cleared.
                options = SubscribeOptions(qos=1, noLocal=True, retainAsPublished=True, retainHandling=0)
                codes = await client.subscribe(topic, options=options)
            else:
                codes = await client.subscribe(topic, qos=1)
            if any((code.value if isinstance(code, ReasonCode) else code) >= SUBSCRIBE_FAILED for code in codes):
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


class _ConnectError(Exception):
    """A session did not come about."""

    def __init__(self, cause: Exception) -> None:
        code = getattr(cause, "rc", None)
        code = code.value if isinstance(code, ReasonCode) else code
        refused = isinstance(cause, aiomqtt.MqttCodeError)
        self.unsupported = refused and code in UNSUPPORTED_PROTOCOL_CODES
        network = cause if isinstance(cause, OSError) else cause.__context__
        unreachable = isinstance(network, OSError) and not isinstance(network, TimeoutError)
        # A broker that knows no MQTT 5 may also just close the connection or stay silent: then 3.1.1 is worth a try.
        self.reached = self.unsupported or not (refused or unreachable)
        self.reason = str(cause)
        super().__init__(self.reason)


def _usable(response_topic: str | None) -> str | None:
    """Return a response topic that can be published to: brokers pass on what senders make up, also the empty one."""
    if not response_topic or any(character in response_topic for character in "+#"):
        return None
    return response_topic
