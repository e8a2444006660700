"""A go-e charger that tells of itself on a broker: what it says is recorded, and told again."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bridge.recording.session import record
from bridge.simulators.goe import GoeSimulator
from bridge.simulators.replay_mqtt import tell
from bridge.simulators.secret import SECRET
from tests.recording.playing import configured, played, read, settled, values_of
from tests.support.bridges import make_settings
from tests.support.broker import TestBroker
from tests.support.probe import Probe
from tests.support.waiting import until


async def test_messages_are_recorded_and_told_again(
    own_broker: TestBroker, shared_broker: TestBroker, ear: Probe, tmp_path: Path
) -> None:
    """Without anything private, under another serial number; what is read from them is the same."""
    charger = {"vendor": "go-e", "transport": "mqtt", "serial": "123456", "vendor_keys": "all", "timeout": 30}
    async with GoeSimulator(broker=f"127.0.0.1:{own_broker.port}"):
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
    assert again.values["status"] == "disconnected"
    seen = recording["seen"]["values"]
    assert set(values_of(again)) == set(seen)
    found = settled(again)
    assert len(found) > 20
    assert found == {key: seen[key] for key in found}


async def test_they_are_told_in_order_and_again(shared_broker: TestBroker, ear: Probe) -> None:
    """Everything once, then the newest of each topic every second; in time if that is asked for."""
    messages = [{"at": at, "topic": f"{ear.base}/{name}", "json": at} for at, name in ((0, "a"), (1, "a"), (2, "b"))]
    stop = asyncio.Event()
    broker = f"127.0.0.1:{shared_broker.port}"
    telling = asyncio.create_task(tell(broker, [*messages, {"at": 3, "topic": f"{ear.base}/c", "text": "{"}], stop))
    try:
        await ear.until("c", "{", within=10)
        assert [heard.text for heard in ear.all_of("a", "b")] == ["0", "1", "2"]
        await until(lambda: len(ear.all("b")) >= 2, within=10)
        assert [heard.text for heard in ear.all("a")][:3] == ["0", "1", "1"]
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await telling
    ear.forget()
    stop.clear()
    slow = asyncio.create_task(tell(broker, messages, stop, speed=0.001))
    try:
        await ear.until("a", "0", within=10)
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await slow
    assert [heard.text for heard in ear.all_of("a", "b")] == ["0"]


@pytest.mark.parametrize(("broker", "error"), [("nonsense", ValueError), ("127.0.0.1:1", OSError)])
async def test_where_there_is_no_broker(broker: str, error: type[Exception]) -> None:
    """It is said."""
    with pytest.raises(error):
        await tell(broker, [], asyncio.Event())
