"""A Webasto through the whole bridge: what is on the broker, and what must not be."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from bridge.demo.chargers import CHARGERS
from bridge.simulators.secret import SECRET
from bridge.simulators.webasto import Field, WebastoSimulator
from tests.support.bridges import FAST, make_settings, running
from tests.support.broker import TestBroker
from tests.support.probe import Probe

HUSH = "open-sesame"


def settings(broker: TestBroker, base: str, sim: WebastoSimulator, **charger: Any) -> Any:
    """Return the configuration of one charger with all of its fields."""
    _, chargers = CHARGERS["webasto"].settings("webasto", sim)
    chargers["depot"] |= {"vendor_keys": "all", "timeout": 30, **FAST, **charger}
    return make_settings(broker.port, chargers, mqtt={"base_topic": base})


async def test_commands_and_nothing_private(
    shared_broker: TestBroker, base: str, ear: Probe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The usual commands are confirmed; no topic and no log line has a secret, read or set."""
    caplog.set_level(logging.DEBUG)
    async with WebastoSimulator(slow_s=0.01, speed=20) as sim:
        sim.car.plug(capacity_kwh=50)
        async with running(settings(shared_broker, base, sim, allow=["credentials"]), tmp_path):
            await ear.until("depot/state", lambda heard: heard.json["status"] == "charging", within=10)
            for key, value in (("current_limit", "13"), ("led_brightness", "55"), ("charging_enabled", "false")):
                await ear.send(f"depot/{key}/set", value)
                assert (await ear.result("depot", property=key, within=15))["status"] == "confirmed"
            await ear.send("depot/vendor/mode-modbus/set", "hems")
            assert (await ear.result("depot", property="vendor/mode-modbus"))["applied"] == "HEMS"
            await ear.until("depot/vendor/mode-modbus", "HEMS")
            await ear.send("depot/skip_random_delay/set", "PRESS")
            assert (await ear.result("depot", property="skip_random_delay"))["status"] == "confirmed"
            await ear.send("depot/factory_reset/set", "PRESS")
            assert (await ear.result("depot", property="factory_reset"))["code"] == "unknown_property"
            await ear.send("depot/vendor/wlan-pre-shared-key/set", HUSH)
            told = await ear.result("depot", property="vendor/wlan-pre-shared-key", within=15)
            assert (told["status"], told["requested"], told["applied"]) == ("unconfirmed", None, None)
            assert sim.device.settings["wlan-pre-shared-key"] == HUSH
            await ear.until("depot/vendor/wlan-pre-shared-key", "None")
    # The commands are the test's own.
    heard = [
        (told.topic, told.text) for told in ear.heard if base in told.topic + told.text and told.topic[-4:] != "/set"
    ]
    assert len(heard) > 100
    assert not [topic for topic, text in heard if SECRET in text or HUSH in text]
    assert SECRET not in caplog.text
    assert HUSH not in caplog.text


async def test_a_secret_needs_permission(shared_broker: TestBroker, base: str, ear: Probe, tmp_path: Path) -> None:
    """Without it nothing is sent, and the result says how to get it."""
    async with WebastoSimulator(slow_s=0.01) as sim:
        async with running(settings(shared_broker, base, sim), tmp_path):
            await ear.until("depot/availability", "online")
            await ear.send("depot/vendor/wlan-pre-shared-key/set", HUSH)
            told = await ear.result("depot", property="vendor/wlan-pre-shared-key")
        assert (told["code"], told["requested"]) == ("not_permitted", None)
        assert "allow: [credentials]" in told["message"]
        assert sim.device.settings["wlan-pre-shared-key"] != HUSH


async def test_a_restart_raises_no_alarm(shared_broker: TestBroker, base: str, ear: Probe, tmp_path: Path) -> None:
    """The button is confirmed, the charger stays available with a reason, and comes back by itself."""
    async with WebastoSimulator(slow_s=0.01, speed=100) as sim:
        async with running(settings(shared_broker, base, sim), tmp_path):
            await ear.until("depot/availability", "online")
            await ear.send("depot/restart/set", "PRESS")
            assert (await ear.result("depot", property="restart"))["status"] == "confirmed"
            away = await ear.until("depot/state", lambda heard: heard.json["status"] == "unavailable")
            assert away.json["status_reason"] == "restarting"
            await ear.until("depot/status", "disconnected", within=10)
            assert [heard.text for heard in ear.all("depot/availability")][-1] == "online"
            assert "offline" not in [heard.text for heard in ear.all("depot/availability")][1:]
        assert sim.device.restarts == 1


async def test_a_wrong_password(shared_broker: TestBroker, base: str, ear: Probe, tmp_path: Path) -> None:
    """The charger is offline and asks for a sign-in; it was tried once."""
    async with WebastoSimulator() as sim:
        async with running(settings(shared_broker, base, sim, password=HUSH), tmp_path):
            state = (await ear.until("depot/state")).json
            assert (state["reauth_required"], state["problem"]) == (True, True)
            await ear.until("depot/availability", "offline")
        assert sim.counters.refused_logins == 1
    assert not [heard.topic for heard in ear.heard if HUSH in heard.text]


async def test_a_new_field_appears(shared_broker: TestBroker, base: str, ear: Probe, tmp_path: Path) -> None:
    """After an update of the charger, without a restart of the bridge."""
    async with WebastoSimulator(slow_s=0.01) as sim, running(settings(shared_broker, base, sim), tmp_path):
        await ear.until("depot/availability", "online")
        sim.device.add_field("power", Field(key="new-amps", kind="number", value=5, least=2, most=9))
        # What is written in a section has that section read again.
        await ear.send("depot/current_limit/set", "13")
        await ear.until("depot/vendor/new-amps", "5")
        await ear.send("depot/vendor/new-amps/set", "7")
        assert (await ear.result("depot", property="vendor/new-amps"))["status"] == "confirmed"
