"""A pretend Wallbox cloud: people, locations, chargers and cars.

It has no endpoint and no field that no client and no recording is known to have. Where only a name is known and not
what goes with it, that is left out or said to be a guess where it stands.
"""

from __future__ import annotations

from bridge.simulators.wallbox.account import Account, Counters
from bridge.simulators.wallbox.actions import Action
from bridge.simulators.wallbox.charger import Charger
from bridge.simulators.wallbox.cloud import Manners
from bridge.simulators.wallbox.limits import ANNOUNCED, EFFECTIVE, NO_LIMITS, Limits
from bridge.simulators.wallbox.simulator import WallboxSimulator
from bridge.simulators.wallbox.specs import DEFAULT_EMAIL, AccountSpec, ChargerSpec, GroupSpec
from bridge.simulators.wallbox.statuses import StatusId

__all__ = [
    "ANNOUNCED",
    "DEFAULT_EMAIL",
    "EFFECTIVE",
    "NO_LIMITS",
    "Account",
    "AccountSpec",
    "Action",
    "Charger",
    "ChargerSpec",
    "Counters",
    "GroupSpec",
    "Limits",
    "Manners",
    "StatusId",
    "WallboxSimulator",
]
