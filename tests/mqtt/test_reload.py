"""A changed configuration is applied while the bridge runs: only what differs begins anew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.errors import ConfigError
from bridge.settings import Settings
from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_mqtt import GoeBroker
from bridge.simulators.wallbox import ChargerSpec, GroupSpec, WallboxSimulator
from tests.support.bridges import goe, make_settings, running
from tests.support.broker import TestBroker
from tests.support.probe import Probe
from tests.support.waiting import until


class Changing:
    """A configuration that a test changes, as the daemon reads it."""

    def __init__(self, broker: TestBroker, base: str, **sections: Any) -> None:
        self.port, self.base, self.sections = broker.port, base, sections
        self.chargers: dict[str, Any] = {}
        self.faults: list[str] = []
        self.hangup = asyncio.Event()

    def read(self) -> Settings:
        """Return it as it is now; raises ConfigError."""
        if self.faults:
            raise ConfigError(self.faults)
        mqtt = {"base_topic": self.base, "client_id": self.base}
        found = {"homeassistant": {"prefix": f"{self.base}-ha"}, "publish": {"health_interval": 0.2}, **self.sections}
        return make_settings(self.port, self.chargers, mqtt=mqtt, **found)

    @asynccontextmanager
    async def running(self, folder: Path) -> AsyncIterator[asyncio.Event]:
        """Run the bridge with it."""
        async with running(self.read(), folder, read_again=self.read, hangup=self.hangup) as stop:
            yield stop


@pytest.fixture
def config(shared_broker: TestBroker, base: str) -> Changing:
    """A configuration on the shared broker, without chargers yet."""
    return Changing(shared_broker, base)


async def reloaded(ear: Probe) -> dict[str, Any]:
    """Ask for a reload and return the answer."""
    ear.forget()
    await ear.send("bridge/request/reload", json.dumps({"transaction": 7}))
    answer: dict[str, Any] = (await ear.until("bridge/response/reload", within=15)).json
    assert answer["transaction"] == 7
    return answer


async def online(ear: Probe, *chargers: str) -> None:
    """Wait until they are."""
    for charger in chargers:
        await ear.until(f"{charger}/availability", "online", within=10)
        await ear.until(f"{charger}/state", within=10)


async def test_one_comes_one_goes_one_changes(
    config: Changing, ear: Probe, simulator: GoeSimulator, tmp_path: Path
) -> None:
    """Each on its own: the fourth charger does not even blink, and the answer says what was done."""
    async with (
        GoeSimulator(serial="000002") as second,
        GoeSimulator(serial="000003") as third,
        GoeSimulator(serial="000004") as fourth,
    ):
        config.chargers = {"stays": goe(simulator), "changes": goe(second), "goes": goe(third)}
        async with config.running(tmp_path):
            await online(ear, "stays", "changes", "goes")
            config.chargers = {
                "stays": goe(simulator),
                "changes": goe(second, vendor_keys=["rbc"]),
                "comes": goe(fourth),
            }
            answer = await reloaded(ear)
            expected = {"added": ["comes"], "removed": ["goes"], "restarted": ["changes"], "needs_restart": []}
            assert (answer["status"], answer["data"]) == ("ok", expected)
            await online(ear, "changes", "comes")
            await ear.until("goes/availability", "", within=10)
            assert (await ear.until("bridge/event", lambda heard: heard.json["event_type"] == "reloaded")).json
            await ear.until("changes/vendor/rbc")
            await ear.send("comes/current_limit/set", "9")
            assert (await ear.result("comes", property="current_limit"))["status"] == "confirmed"
            await ear.send("changes/current_limit/set", "10")
            assert (await ear.result("changes", property="current_limit"))["status"] == "confirmed"
            await ear.send("goes/current_limit/set", "11")
            assert (await ear.result("goes"))["code"] == "unknown_property"
            known = [entry["id"] for entry in (await ear.until("bridge/chargers")).json]
            assert sorted(known) == ["changes", "comes", "stays"]
            assert ear.all("stays/availability") == []
            assert ear.all(f"/{config.base}-ha/device/charger2mqtt_123456/config") == []


@pytest.mark.mosquitto
async def test_what_a_charger_does_not_publish_any_more_goes(
    config: Changing, ear: Probe, simulator: GoeSimulator, tmp_path: Path
) -> None:
    """The topics of vendor keys that are not wanted any longer are emptied."""
    config.chargers = {"garage": goe(simulator, vendor_keys=["rbc", "acs"])}
    async with config.running(tmp_path):
        await online(ear, "garage")
        await ear.until("garage/vendor/rbc")
        config.chargers = {"garage": goe(simulator, vendor_keys=["acs"])}
        assert (await reloaded(ear))["status"] == "ok"
        await ear.until("garage/vendor/rbc", "", within=10)
        await online(ear, "garage")
        assert all(heard.text for heard in ear.all("garage/vendor/acs"))


@pytest.mark.mosquitto
async def test_a_charger_that_gets_another_name_keeps_its_entities(
    config: Changing, ear: Probe, simulator: GoeSimulator, tmp_path: Path
) -> None:
    """Its announcement is never taken back: whoever arranged its entities would have to do so again."""
    config.chargers = {"garage": goe(simulator, name="Garage", vendor_keys=["acs", "rbc"])}
    device = f"/{config.base}-ha/device/charger2mqtt_123456/config"
    async with config.running(tmp_path):
        await online(ear, "garage")
        await ear.until(device)
        # One entity less: that alone makes the announcement come in steps.
        config.chargers = {"carport": goe(simulator, name="Carport", vendor_keys=["acs"])}
        assert (await reloaded(ear))["data"]["added"] == ["carport"]
        await online(ear, "carport")
        await ear.until("garage/availability", "", within=10)
        told = await ear.until(device, lambda heard: "carport/availability" in heard.text, within=10)
        assert told.json["device"]["name"] == "Carport"
        assert all(heard.text for heard in ear.all(device))


@pytest.mark.mosquitto
async def test_one_of_two_names_for_a_charger_goes(
    config: Changing, ear: Probe, simulator: GoeSimulator, tmp_path: Path
) -> None:
    """The announcement is of both, so it stays for the other one, which begins anew at the same time."""
    config.chargers = {"garage": goe(simulator, vendor_keys=["acs", "rbc"]), "again": goe(simulator)}
    device = f"/{config.base}-ha/device/charger2mqtt_123456/config"
    async with config.running(tmp_path):
        await online(ear, "garage", "again")
        config.chargers = {"garage": goe(simulator, vendor_keys=["acs"])}
        assert (await reloaded(ear))["data"]["removed"] == ["again"]
        await ear.until("again/availability", "", within=10)
        await ear.until(
            device, lambda heard: "garage/availability" in heard.text and "rbc" not in heard.text, within=10
        )
        assert all(heard.text for heard in ear.all(device))


async def test_a_faulty_configuration_changes_nothing(
    config: Changing, ear: Probe, simulator: GoeSimulator, tmp_path: Path
) -> None:
    """The answer, the event and the log have the words of `check`; everything runs on."""
    config.chargers = {"garage": goe(simulator)}
    async with config.running(tmp_path):
        await online(ear, "garage")
        config.faults = ["chargers.garage.host: it must be given", "mqtt.port: it is not a number"]
        with capture_logs() as logs:
            answer = await reloaded(ear)
        assert (answer["status"], answer["data"]) == ("error", None)
        assert answer["error"] == "\n".join(config.faults)
        event = await ear.until("bridge/event", lambda heard: heard.json["event_type"] == "reload_refused")
        assert event.json["error"] == answer["error"]
        assert [list(line["faults"]) for line in logs if "faults" in line] == [config.faults]
        await ear.send("garage/current_limit/set", "9")
        assert (await ear.result("garage", property="current_limit"))["status"] == "confirmed"
        assert ear.all("garage/availability") == []


async def test_sighup_does_the_same(config: Changing, ear: Probe, simulator: GoeSimulator, tmp_path: Path) -> None:
    """Without anyone who waits for an answer."""
    async with GoeSimulator(serial="000002") as second:
        config.chargers = {"garage": goe(simulator)}
        async with config.running(tmp_path):
            await online(ear, "garage")
            config.chargers["second"] = goe(second)
            config.hangup.set()
            await online(ear, "second")
            assert ear.all("bridge/response/reload") == []


async def test_a_command_on_its_way_gets_its_result(
    config: Changing, ear: Probe, simulator: GoeSimulator, tmp_path: Path
) -> None:
    """The charger that begins anew ends its commands first, as at a stop."""
    config.chargers = {"garage": goe(simulator)}
    async with config.running(tmp_path):
        await online(ear, "garage")
        await ear.send("garage/set", json.dumps({"id": "mine", "current_limit": 9}))
        await ear.until("garage/result", lambda heard: heard.json["status"] == "accepted")
        config.chargers = {"garage": goe(simulator, name="Garage")}
        await reloaded(ear)
        told = await ear.result("garage", id="mine")
        assert told["status"] in {"confirmed", "unconfirmed"}
        await ear.until("garage/current_limit", "9", within=10)


async def test_a_stop_in_the_middle(config: Changing, ear: Probe, simulator: GoeSimulator, tmp_path: Path) -> None:
    """A charger that does not answer holds up a reload for seconds; the bridge ends in time all the same."""
    config.chargers = {"garage": goe(simulator)}
    async with config.running(tmp_path) as stop:
        await online(ear, "garage")
        await simulator.set_fault("hang")
        await ear.send("garage/current_limit/set", "9")
        await ear.until("garage/result")
        config.chargers = {"garage": goe(simulator, name="Garage"), "second": goe(simulator)}
        await ear.send("bridge/request/reload", "")
        stop.set()
        await ear.until("bridge/state", "offline", within=10)


def account(cloud: WallboxSimulator) -> dict[str, Any]:
    """Return the configuration of a cloud's account."""
    spec = cloud.account().spec
    secrets = {"email": spec.email, "password": spec.password}
    often = {"reads_per_minute": 600, "writes_per_minute": 600}
    return {"vendor": "wallbox", **secrets, **often, "api_url": cloud.api_url, "auth_url": cloud.auth_url}


