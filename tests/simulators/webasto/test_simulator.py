"""The certificate, the control port, and what is remembered."""

from __future__ import annotations

import ssl

import aiohttp
import pytest

from bridge.simulators.http_face import MOST_REQUESTS
from bridge.simulators.webasto import WebastoSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.webasto.client import Client


async def test_the_certificate(http: aiohttp.ClientSession, next_sim: WebastoSimulator) -> None:
    """Nobody trusts it unasked; who knows the fingerprint or has it as a CA file does."""
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await http.get(next_sim.url)
    for trust in (
        aiohttp.Fingerprint(bytes.fromhex(next_sim.fingerprint)),
        ssl.create_default_context(cafile=next_sim.certificate_file),
    ):
        async with http.get(next_sim.url, ssl=trust) as response:
            assert response.status == 200


async def test_a_changed_certificate(http: aiohttp.ClientSession, next_sim: WebastoSimulator) -> None:
    """Whoever knew the old one is not fooled, also over a connection that stood already."""
    first = next_sim.fingerprint
    old = aiohttp.Fingerprint(bytes.fromhex(first))
    async with http.get(next_sim.url, ssl=old) as response:
        await response.read()
    next_sim.change_certificate()
    assert next_sim.fingerprint != first
    with pytest.raises(aiohttp.ServerFingerprintMismatch) as caught:
        await http.get(next_sim.url, ssl=old)
    assert caught.value.got.hex() == next_sim.fingerprint
    next_sim.change_certificate()
    assert next_sim.fingerprint == first


async def test_plain_http_gets_nowhere(http: aiohttp.ClientSession, next_sim: WebastoSimulator) -> None:
    """It speaks TLS alone, and survives those who do not."""
    with pytest.raises(aiohttp.ClientError):
        await http.get(f"http://{next_sim.address}/")
    async with http.get(next_sim.url, ssl=False) as response:
        assert response.status == 200


async def test_control_and_state(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """A car comes over the control port, and the state says all that is needed to connect."""
    async with WebastoSimulator(clock=clock, control_port=0, slow_s=0) as sim:
        async with http.get(f"http://{sim.control}/plug?capacity_kwh=3") as response:
            state = await response.json()
        assert (state["vendor"], state["model"], state["car"]) == ("webasto", "next", True)
        assert (state["url"], state["fingerprint"]) == (sim.url, sim.fingerprint)
        assert (state["username"], state["password"]) == ("admin", sim.password)


async def test_speed(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """Cars and restarts are faster, tokens and the duration are not."""
    async with WebastoSimulator(clock=clock, speed=100, slow_s=0) as sim:
        client = Client(http, sim)
        await client.login()
        sim.car.plug(capacity_kwh=10)
        clock.pass_time(60)
        found = await client.dashboard()
        assert (found["power"], found["duration"]) == ("10.000 kWh", "1.00 minutes")
        with pytest.raises(aiohttp.ClientConnectionError):
            await client.post("custom-actions/restart-system")
        clock.pass_time(1.5)
        assert await client.status() == 401


async def test_what_is_remembered_is_bounded(client: Client) -> None:
    """The last requests only, and not every path is counted for itself."""
    for number in range(MOST_REQUESTS + 5):
        await client.ask("GET", f"/api/nothing-{number}")
    assert len(client.sim.requests) == MOST_REQUESTS
    assert len(client.sim.counts) <= 51


async def test_a_restart_of_the_simulator(http: aiohttp.ClientSession) -> None:
    """On the port it had."""
    sim = WebastoSimulator()
    await sim.start()
    port = sim.port
    await sim.stop()
    await sim.start(port)
    try:
        async with http.get(sim.url, ssl=False) as response:
            assert response.status == 200
    finally:
        await sim.stop()
        await sim.stop()
