"""`charger2mqtt upload`: a file to a charger, asked for, limited, and sent once."""

from __future__ import annotations

import asyncio
import hashlib
import io
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bridge.simulators.webasto import WebastoSimulator
from tests.cli.conftest import Run

FIRMWARE = bytes(range(256)) * 2000
KEY = "upload-new-firmware"


@pytest.fixture
def sim() -> Iterator[WebastoSimulator]:
    """A Next that lives in a thread of its own, since the command has its own loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    simulator = WebastoSimulator(slow_s=0)
    asyncio.run_coroutine_threadsafe(simulator.start(), loop).result(10)
    try:
        yield simulator
    finally:
        asyncio.run_coroutine_threadsafe(simulator.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def ready(sim: WebastoSimulator, tmp_path: Path) -> Path:
    """A configuration and a file; returns the folder."""
    configure(tmp_path, sim)
    (tmp_path / "new.bin").write_bytes(FIRMWARE)
    return tmp_path


def configure(folder: Path, sim: WebastoSimulator, **settings: object) -> None:
    """Write the configuration of the charger and of one that takes no files."""
    depot = {"vendor": "webasto", "host": sim.address, "password": sim.password, "allow": ["firmware_update"]}
    garage = {"vendor": "go-e", "host": "192.0.2.1"}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"chargers": {"depot": depot | settings, "garage": garage}}))
    path.chmod(0o600)


def upload(
    run: Run, folder: Path, *arguments: str, id_: str = "depot", key: str = KEY, file: str = "new.bin"
) -> tuple[int, str]:
    """Run the command; returns the exit code and all that it said."""
    told = run("upload", id_, key, file, "--state-dir", str(folder / "state"), *arguments)
    return told.code, told.out + told.err


def test_a_file_arrives_whole(run: Run, ready: Path, sim: WebastoSimulator) -> None:
    """Once, under its name, with a progress bar."""
    code, told = upload(run, ready, "--yes")
    assert code == 0, told
    assert "512,000 bytes sent, and the charger took them" in told
    (found,) = sim.device.uploads
    assert (found.key, found.filename, found.size) == (KEY, "new.bin", len(FIRMWARE))
    assert found.sha256 == hashlib.sha256(FIRMWARE).hexdigest()
    assert [request.headers.get("content-length") is not None for request in sim.requests if "files" in request.path]


@pytest.mark.parametrize(("answer", "files"), [("", 0), ("\n", 0), ("n\n", 0), ("y\n", 1)])
def test_it_asks_first(
    run: Run, ready: Path, sim: WebastoSimulator, monkeypatch: pytest.MonkeyPatch, answer: str, files: int
) -> None:
    """Without a yes nothing is sent."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    code, told = upload(run, ready)
    assert code == 1 - files
    assert f"Send new.bin (512,000 bytes) to depot as {KEY}?" in told
    assert len(sim.device.uploads) == files
    assert bool(sim.requests) is bool(files)


@pytest.mark.parametrize(
    ("change", "what", "outcome"),
    [
        ({}, {"id_": "nowhere"}, (2, "there is no such charger")),
        ({}, {"id_": "garage"}, (1, "go-e chargers take no files")),
        ({}, {"key": "anything"}, (1, "these are known: upload-new-firmware, local-ca-cert")),
        ({}, {"file": "missing.bin"}, (1, "no such file or directory")),
        ({}, {"file": "."}, (1, "is a directory")),
        ({}, {"file": "empty.bin"}, (1, "it has 0 bytes")),
        ({}, {"key": "local-ca-cert"}, (1, "1 to 65,536 can be sent")),
        ({"allow": []}, {}, (2, "it must name firmware_update")),
        ({"read_only": True}, {}, (2, "only read")),
    ],
)
def test_what_cannot_be_sent(
    run: Run,
    ready: Path,
    sim: WebastoSimulator,
    change: dict[str, object],
    what: dict[str, str],
    outcome: tuple[int, str],
) -> None:
    """Is said before anything is opened."""
    configure(ready, sim, **change)
    (ready / "empty.bin").touch()
    found = upload(run, ready, "--yes", **what)
    assert found[0] == outcome[0]
    assert outcome[1] in found[1]
    assert list(sim.requests) == []


def test_a_refusal(run: Run, ready: Path, sim: WebastoSimulator) -> None:
    """In the charger's words."""
    sim.manners.upload_limit = 1000
    code, told = upload(run, ready, "--yes")
    assert code == 1
    assert "error: the charger answers HTTP 413: The file is too large" in told
    assert not sim.device.uploads
