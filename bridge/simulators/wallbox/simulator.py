"""A pretend Wallbox cloud on two real sockets: one server that knows people, one that knows chargers."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import TypedDict, Unpack

from bridge.simulators.faults import ActiveFault, Fault
from bridge.simulators.frame import Frame
from bridge.simulators.http_face import MOST_REQUESTS, HttpFace
from bridge.simulators.wallbox.account import Account, Counters
from bridge.simulators.wallbox.api import respond, respond_auth
from bridge.simulators.wallbox.charger import Charger
from bridge.simulators.wallbox.cloud import Cloud, Manners
from bridge.simulators.wallbox.limits import NO_LIMITS, Limits
from bridge.simulators.wallbox.shown_charger import detailed
from bridge.simulators.wallbox.specs import AccountSpec, GroupSpec
from bridge.simulators.wallbox.times import Times
from bridge.simulators.wire import Answer, Json, JsonValue, ReceivedRequest

AUTH_PREFIX = "/users"


class TimeOptions(TypedDict, total=False):
    """The arguments of `Times`, which explains them."""

    clock: Callable[[], float]
    epoch: float
    speed: float
    settle_s: float
    live_refresh_s: float
    idle_refresh_s: float
    restart_s: tuple[float, float]
    update_s: float


class WallboxSimulator(Frame):
    """A cloud that can be reached at `api_url` and `auth_url`; use it as `async with WallboxSimulator(...) as sim`.

    `port` and `address` are those of the server that knows chargers. With a given port the server that knows people
    takes the next one. The fault `unreachable` concerns a whole server: the one that knows people with a prefix
    `/users`, the other one with any other prefix, both without one.

    Attributes:
        cloud: The cloud itself, without sockets.
    """

    def __init__(
        self,
        *,
        accounts: Sequence[AccountSpec] = (AccountSpec(),),
        groups: Sequence[GroupSpec] = (GroupSpec(),),
        limits: Limits = NO_LIMITS,
        manners: Manners | None = None,
        control_port: int | None = None,
        **times: Unpack[TimeOptions],
    ) -> None:
        """Make a cloud that does not listen yet.

        Args:
            accounts: Who has one.
            groups: The locations and what stands there.
            limits: How often an account may ask; also the attribute of that name, at any time.
            manners: What differed between years and accounts.
            control_port: Where people and other processes control it; 0 takes a free port, None means not at all.
            times: What `Times` takes.

        Raises:
            ValueError: It does not fit together.
        """
        self.cloud = Cloud(accounts, groups, Times(**times), manners or Manners())
        self.cloud.limits = limits
        remembered: deque[ReceivedRequest] = deque(maxlen=MOST_REQUESTS)
        self._auth_face = self._new_face(respond_auth, remembered)
        super().__init__(self._new_face(respond, remembered), self._auth_face, control_port=control_port)

    # Where it is

    @property
    def api_url(self) -> str:
        """Of the server that knows chargers, in the place of `https://api.wall-box.com/`."""
        return f"http://{self.address}/"

    @property
    def auth_url(self) -> str:
        """Of the server that knows people, in the place of `https://user-api.wall-box.com/`."""
        return f"http://{self._auth_face.host}:{self._auth_face.port}/"

    # What is in it

    @property
    def car(self) -> Charger:
        """The first charger, which has the methods of a car."""
        return self.charger()

    def charger(self, number: int | None = None) -> Charger:
        """A charger by its number, by default the first.

        Raises:
            LookupError: There is none.
        """
        return next(each for each in self.cloud.chargers.values()) if number is None else self.cloud.chargers[number]

    def account(self, email: str | None = None) -> Account:
        """An account by its e-mail address, by default the first.

        Raises:
            LookupError: There is none.
        """
        return next(each for each in self.cloud.accounts.values()) if email is None else self.cloud.accounts[email]

    # What has happened to it

    @property
    def counts(self) -> Counter[str]:
        """How many requests came for each path since the start, at both servers, also those that a fault kept away."""
        return self._face.counts + self._auth_face.counts

    @property
    def counters(self) -> Counters:
        """How many requests of each kind the cloud took notice of; an account has the same for itself."""
        return self.cloud.counters

    @property
    def limits(self) -> Limits:
        """How often an account may ask."""
        return self.cloud.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self.cloud.limits = limits

    def state(self) -> Json:
        """Vendor, addresses, fault, counts, how to sign in, and what each charger shows."""
        accounts: list[JsonValue] = [
            {"email": email, "password": account.password} for email, account in self.cloud.accounts.items()
        ]
        owners = [(group.owner, charger.spec.id) for group in self.cloud.groups for charger in group.chargers]
        places = [(number, self.cloud.place(owner, number)) for owner, number in owners]
        return {
            **self._heading("wallbox", api_url=self.api_url, auth_url=self.auth_url),
            "counters": asdict(self.counters),
            "accounts": accounts,
            "chargers": {str(number): detailed(self.cloud, place) for number, place in places if place is not None},
        }

    async def _spoil(self, fault: ActiveFault | None) -> None:
        if fault is None or fault.fault != Fault.UNREACHABLE or not fault.prefix:
            await super()._spoil(fault)
            return
        people = fault.prefix.startswith(AUTH_PREFIX)
        await self._face.set_fault(None if people else fault)
        await self._auth_face.set_fault(fault if people else None)

    def _new_face(
        self,
        answer: Callable[[Cloud, ReceivedRequest, ActiveFault | None], Answer],
        remembered: deque[ReceivedRequest],
    ) -> HttpFace:
        clock = self.cloud.times.clock
        return HttpFace(partial(answer, self.cloud), clock, keep_alive=True, requests=remembered)
