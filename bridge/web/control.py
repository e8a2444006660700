"""Who may command chargers from the page, and whom the commands are given to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bridge.engine.intake import Received


class Receiver(Protocol):
    """What is needed of a poller."""

    def receive(self, received: Received) -> None:
        """Take a command; the first of its results comes before this returns."""


@dataclass(frozen=True, slots=True)
class Control:
    """The secret that people sign in with, and the chargers' receivers by id, as they are now."""

    token: str = field(repr=False)
    receivers: Mapping[str, Receiver]
