"""Server-sent events: what changed is told, and nobody is waited for."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bridge.charger.session import Event, EventType
from bridge.engine.intake import Received
from bridge.web import live
from bridge.web.server import Web
from tests.engine.pretend import PretendCharger
from tests.support.waiting import until
from tests.web.conftest import Bridge

Scopes = dict[str, dict[str, Any]]


class Stream:
    """What a viewer was told, put together."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.known: Scopes = {}
        self.last: Scopes = {}
        """The newest message alone."""

    async def hear(self) -> Scopes:
        """Return the next message's news."""
        async with asyncio.timeout(15):
            async for line in self.response.content:
                if line.startswith(b"data: "):
                    self.last = json.loads(line.removeprefix(b"data: "))["scopes"]
                    for scope, fields in self.last.items():
                        self.known.setdefault(scope, {}).update(fields)
                    return self.last
        raise EOFError

    async def until(self, scope: str, field: str, value: object) -> None:
        """Hear until a field has a value."""
        async with asyncio.timeout(15):
            while self.known.get(scope, {}).get(field) != value:
                await self.hear()


@asynccontextmanager
async def _watching(http: aiohttp.ClientSession, path: str) -> AsyncIterator[Stream]:
    async with http.get(path, timeout=aiohttp.ClientTimeout(total=None)) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        yield Stream(response)


