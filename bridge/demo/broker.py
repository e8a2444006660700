"""A broker of our own for a while: Mosquitto where it is installed, else one from the package index."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.errors import BridgeError

SECONDS_TO_START = 15.0
SECONDS_TO_END = 3.0


class BrokerError(BridgeError):
    """No broker could be started; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBroker:
    """A broker on this machine; `protocol` is the newest MQTT that it speaks."""

    port: int
    name: str
    protocol: str


def find_mosquitto() -> str | None:
    """Return Mosquitto's program; Debian keeps it where a user's search path does not lead."""
    places = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"
    return shutil.which("mosquitto", path=places)


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@asynccontextmanager
async def own_broker(folder: Path, port: int | None = None) -> AsyncIterator[RunningBroker]:
    """Run a broker on 127.0.0.1 as a child process, and end it.

    Raises:
        BrokerError: it did not come up.

    """
    port = port or free_port()
    mosquitto = find_mosquitto()
    if mosquitto is not None:
        command = [mosquitto, "-c", str(_mosquitto_config(folder, port))]
        broker = RunningBroker(port=port, name="Mosquitto", protocol="auto")
    else:
        command = [sys.executable, "-m", "bridge.demo.embedded_broker", str(port)]
        # It knows 3.1.1 alone and leaves a MQTT 5 client waiting instead of telling it.
        broker = RunningBroker(port=port, name="an embedded broker", protocol="3.1.1")
    # A session of its own: Ctrl-C must reach the bridge first, which has a last message for the broker.
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        await _until_listening(port, process)
        yield broker
    finally:
        await _end(process)


async def reachable(host: str, port: int) -> None:
    """Return when something listens there.

    Raises:
        BrokerError: nothing does.

    """
    try:
        async with asyncio.timeout(SECONDS_TO_START):
            _, writer = await asyncio.open_connection(host, port)
    except OSError as error:
        raise BrokerError(f"no broker answers on {host}:{port}: {error.strerror or error}") from error
    writer.close()


def _mosquitto_config(folder: Path, port: int) -> Path:
    config = folder / "mosquitto.conf"
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "persistence false"]
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    # Started by root, Mosquitto becomes a user of its own, which must be able to read this.
    folder.chmod(0o755)
    return config


async def _until_listening(port: int, process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(SECONDS_TO_START):
            while process.returncode is None:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    return
    except TimeoutError as error:
        raise BrokerError(f"the broker did not listen on port {port} within {SECONDS_TO_START:g} s") from error
    message = f"the broker ended at once (exit code {process.returncode}); is port {port} taken?"
    raise BrokerError(message)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(SECONDS_TO_END):
            await process.wait()
    except TimeoutError:
        # The embedded broker's shutdown can hang while clients are connected.
        process.kill()
        await process.wait()
