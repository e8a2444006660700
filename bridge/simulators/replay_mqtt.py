"""Tells on a broker what a recorded charger told on its own: everything in order, then the newest again and again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import aiomqtt

AGAIN_S = 1.0
TIMEOUT_S = 3.0


async def tell(broker: str, messages: Sequence[Any], stop: asyncio.Event, *, speed: float | None = None) -> None:
    """Publish until `stop` is set; without `speed` everything at once.

    Raises:
        ValueError: `broker` is not HOST:PORT.
        OSError: the broker is not there, or no longer.
    """
    host, _, port = broker.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"{broker!r} is not HOST:PORT")
    newest: dict[str, str] = {}
    try:
        async with aiomqtt.Client(host, int(port), timeout=TIMEOUT_S) as client:
            at = 0.0
            for message in messages:
                if speed is not None and await _stopped(stop, (message["at"] - at) / speed):
                    return
                at, topic = message["at"], message["topic"]
                newest[topic] = _payload(message)
                await client.publish(topic, newest[topic])
            while not await _stopped(stop, AGAIN_S):
                for topic, payload in newest.items():
                    await client.publish(topic, payload)
    except aiomqtt.MqttError as error:
        raise OSError(f"the broker: {error}") from error


def _payload(message: dict[str, Any]) -> str:
    return json.dumps(message["json"], ensure_ascii=False) if "json" in message else str(message["text"])


async def _stopped(stop: asyncio.Event, within_s: float) -> bool:
    try:
        async with asyncio.timeout(max(0.0, within_s)):
            await stop.wait()
    except TimeoutError:
        return False
    return True
