"""A go-e that talks to a broker, from its messages to ours and back: the whole bridge, over real sockets."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.goe_mqtt import GoeBroker
from bridge.vendors.goe.telling import PACE
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.broker import TestBroker
from tests.support.probe import Heard, Probe, probe
from tests.support.waiting import until

pytestmark = pytest.mark.mosquitto  # the charger's own messages count only when they are known to be live

SECRET = "do-not-publish"
PATIENT = 20.0


SCHEDULE = (
    '{"control":1,"ranges":[{"begin":{"hour":22,"minute":0},"end":{"hour":6,"minute":30}},'
    '{"begin":{"hour":0,"minute":0},"end":{"hour":0,"minute":0}}]}'
)


@pytest.fixture
def quick_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for an answer that does not come, and look less often."""
    monkeypatch.setattr("bridge.vendors.goe.telling.ANSWER_S", 0.3)
    monkeypatch.setattr("bridge.vendors.goe.telling.PACE", replace(PACE, confirm_reads=4))


def some_serial() -> str:
    """Return a serial number that no other test uses; those of half of all chargers begin with a zero."""
    return f"{random.randrange(100_000):06}"


@asynccontextmanager
async def charger(port: int, *, serial: str | None = None, **more: Any) -> AsyncIterator[GoeSimulator]:
    """Run a charger that is a client of the broker on this port; what is not the broker's goes to the simulator."""
    names = GoeBroker.__dataclass_fields__
    here = {name: more.pop(name) for name in tuple(more) if name in names}
    broker = GoeBroker(**{"port": port, "period_s": 0.1, "retry_s": 0.1, "writable": True, **here})
    quick = {"visible_after_s": 0.1, "reboot_s": 0.3, "serial": serial or some_serial()}
    async with GoeSimulator(broker=broker, **{**quick, **more}) as found:
        yield found


def telling(simulator: GoeSimulator, **settings: Any) -> dict[str, Any]:
    """Return the configuration of a charger that is listened to; without `host` there is no other way to it."""
    serial = simulator.device.serial
    return {"vendor": "go-e", "transport": "mqtt", "serial": serial, "poll_interval": 0.2, "timeout": 2, **settings}


async def until_state(ear: Probe, charger: str = "garage", within: float = PATIENT, **wanted: Any) -> dict[str, Any]:
    """Wait for a state with these properties."""

    def shows(heard: Heard) -> bool:
        return all(heard.json.get(key, "absent") == value for key, value in wanted.items())

    state: dict[str, Any] = (await ear.until(f"{charger}/state", shows, within)).json
    return state


async def command(ear: Probe, key: str, value: str, charger: str = "garage") -> dict[str, Any]:
    """Send a command and return its final result."""
    ear.forget()
    await ear.send(f"{charger}/{key}/set", value)
    return await ear.result(charger, within=PATIENT, property=key)


# The same as over HTTP


