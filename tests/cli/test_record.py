"""`charger2mqtt record` and `simulate --replay`, as a person would use them."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.charger.properties import CATALOGUE
from bridge.simulators.goe import GoeSimulator
from bridge.simulators.secret import SECRET
from tests.support.waiting import until

PATIENCE_S = 30


async def start(*arguments: str) -> asyncio.subprocess.Process:
    """Start the command."""
    command = (sys.executable, "-m", "bridge", *arguments)
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)


async def run(*arguments: str) -> tuple[int, str, str]:
    """Run the command to its end."""
    return await ended(await start(*arguments))


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    """Wait for the end of a command; what comes is its exit code and what it said."""
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


def written(path: Path, document: Any) -> list[str]:
    """Write a configuration; what comes are the options that name it."""
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return ["--config", str(path), "--state-dir", str(path.parent / "state")]


@asynccontextmanager
async def playing(*arguments: str) -> AsyncIterator[dict[str, Any]]:
    """Play a recording for the time of the context; what comes is its first line."""
    process = await start("simulate", *arguments)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            first = await process.stdout.readline()
        yield json.loads(first)
    finally:
        process.terminate()
        code, _, err = await ended(process)
    assert (code, err) == (0, "")


async def test_a_recording_plays(tmp_path: Path) -> None:
    """Made of a charger, played as one: `probe` says the same of both, with another serial number."""
    file = tmp_path / "garage.json"
    async with GoeSimulator() as charger:
        options = written(tmp_path / "a.yaml", {"chargers": {"garage": {"vendor": "go-e", "host": charger.address}}})
        _, original, _ = await run("probe", "--json", *options)
        code, out, err = await run("record", "garage", "--seconds", "1", "-o", str(file), *options)
    assert (code, out) == (0, ""), err
    assert f"{file}: " in err
    assert file.stat().st_mode & 0o777 == 0o600
    assert SECRET not in file.read_text(encoding="utf-8")

    async with playing("go-e", "--replay", str(file)) as told:
        assert told["configuration"]["chargers"]["recorded"]["host"] == told["address"]
        code, again, err = await run("probe", "--json", *written(tmp_path / "b.yaml", told["configuration"]))
    assert code == 0, err
    first, second = json.loads(original)["garage"], json.loads(again)["recorded"]
    assert first["state"].keys() == second["state"].keys()
    settled = {key for key, row in CATALOGUE.items() if not (row.measured or row.ticks)} - {"last_update"}
    assert {key: first["state"][key] for key in settled & first["state"].keys()} == {
        key: second["state"][key] for key in settled & first["state"].keys()
    }
    assert (first["identity"]["serial"], second["identity"]["serial"]) == ("123456", "100001")


async def test_ctrl_c_ends_a_recording_in_order(tmp_path: Path) -> None:
    """What was heard until then is written, to standard output if that is asked for."""
    async with GoeSimulator() as charger:
        options = written(tmp_path / "a.yaml", {"chargers": {"garage": {"vendor": "go-e", "host": charger.address}}})
        process = await start("record", "garage", "--seconds", "600", "-o", "-", *options)
        await until(lambda: charger.requests, within=PATIENCE_S)
        process.send_signal(signal.SIGINT)
        code, out, err = await ended(process)
    assert (code, json.loads(out)["vendor"]) == (0, "go-e"), err


async def test_where_nothing_comes_the_trouble_is_recorded(tmp_path: Path) -> None:
    """Also without a name, in a file in the current directory."""
    options = written(tmp_path / "a.yaml", {"chargers": {"garage": {"vendor": "go-e", "host": "127.0.0.1:1"}}})
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bridge",
        "record",
        "garage",
        "--seconds",
        "1",
        *options,
        cwd=tmp_path,
        stdout=PIPE,
        stderr=PIPE,
    )
    code, _, err = await ended(process)
    (file,) = tmp_path.glob("charger2mqtt-recording-garage-*.json")
    assert code == 0, err
    assert {each["failed"] for each in json.loads(file.read_text())["exchanges"]} == {"UnreachableError"}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("record", "nobody"), 2, "there is no such charger"),
        (("record", "garage", "--seconds", "1", "-o", "no/such/folder"), 1, "cannot be written"),
        (("simulate", "go-e", "--replay", "a.yaml"), 2, "is not JSON"),
        (("simulate", "go-e", "--replay", "nothing"), 2, "cannot be read"),
        (("simulate", "podero", "--replay", "recording.json"), 2, "is a recording of a go-e charger"),
        (("simulate", "go-e", "--replay", "recording.json", "--broker", "x"), 2, "'x' is not HOST:PORT"),
        (("simulate", "go-e", "--replay", "recording.json", "--broker", "127.0.0.1:1"), 1, "cannot play: the broker"),
    ],
)
async def test_what_does_not_fit(tmp_path: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    """It is said in a sentence."""
    options = written(tmp_path / "a.yaml", {"chargers": {"garage": {"vendor": "go-e", "host": "127.0.0.1:1"}}})
    (tmp_path / "recording.json").write_text('{"format": 1, "vendor": "go-e", "exchanges": [], "messages": [1]}')
    more = options if arguments[0] == "record" else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge", *arguments, *more, cwd=tmp_path, stderr=PIPE, stdout=PIPE
    )
    found, _, err = await ended(process)
    assert found == code
    assert words in " ".join(err.split())
