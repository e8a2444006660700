"""The pretend go-e as a client of a user's broker: it publishes its keys there and takes writes.

A new value is published once per period, because the charger's own logic runs once per second; only what happens in
front of it (a car, a card, an error) shows at once.
"""

from __future__ import annotations

import asyncio
import json
import math
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import aiomqtt

from bridge.simulators.faults import ActiveFault
from bridge.simulators.goe_api import spoiled
from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_mqtt_keys import MQTT_KEYS, OF_THE_CLOCK, ONCE
from bridge.simulators.goe_mqtt_writes import written
from bridge.simulators.wire import JsonValue

TIMEOUT_S = 3.0  # for the broker to answer
MOST_WAITING_WRITES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GoeBroker:
    """The broker that a charger is told to use, and how it behaves there.

    Attributes:
        host: Where the broker is.
        port: Where it listens.
        username: None for an anonymous client.
        password: None for none.
        prefix: In front of all topics; None for the firmware's own, which before 054.6 began with a slash.
        serial_level: Whether the serial number stands behind the prefix. With a prefix of one's own it may not.
        period_s: How often changed keys are published.
        retry_s: How long to wait before the next attempt to connect.
        writable: Whether writes are allowed at first (`mcr` false); they are not by default since 051.5.
        last_will: Whether `mcc` is retained true while connected and false afterwards, if need be as the last will.
            The newest document has that; no recording up to 60.5 shows it.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = None
    prefix: str | None = None
    serial_level: bool = True
    period_s: float = 1.0
    retry_s: float = 1.0
    writable: bool = False
    last_will: bool = False

    @classmethod
    def at(cls, address: str, *, writable: bool = False) -> Self:
        """The broker at `HOST:PORT`.

        Raises:
            ValueError: It is none.
        """
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
            raise ValueError(f"{address!r} is not HOST:PORT")
        return cls(host=host.removeprefix("[").removesuffix("]"), port=int(port), writable=writable)


class GoeMqtt:
    """The MQTT client of one charger; it connects again and again until it is stopped.

    Attributes:
        root: What the topics of the keys begin with, without a slash at the end.
        keys: What it has on MQTT.
        connected: Whether a session stands.
        connections: How many sessions there have been.
        drop_results: Whether it answers writes with nothing, as firmware before 051.5 did.
    """

    def __init__(self, device: GoeDevice, broker: GoeBroker, fault: Callable[[], ActiveFault | None]) -> None:
        """Prepare without connecting; `fault` says what is wrong at present."""
        self._device = device
        self._broker = broker
        self._fault = fault
        self._stopping = asyncio.Event()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._silent_until = -math.inf
        prefix = (broker.prefix or ("/go-eCharger" if device.family == "051" else "go-eCharger")).removesuffix("/")
        self.root = f"{prefix}/{device.serial}" if broker.serial_level else prefix
        self.keys = tuple(name for name in MQTT_KEYS[device.family] if name in device.rules.keys)
        self.connected = False
        self.connections = 0
        self.drop_results = False
        device.events.append(self._news.set)
        device.settings["mce"] = True
        device.settings["mcr"] = not broker.writable
        if broker.prefix is not None:
            device.settings["mtp"] = broker.prefix

    def start(self) -> None:
        """Begin to connect; harmless when it has begun."""
        if self._task is None:
            self._stopping.clear()
            self._device.settings["mcs"] = True
            self._task = asyncio.create_task(self._run(), name="go-e mqtt")

    async def stop(self) -> None:
        """Take leave of the broker; harmless when it has not been started."""
        task, self._task = self._task, None
        if task is not None:
            self._stopping.set()
            self._news.set()
            await task
            self._device.settings["mcs"] = False

    def silent(self, seconds: float | None) -> None:
        """Stay connected and publish nothing, not even results, for so long; None for ever, 0 not any more."""
        self._silent_until = time.monotonic() + (math.inf if seconds is None else seconds)
        self._news.set()

    @property
    def _is_silent(self) -> bool:
        return time.monotonic() < self._silent_until

    async def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._device.away:
                await self._session()
            await _happens(self._stopping, self._broker.retry_s)

    async def _session(self) -> None:
        """Hold one session to its end; nothing is done about the reason."""
        client = self._client()
        try:
            async with client, asyncio.TaskGroup() as tasks:
                await client.subscribe(f"{self.root}/+/set")
                self._show(connected=True)
                listening = tasks.create_task(self._listen(client), name="go-e mqtt writes")
                await self._tell(client)
                listening.cancel()
        except* (aiomqtt.MqttError, OSError):
            # A connection that was never answered would stay open, and the library offers nothing else to close it.
            client._client.disconnect()  # noqa: SLF001
            if client._disconnected.done():  # noqa: SLF001  else asyncio complains that nobody looked at it
                client._disconnected.exception()  # noqa: SLF001
        finally:
            self._show(connected=False)

    def _client(self) -> aiomqtt.Client:
        broker = self._broker
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            protocol=aiomqtt.ProtocolVersion.V311,
            will=aiomqtt.Will(f"{self.root}/mcc", "false", qos=1, retain=True) if broker.last_will else None,
            timeout=TIMEOUT_S,
            max_queued_incoming_messages=MOST_WAITING_WRITES,
            # Else a message waits up to 40 ms for the broker's TCP to acknowledge the small one before it.
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
        )

    def _show(self, *, connected: bool) -> None:
        """Let the keys about the connection say what is the case."""
        settings = self._device.settings
        if connected:
            self.connections += 1
            settings["mcca"] = self._device.uptime_ms
        self.connected = connected
        settings["mcc"] = connected

    # What it publishes

    async def _tell(self, client: aiomqtt.Client) -> None:
        """Publish what there is and what changes, until the end or a reboot."""
        await self._tell_connected(client, "true")
        reboots = self._device.reboots
        told: dict[str, str] = {}
        due_at = time.monotonic()
        while not self._stopping.is_set() and self._device.reboots == reboots:
            due = time.monotonic() >= due_at
            if due:
                due_at = time.monotonic() + self._broker.period_s
            await self._tell_changes(client, told, due=due)
            await _happens(self._news, due_at - time.monotonic())
        await self._tell_connected(client, "false")

    async def _tell_changes(self, client: aiomqtt.Client, told: dict[str, str], *, due: bool) -> None:
        """Publish every key that is not as `told`, and note it there. The first time in a session it is retained."""
        document = self._device.status(self.keys)
        self._news.clear()  # what catching up with the clock brought about is in the document
        if (active := self._fault()) is not None:
            document = spoiled(document, active)
        for name, value in document.items():
            text = _literal(value)
            is_first = name not in told
            waits = name in ONCE or (name in OF_THE_CLOCK and not due)
            if self._is_silent:
                return
            if is_first or (told[name] != text and not waits):
                told[name] = text
                await client.publish(f"{self.root}/{name}", text, retain=is_first)

    async def _tell_connected(self, client: aiomqtt.Client, text: str) -> None:
        if self._broker.last_will:
            await client.publish(f"{self.root}/mcc", text, qos=1, retain=True)

    # What it takes

    async def _listen(self, client: aiomqtt.Client) -> None:
        """Carry out writes and answer them."""
        async for message in client.messages:
            name = message.topic.value.removeprefix(f"{self.root}/").removesuffix("/set")
            payload = message.payload if isinstance(message.payload, bytes) else b""
            active = self._fault()
            answer = written(self._device, name, payload.decode(errors="replace"), active.fault if active else None)
            self._news.set()  # it may have been a reboot
            if answer is not None and not self._is_silent and not self.drop_results:
                await client.publish(f"{self.root}/{name}/result", answer)


def _literal(value: JsonValue) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


async def _happens(event: asyncio.Event, within_s: float) -> None:
    """Wait until something happens, at most so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, within_s)):
            await event.wait()
