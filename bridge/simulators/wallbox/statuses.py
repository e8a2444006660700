"""The numbers that the cloud gives for what a charger does."""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class StatusId(IntEnum):
    """All known numbers; each member's `text` is what the vendor's own pages call it."""

    text: str

    def __new__(cls, number: int, text: str) -> Self:
        """Make a member that is its own number and carries its text."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.text = text
        return member

    DISCONNECTED = 0, "Disconnected"
    COMPLETED = 4, "Completed"  # this and the next are known from one client only
    OFFLINE = 5, "Offline"
    ERROR = 14, "Error"
    ERROR_UNVIABLE = 15, "Error"
    READY = 161, "Ready"
    READY_UNCONFIGURED = 162, "Ready"
    DISCONNECTED_FROM_OCPP = 163, "Disconnected"
    WAITING = 164, "Waiting"
    RESERVED = 165, "Locked"
    UPDATING = 166, "Updating"
    SCHEDULED = 177, "Scheduled"
    PAUSED = 178, "Paused"
    SCHEDULED_AGAIN = 179, "Scheduled"
    WAITING_FOR_CAR = 180, "Waiting for car demand"
    WAITING_FOR_CAR_AGAIN = 181, "Waiting for car demand"
    PAUSED_BY_USER = 182, "Paused"
    QUEUE_POWER_SHARING = 183, "Waiting in queue by Power Sharing"
    QUEUE_POWER_SHARING_AGAIN = 184, "Waiting in queue by Power Sharing"
    QUEUE_POWER_BOOST = 185, "Waiting in queue by Power Boost"
    QUEUE_POWER_BOOST_AGAIN = 186, "Waiting in queue by Power Boost"
    MID_FAILED = 187, "Waiting MID failed"
    MID_MARGIN = 188, "Waiting MID safety margin exceeded"
    QUEUE_ECO_SMART = 189, "Waiting in queue by Eco-Smart"
    CHARGING_START = 193, "Charging"
    CHARGING = 194, "Charging"
    CHARGING_END = 195, "Charging"
    DISCHARGING = 196, "Discharging"
    LOCKED = 209, "Locked"
    LOCKED_CAR = 210, "Locked - Car connected"


TEXTS = {int(status): status.text for status in StatusId}
CHARGING = frozenset({StatusId.CHARGING_START, StatusId.CHARGING, StatusId.CHARGING_END})
FLOWING = CHARGING | {StatusId.DISCHARGING}
PAUSED = frozenset({StatusId.PAUSED, StatusId.PAUSED_BY_USER})
RESUMABLE = PAUSED | {StatusId.SCHEDULED, StatusId.SCHEDULED_AGAIN, StatusId.QUEUE_ECO_SMART}


def status_number(status: int | str | None) -> int | None:
    """The number of a status given by its name, in any case and also with blanks or hyphens, or by its number.

    Raises:
        ValueError: There is no such name. The message lists the names.
    """
    if not isinstance(status, str):
        return status
    name = status.strip().upper().replace(" ", "_").replace("-", "_")
    if name not in StatusId.__members__:
        raise ValueError(f"no status {status!r}; there are: {', '.join(StatusId.__members__).lower()}")
    return StatusId[name].value
