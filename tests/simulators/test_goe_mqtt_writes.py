"""Writes to the pretend go-e over a broker, and what it says to them."""

from __future__ import annotations

import json

import aiohttp
import pytest

from tests.simulators.fake_clock import FakeClock
from tests.simulators.mqtt_charger import ROOT, charger, has_said_everything, write
from tests.support.broker import TestBroker
from tests.support.probe import Probe
from tests.support.waiting import until


async def test_a_write(shared_broker: TestBroker, base: str, ear: Probe, clock: FakeClock) -> None:
    """It is answered at once and takes effect when the charging logic has run."""
    async with charger(shared_broker, base, clock=clock) as sim:
        sim.device.visible_after_s = 1.0
        await ear.until(f"{ROOT}/amp", "16")
        assert await write(ear, "amp", "10") == "success"
        assert sim.device.status(["amp"]) == {"amp": 16}
        clock.pass_time(1)
        await ear.until(f"{ROOT}/amp", "10")


@pytest.mark.mosquitto
async def test_a_result_is_not_retained(shared_broker: TestBroker, base: str, ear: Probe) -> None:
    """Whoever comes later does not take it for the answer to a write of its own."""
    async with charger(shared_broker, base):
        await ear.until(f"{ROOT}/amp", "16")
        assert await write(ear, "amp", "10") == "success"
        last = ear.last(f"{ROOT}/amp/result")
        assert last is not None
        assert (last.retained, last.qos) == (False, 0)


@pytest.mark.parametrize(
    ("key", "payload", "result"),
    [
        ("fna", "new_name", "invalid json IncompleteInput: new_name"),
        ("fna", "0", "value must be string 0"),
        ("fna", '"my charger"', "success"),
        ("amp", "", "invalid json EmptyInput: "),
        ("amp", "40", "Value 40 exceeds range 6 to 32 40"),
        ("amp", "-1", "value must be uint8_t -1"),
        ("amp", "null", "null not allowed null"),
        ("cid", '"blue"', None),
        ("alw", "true", "tried to set api key without setter true"),
        ("dwo", "null", "success"),
        ("sch_week", '{"control":7}', None),
    ],
)
async def test_what_it_says(
    shared_broker: TestBroker, base: str, ear: Probe, key: str, payload: str, result: str | None
) -> None:
    """`success`, or what is wrong in the documented pattern: text that is not JSON, and the value at its end."""
    async with charger(shared_broker, base) as sim:
        before = sim.device.status([key])
        await until(lambda: sim.mqtt.connected)
        said = await write(ear, key, payload)
        if result is None:
            assert said != "success"
            assert said.endswith(f" {payload}")
            assert "(" not in said
        else:
            assert said == result
        assert sim.device.status([key]) == ({key: json.loads(payload)} if said == "success" else before)


async def test_solar_surplus(shared_broker: TestBroker, base: str, ear: Probe) -> None:
    """`ids` is not published and can be written; what came is in `pgrid`, `ppv` and `pakku`."""
    async with charger(shared_broker, base):
        await ear.until(f"{ROOT}/pgrid", "null")
        assert await write(ear, "ids", '{"pGrid":-1500.0,"pPv":3000,"pAkku":0}') == "success"
        await ear.until(f"{ROOT}/pgrid", "-1500.0")
        await ear.until(f"{ROOT}/ppv", "3000")
        await ear.until(f"{ROOT}/pakku", "0")
        assert await write(ear, "ids", "5") == "value must be null or JsonObject 5"
        assert ear.all(f"{ROOT}/ids") == []


async def test_read_only_until_allowed(
    shared_broker: TestBroker, base: str, ear: Probe, http: aiohttp.ClientSession
) -> None:
    """By default writes are neither carried out nor answered; `mcr` can be changed over HTTP."""
    async with charger(shared_broker, base, writable=False) as sim:
        await ear.until(f"{ROOT}/amp", "16")
        await ear.send(f"{ROOT}/amp/set", "10")
        await until(lambda: f"{base}/{ROOT}/amp/set" in [heard.topic for heard in ear.heard])
        await has_said_everything(ear, sim)
        async with http.get(f"http://{sim.address}/api/set?mcr=false") as response:
            assert await response.json() == {"mcr": True}
        await until(lambda: sim.device.status(["mcr"]) == {"mcr": False})
        assert await write(ear, "lbr", "100") == "success"
        await ear.until(f"{ROOT}/lbr", "100")
        assert ear.all(f"{ROOT}/amp/result") == []
        assert sim.device.status(["amp"]) == {"amp": 16}


async def test_without_results(shared_broker: TestBroker, base: str, ear: Probe) -> None:
    """Firmware before 051.5 carries writes out and answers nothing."""
    async with charger(shared_broker, base, family="051") as sim:
        await ear.until(f"{ROOT}/amp", "16")
        sim.mqtt.drop_results = True
        await ear.send(f"{ROOT}/amp/set", "10")
        await ear.until(f"{ROOT}/amp", "10")
        sim.mqtt.drop_results = False
        assert await write(ear, "lbr", "7") == "success"
        assert ear.all(f"{ROOT}/amp/result") == []


async def test_faults_of_writes(shared_broker: TestBroker, base: str, ear: Probe) -> None:
    """The same that HTTP has: refused in words, and accepted without effect."""
    async with charger(shared_broker, base) as sim:
        await ear.until(f"{ROOT}/amp", "16")
        await sim.set_fault("refuse_writes")
        assert await write(ear, "amp", "10") == "not allowed now 10"
        await sim.set_fault("ignore_writes")
        assert await write(ear, "amp", "10") == "success"
        await sim.clear_fault()
        assert await write(ear, "lbr", "7") == "success"
        await ear.until(f"{ROOT}/lbr", "7")
        assert [heard.text for heard in ear.all(f"{ROOT}/amp")] == ["16"]
