"""What the tests of the pretend Wallbox cloud share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bridge.simulators.wallbox import Charger, WallboxSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import NOW, Client


@pytest.fixture
async def cloud(clock: FakeClock) -> AsyncIterator[WallboxSimulator]:
    """The default cloud on real sockets, whose time is the test's own."""
    async with WallboxSimulator(clock=clock, epoch=NOW.timestamp()) as simulator:
        yield simulator


@pytest.fixture
async def client(http: aiohttp.ClientSession, cloud: WallboxSimulator) -> Client:
    """A client that has signed in."""
    found = Client(http, cloud)
    assert (await found.sign_in())[0] == 200
    return found


@pytest.fixture
def charger(cloud: WallboxSimulator) -> Charger:
    """The charger of the default cloud: a Pulsar Plus without a car."""
    return cloud.charger()
