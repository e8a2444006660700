"""What holds for every vendor's simulator: the table, the daily life, the program."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys

import aiohttp
import pytest

from bridge.simulators import SIMULATORS
from bridge.simulators.scenario import DailyLife, daily_life


class CountingCar:
    """A car that writes down what happens to it, and ends the day after two rounds."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.events: list[str] = []
        self._stop = stop

    def plug(self, *, capacity_kwh: float = 1, max_current: float = 16, phases: int = 3) -> None:
        """Come."""
        self.events.append(f"plug {capacity_kwh:g} kWh {max_current:g} A {phases}")

    def unplug(self) -> None:
        """Go."""
        self.events.append("unplug")
        if self.events.count("unplug") == 2:
            self._stop.set()

    def fill(self) -> None:
        """Be full."""
        self.events.append("fill")


async def test_daily_life_goes_round() -> None:
    """A car comes, is filled, goes, and comes again, until it is told to stop."""
    stop = asyncio.Event()
    car = CountingCar(stop)
    times = DailyLife(first_after_s=0.01, charging_s=0.01, staying_s=0.01, absent_s=0.01, capacity_kwh=7)
    async with asyncio.timeout(5):
        await daily_life(car, stop, times)
    round_trip = ["plug 7 kWh 16 A 3", "fill", "unplug"]
    assert car.events == [*round_trip, *round_trip, "unplug"]


async def test_daily_life_stops_at_once() -> None:
    """It does not wait for the round to end."""
    stop = asyncio.Event()
    stop.set()
    async with asyncio.timeout(1):
        await daily_life(CountingCar(stop), stop)


def test_one_round_takes_about_a_minute() -> None:
    """A newcomer sees a whole session soon, and between the steps there is time for a poll."""
    times = DailyLife()
    assert times.first_after_s <= 5
    assert 60 <= times.charging_s + times.staying_s + times.absent_s <= 75
    assert min(times.charging_s, times.staying_s, times.absent_s) >= 10


@pytest.mark.parametrize("vendor", SIMULATORS)
async def test_every_simulator_meets_the_contract(vendor: str) -> None:
    """It listens, is controlled, forgets nothing it is asked, misbehaves on demand, and stops twice without harm."""
    sim = SIMULATORS[vendor](speed=10, control_port=0)
    await sim.start()
    try:
        assert sim.address == f"127.0.0.1:{sim.port}"
        assert sim.control is not None
        sim.car.plug(capacity_kwh=5, max_current=16, phases=3)
        sim.car.fill()
        sim.car.unplug()
        assert sim.state()["vendor"] == vendor
        # A charger with a certificate of its own tells the fingerprint.
        url = f"{'https' if 'fingerprint' in sim.state() else 'http'}://{sim.address}/"
        connector = aiohttp.TCPConnector(ssl=False)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=5)) as http:
            async with http.get(url) as response:
                await response.read()
            assert [request.path for request in sim.requests] == ["/"]
            await sim.set_fault("unreachable")
            with pytest.raises(aiohttp.ClientConnectorError):
                await http.get(url)
            await sim.clear_fault()
    finally:
        await sim.stop()
        await sim.stop()


def test_the_table_is_cheap_to_import() -> None:
    """Nobody pays for an HTTP server who only wants to know which simulators there are."""
    command = "import sys, bridge.simulators; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False, timeout=20).returncode == 0


async def test_the_program() -> None:
    """`charger2mqtt simulate go-e` says where it listens, answers, and ends on SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bridge", "simulate", "go-e", "--control-port", "0", "--speed", "100", "--daily-life"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            where = json.loads(await process.stdout.readline())
            async with aiohttp.ClientSession() as http:
                async with http.get(f"http://{where['address']}/api/status?filter=sse") as response:
                    assert await response.json() == {"sse": "123456"}
                async with http.get(f"http://{where['control']}/state") as response:
                    assert (await response.json())["vendor"] == "go-e"
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
