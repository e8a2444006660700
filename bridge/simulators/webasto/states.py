"""What a charger does, in the words of OCPP 1.6, in which the Next tells it."""

from __future__ import annotations

from enum import StrEnum


class OcppState(StrEnum):
    """All values of `ocpp-state`; of these the document has only `SuspendedEV`, the rest is OCPP's own list."""

    AVAILABLE = "Available"
    PREPARING = "Preparing"
    CHARGING = "Charging"
    SUSPENDED_EVSE = "SuspendedEVSE"
    SUSPENDED_EV = "SuspendedEV"
    FINISHING = "Finishing"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


def state_named(name: str) -> OcppState:
    """Find a state by its name, in any case and also with blanks, hyphens or underscores.

    Raises:
        ValueError: There is none. The message lists the names.
    """
    plain = name.lower().replace("_", "").replace("-", "").replace(" ", "")
    found = next((state for state in OcppState if state.lower() == plain), None)
    if found is None:
        raise ValueError(f"no state {name!r}; there are: {', '.join(OcppState)}")
    return found
