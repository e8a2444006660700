"""The listener: how it starts, what it refuses, how it ends."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from contextlib import suppress

import aiohttp
import pytest
from structlog.types import EventDict

from bridge.web.server import Web
from tests.support.waiting import until
from tests.web.conftest import Bridge

PATHS = ["/healthz", "/readyz", "/metrics", "/"]
ENDS_WITHIN_S = 2.0
"""Less than what the daemon gives its services."""


async def _raw(port: int | None, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    return reader, writer


@pytest.mark.parametrize("path", PATHS)
async def test_head_answers_like_get_without_the_body(bridge: Bridge, http: aiohttp.ClientSession, path: str) -> None:
    """Simple checkers ask with HEAD."""
    bridge.traffic.connected = True
    async with http.head(path) as head, http.get(path) as get:
        assert (head.status, head.content_type) == (get.status, get.content_type) == (200, get.content_type)
        assert await head.read() == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", PATHS)
async def test_nothing_can_be_written(http: aiohttp.ClientSession, method: str, path: str) -> None:
    """Other methods are refused in plain text, which names those that are allowed."""
    async with http.request(method, path, data=b"x" * 1000) as response:
        assert (response.status, response.content_type) == (405, "text/plain")
        assert response.headers["Allow"] == "GET,HEAD"


@pytest.mark.parametrize("path", ["/nothing", "/healthz/", "/healthz/../../etc/passwd", "/%00"])
async def test_an_unknown_path_is_not_found(http: aiohttp.ClientSession, path: str) -> None:
    """In plain text, too."""
    async with http.get(path) as response:
        assert (response.status, response.content_type) == (404, "text/plain")


async def test_the_body_of_a_request_is_not_waited_for(bridge: Bridge, web: Web) -> None:
    """A request that promises a body and never sends it is answered all the same."""
    bridge.traffic.connected = True
    reader, writer = await _raw(web.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")

    async with asyncio.timeout(5):
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    ],
    ids=["tls", "no header", "long line", "long header"],
)
async def test_nonsense_is_refused_without_a_word_in_the_log(
    web: Web, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    """Port scanners get a 400 and cannot fill the log."""
    caplog.set_level(logging.INFO)
    reader, writer = await _raw(web.port, sent)

    async with asyncio.timeout(5):
        answer = await reader.read()

    assert answer.startswith(b"HTTP/1.0 400 Bad Request\r\n")
    assert caplog.records == []
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def test_a_bug_is_logged_and_costs_one_answer(
    bridge: Bridge, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """A page that fails answers 500 without details, leaves a traceback in the log, and the others go on."""
    bridge.traffic.connected = True
    bridge.add("garage").health = None  # type: ignore[assignment]

    async with http.get("/readyz") as response:
        assert (response.status, response.content_type) == (500, "text/plain")
        assert "AttributeError" not in await response.text()
    async with http.get("/healthz") as response:
        assert response.status == 200
    assert "AttributeError" in caplog.text


async def test_it_ends_soon_while_clients_stay_connected(bridge: Bridge) -> None:
    """Idle, silent, half-finished and lingering connections do not hold up the end, and are closed."""
    web = bridge.web()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(web.run())
        await web.listening.wait()
        connections = [
            await _raw(web.port, b""),
            await _raw(web.port, b"GET /hea"),
            await _raw(web.port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"),
            await _raw(web.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"),
        ]
        for reader, _ in connections[2:]:
            await reader.readline()
        began = time.monotonic()
        web.stop()
        await running
        took = time.monotonic() - began
        for reader, writer in connections:
            await reader.read()  # to the end, which only comes when the connection is closed
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    assert took < ENDS_WITHIN_S
    assert web.port is None


@pytest.mark.usefixtures("web")
async def test_what_is_remembered_of_a_charger_goes_with_it(bridge: Bridge) -> None:
    """Nothing piles up over the years in which chargers come and go."""
    for id_ in ("garage", "street"):
        bridge.history.changed(bridge.add(id_))
    del bridge.views[0]
    await until(lambda: not list(bridge.history.of("garage").power.samples()), what="the charger to be forgotten")

    assert len(list(bridge.history.of("street").power.samples())) == 1


async def test_it_ends_soon_while_a_client_does_not_read(bridge: Bridge) -> None:
    """An answer that nobody takes is dropped at the end."""
    for number in range(500):
        bridge.add(f"charger-{number}")
    web = bridge.web()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(web.run())
        await web.listening.wait()
        with socket.create_connection(("127.0.0.1", web.port)) as lazy:
            lazy.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
            async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{web.port}/healthz") as response:
                assert response.status == 503  # the others are served meanwhile
            began = time.monotonic()
            web.stop()
            await running
            took = time.monotonic() - began

    assert took < ENDS_WITHIN_S


async def test_a_port_that_is_taken_is_said_once_and_taken_when_it_is_free(
    bridge: Bridge, logged: asyncio.Queue[EventDict]
) -> None:
    """The daemon goes on without a status port, and has it as soon as it can be had."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        web = bridge.web(port=port)
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(web.run())
            first = await logged.get()
            await bridge.clock.read(5)
            assert web.port is None
            other.close()
            await web.listening.wait()
            assert web.port == port
            web.stop()

    assert (first["level"], first["port"]) == ("error", port)
    assert "address already in use" in first["reason"]
    last = logged.get_nowait()
    assert (last["event"], last["port"]) == ("web server listening", port)
    assert logged.empty()


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "a..b"])
async def test_an_address_that_is_not_ours_does_not_end_the_daemon(
    bridge: Bridge, logged: asyncio.Queue[EventDict], host: str
) -> None:
    """Whatever is wrong with the address, it is said, and `run` returns when it is told to."""
    web = bridge.web(host=host, port=8099)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(web.run())
        said = await logged.get()
        web.stop()

    assert (said["level"], said["host"]) == ("error", host)


async def test_it_can_be_stopped_before_it_runs(bridge: Bridge) -> None:
    """A stop that comes at once opens nothing."""
    web = bridge.web()
    web.stop()

    async with asyncio.timeout(5):
        await web.run()

    assert web.port is None


async def test_it_listens_on_ipv6(bridge: Bridge) -> None:
    """An IPv6 address comes without its brackets."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    web = bridge.web(host="::1")
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(web.run())
        await web.listening.wait()
        async with aiohttp.ClientSession() as http, http.get(f"http://[::1]:{web.port}/metrics") as response:
            assert response.status == 200
        web.stop()
