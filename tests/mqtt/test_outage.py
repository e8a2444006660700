"""The broker comes late, goes, freezes and forgets; the bridge goes on and brings everything back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from bridge.demo.broker import free_port
from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.broker import TestBroker
from tests.support.probe import Probe, probe
from tests.support.relay import Relay
from tests.support.waiting import until

MOVING = ("/state", "/last_update", "/frequency", "/wifi_rssi", "/bridge/info")
"""Ends of topics whose payload may differ from one moment to the next."""


async def retained(ear: Probe) -> dict[str, str]:
    """Return what a client that has just come is given, without what moves by itself."""
    await ear.send("end", "of what is kept")  # comes after all that
    await ear.until("end")
    kept = [heard for heard in ear.heard if heard.retained]
    return {heard.topic: "" if heard.topic.endswith(MOVING) else heard.text for heard in kept}


@pytest.fixture
async def wire(own_broker: TestBroker) -> AsyncIterator[Relay]:
    """A connection to a broker of the test's own that can be cut."""
    async with Relay(own_broker.port) as relay:
        yield relay


async def test_a_broker_that_comes_late_gets_everything(
    run: Run, simulator: GoeSimulator, base: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Without a broker chargers are read all the same, one line tells of it, and when it comes all is there."""
    port = free_port()
    with capture_logs() as logs:
        async with run({"garage": goe(simulator)}, port=port):
            await until(lambda: simulator.counts["/api/status"] > 5)
            with TestBroker(tmp_path_factory.mktemp("late"), port=port):
                async with probe(port, base) as ear:
                    await ear.until("bridge/state", "online", within=20)
                    await ear.until("garage/state")
                    assert ear.all("garage/availability")[0].text == "online"
    events = [line["event"] for line in logs]
    assert events.count("broker unavailable") == 1
    assert events.count("broker connected") == 1


@pytest.mark.mosquitto
async def test_a_broker_that_forgot_everything_gets_everything_again(
    run: Run, own_broker: TestBroker, simulator: GoeSimulator, base: str
) -> None:
    """Killed and started again without a memory, the broker holds the same topics as before, and commands arrive."""
    simulator.car.plug()
    async with run({"garage": goe(simulator)}, port=own_broker.port, publish={"health_interval": 0.5}):
        async with probe(own_broker.port, base) as ear:
            await ear.until("garage/vehicle_connected", "true")
            simulator.car.unplug()
            await ear.until("garage/last_session")
            await ear.until("bridge/chargers", lambda heard: heard.json[0]["serial"])
            await ear.until("garage/vehicle_connected", "false")
        async with probe(own_broker.port, base) as ear:
            await ear.until("garage/last_update")
            before = await retained(ear)
        own_broker.kill()
        own_broker.start()
        async with probe(own_broker.port, base) as ear:
            await ear.until("garage/last_update", within=20)
            await ear.until("bridge/health", lambda heard: heard.json["mqtt"]["reconnects"] == 1)
        async with probe(own_broker.port, base) as ear:
            await ear.until("garage/last_update")
            assert await retained(ear) == before
            assert f"{base}/garage/last_session" in before
            await ear.send("garage/current_limit/set", "99")
            assert (await ear.result("garage", property="current_limit"))["code"] == "out_of_range"


@pytest.mark.mosquitto
async def test_nothing_that_happens_during_an_outage_is_lost(
    run: Run, wire: Relay, own_broker: TestBroker, simulator: GoeSimulator, base: str
) -> None:
    """Events, the record of a session and the result of a command wait for the broker and come in their order."""
    async with run({"garage": goe(simulator)}, port=wire.port):
        async with probe(own_broker.port, base) as ear:
            await ear.until("garage/state")
            await ear.send("garage/current_limit/set", "13")
            await ear.until("garage/result", lambda heard: heard.json["status"] == "accepted")
            await wire.cut()
            assert [heard.json["status"] for heard in ear.all("garage/result")] == ["accepted"]
        simulator.car.plug()
        polls = simulator.counts["/api/status"]
        await until(lambda: simulator.counts["/api/status"] > polls + 2)
        simulator.car.unplug()
        polls = simulator.counts["/api/status"]
        await until(lambda: simulator.counts["/api/status"] > polls + 2)
        await until(lambda: simulator.device.settings["amp"] == 13)
        polls = simulator.counts["/api/status"]
        await until(lambda: simulator.counts["/api/status"] > polls + 2)
        # A state that changes while it waits goes out in its newest place; nothing changes any more.
        await simulator.set_fault("hang")
        own_broker.kill()
        own_broker.start()
        async with probe(own_broker.port, base) as ear:
            await wire.mend()
            result = await ear.result("garage", property="current_limit", within=20)
            assert (result["status"], result["applied"]) == ("confirmed", 13)
            await ear.until("garage/event", lambda heard: heard.json["event_type"] == "unplugged", within=20)
            events = [heard.json["event_type"] for heard in ear.all("garage/event")]
            assert [event for event in events if event != "status_changed"] == [
                "plugged",
                "session_started",
                "session_finished",
                "unplugged",
            ]
            assert (await ear.until("garage/last_session")).retained
            topics = [heard.topic.removeprefix(f"{base}/") for heard in ear.heard]
            assert topics.index("bridge/state") < topics.index("garage/state") < topics.index("garage/event")


async def test_health_is_not_saved_up(run: Run, wire: Relay, own_broker: TestBroker, simulator: GoeSimulator) -> None:
    """Nobody wants to read after an outage how it went during it."""
    async with (
        run({"garage": goe(simulator)}, port=wire.port, publish={"health_interval": 0.1}, mqtt={"base_topic": "x"}),
        probe(own_broker.port, "x") as ear,
    ):
        await ear.until("bridge/health")
        await wire.cut()
        polls = simulator.counts["/api/status"]
        await until(lambda: simulator.counts["/api/status"] > polls + 5)
        ear.forget()
        await wire.mend()
        first = await ear.until("bridge/health", within=20)
        info = await ear.until("bridge/info")
        assert first is ear.all("bridge/health")[0]
        assert ear.heard.index(info) < ear.heard.index(first)
        assert first.json["mqtt"]["reconnects"] == 1
        assert first.json["mqtt"]["connected"]


@pytest.mark.mosquitto
async def test_a_frozen_broker_stops_nothing(
    run: Run, own_broker: TestBroker, simulator: GoeSimulator, base: str
) -> None:
    """While the broker does not answer, chargers are read on, and a stop still ends in time."""
    loop = asyncio.get_running_loop()
    try:
        with capture_logs() as logs:
            async with run({"garage": goe(simulator)}, port=own_broker.port):
                async with probe(own_broker.port, base) as ear:
                    await ear.until("garage/state")
                own_broker.freeze()
                polls = simulator.counts["/api/status"]
                await until(lambda: simulator.counts["/api/status"] > polls + 2)
                stopped_at = loop.time()
            assert loop.time() - stopped_at < 10
    finally:
        own_broker.thaw()
    assert "stopped" in [line["event"] for line in logs]
