"""A go-e charger that tells of itself on a broker: what it says is recorded, and told again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from bridge.recording.session import record
from bridge.simulators.goe import GoeSimulator
from bridge.simulators.secret import SECRET
from tests.recording.playing import configured, played, read, settled, values_of
from tests.support.bridges import make_settings
from tests.support.broker import TestBroker
from tests.support.probe import Probe


async def test_messages_are_recorded_and_told_again(
    own_broker: TestBroker, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """Without anything private, under another serial number; what is read from them is the same."""
    charger = {"vendor": "go-e", "transport": "mqtt", "serial": "123456", "vendor_keys": "all", "timeout": 30}
    async with GoeSimulator(broker=f"127.0.0.1:{own_broker.port}") as simulator:
        simulator.car.plug()
        settings = make_settings(own_broker.port, {"garage": charger})
        recording = json.loads(json.dumps(await record(settings, tmp_path, "garage", 1.5, asyncio.Event())))
    text = json.dumps(recording)
    assert recording["exchanges"] == []
    assert SECRET not in text
    assert '"123456"' not in text
    assert {message["topic"] for message in recording["messages"]} >= {"go-eCharger/100001/car"}

    stop = asyncio.Event()
    async with played(recording) as replay:
        mqtt = {"host": "127.0.0.1", "port": shared_broker.port}
        telling = asyncio.create_task(replay.play(f"127.0.0.1:{shared_broker.port}", stop))
        try:
            await ear.until("/go-eCharger/100001/car", within=10)
            again = await read(configured(replay, mqtt=mqtt), tmp_path / "replay")
        finally:
            stop.set()
            async with asyncio.timeout(10):
                await telling
    assert again.available, again.health.last_error
    assert again.values["vehicle_connected"] is True
    seen = recording["seen"]["values"]
    assert set(values_of(again)) == set(seen)
    found = settled(again)
    assert len(found) > 20
    assert found == {key: seen[key] for key in found}
