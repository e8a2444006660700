"""The daemon as a service: what a service manager hears of it, at a real socket, and the unit files."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.simulators.goe import GoeSimulator
from tests.support.broker import MOSQUITTO, TestBroker
from tests.support.probe import Probe
from tests.support.service import ServiceManager, service_manager
from tests.support.waiting import until

WATCHDOG_S = 0.4
HUNGRY_S = 4 * WATCHDOG_S
"""Ten times as long as there is between two feeds, and longer than systemd would have waited."""

HANG = """
import asyncio, sys
from pathlib import Path
from bridge.charger import pulse
from bridge.cli import main
from bridge.vendors.goe.local import LocalApi

pulse.QUIET_S = 0.5
sound, broken = LocalApi.read, Path(sys.argv.pop(1))

async def read(self, keys):
    while broken.exists() and broken.read_text() in self._base:
        await asyncio.sleep(0.01)
    return await sound(self, keys)

LocalApi.read = read
main()
"""
"""A bridge with a fault: as long as there is a file, no read of the charger whose address it holds ever ends."""


class Daemon:
    """A running bridge: its configuration as a document, and its process."""

    def __init__(self, folder: Path, document: dict[str, Any]) -> None:
        """Prepare."""
        self.document = document
        self.config, self.state = folder / "config.yaml", folder / "state"
        self.process: subprocess.Popen[bytes] | None = None

    def write(self) -> None:
        """Write the configuration."""
        self.config.write_text(yaml.safe_dump(self.document))
        self.config.chmod(0o600)

    @contextmanager
    def running(self, manager: ServiceManager, *interpret: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run it for the time of the context; `interpret` is what Python is to run instead of the package."""
        self.write()
        command = [sys.executable, *(interpret or ("-m", "bridge"))]
        options = ["run", "--config", str(self.config), "--state-dir", str(self.state)]
        environ = {**os.environ, **manager.environ(WATCHDOG_S)}
        with (
            (self.config.parent / "log").open("wb") as log,
            subprocess.Popen([*command, *options], stderr=log, env=environ) as self.process,
        ):
            try:
                yield self.process
            finally:
                if self.process.poll() is None:
                    self.process.kill()

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.config.parent / "log").read_text()


@pytest.fixture
def daemon(tmp_path: Path, shared_broker: TestBroker, base: str, simulator: GoeSimulator) -> Daemon:
    """A bridge with one charger on the shared broker, which does not run yet."""
    mqtt = {"host": "127.0.0.1", "port": shared_broker.port, "base_topic": base, "client_id": base}
    document = {
        "mqtt": mqtt | ({} if MOSQUITTO else {"protocol": "3.1.1"}),
        "homeassistant": {"prefix": f"{base}-ha"},
        "http": {"listen": None},
        "chargers": {"garage": {"vendor": "go-e", "host": simulator.address, "poll_interval": 0.2}},
    }
    return Daemon(tmp_path, document)


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncIterator[ServiceManager]:
    """A service manager that listens."""
    with service_manager(tmp_path) as found:
        listening = asyncio.create_task(found.listen())
        yield found
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


ALL_WELL = "1 of 1 chargers answer; broker connected"


async def test_from_start_to_stop(daemon: Daemon, manager: ServiceManager, ear: Probe) -> None:
    """READY once the session stands, a line for people, STOPPING as soon as it is told to stop."""
    with daemon.running(manager) as process:
        await manager.until("READY=1")
        assert manager.said[0] == "STATUS=starting: looking for the broker"
        await ear.until("bridge/state", "online")
        await until(lambda: manager.status == ALL_WELL, 10, "all is well")
        process.send_signal(signal.SIGTERM)
        await until(lambda: process.poll() is not None, 15, "the end")
    assert process.returncode == 0
    await until(lambda: manager.said[-1] == "STOPPING=1")
    assert manager.status.startswith("stopping")
    assert manager.said.count("READY=1") == 1


async def test_ready_although_there_is_no_broker(daemon: Daemon, manager: ServiceManager) -> None:
    """One attempt is enough: the bridge waits for the broker itself."""
    daemon.document["mqtt"]["port"] = 9  # nobody listens there
    with daemon.running(manager):
        await manager.until("READY=1")
        await until(lambda: manager.status == "1 of 1 chargers answer; broker not connected", 10)
        await manager.until_fed()


async def test_the_status_line_names_who_is_silent(
    daemon: Daemon, manager: ServiceManager, simulator: GoeSimulator
) -> None:
    """And stays short, however many there are."""
    await simulator.set_fault("unreachable")
    garage = daemon.document["chargers"]["garage"]
    daemon.document["chargers"] = {f"box{number}": garage for number in range(5)}
    with daemon.running(manager):
        expected = "0 of 5 chargers answer, not box0, box1, box2, 2 more; broker connected"
        await until(lambda: manager.status == expected, 15, f"{expected}, {manager.said}")


