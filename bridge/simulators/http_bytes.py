"""The bytes of a simulator's HTTP: a request's body in, an answer out, whole or spoiled."""

from __future__ import annotations

import asyncio
import socket
import struct
from math import ceil

from aiohttp import web

from bridge.simulators.wire import Answer

CHUNK_BYTES = 4_096
SLOW_PIECES = 20
MOST_BODY_BYTES = 65_536  # of a request; nobody has more to say to a charger, but for files


async def read_body(request: web.BaseRequest, most: int = MOST_BODY_BYTES) -> bytes | None:
    """The body of a request, None when it is too large."""
    body = bytearray()
    while len(body) <= most:
        chunk = await request.content.readany()
        if not chunk:
            return bytes(body)
        body += chunk
    return None


async def begin(request: web.BaseRequest, answer: Answer, *, keep_alive: bool) -> web.StreamResponse:
    """Send the head of an answer, when it is time."""
    if answer.after_s:
        await asyncio.sleep(answer.after_s)
    response = web.StreamResponse(status=answer.status, headers={"Access-Control-Allow-Origin": "*", **answer.headers})
    response.content_type = answer.content_type
    if not keep_alive:
        response.force_close()
    if answer.chunked:
        response.enable_chunked_encoding()
    else:
        response.content_length = len(answer.body)
    await response.prepare(request)
    return response


async def send_body(response: web.StreamResponse, body: bytes, over_s: float) -> None:
    """Send the body, in pieces over so many seconds."""
    size = ceil(len(body) / SLOW_PIECES) if over_s else CHUNK_BYTES
    starts = range(0, len(body), max(1, size))
    for start in starts:
        if over_s:
            await asyncio.sleep(over_s / len(starts))
        await response.write(body[start : start + size])
    await response.write_eof()


def drop(request: web.BaseRequest, *, hard: bool = True) -> web.StreamResponse:
    """Close the connection in the middle of things: `hard` with a reset, else as if all had been said."""
    transport = request.transport
    if transport is not None and hard:
        raw = transport.get_extra_info("socket")
        if raw is not None:
            # Lingering for no time makes the kernel send RST instead of FIN.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    elif transport is not None:
        transport.close()
    return web.Response()
