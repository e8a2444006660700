"""The control port, for people and for tests in another process."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bridge.simulators.faults import Fault
from bridge.simulators.goe import GoeSimulator
from tests.simulators.fake_clock import FakeClock


@pytest.fixture
async def sim(clock: FakeClock) -> AsyncIterator[GoeSimulator]:
    """A charger with a control port."""
    async with GoeSimulator(clock=clock, control_port=0) as simulator:
        yield simulator


async def control(http: aiohttp.ClientSession, sim: GoeSimulator, call: str, method: str = "GET") -> tuple[int, Any]:
    """Status and answer of a control request."""
    async with http.request(method, f"http://{sim.control}{call}") as response:
        return response.status, await response.json()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_car_comes_fills_and_goes(http: aiohttp.ClientSession, sim: GoeSimulator, method: str) -> None:
    """Each step answers with the state after it."""
    _, state = await control(http, sim, "/plug?capacity_kwh=30&max_current=20&phases=1", method)
    assert (state["vendor"], state["address"], state["status"]["car"]) == ("go-e", sim.address, 3)
    car = sim.device.charging.car
    assert car is not None
    assert (car.capacity_wh, car.max_current, car.phases) == (30_000, 20, 1)
    _, state = await control(http, sim, "/fill", method)
    assert state["status"]["car"] == 4
    _, state = await control(http, sim, "/unplug", method)
    assert state["status"]["car"] == 1


async def test_faults(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """They are listed, set with their arguments, shown and cleared."""
    status, meanings = await control(http, sim, "/fault")
    assert (status, set(meanings)) == (200, {str(fault) for fault in Fault})
    assert await control(http, sim, "/fault?name=null_key&keys=amp,car&seconds=2") == (200, {"fault": "null_key"})
    assert sim.fault is not None
    assert (sim.fault.keys, sim.fault.seconds) == (("amp", "car"), 2)
    _, state = await control(http, sim, "/state")
    assert state["fault"] == "null_key"
    assert await control(http, sim, "/clear", "POST") == (200, {"fault": None})
    assert sim.fault is None


async def test_it_works_while_the_charger_does_not(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """The control port has no faults."""
    await control(http, sim, "/fault?name=unreachable")
    status, state = await control(http, sim, "/state")
    assert (status, state["fault"]) == (200, "unreachable")


@pytest.mark.parametrize("call", ["/fault?name=nonsense", "/fault?name=null_key", "/plug?phases=many"])
async def test_mistakes_are_explained(http: aiohttp.ClientSession, sim: GoeSimulator, call: str) -> None:
    """A wrong argument is a 400 that says what is wrong."""
    status, answer = await control(http, sim, call)
    assert status == 400
    assert answer["error"]


async def test_requests_can_be_looked_at(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """What the charger received is there; what the control port received is not."""
    async with http.get(f"http://{sim.address}/api/status?filter=amp") as response:
        await response.read()
    _, requests = await control(http, sim, "/requests")
    assert requests == [
        {
            "method": "GET",
            "path": "/api/status",
            "query": {"filter": "amp"},
            "raw_query": "filter=amp",
            "at": 1_000.0,
        }
    ]


async def test_without_a_control_port_there_is_none(clock: FakeClock) -> None:
    """Only the charger listens unless a control port is asked for."""
    async with GoeSimulator(clock=clock) as sim:
        assert sim.control is None


async def test_a_control_port_that_is_taken_stops_the_start(clock: FakeClock) -> None:
    """Then the charger does not listen either."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        sim = GoeSimulator(clock=clock, control_port=taken.getsockname()[1])
        with pytest.raises(OSError, match="address already in use"):
            await sim.start()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", sim.port), timeout=1)
