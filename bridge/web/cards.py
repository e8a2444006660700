"""What the pages say of a charger, an account and the bridge, each as texts by field. Pure.

The same texts go into the page when it is made and to whoever watches it, so that both always agree.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from bridge.charger.binding import Capability
from bridge.charger.contract import AccountHealth
from bridge.charger.properties import CURRENT_LIMIT, POWER, SESSION_ENERGY, STATUS, TOTAL_ENERGY
from bridge.charger.status import FLOWING, Status
from bridge.charger.values import Value, plain_number
from bridge.engine.view import ChargerView
from bridge.errors import Code
from bridge.web import words

Fields: TypeAlias = dict[str, str]

NOT_REPORTED = "not reported"
_BUSY = frozenset({Status.QUEUED, Status.SCHEDULED, Status.AWAITING_AUTHORIZATION, Status.PAUSED, Status.SUSPENDED_EV})

_LOGIN = {
    "valid": "signed in",
    "expired": "the token has ended; the next call renews it",
    "none": "not signed in yet",
    "refused": "refused: the credentials are wrong",
}


def name(view: ChargerView) -> str:
    """Return what people call the charger."""
    return view.name or (view.identity.name if view.identity is not None else None) or view.id


def model(view: ChargerView) -> str:
    """Return who makes it and what it is."""
    if view.identity is None:
        return view.vendor
    told = view.identity.model or ""
    return told if told.startswith(view.identity.manufacturer) else f"{view.identity.manufacturer} {told}".strip()


def needs_attention(view: ChargerView) -> bool:
    """Tell whether somebody should look at it."""
    return tone(view) in {"problem", "away"} or view.values.get("stale") is True


def tone(view: ChargerView) -> str:
    """Return how the charger's condition feels: `waiting away problem active busy ready idle`."""
    health, now = view.health, view.values.get(STATUS.key)
    if not view.available:
        never = health.last_success is None and health.last_error is None
        return "waiting" if never else "away"
    if view.values.get("problem") is True or now in {Status.ERROR, Status.UNAVAILABLE, Status.OFFLINE}:
        return "problem"
    if now in FLOWING:
        return "active"
    if now in _BUSY:
        return "busy"
    return "ready" if view.values.get("vehicle_connected") is True else "idle"


def card(view: ChargerView, now: datetime) -> Fields:
    """Return what the overview says of a charger."""
    health, values = view.health, view.values
    return {
        "name": name(view),
        "model": model(view),
        "tone": tone(view),
        "status": _headline(view),
        "reason": _reason(view),
        "availability": "online" if view.available else "offline",
        "power": _shown(view, POWER.key, words.power),
        "session": _shown(view, SESSION_ENERGY.key, words.energy),
        "total": _shown(view, TOTAL_ENERGY.key, words.energy),
        "limit": _shown(view, CURRENT_LIMIT.key, words.current),
        "bounds": _bounds(view.capabilities.get(CURRENT_LIMIT.key)),
        "updated": words.iso(health.last_success),
        "age": words.ago(health.last_success, now),
        "stale": "stale" if values.get("stale") is True or (not view.available and health.last_success) else "",
        "error": trouble(view),
        "past": _past_error(view, now),
    }


def trouble(view: ChargerView) -> str:
    """Return what is wrong now, in a sentence; empty when nothing is."""
    health, values = view.health, view.values
    if health.last_error is not None and (health.consecutive_failures or not view.available):
        count = health.consecutive_failures
        reads = f"The last {count} reads failed" if count > 1 else "The last read failed"
        return words.sentence(f"{reads}: {words.shorten(health.last_error.message)}")
    if values.get("rate_limited") is True:
        return "The vendor's cloud says that it is asked too often."
    if values.get("problem") is True:
        told = [str(found) for key in ("error_text", "error_code") if (found := values.get(key)) is not None]
        return words.sentence(f"The charger reports a fault: {', '.join(told)}" if told else "The charger has a fault")
    return ""


def account(known: AccountHealth) -> Fields:
    """Return what the overview says of an account."""
    return {
        "tone": {"valid": "ready", "refused": "problem"}.get(known.login, "busy"),
        "login": _LOGIN.get(known.login, words.plain(known.login)),
        "reads": "no limit" if known.reads_left is None else str(known.reads_left),
        "writes": "no limit" if known.writes_left is None else str(known.writes_left),
        "reset": "now" if known.reset_in_s <= 0 else f"in {words.duration(known.reset_in_s)}",
    }


def _headline(view: ChargerView) -> str:
    match tone(view):
        case "waiting":
            return "Not read yet"
        case "away":
            error = view.health.last_error
            return "Access refused" if error is not None and error.code is Code.NOT_PERMITTED else "Not reachable"
    return words.status(view.values.get(STATUS.key))


def _reason(view: ChargerView) -> str:
    before = view.values.get(STATUS.key)
    if not view.available:
        return f"last known: {words.status(before)}" if before is not None else ""
    why = view.values.get("status_reason")
    return words.shorten(words.plain(why)) if isinstance(why, str) else ""


def _shown(view: ChargerView, key: str, told: Callable[[Value], str]) -> str:
    if view.health.last_success is not None and key not in view.capabilities:
        return NOT_REPORTED
    found: Value = view.values.get(key)
    return words.UNKNOWN if found is None else told(found)


def _bounds(ability: Capability | None) -> str:
    if ability is None or ability.bounds is None:
        return ""
    bounds = ability.bounds
    return f"{plain_number(bounds.minimum)} to {plain_number(bounds.maximum)} A"


def _past_error(view: ChargerView, now: datetime) -> str:
    error = view.health.last_error
    if error is None or trouble(view):
        return ""
    return words.sentence(f"Last error {words.ago(error.moment, now)}: {words.shorten(error.message)}")
