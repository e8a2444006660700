"""Short sessions of their own: only listening, and looking at what a broker retains."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

import aiomqtt

from bridge.errors import BridgeError
from bridge.mqtt.address import TIMEOUT_S, BrokerAddress, Protocol
from bridge.mqtt.connection import Door, NoSessionError, end, subscribe
from bridge.mqtt.requests import Incoming

MOST_WAITING = 100_000
"""Retained messages come faster than they are looked at."""


class BrokerLostError(BridgeError):
    """A short session did not come about, or ended; the message says why."""


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
                on_message(_incoming(message))
    except aiomqtt.MqttError as error:
        raise BrokerLostError(str(error)) from error


class Visit:
    """A session that looks at what the broker retains, and removes from it."""

    def __init__(self, client: aiomqtt.Client, protocol: Protocol) -> None:
        """Use a session that stands."""
        self._client = client
        self._protocol = protocol

    async def hear_retained(
        self,
        topics: Sequence[str],
        on_message: Callable[[Incoming], bool],
        *,
        quiet_s: float,
        longest_s: float,
    ) -> bool:
        """Hand over what is retained, and what comes meanwhile, until nothing retained has come for `quiet_s`.

        False if something was left out: a subscription was refused, there was no end within `longest_s`, there were
        too many at once, or `on_message` said False, and takes no more.
        """
        # Mosquitto drops what a client with QoS 1 has not confirmed, beyond a thousand messages.
        allowed = [
            await subscribe(self._client, self._protocol, topic, keeps_flag=False, most_qos=0) for topic in topics
        ]
        whole = await self._hear(on_message, quiet_s, longest_s)
        # Else what is removed comes back to us, in 40 ms each: the TCP of the broker waits for ours.
        for topic in topics:
            await self._client.unsubscribe(topic)
        return whole and all(allowed)

    async def _hear(self, on_message: Callable[[Incoming], bool], quiet_s: float, longest_s: float) -> bool:
        clock = asyncio.get_running_loop().time
        heard_at = clock()
        deadline = heard_at + longest_s
        while True:
            try:
                async with asyncio.timeout_at(min(heard_at + quiet_s, deadline)):
                    message = await anext(self._client.messages)
            except TimeoutError:
                return clock() < deadline
            if message.retain:
                heard_at = clock()
            if len(self._client.messages) >= MOST_WAITING - 1 or not on_message(_incoming(message)):
                return False

    async def empty(self, topics: Iterable[str]) -> None:
        """Have the broker drop what it retains for these topics, in this order."""
        for topic in topics:
            await self._client.publish(topic, b"", qos=1, retain=True)


@asynccontextmanager
async def visit(address: BrokerAddress) -> AsyncIterator[Visit]:
    """Hold a session for the time of the context.

    Raises:
        BrokerLostError: the broker is not there, or no longer.

    """
    try:
        client, protocol = await Door(address, most_waiting=MOST_WAITING).open()
    except NoSessionError as error:
        raise BrokerLostError(f"no session with the broker {address.host}:{address.port}: {error}") from error
    try:
        yield Visit(client, protocol)
    except aiomqtt.MqttError as error:
        raise BrokerLostError(f"the session with the broker was lost: {error}") from error
    finally:
        await end(client, None)


def _incoming(message: aiomqtt.Message) -> Incoming:
    payload = message.payload if isinstance(message.payload, bytes) else b""
    return Incoming(topic=str(message.topic), payload=payload, retained=bool(message.retain))