@pytest.mark.parametrize("family", ["051", "055", "60"])
async def test_the_same_is_published_as_over_http(
    run: Run, shared_broker: TestBroker, ear: Probe, family: FamilyName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every property that a listened-to charger has is what it is when asked; with the slash of old firmware or not."""
    monkeypatch.setattr("bridge.vendors.goe.telling.FILL_EVERY_S", 0.5)
    async with charger(shared_broker.port, family=family) as sim:
        assert sim.mqtt.root.startswith("/") is (family == "051")
        async with run({"told": telling(sim), "asked": goe(sim), "both": telling(sim, host=sim.address)}):
            sim.device.plug()
            for each in ("told", "asked", "both"):
                await until_state(ear, each, status="charging", current_limit=16)
            sim.device.unplug()
            for each in ("told", "asked", "both"):
                await until_state(ear, each, status="disconnected", power=0)
            # With `host` nothing is missing; without it only what the charger does not tell of.
            missing = {"cable_locked"} if family == "051" else set()
            await until(lambda: differences(ear, "both") == set(), PATIENT, f"{differences(ear, 'both')}")
            await until(lambda: differences(ear, "told") == missing, PATIENT, f"{differences(ear, 'told')}")
            assert len((await ear.until("told/state")).json) > 40
            listed = (await ear.until("bridge/chargers", lambda heard: len(heard.json) == 3)).json
    chargers = {each.pop("id"): each for each in listed}
    assert abilities(chargers["both"]) == abilities(chargers["asked"])
    told, asked = abilities(chargers["told"]), abilities(chargers["asked"])
    assert told == {key: asked[key] for key in told}
    assert {"vendor/fna"} <= set(asked) - set(told) <= missing | {"vendor/fna", "vendor/fup", "vendor/tcl"}
    for each in chargers.values():
        assert (each["serial"], each["firmware"]) == (sim.device.serial, chargers["asked"]["firmware"])
    assert chargers["both"]["model"] == chargers["asked"]["model"]


def differences(ear: Probe, charger: str) -> set[str]:
    """Return what a charger publishes otherwise than the one that is asked, but for what is never the same twice."""
    states = [ear.last(f"{each}/state") for each in (charger, "asked")]
    first, second = (state.json if state else {} for state in states)
    moving = {"ts", "last_update", "data_age_s", "stale", "session_duration", "session_start", "wifi_rssi", "frequency"}
    keys = {key for key in {*first, *second} - moving if not key.startswith(("voltage_", "temperature"))}
    return {key for key in keys if first.get(key, "absent") != second.get(key, "absent")}


def abilities(charger: dict[str, Any]) -> dict[str, Any]:
    """Return what a charger in the list can do, without the time that it takes on its way."""
    found: dict[str, dict[str, Any]] = charger["capabilities"]
    return {key: able | {"settle_s": None, "api_cost": None} for key, able in found.items()}


@pytest.mark.parametrize("serial_level", [True, False])
async def test_a_prefix_of_ones_own(
    run: Run, shared_broker: TestBroker, ear: Probe, base: str, *, serial_level: bool
) -> None:
    """With the serial number behind it or without; whatever else is said in between is not the charger's."""
    prefix = f"{base}-c/garage"
    async with charger(shared_broker.port, prefix=prefix, serial_level=serial_level) as sim:
        other = "status" if serial_level else "other/amp"
        await ear.send(f"/{prefix}/{other}", "6", retain=True)
        async with run({"garage": telling(sim, topic_prefix=prefix)}):
            await until_state(ear, status="disconnected", current_limit=16)
            await ear.send(f"/{prefix}/{other}", "7")
            told = await command(ear, "current_limit", "10")
    assert (told["status"], told["applied"]) == ("confirmed", 10)


async def test_two_chargers_with_the_same_prefix(run: Run, shared_broker: TestBroker, ear: Probe, base: str) -> None:
    """Each hears its own serial number alone."""
    prefix = f"{base}-c"
    async with (
        charger(shared_broker.port, prefix=prefix) as one,
        charger(shared_broker.port, prefix=prefix, serial="654321") as two,
    ):
        chargers = {"one": telling(one, topic_prefix=prefix), "two": telling(two, topic_prefix=prefix)}
        async with run(chargers):
            await until_state(ear, "one", status="disconnected")
            two.device.plug()
            await until_state(ear, "two", vehicle_connected=True)
            told = await command(ear, "current_limit", "10", "one")
            assert told["status"] == "confirmed"
            await until_state(ear, "one", status="disconnected", current_limit=10)
            assert (await command(ear, "current_limit", "16", "two"))["status"] == "confirmed"
        assert (one.device.settings["amp"], two.device.settings["amp"]) == (10, 16)


async def test_another_broker_than_ours(
    run: Run, shared_broker: TestBroker, own_broker: TestBroker, ear: Probe, base: str
) -> None:
    """The charger talks to one broker and we to another; both may be used, by one charger each."""
    async with charger(own_broker.port) as far, charger(shared_broker.port, serial="654321") as near:
        there = {"host": "127.0.0.1", "port": own_broker.port}
        chargers = {"far": telling(far, broker=there), "near": telling(near)}
        async with probe(own_broker.port, base) as far_ear, run(chargers):
            for each in ("far", "near"):
                await until_state(ear, each, status="disconnected")
                assert (await command(ear, "current_limit", "10", each))["status"] == "confirmed"
            assert not [heard for heard in far_ear.heard if heard.topic.startswith(base)]


async def test_several_sessions_with_one_broker(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """Settings of a broker that differ in something make sessions of their own, which do not throw each other out."""
    there = {"host": "127.0.0.1", "port": shared_broker.port}
    async with (
        charger(shared_broker.port) as one,
        charger(shared_broker.port, serial="654321") as two,
        charger(shared_broker.port, serial="765432") as three,
    ):
        chargers = {
            "one": telling(one),
            "two": telling(two, broker=there),
            "three": telling(three, broker={**there, "username": "three"}),
        }
        with capture_logs() as logs:
            async with run(chargers):
                for each in chargers:
                    await until_state(ear, each, status="disconnected")
                for each in chargers:
                    assert (await command(ear, "current_limit", "10", each))["status"] == "confirmed"
    assert not [line for line in logs if line["event"] == "feed unavailable"]


async def test_a_change_is_published_promptly(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """A car that is plugged in shows although the next look is far away."""
    async with charger(shared_broker.port, period_s=0.3) as sim, run({"garage": telling(sim, poll_interval=3600)}):
        await ear.until("garage/vehicle_connected", "false")
        for _ in range(3):
            ear.forget()
            sim.device.plug()
            await ear.until("garage/vehicle_connected", "true")
            await ear.until("garage/event", lambda heard: heard.json["event_type"] == "plugged")
            ear.forget()
            sim.device.unplug()
            await ear.until("garage/vehicle_connected", "false")


# Commands


@pytest.mark.parametrize(
    ("key", "value", "applied"),
    [
        ("current_limit", "10", 10),
        ("charge_override", "off", "off"),
        ("phase_mode", "single", "single"),
        ("session_energy_limit", "2.5", 2.5),
        ("vendor/fup", "true", True),
        ("vendor/ids", '{"pGrid": -1500}', {"pGrid": -1500}),
    ],
)
async def test_a_command_is_confirmed_by_what_the_charger_tells(
    run: Run, shared_broker: TestBroker, ear: Probe, key: str, value: str, applied: Any
) -> None:
    """It goes to the broker alone, once, and the result comes when the charger tells of the new value."""
    async with charger(shared_broker.port) as sim, run({"garage": telling(sim)}):
        await until_state(ear, status="disconnected")
        told = await command(ear, key, value)
        assert (told["status"], told["code"], told["applied"]) == ("confirmed", "ok", applied), told
        assert sim.counts == {}


async def test_a_refusal_has_the_words_of_the_charger(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """They come as text on `result`, and nothing has changed."""
    async with charger(shared_broker.port) as sim, run({"garage": telling(sim)}):
        await until_state(ear, status="disconnected")
        await sim.set_fault("refuse_writes")
        told = await command(ear, "current_limit", "10")
        assert (told["status"], told["code"], told["applied"]) == ("rejected", "vendor_refused", 16), told
        assert told["message"].endswith(" 10"), told
        await sim.clear_fault()
        assert (await command(ear, "current_limit", "10"))["status"] == "confirmed"


@pytest.mark.usefixtures("quick_answers")
async def test_a_write_without_effect_is_not_confirmed(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """`success` alone is no proof."""
    async with charger(shared_broker.port) as sim, run({"garage": telling(sim)}):
        await until_state(ear, status="disconnected")
        await sim.set_fault("ignore_writes")
        told = await command(ear, "current_limit", "10")
    assert (told["status"], told["code"], told["applied"]) == ("unconfirmed", "not_confirmed", 16), told


@pytest.mark.usefixtures("quick_answers")
async def test_firmware_that_answers_nothing_is_believed_by_what_it_shows(
    run: Run, shared_broker: TestBroker, ear: Probe
) -> None:
    """Before 051.5 there was no `result`."""
    async with charger(shared_broker.port) as sim, run({"garage": telling(sim)}):
        await until_state(ear, status="disconnected")
        sim.mqtt.drop_results = True
        told = await command(ear, "current_limit", "10")
    assert (told["status"], told["code"], told["applied"]) == ("confirmed", "ok", 10), told


@pytest.mark.usefixtures("quick_answers")
async def test_a_charger_that_may_only_be_read_on_its_broker(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """That is the default since 051.5: the result says where it is switched."""
    async with charger(shared_broker.port, writable=False) as sim, run({"garage": telling(sim)}):
        await until_state(ear, status="disconnected")
        told = await command(ear, "current_limit", "10")
        assert sim.device.settings["amp"] == 16
    assert (told["status"], told["code"], told["applied"]) == ("failed", "vendor_unreachable", 16), told
    assert "writing may be switched off there (in the app: Settings, Connection, API settings, MQTT" in told["message"]


async def test_a_restart(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """The charger answers nothing, goes, and comes back; what it tells then is heard."""
    async with charger(shared_broker.port) as sim, run({"garage": telling(sim)}):
        await until_state(ear, status="disconnected")
        before = sim.device.reboots
        assert (await command(ear, "restart", "PRESS"))["status"] == "confirmed"
        await until(lambda: sim.mqtt.connections == 2 and sim.mqtt.connected, PATIENT)
        assert (await command(ear, "current_limit", "10"))["status"] == "confirmed"
        assert sim.device.reboots == before + 1


# Silence


async def test_a_charger_that_falls_silent_is_offline(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """After three looks without a word; bridge/health has the reason, and the first word brings it back."""
    async with charger(shared_broker.port) as sim, run({"garage": telling(sim, timeout=0.5)}):
        await ear.until("garage/availability", "online", PATIENT)
        sim.mqtt.silent(None)
        await ear.until("garage/availability", "offline", PATIENT)

        def silent(heard: Heard) -> bool:
            return bool(heard.json["chargers"]["garage"]["consecutive_failures"] >= 3)

        health = (await ear.until("bridge/health", silent, PATIENT)).json["chargers"]["garage"]
        assert health["last_error"]["message"] == "the charger has said nothing on its broker for 0.5 s"
        assert health["last_error"]["code"] == "vendor_unreachable"
        told = await command(ear, "current_limit", "10")
        assert (told["status"], told["code"]) == ("rejected", "vendor_unreachable"), told
        assert sim.device.settings["amp"] == 16
        ear.forget()
        sim.mqtt.silent(0)
        await ear.until("garage/availability", "online", PATIENT)
        await until_state(ear, online=True, stale=False)


async def test_what_a_dead_charger_left_behind_is_no_sign_of_life(
    run: Run, shared_broker: TestBroker, ear: Probe
) -> None:
    """Retained messages tell nothing of now: no state, no command."""
    async with charger(shared_broker.port) as sim:
        await until(lambda: sim.mqtt.connected)
        configuration = telling(sim, timeout=0.5)
        async with probe(shared_broker.port, topics=(f"{sim.mqtt.root}/#",)) as there:
            await there.until(f"/{sim.mqtt.root}/wh", within=PATIENT)
    async with probe(shared_broker.port, topics=(f"{sim.mqtt.root}/#",)) as there, run({"garage": configuration}):
        assert (await there.until(f"/{sim.mqtt.root}/car")).retained

        def failing(heard: Heard) -> bool:
            return bool(heard.json["chargers"]["garage"]["consecutive_failures"] >= 2)

        health = (await ear.until("bridge/health", failing, PATIENT)).json["chargers"]["garage"]
        assert health["last_error"]["message"].startswith("the charger has said nothing on its broker")
        assert health["last_success"] is None
        assert [heard.text for heard in ear.all("garage/availability")] == ["offline"]
        assert ear.all("garage/state") == []


async def test_a_charger_that_comes_later_is_complete_at_once(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """Also when the bridge has waited for it in vain: nothing is published before it has told everything."""
    async with charger(shared_broker.port) as sim:
        await sim.mqtt.stop()
        async with run({"garage": telling(sim, timeout=0.3)}):
            await ear.until("garage/availability", "offline", PATIENT)
            await ear.until("bridge/health", lambda heard: heard.json["chargers"]["garage"]["last_error"], PATIENT)
            sim.mqtt.start()
            await ear.until("garage/availability", "online", PATIENT)
            first = (await ear.until("garage/state")).json
            last = await until_state(ear, status="disconnected", current_limit=16)
    assert set((ear.all("garage/state")[0]).json) == set(last), set(last) - set(first)


@pytest.mark.parametrize("end", ["kill", "stop"])
async def test_a_broker_that_goes_and_comes_back(run: Run, own_broker: TestBroker, ear: Probe, end: str) -> None:
    """Commands are refused meanwhile and not delivered late; then everything is as before."""
    async with charger(own_broker.port) as sim:
        there = {"host": "127.0.0.1", "port": own_broker.port}
        async with run({"garage": telling(sim, broker=there, timeout=0.5)}):
            await ear.until("garage/availability", "online", PATIENT)
            ear.forget()
            getattr(own_broker, end)()
            await ear.until("garage/availability", "offline", PATIENT)
            told = await command(ear, "current_limit", "10")
            assert (told["status"], told["code"]) == ("rejected", "vendor_unreachable"), told
            failed = await ear.until("bridge/health", lambda heard: heard.json["chargers"]["garage"]["last_error"])
            assert failed.json["chargers"]["garage"]["last_error"]["message"] == (
                "there is no connection to the charger's broker"
            )
            own_broker.start()
            async with probe(own_broker.port) as far_ear:
                await ear.until("garage/availability", "online", PATIENT)
                assert (await command(ear, "current_limit", "12"))["status"] == "confirmed"
                assert [heard.text for heard in far_ear.all(f"/{sim.mqtt.root}/amp/set")] == ["12"]
        assert sim.device.settings["amp"] == 12


# With an address, too


@pytest.mark.parametrize(
    ("key", "value", "applied"),
    [
        ("vendor/fna", "Garage 1", "Garage 1"),
        ("vendor/sch_week", SCHEDULE, json.loads(SCHEDULE)),
        ("current_limit", "10", 10),
    ],
)
async def test_what_the_charger_does_not_tell_is_asked_for(
    run: Run, shared_broker: TestBroker, ear: Probe, key: str, value: str, applied: Any
) -> None:
    """Such keys come over HTTP; a write goes over the broker, and is seen to have taken effect over HTTP."""
    keys = ["fna", "sch_week", "sse", "modelStatus"]
    async with charger(shared_broker.port, visible_after_s=1.0) as sim:
        assert not {"fna", "sch_week", "sse"} & set(sim.mqtt.keys)
        async with run({"garage": telling(sim, host=sim.address, vendor_keys=keys)}):
            await ear.until("garage/vendor/sse", sim.device.serial, PATIENT)
            told = await command(ear, key, value)
        assert (told["status"], told["applied"]) == ("confirmed", applied), told
        assert sim.counts["/api/set"] == 0


async def test_what_the_broker_kept_gives_way_to_the_charger(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """Only the first word of a session is retained: what it told later is asked for when the bridge comes after it."""
    async with charger(shared_broker.port) as sim, probe(shared_broker.port, topics=(f"{sim.mqtt.root}/#",)) as there:
        await there.until(f"/{sim.mqtt.root}/wh", within=PATIENT)
        sim.device.plug()
        await there.until(f"/{sim.mqtt.root}/car", "3")
        await there.until(f"/{sim.mqtt.root}/car", "2", PATIENT)
        async with run({"garage": telling(sim, host=sim.address)}):
            await ear.until("garage/state", within=PATIENT)
            assert ear.all("garage/state")[0].json["status"] == "charging"
            assert {heard.text for heard in ear.all("garage/vehicle_connected")} <= {"true"}


async def test_without_mqtt_the_address_is_enough(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """A charger that says nothing on its broker, and never did, is asked and told over HTTP."""
    async with charger(shared_broker.port) as sim:
        await sim.mqtt.stop()
        async with run({"garage": telling(sim, host=sim.address, timeout=0.5)}):
            await until_state(ear, status="disconnected", current_limit=16)
            assert (await command(ear, "current_limit", "10"))["status"] == "confirmed"
            assert sim.counts["/api/set"] == 1
            sim.mqtt.start()
            await until(lambda: sim.mqtt.connected)


async def test_silent_on_the_broker_but_there(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """With an address a charger stays online when its MQTT client hangs, and its changes are seen."""
    async with charger(shared_broker.port) as sim, run({"garage": telling(sim, host=sim.address, timeout=0.5)}):
        await ear.until("garage/availability", "online", PATIENT)
        sim.mqtt.silent(None)
        before = sim.counts["/api/status"]
        await until(lambda: sim.counts["/api/status"] >= before + 3, PATIENT)
        sim.device.plug()
        await until_state(ear, vehicle_connected=True, online=True)
        assert [heard.text for heard in ear.all("garage/availability")] == ["offline", "online"]
        assert (await command(ear, "current_limit", "10"))["status"] == "confirmed"
        assert sim.counts["/api/set"] == 1
        sim.mqtt.silent(0)
        assert (await command(ear, "current_limit", "12"))["status"] == "confirmed"
        assert ear.all("garage/availability") == []


# What must not get out, and what must not get in


async def test_no_secret_is_passed_on(run: Run, shared_broker: TestBroker, ear: Probe, base: str) -> None:
    """The charger tells its broker the name of the network and a link with a token; we tell nobody."""
    async with (
        charger(shared_broker.port, family="60") as sim,
        probe(shared_broker.port, topics=(f"{base}/#", f"{sim.mqtt.root}/#")) as all_ears,
    ):
        with capture_logs() as logs:
            chargers = {
                "garage": telling(sim, vendor_keys="all"),
                "both": telling(sim, host=sim.address, vendor_keys="all"),
            }
            async with run(chargers):
                await until_state(ear, "garage", status="disconnected")
                await until_state(ear, "both", status="disconnected")
                await ear.until("both/vendor/tds", within=PATIENT)
                await command(ear, "current_limit", "10", "garage")
        for key in ("ccw", "dll"):
            assert SECRET in (await all_ears.until(f"/{sim.mqtt.root}/{key}")).text
    ours = [heard for heard in all_ears.heard if heard.topic.startswith(base)]
    assert len(ours) > 100
    assert not [heard for heard in ours if SECRET in heard.topic + heard.text]
    assert SECRET not in str(logs)


NONSENSE = [
    b"",
    b"no JSON",
    b"{",
    b"NaN",
    b"[Infinity]",
    b"1e999",
    b"1" * 5000,
    b"[" * 60_000,
    b'"' + b"x" * 300_000 + b'"',
    bytes(range(256)),
    b"\xff\xfe1\x00",
    b'"\xed\xa0\x80"',
    b'{"a": [1, {"b": null}]}',
    b"null",
    b"true",
    b"-1",
]


async def test_nonsense_does_no_harm(run: Run, shared_broker: TestBroker, ear: Probe) -> None:
    """Whatever comes in the place of the charger's values: it goes on, and what it says next counts."""
    async with charger(shared_broker.port) as sim, run({"garage": telling(sim)}):
        await until_state(ear, status="disconnected")
        root = sim.mqtt.root
        for key in ("car", "nrg", "amp", "cards", "rssi", "nosuch", "car/result", "amp/result", "nosuch/x"):
            for payload in NONSENSE:
                await ear.send(f"/{root}/{key}", payload)
        sim.device.plug()
        sim.device.settings["amp"] = 11
        for key, value in sim.device.status(("car", "nrg", "amp", "cards", "rssi")).items():
            await ear.send(f"/{root}/{key}", json.dumps(value))
        await until_state(ear, vehicle_connected=True, current_limit=11)
        assert (await command(ear, "current_limit", "12"))["status"] == "confirmed"


async def test_any_number_of_topics_is_no_burden(run: Run, shared_broker: TestBroker, ear: Probe, base: str) -> None:
    """Keys that no charger has are not kept, and the charger is heard in between."""
    prefix = f"{base}-c"
    async with charger(shared_broker.port, prefix=prefix) as sim, run({"garage": telling(sim, topic_prefix=prefix)}):
        await until_state(ear, status="disconnected")
        for number in range(2_000):
            await ear.send(f"/{sim.mqtt.root}/key{number}", "1")
        sim.device.plug()
        await until_state(ear, vehicle_connected=True)
        assert (await command(ear, "current_limit", "12"))["status"] == "confirmed"
    topics = {heard.topic for heard in ear.heard if "key1" in heard.topic}
    assert topics == set()


async def test_the_bridge_stops_while_it_waits_for_a_charger(run: Run, ear: Probe) -> None:
    """A charger that never speaks does not hold up the end."""
    silent = {"vendor": "go-e", "transport": "mqtt", "serial": some_serial(), "timeout": 300}
    with capture_logs() as logs:
        async with run({"garage": silent}) as stop:
            await ear.until("garage/availability", "offline", PATIENT)
            stop.set()
            await ear.until("bridge/state", "offline", PATIENT)
    assert "stopped without waiting any longer for an answer" not in [line["event"] for line in logs]
