"""How fast a car that is plugged in at a charger on the broker shows: from the charger's message to ours."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiomqtt

from benchmarks.processes import bridge_of
from bridge.demo.broker import free_port
from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_mqtt_keys import MQTT_KEYS

BASE = "telling"
SERIAL = "123456"
ROOT = f"go-eCharger/{SERIAL}"
SECONDS_UNTIL_STATE = 20.0
SECONDS_UNTIL_SHOWN = 5.0
SECONDS_BETWEEN_CHANGES = (0.25, 0.55)
"""No rhythm meets that of the charger's other messages."""
SECONDS_BETWEEN_WORDS = 1.0
"""What changes by itself is told once a second."""

UNPLUGGED, PLUGGED = {"car": 1, "modelStatus": 15}, {"car": 3, "modelStatus": 15}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was measured: milliseconds from the charger's `car` to each of our messages, one for each plugging in."""

    status_ms: Sequence[float]
    state_ms: Sequence[float]


class _Charger:
    """A charger as its broker sees it, and an ear for what the bridge makes of it."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._device = GoeDevice()
        self._came: dict[str, float] = {}
        self._news = asyncio.Event()

    async def tell(self, values: Mapping[str, object], *, retain: bool = False) -> None:
        for key, value in values.items():
            await self._client.publish(f"{ROOT}/{key}", json.dumps(value), qos=0, retain=retain)

    async def live(self) -> None:
        """Tell everything once and then what changes by itself, as a charger does."""
        await self.tell(self._device.status(MQTT_KEYS["055"]), retain=True)
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_WORDS)
            await self.tell(self._device.status(("rbt", "utc", "loc", "nrg", "fhz", "rssi")))

    async def listen(self) -> None:
        async for message in self._client.messages:
            topic, payload = str(message.topic).removeprefix(f"{BASE}/c/"), message.payload
            assert isinstance(payload, bytes)
            status = json.loads(payload)["status"] if topic == "state" else payload.decode()
            self._came.setdefault(f"{topic} {status}", time.monotonic())
            self._news.set()

    async def until(self, *told: str, within: float) -> list[float]:
        """Wait until all of these have come, and return when each did."""
        async with asyncio.timeout(within):
            while not all(each in self._came for each in told):
                self._news.clear()
                await self._news.wait()
        return [self._came[each] for each in told]

    async def change(self, to: dict[str, int], status: str) -> tuple[float, float]:
        """Tell of a car that came or went; returns after how many ms our two messages were there."""
        await asyncio.sleep(random.uniform(*SECONDS_BETWEEN_CHANGES))
        self._came.clear()
        began = time.monotonic()
        await self.tell(to)
        scalar, state = await self.until(f"status {status}", f"state {status}", within=SECONDS_UNTIL_SHOWN)
        return (scalar - began) * 1000, (state - began) * 1000


async def measure(folder: Path, broker_port: int, times: int) -> Shown:
    """Plug a car in so often."""
    settings = {"vendor": "go-e", "transport": "mqtt", "serial": SERIAL}
    shown: list[tuple[float, float]] = []
    async with (
        aiomqtt.Client(
            "127.0.0.1", broker_port, socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
        ) as client,
        bridge_of(folder, broker_port, free_port(), BASE, {"c": settings}),
    ):
        for topic in ("state", "status"):
            await client.subscribe(f"{BASE}/c/{topic}", qos=0)
        charger = _Charger(client)
        tasks = [asyncio.create_task(charger.live()), asyncio.create_task(charger.listen())]
        try:
            await charger.until("status disconnected", "state disconnected", within=SECONDS_UNTIL_STATE)
            for _ in range(times):
                shown.append(await charger.change(PLUGGED, "suspended_ev"))
                await charger.change(UNPLUGGED, "disconnected")
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
    return Shown(status_ms=[status for status, _ in shown], state_ms=[state for _, state in shown])


def median(milliseconds: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(milliseconds)
