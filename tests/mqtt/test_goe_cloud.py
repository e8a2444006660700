"""A go-e that is reached through go-e's cloud: the whole bridge, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.simulators.goe import GoeSimulator
from bridge.simulators.secret import SECRET
from bridge.vendors.goe.charger import CLOUD_PACE
from tests.mqtt.conftest import Run
from tests.support.probe import Heard, Probe

PATIENT = 20.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look sooner, and less often, whether a command took effect."""
    pace = replace(CLOUD_PACE, settle_s=0.3, confirm_reads=3)
    monkeypatch.setattr("bridge.vendors.goe.connect.CLOUD_PACE", pace)


@pytest.fixture
async def sim() -> AsyncIterator[GoeSimulator]:
    """A charger with a cloud."""
    async with GoeSimulator(cloud=True, visible_after_s=0.1) as found:
        yield found


def through_the_cloud(sim: GoeSimulator, **settings: Any) -> dict[str, Any]:
    """Return the configuration of such a charger."""
    return {
        "vendor": "go-e",
        "transport": "cloud",
        "serial": sim.device.serial,
        "token": sim.cloud.token,
        "api_url": f"http://{sim.cloud_address}",
        "poll_interval": 0.2,
        **settings,
    }


async def command(ear: Probe, key: str, value: str) -> dict[str, Any]:
    """Send a command and return its final result."""
    ear.forget()
    await ear.send(f"garage/{key}/set", value)
    return await ear.result("garage", within=PATIENT, property=key)


def failing(code: str) -> Any:
    """Return what tells whether the last read failed with this code."""

    def fails(heard: Heard) -> bool:
        garage = heard.json["chargers"]["garage"]
        return bool(garage["consecutive_failures"]) and garage["last_error"]["code"] == code

    return fails


async def test_states_and_commands(run: Run, ear: Probe, sim: GoeSimulator) -> None:
    """The same topics and results as at home; what the cloud takes and the charger does not do is not confirmed."""
    async with run({"garage": through_the_cloud(sim)}):
        state = (await ear.until("garage/state", within=PATIENT)).json
        assert (state["status"], state["current_limit"]) == ("disconnected", 16)
        await ear.until("bridge/chargers", lambda heard: heard.json[0]["serial"] == "123456")
        assert (await command(ear, "current_limit", "10"))["status"] == "confirmed"
        assert (await command(ear, "vendor/fna", "Garage 1"))["status"] == "confirmed"
        await sim.set_fault("ignore_writes")
        told = await command(ear, "current_limit", "12")
        assert (told["status"], told["code"], told["applied"]) == ("unconfirmed", "not_confirmed", 10), told
        await sim.set_fault("refuse_writes")
        told = await command(ear, "current_limit", "12")
        assert (told["status"], told["code"]) == ("rejected", "vendor_refused"), told
        assert told["message"].startswith("the cloud rejects ")
    writes = [request.raw_query for request in sim.requests if request.path == "/api/set"]
    assert writes[0] == "amp=10"
    assert writes[2:] == ["amp=12", "amp=12"], "one request for each command"


async def test_a_write_with_an_error_of_the_cloud_is_looked_after(run: Run, ear: Probe, sim: GoeSimulator) -> None:
    """A bad gateway does not tell whether the charger was reached: it is written once, and then looked at."""
    async with run({"garage": through_the_cloud(sim, poll_interval=3600)}):
        await ear.until("garage/availability", "online", PATIENT)
        sim.cloud.bad_gateways = 1
        told = await command(ear, "current_limit", "12")
    assert (told["status"], told["code"], told["applied"]) == ("failed", "vendor_unreachable", 16), told
    assert told["message"] == "the cloud has trouble of its own (HTTP 502)"
    assert sim.counts["/api/set"] == 1


async def test_a_cloud_that_has_nothing_new_is_given_time(run: Run, ear: Probe, sim: GoeSimulator) -> None:
    """Old data make the reading fail and not the charger unavailable; commands are refused meanwhile."""
    async with run({"garage": through_the_cloud(sim)}):
        await ear.until("garage/availability", "online", PATIENT)
        sim.cloud.outdate(31)
        ear.forget()
        health = await ear.until("bridge/health", failing("vendor_unreachable"), PATIENT)
        assert health.json["chargers"]["garage"]["last_error"]["message"] == (
            "the charger has told the cloud nothing recently"
        )
        told = await command(ear, "current_limit", "12")
        assert (told["status"], told["code"]) == ("rejected", "vendor_unreachable"), told
        sim.cloud.refresh()
        await ear.until(
            "bridge/health", lambda heard: not heard.json["chargers"]["garage"]["consecutive_failures"], PATIENT
        )
        assert not ear.all("garage/availability")


async def test_data_are_as_old_as_the_cloud_says(run: Run, ear: Probe, sim: GoeSimulator) -> None:
    """`data_age_s` counts from when the charger told the cloud."""
    async with run({"garage": through_the_cloud(sim, poll_interval=1.5)}):
        await ear.until("garage/state", lambda heard: heard.json["stale"] is False, PATIENT)
        sim.cloud.outdate(20)
        old = await ear.until("garage/state", lambda heard: heard.json["stale"] is True, PATIENT)
        assert old.json["data_age_s"] >= 19


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_token_is_said_and_never_shown(run: Run, ear: Probe, sim: GoeSimulator, status: int) -> None:
    """Not on a topic, in the log, or in an address."""
    sim.cloud.wrong_token_status = status
    wrong = f"{SECRET}-other"
    with capture_logs() as logs:
        async with run({"garage": through_the_cloud(sim, token=wrong)}):
            await ear.until("bridge/health", failing("not_permitted"), PATIENT)
            await ear.until("garage/availability", "offline")
            if status == 401:
                state = await ear.until("garage/state", lambda heard: heard.json["reauth_required"] is True)
                assert state.json["problem"] is True
                assert state.json["charging"] is None
    assert any("token" in str(line.get("reason")) for line in logs)
    assert SECRET not in str(logs)
    assert not [heard for heard in ear.heard if SECRET in heard.topic + heard.text]
    assert not [request for request in sim.requests if SECRET in request.raw_query + request.path]


async def test_nothing_secret_is_passed_on(run: Run, ear: Probe, sim: GoeSimulator) -> None:
    """The token and what the charger keeps to itself stay here, also in the words of a refusal."""
    with capture_logs() as logs:
        async with run({"garage": through_the_cloud(sim, vendor_keys="all", allow=["credentials"])}):
            await ear.until("garage/availability", "online", PATIENT)
            await sim.set_fault("refuse_writes")
            told = await command(ear, "vendor/wak", f"{SECRET}-wak")
            assert told["status"] == "rejected", told
            await sim.clear_fault()
            sim.cloud.online = False
            await ear.until("bridge/health", failing("not_permitted"), PATIENT)
    assert len(ear.heard) > 5
    assert not [heard for heard in ear.heard if SECRET in heard.topic + heard.text and not heard.topic.endswith("/set")]
    assert SECRET not in str(logs)
    assert not [each for each in sim.requests if sim.cloud.token in each.raw_query]
