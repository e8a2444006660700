"""The closed list of what a charger can be doing, and what follows from each entry (contract section 3)."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What is happening at the charger; `status_reason` says why."""

    DISCONNECTED = "disconnected"
    CONNECTED = "connected"
    AWAITING_AUTHORIZATION = "awaiting_authorization"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    CHARGING = "charging"
    DISCHARGING = "discharging"
    PAUSED = "paused"
    SUSPENDED_EV = "suspended_ev"
    FINISHED = "finished"
    LOCKED = "locked"
    RESERVED = "reserved"
    UNAVAILABLE = "unavailable"
    ERROR = "error"
    OFFLINE = "offline"


IEC_LETTERS = ("A", "B", "C", "D", "E", "F")

_LETTER = {
    Status.DISCONNECTED: "A",
    Status.CONNECTED: "B",
    Status.AWAITING_AUTHORIZATION: "B",
    Status.SCHEDULED: "B",
    Status.QUEUED: "B",
    Status.CHARGING: "C",
    Status.DISCHARGING: "C",
    Status.PAUSED: "B",
    Status.SUSPENDED_EV: "B",
    Status.FINISHED: "B",
    Status.LOCKED: "A",
    Status.RESERVED: "A",
    Status.UNAVAILABLE: "F",
    Status.ERROR: "E",
    Status.OFFLINE: None,
}

FLOWING = frozenset({Status.CHARGING, Status.DISCHARGING})
"""Energy flows: the charger is read at its fast pace."""


def iec_letter(status: str | None) -> str | None:
    """Return the IEC 61851 state letter, None when the status is unknown or the charger is away from its cloud."""
    return None if status is None else _LETTER[Status(status)]


def vehicle_connected(status: str | None) -> bool | None:
    """Tell whether a vehicle is plugged in; None where the status does not say (error, unavailable, offline)."""
    letter = iec_letter(status)
    if letter is None or letter in "EF":
        return None
    return letter != "A"
