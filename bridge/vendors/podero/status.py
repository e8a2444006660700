"""What a Podero wallbox is doing, from its flags and, where these do not say it, from its mode.

Podero derives the mode from the same flags, and only newer descriptions have it. Sources: docs/vendors/podero.md.
"""

from __future__ import annotations

from bridge.charger.document import Document
from bridge.charger.status import Status
from bridge.vendors.podero.reading import flag, word

ERROR = "error"
HEALTH = ("connection_status", "monitoring_status", "steering_status")
_ABOUT = {
    "connection_status": "the connection to the wallbox",
    "monitoring_status": "the monitoring of the wallbox",
    "steering_status": "the steering of the wallbox",
}
_FLAGS = ("is_authenticated", "is_plugged_in", "is_charging", "is_fully_charged", "is_pause_power_active")

AWAY = frozenset({"offline", "never_connected"})
"""Values of `connection`; the other one is `online`."""

_MODES: dict[str, Status | None] = {
    "READY": Status.DISCONNECTED,
    "PLUGGED_IN": Status.CONNECTED,
    "CHARGING": Status.CHARGING,
    "UNAVAILABLE": Status.OFFLINE,
    "UNKNOWN": None,
}


def read_status(document: Document) -> str | None:
    """Return the status; None where nothing says it, ValueError naming a mode that no document lists."""
    if read_online(document) is False:
        return Status.OFFLINE
    if ERROR in {word(document, "connection_status"), word(document, "lifecycle_state")}:
        return Status.ERROR
    status = _by_flags(document)
    if status is None:
        status = _by_mode(document)
    if status is not Status.CONNECTED:
        return status
    if flag(document, "is_pause_power_active"):
        return Status.PAUSED
    return Status.FINISHED if flag(document, "is_fully_charged") else Status.CONNECTED


def _by_flags(document: Document) -> Status | None:
    if flag(document, "is_charging"):
        return Status.CHARGING
    plugged = flag(document, "is_plugged_in")
    if plugged is None:
        return None
    return Status.CONNECTED if plugged else Status.DISCONNECTED


def _by_mode(document: Document) -> Status | None:
    mode = document.get("mode")
    if mode is None:
        return None
    if not isinstance(mode, str) or mode.upper() not in _MODES:
        raise ValueError(f"mode {str(mode)[:40]!r} is not in the vendor's list")
    return _MODES[mode.upper()]


def read_reason(document: Document) -> str | None:
    """Return why, as far as it is said: a lapsed sign-in at the wallbox's maker, or a fault."""
    if flag(document, "is_authenticated") is False:
        return "authorization"
    try:
        return "fault" if read_status(document) == Status.ERROR else None
    except ValueError:
        return None


def read_status_raw(document: Document) -> str:
    """Return the mode, also one that no document lists; where there is none, the flags that are set."""
    mode = document.get("mode")
    if mode is not None:
        return str(mode)[:40]
    said = [name for name in _FLAGS if flag(document, name)]
    return " ".join(said) if said else "no flag is set"


def says_online(document: Document) -> bool:
    """Tell whether a document says anything of the connection."""
    return any(name in document for name in ("is_authenticated", "connection"))


def read_online(document: Document) -> bool | None:
    """Tell whether Podero has a connection to the wallbox, None where it does not know."""
    connection = word(document, "connection")
    authenticated = flag(document, "is_authenticated")
    if authenticated is False or connection in AWAY or document.get("deleted_at") is not None:
        return False
    return True if connection == "online" or authenticated else None


def read_error_code(document: Document) -> str | None:
    """Return which parts Podero calls faulty."""
    if document.get("deleted_at") is not None:
        return "deleted"
    found = [name for name in (*HEALTH, "lifecycle_state") if word(document, name) == ERROR]
    return " ".join(found) or None


def read_error_text(document: Document) -> str | None:
    """Return the same in words."""
    if document.get("deleted_at") is not None:
        return "the wallbox was deleted at Podero"
    found = [about for name, about in _ABOUT.items() if word(document, name) == ERROR]
    if word(document, "lifecycle_state") == ERROR:
        found.append("the wallbox's registration")
    return f"Podero reports an error in {', '.join(found)}" if found else None