async def test_reload(daemon: Daemon, manager: ServiceManager) -> None:
    """RELOADING with the time by the monotonic clock, as systemd wants it, then READY again."""
    with daemon.running(manager) as process:
        await until(lambda: manager.status == ALL_WELL, 15)
        daemon.document["chargers"]["garage"]["name"] = "Garage"
        daemon.write()
        asked = time.monotonic_ns() // 1000
        process.send_signal(signal.SIGHUP)
        await until(lambda: manager.said.count("READY=1") == 2, 15, "ready again")
    reloading = next(number for number, said in enumerate(manager.said) if said.startswith("RELOADING=1"))
    found = re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=(\d+)", manager.said[reloading])
    assert found is not None
    assert asked <= int(found[1]) <= time.monotonic_ns() // 1000
    assert manager.said[reloading - 1] == f"STATUS=reading the configuration again; {ALL_WELL}"
    assert "READY=1" in manager.said[reloading + 1 :]


async def test_refused_reload(daemon: Daemon, manager: ServiceManager) -> None:
    """It is ready again, and says what is wrong until the configuration has been mended; no secret is in it."""
    with daemon.running(manager) as process:
        await until(lambda: manager.status == ALL_WELL, 15)
        secret = daemon.document["mqtt"]["passwort"] = "do-not-show-this"
        daemon.document["chargers"]["garage"]["hots"] = "x"
        daemon.write()
        process.send_signal(signal.SIGHUP)
        await until(lambda: manager.said.count("READY=1") == 2, 15, "ready again")
        assert re.fullmatch(
            r"changed configuration refused, the old one runs on \(mqtt\.passwort: .* and 1 more\); " + ALL_WELL,
            manager.status,
        )
        await manager.until_fed()
        del daemon.document["mqtt"]["passwort"], daemon.document["chargers"]["garage"]["hots"]
        daemon.write()
        process.send_signal(signal.SIGHUP)
        await until(lambda: manager.said.count("READY=1") == 3, 15, "ready again")
        await until(lambda: manager.status == ALL_WELL, 15, "mended")
    assert not any(secret in said for said in manager.said)


async def test_the_watchdog_starves_when_the_event_loop_is_blocked(daemon: Daemon, manager: ServiceManager) -> None:
    """And is fed again when the loop goes on. Here a disk does not answer: a pipe that nobody writes to."""
    with daemon.running(manager) as process:
        await until(lambda: manager.status == ALL_WELL, 15)
        await manager.until_fed()
        pipe = daemon.state / "tokens" / "home.json"
        pipe.parent.mkdir(parents=True)
        os.mkfifo(pipe)
        daemon.document["accounts"] = {"home": {"vendor": "wallbox", "email": "a@example.com", "password": "x"}}
        daemon.document["accounts"]["home"] |= {"api_url": "http://127.0.0.1:9", "auth_url": "http://127.0.0.1:9"}
        daemon.document["chargers"]["street"] = {"vendor": "wallbox", "account": "home", "charger_id": 1}
        daemon.write()
        process.send_signal(signal.SIGHUP)
        await manager.until_hungry(HUNGRY_S)
        assert process.poll() is None
        pipe.write_text("null")
        await manager.until_fed()
        await until(lambda: manager.said.count("READY=1") == 2, 15, "reloaded at last")


async def test_the_watchdog_starves_when_one_poller_hangs(
    daemon: Daemon, manager: ServiceManager, simulator: GoeSimulator, tmp_path: Path
) -> None:
    """Although the event loop and the other chargers live. Log and status say who it is."""
    broken = tmp_path / "broken"
    async with GoeSimulator(serial="000002") as second:
        daemon.document["chargers"]["street"] = {"vendor": "go-e", "host": second.address, "poll_interval": 0.2}
        with daemon.running(manager, "-c", HANG, str(broken)):
            await until(lambda: manager.status == "2 of 2 chargers answer; broker connected", 15)
            await manager.until_fed()
            broken.write_text(simulator.address)
            await manager.until_hungry(HUNGRY_S)
            await until(lambda: manager.status.startswith("stuck: charger garage; "), 5, manager.status)
            assert daemon.log.count("the watchdog is not fed") == 1
            assert "charger street" not in daemon.log
            broken.unlink()
            await manager.until_fed()
            await until(lambda: "stuck" not in manager.status, 5)


async def test_a_charger_that_takes_its_time_is_no_hang(
    daemon: Daemon, manager: ServiceManager, simulator: GoeSimulator, tmp_path: Path
) -> None:
    """However long one call may take, the watchdog is fed, as long as the call keeps within its limit."""
    slow = daemon.document["chargers"]["garage"]
    slow["timeout"] = 3
    with daemon.running(manager, "-c", HANG, str(tmp_path / "never")):
        await until(lambda: manager.status == ALL_WELL, 15)
        await simulator.set_fault("hang")
        failed = "no answer within 3 s"
        while failed not in daemon.log:
            await manager.until_fed()
    assert "stuck" not in daemon.log
    assert not any("stuck" in said for said in manager.said)
