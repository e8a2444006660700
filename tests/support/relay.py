"""A wire between the bridge and its broker that a test can cut and mend."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Relay:
    """Passes TCP connections on to a port of this machine; use it as `async with Relay(port) as relay`."""

    def __init__(self, to_port: int) -> None:
        """Prepare; nothing is opened yet."""
        self.port = 0
        self._to_port = to_port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        await self.mend()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cut()

    async def cut(self) -> None:
        """End every connection, and refuse new ones."""
        if self._server is None:
            return
        self._server.close()
        for _ in range(5):  # turns until a connection that was just taken is known
            await asyncio.sleep(0)
        for writer in list(self._writers):
            writer.close()
        await self._server.wait_closed()
        self._server = None

    async def mend(self) -> None:
        """Pass on again, on the same port."""
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            self._writers.discard(writer)
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
