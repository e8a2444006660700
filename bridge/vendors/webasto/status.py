"""What a Next is doing, from its `ocpp-state` and its active errors. Pure.

Of the names only SuspendedEV is recorded; the others are OCPP 1.6's own list. The numbers are those of the charger's
Modbus registers and count only where a number stands in place of a name. Sources: docs/vendors/webasto.md.
"""

from __future__ import annotations

import re

from bridge.charger.document import Document
from bridge.charger.status import Status
from bridge.charger.values import Json
from bridge.vendors.webasto.fields import entry_of

RESTARTING = "restarting"
"""What a document says under `away` while the charger is expected not to answer."""

_BY_NAME = {
    "available": Status.DISCONNECTED,
    "preparing": Status.CONNECTED,
    "charging": Status.CHARGING,
    "suspendedevse": Status.QUEUED,
    "suspendedev": Status.SUSPENDED_EV,
    "finishing": Status.FINISHED,
    "reserved": Status.RESERVED,
    "unavailable": Status.UNAVAILABLE,
    "faulted": Status.ERROR,
}
_BY_NUMBER = {
    "0": Status.DISCONNECTED,
    "1": Status.CONNECTED,
    "3": Status.CHARGING,
    "7": Status.ERROR,
    "8": Status.RESERVED,
}
"""4 is suspended, by whom it does not say."""
_REASONS = {Status.SUSPENDED_EV: "vehicle", Status.ERROR: "fault"}
_ENABLED = {
    Status.CONNECTED: False,
    Status.CHARGING: True,
    Status.QUEUED: True,
    Status.SUSPENDED_EV: True,
    Status.FINISHED: False,
}
"""Whether a session runs; without a car nobody can tell."""

_FAULTS = {
    "PB02": "power switch failure",
    "PB07": "internal error (auxiliary voltage)",
    "PB09": "communication with the car failed",
    "PB17": "overvoltage",
    "PB18": "undervoltage",
    "PB23": "overcurrent",
    "PB24": "frequency of the mains",
    "PB27": "ground failure",
    "PB28": "internal error (self-test of the residual current monitor)",
    "PB29": "high temperature",
    "PB52": "proximity pilot",
    "PB53": "shutter",
    "PB57": "phase check",
    "PB59": "internal error of the power board",
}
_NO_ERROR = frozenset({"", "no error", "none"})


def raw_state(document: Document) -> Json:
    """Return the charger's own word. That of the section `system` is minutes old, which is worse than none."""
    return entry_of(document, "ocpp-state")


def read_status(document: Document) -> str | None:
    """Return the normalised status; raises ValueError for a word that no document lists."""
    if document.get("away") == RESTARTING:
        return Status.UNAVAILABLE
    told = raw_state(document)
    if told is None or told == "":
        return None
    word = re.sub(r"[\s_-]", "", str(told)).lower()
    found = _BY_NAME.get(word) or _BY_NUMBER.get(word)
    if found is None:
        raise ValueError(f"state {str(told)[:40]!r} is not in the vendor's list")
    return found


def read_status_raw(document: Document) -> str | None:
    """Return the charger's own word as it is."""
    told = raw_state(document)
    return None if told is None or isinstance(told, dict | list) else str(told)[:40]


def read_reason(document: Document) -> str | None:
    """Return why the charger is in its status, as far as that follows from it."""
    if document.get("away") == RESTARTING:
        return RESTARTING
    found = read_status(document)
    return None if found is None else _REASONS.get(Status(found))


def read_enabled(document: Document) -> bool | None:
    """Tell whether a session runs, which is what start and stop are about."""
    found = read_status(document)
    return None if found is None else _ENABLED.get(Status(found))


def _errors(document: Document) -> list[tuple[str, str]]:
    """Return code and words of every active error."""
    found: list[tuple[str, str]] = []
    told = document.get("errors")
    for error in told if isinstance(told, list) else ():
        if isinstance(error, dict):
            code, words = error.get("errorCode"), error.get("errorDescription")
            code = str(code) if isinstance(code, str | int) else ""
            words = words if isinstance(words, str) else ""
        elif isinstance(error, str) and error.strip().lower() not in _NO_ERROR:
            code, words = error.strip(), ""
        else:
            continue
        found.append((code or words, words or _FAULTS.get(code.upper()) or code))
    return found


def read_error_code(document: Document) -> str | None:
    """Return the code of the first active error, None while there is none."""
    return next((code[:100] for code, _ in _errors(document)), None)


def read_error_text(document: Document) -> str | None:
    """Return all active errors in words, None while there is none."""
    return "; ".join(words for _, words in _errors(document))[:500] or None
