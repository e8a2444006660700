"""Hears the states that a bridge publishes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt


class Ear:
    """Counts live `state` messages by charger, and knows when the first one came."""

    def __init__(self, client: aiomqtt.Client) -> None:
        """Use a client that is connected."""
        self.client = client
        self.states: Counter[str] = Counter()
        self.first_at: float | None = None

    async def listen(self) -> None:
        """Hear until the connection ends."""
        async for message in self.client.messages:
            topic = str(message.topic)
            if message.retain or topic.endswith("/bridge/state"):
                continue  # of an earlier run, or not a charger's
            if self.first_at is None:
                self.first_at = time.monotonic()
            self.states[topic] += 1

    async def until_each_told(self, chargers: int, times: int, within_s: float) -> None:
        """Wait until every charger has published its state so often."""
        async with asyncio.timeout(within_s):
            while len(self.states) < chargers or min(self.states.values()) < times:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def ear(broker_port: int, base: str) -> AsyncIterator[Ear]:
    """Listen for the time of the context."""
    async with aiomqtt.Client("127.0.0.1", broker_port) as client:
        await client.subscribe(f"{base}/+/state", qos=0)
        found = Ear(client)
        listening = asyncio.create_task(found.listen(), name="ear")
        try:
            yield found
        finally:
            listening.cancel()
            await asyncio.wait([listening])
