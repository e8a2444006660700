"""Many go-e chargers in one process of their own: `python -m benchmarks.pretend_chargers COUNT`.

They answer what a charging simulator answers, word for word, but from a dictionary, so that 500 of them leave the
processor to what is measured. Between two readings two measurements change and nothing else.

The first line on standard output has the ports, then comes one line for each write. A line on standard input asks for
the number of readings so far; the end of standard input ends the process.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from functools import partial
from urllib.parse import unquote

from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.wire import Json

SECONDS_OF_CHARGING = 120.0
POWER_TOTAL, VOLTAGE_L1 = 11, 0
"""The places in `nrg` of what changes."""
LIVE_KEY = "nrg"
"""Asked for in each reading, and not among what is asked for once an hour."""


def charging_status() -> Json:
    """Return every key of a charger that has been charging a car for a while."""
    now = 0.0
    device = GoeDevice(clock=lambda: now)
    device.plug()
    now = SECONDS_OF_CHARGING
    return device.status()


class PretendCharger:
    """One charger: keys and values, and how often they were read."""

    def __init__(self, status: Json, serial: str) -> None:
        """Begin with a copy of this status."""
        self.reads = 0
        nrg = status[LIVE_KEY]
        assert isinstance(nrg, list)
        self._nrg = list(nrg)
        self._status: Json = {**status, "sse": serial, LIVE_KEY: self._nrg}

    def read(self, keys: list[str]) -> Json:
        """Return what was asked for; two measurements are different every time."""
        if LIVE_KEY in keys:
            self.reads += 1
            self._nrg[POWER_TOTAL] = 10_000 + self.reads % 1000
            self._nrg[VOLTAGE_L1] = 225 + self.reads % 10
        return {key: self._status[key] for key in keys if key in self._status}

    def write(self, key: str, literal: str) -> Json:
        """Take a value at once."""
        self._status[key] = json.loads(literal)
        return {key: True}


class Connection(asyncio.Protocol):
    """One request, one answer, and the end of the connection, as the charger does it."""

    def __init__(self, charger: PretendCharger) -> None:
        """Serve this charger."""
        self._charger = charger
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer when the request is complete; it has no body."""
        self._received += data
        if not self._received.endswith(b"\r\n\r\n") or self._transport is None:
            return
        target = self._received.split(b" ", 2)[1].decode()
        path, _, query = target.partition("?")
        name, _, value = query.partition("=")
        if path == "/api/set":
            self._tell_write()
            document = self._charger.write(name, unquote(value))
        else:
            document = self._charger.read(value.split(","))
        self._transport.write(_answer(json.dumps(document, separators=(",", ":")).encode()))
        self._transport.close()

    def _tell_write(self) -> None:
        assert self._transport is not None
        port = self._transport.get_extra_info("sockname")[1]
        print(json.dumps({"write": port, "at": time.monotonic()}), flush=True)


def _answer(body: bytes) -> bytes:
    head = (
        b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


async def _serve(count: int) -> None:
    loop = asyncio.get_running_loop()
    status = charging_status()
    chargers = [PretendCharger(status, str(100_000 + number)) for number in range(count)]
    servers = [await loop.create_server(partial(Connection, charger), "127.0.0.1", 0) for charger in chargers]
    print(json.dumps({"ports": [server.sockets[0].getsockname()[1] for server in servers]}), flush=True)
    questions = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(questions), sys.stdin)
    while await questions.readline():
        print(json.dumps({"reads": sum(charger.reads for charger in chargers)}), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
