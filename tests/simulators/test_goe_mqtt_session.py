"""How the pretend go-e comes to a broker, stays there and leaves."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.simulators.goe import GoeSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.mqtt_charger import NEVER_S, ROOT, charger, has_said_everything
from tests.support.broker import TestBroker
from tests.support.probe import Heard, Probe, probe
from tests.support.relay import Relay
from tests.support.waiting import until


async def test_a_reboot(shared_broker: TestBroker, base: str, ear: Probe) -> None:
    """It goes without an answer, comes back by itself and says everything again."""
    async with charger(shared_broker, base, period_s=NEVER_S) as sim:
        await ear.until(f"{ROOT}/rbc", "7")
        await ear.send(f"{ROOT}/rst/set", "true")
        await ear.until(f"{ROOT}/rbc", "8")
        await until(lambda: len(ear.all(f"{ROOT}/fwv")) == 2)
        assert sim.mqtt.connections == 2
        assert ear.all(f"{ROOT}/rst/result") == []


async def test_the_keys_about_the_connection(shared_broker: TestBroker, base: str) -> None:
    """HTTP tells whether MQTT is on, connected and read-only."""
    sim = charger(shared_broker, base)
    assert sim.device.status(["mce", "mcs", "mcc", "mcr"]) == {"mce": True, "mcs": False, "mcc": False, "mcr": False}
    async with sim:
        await until(lambda: sim.device.status(["mcs", "mcc"]) == {"mcs": True, "mcc": True})
        assert sim.state()["broker"] == f"127.0.0.1:{shared_broker.port}"
        await sim.mqtt.stop()
        assert sim.device.status(["mcs", "mcc"]) == {"mcs": False, "mcc": False}
        sim.mqtt.start()
        await until(lambda: sim.mqtt.connections == 2)


async def test_the_broker_comes_and_goes(own_broker: TestBroker, base: str) -> None:
    """It tries again and again: when nobody is there at first, and when the broker is gone for a while."""
    own_broker.stop()
    async with charger(own_broker, base) as sim:
        for number in (1, 2):
            own_broker.start()
            await until(lambda: sim.mqtt.connected)
            assert sim.mqtt.connections == number
            async with probe(own_broker.port, base) as ear:
                await ear.until(f"{ROOT}/car", "1")
            own_broker.kill()
            await until(lambda: not sim.mqtt.connected)


async def test_stopping(shared_broker: TestBroker, base: str, clock: FakeClock) -> None:
    """It ends at once and leaves nothing running: while connected, without a broker, twice, and never started."""
    connected, alone = charger(shared_broker, base, clock=clock), GoeSimulator(broker="127.0.0.1:1")
    never = GoeSimulator(broker="127.0.0.1:1")
    async with asyncio.timeout(10):
        async with connected, alone:
            await until(lambda: connected.mqtt.connected)
        await connected.stop()
        await never.stop()
    assert not connected.mqtt.connected
    assert [task.get_name() for task in asyncio.all_tasks() if "go-e" in task.get_name()] == []


@pytest.mark.mosquitto
@pytest.mark.parametrize("cut", [True, False], ids=["cut", "leaves"])
async def test_the_last_will(shared_broker: TestBroker, base: str, ear: Probe, cut: bool) -> None:  # noqa: FBT001
    """Only with that option is `mcc` there, retained: true while connected, false when it left or was lost."""

    def is_retained(heard: Heard) -> bool:
        return heard.retained

    async with Relay(shared_broker.port) as relay:
        async with charger(shared_broker, base, port=relay.port, last_will=True) as sim:
            assert (await ear.until(f"{ROOT}/mcc", is_retained)).text == "true"
            await has_said_everything(ear, sim)
            if cut:
                await relay.cut()
            else:
                await sim.mqtt.stop()
            assert (await ear.until(f"{ROOT}/mcc", "false")).retained
        assert [heard.text for heard in ear.all(f"{ROOT}/mcc")] == ["true", "false"]


@contextmanager
def guarded_broker(folder: Path) -> Iterator[TestBroker]:
    """Run a broker that knows only `box`."""
    users = folder / "users"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(users), "box", "right"], check=True, capture_output=True)
    users.chmod(0o644)
    with TestBroker(folder, "allow_anonymous false", f"password_file {users}") as broker:
        yield broker


@pytest.mark.mosquitto
async def test_a_broker_with_passwords(tmp_path: Path, base: str) -> None:
    """It signs in with what it was given, and goes on trying with what is wrong."""
    with guarded_broker(tmp_path) as broker:
        right = charger(broker, base, username="box", password="right")
        wrong = charger(broker, base, username="box", password="wrong")
        async with right, wrong:
            await until(lambda: right.mqtt.connected)
            assert wrong.mqtt.connections == 0


@pytest.mark.parametrize("address", ["", "broker", "broker:", ":1883", "broker:x", "broker:0", "broker:65536"])
def test_an_address_that_is_none(address: str) -> None:
    """It is refused where it is given."""
    with pytest.raises(ValueError, match="is not HOST:PORT"):
        GoeSimulator(broker=address)


def test_without_a_broker() -> None:
    """There is no client, and MQTT is switched off."""
    sim = GoeSimulator()
    assert sim.device.status(["mce", "mcr"]) == {"mce": False, "mcr": True}
    with pytest.raises(LookupError):
        _ = sim.mqtt
