"""What a go-e charger is doing and why, from `car`, `modelStatus`, `frc`, `alw` and `err`.

Sources: apikeys-en.md and the per-firmware lists of go-eCharger-API-v2; the enum of `err` in the original README is a
copy of `car`'s and wrong (issue 74).
"""

from __future__ import annotations

import re

from bridge.charger.document import Document, integer, optional_integer, text
from bridge.charger.status import Status

CAR_ERROR, CAR_IDLE, CAR_CHARGING, CAR_WAIT, CAR_COMPLETE, CAR_ERROR_TOO, CAR_INITIALIZING = 0, 1, 2, 3, 4, 5, 6
FORCE_NEUTRAL, FORCE_OFF, FORCE_ON = 0, 1, 2

_BY_CAR = {
    CAR_ERROR: Status.ERROR,
    CAR_IDLE: Status.DISCONNECTED,
    CAR_CHARGING: Status.CHARGING,
    CAR_ERROR_TOO: Status.ERROR,
    CAR_INITIALIZING: Status.UNAVAILABLE,
}

_WAITING_FOR_ACCESS = 2
_WAITING_FOR_SCHEDULE = 5

_REASONS: dict[int, str | None] = {
    0: None,
    1: "temperature",
    _WAITING_FOR_ACCESS: "authorization",
    3: "user",
    4: "user",
    _WAITING_FOR_SCHEDULE: "schedule",
    6: "energy_limit",
    7: "price",
    8: "next_trip",
    9: "next_trip",
    10: "next_trip",
    11: "next_trip",
    12: "surplus",
    13: None,
    14: "schedule",
    15: None,
    16: "price",
    17: "price",
    18: "next_trip",
    19: "vehicle",
    20: "vehicle",
    22: "vehicle",
    23: "phase_switch",
    24: "minimum_pause",
    26: "fault",
    27: "load_balancing",
    28: "backend",
    29: "minimum_pause",
    30: "adapter",
    31: "grid_limit",
    32: "load_balancing",
    33: "surplus",
    34: "grid_limit",
    35: "backend",
    36: "installation",
    37: "backend",
    38: "grid_limit",
    39: "grid_limit",
    40: "maintenance",
    41: "grid_limit",
}
"""`modelStatus` to `status_reason`; 13 and 15 are the normal state, which needs no reason."""

_HELD_BACK = frozenset({1, 16, 17, 18, 23, 24, 27, 28, 29, 30, 31, 32, 34, 35, 36, 37, 38, 39, 41})
"""The charger itself waits for something other than a person, a card or a time window."""

_ERRORS_SINCE_ALWAYS = {
    1: "residual current (AC)",
    2: "residual current (DC)",
    3: "phase disturbance",
    4: "overvoltage",
    5: "overcurrent",
    6: "diode fault in the car",
    7: "proximity pilot invalid",
    8: "no earth",
    9: "contactor stuck",
    10: "contactor missing",
}
_ERRORS_BEFORE_59 = {
    11: "residual current, kind unknown",
    12: "unknown error",
    13: "overtemperature",
    14: "no communication with the charge controller",
    15: "cable lock stuck open",
    16: "cable lock stuck locked",
}
_ERRORS_SINCE_59 = {
    12: "cable lock stuck open",
    13: "cable lock stuck locked",
    14: "residual current, kind unknown",
    15: "unknown error",
    16: "overtemperature",
    17: "no communication with the charge controller",
    18: "control pilot invalid",
    23: "self-test of the residual current detector failed",
}
FIRST_FIRMWARE_WITH_NEW_ERRORS = (59,)


def read_status(document: Document) -> str | None:
    """Return the normalised status; raises ValueError naming a `car` code that no document lists."""
    if document["car"] is None:
        return Status.ERROR
    car = integer(document["car"])
    if car in _BY_CAR:
        return _BY_CAR[car]
    if car not in {CAR_WAIT, CAR_COMPLETE}:
        msg = f"car {car} is not in the vendor's list"
        raise ValueError(msg)
    return _plugged_but_not_charging(car, document)


def _plugged_but_not_charging(car: int, document: Document) -> Status:
    model_status = optional_integer(document.get("modelStatus"))
    if car == CAR_WAIT and model_status == _WAITING_FOR_ACCESS:
        return Status.AWAITING_AUTHORIZATION
    if model_status == _WAITING_FOR_SCHEDULE:
        return Status.SCHEDULED
    if model_status in _HELD_BACK:
        return Status.QUEUED
    if document.get("frc") == FORCE_OFF:
        return Status.PAUSED
    if document.get("alw") is True:
        return Status.SUSPENDED_EV
    return Status.FINISHED if car == CAR_COMPLETE else Status.CONNECTED


def read_status_raw(document: Document) -> str | None:
    """Return the `car` code as text."""
    return "null" if document["car"] is None else str(document["car"])[:40]


def read_reason(document: Document) -> str | None:
    """Return why the charger charges or does not, while a car is plugged in."""
    if document.get("car") not in {CAR_CHARGING, CAR_WAIT, CAR_COMPLETE}:
        return None
    if document.get("modelStatus") is None:
        return "user" if document.get("frc") == FORCE_OFF else None
    model_status = integer(document["modelStatus"])
    if model_status not in _REASONS:
        msg = f"modelStatus {model_status} is not in the vendor's list"
        raise ValueError(msg)
    return _REASONS[model_status]


def read_error_code(document: Document) -> str | None:
    """Return `err` as text, None while there is no error."""
    code = optional_integer(document["err"])
    return None if not code else str(code)


def read_error_text(document: Document) -> str | None:
    """Return the error in words; from 11 up they depend on the firmware."""
    code = optional_integer(document["err"])
    if not code:
        return None
    newer = firmware_number(document.get("fwv")) >= FIRST_FIRMWARE_WITH_NEW_ERRORS
    texts = _ERRORS_SINCE_ALWAYS | (_ERRORS_SINCE_59 if newer else _ERRORS_BEFORE_59)
    return texts.get(code, f"error {code}")


def firmware_number(version: object) -> tuple[int, ...]:
    """Return the numeric parts of a firmware version: `"055.5"` is (55, 5); () when there is none."""
    return tuple(int(part) for part in re.findall(r"\d{1,9}", text(version))[:4]) if isinstance(version, str) else ()
