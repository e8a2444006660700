"""Stateful pretend chargers on real sockets, for tests, for the demo and for people.

`SIMULATORS` has one per vendor. What each of them offers is in `bridge.simulators.contract`, and the faults they know
are in `bridge.simulators.faults`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from bridge.simulators.contract import Car, Simulator
from bridge.simulators.faults import Fault

__all__ = ["SIMULATORS", "Car", "Fault", "Simulator"]


def _goe(**options: Any) -> Simulator:  # noqa: ANN401  each vendor has options of its own
    from bridge.simulators.goe import GoeSimulator  # noqa: PLC0415  the HTTP server is imported by those who use it

    return GoeSimulator(**options)


def _wallbox(**options: Any) -> Simulator:  # noqa: ANN401
    from bridge.simulators.wallbox import WallboxSimulator  # noqa: PLC0415

    return WallboxSimulator(**options)


def _podero(**options: Any) -> Simulator:  # noqa: ANN401
    from bridge.simulators.podero import PoderoSimulator  # noqa: PLC0415

    return PoderoSimulator(**options)


def _webasto(**options: Any) -> Simulator:  # noqa: ANN401
    from bridge.simulators.webasto import WebastoSimulator  # noqa: PLC0415

    return WebastoSimulator(**options)


SIMULATORS: Mapping[str, Callable[..., Simulator]] = MappingProxyType(
    {"go-e": _goe, "wallbox": _wallbox, "podero": _podero, "webasto": _webasto}
)
"""Makes a simulator by the vendor's name in the configuration; it listens after `start`.

All take `speed` (how much faster cars charge) and `control_port` (None: no control port, 0: any free one).
"""
