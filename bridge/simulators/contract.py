"""What every simulator offers, whatever its vendor, and what every pretend car can do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from bridge.simulators.wire import Json, ReceivedRequest


class Car(Protocol):
    """What happens between a car and its charger. Nothing here waits: the charger reacts in its own time."""

    def plug(self, *, capacity_kwh: float = ..., max_current: float = ..., phases: int = ...) -> None:
        """Connect a car that takes `capacity_kwh` until it is full; a car that is there already leaves first."""

    def unplug(self) -> None:
        """Disconnect the car; nothing happens without one."""

    def fill(self) -> None:
        """Make the car full at once, so that it ends charging by itself; nothing happens without one."""


class Simulator(Protocol):
    """A pretend charger (or pretend cloud) on a real socket."""

    @property
    def port(self) -> int:
        """The TCP port it listens on, or will listen on again when it is `unreachable` just now."""

    @property
    def address(self) -> str:
        """`HOST:PORT` of the charger itself."""

    @property
    def control(self) -> str | None:
        """`HOST:PORT` of the control port, None without one."""

    @property
    def car(self) -> Car:
        """The car in front of the charger."""

    @property
    def requests(self) -> Sequence[ReceivedRequest]:
        """The last requests it received, oldest first."""

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen; port 0 takes any free one."""

    async def stop(self) -> None:
        """Close everything; harmless when it has not been started."""

    async def set_fault(
        self, name: str | None, *, keys: Iterable[str] = (), seconds: float | None = None, prefix: str = ""
    ) -> None:
        """Behave badly from now on, in one of the ways that `bridge.simulators.faults.Fault` lists.

        Args:
            name: A fault's name; None clears it.
            keys: What the faults that speak of named keys apply to.
            seconds: For the faults that take time.
            prefix: How the paths of the requests begin that suffer from it.
        """

    async def clear_fault(self) -> None:
        """Behave well again."""

    def state(self) -> Json:
        """All that a person or a test may want to know about it."""
