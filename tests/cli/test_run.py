"""`charger2mqtt run`, `probe` and `set` as processes, the way a person starts them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from bridge.simulators.goe import GoeSimulator
from tests.support.broker import MOSQUITTO, TestBroker
from tests.support.probe import Probe
from tests.support.waiting import until

PASSWORD = "do-not-show-this"


def command(*arguments: str) -> list[str]:
    """Return the command line of the package under test."""
    return [sys.executable, "-m", "bridge", *arguments]


@pytest.fixture
def config(tmp_path: Path, shared_broker: TestBroker, base: str, simulator: GoeSimulator) -> Path:
    """A configuration file for the shared broker and one simulated charger."""
    document = {
        "mqtt": {
            "host": "127.0.0.1",
            "port": shared_broker.port,
            "base_topic": base,
            "client_id": base,
            "username": "someone",
            "password": PASSWORD,
            **({} if MOSQUITTO else {"protocol": "3.1.1"}),
        },
        "homeassistant": {"prefix": f"{base}-ha"},
        "http": {"listen": "127.0.0.1:0"},
        "chargers": {"garage": {"vendor": "go-e", "host": simulator.address, "poll_interval": 0.2}},
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(document))
    path.chmod(0o600)
    return path


@contextmanager
def daemon(config: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run the daemon as a process for the time of the context."""
    arguments = ("run", "--config", str(config), "--state-dir", str(config.parent / "state"), *options)
    with subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


async def test_run_publishes_and_ends_in_order(config: Path, ear: Probe) -> None:
    """The daemon publishes the charger, and SIGTERM makes it say offline and end with 0, without any secret."""
    with daemon(config, "--log-level", "debug", "--log-format", "json") as process:
        await ear.until("garage/state", lambda heard: heard.json["status"] == "disconnected", within=15)
        await ear.send("garage/current_limit/set", "11")
        assert (await ear.result("garage", property="current_limit"))["status"] == "confirmed"
        process.send_signal(signal.SIGTERM)
        out, err = await communicate(process)
    assert process.returncode == 0
    assert (await ear.until("bridge/state", "offline")).retained
    assert ear.last("garage/state") is not None, "states stay in place"
    lines = [json.loads(line) for line in err.splitlines()]
    assert [line["event"] for line in lines if line["event"] in {"starting", "stopping", "stopped"}] == [
        "starting",
        "stopping",
        "stopped",
    ]
    assert PASSWORD not in out + err
    assert not any(PASSWORD in heard.text for heard in ear.heard)


