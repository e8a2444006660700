"""Home Assistant says that it is there, and announcements that must precede what they announce."""

from __future__ import annotations

import random

import pytest
from structlog.testing import capture_logs

from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.probe import Heard, Probe
from tests.support.waiting import until


@pytest.mark.mosquitto
async def test_birth_brings_everything_again_without_a_question_to_the_charger(
    run: Run, ear: Probe, simulator: GoeSimulator
) -> None:
    """Within 1 to 10 s discovery, availability and states come again, once; what is no birth brings nothing."""
    born = f"/{ear.base}-ha/status"
    await ear.send(born, "online", retain=True)
    async with run({"garage": goe(simulator, poll_interval=60)}):
        await ear.until("garage/last_update")
        await ear.until("bridge/health")
        await ear.send(born, "", retain=True)
        before = {h.topic: h.text for h in ear.heard if h.retained and h.topic != ear.full(born)}
        requests = len(simulator.requests)
        ear.forget()
        random.seed(31)  # by which the delay is a short one
        await ear.send(born, "offline")
        with capture_logs() as logs:
            for _ in range(3):
                await ear.send(born, "online")
            await ear.until("garage/last_update", within=20)
        assert [line["event"] for line in logs] == ["home assistant is back"], "three times is once"
        again = [heard for heard in ear.heard if heard.retained]
        assert {heard.topic: heard.text for heard in again} == before
        assert len(again) == len(before)
        topics = [heard.topic for heard in again]
        announced = topics.index(f"{ear.base}-ha/device/charger2mqtt_123456/config")
        assert topics.index(ear.full("garage/availability")) < announced < topics.index(ear.full("garage/state"))
        assert len(simulator.requests) == requests
    random.seed()


@pytest.mark.parametrize("discovery", ["off", "device"])
async def test_without_discovery_nobody_is_listened_for(
    run: Run, ear: Probe, simulator: GoeSimulator, discovery: str
) -> None:
    """Switched off, nothing is announced at all; else bridge and charger are."""
    async with run({"garage": goe(simulator)}, homeassistant={"discovery": discovery}):
        await ear.until("garage/last_update")
    await ear.until("bridge/state", "offline")
    announced = [heard.topic for heard in ear.heard if heard.topic.startswith(f"{ear.base}-ha/")]
    nodes = ["charger2mqtt_charger2mqtt", "charger2mqtt_123456"]
    assert announced == [f"{ear.base}-ha/device/{node}/config" for node in nodes if discovery == "device"]


def highest(heard: Heard) -> int:
    """Return the highest current that an announcement or a document tells of."""
    document = heard.json
    limit = (
        document["components"]["current_limit"]["max"] if "components" in document else document["current_limit_max"]
    )
    return int(limit)


async def test_new_bounds_are_announced_before_the_state_that_needs_them(
    run: Run, ear: Probe, simulator: GoeSimulator
) -> None:
    """A cable changes what may be set: that is announced as soon as the last announcement is taken in, then told."""
    config = f"/{ear.base}-ha/device/charger2mqtt_123456/config"
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        assert highest(await ear.until(config)) == 32
        simulator.car.plug(cable_current=20)
        await ear.until("garage/state", lambda heard: highest(heard) == 20, within=10)
        await until(lambda: len(ear.all("garage/current_limit_max")) == 2)
    told = [(heard.topic == ear.full(config), highest(heard)) for heard in ear.all_of(config, "garage/state")]
    changes = [one for one, before in zip(told, [(False, 0), *told], strict=False) if one[1] != before[1]]
    assert changes == [(True, 32), (True, 20)], "every new bound is in an announcement first"
    limits = [heard for heard in ear.heard if heard.topic == ear.full("garage/current_limit_max")]
    assert [heard.text for heard in limits] == ["32", "20"]


async def test_a_new_name_holds_nothing_up(run: Run, ear: Probe, simulator: GoeSimulator) -> None:
    """What only looks different in an announcement is announced later; the values are published at once."""
    config = f"/{ear.base}-ha/device/charger2mqtt_123456/config"
    async with run({"garage": goe(simulator)}):
        await ear.until("garage/state")
        await ear.send("garage/vendor/fna/set", "Hall")
        result = await ear.result("garage", property="vendor/fna")
        shown = await ear.until("garage/vendor/fna", "Hall")
        assert result["status"] == "confirmed"
        said = ear.all("garage/result")[-1]
        assert ear.heard.index(shown) < ear.heard.index(said)
        assert [heard.json["device"]["name"] for heard in ear.all(config)] == ["go-eCharger"], "it follows later"


async def test_a_value_outside_its_bounds_widens_the_announcement(
    run: Run, ear: Probe, simulator: GoeSimulator
) -> None:
    """Home Assistant refuses numbers outside the announced ones, so these reach as far as the value."""
    config = f"/{ear.base}-ha/device/charger2mqtt_123456/config"
    simulator.car.plug(cable_current=13)
    async with run({"garage": goe(simulator)}):
        state = await ear.until("garage/state")
        assert (state.json["current_limit"], highest(state)) == (16, 13)
        announced = await ear.until(config)
        assert highest(announced) == 16
        assert ear.heard.index(announced) < ear.heard.index(state)
        await until(lambda: simulator.counts["/api/status"] > 4)
        assert len(ear.all(config)) == 1
