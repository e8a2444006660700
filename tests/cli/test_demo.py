"""`charger2mqtt demo` and `simulate` as processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.broker import TestBroker
from tests.support.probe import probe
from tests.support.waiting import until


@contextmanager
def started(*arguments: str, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for the time of the context, its output in a file that can be read meanwhile."""
    with (
        output.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "bridge", *arguments],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def children(pid: int) -> list[int]:
    """Return the child processes of a process."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


async def test_demo_shows_a_charging_car_and_leaves_nothing(tmp_path: Path) -> None:
    """The demo runs a broker of its own, shows events and numbers, answers a command, and Ctrl-C ends it all."""
    output = tmp_path / "output"
    with started("demo", output=output) as process:
        await until(lambda: b"Ctrl-C ends the demo" in output.read_bytes(), within=20, what="the introduction")
        said = output.read_text()
        port = re.search(r"broker .* on 127\.0\.0\.1:(\d+)", said)
        health = re.search(r"(http://\S+/healthz)", said)
        assert port is not None
        assert health is not None
        async with probe(int(port[1])) as ear:
            await ear.until("garage/state", within=15)
            await ear.send("garage/current_limit/set", "10")
            result = await ear.result("garage", within=15, property="current_limit")
            assert result["status"] == "confirmed"
            await ear.until("garage/event", lambda heard: heard.json["event_type"] == "plugged", within=25)
            await ear.until("garage/power", lambda heard: float(heard.text) > 1000, within=25)
        with urllib.request.urlopen(health[1], timeout=5) as answer:  # noqa: S310 - the demo's own page
            assert json.load(answer)["status"] == "ok"
        broker = children(process.pid)
        assert len(broker) == 1
        process.send_signal(signal.SIGINT)
        await until(lambda: process.poll() is not None, within=15, what="the end of the demo")
        assert not Path(f"/proc/{broker[0]}").exists()
    assert process.returncode == 0
    said = output.read_text()
    assert '"event_type":"plugged"' in said
    assert "Traceback" not in said


async def test_demo_on_a_broker_that_is_there(tmp_path: Path, shared_broker: TestBroker, base: str) -> None:
    """`--broker` uses a broker of the user's."""
    output = tmp_path / "output"
    options = ("demo", "--broker", f"127.0.0.1:{shared_broker.port}", "--base-topic", base)
    with started(*options, output=output) as process:
        async with probe(shared_broker.port, base) as ear:
            await ear.until("garage/state", within=20)
            assert children(process.pid) == []
            process.send_signal(signal.SIGTERM)
            await ear.until("bridge/state", "offline", within=15)
        await until(lambda: process.poll() is not None, within=15, what="the end of the demo")
    assert process.returncode == 0


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:1", ":1883"])
async def test_demo_says_what_is_wrong_with_a_broker(tmp_path: Path, address: str) -> None:
    """An address that is none, or where nobody answers, ends the demo with a sentence and no traceback."""
    output = tmp_path / "output"
    with started("demo", "--broker", address, output=output) as process:
        await until(lambda: process.poll() is not None, within=20, what="the end of the demo")
    assert process.returncode in {1, 2}
    assert "Traceback" not in output.read_text()


async def test_simulate_says_where_it_is_and_can_be_told(tmp_path: Path) -> None:
    """`simulate` prints its addresses as JSON, begins with a fault if asked to, and ends on SIGTERM."""
    output = tmp_path / "output"
    with started("simulate", "go-e", "--control-port", "0", "--fault", "404", output=output) as process:
        await until(lambda: b"\n" in output.read_bytes(), within=20, what="the first line")
        said = json.loads(output.read_text().splitlines()[0])
        with urllib.request.urlopen(f"http://{said['control']}/state", timeout=5) as answer:
            assert json.load(answer)["fault"] == "404"
        process.send_signal(signal.SIGTERM)
        await until(lambda: process.poll() is not None, within=15, what="the end of the simulator")
    assert process.returncode == 0


async def test_simulate_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    """An unknown vendor is a usage error that names the known ones."""
    output = tmp_path / "output"
    with started("simulate", "nosuch", output=output) as process:
        await until(lambda: process.poll() is not None, within=20, what="the end")
    assert process.returncode == 2
    assert "go-e" in output.read_text()
