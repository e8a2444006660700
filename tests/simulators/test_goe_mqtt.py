"""The pretend go-e as a client of a broker, as another client of that broker sees it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.goe_mqtt import GoeBroker
from bridge.simulators.goe_mqtt_keys import MQTT_KEYS
from tests.simulators.fake_clock import FakeClock
from tests.simulators.mqtt_charger import NEVER_S, ROOT, charger, has_said_everything
from tests.support.broker import TestBroker
from tests.support.probe import Probe, probe
from tests.support.waiting import until


@pytest.mark.parametrize(
    ("family", "there", "not_there"),
    [
        ("051", "car nrg cards wh dll", "typ cus sse sch_week fna cll hai"),
        ("055", "car nrg cards typ cus cll tcl pgrid lbl", "sse sch_week fna c0n hse csd ids"),
        ("60", "car nrg cards c0n c9i typ cll mcr csd", "sse sch_week fna lbl cus cbl ids"),
    ],
)
async def test_what_is_there_at_first(
    shared_broker: TestBroker, base: str, clock: FakeClock, family: FamilyName, there: str, not_there: str
) -> None:
    """On connecting it leaves every key that recordings have on MQTT: retained, as JSON, and no other."""
    async with charger(shared_broker, base, family=family, clock=clock) as sim:
        async with probe(shared_broker.port, base, topics=(f"{base}/#",)) as first:
            await first.until(f"{ROOT}/{sim.mqtt.keys[-1]}")
        async with probe(shared_broker.port, base, topics=(f"{base}/#",)) as late:
            await late.until(f"{ROOT}/{sim.mqtt.keys[-1]}", lambda heard: heard.retained)
        said = {heard.topic.removeprefix(f"{base}/{ROOT}/"): heard.json for heard in late.heard if heard.retained}
        assert said == sim.device.status(sim.mqtt.keys)
    assert set(said) == set(MQTT_KEYS[family]) & set(sim.device.rules.keys)
    assert set(there.split()) <= set(said)
    assert not set(not_there.split()) & set(said)


def test_how_many_keys_there_are() -> None:
    """As many as in the recordings, of which the first has 67; each is there once."""
    assert {family: len(keys) for family, keys in MQTT_KEYS.items()} == {"051": 67, "055": 119, "60": 167}
    assert all(len(set(keys)) == len(keys) for keys in MQTT_KEYS.values())


async def test_payloads_are_literals(shared_broker: TestBroker, base: str, ear: Probe) -> None:
    """A text has its quotation marks, a list no spaces, nothing is `null`."""
    async with charger(shared_broker, base):
        assert (await ear.until(f"{ROOT}/fwv")).text == '"055.5"'
        assert (await ear.until(f"{ROOT}/clp")).text == "[6,10,16,24,32]"
        assert (await ear.until(f"{ROOT}/dwo")).text == "null"
        assert (await ear.until(f"{ROOT}/alw")).text == "true"


@pytest.mark.mosquitto
async def test_changes_are_not_retained(shared_broker: TestBroker, base: str, ear: Probe) -> None:
    """The first value of a session is retained, all others are not and have QoS 0; what does not change is not sent."""
    async with charger(shared_broker, base, period_s=0.02) as sim:
        await ear.until(f"{ROOT}/{sim.mqtt.keys[-1]}")
        sim.device.wall_clock = lambda: time.time() + 5  # as when the time from the network corrects its own
        for key in ("rbt", "utc", "loc"):
            await until(partial(lambda key: len(ear.all(f"{ROOT}/{key}")) > 3, key), what=key)
    for key in ("rbt", "utc", "loc"):
        assert [heard.retained for heard in ear.all(f"{ROOT}/{key}")[:4]] == [True, False, False, False]
    assert {heard.qos for heard in ear.heard if heard.topic.startswith(base)} == {0}
    for key in ("car", "amp", "cards", "tab"):
        assert len(ear.all(f"{ROOT}/{key}")) == 1


@pytest.mark.parametrize(
    ("family", "options", "root"),
    [
        ("055", {}, "go-eCharger/000042"),
        ("60", {}, "go-eCharger/000042"),
        ("051", {}, "/go-eCharger/000042"),
        ("055", {"prefix": "home/wallbox"}, "home/wallbox/000042"),
        ("051", {"prefix": "home/wallbox/"}, "home/wallbox/000042"),
        ("055", {"prefix": "home/wallbox", "serial_level": False}, "home/wallbox"),
    ],
)
def test_where_it_publishes(family: FamilyName, options: dict[str, Any], root: str) -> None:
    """Old firmware begins with a slash; a prefix of one's own replaces the name, and perhaps the serial number."""
    sim = GoeSimulator(family=family, serial="000042", broker=GoeBroker(**options))
    assert sim.mqtt.root == root
    assert sim.device.settings["mtp"] == options.get("prefix", sim.device.rules.keys["mtp"].default)


