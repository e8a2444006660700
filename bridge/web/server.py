"""The HTTP listener: one more service beside the chargers, and never a reason to stop them."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bridge.charger.contract import Account
from bridge.engine.histogram import of_lag
from bridge.engine.view import ChargerView
from bridge.waiting import wait_for
from bridge.web import probes
from bridge.web.broker_watch import BrokerWatch, Traffic
from bridge.web.control import Control
from bridge.web.history import History

if TYPE_CHECKING:
    from bridge.web.metrics import Metrics
    from bridge.web.pages import Pages

log = structlog.get_logger()

TURNS_TO_BELONG = 5
"""Of the event loop, from taking a connection until the server knows of it."""
SECONDS_TO_FINISH = 0.5
"""What a request under way gets at the stop. aiohttp may wait that long twice, and the daemon waits 3 s at most."""
LARGEST_FORM_BYTES = 16 * 1024
_POLICY = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`, with which browsers would not say where a form was either.
    "Referrer-Policy": "same-origin",
}

_Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

_PAGES: Sequence[tuple[str, str, Callable[[Pages], _Handler]]] = (
    ("GET HEAD", "/", lambda pages: pages.site.overview),
    ("GET", "/events", lambda pages: pages.site.overview_events),
    ("GET HEAD", "/chargers/{id}", lambda pages: pages.site.charger),
    ("GET", "/chargers/{id}/events", lambda pages: pages.site.charger_events),
    ("GET HEAD", "/static/{name}", lambda pages: pages.site.static),
)
"""Methods, address, and who answers."""

_FORMS: Sequence[tuple[str, str, Callable[[Pages], _Handler]]] = (
    ("GET HEAD", "/login", lambda pages: pages.commanding.sign_in_form),
    ("POST", "/login", lambda pages: pages.commanding.sign_in),
    ("POST", "/logout", lambda pages: pages.commanding.sign_out),
    ("POST", "/chargers/{id}/set", lambda pages: pages.commanding.command),
)
"""What there is only where the page may command chargers."""


class Web:
    """Serves the status page, `/healthz`, `/readyz` and `/metrics`.

    Attributes:
        name: What the daemon calls this service.
        port: The port that is listened on, None while there is none.
        listening: Set once there is a port.
        tick_s: How often the broker is looked at, and a port that could not be had is tried again.
    """

    name = "web"
    tick_s = 1.0

    def __init__(  # noqa: PLR0913 - what it shows
        self,
        address: tuple[str, int],
        views: Callable[[], Iterable[ChargerView]],
        accounts: Callable[[], Iterable[Account]],
        traffic: Traffic,
        version: str,
        clock: Callable[[], float] = time.monotonic,
        *,
        history: History | None = None,
        control: Control | None = None,
        stuck: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """Prepare; nothing is opened before `run`.

        Args:
            address: Host and port to listen on; port 0 takes a free one.
            views: Returns the chargers as they are configured now.
            accounts: Returns the accounts of the chargers.
            traffic: The counters of the broker session.
            version: The bridge's own.
            clock: Seconds by which the broker's absence is measured.
            history: What happened lately at the chargers.
            control: Who may command chargers from the page; None where nobody may.
            stuck: Returns the tasks that have not been heard of for too long.
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
        self._history = History() if history is None else history
        self._control = control
        self._stuck = stuck
        self._lags = of_lag()
        """How late this service's own clock was: what holds up the event loop holds up every charger."""
        self._metrics: Metrics | None = None
        self._made_pages: Pages | None = None
        self._stopping = asyncio.Event()
        self._said: str | None = None

    def stop(self) -> None:
        """Make `run` return soon, whatever connections are open."""
        self._stopping.set()
        if self._made_pages is not None:
            self._made_pages.site.live.stop()

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
                self._history.keep_only({view.id for view in self._views()})
                due = time.monotonic() + self.tick_s
                if not await wait_for(self._stopping, self.tick_s):
                    self._lags.observe(max(0.0, time.monotonic() - due))
        finally:
            self.port = None
            for site in list(runner.sites):
                await site.stop()
            # A connection that was taken this moment belongs to nobody yet, and so nobody would close it.
            for _ in range(TURNS_TO_BELONG):
                await asyncio.sleep(0)
            await runner.cleanup()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_FORM_BYTES)
        app.on_response_prepare.append(_guard)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._readiness)
        app.router.add_get("/metrics", self._scrape)
        for methods, path, choose in (*_PAGES, *(_FORMS if self._control is not None else ())):
            for method in methods.split():
                app.router.add_route(method, path, self._page(choose))
        return app

    def _page(self, choose: Callable[[Pages], _Handler]) -> _Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await choose(self._pages())(request)

        return answer

    def _pages(self) -> Pages:
        if self._made_pages is None:
            # The templates take some megabytes, which only those need who look.
            from bridge.web.pages import Pages  # noqa: PLC0415
            from bridge.web.state import BridgeState  # noqa: PLC0415

            seen = (self._views, self._accounts, self._traffic, self._broker, self._started, self._history)
            self._made_pages = Pages(BridgeState(*seen), version=self._version, control=self._control)
        return self._made_pages

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
        return _answer(probes.health(self._broker, self._stuck()))

    async def _readiness(self, _request: web.Request) -> web.Response:
        return _answer(probes.readiness(self._broker, self._views()))

    async def _scrape(self, _request: web.Request) -> web.Response:
        if self._metrics is None:
            # The library takes a megabyte, which only those need who scrape.
            from bridge.web.metrics import Metrics  # noqa: PLC0415

            self._metrics = Metrics(
                self._views, self._accounts, self._traffic, self._version, self._started, self._lags
            )
        return web.Response(body=self._metrics.text(), headers={"Content-Type": self._metrics.content_type})


async def _guard(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _POLICY.items():
        response.headers.setdefault(name, value)


def _answer(verdict: probes.Verdict) -> web.Response:
    return web.Response(
        status=200 if verdict.good else 503,
        text=json.dumps(verdict.document, separators=(",", ":")) + "\n",
        content_type="application/json",
    )


def _request_log() -> logging.Logger:
    """Return a log for aiohttp in which a bug of ours shows, and what strangers send does not."""
    requests = logging.getLogger("bridge.web.requests")
    requests.addFilter(_is_our_fault)
    return requests


def _is_our_fault(record: logging.LogRecord) -> bool:
    return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)
