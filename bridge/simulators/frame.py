"""The frame around every simulator: its ports, what came in, its fault, its start and its stop."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from bridge.simulators.contract import Simulator
from bridge.simulators.control import ControlPort
from bridge.simulators.faults import ActiveFault, active_fault
from bridge.simulators.http_face import HttpFace
from bridge.simulators.wire import Json, JsonValue, ReceivedRequest


class Frame(Simulator):
    """All of a simulator but its vendor: `car` and `state` are left to whoever fills the frame."""

    def __init__(self, face: HttpFace, *others: HttpFace, control_port: int | None) -> None:
        """Prepare without listening.

        Args:
            face: Whose address is the simulator's own; it remembers the requests of all faces.
            others: Further servers of the same simulator.
            control_port: Where people and other processes control it; 0 takes a free port, None means not at all.
        """
        self._face = face
        self._faces = (face, *others)
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
    def control(self) -> str | None:
        """`HOST:PORT` of the control port, None without one."""
        return self._control.address if self._control is not None else None

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
        return next((face.fault for face in self._faces if face.fault is not None), None)

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes a free one. With a given port a second server takes the next one."""
        try:
            for number, face in enumerate(self._faces):
                await face.start(port + number if port else 0, host)
            if self._control_port is not None:
                self._control = ControlPort(self)
                await self._control.start(self._control_port, host)
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close all ports and every connection."""
        for face in self._faces:
            await face.stop()
        if self._control is not None:
            await self._control.stop()
            self._control = None

    async def set_fault(
        self, name: str | None, *, keys: Iterable[str] = (), seconds: float | None = None, prefix: str = ""
    ) -> None:
        """Behave badly in the way that `Fault` calls by this name; None behaves well.

        With a `prefix` only paths suffer that begin with it.

        Raises:
            ValueError: There is no such fault, or it needs keys.
        """
        await self._spoil(None if name is None else active_fault(name, keys, seconds, prefix))

    async def clear_fault(self) -> None:
        """Behave well again."""
        await self._spoil(None)

    async def __aenter__(self) -> Self:
        """Listen on free ports."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    async def _spoil(self, fault: ActiveFault | None) -> None:
        for face in self._faces:
            await face.set_fault(fault)

    def _heading(self, vendor: str, **more: JsonValue) -> Json:
        """What every state begins with: vendor, address, what more there is to know of these, fault and counts."""
        return {
            "vendor": vendor,
            "address": self.address,
            **more,
            "fault": str(self.fault.fault) if self.fault is not None else None,
            "counts": dict(self.counts),
        }
