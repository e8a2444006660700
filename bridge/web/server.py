"""The HTTP listener: one more service beside the chargers, and never a reason to stop them."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bridge.charger.contract import Account
from bridge.engine.view import ChargerView
from bridge.waiting import wait_for
from bridge.web import probes
from bridge.web.broker_watch import BrokerWatch, Traffic

if TYPE_CHECKING:
    from bridge.web.metrics import Metrics

log = structlog.get_logger()

SECONDS_TO_FINISH = 0.5
"""What a request under way gets at the stop. aiohttp may wait that long twice, and the daemon waits 3 s at most."""
_NO_STORE = {"Cache-Control": "no-store"}


class Web:
    """Serves `/healthz`, `/readyz` and `/metrics`.

    Attributes:
        name: What the daemon calls this service.
        port: The port that is listened on, None while there is none.
        listening: Set once there is a port.
        tick_s: How often the broker is looked at, and a port that could not be had is tried again.
    """

    name = "web"
    tick_s = 1.0

    def __init__(
        self,
        address: tuple[str, int],
        views: Callable[[], Iterable[ChargerView]],
        accounts: Callable[[], Iterable[Account]],
        traffic: Traffic,
        version: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing is opened before `run`.

        Args:
            address: Host and port to listen on; port 0 takes a free one.
            views: Returns the chargers as they are configured now.
            accounts: Returns the accounts of the chargers.
            traffic: The counters of the broker session.
            version: The bridge's own.
            clock: Seconds by which the broker's absence is measured.
        """
        self.port: int | None = None
        self.listening = asyncio.Event()
        self._host, self._wanted_port = address
        self._views = views
        self._broker = BrokerWatch(traffic, clock)
        self._accounts = accounts
        self._traffic = traffic
        self._version = version
        self._started = time.time()
        self._metrics: Metrics | None = None
        self._stopping = asyncio.Event()
        self._said: str | None = None

    def stop(self) -> None:
        """Make `run` return soon, whatever connections are open."""
        self._stopping.set()

    async def run(self) -> None:
        """Serve until stopped. Without a port it goes on trying, since an address may come later than we do."""
        runner = web.AppRunner(
            self._application(), access_log=None, logger=_request_log(), shutdown_timeout=SECONDS_TO_FINISH
        )
        await runner.setup()
        try:
            while not self._stopping.is_set():
                if self.port is None:
                    await self._listen(runner)
                self._broker.look()
                await wait_for(self._stopping, self.tick_s)
        finally:
            self.port = None
            await runner.cleanup()

    def _application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._readiness)
        app.router.add_get("/metrics", self._scrape)
        return app

    async def _listen(self, runner: web.AppRunner) -> None:
        site = web.TCPSite(runner, self._host, self._wanted_port)
        try:
            await site.start()
        except (OSError, UnicodeError) as error:  # the latter for a host that cannot be a name
            await site.stop()
            self._say(str(error))
            return
        self._said = None
        self.port = runner.addresses[0][1]
        self.listening.set()
        log.info("web server listening", host=self._host, port=self.port)

    def _say(self, reason: str) -> None:
        """Log a condition once, until another one takes its place."""
        if reason != self._said:
            log.error(
                "web server not available; chargers go on without it",
                host=self._host,
                port=self._wanted_port,
                reason=reason,
            )
        self._said = reason

    async def _health(self, _request: web.Request) -> web.Response:
        return _answer(probes.health(self._broker))

    async def _readiness(self, _request: web.Request) -> web.Response:
        return _answer(probes.readiness(self._broker, self._views()))

    async def _scrape(self, _request: web.Request) -> web.Response:
        if self._metrics is None:
            # The library takes a megabyte, which only those need who scrape.
            from bridge.web.metrics import Metrics  # noqa: PLC0415

            self._metrics = Metrics(self._views, self._accounts, self._traffic, self._version, self._started)
        return web.Response(
            body=self._metrics.text(), headers={**_NO_STORE, "Content-Type": self._metrics.content_type}
        )


def _answer(verdict: probes.Verdict) -> web.Response:
    return web.Response(
        status=200 if verdict.good else 503,
        text=json.dumps(verdict.document, separators=(",", ":")) + "\n",
        content_type="application/json",
        headers=_NO_STORE,
    )


def _request_log() -> logging.Logger:
    """Return a log for aiohttp in which a bug of ours shows, and what strangers send does not."""
    requests = logging.getLogger("bridge.web.requests")
    requests.addFilter(_is_our_fault)
    return requests


def _is_our_fault(record: logging.LogRecord) -> bool:
    return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)
