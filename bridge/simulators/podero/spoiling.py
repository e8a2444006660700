"""The faults that concern what a description says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bridge.simulators.faults import ActiveFault, Fault
from bridge.simulators.wire import Json, JsonValue

UNKNOWN_CODES: Mapping[str, JsonValue] = MappingProxyType(
    {
        "mode": "LEVITATING",
        "connection": "sideways",
        "connection_status": "splendid",
        "is_plugged_in": "perhaps",
        "is_charging": "perhaps",
        "boost_state": "thinking",
    }
)
UNKNOWN_CODE = "unheard_of"


def spoiled(document: Json, active: ActiveFault) -> Json:
    """A description with the named keys left out, null or unheard-of, wherever they stand in it."""
    names = active.keys or tuple(UNKNOWN_CODES)
    if active.fault == Fault.MISSING_KEY:
        return {name: _inner(value, active) for name, value in document.items() if name not in names}
    if active.fault == Fault.NULL_KEY:
        return {name: None if name in names else _inner(value, active) for name, value in document.items()}
    if active.fault == Fault.UNKNOWN_CODE:
        return {
            name: UNKNOWN_CODES.get(name, UNKNOWN_CODE) if name in names else _inner(value, active)
            for name, value in document.items()
        }
    return document


def _inner(value: JsonValue, active: ActiveFault) -> JsonValue:
    return spoiled(value, active) if isinstance(value, dict) else value
