"""A wire between the bridge and its broker that a test can cut and mend."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Relay:
    """Passes TCP connections on to a port of this machine; use it as `async with Relay(port) as relay`.

    Attributes:
        connections: How many there were.
    """

    def __init__(self, to_port: int) -> None:
        """Prepare; nothing is opened yet."""
        self.connections = 0
        self.port = 0
        self._to_port = to_port
        self._open = True
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()

    def cut(self) -> None:
        """End every connection, and each new one at once."""
        self._open = False
        for writer in self._writers:
            writer.close()

    def mend(self) -> None:
        """Pass on again."""
        self._open = True

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if not self._open:
            writer.close()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.close()
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._copy(reader, far_writer))
            group.create_task(self._copy(far_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