async def test_an_account_gets_another_charger(config: Changing, ear: Probe, tmp_path: Path) -> None:
    """It joins those that are read together; one that goes is asked for no more, and the login stays one."""
    chargers = (ChargerSpec(id=1001), ChargerSpec(id=1002))
    async with WallboxSimulator(settle_s=0.1, groups=(GroupSpec(chargers=chargers),)) as cloud:
        config.sections["accounts"] = {"home": account(cloud)}
        config.chargers = {"one": {"vendor": "wallbox", "account": "home", "charger_id": 1001}}
        async with config.running(tmp_path):
            await online(ear, "one")
            config.chargers["two"] = {"vendor": "wallbox", "account": "home", "charger_id": 1002}
            assert (await reloaded(ear))["data"]["added"] == ["two"]
            await online(ear, "two")
            assert ear.all("one/availability") == []
            del config.chargers["one"]
            assert (await reloaded(ear))["data"]["removed"] == ["one"]
            await ear.until("one/availability", "", within=10)
            cloud.requests.clear()
            await ear.send("two/current_limit/set", "10")
            assert (await ear.result("two", property="current_limit", within=20))["status"] == "confirmed"
            await until(lambda: any("1002" in request.path for request in cloud.requests), 10, "a look at the other")
            assert not any("1001" in request.path for request in cloud.requests)
        assert sum(count for path, count in cloud.counts.items() if "signin" in path) == 1


