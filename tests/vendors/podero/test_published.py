"""A Podero wallbox through the whole bridge: what is on the broker, and what must not be."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from bridge.demo.chargers import CHARGERS
from bridge.simulators.podero import PoderoSimulator
from bridge.simulators.secret import SECRET
from tests.support.bridges import make_settings, running
from tests.support.broker import TestBroker
from tests.support.probe import Probe
from tests.support.waiting import until


def settings(broker: TestBroker, base: str, service: PoderoSimulator, **charger: Any) -> Any:
    """Return the configuration of one wallbox with all of its fields."""
    accounts, chargers = CHARGERS["podero"].settings("podero", service)
    chargers["flat"] |= {"vendor_keys": "all", **charger}
    return make_settings(broker.port, chargers, accounts=accounts, mqtt={"base_topic": base})


async def test_commands_and_nothing_private(
    shared_broker: TestBroker, base: str, ear: Probe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Both commands are confirmed, an impossible one gets its reason, and no topic and no log line has a secret."""
    caplog.set_level(logging.DEBUG)
    async with PoderoSimulator(settle_s=0.1) as service:
        service.car.plan_waits = True
        service.car.plug()
        async with running(settings(shared_broker, base, service), tmp_path):
            state = (await ear.until("flat/state", lambda heard: heard.json["status"] == "connected")).json
            assert (state["smart_charging"], state["boost"]) == (True, False)
            await ear.send("flat/smart_charging/set", "false")
            put = await ear.result("flat", property="smart_charging")
            assert (put["status"], put["applied"]) == ("confirmed", False)
            await ear.until("flat/smart_charging", "false")
            service.car.fill()
            await ear.send("flat/set", '{"id": "full", "boost": true}')
            refused = await ear.result("flat", id="full")
            assert (refused["status"], refused["code"]) == ("rejected", "wrong_state")
            assert refused["message"].startswith("the car is fully charged")
            service.car.plug()
            await ear.send("flat/boost/set", "true")
            boost = await ear.result("flat", property="boost", requested=True, status="confirmed", within=15)
            assert boost["applied"] is True
            await ear.until("flat/vendor/boost_state", "ongoing")
            await until(lambda: ear.last("bridge/chargers") is not None, 5, "the list of chargers")
    heard = [(message.topic, message.text) for message in ear.heard if base in message.topic + message.text]
    assert len(heard) > 50
    assert not [topic for topic, text in heard if SECRET in text or SECRET in topic]
    assert SECRET not in caplog.text


async def test_wrong_credentials(shared_broker: TestBroker, base: str, ear: Probe, tmp_path: Path) -> None:
    """The wallbox is offline and asks for a sign-in; the secret is nowhere."""
    async with PoderoSimulator() as service:
        configured = settings(shared_broker, base, service)
        service.service.client_secret = f"changed-{SECRET}"
        async with running(configured, tmp_path):
            state = (await ear.until("flat/state")).json
            assert (state["reauth_required"], state["problem"]) == (True, True)
            await ear.until("flat/availability", "offline")
        assert service.service.counters.refused_clients == 1
    assert not [heard.topic for heard in ear.heard if SECRET in heard.text and heard.topic.startswith(base)]
