"""A car in front of a Next: states, ramps, limits, and everything that can be forced."""

from __future__ import annotations

import pytest

from bridge.simulators.webasto import OcppState
from tests.simulators.fake_clock import FakeClock
from tests.simulators.webasto.client import Client


async def state(client: Client) -> str:
    """What the charger does."""
    found: str = (await client.dashboard())["ocpp-state"]
    return found


def current(client: Client) -> float:
    """What flows, in A per phase."""
    found = client.sim.state()["current"]
    assert isinstance(found, float | int)
    return found


async def test_a_day(client: Client, clock: FakeClock) -> None:
    """A car comes, charges until it is full, stays, and goes."""
    car = client.sim.car
    seen = [await state(client)]
    car.plug(capacity_kwh=5)
    seen.append(await state(client))
    clock.pass_time(4)
    seen.append(await state(client))
    assert 0 < current(client) < 16
    clock.pass_time(3_000)
    seen.append(await state(client))
    found = await client.dashboard()
    assert found["power"] == "5.000 kWh"
    car.unplug()
    seen.append(await state(client))
    assert (await client.dashboard())["power"] == "5.000 kWh"
    assert seen == ["Available", "Preparing", "Charging", "SuspendedEV", "Available"]
    assert await client.value("system", "plug-cycles") == 32


async def test_a_new_session_begins_at_zero(client: Client, clock: FakeClock) -> None:
    """Energy and duration, when the next car comes."""
    client.sim.car.plug(capacity_kwh=1)
    clock.pass_time(3_000)
    client.sim.car.plug()
    found = await client.dashboard()
    assert (found["power"], found["duration"]) == ("0.000 kWh", "0.00 minutes")


async def test_fill(client: Client, clock: FakeClock) -> None:
    """The car ends charging by itself."""
    client.sim.car.plug()
    clock.pass_time(60)
    client.sim.car.fill()
    clock.pass_time(1)
    assert await state(client) == "SuspendedEV"


async def test_a_car_with_a_timer(client: Client, clock: FakeClock) -> None:
    """It stops and goes on as it likes."""
    client.sim.car.plug()
    clock.pass_time(60)
    client.sim.device.car_pauses(pausing=True)
    assert await state(client) == "SuspendedEV"
    client.sim.device.car_pauses(pausing=False)
    assert await state(client) == "Charging"


async def test_limits(client: Client, clock: FakeClock) -> None:
    """The operator's and that of a load management; below 6 A nothing flows."""
    client.sim.car.plug(max_current=32)
    await client.update("operator-current-limit", 10)
    clock.pass_time(60)
    assert current(client) == 10
    client.sim.device.allow(7)
    clock.pass_time(1)
    assert current(client) == 7
    client.sim.device.allow(0)
    assert await state(client) == "SuspendedEVSE"
    client.sim.device.allow(None)
    assert await state(client) == "Charging"


async def test_phases(client: Client, clock: FakeClock) -> None:
    """A car on one phase."""
    client.sim.car.plug(phases=1)
    clock.pass_time(60)
    assert await client.value("system", "signal-current") == "L1: 16.0A, L2: 0.0A, L3: 0.0A"


@pytest.mark.parametrize("forced", OcppState)
async def test_every_state_can_be_forced(client: Client, clock: FakeClock, forced: OcppState) -> None:
    """With or without a car; afterwards all goes on."""
    client.sim.device.hold(forced.lower())
    assert await state(client) == forced
    client.sim.car.plug()
    clock.pass_time(30)
    assert await state(client) == forced
    assert (current(client) > 0) is (forced == OcppState.CHARGING)
    client.sim.device.hold(None)
    clock.pass_time(10)
    assert await state(client) == "Charging"


async def test_a_state_that_is_none(client: Client) -> None:
    """The error names those that there are."""
    with pytest.raises(ValueError, match="no state 'x'; there are: Available, "):
        client.sim.device.hold("x")


async def test_errors_stop_charging(client: Client, clock: FakeClock) -> None:
    """Until they are gone."""
    client.sim.car.plug()
    clock.pass_time(60)
    client.sim.device.set_error("GroundFailure", "x")
    assert await state(client) == "Faulted"
    assert current(client) == 0
    client.sim.device.clear_errors()
    assert await state(client) == "Charging"


async def test_a_long_absence_is_cheap(client: Client, clock: FakeClock) -> None:
    """A month in a moment."""
    client.sim.car.plug(capacity_kwh=20)
    clock.pass_time(30 * 86_400)
    client.sim.manners.token_life_s = 1e7
    await client.login()
    assert (await client.dashboard())["power"] == "20.000 kWh"
