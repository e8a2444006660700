"""The faults, as a client of a pretend Webasto sees them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import pytest

from bridge.simulators.faults import NEED_KEYS, Fault
from bridge.simulators.webasto import WebastoSimulator
from tests.simulators.webasto.client import Client


@pytest.mark.parametrize("fault", Fault)
async def test_every_fault_can_be_set_and_cleared(client: Client, fault: Fault) -> None:
    """Afterwards all is well."""
    await client.sim.set_fault(fault, keys=["power"] if fault in NEED_KEYS else [])
    assert client.sim.state()["fault"] == fault
    await client.sim.clear_fault()
    assert await client.status() == 200


@pytest.mark.parametrize(
    ("fault", "status"), [("401", 401), ("403", 403), ("404", 404), ("429", 429), ("500", 500), ("503", 503)]
)
async def test_statuses(client: Client, fault: str, status: int) -> None:
    """With a prefix only what begins with it suffers."""
    await client.sim.set_fault(fault, prefix="/api/login")
    assert (await client.login())[0] == status
    assert await client.status() == 200


@pytest.mark.parametrize("fault", ["unreachable", "reset", "cut"])
async def test_broken_connections(client: Client, fault: str) -> None:
    """Also under TLS."""
    await client.sim.set_fault(fault)
    with pytest.raises(aiohttp.ClientError):
        await client.dashboard()


async def test_hang(client: Client) -> None:
    """Nothing comes."""
    await client.sim.set_fault("hang")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await client.status()


@pytest.mark.parametrize(("fault", "status"), [("refuse_writes", 403), ("ignore_writes", 200)])
async def test_writes_without_effect(client: Client, fault: str, status: int) -> None:
    """Refused or ignored; reads and logins work."""
    await client.sim.set_fault(fault)
    assert (await client.login())[0] == 200
    assert (await client.update("led-brightness", 50))[0] == status
    assert await client.value("system", "led-brightness") == 10
    assert (await client.post("custom-actions/restart-system"))[0] == status
    assert await client.status() == 200


async def test_keys(client: Client) -> None:
    """Entries and fields that are missing, null or unheard-of."""
    await client.sim.set_fault("missing_key", keys=["power", "led-brightness"])
    assert "power" not in await client.dashboard()
    assert "led-brightness" not in await client.fields("system")
    await client.sim.set_fault("null_key", keys=["power", "led-brightness"])
    assert (await client.dashboard())["power"] is None
    assert await client.value("system", "led-brightness") is None
    await client.sim.set_fault("unknown_code")
    found = await client.dashboard()
    assert (found["ocpp-state"], found["status-wallbox"], found["power"]) == ("Bewildered", "Bewildered", "0.000 kWh")
    await client.sim.set_fault("missing_key", keys=["validation", "access_token"])
    assert "validation" not in (await client.fields("system"))["led-brightness"]
    answer: Any = (await client.ask("POST", "/api/login", login_of(client.sim), token=""))[1]
    assert answer == {"token_type": "bearer"}


def login_of(sim: WebastoSimulator) -> dict[str, str]:
    """What a login sends."""
    return {"username": sim.username, "password": sim.password}


async def test_the_slow_section(http: aiohttp.ClientSession) -> None:
    """It takes its time; the others do not wait for it."""
    async with WebastoSimulator(slow_s=0.4) as sim:
        client = Client(http, sim)
        await client.login()
        began = time.monotonic()
        slow = asyncio.create_task(client.get("sections/system"))
        await client.get("sections/auth")
        assert not slow.done()
        await slow
        assert time.monotonic() - began >= 0.4
