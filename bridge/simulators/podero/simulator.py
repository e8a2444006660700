"""A pretend Podero service on a real socket: token address and partner API on one port."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict

from bridge.simulators.frame import Frame
from bridge.simulators.http_face import HttpFace
from bridge.simulators.podero.service import API, TOKEN_PATH, Ids, Service
from bridge.simulators.podero.wallbox import Times, Wallbox
from bridge.simulators.wire import Json


class PoderoSimulator(Frame):
    """A service that can be reached at `api_url` and `token_url`; use it as `async with PoderoSimulator() as sim`.

    For faults with a prefix: `/oauth2` is the token address, `/api` the rest.

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
        super().__init__(HttpFace(self.service.respond, clock, keep_alive=True), control_port=control_port)

    @property
    def api_url(self) -> str:
        """In the place of `https://app.podero.com/api/partners/v2.0`."""
        return f"http://{self.address}{API}"

    @property
    def token_url(self) -> str:
        """In the place of `https://app.podero.com/oauth2/token/`."""
        return f"http://{self.address}{TOKEN_PATH}"

    @property
    def car(self) -> Wallbox:
        """The wallbox, which has the methods of a car."""
        return self.service.wallbox

    def state(self) -> Json:
        """Vendor, addresses, fault, counts, how to get a token, and the description of the wallbox."""
        return {
            **self._heading("podero", api_url=self.api_url, token_url=self.token_url),
            "counters": asdict(self.service.counters),
            "ids": asdict(self.service.ids),
            "client_secret": self.service.client_secret,
            "wallbox": self.service.description(),
        }
