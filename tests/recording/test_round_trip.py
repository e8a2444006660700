"""From a charger to a recording and back: what the bridge makes of both is the same, for every vendor."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bridge.recording import record
from bridge.settings import Settings
from bridge.simulators.faults import Fault
from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.secret import SECRET
from bridge.simulators.webasto import WebastoSimulator
from bridge.vendors import VENDORS
from tests.recording.playing import configured, played, read, recorded, settings_for, settled, values_of
from tests.support.bridges import make_settings
from tests.support.waiting import until
from tests.vendors.bench import simulated


@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_is_read_from_a_recording_is_what_the_charger_said(vendor: str, tmp_path: Path) -> None:
    """Every property by the vendor's own keys, and who it is; only ids, names and addresses are others."""
    async with simulated(vendor) as simulator:
        settings = settings_for(vendor, simulator)
        original = await read(settings, tmp_path / "probe")
        recording = await recorded(settings, tmp_path / "record")
    async with played(recording) as replay:
        again = await read(configured(replay), tmp_path / "replay")

    assert again.available, again.health.last_error
    assert values_of(again) == recording["seen"]["values"]
    assert set(values_of(again)) == set(values_of(original))
    assert settled(again) == settled(original)
    assert {key: str(ability) for key, ability in again.capabilities.items()} == {
        key: str(ability) for key, ability in original.capabilities.items()
    }
    assert again.identity is not None
    assert original.identity is not None
    assert again.identity.serial == recording["seen"]["identity"]["serial"] != original.identity.serial
    assert (again.identity.model, again.identity.firmware) == (original.identity.model, original.identity.firmware)


@asynccontextmanager
async def variant(which: str) -> AsyncIterator[Settings]:
    """Return a configuration for another model, another firmware, or another way to a charger."""
    charger: dict[str, Any] = {"vendor_keys": "all"}
    if which == "unite":
        async with WebastoSimulator(model="unite") as webasto:
            login = {"username": webasto.username, "password": webasto.password}
            yield make_settings(1, {"c": {**charger, "vendor": "webasto", "host": webasto.address, **login}})
        return
    family: FamilyName = "051" if which == "051" else "60"
    async with GoeSimulator(family=family, cloud=which == "cloud") as goe:
        way: dict[str, Any] = {"host": goe.address}
        if which == "cloud":
            way = {"transport": "cloud", "serial": "123456", "token": goe.cloud.token}
            way["api_url"] = f"http://{goe.cloud_address}"
        yield make_settings(1, {"c": {**charger, "vendor": "go-e", **way}})


@pytest.mark.parametrize("which", ["unite", "051", "60", "cloud"])
async def test_other_models_and_ways_can_be_played_as_well(which: str, tmp_path: Path) -> None:
    """Without anything private in the recording."""
    async with variant(which) as settings:
        recording = await recorded(settings, tmp_path / "record")
    assert SECRET not in json.dumps(recording)
    async with played(recording) as replay:
        again = await read(configured(replay), tmp_path / "replay")
    assert values_of(again) == recording["seen"]["values"]


@pytest.mark.parametrize("vendor", VENDORS)
async def test_nothing_private_is_in_a_recording(vendor: str, tmp_path: Path) -> None:
    """No secret of the charger or of the configuration, and neither its serial number nor its address."""
    async with simulated(vendor) as simulator:
        settings = settings_for(vendor, simulator)
        original = await read(settings, tmp_path / "probe")
        text = json.dumps(await recorded(settings, tmp_path / "record"), ensure_ascii=False)
        address = simulator.address
    assert original.identity is not None
    for private in (SECRET, address, rf"(?<!\w){original.identity.serial}(?!\w)"):
        assert re.search(private, text) is None


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_token_that_was_there_already_does_no_harm(vendor: str, tmp_path: Path) -> None:
    """Beside a running bridge nobody logs in, so that the recording has no login; it can be played all the same."""
    async with simulated(vendor) as simulator:
        settings = settings_for(vendor, simulator)
        await read(settings, tmp_path / "state")
        recording = await recorded(settings, tmp_path / "state")
    assert not [each for each in recording["exchanges"] if each["method"] == "POST"]
    async with played(recording) as replay:
        again = await read(configured(replay), tmp_path / "replay")
    assert values_of(again) == recording["seen"]["values"]


async def test_a_token_does_not_end_before_it_is_played(tmp_path: Path) -> None:
    """Where its end is told as a time, that is far away; what else is told stays as it was."""
    async with simulated("wallbox") as simulator:
        recording = await recorded(settings_for("wallbox", simulator), tmp_path)
    told = recording["exchanges"][0]["json"]["data"]["attributes"]
    assert told["ttl"] == told["refresh_token_ttl"] == 4_102_444_800_000
    assert (told["token"], told["refresh_token"], told["status"]) == ("***", "***", 200)


async def test_what_changes_meanwhile_is_recorded(tmp_path: Path) -> None:
    """Each read by itself, one after the other when it is played back."""
    async with GoeSimulator() as simulator:
        settings = settings_for("go-e", simulator, poll_interval=0.2)
        stop = asyncio.Event()
        recording = asyncio.create_task(record(settings, tmp_path / "state", "garage", 30, stop))
        await until(lambda: simulator.counts["/api/status"] >= 20, within=20)
        simulator.car.plug()
        before = simulator.counts["/api/status"]
        await until(lambda: simulator.counts["/api/status"] >= before + 4, within=20)
        stop.set()
        async with asyncio.timeout(20):
            made = json.loads(json.dumps(await recording))
    fast = [each["json"]["car"] for each in made["exchanges"] if "car" in each["json"]]
    assert (fast[0], fast[-1]) == (1, 3)
    async with played(made) as replay:
        for _ in fast:
            again = await read(configured(replay), tmp_path / "replay")
    assert again.values["vehicle_connected"] is True


@pytest.mark.parametrize(
    ("fault", "status"),
    [(Fault.UNAVAILABLE, 503), (Fault.GARBAGE, 200), (Fault.CUT, None), (Fault.UNREACHABLE, None), (Fault.EMPTY, 200)],
)
async def test_trouble_is_recorded_and_comes_again(fault: Fault, status: int | None, tmp_path: Path) -> None:
    """That is what a recording is for."""
    async with simulated("go-e") as simulator:
        settings = settings_for("go-e", simulator)
        await simulator.set_fault(fault)
        original = await read(settings, tmp_path / "probe")
        recording = await recorded(settings, tmp_path / "record")
    assert original.health.last_error is not None
    assert recording["exchanges"][0].get("status") == status
    assert recording["seen"]["error"]["code"] == original.health.last_error.code
    assert simulator.address not in json.dumps(recording)
    async with played(recording) as replay:
        again = await read(configured(replay), tmp_path / "replay")
    assert again.health.last_error is not None
    assert not again.available
    if status is not None:
        assert again.health.last_error.message == original.health.last_error.message


async def test_a_recording_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so when there was no room for everything."""
    monkeypatch.setattr("bridge.recording.recorder.MOST_PIECES", 3)
    async with simulated("go-e") as simulator:
        recording = await recorded(settings_for("go-e", simulator), tmp_path)
    assert len(recording["exchanges"]) == 3
    assert recording["complete"] is False
