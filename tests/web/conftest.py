"""A web server on a free port, with what it shows in the test's own hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import structlog
from structlog.types import EventDict

from bridge.charger.contract import Account, ChargerSettings, Pace
from bridge.engine.command import CommandLimits
from bridge.engine.outlet import Fan
from bridge.engine.poller import Poller
from bridge.engine.view import ChargerView
from bridge.mqtt.traffic import Traffic
from bridge.web.control import Control
from bridge.web.history import History
from bridge.web.server import Web
from tests.engine.pretend import RARE, Notes, PretendCharger
from tests.support.waiting import until
from tests.web.chromium import Tab, started, tab
from tests.web.visitor import TOKEN, Visitor

PACE = Pace(idle_s=10, charging_s=10, settle_s=1, confirm_reads=2)


class Clock:
    """Stands still unless a test moves it. The server reads it whenever it looks for the broker and misses it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self._readings = asyncio.Semaphore(0)

    def __call__(self) -> float:
        """Return seconds."""
        self._readings.release()
        return self.now

    async def read(self, times: int) -> None:
        """Wait until it has been read so many times from now on."""
        self._readings = asyncio.Semaphore(0)
        async with asyncio.timeout(5):
            for _ in range(times):
                await self._readings.acquire()


@dataclass
class Bridge:
    """What the web server looks at."""

    traffic: Traffic = field(default_factory=Traffic)
    views: list[ChargerView] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    history: History = field(default_factory=History)
    pollers: dict[str, Poller] = field(default_factory=dict)
    """Those of the chargers that can be commanded."""
    stuck: list[str] = field(default_factory=list)
    token: str | None = None
    """With one, the page may command chargers."""

    def add(self, charger_id: str, vendor: str = "go-e") -> ChargerView:
        """Configure one more charger."""
        view = ChargerView(id=charger_id, name=None, vendor=vendor, pace=PACE)
        self.views.append(view)
        return view

    @asynccontextmanager
    async def charger(self, id_: str, charger: PretendCharger, **settings: Any) -> AsyncIterator[Poller]:
        """Configure a pretend charger and let it be read for the time of the context."""
        outlet = Fan((Notes(), self.history))
        poller = Poller(id_, ChargerSettings(vendor="pretend", **settings), charger, outlet, CommandLimits())
        self.pollers[id_] = poller
        self.views.append(poller.view)
        task = asyncio.create_task(poller.run(), name=id_)
        try:
            health = poller.view.health
            await until(lambda: health.last_success or health.last_error or task.done(), what="the first read")
            yield poller
        finally:
            charger.let_go()
            poller.stop()
            async with asyncio.timeout(10):
                await task

    def web(self, host: str = "127.0.0.1", port: int = 0) -> Web:
        """Return a server that is not yet running."""
        seen = ((host, port), lambda: self.views, lambda: self.accounts, self.traffic, "1.2.3", self.clock)
        control = None if self.token is None else Control(self.token, self.pollers)
        web = Web(*seen, history=self.history, control=control, stuck=lambda: self.stuck)
        web.tick_s = 0.01
        return web


@pytest.fixture
def logged() -> Iterator[asyncio.Queue[EventDict]]:
    """What our own log says, so that a test can wait for it."""
    entries: asyncio.Queue[EventDict] = asyncio.Queue()

    def keep(_logger: object, level: str, event: EventDict) -> EventDict:
        entries.put_nowait({**event, "level": level})
        raise structlog.DropEvent

    # In place, as structlog's own capture does, so that loggers bound earlier follow.
    processors = structlog.get_config()["processors"]
    before = processors.copy()
    processors[:] = [keep]
    yield entries
    processors[:] = before


@pytest.fixture
def bridge() -> Bridge:
    """A bridge without chargers whose broker has not answered yet."""
    return Bridge()


@pytest.fixture
def controlled(bridge: Bridge) -> Bridge:
    """The same bridge, whose page may command chargers; to be asked for before `web`."""
    bridge.token = TOKEN
    return bridge


@pytest.fixture
async def web(bridge: Bridge) -> AsyncIterator[Web]:
    """A running server."""
    server = bridge.web()
    async with asyncio.timeout(170), asyncio.TaskGroup() as tasks:
        tasks.create_task(server.run(), name=server.name)
        await server.listening.wait()
        yield server
        server.stop()


@pytest.fixture
async def http(web: Web) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the server that gives up after five seconds."""
    base, limit = f"http://127.0.0.1:{web.port}", aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(base, timeout=limit) as session:
        yield session


@pytest.fixture
def box() -> PretendCharger:
    """The charger behind the page."""
    return PretendCharger(RARE, status="charging", watt=7360, session=3.21)


@pytest.fixture
async def garage(controlled: Bridge, box: PretendCharger) -> AsyncIterator[Poller]:
    """The charger, read; the page may command it."""
    controlled.traffic.connected = True
    async with controlled.charger("garage", box, name="Garage", allow=["factory_reset"]) as poller:
        yield poller


@pytest.fixture
async def visitor(controlled: Bridge, web: Web) -> AsyncIterator[Visitor]:
    """Somebody who is not signed in."""
    assert controlled.token
    jar = aiohttp.CookieJar(unsafe=True)  # for a host that is a number
    base, limit = f"http://127.0.0.1:{web.port}", aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(base, timeout=limit, cookie_jar=jar) as http:
        yield Visitor(http)


@pytest.fixture
async def user(visitor: Visitor) -> Visitor:
    """Somebody who is signed in."""
    assert (await visitor.sign_in()).status == 303
    return visitor


@pytest.fixture(scope="session")
def devtools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One browser for all of these tests; each has a tab with cookies of its own."""
    with started(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
async def page(devtools: str, garage: Poller, web: Web) -> AsyncIterator[Tab]:
    """A tab, and nothing that the browser had to complain about at the end."""
    assert garage.view.available
    async with tab(devtools, f"http://127.0.0.1:{web.port}") as found:
        await found.look(width=1280, dark=False)
        yield found
        assert found.complaints == []
