"""A pretend go-e charger with its HTTP API v2 on a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict, Unpack

from bridge.simulators.faults import ActiveFault
from bridge.simulators.frame import Frame
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


class GoeSimulator(Frame):
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
        super().__init__(HttpFace(self._respond, self.device.clock), control_port=control_port)

    @property
    def car(self) -> GoeDevice:
        """The device, which has the methods of a car."""
        return self.device

    def state(self) -> Json:
        """Vendor, address, fault, request counts and the charger's full status."""
        return {**self._heading("go-e"), "status": self.device.status()}

    def _respond(self, request: ReceivedRequest, active: ActiveFault | None) -> Answer | None:
        return respond(self.device, request, active)
