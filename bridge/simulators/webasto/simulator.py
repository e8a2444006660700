"""A pretend Webasto Next or Ampure Unite on a real socket, with a certificate of its own."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict, Unpack

from bridge.simulators.control import ControlPort
from bridge.simulators.faults import ActiveFault, active_fault
from bridge.simulators.http_bytes import MOST_BODY_BYTES
from bridge.simulators.http_face import HttpFace
from bridge.simulators.secret import SECRET
from bridge.simulators.webasto.api import respond
from bridge.simulators.webasto.certificate import Certificate
from bridge.simulators.webasto.device import Model, WebastoDevice
from bridge.simulators.webasto.login import Counters, Login
from bridge.simulators.webasto.manners import Manners
from bridge.simulators.webasto.times import Times
from bridge.simulators.wire import Answer, Json, JsonValue, ReceivedRequest


class TimeOptions(TypedDict, total=False):
    """The arguments of `Times`, which explains them."""

    clock: Callable[[], float]
    epoch: float
    speed: float
    slow_s: float
    away_s: float
    soft_away_s: float
    clock_error_s: float


class WebastoSimulator:
    """A charger that can be reached at `url`; use it as `async with WebastoSimulator(...) as sim`.

    Attributes:
        device: The charger itself: cars, errors and forced states are set there.
    """

    def __init__(
        self,
        *,
        model: Model = "next",
        username: str = "admin",
        password: str = f"{SECRET}-password",
        manners: Manners | None = None,
        control_port: int | None = None,
        **times: Unpack[TimeOptions],
    ) -> None:
        """Make a charger that does not listen yet.

        Args:
            model: What it is.
            username: Of the only account.
            password: Of the only account.
            manners: What is not known for certain, or differs.
            control_port: Where people and other processes control it; 0 takes a free port, None means not at all.
            times: What `Times` takes.
        """
        clocks = Times(**times)
        manners = manners or Manners()
        self.device = WebastoDevice(model, Login(username, password, manners, clocks), manners, clocks)
        self._certificate = Certificate()
        self._face = HttpFace(
            self._respond,
            clocks.clock,
            keep_alive=True,
            tls=self._certificate.tls,
            most_body_bytes=manners.upload_limit + MOST_BODY_BYTES,
        )
        self._control_port = control_port
        self._control: ControlPort | None = None
        self._dropped = False

    # Where it is

    @property
    def port(self) -> int:
        """The charger's own port, 0 before the start."""
        return self._face.port

    @property
    def address(self) -> str:
        """`HOST:PORT` of the charger."""
        return f"{self._face.host}:{self._face.port}"

    @property
    def url(self) -> str:
        """`https://HOST:PORT` of the charger."""
        return f"https://{self.address}"

    @property
    def control(self) -> str | None:
        """`HOST:PORT` of the control port, None without one."""
        return self._control.address if self._control is not None else None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the present certificate, 64 hexadecimal digits in lower case."""
        return self._certificate.fingerprint

    @property
    def certificate_file(self) -> Path:
        """The present certificate, also as a CA file for clients. It is good for `127.0.0.1` and `localhost`."""
        return self._certificate.file

    # What is in it

    @property
    def car(self) -> WebastoDevice:
        """The device, which has the methods of a car."""
        return self.device

    @property
    def username(self) -> str:
        """Of the only account."""
        return self.device.login.username

    @property
    def password(self) -> str:
        """Of the only account."""
        return self.device.login.password

    @property
    def manners(self) -> Manners:
        """What is not known for certain; set its attributes at any time."""
        return self.device.manners

    # What has happened to it

    @property
    def requests(self) -> deque[ReceivedRequest]:
        """The last requests, oldest first."""
        return self._face.requests

    @property
    def counts(self) -> Counter[str]:
        """How many requests came for each path since the start."""
        return self._face.counts

    @property
    def counters(self) -> Counters:
        """How many logins and the like the charger took notice of."""
        return self.device.login.counters

    @property
    def fault(self) -> ActiveFault | None:
        """What is wrong at present."""
        return self._face.fault

    # What tests do to it

    def someone_logs_in(self) -> None:
        """Let a person open the web interface, which ends the token of everybody else."""
        self.device.login.issue()

    def expire_token(self) -> None:
        """End the present token now, as if its time were over."""
        self.device.login.expire()

    def change_certificate(self) -> None:
        """Show another certificate from now on, as after an update or another device at the same address."""
        self._certificate.change()
        self._face.drop_connections()

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes a free one."""
        await self._face.start(port, host)
        if self._control_port is None:
            return
        self._control = ControlPort(self)
        try:
            await self._control.start(self._control_port, host)
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close both ports and every connection."""
        await self._face.stop()
        if self._control is not None:
            await self._control.stop()
            self._control = None

    async def set_fault(
        self, name: str | None, *, keys: Iterable[str] = (), seconds: float | None = None, prefix: str = ""
    ) -> None:
        """Behave badly in the way that `Fault` calls by this name; None behaves well.

        Raises:
            ValueError: There is no such fault, or it needs keys.
        """
        await self._face.set_fault(None if name is None else active_fault(name, keys, seconds, prefix))

    async def clear_fault(self) -> None:
        """Behave well again."""
        await self._face.set_fault(None)

    def state(self) -> Json:
        """Vendor, address, certificate, fault, counts, how to log in, and what the charger does."""
        device, charging = self.device, self.device.charging
        device.advance()
        uploads: list[JsonValue] = [asdict(upload) for upload in device.uploads]
        return {
            "vendor": "webasto",
            "model": device.model,
            "address": self.address,
            "url": self.url,
            "fingerprint": self.fingerprint,
            "fault": str(self.fault.fault) if self.fault is not None else None,
            "counts": dict(self.counts),
            "counters": asdict(self.counters),
            "username": self.username,
            "password": self.password,
            "away": device.away,
            "uptime_s": device.uptime_s,
            "state": charging.state.value,
            "car": charging.car is not None,
            "current": charging.meter.current,
            "session_wh": charging.meter.session_wh,
            "duration_s": charging.duration_s,
            "errors": list(device.errors),
            "settings": dict(device.settings),
            "uploads": uploads,
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

    def _respond(self, request: ReceivedRequest, active: ActiveFault | None) -> Answer | None:
        answer = respond(self.device, request, active)
        if answer is None and not self._dropped:
            self._face.drop_connections()  # whoever else is connected notices a restart too
        self._dropped = answer is None
        return answer