async def communicate(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Wait for the end of a process without stopping the loop."""
    await until(lambda: process.poll() is not None, within=15, what="the end of the process")
    return process.communicate(timeout=5)


async def test_ctrl_c_is_a_normal_stop(config: Path, ear: Probe) -> None:
    """SIGINT ends the daemon like SIGTERM, and SIGHUP does not end it."""
    with daemon(config) as process:
        await ear.until("garage/availability", "online", within=15)
        process.send_signal(signal.SIGHUP)
        await ear.send("garage/refresh/set", "PRESS")
        assert (await ear.result("garage", property="refresh"))["status"] == "confirmed"
        process.send_signal(signal.SIGINT)
        await communicate(process)
    assert process.returncode == 0
    await ear.until("bridge/state", "offline")


@pytest.mark.mosquitto
async def test_killed_daemon_is_offline_by_its_will(config: Path, ear: Probe) -> None:
    """When the daemon is killed, the broker says offline in its place."""
    with daemon(config) as process:
        await ear.until("bridge/state", "online", within=15)
        process.kill()
        assert (await ear.until("bridge/state", "offline", within=15)).retained


async def run(*arguments: str, **environ: str) -> tuple[int, str, str]:
    """Run a command to its end; returns exit code, output and errors."""
    with subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environ},
    ) as process:
        await until(lambda: process.poll() is not None, within=30, what=" ".join(arguments))
        out, err = process.communicate(timeout=5)
    return process.returncode, out, err


async def test_probe_shows_a_table(config: Path) -> None:
    """`probe` shows who the charger is, each value with its unit, and what can be set."""
    code, out, _ = await run("probe", "--config", str(config))
    assert code == 0
    first, *rows = out.splitlines()
    assert first == "garage (go-e): go-eCharger Gemini, serial 123456, firmware 055.5"
    assert "  current_limit            16 A  (set: 6 to 32)" in rows
    assert "  charge_override          auto  (set: auto, off, on)" in rows


async def test_probe_as_json(config: Path) -> None:
    """`probe --json` gives one object by charger with identity and state."""
    code, out, _ = await run("probe", "garage", "--json", "--config", str(config))
    told = json.loads(out)["garage"]
    assert (code, told["ok"], told["identity"]["serial"]) == (0, True, "123456")
    assert told["state"]["current_limit"] == 16
    assert told["state"]["schema"] == 1


async def test_probe_of_a_silent_charger_fails(config: Path, simulator: GoeSimulator) -> None:
    """A charger that is not there gives a sentence, `ok: false` in JSON, and exit code 1."""
    await simulator.set_fault("unreachable")
    code, out, _ = await run("probe", "--config", str(config))
    assert code == 1
    assert "garage (go-e): no answer: no connection to 127.0.0.1" in out
    code, out, _ = await run("probe", "--json", "--config", str(config))
    assert code == 1
    assert json.loads(out)["garage"]["ok"] is False
    assert json.loads(out)["garage"]["error"]["code"] == "vendor_unreachable"


@pytest.mark.parametrize(
    ("arguments", "code", "shown"),
    [
        (("current_limit", "13"), 0, "garage current_limit: confirmed, the charger shows 13"),
        (("current_limit", "99"), 1, "rejected (out_of_range): 99 is outside 6 to 32 A"),
        (("nosuch", "1"), 1, "rejected (unknown_property)"),
        (("power", "1"), 1, "rejected (not_supported)"),
        (("restart", "PRESS"), 0, "garage restart: confirmed"),
        (("vendor/fna", "New name"), 0, "garage vendor/fna: confirmed, the charger shows New name"),
    ],
)
async def test_set_tells_what_became_of_it(config: Path, arguments: tuple[str, str], code: int, shown: str) -> None:
    """`set` waits for the final result and exits 0 only when it is confirmed."""
    ended, out, err = await run("set", "garage", *arguments, "--config", str(config))
    assert (ended, shown in out + err) == (code, True), out + err


async def test_set_reports_a_silent_charger(config: Path, simulator: GoeSimulator) -> None:
    """A charger that does not answer is said so, with exit code 1."""
    await simulator.set_fault("unreachable")
    code, _, err = await run("set", "garage", "current_limit", "10", "--config", str(config))
    assert code == 1
    assert "garage: no answer: no connection to" in err


@pytest.mark.parametrize("arguments", [("probe", "cellar"), ("set", "cellar", "current_limit", "10")])
async def test_unknown_charger_is_a_configuration_fault(config: Path, arguments: tuple[str, ...]) -> None:
    """A charger that is not configured is exit code 2, with the known ones named."""
    code, _, err = await run(*arguments, "--config", str(config))
    assert (code, err.strip()) == (
        2,
        "chargers.cellar: there is no such charger; these are configured: garage",
    )


async def test_run_with_a_faulty_configuration_opens_nothing(config: Path, simulator: GoeSimulator) -> None:
    """Each fault is one line, no secret is shown, the exit code is 2, and no request is made."""
    document = yaml.safe_load(config.read_text())
    document["mqtt"]["passwort"] = PASSWORD
    document["chargers"]["garage"]["hots"] = "x"
    config.write_text(yaml.safe_dump(document))
    code, out, err = await run("run", "--config", str(config))
    assert code == 2
    places = sorted(line.split(":")[0] for line in err.strip().splitlines())
    assert places == ["chargers.garage.hots", "mqtt.passwort"]
    assert PASSWORD not in out + err
    assert not simulator.requests
