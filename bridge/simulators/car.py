"""The pretend car: how much it still takes, and what current it draws of what it is offered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

LEAST_OFFER_A = 6.0  # the pilot signal of IEC 61851 cannot offer less
TAPER_FROM = 0.1  # of what it took in all; with less room than that the car slows down
LAST_CURRENT_A = 2.0  # and it does not slow down further than this


@dataclass(slots=True, kw_only=True)
class PluggedCar:
    """A car on the cable.

    Attributes:
        capacity_wh: What it took when it was plugged in.
        room_wh: What it still takes.
        max_current: What its own charger can draw, in A per phase.
        phases: How many phases it uses.
        cable_current: What the cable is coded for, in A.
        pausing: Whether the car itself does not want to charge now.
    """

    capacity_wh: float
    room_wh: float
    max_current: float
    phases: int
    cable_current: int
    pausing: bool = False

    @property
    def wants_energy(self) -> bool:
        """Whether it would charge if it might."""
        return self.room_wh > 0 and not self.pausing

    def current(self, offered: float | None) -> float:
        """The current in A per phase that it aims for when `offered` A are allowed (None: nothing is)."""
        if offered is None or offered < LEAST_OFFER_A or not self.wants_energy:
            return 0.0
        tapered = self.max_current * self.room_wh / max(1.0, TAPER_FROM * self.capacity_wh)
        return min(offered, self.max_current, max(LAST_CURRENT_A, tapered))


class Plugged(Protocol):
    """Where a car is plugged in."""

    car: PluggedCar | None


class CarInFront(ABC):
    """What the car in front of a device does by itself; the device catches up with its clock and takes notice."""

    charging: Plugged

    def fill(self) -> None:
        """Make the car full; no energy flows for that."""
        self.advance()
        if self.charging.car is not None:
            self.charging.car.room_wh = 0.0
            self._notice()

    def car_pauses(self, *, pausing: bool) -> None:
        """Let the car itself stop and go on, as one with a timer of its own does."""
        self.advance()
        if self.charging.car is not None:
            self.charging.car.pausing = pausing
            self._notice()

    @abstractmethod
    def advance(self) -> None:
        """Catch up with the clock."""

    @abstractmethod
    def _notice(self) -> None:
        """Let something that happened this moment show at once."""
