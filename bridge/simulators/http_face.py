"""The socket of a simulator: listens, remembers requests, sends answers, and spoils them when a fault is set.

What an answer says is none of its business, so every vendor's simulator can use it. The faults that concern the content
of an answer are left to whoever makes it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import ceil
from types import MappingProxyType

from aiohttp import web

from bridge.simulators.faults import ActiveFault, Fault
from bridge.simulators.http_bytes import MOST_BODY_BYTES, begin, drop, read_body, send_body
from bridge.simulators.wire import Answer, ReceivedRequest, decoded_values

TURNS_TO_BELONG = 5
"""Of the event loop, from taking a connection until the server knows of it."""
HANG_LIMIT_S = 600.0  # nobody waits longer, and nothing here waits for ever
MOST_REQUESTS = 500
MOST_COUNTED_PATHS = 50

_WEB_PAGE = b"<!DOCTYPE html><html><head><title>Login</title></head><body><h1>Please log in</h1></body></html>\n"
_OUT_OF_ORDER = (
    b"<!DOCTYPE html><html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>\n"
)
_REFUSALS: Mapping[Fault, Answer] = MappingProxyType(
    {
        Fault.UNAUTHORIZED: Answer(status=401, body=b"Unauthorized", content_type="text/plain"),
        Fault.FORBIDDEN: Answer(status=403, body=b"Forbidden", content_type="text/plain"),
        Fault.TOO_MANY: Answer(status=429, body=b"Too Many Requests", content_type="text/plain"),
        Fault.TOO_MANY_WAIT: Answer(status=429, body=b"Too Many Requests", content_type="text/plain"),
        Fault.UNAVAILABLE: Answer(status=503, body=_OUT_OF_ORDER, content_type="text/html"),
    }
)
_HUGE_BODY = b'{"padding":"' + b"x" * (1_536 * 1_024) + b'"}'


class HttpFace:
    """One listening port.

    Attributes:
        requests: The last requests, oldest first.
        counts: How many requests came for each path since the start.
        fault: What is wrong at present.
    """

    def __init__(
        self,
        respond: Callable[[ReceivedRequest, ActiveFault | None], Answer | None],
        clock: Callable[[], float] = time.monotonic,
        *,
        keep_alive: bool = False,
        requests: deque[ReceivedRequest] | None = None,
        tls: ssl.SSLContext | None = None,
        most_body_bytes: int = MOST_BODY_BYTES,
    ) -> None:
        """Prepare without listening.

        Args:
            respond: Makes the answer to a request; None closes the connection without one.
            clock: Gives the seconds that requests are marked with.
            keep_alive: Whether connections stay after an answer, as those of a cloud do; chargers close them.
            requests: Where to remember the last requests, when several faces do so together.
            tls: The certificate to show; None speaks plain HTTP. It may be loaded with another one at any time.
            most_body_bytes: Of a request that is answered; longer ones get 413.
        """
        self._respond = respond
        self._clock = clock
        self._keep_alive = keep_alive
        self._tls = tls
        self._most_body_bytes = most_body_bytes
        self._server: web.Server | None = None
        self._runner: web.ServerRunner | None = None
        self._site: web.SockSite | None = None
        self._kept_port: socket.socket | None = None
        self._fault_over = asyncio.Event()
        self.host = "127.0.0.1"
        self.port = 0
        self.requests = requests if requests is not None else deque[ReceivedRequest](maxlen=MOST_REQUESTS)
        self.counts: Counter[str] = Counter()
        self.fault: ActiveFault | None = None

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes a free one."""
        self._kept_port = _bound_socket(host, port)
        self._server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0.1)
        await self._runner.setup()
        self.host, self.port = host, self._kept_port.getsockname()[1]
        if self.fault is None or self.fault.fault != Fault.UNREACHABLE:
            await self._listen()

    async def stop(self) -> None:
        """Stop listening and drop every connection; the fault stays for another start."""
        self._fault_over.set()
        if self._kept_port is not None:
            self._kept_port.close()
            self._kept_port = None
        if self._runner is not None:
            if self._site is not None:
                await self._site.stop()
            # A connection that was taken this moment belongs to nobody yet, and so nobody would close it.
            for _ in range(TURNS_TO_BELONG):
                await asyncio.sleep(0)
            await self._runner.cleanup()
            self._runner = self._site = self._server = None

    async def set_fault(self, fault: ActiveFault | None) -> None:
        """Behave like this from now on; None behaves well."""
        self._fault_over.set()
        self._fault_over = asyncio.Event()
        self.fault = fault
        if self._runner is None:
            return
        if fault is not None and fault.fault == Fault.UNREACHABLE:
            await self._stop_listening()
        elif self._site is None:
            await self._listen()

    def drop_connections(self) -> None:
        """Close every open connection."""
        for connection in list(self._server.connections) if self._server is not None else ():
            connection.force_close()

    async def _listen(self) -> None:
        if self._runner is None or self._kept_port is None:
            return
        self._site = web.SockSite(self._runner, self._kept_port, ssl_context=self._tls)
        self._kept_port = None
        await self._site.start()

    async def _stop_listening(self) -> None:
        if self._site is None:
            return
        await self._site.stop()
        self._site = None
        # A socket that is bound and does not listen refuses connections and keeps the port for later.
        self._kept_port = _bound_socket(self.host, self.port)
        self.drop_connections()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        sent = await read_body(request, self._most_body_bytes)
        if sent is None:
            return web.Response(status=413)
        received = self._remember(request, sent)
        active = self.fault if self.fault is not None and self.fault.concerns(received.path) else None
        fault = active.fault if active is not None else None
        if fault == Fault.HANG:
            await self._hang()
            return drop(request)
        answer = _refusal(active) if active is not None else None
        if answer is None:
            answer = self._respond(received, active)
        if answer is None:
            return drop(request)
        if fault == Fault.GARBAGE:
            answer = Answer(body=_WEB_PAGE, content_type="text/html")
        elif fault == Fault.EMPTY:
            answer = replace(answer, body=b"")
        elif fault == Fault.HUGE:
            answer = replace(answer, body=_HUGE_BODY)
        elif fault == Fault.CUT:
            answer = replace(answer, chunked=False)
        response = await begin(request, answer, keep_alive=self._keep_alive)
        if fault in {Fault.RESET, Fault.CUT}:
            await response.write(answer.body[: len(answer.body) // 2])
            return drop(request, hard=fault == Fault.RESET)
        await send_body(response, answer.body, active.seconds if active is not None and fault == Fault.SLOW else 0.0)
        return response

    def _remember(self, request: web.BaseRequest, body: bytes) -> ReceivedRequest:
        # aiohttp tidies the query up when it parses it; what really came is in the raw path.
        path, _, raw_query = request.raw_path.partition("?")
        received = ReceivedRequest(
            method=request.method,
            path=path,
            query=decoded_values(raw_query),
            raw_query=raw_query,
            at=self._clock(),
            headers={name.lower(): request.headers[name] for name in request.headers},
            body=body,
        )
        # Of an upload the beginning is enough to remember.
        self.requests.append(replace(received, body=body[:MOST_BODY_BYTES]))
        known = path in self.counts or len(self.counts) < MOST_COUNTED_PATHS
        self.counts[path if known else "other"] += 1
        return received

    async def _hang(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HANG_LIMIT_S):
                await self._fault_over.wait()


def _bound_socket(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setblocking(False)  # noqa: FBT003  the name of the method says what it is
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def _refusal(active: ActiveFault) -> Answer | None:
    """The answer of those faults that let nobody through to the vendor's own part."""
    refusal = _REFUSALS.get(active.fault)
    if refusal is not None and active.fault == Fault.TOO_MANY_WAIT:
        return replace(refusal, headers={"Retry-After": str(ceil(active.seconds))})
    return refusal
