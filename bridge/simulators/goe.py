"""A pretend go-e charger: its HTTP API v2 on a real socket, its MQTT client, and the vendor's cloud in front of it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import TypedDict, Unpack

from bridge.simulators.faults import ActiveFault
from bridge.simulators.frame import Frame
from bridge.simulators.goe_api import respond
from bridge.simulators.goe_cloud import GoeCloud
from bridge.simulators.goe_device import GoeDevice
from bridge.simulators.goe_family import FamilyName
from bridge.simulators.goe_mqtt import GoeBroker, GoeMqtt
from bridge.simulators.http_face import MOST_REQUESTS, HttpFace
from bridge.simulators.secret import SECRET
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

    With a given port the cloud, if it is wanted, takes the next one.

    Attributes:
        device: The charger itself: cars, errors and forced states are set there.
        cloud: What the vendor's cloud knows of it, whether it listens or not.
    """

    def __init__(
        self,
        *,
        legacy_filter_only: bool = False,
        control_port: int | None = None,
        broker: GoeBroker | str | None = None,
        cloud: bool = False,
        cloud_token: str = f"{SECRET}-cak",
        **options: Unpack[DeviceOptions],
    ) -> None:
        """Make a charger that does not listen yet.

        Args:
            legacy_filter_only: Firmware 051.3, which knows only `filter=["a","b"]`; the same as `family="051"`.
            control_port: Where people and other processes control it; 0 takes a free port, None means not at all.
            broker: Whose client it is; `HOST:PORT` for one that may write. None for no MQTT.
            cloud: Whether it can also be reached by way of the cloud, at `cloud_address`.
            cloud_token: Who shows it is let in there.
            options: What `GoeDevice` takes.

        Raises:
            ValueError: The broker's address is none.
        """
        if legacy_filter_only:
            options["family"] = "051"
        self.device = device = GoeDevice(**options)
        device.settings["cae"] = cloud
        device.settings["cak"] = cloud_token
        self.cloud = GoeCloud(device)
        remembered: deque[ReceivedRequest] = deque(maxlen=MOST_REQUESTS)
        faces = [HttpFace(self._respond, device.clock, requests=remembered)]
        if cloud:
            faces.append(HttpFace(self.cloud.respond, device.clock, keep_alive=True, requests=remembered))
        super().__init__(*faces, control_port=control_port)
        if isinstance(broker, str):
            broker = GoeBroker.at(broker, writable=True)
        self._broker = broker
        self._mqtt = GoeMqtt(device, broker, lambda: self.fault) if broker is not None else None

    @property
    def car(self) -> GoeDevice:
        """The device, which has the methods of a car."""
        return self.device

    @property
    def mqtt(self) -> GoeMqtt:
        """Its MQTT client.

        Raises:
            LookupError: It has no broker.
        """
        if self._mqtt is None:
            raise LookupError("this charger has no broker")
        return self._mqtt

    @property
    def cloud_address(self) -> str:
        """`HOST:PORT` of the cloud, empty when it does not listen."""
        return "".join(f"{face.host}:{face.port}" for face in self._faces[1:])

    @property
    def counts(self) -> Counter[str]:
        """How many requests came for each path since the start, to the charger and to the cloud."""
        return sum((face.counts for face in self._faces), Counter[str]())

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen, and begin to connect to the broker; port 0 takes a free one."""
        await super().start(port, host)
        if self._mqtt is not None:
            self._mqtt.start()

    async def stop(self) -> None:
        """Leave the broker, close all ports and every connection."""
        if self._mqtt is not None:
            await self._mqtt.stop()
        await super().stop()

    def state(self) -> Json:
        """Vendor, address, broker, cloud, fault, request counts and the charger's full status."""
        more: Json = {}
        if self._broker is not None:
            more["broker"] = f"{self._broker.host}:{self._broker.port}"
        if self.cloud_address:
            more |= {"cloud": self.cloud_address, "cloud_token": self.cloud.token}
        return {**self._heading("go-e", **more), "status": self.device.status()}

    def _respond(self, request: ReceivedRequest, active: ActiveFault | None) -> Answer | None:
        return respond(self.device, request, active)
