"""`charger2mqtt simulate` with what only some vendors have: a broker, a cloud."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, STDOUT

import aiohttp
import pytest

from tests.support.broker import TestBroker
from tests.support.probe import Probe


async def simulate(*arguments: str) -> asyncio.subprocess.Process:
    """Start the command."""
    command = (sys.executable, "-m", "bridge", "simulate", *arguments)
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=STDOUT)


async def test_a_charger_with_a_broker_and_a_cloud(shared_broker: TestBroker, ear: Probe) -> None:
    """It is on the broker and takes writes there; where the cloud is and its token are in the first line."""
    process = await simulate("go-e", "--broker", f"127.0.0.1:{shared_broker.port}", "--cloud")
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            said = json.loads(await process.stdout.readline())
        assert said["broker"] == f"127.0.0.1:{shared_broker.port}"
        await ear.until("/go-eCharger/123456/lbr", within=10)
        await ear.send("/go-eCharger/123456/lbr/set", "77")
        await ear.until("/go-eCharger/123456/lbr", "77")
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http,
            http.get(f"http://{said['cloud']}/api/status?filter=lbr&token={said['cloud_token']}") as response,
        ):
            assert await response.json() == {"lbr": 77}
    finally:
        process.terminate()
        async with asyncio.timeout(15):
            await process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("go-e", "--broker", "nonsense"), "'nonsense' is not HOST:PORT"),
        (("webasto", "--cloud"), "webasto does not take --cloud"),
        (("wallbox", "--broker", "127.0.0.1:1"), "wallbox does not take --broker"),
    ],
)
async def test_what_does_not_fit(arguments: tuple[str, ...], words: str) -> None:
    """It is a usage error that says so."""
    process = await simulate(*arguments)
    async with asyncio.timeout(20):
        output, _ = await process.communicate()
    assert process.returncode == 2
    assert words in " ".join(output.decode().split())
