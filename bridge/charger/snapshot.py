"""One reading of one charger, complete: what the vendor said and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bridge.charger.binding import Capability
from bridge.charger.contract import Identity
from bridge.charger.session import is_faulty
from bridge.charger.status import FLOWING, iec_letter, vehicle_connected
from bridge.charger.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All properties of a charger at one moment, by key; None is unknown, an absent key is not supported."""

    taken_at: datetime
    values: Mapping[str, Value]
    capabilities: Mapping[str, Capability]
    identity: Identity


def complete(values: dict[str, Value], capabilities: Mapping[str, Capability]) -> None:
    """Add in place what follows from a vendor's values, where the vendor does not say it itself."""
    status = values.get("status")
    known = status if isinstance(status, str) else None
    values.setdefault("iec61851", iec_letter(known))
    values.setdefault("vehicle_connected", vehicle_connected(known))
    values.setdefault("charging", None if known is None else known in FLOWING and known != "discharging")
    values.setdefault("problem", is_faulty(values))
    limit = capabilities.get("current_limit")
    if limit is not None and limit.bounds is not None:
        values.setdefault("current_limit_min", limit.bounds.minimum)
        values.setdefault("current_limit_max", limit.bounds.maximum)