async def test_the_overview_is_told_what_changes(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """First all that the page shows, then the difference alone."""
    box = PretendCharger(status="connected")
    async with (
        bridge.charger("garage", box, name="Garage") as poller,
        bridge.charger("street", PretendCharger()),
        _watching(http, "/events?charger=garage&charger=nobody") as stream,
    ):
        first = await stream.hear()
        assert set(first) == {"bridge", "charger:garage"}
        assert first["charger:garage"]["status"] == "Vehicle connected"
        assert first["bridge"]["active"] == "0"
        box.settings |= {"status": "charging", "watt": 11_000}
        poller.refresh()
        await stream.until("charger:garage", "power", "11.00 kW")
        assert "name" not in stream.last["charger:garage"]
        assert stream.known["charger:garage"]["status"] == "Charging"
        await stream.until("bridge", "active", "1")


async def test_the_page_of_a_charger_is_told_of_values_commands_and_events(
    bridge: Bridge, http: aiohttp.ClientSession
) -> None:
    """All on one stream."""
    box = PretendCharger()
    async with bridge.charger("garage", box) as poller, _watching(http, "/chargers/garage/events") as stream:
        first = (await stream.hear())["charger:garage"]
        assert (first["value:current_limit"], first["commands"], first["events"]) == ("10 A", [], [])
        assert first["input:current_limit"] == {"value": "10", "min": "6", "max": "16", "step": "0.5"}
        bridge.history.event(poller.view, Event(type=EventType.PLUGGED, moment=poller.view.health.last_success))  # type: ignore[arg-type]
        poller.receive(Received(key="current_limit", payload=b"13", correlation=b"mine"))
        await stream.until("charger:garage", "value:current_limit", "13 A")
        while not (told := stream.known["charger:garage"]["commands"]) or told[0]["outcome"] != "confirmed":
            await stream.hear()
        assert (told[0]["id"], told[0]["what"], told[0]["wish"]) == ("mine", "Current limit", "13 A")
        assert stream.known["charger:garage"]["events"][0]["what"] == "Vehicle plugged in"


async def test_what_makes_a_page_incomplete_is_told(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """A charger more or less changes the shape of the overview, and nothing else does."""
    bridge.add("garage")
    async with _watching(http, "/events") as stream:
        before = (await stream.hear())["bridge"]["shape"]
        bridge.views[0].available = True
        bridge.traffic.connected = True
        await stream.until("bridge", "broker", "connected")
        assert stream.known["bridge"]["shape"] == before
        bridge.add("street")
        await stream.until("bridge", "chargers", "2")
        assert stream.known["bridge"]["shape"] != before


async def test_untrusted_text_cannot_end_a_message(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Neither a line's end nor any of its Unicode relatives leaves the JSON."""
    told = "a\r\n\ndata: {}\u2028\u0085\ud83d<b>"
    view = bridge.add("garage")
    view.available, view.values = True, {"status_reason": told}
    async with _watching(http, "/events?charger=garage") as stream:
        assert (await stream.hear())["charger:garage"]["reason"] == told


async def test_there_is_a_sign_of_life(http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something comes even when nothing changes, so that a page knows that the bridge is there."""
    monkeypatch.setattr(live, "SECONDS_BETWEEN_SIGNS", 0.0)
    monkeypatch.setattr(live, "SECONDS_BETWEEN_LOOKS", 0.02)
    async with _watching(http, "/events") as stream:
        for _ in range(10):
            if await stream.hear() == {}:
                break
        else:
            pytest.fail("every message had news")


async def test_viewers_are_few(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """One too many is sent away until another goes."""
    streams = [http.get("/events", timeout=aiohttp.ClientTimeout(total=None)) for _ in range(live.MOST_VIEWERS)]
    opened = [await stream for stream in streams]
    assert {response.status for response in opened} == {200}
    async with http.get("/events") as refused:
        assert await refused.text() == "event: full\ndata:\n\n"
    opened[0].close()
    await until(lambda: len(bridge.history.watchers) < live.MOST_VIEWERS, 10, "the place to be free")
    async with _watching(http, "/events") as stream:
        await stream.hear()
    for response in opened:
        response.close()
    await until(lambda: not bridge.history.watchers, 10, "everyone to be gone")


async def test_a_viewer_sees_at_most_one_page_of_chargers(bridge: Bridge, http: aiohttp.ClientSession) -> None:
    """Whatever is asked for."""
    for number in range(80):
        bridge.add(f"bay-{number}")
    asked = "&".join(f"charger=bay-{number}" for number in range(80))
    async with _watching(http, f"/events?{asked}") as stream:
        assert len([scope for scope in await stream.hear() if scope.startswith("charger:")]) == 50


async def test_a_viewer_that_does_not_read_is_dropped(
    bridge: Bridge, web: Web, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it misses is not kept for it, and others are told meanwhile."""
    monkeypatch.setattr(live, "SECONDS_TO_TAKE", 1.0)
    monkeypatch.setattr(live, "SECONDS_TOGETHER", 0.0)
    box = PretendCharger()
    async with bridge.charger("garage", box) as poller:
        lazy = socket.socket()
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(("127.0.0.1", web.port or 0))
        lazy.sendall(b"GET /chargers/garage/events HTTP/1.1\r\nHost: x\r\n\r\n")
        await until(lambda: bridge.history.watchers, what="the viewer")
        async with _watching(http, "/events?charger=garage") as stream:
            big = "x" * 500
            deadline = time.monotonic() + 30
            number = 0
            while len(bridge.history.watchers) > 1 and time.monotonic() < deadline:
                for _ in range(50):
                    number += 1
                    details = {"code": f"{number} {big}"}
                    moment = poller.view.health.last_success
                    assert moment is not None
                    bridge.history.event(poller.view, Event(type=EventType.FAULT, moment=moment, details=details))
                await asyncio.sleep(0.01)
            assert len(bridge.history.watchers) == 1
            bridge.traffic.connected = True
            await stream.until("bridge", "broker", "connected")
        lazy.settimeout(0)  # as the event loop wants it
        received = b""
        async with asyncio.timeout(10):
            while more := await asyncio.get_running_loop().sock_recv(lazy, 1_000_000):
                received += more
        lazy.close()
        assert not received.endswith(b"0\r\n\r\n")  # cut off, and not ended in order


async def test_streams_end_at_the_stop(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, so that the daemon does not wait for viewers."""
    monkeypatch.setattr(live, "SECONDS_BETWEEN_LOOKS", 60.0)
    web = bridge.web()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(web.run())
        await web.listening.wait()
        async with (
            aiohttp.ClientSession(f"http://127.0.0.1:{web.port}") as http,
            _watching(http, "/events") as one,
            _watching(http, "/events") as other,
        ):
            await one.hear()
            await other.hear()
            began = time.monotonic()
            web.stop()
            await running
            took = time.monotonic() - began
            async with asyncio.timeout(5):
                await one.response.content.read()  # to the end, which only comes when the stream is over

    assert took < 1.5
    assert bridge.history.watchers == set()


async def test_an_unknown_charger_has_no_stream(http: aiohttp.ClientSession) -> None:
    """Its page does not exist either."""
    async with http.get("/chargers/nobody/events") as response:
        assert (response.status, response.content_type) == (404, "text/plain")
