"""Each fault, as a client on a real socket sees it."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
import pytest

from bridge.simulators.faults import NEED_KEYS, Fault, active_fault
from bridge.simulators.goe import GoeSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.waiting import until


async def fetch(http: aiohttp.ClientSession, sim: GoeSimulator, query: str = "filter=amp,car") -> tuple[int, str]:
    """Status and text of a status request."""
    async with http.get(f"http://{sim.address}/api/status?{query}") as response:
        return response.status, await response.text()


async def expect_well(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """The charger answers properly."""
    assert await fetch(http, sim) == (200, '{"amp":16,"car":1}')


async def raw_answer(sim: GoeSimulator, target: str) -> bytes:
    """All bytes until the connection ends; a reset is raised."""
    reader, writer = await asyncio.open_connection("127.0.0.1", sim.port)
    try:
        writer.write(f"GET {target} HTTP/1.1\r\nHost: charger\r\n\r\n".encode())
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


async def test_unreachable(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """Connections are refused; afterwards it answers on the same port again, as often as one likes."""
    port = sim.port
    for _ in range(2):
        await sim.set_fault("unreachable")
        with pytest.raises(aiohttp.ClientConnectorError):
            await fetch(http, sim)
        await sim.set_fault("unreachable")
        await sim.clear_fault()
        assert sim.port == port
        await expect_well(http, sim)


async def test_unreachable_from_the_start(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """A fault that is set before the start holds from the start, and the port is known all the same."""
    sim = GoeSimulator(clock=clock)
    await sim.set_fault("unreachable")
    await sim.start()
    try:
        assert sim.port > 0
        with pytest.raises(aiohttp.ClientConnectorError):
            await fetch(http, sim)
        await sim.clear_fault()
        await expect_well(http, sim)
    finally:
        await sim.stop()


async def test_hang(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """The connection stands and nothing comes; when the fault is over, the waiting request gets no answer either."""
    await sim.set_fault("hang")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await fetch(http, sim)
    waiting = asyncio.create_task(raw_answer(sim, "/api/set?amp=10"))
    await until(lambda: len(sim.requests) == 2)
    assert not waiting.done()
    await sim.clear_fault()
    with pytest.raises(ConnectionResetError):
        await waiting
    await expect_well(http, sim)


async def test_stopping_while_it_hangs(clock: FakeClock) -> None:
    """A hanging request does not keep the simulator from stopping."""
    sim = GoeSimulator(clock=clock)
    await sim.start()
    await sim.set_fault("hang")
    waiting = asyncio.create_task(raw_answer(sim, "/api/status"))
    await until(lambda: len(sim.requests) == 1)
    async with asyncio.timeout(5):
        await sim.stop()
    with pytest.raises(ConnectionResetError):
        await waiting


async def test_slow(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """The answer is right, and takes its time."""
    await sim.set_fault("slow", seconds=0.3)
    started = time.monotonic()
    status, text = await fetch(http, sim, "")
    assert time.monotonic() - started >= 0.3
    assert status == 200
    assert set(json.loads(text)) == set(sim.device.status())


async def test_reset(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock) -> None:
    """The connection is reset in the middle of the answer, after a write has been carried out."""
    await sim.set_fault("reset")
    with pytest.raises(aiohttp.ClientError):
        await fetch(http, sim)
    with pytest.raises(ConnectionResetError):
        await raw_answer(sim, "/api/set?amp=10")
    await sim.clear_fault()
    clock.pass_time(1)
    assert await fetch(http, sim) == (200, '{"amp":10,"car":1}')


async def test_cut(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """The length is that of the whole answer, and half of it comes."""
    await sim.set_fault("cut")
    with pytest.raises(aiohttp.ClientPayloadError):
        await fetch(http, sim)
    head, body = (await raw_answer(sim, "/api/status?filter=amp,car")).split(b"\r\n\r\n")
    assert b"Content-Length: 18" in head
    assert body == b'{"amp":16'


async def test_404(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """As if the interface were switched off in the app."""
    await sim.set_fault("404")
    assert await fetch(http, sim) == (404, "This URI does not exist")


async def test_500(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """Too busy, in plain text."""
    await sim.set_fault("500")
    assert await fetch(http, sim) == (500, "couldn't take api lock in 3s, please try again later")


async def test_400_with_body(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """A bad status and a good body."""
    await sim.set_fault("400_with_body")
    assert await fetch(http, sim) == (400, '{"amp":16,"car":1}')


async def test_garbage(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """A web page."""
    await sim.set_fault("garbage")
    status, text = await fetch(http, sim)
    assert status == 200
    assert text.startswith("<!DOCTYPE html>")


async def test_huge(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """More than any answer may have, and valid all the same."""
    await sim.set_fault("huge")
    _, text = await fetch(http, sim)
    assert len(text) > 1024 * 1024
    assert list(json.loads(text)) == ["padding"]


async def test_missing_key(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """The named keys are not in the answer, filtered or not."""
    await sim.set_fault("missing_key", keys=["amp", "nrg"])
    assert await fetch(http, sim) == (200, '{"car":1}')
    _, text = await fetch(http, sim, "")
    assert set(sim.device.status()) - set(json.loads(text)) == {"amp", "nrg"}


async def test_null_key(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """The named keys are null."""
    await sim.set_fault("null_key", keys=["car"])
    assert await fetch(http, sim) == (200, '{"amp":16,"car":null}')


async def test_unknown_code(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """States that no document lists, or any other key that is named."""
    await sim.set_fault("unknown_code")
    assert await fetch(http, sim, "filter=car,modelStatus,err,amp") == (
        200,
        '{"car":9,"modelStatus":99,"err":99,"amp":16}',
    )
    await sim.set_fault("unknown_code", keys=["lmo"])
    assert await fetch(http, sim, "filter=car,lmo") == (200, '{"car":1,"lmo":99}')


async def test_refuse_writes(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock) -> None:
    """Reading works, and no write does."""
    await sim.set_fault("refuse_writes")
    async with http.get(f"http://{sim.address}/api/set?amp=10") as response:
        assert response.status == 500
        assert await response.json() == {"amp": "amp: failed: not allowed now (10)"}
    clock.pass_time(2)
    await expect_well(http, sim)


async def test_ignore_writes(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock) -> None:
    """A write is said to have worked, and has not."""
    await sim.set_fault("ignore_writes")
    async with http.get(f"http://{sim.address}/api/set?amp=10") as response:
        assert (response.status, await response.json()) == (200, {"amp": True})
    clock.pass_time(2)
    await expect_well(http, sim)


@pytest.mark.parametrize(
    ("name", "status", "text"),
    [("401", 401, "Unauthorized"), ("403", 403, "Forbidden"), ("429", 429, "Too Many Requests"), ("empty", 200, "")],
)
async def test_plain_refusals(
    http: aiohttp.ClientSession, sim: GoeSimulator, name: str, status: int, text: str
) -> None:
    """The same for every vendor."""
    await sim.set_fault(name)
    assert await fetch(http, sim) == (status, text)


async def test_a_fault_may_concern_some_paths(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """Those that begin as it says."""
    await sim.set_fault("500", prefix="/api/set")
    await expect_well(http, sim)
    async with http.get(f"http://{sim.address}/api/set?amp=10") as response:
        assert response.status == 500


@pytest.mark.parametrize("fault", Fault)
async def test_every_fault_can_be_set_and_cleared(http: aiohttp.ClientSession, sim: GoeSimulator, fault: Fault) -> None:
    """Whatever it did, afterwards the charger answers properly; each fault says what it is."""
    assert fault.meaning
    await sim.set_fault(fault, keys=["amp"] if fault in NEED_KEYS else [])
    assert sim.state()["fault"] == fault
    await sim.set_fault(None)
    assert sim.state()["fault"] is None
    await expect_well(http, sim)


@pytest.mark.parametrize(
    ("name", "keys", "seconds", "words"),
    [
        ("nonsense", (), None, "no fault 'nonsense'; there are: unreachable, hang"),
        ("missing_key", (), None, "fault 'missing_key' needs the names of keys"),
        ("null_key", (), None, "fault 'null_key' needs the names of keys"),
        ("slow", (), -1, "-1 s is not between 0 and 600"),
    ],
)
def test_senseless_faults_are_refused(name: str, keys: tuple[str, ...], seconds: float | None, words: str) -> None:
    """The set of faults is closed."""
    with pytest.raises(ValueError, match=words):
        active_fault(name, keys, seconds)