@pytest.mark.parametrize(("prefix", "serial_level"), [("own", False), ("/slash", False), ("own/deep", True)])
async def test_another_prefix(
    shared_broker: TestBroker,
    base: str,
    ear: Probe,
    prefix: str,
    serial_level: bool,  # noqa: FBT001
) -> None:
    """Values, writes and results are all below it."""
    prefix = f"/{base}/x" if prefix.startswith("/") else f"{base}/{prefix}"
    async with charger(shared_broker, base, prefix=prefix, serial_level=serial_level) as sim:
        root = f"/{prefix}/{sim.device.serial}" if serial_level else f"/{prefix}"
        await ear.until(f"{root}/amp", "16")
        await ear.send(f"{root}/amp/set", "10")
        await ear.until(f"{root}/amp/result", "success")
        await ear.until(f"{root}/amp", "10")


@pytest.mark.parametrize(
    ("happen", "key", "value"),
    [
        (lambda device: device.plug(), "car", "3"),
        (lambda device: device.unplug(), "car", "1"),
        (lambda device: device.set_error(6), "err", "6"),
        (lambda device: device.swipe_card(2), "trx", "3"),
        (lambda device: device.hold(24), "modelStatus", "24"),
    ],
    ids=["plug", "unplug", "error", "card", "hold"],
)
async def test_events_show_at_once(
    shared_broker: TestBroker, base: str, ear: Probe, happen: Callable[[GoeDevice], None], key: str, value: str
) -> None:
    """A car, a card and an error do not wait for the end of the period; the time of day does."""
    async with charger(shared_broker, base, period_s=NEVER_S) as sim:
        if value == "1":
            sim.car.plug()
        await ear.until(f"{ROOT}/{sim.mqtt.keys[-1]}")
        happen(sim.device)
        await ear.until(f"{ROOT}/{key}", value)
        assert len(ear.all(f"{ROOT}/rbt")) == 1


async def three_periods() -> None:
    """Wait for as long as a charger would publish three times."""
    end = time.monotonic() + 0.3
    await until(lambda: time.monotonic() > end)


async def test_a_silent_charger(shared_broker: TestBroker, base: str, ear: Probe) -> None:
    """It stays connected, carries writes out and says nothing; afterwards it says what has changed meanwhile."""
    async with charger(shared_broker, base) as sim:
        await has_said_everything(ear, sim)
        sim.mqtt.silent(None)
        await three_periods()  # what was on its way arrives
        ear.forget()
        await ear.send(f"{ROOT}/amp/set", "10")
        await until(lambda: sim.device.status(["amp"]) == {"amp": 10})
        sim.car.plug()
        await three_periods()
        assert [heard.topic for heard in ear.heard if heard.topic.startswith(base)] == [f"{base}/{ROOT}/amp/set"]
        assert sim.mqtt.connected
        sim.mqtt.silent(0.1)
        await ear.until(f"{ROOT}/amp", "10")
        await ear.until(f"{ROOT}/car", lambda heard: heard.json != 1)
        assert ear.all(f"{ROOT}/amp/result") == []
        assert sim.mqtt.connections == 1
        sim.mqtt.silent(NEVER_S)
        sim.mqtt.silent(0)
        await ear.until(f"{ROOT}/rbt", lambda _: len(ear.all(f"{ROOT}/rbt")) > 3)


async def test_faults_of_values(shared_broker: TestBroker, base: str, ear: Probe) -> None:
    """The same that HTTP has: null, a code that nobody knows, and nothing at all."""
    async with charger(shared_broker, base) as sim:
        await sim.set_fault("missing_key", keys=["nrg", "car"])
        await until(lambda: sim.mqtt.connected)
        await has_said_everything(ear, sim)
        assert ear.all_of(f"{ROOT}/nrg", f"{ROOT}/car") == []
        await sim.set_fault("null_key", keys=["nrg"])
        await ear.until(f"{ROOT}/nrg", "null")
        await sim.set_fault("unknown_code")
        await ear.until(f"{ROOT}/car", "9")
        await sim.clear_fault()
        await ear.until(f"{ROOT}/car", "1")
