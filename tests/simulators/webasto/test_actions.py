"""Restart, reset, delay, start and stop, and files."""

from __future__ import annotations

import aiohttp
import pytest

from bridge.simulators.http_bytes import MOST_BODY_BYTES
from tests.simulators.fake_clock import FakeClock
from tests.simulators.webasto.client import Client


def form(content: bytes, name: str = "file") -> aiohttp.FormData:
    """A file to send."""
    data = aiohttp.FormData()
    data.add_field(name, content, filename="new.bin", content_type="application/octet-stream")
    return data


async def test_start_and_stop(client: Client, clock: FakeClock) -> None:
    """Without free charging a car waits for the order, and after a stop for the next one."""
    await client.update("free-charging", False, "boolean")  # noqa: FBT003
    client.sim.car.plug()
    clock.pass_time(60)
    seen = [(await client.dashboard())["ocpp-state"]]
    for action in ("start", "stop", "start"):
        assert await client.post("custom-actions/local-remote-start", {"action": action}) == (200, "")
        clock.pass_time(10)
        seen.append((await client.dashboard())["ocpp-state"])
    assert seen == ["Preparing", "Charging", "Finishing", "Charging"]
    assert (await client.dashboard())["total-charging-sessions"] == "30 Sessions"


@pytest.mark.parametrize("body", [None, {}, {"action": "pause"}, ["start"]])
async def test_an_order_that_is_none(client: Client, body: object) -> None:
    """It is refused."""
    assert (await client.post("custom-actions/local-remote-start", body))[0] == 400


@pytest.mark.parametrize("action", ["restart-system", "factory-reset"])
async def test_a_restart_drops_the_connection(client: Client, clock: FakeClock, action: str) -> None:
    """Then it is away for minutes, and the token is worth nothing."""
    await client.update("led-brightness", 50)
    client.sim.car.plug()
    clock.pass_time(60)
    energy = client.sim.state()["session_wh"]
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.post(f"custom-actions/{action}")
    clock.pass_time(149)
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.status()
    assert client.sim.state()["away"] is True
    clock.pass_time(1)
    assert await client.status() == 401
    await client.login()
    assert await client.value("system", "led-brightness") == (50 if action == "restart-system" else 10)
    assert client.sim.state()["session_wh"] == energy
    clock.pass_time(30)
    assert (await client.dashboard())["ocpp-state"] == "Charging"


async def test_a_restart_that_is_answered(client: Client, clock: FakeClock) -> None:
    """Some may say yes before they go."""
    client.sim.manners.restart_answers = True
    assert await client.post("custom-actions/restart-system") == (200, "")
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.status()
    clock.pass_time(150)
    assert client.sim.device.uptime_s == 0


async def test_skip_the_random_delay(client: Client, clock: FakeClock) -> None:
    """The car charges at once."""
    await client.update("randomised-delay-range", 1800)
    client.sim.car.plug()
    clock.pass_time(10)
    assert (await client.dashboard())["ocpp-state"] == "SuspendedEVSE"
    assert (await client.post("custom-actions/skip-random-delay"))[0] == 200
    clock.pass_time(10)
    assert (await client.dashboard())["ocpp-state"] == "Charging"


@pytest.mark.parametrize("key", ["upload-new-firmware", "local-ca-cert"])
async def test_upload(client: Client, key: str) -> None:
    """The file arrives whole, and only its beginning is remembered."""
    content = bytes(range(256)) * 1_000 + b"\r\n--not-the-boundary\r\n"
    assert (await client.post(f"files/{key}", form(content)))[0] == 200
    (upload,) = client.sim.device.uploads
    assert (upload.key, upload.filename, upload.size) == (key, "new.bin", len(content))
    assert len(client.sim.requests[-1].body) == MOST_BODY_BYTES


async def test_uploads_that_are_refused(client: Client) -> None:
    """Too large, not multipart, without the file, of no known kind, without a token."""
    client.sim.manners.upload_limit = 1_000
    assert (await client.post("files/local-ca-cert", form(b"x" * 1_000)))[0] == 200
    assert (await client.post("files/local-ca-cert", form(b"x" * 1_001)))[0] == 413
    assert (await client.post("files/local-ca-cert", form(b"x", name="other")))[0] == 400
    assert (await client.post("files/local-ca-cert", b"x"))[0] == 400
    assert (await client.post("files/anything", form(b"x")))[0] == 404
    assert (await client.ask("POST", "/api/files/local-ca-cert", form(b"x"), token=""))[0] == 401
    assert len(client.sim.device.uploads) == 1


async def test_large_bodies_elsewhere(client: Client) -> None:
    """Are refused."""
    assert (await client.post("configuration-updates", b" " * (MOST_BODY_BYTES + 1)))[0] == 413
