"""The page in the whole bridge: it sees the same chargers as the broker, and its commands are the same."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bridge.simulators.goe import GoeSimulator
from tests.support.bridges import goe, make_settings, running
from tests.support.broker import TestBroker
from tests.support.probe import Probe
from tests.web.reading import Page
from tests.web.visitor import TOKEN


@pytest.fixture
async def site(
    shared_broker: TestBroker, base: str, ear: Probe, simulator: GoeSimulator, tmp_path: Path
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the page of a bridge with one charger that has answered."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    http = {"listen": f"127.0.0.1:{port}", "control": True, "token": TOKEN}
    settings = make_settings(shared_broker.port, {"garage": goe(simulator)}, mqtt={"base_topic": base}, http=http)
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        running(settings, tmp_path),
        aiohttp.ClientSession(
            f"http://127.0.0.1:{port}", cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=5)
        ) as client,
    ):
        await ear.until("garage/availability", "online", 10)
        yield client


async def _page(site: aiohttp.ClientSession) -> Page:
    async with site.get("/chargers/garage") as response:
        assert response.status == 200
        return Page(await response.text())


async def test_the_page_shows_what_the_broker_is_told(site: aiohttp.ClientSession, ear: Probe) -> None:
    """A command from the broker is in its list, and the charger's values are those of the topics."""
    await ear.send("garage/current_limit/set", "10")
    assert (await ear.result("garage", property="current_limit"))["status"] == "confirmed"
    page = await _page(site)

    assert page.charger("garage")["limit"] == "10 A"
    assert "Current limit" in page.text
    assert "confirmed" in page.text


async def test_a_command_from_the_page_is_told_to_the_broker(
    site: aiohttp.ClientSession, ear: Probe, simulator: GoeSimulator
) -> None:
    """Its result is on the topic of all results, under an id that says where it came from."""
    origin = {"Origin": str(site._base_url).rstrip("/")}
    async with site.get("/login") as response:
        form = {"csrf": Page(await response.text()).value("csrf"), "token": TOKEN}
    await site.post("/login", data=form, headers=origin)
    form = {"csrf": (await _page(site)).value("csrf"), "property": "current_limit", "value": "9"}
    await site.post("/chargers/garage/set", data=form, headers=origin)

    result = await ear.result("garage", property="current_limit")
    assert (result["status"], result["applied"]) == ("confirmed", 9)
    assert result["id"].startswith("page-")
    await ear.until("garage/current_limit", "9")
    assert simulator.device.status()["amp"] == 9
