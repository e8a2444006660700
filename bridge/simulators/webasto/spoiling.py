"""The faults that concern what an answer says."""

from __future__ import annotations

from bridge.simulators.faults import ActiveFault, Fault
from bridge.simulators.wire import JsonValue

STATES = ("ocpp-state", "status-wallbox", "type-2-state")
UNKNOWN_CODE = "Bewildered"


def spoiled(document: JsonValue, active: ActiveFault | None) -> JsonValue:
    """An answer with the named keys left out, null or unheard-of.

    A key is that of a field or an entry (`fieldKey`, `key`), or simply one of a JSON object.
    """
    if active is None or active.fault not in {Fault.MISSING_KEY, Fault.NULL_KEY, Fault.UNKNOWN_CODE}:
        return document
    names = active.keys or STATES
    if isinstance(document, list):
        kept = (each for each in document if active.fault != Fault.MISSING_KEY or _key(each) not in names)
        return [spoiled(each, active) for each in kept]
    if not isinstance(document, dict):
        return document
    found = {
        name: _bad(active.fault) if name in names else spoiled(value, active)
        for name, value in document.items()
        if not (name in names and active.fault == Fault.MISSING_KEY)
    }
    return {**found, "value": _bad(active.fault)} if _key(document) in names and "value" in found else found


def _bad(fault: Fault) -> JsonValue:
    return None if fault == Fault.NULL_KEY else UNKNOWN_CODE


def _key(document: JsonValue) -> JsonValue:
    return document.get("fieldKey", document.get("key")) if isinstance(document, dict) else None
