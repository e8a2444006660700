"""`charger2mqtt discover` as a process: pretend chargers announce themselves on 127.0.0.1.

Others may do so at the same time, so that each test looks at its own alone, and no two announce the same name.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bridge.mdns import Service
from bridge.settings import load
from bridge.simulators.goe import GoeSimulator
from bridge.vendors.goe.discovery import _places, _serial_in
from tests.cli.conftest import Outcome
from tests.support.announcing import LOOPBACK, announced, service
from tests.vendors.raw_server import answer, raw_server

OLD, NEW, NEWER = (
    "_go-e_go-eCharger._tcp.local.",
    "_go-e_go-eCharger_V4._tcp.local.",
    "_go-e_go-eCharger_V9._tcp.local.",
)
ALLOWING = "Settings, Connection, API settings"


async def discover(folder: Path, seconds: int) -> Outcome:
    """Run it in a folder, on 127.0.0.1 alone."""
    environ = {key: value for key, value in os.environ.items() if key != "CHARGER2MQTT_CONFIG"}
    environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridge", "discover", "--interface", LOOPBACK, "--seconds", str(seconds)),
        *("--state-dir", str(folder / "state")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env=environ,
    )
    try:
        async with asyncio.timeout(50):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return Outcome(process.returncode or 0, out.decode(), err.decode())


async def lines_of(folder: Path, *ports: int) -> list[str]:
    """Return the line of each of these ports; the search is longer on a machine that is slow."""
    shown: dict[int, list[str]] = {}
    for seconds in (1, 3, 9):
        outcome = await discover(folder, seconds)
        assert outcome.code == 0, outcome
        assert outcome.err == "" or not outcome.out
        lines = outcome.out.splitlines()
        shown = {port: [line for line in lines if f"host: '{LOOPBACK}:{port}'" in line] for port in ports}
        if all(shown.values()):
            break
    assert all(len(lines) == 1 for lines in shown.values()), shown
    return [lines[0] for lines in shown.values()]


def without_id(line: str) -> str:
    """Return a line without its id, which may have a number behind it."""
    return line.partition(": ")[2]


@pytest.fixture
def serial() -> str:
    """Return a serial number that nobody else announces."""
    return f"{random.randrange(10**6):06}"


async def test_a_newcomer_finds_a_charger(tmp_path: Path, serial: str) -> None:
    """There is no configuration; what is found can be pasted and works. The charger is asked for four keys alone."""
    async with GoeSimulator(serial=serial) as charger:
        charger.device.settings["fna"] = "Garage: left"
        async with announced(service(NEW, f"go-eCharger_{serial}", charger.port)):
            [line] = await lines_of(tmp_path, charger.port)
        assert {request.raw_query for request in charger.requests} == {"filter=sse,typ,fna,fwv"}
        firmware = charger.device.status()["fwv"]
    assert line.startswith("  garage_left")
    assert without_id(line) == (
        f"{{vendor: go-e, host: '{charger.address}', name: 'Garage: left'}}"
        f"   # go-eCharger Gemini, serial {serial}, firmware {firmware}"
    )
    path = tmp_path / "pasted.yaml"
    path.write_text(f"chargers:\n{line}\n")
    [pasted] = load(path, {}).settings.chargers.values()
    assert (pasted.name, getattr(pasted, "host", None)) == ("Garage: left", charger.address)


@pytest.mark.parametrize("host", [LOOPBACK, "localhost", None])
async def test_a_charger_that_is_configured_already(tmp_path: Path, serial: str, host: str | None) -> None:
    """It is known by its address, and where that is written in another way or not at all by its serial number."""
    async with GoeSimulator(serial=serial) as charger:
        by_host = {"vendor": "go-e", "host": f"{host}:{charger.port}", "timeout": 5}
        own = by_host if host else {"vendor": "go-e", "transport": "mqtt", "serial": serial}
        (tmp_path / "config.yaml").write_text(yaml.safe_dump({"chargers": {"carport": own}}))
        async with announced(service(NEW, f"go-eCharger_{serial}", charger.port)):
            [line] = await lines_of(tmp_path, charger.port)
    assert line.startswith(f"  # carport: {{vendor: go-e, host: '{charger.address}'")
    assert line.endswith("; configured already")


HOSTILE = "x\n  evil: {vendor: go-e, host: h}\u2028\x1b[2J\u202e"


async def test_chargers_that_cannot_be_read(tmp_path: Path, serial: str) -> None:
    """They are listed with what they announced, and what to do about it."""
    announcement = {"serial": "222222", "friendly_name": "Yard", "devicetype": "go-eCharger", "version": "055.5"}

    def endless(_: str) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        while True:
            yield b" " * 65536

    async with GoeSimulator() as off, GoeSimulator() as gone, raw_server(endless) as big:
        off.device.settings["hai"] = False
        devices = [
            service(OLD, f"go-eCharger {off.port}", off.port, announcement),
            service(NEWER, f"go-eCharger_{serial}", gone.port),
            service(OLD, f"go-eCharger {big.port}", big.port),
        ]
        await gone.stop()
        async with announced(*devices):
            lines = await lines_of(tmp_path, off.port, gone.port, big.port)
    hints = [without_id(line).partition("   # ") for line in lines]
    assert hints[0][0] == f"{{vendor: go-e, host: '{off.address}', name: Yard}}"
    assert hints[0][2].startswith(
        "go-eCharger, serial 222222, firmware 055.5; the HTTP API v2 is switched off in the app"
    )
    assert hints[1][0] == f"{{vendor: go-e, host: '{gone.address}'}}"
    assert hints[1][2].startswith(f"serial {serial}; no connection to {gone.address}: ")
    assert hints[2][2].startswith("the answer is larger than 1 MiB; ")
    assert all(ALLOWING in hint for _, _, hint in hints)
    assert list(yaml.safe_load("chargers:\n" + "\n".join(lines))) == ["chargers"]


async def test_a_charger_that_means_harm(tmp_path: Path) -> None:
    """What it says of itself stays in its line, without anything that a terminal obeys."""
    evil = json.dumps({"sse": HOSTILE, "typ": [HOSTILE], "fna": HOSTILE, "fwv": HOSTILE * 1000})
    async with (
        raw_server(answer(evil)) as server,
        announced(service(NEW, f"x'\"{{}}# {server.port}", server.port, {"devicetype": HOSTILE})),
    ):
        [line] = await lines_of(tmp_path, server.port)
    assert line.isprintable()
    assert len(line) < 2000
    [own] = yaml.safe_load(f"chargers:\n{line}")["chargers"].values()
    assert own == {"vendor": "go-e", "host": server.address, "name": "x evil: {vendor: go-e, host: h} [2J"}


@pytest.mark.parametrize(
    ("name", "serial"),
    [
        ("go-eCharger_123456", "123456"),
        ("001234 in the garage", "001234"),
        ("go-eCharger", None),
        ("go-eCharger_12345", None),
        ("go-eCharger_1234567", None),
        ("123456 and 654321", None),
        ("go-eCharger_١٢٣٤٥٦", None),
    ],
)
def test_a_serial_number_in_a_name(name: str, serial: str | None) -> None:
    """Six digits are one, if there are no others it could be."""
    assert _serial_in(name) == serial


@pytest.mark.parametrize(
    ("hosts", "port", "places"),
    [
        (("192.168.1.40",), 80, ["192.168.1.40"]),
        (("192.168.1.40",), 8080, ["192.168.1.40:8080", "192.168.1.40"]),
        (("192.168.1.40", "[fd00::40]"), 80, ["192.168.1.40", "[fd00::40]"]),
        (("192.168.1.40", "[fd00::40]"), 81, ["192.168.1.40:81", "[fd00::40]:81", "192.168.1.40", "[fd00::40]"]),
    ],
)
def test_where_a_charger_is_asked(hosts: tuple[str, ...], port: int, places: list[str]) -> None:
    """At what it announced, and at the port that its documents name."""
    assert _places(Service("x", hosts, port, {})) == places
