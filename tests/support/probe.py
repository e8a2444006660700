"""An MQTT client of the tests' own, which hears everything and remembers it in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from tests.support.broker import MOSQUITTO
from tests.support.waiting import until


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as it arrived."""

    topic: str
    text: str
    retained: bool
    qos: int
    correlation: bytes | None = None

    @property
    def json(self) -> Any:
        """The payload as JSON."""
        return json.loads(self.text)


class Probe:
    """Hears `#`. Topics are given below `base`, others with a leading slash taken off: `/homeassistant/status`."""

    def __init__(self, client: aiomqtt.Client, base: str, *, five: bool) -> None:
        """Use `client`, which is connected."""
        self.heard: list[Heard] = []
        self.base = base
        self._client = client
        self._five = five

    def full(self, topic: str) -> str:
        """Return the whole topic."""
        return topic[1:] if topic.startswith("/") else f"{self.base}/{topic}"

    def all(self, topic: str) -> list[Heard]:
        """Return every message heard on a topic, oldest first."""
        wanted = self.full(topic)
        return [heard for heard in self.heard if heard.topic == wanted]

    def all_of(self, *topics: str) -> list[Heard]:
        """Return every message heard on any of these topics, oldest first."""
        wanted = {self.full(topic) for topic in topics}
        return [heard for heard in self.heard if heard.topic in wanted]

    def last(self, topic: str) -> Heard | None:
        """Return the newest message heard on a topic."""
        return next(iter(reversed(self.all(topic))), None)

    def forget(self) -> None:
        """Start anew with an empty memory."""
        self.heard.clear()

    async def until(
        self, topic: str, matches: str | Callable[[Heard], object] | None = None, within: float = 5.0
    ) -> Heard:
        """Wait for a message on a topic, heard already or to come: with this text, or for which `matches` is true."""

        def good(heard: Heard) -> bool:
            if matches is None:
                return True
            return heard.text == matches if isinstance(matches, str) else bool(matches(heard))

        def found() -> Heard | None:
            return next((heard for heard in reversed(self.all(topic)) if good(heard)), None)

        seen = self.last(topic)
        await until(found, within, f"{topic} {matches if isinstance(matches, str) else ''} (last: {seen})")
        answer = found()
        assert answer is not None
        return answer

    async def result(self, charger: str, within: float = 10.0, **fields: Any) -> dict[str, Any]:
        """Wait for a final result with these fields, such as `property="current_limit"`."""

        def matches(heard: Heard) -> bool:
            told = heard.json
            return told["status"] != "accepted" and all(told[key] == value for key, value in fields.items())

        answer: dict[str, Any] = (await self.until(f"{charger}/result", matches, within)).json
        return answer

    async def send(
        self,
        topic: str,
        payload: str | bytes,
        *,
        retain: bool = False,
        response: str | None = None,
        correlation: bytes | None = None,
    ) -> None:
        """Publish with QoS 1."""
        properties = None
        if response is not None or correlation is not None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            if response is not None:
                properties.ResponseTopic = self.full(response)
            if correlation is not None:
                properties.CorrelationData = correlation
        await self._client.publish(self.full(topic), payload, qos=1, retain=retain, properties=properties)

    async def listen(self) -> None:
        """Hear until the connection ends."""
        async for message in self._client.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            self.heard.append(
                Heard(
                    topic=str(message.topic),
                    text=payload.decode(errors="replace"),
                    retained=bool(message.retain),
                    qos=message.qos,
                    correlation=getattr(message.properties, "CorrelationData", None),
                )
            )

    async def subscribe(self, topic: str = "#") -> None:
        """Begin to hear; a flag tells what is retained also while it is live, where MQTT 5 is spoken."""
        if self._five:
            await self._client.subscribe(topic, options=SubscribeOptions(qos=1, retainAsPublished=True))
        else:
            await self._client.subscribe(topic, qos=1)


@asynccontextmanager
async def probe(
    port: int,
    base: str = "charger2mqtt",
    *,
    five: bool = MOSQUITTO is not None,
    topics: Sequence[str] = ("#",),
    **options: Any,
) -> AsyncIterator[Probe]:
    """Connect a probe that hears `topics`, for the time of the context; `options` go to the MQTT client."""
    async with AsyncExitStack() as stack:
        found = await _connected(stack, port, base, five=five, topics=topics, **options)
        listening = asyncio.create_task(found.listen(), name="probe")
        try:
            yield found
        finally:
            listening.cancel()
            await asyncio.wait([listening])
            if not listening.cancelled():
                listening.exception()


async def _connected(
    stack: AsyncExitStack, port: int, base: str, *, five: bool, topics: Sequence[str], **options: Any
) -> Probe:
    # The embedded broker now and then leaves a client without an answer.
    attempts = 1 if five else 4
    while True:
        attempts -= 1
        protocol = aiomqtt.ProtocolVersion.V5 if five else aiomqtt.ProtocolVersion.V311
        try:
            client = aiomqtt.Client("127.0.0.1", port, protocol=protocol, timeout=10 if five else 3, **options)
            found = Probe(await stack.enter_async_context(client), base, five=five)
            for topic in topics:
                await found.subscribe(topic)
        except aiomqtt.MqttError:
            if not attempts:
                raise
        else:
            return found
