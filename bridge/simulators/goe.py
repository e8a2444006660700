"""A pretend go-e charger with its HTTP API v2 on a real socket."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, TypedDict, Unpack

from bridge.simulators.control import ControlPort
from bridge.simulators.faults import ActiveFault, active_fault
from bridge.simulators.goe_api import respond
from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.http_face import HttpFace
from bridge.simulators.wire import Answer, Json, ReceivedRequest


class DeviceOptions(TypedDict, total=False):
    """The arguments of `GoeDevice`, which explains them."""

    family: FamilyName
    serial: str
    variant: int
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    speed: float
    seed: int
    visible_after_s: float
    reboot_s: float


class GoeSimulator:
    """A charger that can be reached at `address`; use it as `async with GoeSimulator(...) as sim`.

    Attributes:
        device: The charger itself: cars, errors and forced states are set there.
    """

    def __init__(
        self, *, legacy_filter_only: bool = False, control_port: int | None = None, **options: Unpack[DeviceOptions]
    ) -> None:
        """Make a charger that does not listen yet.

        Args:
            legacy_filter_only: Firmware 051.3, which knows only `filter=["a","b"]`; the same as `family="051"`.
            control_port: Where people and other processes control it; 0 takes a free port, None means not at all.
            options: What `GoeDevice` takes.
        """
        if legacy_filter_only:
            options["family"] = "051"
        self.device = GoeDevice(**options)
        self._face = HttpFace(self._respond, self.device.clock)
        self._control_port = control_port
        self._control: ControlPort | None = None

    @property
    def port(self) -> int:
        """The charger's own port, 0 before the start."""
        return self._face.port

    @property
    def address(self) -> str:
        """`HOST:PORT` of the charger."""
        return f"{self._face.host}:{self._face.port}"

    @property
    def control(self) -> str | None:
        """`HOST:PORT` of the control port, None without one."""
        return self._control.address if self._control is not None else None

    @property
    def car(self) -> GoeDevice:
        """The device, which has the methods of a car."""
        return self.device

    @property
    def requests(self) -> deque[ReceivedRequest]:
        """The last requests, oldest first."""
        return self._face.requests

    @property
    def counts(self) -> Counter[str]:
        """How many requests came for each path since the start."""
        return self._face.counts

    @property
    def fault(self) -> ActiveFault | None:
        """What is wrong at present."""
        return self._face.fault

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
        """Vendor, address, fault, request counts and the charger's full status."""
        return {
            "vendor": "go-e",
            "address": self.address,
            "fault": str(self.fault.fault) if self.fault is not None else None,
            "counts": dict(self.counts),
            "status": self.device.status(),
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
        return respond(self.device, request, active)
