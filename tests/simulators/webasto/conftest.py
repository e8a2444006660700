"""What the tests of the pretend Webasto share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bridge.simulators.webasto import WebastoSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.webasto.client import NOW, Client


@pytest.fixture
async def next_sim(clock: FakeClock) -> AsyncIterator[WebastoSimulator]:
    """A Next on a real socket, whose time is the test's own."""
    async with WebastoSimulator(clock=clock, epoch=NOW.timestamp(), slow_s=0) as simulator:
        yield simulator


@pytest.fixture
async def client(http: aiohttp.ClientSession, next_sim: WebastoSimulator) -> Client:
    """A client that has logged in at the Next."""
    found = Client(http, next_sim)
    assert (await found.login())[0] == 200
    return found


@pytest.fixture
async def unite(http: aiohttp.ClientSession, clock: FakeClock) -> AsyncIterator[Client]:
    """A client that has logged in at a Unite."""
    async with WebastoSimulator(model="unite", clock=clock, epoch=NOW.timestamp(), slow_s=0) as simulator:
        found = Client(http, simulator)
        assert (await found.login())[0] == 200
        yield found
