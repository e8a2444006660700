"""What a Wallbox charger is doing and why, from its status number.

The cloud sends the number alone since March 2022; the words are those of the vendor's own portal as Home Assistant
keeps them, 4 and 5 are known from Homebridge only. Sources and the charger's own names: docs/vendors/wallbox.md.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bridge.charger.document import Document, integer
from bridge.charger.status import FLOWING, Status
from bridge.vendors.wallbox import sources


@dataclass(frozen=True, slots=True)
class State:
    """What one status number means.

    `enabled` is whether a car may charge now, as far as the charger decides: neither paused, nor locked, nor held back
    by its own programme (schedule, eco-smart). None where the number does not say.
    """

    status: Status
    words: str
    reason: str | None = None
    enabled: bool | None = True


_OFFLINE = State(Status.OFFLINE, "disconnected", enabled=None)
_DISCONNECTED = State(Status.DISCONNECTED, "ready")
_SCHEDULED = State(Status.SCHEDULED, "scheduled", "schedule", enabled=False)
_WAITING_FOR_CAR = State(Status.SUSPENDED_EV, "waiting for car demand", "vehicle")
_POWER_SHARING = State(Status.QUEUED, "waiting in queue by power sharing", "load_balancing")
_POWER_BOOST = State(Status.QUEUED, "waiting in queue by power boost", "grid_limit")
_CHARGING = State(Status.CHARGING, "charging")
_LOCKED = State(Status.LOCKED, "locked", enabled=False)

STATES: dict[int, State] = {
    0: _OFFLINE,
    4: State(Status.FINISHED, "completed"),
    5: State(Status.OFFLINE, "offline", enabled=None),
    14: State(Status.ERROR, "error", "fault", enabled=None),
    15: State(Status.ERROR, "error (the charger cannot work)", "fault", enabled=None),
    161: _DISCONNECTED,
    162: _DISCONNECTED,
    163: _OFFLINE,
    164: State(Status.CONNECTED, "waiting"),
    165: _LOCKED,
    166: State(Status.UNAVAILABLE, "updating", "maintenance", enabled=None),
    177: _SCHEDULED,
    178: State(Status.PAUSED, "paused", enabled=False),
    179: _SCHEDULED,
    180: _WAITING_FOR_CAR,
    181: _WAITING_FOR_CAR,
    182: State(Status.PAUSED, "paused", "user", enabled=False),
    183: _POWER_SHARING,
    184: _POWER_SHARING,
    185: _POWER_BOOST,
    186: _POWER_BOOST,
    187: State(Status.ERROR, "the MID meter failed", "meter", enabled=None),
    188: State(Status.ERROR, "the safety margin of the MID meter is exceeded", "meter", enabled=None),
    189: State(Status.QUEUED, "waiting in queue by eco-smart", "surplus", enabled=False),
    193: _CHARGING,
    194: _CHARGING,
    195: _CHARGING,
    196: State(Status.DISCHARGING, "discharging"),
    209: _LOCKED,
    210: State(Status.AWAITING_AUTHORIZATION, "locked, car connected", "authorization", enabled=False),
}
"""All 28 numbers of the API document, and two more."""

_NO_REMOTE_ACTION = {
    Status.OFFLINE: "the charger is not connected to its cloud, so that no command reaches it",
    Status.UNAVAILABLE: "the charger is updating its firmware; wait until that is done",
    Status.ERROR: "the charger reports an error; see error_text",
    Status.LOCKED: "the charger is locked; unlock it first (locked: false)",
    Status.AWAITING_AUTHORIZATION: "the charger is locked; unlock it first (locked: false)",
    Status.DISCONNECTED: "no car is connected, so that there is nothing to pause or resume",
}


def status_id(document: Document) -> int | None:
    """Return the newest status number; None while the cloud itself says null."""
    found = sources.STATUS.newest(document)
    return None if found is None else integer(found)


def state(document: Document) -> State | None:
    """Return what the newest status number means; raises ValueError naming one that no document lists."""
    return _state(status_id(document))


def _state(number: int | None) -> State | None:
    if number is None:
        return None
    if number not in STATES:
        raise ValueError(f"status {number} is not in the vendor's list")
    return STATES[number]


def read_status(document: Document) -> str | None:
    """Return the normalised status."""
    found = state(document)
    return None if found is None else found.status


def read_reason(document: Document) -> str | None:
    """Return why the charger is in its status, where the number says so."""
    found = state(document)
    return None if found is None else found.reason


def read_status_raw(document: Document) -> str | None:
    """Return the status number as text, also one that no document lists."""
    found = sources.STATUS.newest(document)
    return "null" if found is None else str(found)[:40]


def read_online(document: Document) -> bool | None:
    """Tell whether the charger reaches its cloud."""
    found = state(document)
    return None if found is None else found.status is not Status.OFFLINE


def read_charging_enabled(document: Document) -> bool | None:
    """Tell whether a car may charge now, as far as the charger decides."""
    found = state(document)
    return None if found is None else found.enabled


def read_error_code(document: Document) -> str | None:
    """Return the status number while it tells of an error."""
    found = state(document)
    return str(status_id(document)) if found is not None and found.status is Status.ERROR else None


def read_error_text(document: Document) -> str | None:
    """Return the error in words."""
    found = state(document)
    return found.words if found is not None and found.status is Status.ERROR else None


def is_flowing(number: object) -> bool:
    """Tell whether a status number says that energy flows."""
    return isinstance(number, int) and number in STATES and STATES[number].status in FLOWING


def is_discharging(document: Document) -> bool:
    """Tell whether the car gives energy back; False where the status is not known."""
    number = status_id(document)
    return number in STATES and STATES[number].status is Status.DISCHARGING


def forbids(document: Document, statuses: Collection[Status] = frozenset(_NO_REMOTE_ACTION)) -> str | None:
    """Return why the cloud would answer 403 or 409 to a remote action now; None if nothing is known against it.

    Clients that were used against the real cloud found pause and resume refused in all these (docs/vendors/wallbox.md).
    """
    number = status_id(document)
    found = None if number is None else STATES.get(number)
    return _NO_REMOTE_ACTION[found.status] if found is not None and found.status in statuses else None
