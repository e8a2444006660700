"""A server of bare bytes, for answers that no HTTP library would give."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

Respond = Callable[[str], Iterable[bytes] | None]
"""From the request's target to the pieces of the answer; None never answers."""


class RawServer:
    """Remembers every request: `targets` as they came, `heads` with all header lines."""

    def __init__(self, respond: Respond, *, stays: bool) -> None:
        """Answer with what `respond` says; a connection ends after an answer unless it `stays` and had one."""
        self.targets: list[str] = []
        self.heads: list[str] = []
        self.connections = 0
        self.port = 0
        self._respond = respond
        self._stays = stays
        self._over = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        """`HOST:PORT`."""
        return f"127.0.0.1:{self.port}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        self._writers.add(writer)
        try:
            while await self._answer_one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        self.targets.append(head.split(" ")[1])
        pieces = self._respond(self.targets[-1])
        if pieces is None:
            await self._over.wait()
            return False
        said = False
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
            said = True
        return said and self._stays

    def end(self) -> None:
        """Close every connection, also those that wait for ever."""
        self._over.set()
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def raw_server(respond: Respond | Iterable[bytes] | None, *, stays: bool = False) -> AsyncIterator[RawServer]:
    """Listen for the time of the context; bytes are the pieces of every answer."""
    found = RawServer(respond if callable(respond) else lambda _: respond, stays=stays)
    server = await asyncio.start_server(found.handle, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for _ in range(5):  # turns until a connection that was just taken is known
            await asyncio.sleep(0)
        found.end()
        await server.wait_closed()


def answer(body: bytes | str, status: int = 200, *headers: str) -> list[bytes]:
    """Return a proper answer with its length."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}", *headers, "", ""]
    return ["\r\n".join(lines).encode(), content]
