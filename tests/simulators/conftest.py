"""What the tests of the simulators share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_device import GoeDevice
from tests.simulators.fake_clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """A clock of the test's own."""
    return FakeClock()


@pytest.fixture
def device(clock: FakeClock) -> GoeDevice:
    """A charger without a car and without a socket."""
    return GoeDevice(clock=clock)


@pytest.fixture
async def sim(clock: FakeClock) -> AsyncIterator[GoeSimulator]:
    """A charger on a real socket, whose time is the test's own."""
    async with GoeSimulator(clock=clock) as simulator:
        yield simulator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that gives up after five seconds."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        yield session
