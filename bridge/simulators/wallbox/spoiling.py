"""The faults that concern what an answer of the cloud says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bridge.simulators.faults import ActiveFault, Fault
from bridge.simulators.wire import Json, JsonValue

UNKNOWN_CODES: Mapping[str, JsonValue] = MappingProxyType({"status_id": 200, "status": 200})
UNKNOWN_CODE = 99


def spoiled(document: Json, active: ActiveFault) -> Json:
    """An answer with the named keys left out, null or unheard-of, wherever they stand in it."""
    if active.fault not in {Fault.MISSING_KEY, Fault.NULL_KEY, Fault.UNKNOWN_CODE}:
        return document
    names = active.keys or tuple(UNKNOWN_CODES)
    return {
        name: _value(name, value, names, active)
        for name, value in document.items()
        if not (active.fault == Fault.MISSING_KEY and name in names)
    }


def _value(name: str, value: JsonValue, names: tuple[str, ...], active: ActiveFault) -> JsonValue:
    if name in names and active.fault == Fault.NULL_KEY:
        return None
    if name in names and not isinstance(value, dict):
        return UNKNOWN_CODES.get(name, UNKNOWN_CODE)
    if isinstance(value, dict):
        return spoiled(value, active)
    if isinstance(value, list):
        return [spoiled(each, active) if isinstance(each, dict) else each for each in value]
    return value
