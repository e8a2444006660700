"""A pretend Podero partner service with one wallbox.

It has no endpoint and no field that no document of Podero names. Where a document says nothing (the bodies of errors,
how long things take) that is said where it stands.
"""

from __future__ import annotations

from bridge.simulators.podero.service import Counters, Ids, Service
from bridge.simulators.podero.simulator import PoderoSimulator
from bridge.simulators.podero.wallbox import BoostState, Wallbox

__all__ = ["BoostState", "Counters", "Ids", "PoderoSimulator", "Service", "Wallbox"]
