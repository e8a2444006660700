"""Only listening to a broker, for whoever wants to see what is published."""

from __future__ import annotations

from collections.abc import Callable

import aiomqtt

from bridge.errors import BridgeError
from bridge.mqtt.address import TIMEOUT_S
from bridge.mqtt.requests import Incoming


class BrokerLostError(BridgeError):
    """A session that only listens ended; the message says why."""


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
