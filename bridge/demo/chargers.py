"""How the configuration names each pretend charger: one row per vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bridge.charger.values import Json
from bridge.simulators import Simulator

CHARGERS: Mapping[str, tuple[str, Callable[[Simulator], dict[str, Json]]]] = {
    "go-e": ("garage", lambda simulator: {"host": simulator.address, "name": "Garage"}),
}
"""By vendor: the charger's id, and its settings beside `vendor`."""
