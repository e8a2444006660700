"""A pretend Webasto Next or Ampure Unite on a real socket, with a certificate of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypedDict, Unpack

from bridge.simulators.faults import ActiveFault
from bridge.simulators.frame import Frame
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


class WebastoSimulator(Frame):
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
        face = HttpFace(
            self._respond,
            clocks.clock,
            keep_alive=True,
            tls=self._certificate.tls,
            most_body_bytes=manners.upload_limit + MOST_BODY_BYTES,
        )
        super().__init__(face, control_port=control_port)
        self._dropped = False

    # Where it is

    @property
    def url(self) -> str:
        """`https://HOST:PORT` of the charger."""
        return f"https://{self.address}"

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
    def counters(self) -> Counters:
        """How many logins and the like the charger took notice of."""
        return self.device.login.counters

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

    def state(self) -> Json:
        """Vendor, address, certificate, fault, counts, how to log in, and what the charger does."""
        device, charging = self.device, self.device.charging
        device.advance()
        uploads: list[JsonValue] = [asdict(upload) for upload in device.uploads]
        return {
            **self._heading("webasto", model=device.model, url=self.url, fingerprint=self.fingerprint),
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

    def _respond(self, request: ReceivedRequest, active: ActiveFault | None) -> Answer | None:
        answer = respond(self.device, request, active)
        if answer is None and not self._dropped:
            self._face.drop_connections()  # whoever else is connected notices a restart too
        self._dropped = answer is None
        return answer
