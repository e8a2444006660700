"""A pretend Wallbox cloud on two real sockets: one server that knows people, one that knows chargers."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from functools import partial
from types import TracebackType
from typing import Self, TypedDict, Unpack

from bridge.simulators.control import ControlPort
from bridge.simulators.faults import ActiveFault, Fault, active_fault
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


class WallboxSimulator:
    """A cloud that can be reached at `api_url` and `auth_url`; use it as `async with WallboxSimulator(...) as sim`.

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
        self._requests: deque[ReceivedRequest] = deque(maxlen=MOST_REQUESTS)
        self._face = self._new_face(respond)
        self._auth_face = self._new_face(respond_auth)
        self._control_port = control_port
        self._control: ControlPort | None = None

    # Where it is

    @property
    def port(self) -> int:
        """The port of the server that knows chargers, 0 before the start."""
        return self._face.port

    @property
    def address(self) -> str:
        """`HOST:PORT` of the server that knows chargers."""
        return f"{self._face.host}:{self._face.port}"

    @property
    def api_url(self) -> str:
        """Of the server that knows chargers, in the place of `https://api.wall-box.com/`."""
        return f"http://{self.address}/"

    @property
    def auth_url(self) -> str:
        """Of the server that knows people, in the place of `https://user-api.wall-box.com/`."""
        return f"http://{self._auth_face.host}:{self._auth_face.port}/"

    @property
    def control(self) -> str | None:
        """`HOST:PORT` of the control port, None without one."""
        return self._control.address if self._control is not None else None

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
    def requests(self) -> deque[ReceivedRequest]:
        """The last requests at both servers, oldest first."""
        return self._requests

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

    @property
    def fault(self) -> ActiveFault | None:
        """What is wrong at present."""
        return self._face.fault or self._auth_face.fault

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; with a given port the server that knows people takes the next one, with 0 both take free ones."""
        try:
            await self._face.start(port, host)
            await self._auth_face.start(port + 1 if port else 0, host)
            if self._control_port is not None:
                self._control = ControlPort(self)
                await self._control.start(self._control_port, host)
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close all ports and every connection."""
        await self._face.stop()
        await self._auth_face.stop()
        if self._control is not None:
            await self._control.stop()
            self._control = None

    async def set_fault(
        self, name: str | None, *, keys: Iterable[str] = (), seconds: float | None = None, prefix: str = ""
    ) -> None:
        """Behave badly in the way that `Fault` calls by this name; None behaves well.

        With a `prefix` only paths suffer that begin with it, such as `/users` or `/chargers/status`. `unreachable`
        concerns a whole server: the one that knows people with a prefix `/users`, the other one with any other.

        Raises:
            ValueError: There is no such fault, or it needs keys.
        """
        fault = None if name is None else active_fault(name, keys, seconds, prefix)
        whole = fault is None or fault.fault != Fault.UNREACHABLE or not prefix
        people = prefix.startswith(AUTH_PREFIX)
        await self._face.set_fault(fault if whole or not people else None)
        await self._auth_face.set_fault(fault if whole or people else None)

    async def clear_fault(self) -> None:
        """Behave well again."""
        await self.set_fault(None)

    def state(self) -> Json:
        """Vendor, addresses, fault, counts, how to sign in, and what each charger shows."""
        accounts: list[JsonValue] = [
            {"email": email, "password": account.password} for email, account in self.cloud.accounts.items()
        ]
        owners = [(group.owner, charger.spec.id) for group in self.cloud.groups for charger in group.chargers]
        places = [(number, self.cloud.place(owner, number)) for owner, number in owners]
        return {
            "vendor": "wallbox",
            "address": self.address,
            "api_url": self.api_url,
            "auth_url": self.auth_url,
            "fault": str(self.fault.fault) if self.fault is not None else None,
            "counts": dict(self.counts),
            "counters": asdict(self.counters),
            "accounts": accounts,
            "chargers": {str(number): detailed(self.cloud, place) for number, place in places if place is not None},
        }

    async def __aenter__(self) -> Self:
        """Listen on free ports."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    def _new_face(self, answer: Callable[[Cloud, ReceivedRequest, ActiveFault | None], Answer]) -> HttpFace:
        clock = self.cloud.times.clock
        return HttpFace(partial(answer, self.cloud), clock, keep_alive=True, requests=self._requests)
