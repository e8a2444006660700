"""Opening a session with a broker: the protocol, the will, the errors that say what to try next.

Every attempt makes a new client, because a client that failed to connect is not reliable afterwards.
"""

from __future__ import annotations

import socket

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from bridge.mqtt.address import BrokerAddress, Protocol, tls_context

KEEPALIVE_S = 30
SUBSCRIBE_FAILED = 0x80
SESSION_TAKEN_OVER = 0x8E
UNSUPPORTED_PROTOCOL_CODES = frozenset({0x84, 1})
"""CONNACK: unsupported protocol version, in MQTT 5 and in the words of a 3.1.1 broker."""
MAX_INCOMING = 10000
TAKEN_OVER = "taken over"


class NoSessionError(Exception):
    """No session came about; the message says why."""


class Door:
    """Opens and closes sessions with one broker, and remembers which protocol it speaks."""

    def __init__(self, address: BrokerAddress, *, most_waiting: int = MAX_INCOMING) -> None:
        """Open nothing yet; `most_waiting` messages may have come that nobody has looked at."""
        self._address = address
        self._most_waiting = most_waiting
        self._known_protocol: Protocol | None = None

    async def open(self) -> tuple[aiomqtt.Client, Protocol]:
        """Try the protocols in turn until a session stands; raises NoSessionError."""
        reasons: dict[str, None] = {}
        for protocol in self._protocols():
            try:
                client = await self._connected(protocol)
            except _ConnectError as error:
                reasons[error.reason] = None
                if error.unsupported and protocol is Protocol.V5:
                    self._known_protocol = Protocol.V311
                if not error.reached:
                    break
            else:
                if protocol is Protocol.V5:
                    self._known_protocol = protocol
                return client, protocol
        raise NoSessionError("; ".join(reasons))

    def _protocols(self) -> tuple[Protocol, ...]:
        """Return what to try, in this order. A broker that says no to MQTT 5 in so many words is not asked again."""
        if self._address.protocol != "auto":
            return (Protocol(self._address.protocol),)
        if self._known_protocol is not None:
            return (self._known_protocol,)
        return (Protocol.V5, Protocol.V311)

    async def _connected(self, protocol: Protocol) -> aiomqtt.Client:
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
        return client

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
            will=None
            if address.will_topic is None
            else aiomqtt.Will(address.will_topic, b"offline", qos=1, retain=True),
            # The session keeps nothing: commands sent while we were away must not be delivered late.
            clean_session=None if five else True,
            clean_start=True
            if five
            else MQTT_CLEAN_START_FIRST_ONLY,  # what MQTT 3.1.1 does not know must be left alone
            keepalive=KEEPALIVE_S,
            timeout=address.timeout_s,
            max_queued_incoming_messages=self._most_waiting,
            # Else a message waits up to 40 ms for the broker's TCP to acknowledge the small one before it.
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
            tls_context=None if address.tls is None else tls_context(address.tls),
            tls_insecure=None if address.tls is None or address.tls.verify else True,
        )


async def end(client: aiomqtt.Client, reason: BaseException | None) -> str:
    """Close a session and return why it ended; `reason` is what ended it, if anything did."""
    try:
        await client.__aexit__(None, None, None)
    except (aiomqtt.MqttError, OSError) as error:
        reason = reason or error
    if client._disconnected.done():  # noqa: SLF001 - else asyncio complains that nobody looked at it
        reason = client._disconnected.exception() or reason  # noqa: SLF001
    code = getattr(reason, "rc", None)
    if isinstance(code, ReasonCode) and code.value == SESSION_TAKEN_OVER:
        return TAKEN_OVER
    return f"connection lost: {reason}"


async def subscribe(
    client: aiomqtt.Client, protocol: Protocol, topic: str, *, keeps_flag: bool, most_qos: int = 1
) -> bool:
    """Subscribe with what the protocol offers; False if the broker refuses.

    With `keeps_flag` messages that are published with the retain flag have it also when they come live.
    """
    if protocol is Protocol.V5:
        options = SubscribeOptions(qos=most_qos, noLocal=True, retainAsPublished=keeps_flag, retainHandling=0)
        codes = await client.subscribe(topic, options=options)
    else:
        codes = await client.subscribe(topic, qos=most_qos)
    return not any((code.value if isinstance(code, ReasonCode) else code) >= SUBSCRIBE_FAILED for code in codes)


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
