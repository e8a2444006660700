"""A pretend Podero service on a real socket: token address and partner API on one port."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import asdict
from types import TracebackType
from typing import Self

from bridge.simulators.control import ControlPort
from bridge.simulators.faults import ActiveFault, active_fault
from bridge.simulators.http_face import HttpFace
from bridge.simulators.podero.service import API, TOKEN_PATH, Ids, Service
from bridge.simulators.podero.wallbox import Times, Wallbox
from bridge.simulators.wire import Json, ReceivedRequest


class PoderoSimulator:
    """A service that can be reached at `api_url` and `token_url`; use it as `async with PoderoSimulator() as sim`.

    Attributes:
        service: The service itself, without a socket: its tokens, its wallbox, and what is so or so with it.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        speed: float = 1.0,
        settle_s: float = 2.0,
        ids: Ids | None = None,
        control_port: int | None = None,
    ) -> None:
        """Make a service that does not listen yet.

        Args:
            clock: Gives monotonic seconds.
            speed: How much faster than the clock the car lives.
            settle_s: From a boost's request until the wallbox has taken it.
            ids: Who is who.
            control_port: Where people and other processes control it; 0 takes a free port, None means not at all.
        """
        times = Times(clock=clock, epoch=time.time() - clock(), speed=speed, settle_s=settle_s)
        self.service = Service(wallbox=Wallbox(times), ids=ids or Ids())
        self._face = HttpFace(self.service.respond, clock, keep_alive=True)
        self._control_port = control_port
        self._control: ControlPort | None = None

    @property
    def port(self) -> int:
        """The port it listens on, 0 before the start."""
        return self._face.port

    @property
    def address(self) -> str:
        """`HOST:PORT`."""
        return f"{self._face.host}:{self._face.port}"

    @property
    def api_url(self) -> str:
        """In the place of `https://app.podero.com/api/partners/v2.0`."""
        return f"http://{self.address}{API}"

    @property
    def token_url(self) -> str:
        """In the place of `https://app.podero.com/oauth2/token/`."""
        return f"http://{self.address}{TOKEN_PATH}"

    @property
    def control(self) -> str | None:
        """`HOST:PORT` of the control port, None without one."""
        return self._control.address if self._control is not None else None

    @property
    def car(self) -> Wallbox:
        """The wallbox, which has the methods of a car."""
        return self.service.wallbox

    @property
    def requests(self) -> deque[ReceivedRequest]:
        """The last requests, oldest first."""
        return self._face.requests

    @property
    def counts(self) -> Counter[str]:
        """How many requests came for each path since the start, also those that a fault kept away."""
        return self._face.counts

    @property
    def fault(self) -> ActiveFault | None:
        """What is wrong at present."""
        return self._face.fault

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes a free one."""
        try:
            await self._face.start(port, host)
            if self._control_port is not None:
                self._control = ControlPort(self)
                await self._control.start(self._control_port, host)
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close all ports and every connection."""
        await self._face.stop()
        if self._control is not None:
            await self._control.stop()
            self._control = None

    async def set_fault(
        self, name: str | None, *, keys: Iterable[str] = (), seconds: float | None = None, prefix: str = ""
    ) -> None:
        """Behave badly in the way that `Fault` calls by this name; None behaves well.

        With a `prefix` only paths suffer that begin with it: `/oauth2` is the token address, `/api` the rest.

        Raises:
            ValueError: There is no such fault, or it needs keys.
        """
        await self._face.set_fault(None if name is None else active_fault(name, keys, seconds, prefix))

    async def clear_fault(self) -> None:
        """Behave well again."""
        await self.set_fault(None)

    def state(self) -> Json:
        """Vendor, addresses, fault, counts, how to get a token, and the description of the wallbox."""
        ids = asdict(self.service.ids)
        return {
            "vendor": "podero",
            "address": self.address,
            "api_url": self.api_url,
            "token_url": self.token_url,
            "fault": str(self.fault.fault) if self.fault is not None else None,
            "counts": dict(self.counts),
            "counters": asdict(self.service.counters),
            "ids": ids,
            "client_secret": self.service.client_secret,
            "wallbox": self.service.description(),
        }

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()
