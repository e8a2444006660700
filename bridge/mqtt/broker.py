"""The session with the broker: the only importer of the MQTT library.

A session lasts as long as the connection; pollers and outbox outlive it. Every attempt makes a new client, because a
client that failed to connect is not reliable afterwards.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Literal

import aiomqtt
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from bridge.errors import BridgeError
from bridge.mqtt.outbox import Message, Outbox
from bridge.mqtt.requests import Incoming

log = structlog.get_logger()

KEEPALIVE_S = 30
TIMEOUT_S = 5.0
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
SUBSCRIBE_FAILED = 0x80
UNSUPPORTED_PROTOCOL_CODES = frozenset({0x84, 1})
"""CONNACK: unsupported protocol version, in MQTT 5 and in the words of a 3.1.1 broker."""
MAX_INCOMING = 10000


class Protocol(Enum):
    """MQTT versions; the value is what `bridge/info` says."""

    V5 = "5"
    V311 = "3.1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How the connection is encrypted; file names, None for the system's authorities."""

    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker is and who we are there. `will_topic` gets `offline` when we vanish."""

    host: str
    port: int
    client_id: str
    will_topic: str
    username: str | None = None
    password: str | None = None
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    tls: Tls | None = None


@dataclass(slots=True)
class Traffic:
    """Counts since the start, for health and metrics."""

    connected: bool = False
    protocol: Protocol | None = None
    tried: bool = False
    received: int = 0
    published: int = 0
    reconnects: int = 0


class BrokerLostError(BridgeError):
    """A session that only listens ended; the message says why."""


class _StopError(Exception):
    """Ends the tasks of a session from inside."""


class Broker:
    """Keeps a session up and moves messages both ways.

    `on_connect` is called with the protocol before anything is sent, `on_message` for each incoming message; neither
    may wait. `subscriptions` are made before anything is published.
    """

    name = "broker"

    def __init__(
        self,
        address: BrokerAddress,
        outbox: Outbox,
        subscriptions: tuple[str, ...],
        on_connect: Callable[[Protocol], None],
        on_message: Callable[[Incoming], None],
        traffic: Traffic,
    ) -> None:
        """Prepare; nothing is opened before `run`."""
        self.traffic = traffic
        self._address = address
        self._outbox = outbox
        self._subscriptions = subscriptions
        self._on_connect = on_connect
        self._on_message = on_message
        self._stopping = asyncio.Event()
        self._tried = asyncio.Event()
        self._known_protocol: Protocol | None = None
        self._said: str | None = None

    async def tried(self) -> None:
        """Wait until a session stands or one attempt has failed."""
        await self._tried.wait()

    def stop(self) -> None:
        """End when everything in the outbox is sent."""
        self._stopping.set()
        self._outbox.wake()

    async def run(self) -> None:
        """Hold a session until stopped, connecting again and again."""
        wait = FIRST_WAIT_S
        while not self._stopping.is_set():
            connected = False
            for protocol in self._protocols():
                try:
                    connected = await self._session(protocol) or connected
                    break
                except _ConnectError as error:
                    if error.unsupported and protocol is Protocol.V5:
                        self._known_protocol = Protocol.V311
                    self._say(error.reason)
                    if not error.reached:
                        break
            self._tried.set()
            if self._stopping.is_set():
                break
            wait = FIRST_WAIT_S if connected else min(wait * 2, LONGEST_WAIT_S)
            # Full jitter: many clients of a broker that comes back should not all come at once.
            await _wait_or(self._stopping, random.uniform(FIRST_WAIT_S / 2, wait))  # noqa: S311

    def _protocols(self) -> tuple[Protocol, ...]:
        """Return what to try, in this order. A broker that says no to MQTT 5 in so many words is not asked again."""
        if self._address.protocol != "auto":
            return (Protocol(self._address.protocol),)
        if self._known_protocol is not None:
            return (self._known_protocol,)
        return (Protocol.V5, Protocol.V311)

    async def _session(self, protocol: Protocol) -> bool:
        """Hold one session; returns True when it stood and ended, raises _ConnectError when it never stood."""
        try:
            client = self._client(protocol)
            await client.__aenter__()
        except (aiomqtt.MqttError, OSError, ValueError) as error:
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
        if not self._stopping.is_set():
            self._said = None
            self._say(f"connection lost: {reason}")
        return True

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
            clean_start=True,
            keepalive=KEEPALIVE_S,
            timeout=TIMEOUT_S,
            max_queued_incoming_messages=MAX_INCOMING,
            tls_context=None if address.tls is None else _tls_context(address.tls),
            tls_insecure=None if address.tls is None or address.tls.verify else True,
        )

    async def _serve(self, client: aiomqtt.Client, protocol: Protocol) -> None:
        await self._subscribe(client, protocol)
        if self.traffic.tried:
            self.traffic.reconnects += 1
        self.traffic.connected, self.traffic.protocol, self.traffic.tried = True, protocol, True
        log.info("broker connected", host=self._address.host, port=self._address.port, protocol=protocol.value)
        self._said = None
        self._on_connect(protocol)
        self._tried.set()
        while not (self._outbox.empty and self._stopping.is_set()):
            if self._outbox.empty:
                await self._outbox.wait()
                continue
            key, message = self._outbox.peek()
            await self._publish(client, protocol, message)
            self._outbox.done(key, message)
            self.traffic.published += 1
        raise _StopError

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
            # A response topic that a sender made up and that is no topic.
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
                    response_topic=getattr(message.properties, "ResponseTopic", None),
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


def _tls_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca_file)
    if tls.cert_file is not None:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def _wait_or(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def listen(host: str, port: int, topics: tuple[str, ...], on_message: Callable[[Incoming], None]) -> None:
    """Hand over every message of these topics, in a short session of its own, until it breaks or is cancelled.

    Raises:
        BrokerLostError: the broker is not there, or no longer.

    """
    try:
        async with aiomqtt.Client(host, port, timeout=TIMEOUT_S) as client:
            for topic in topics:
                await client.subscribe(topic)
            async for message in client.messages:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                on_message(Incoming(topic=str(message.topic), payload=payload, retained=bool(message.retain)))
    except aiomqtt.MqttError as error:
        raise BrokerLostError(str(error)) from error