async def test_an_account_that_differs_is_opened_anew(config: Changing, ear: Probe, tmp_path: Path) -> None:
    """Its chargers go with it."""
    groups = (GroupSpec(chargers=(ChargerSpec(id=1001),)),)
    async with WallboxSimulator(groups=groups) as old, WallboxSimulator(groups=groups) as new:
        config.sections["accounts"] = {"home": account(old)}
        config.chargers = {"one": {"vendor": "wallbox", "account": "home", "charger_id": 1001}}
        async with config.running(tmp_path):
            await online(ear, "one")
            config.sections["accounts"] = {"home": account(new)}
            assert (await reloaded(ear))["data"]["restarted"] == ["one"]
            await online(ear, "one")
            assert new.counts
            old.requests.clear()
            await ear.send("one/refresh", "")
            new.requests.clear()
            await until(lambda: new.requests, 10, "a read")
            assert not old.requests


async def test_a_charger_goes_over_to_the_broker(
    config: Changing, ear: Probe, shared_broker: TestBroker, tmp_path: Path
) -> None:
    """And back: the session on which chargers are heard is there when it is needed."""
    itself = GoeBroker(port=shared_broker.port, prefix=f"{config.base}-goe", period_s=0.1, writable=True)
    async with GoeSimulator(broker=itself) as charger:
        told = {"vendor": "go-e", "transport": "mqtt", "serial": "123456", "topic_prefix": f"{config.base}-goe"}
        config.chargers = {"garage": goe(charger)}
        async with config.running(tmp_path):
            for settings in (told, goe(charger), told):
                await online(ear, "garage")
                config.chargers = {"garage": settings}
                assert (await reloaded(ear))["data"]["restarted"] == ["garage"]
            await online(ear, "garage")
            charger.requests.clear()
            await ear.send("garage/current_limit/set", "9")
            assert (await ear.result("garage", property="current_limit"))["status"] == "confirmed"
            assert not charger.requests
