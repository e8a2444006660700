"""What goes to and from the broker, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.mqtt.address import Protocol


@dataclass(slots=True)
class Traffic:
    """Counts since the start, for health and metrics."""

    connected: bool = False
    protocol: Protocol | None = None
    tried: bool = False
    received: int = 0
    published: int = 0
    reconnects: int = 0
