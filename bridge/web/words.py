"""Values as people read them. Pure, and always text: the templates escape it, the page's script sets it as text."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.charger.binding import Capability
from bridge.charger.status import Status
from bridge.charger.values import NOTHING, Firmware, Json, Value, plain_number, timestamp_text

UNKNOWN = "unknown"
LONGEST_TEXT = 600
"""What a vendor calls one value can be a whole table."""

_TRUTH = {"lock": ("locked", "unlocked"), "plug": ("connected", "not connected")}
_MAY_BE_NONE = frozenset({"error_code", "error_text", "status_reason", "limit_reason", "session_card", "session_start"})
"""What is null most of the time, because there is none."""

_KILO = 1000
_MINUTE, _HOUR, _DAY = 60, 3600, 86400

STATUS: dict[str, str] = {
    Status.DISCONNECTED: "No vehicle",
    Status.CONNECTED: "Vehicle connected",
    Status.AWAITING_AUTHORIZATION: "Waiting for authorization",
    Status.SCHEDULED: "Scheduled",
    Status.QUEUED: "Waiting in line",
    Status.CHARGING: "Charging",
    Status.DISCHARGING: "Discharging",
    Status.PAUSED: "Paused",
    Status.SUSPENDED_EV: "Vehicle does not draw",
    Status.FINISHED: "Finished",
    Status.LOCKED: "Locked",
    Status.RESERVED: "Reserved",
    Status.UNAVAILABLE: "Out of service",
    Status.ERROR: "Fault",
    Status.OFFLINE: "Offline",
}


def status(value: Value) -> str:
    """Return what is happening."""
    return STATUS.get(value, plain(value)) if isinstance(value, str) else "Status unknown"


def plain(word: str) -> str:
    """Return a word of ours, such as load_balancing, as people write it."""
    return word.replace("_", " ")


def sentence(words: str) -> str:
    """Return the words with a capital at their beginning and a full stop at their end."""
    words = words.strip()
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else ".")


def number(value: float, decimals: int | None = None) -> str:
    """Return a number with at most so many decimals, thousands apart."""
    rounded = plain_number(value if decimals is None else round(value, decimals))
    # A narrow blank that keeps the line together; a comma would be a decimal point to half of the world.
    return f"{rounded:,}".replace(",", "\u202f")


def power(watts: Value) -> str:
    """Return a power in W or kW."""
    if isinstance(watts, bool) or not isinstance(watts, int | float):
        return UNKNOWN
    return f"{watts / _KILO:.2f} kW" if abs(watts) >= _KILO else f"{watts:.0f} W"


def energy(kwh: Value) -> str:
    """Return an energy in kWh."""
    if isinstance(kwh, bool) or not isinstance(kwh, int | float):
        return UNKNOWN
    return f"{kwh:.2f} kWh" if abs(kwh) < _KILO else f"{number(kwh, 0)} kWh"


def current(amps: Value) -> str:
    """Return a current in A."""
    if isinstance(amps, bool) or not isinstance(amps, int | float):
        return UNKNOWN
    return f"{number(amps, 1)} A"


def duration(seconds: float) -> str:
    """Return a time span by its two largest units."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago it was; the page's script says it in the same words."""
    return "never" if moment is None else f"{duration((now - moment).total_seconds())} ago"


def clock(moment: datetime) -> str:
    """Return a moment; the page's script turns it into local time where there is one."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso(moment: datetime | None) -> str:
    """Return a moment for programs, empty when there is none."""
    return "" if moment is None else timestamp_text(moment)


def shorten(text: str) -> str:
    """Return at most so much of a text as a page can show."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def value(ability: Capability, found: Value) -> str:
    """Return one property's value with its unit."""
    row = ability.property
    if row.secret:
        return "can be set, is never shown"
    if found is None:
        return "none" if row.key in _MAY_BE_NONE else UNKNOWN
    if row.device_class == "duration" and isinstance(found, int | float) and ability.unit == "s":
        return duration(found)
    unit = f" {ability.unit}" if ability.unit else ""
    match found:
        case bool():
            return truth(ability, is_true=found)
        case int() | float():
            return number(found, row.display_decimals) + unit
        case datetime():
            return clock(found)
        case Firmware():
            news = f" ({found.latest} is out)" if found.latest and found.latest != found.installed else ""
            return (found.installed or UNKNOWN) + news
        case str():
            words = plain(found) if row.options and not row.vendor else found
            return shorten(words) + unit if words else "(empty)"
    return "null" if found is NOTHING else shorten(row.type.text(found)) + unit


def truth(ability: Capability | None, *, is_true: bool) -> str:
    """Return what yes and no are called at this property."""
    row = None if ability is None else ability.property
    usual = ("on", "off") if row is None or row.settable else ("yes", "no")
    true, false = _TRUTH.get(row.device_class or "" if row is not None else "", usual)
    return true if is_true else false


def wish(value: Json) -> str:
    """Return what a command asked for."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return number(value)
    return shorten(str(value))
