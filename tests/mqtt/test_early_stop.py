"""A bridge that is told to stop before its first session stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.simulators.goe import GoeSimulator
from tests.mqtt.conftest import Run
from tests.support.bridges import goe
from tests.support.broker import TestBroker
from tests.support.probe import probe
from tests.support.waiting import until


@pytest.mark.mosquitto
async def test_a_session_that_comes_too_late_says_offline(
    run: Run, own_broker: TestBroker, simulator: GoeSimulator, base: str, tmp_path: Path
) -> None:
    """It would be the newest word, and would stand for ever."""
    manifest = tmp_path / "state" / "topics.json"
    async with probe(own_broker.port, base) as ear:
        own_broker.freeze()
        async with run({"garage": goe(simulator)}, port=own_broker.port) as stop:
            await until(lambda: simulator.requests, what="a read")
            stop.set()
            # The state of the bridge is queued for the first time when the last words are said.
            await until(lambda: manifest.exists() and "bridge/state" in manifest.read_text(), what="the last words")
            own_broker.thaw()
        await ear.until("bridge/state")
        assert [heard.text for heard in ear.all("bridge/state")] == ["offline"]
