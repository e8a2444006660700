"""`bridge/request/restart`: the daemon ends in order and begins anew as the same process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.simulators.goe import GoeSimulator
from tests.support.broker import MOSQUITTO, TestBroker
from tests.support.probe import Probe
from tests.support.service import service_manager
from tests.support.waiting import until


@pytest.fixture
def document(shared_broker: TestBroker, base: str, simulator: GoeSimulator) -> dict[str, Any]:
    """A configuration for the shared broker and one simulated charger."""
    mqtt = {"host": "127.0.0.1", "port": shared_broker.port, "base_topic": base, "client_id": base}
    return {
        "mqtt": mqtt | ({} if MOSQUITTO else {"protocol": "3.1.1"}),
        "homeassistant": {"prefix": f"{base}-ha"},
        "http": {"listen": None},
        "chargers": {"garage": {"vendor": "go-e", "host": simulator.address, "poll_interval": 0.2}},
    }


@pytest.fixture
def config(document: dict[str, Any], tmp_path: Path) -> Path:
    """The same in a file."""
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


@contextmanager
def daemon(config: Path, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the daemon as a process, by a relative path to its configuration, for the time of the context."""
    arguments = ["run", "--config", config.name, "--state-dir", "state", "--log-format", "json"]
    with (
        (config.parent / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "bridge", *arguments],
            cwd=config.parent,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def events(config: Path) -> list[str]:
    """Return what the daemon logged."""
    return [json.loads(line)["event"] for line in (config.parent / "log").read_text().splitlines()]


async def lives(ear: Probe) -> None:
    """Wait until the bridge and its charger are there."""
    await ear.until("bridge/state", "online", within=20)
    await ear.until("garage/state", within=20)


async def test_it_begins_anew(config: Path, document: dict[str, Any], ear: Probe) -> None:
    """Answer, results, offline, online again: one process, with the configuration as it is now."""
    with daemon(config) as process:
        await lives(ear)
        started = (await ear.until("bridge/info")).json["started_at"]
        document["instance"] = "changed"  # what a reload does not apply
        config.write_text(yaml.safe_dump(document))
        ear.forget()
        await ear.send("garage/set", json.dumps({"id": "mine", "current_limit": 9}))
        await ear.send("bridge/request/restart", json.dumps({"transaction": 5}))
        answer = (await ear.until("bridge/response/restart", within=10)).json
        assert answer == {"status": "ok", "data": None, "error": None, "transaction": 5}
        assert (await ear.result("garage", id="mine"))["status"] == "confirmed"
        await ear.until("bridge/state", "online", within=20)
        assert [heard.text for heard in ear.all("bridge/state")] == ["offline", "online"]
        topics = [heard.topic for heard in ear.heard]
        assert topics.index(ear.full("garage/result")) < topics.index(ear.full("bridge/state"))
        info = (await ear.until("bridge/info")).json
        assert (info["instance"], info["started_at"] > started) == ("changed", True)
        assert process.poll() is None
        ear.forget()
        await ear.send("garage/current_limit/set", "10")
        assert (await ear.result("garage", property="current_limit"))["status"] == "confirmed"
        process.send_signal(signal.SIGTERM)
        await until(lambda: process.poll() is not None, 15, "the end of the process")
    assert process.returncode == 0
    await ear.until("bridge/state", "offline")
    story = [event for event in events(config) if event in {"starting", "stopping", "stopped"}]
    assert story == ["starting", "stopping", "stopped"] * 2


async def test_a_faulty_configuration_stops_nothing(config: Path, document: dict[str, Any], ear: Probe) -> None:
    """The answer has the faults in the words of `check`; the daemon goes on with what it has."""
    with daemon(config):
        await lives(ear)
        config.write_text(yaml.safe_dump(document | {"chargres": {}}))
        ear.forget()
        await ear.send("bridge/request/restart", "")
        answer = (await ear.until("bridge/response/restart", within=10)).json
        assert (answer["status"], answer["data"]) == ("error", None)
        assert answer["error"].startswith("chargres: ")
        await ear.send("garage/current_limit/set", "9")
        assert (await ear.result("garage", property="current_limit"))["status"] == "confirmed"
        assert ear.all("bridge/state") == []
    assert "stopping" not in events(config)


async def test_a_stop_goes_before_a_restart(config: Path, ear: Probe, simulator: GoeSimulator) -> None:
    """SIGTERM while commands still get their results ends the daemon for good."""
    with daemon(config) as process:
        await lives(ear)
        await simulator.set_fault("hang")
        await ear.send("garage/current_limit/set", "9")
        await ear.until("garage/result")
        await ear.send("bridge/request/restart", "")
        await ear.until("bridge/response/restart", within=10)
        process.send_signal(signal.SIGTERM)
        await until(lambda: process.poll() is not None, 15, "the end of the process")
    assert process.returncode == 0
    assert events(config).count("starting") == 1


async def test_a_stop_in_between_is_not_lost(config: Path, ear: Probe) -> None:
    """SIGTERM after the old daemon has gone and before the new one is there ends the new one, in order."""
    with daemon(config) as process:
        await lives(ear)
        ear.forget()
        await ear.send("bridge/request/restart", "")
        await until(lambda: "stopped" in events(config), 15, "the end of the old daemon")
        process.send_signal(signal.SIGTERM)
        await until(lambda: process.poll() is not None, 20, "the end of the process")
    assert process.returncode == 0
    await until(lambda: ear.all("bridge/state")[-1:] and ear.all("bridge/state")[-1].text == "offline", 5, "offline")


async def test_systemd_sees_a_reload(config: Path, ear: Probe, tmp_path: Path) -> None:
    """After STOPPING it would end the process; RELOADING lasts until the new start says READY."""
    with service_manager(tmp_path) as manager:
        listening = asyncio.create_task(manager.listen(), name="systemd")
        with daemon(config, **manager.environ(watchdog_s=60)) as process:
            await lives(ear)
            await manager.until("READY=1")
            manager.heard.clear()
            await ear.send("bridge/request/restart", "")
            await manager.until("READY=1", within=20)
            words = [said.split("=")[0] for said in manager.said if not said.startswith("STATUS")]
            assert words == ["RELOADING", "READY"]
            assert manager.fed_at, "before the watchdog has waited for all of the stop and all of the start"
            process.send_signal(signal.SIGTERM)
            await manager.until("STOPPING=1")
        listening.cancel()
        await asyncio.wait([listening])
