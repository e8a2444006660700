"""A pretend Webasto Next or Ampure Unite, with its web interface's own API.

It has no endpoint and no field that no document and no client is known to have. What is a guess is said to be one where
it stands, and can be set in `Manners` where clients should be tried with more than one answer.
"""

from __future__ import annotations

from bridge.simulators.webasto.device import Model, Upload, WebastoDevice
from bridge.simulators.webasto.fields import Field
from bridge.simulators.webasto.login import Counters
from bridge.simulators.webasto.manners import Manners, TripleForm
from bridge.simulators.webasto.simulator import WebastoSimulator
from bridge.simulators.webasto.states import OcppState

__all__ = [
    "Counters",
    "Field",
    "Manners",
    "Model",
    "OcppState",
    "TripleForm",
    "Upload",
    "WebastoDevice",
    "WebastoSimulator",
]
