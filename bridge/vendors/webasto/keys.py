"""Rows for the charger's own fields, made from what the charger itself tells of them.

A field that new firmware adds gets its row by itself. Units and choices, which the charger does not tell, are those of
the tables of the API document (docs/vendors/webasto.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from bridge.charger.binding import Binding
from bridge.charger.document import Document
from bridge.charger.property import Bounds, Property, vendor_key
from bridge.charger.values import BOOLEAN, NUMBER, TEXT, Json, Value, ValueType
from bridge.vendors.webasto.fields import entry_of, field_of, is_secret, value_of
from bridge.vendors.webasto.kinds import SECRET, TIME_OF_DAY, Choice
from bridge.vendors.webasto.links import shown_link
from bridge.vendors.webasto.values import plain
from bridge.vendors.webasto.writes import set_field

USUAL = frozenset(
    {
        *("free-charging", "type-2-state", "status-wallbox", "error-counter", "plug-cycles"),
        *("total-charging-sessions", "ocpp-connection-state-backend", "randomised-delay-range"),
        *("ocppConfigurations.freeModeActive", "generalSettings.ledDimmingLevel"),
        *("generalSettings.randomisedDelayMaximumDuration", "installationSettings.currentLimiterPhase"),
    }
)
"""What is published without a word in the configuration."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "connection-type": ("no-backend", "ocpp"),
    "mode-modbus": ("HEMS", "DLM", "OFF"),
    "connection-type-modbus": ("auto", "tcp", "rtu"),
    "external-meter-position-modbus": ("including wallbox", "excluding wallbox"),
    "encryption-wlan": ("WPA2", "WPA3"),
    "generalSettings.ledDimmingLevel": ("veryLow", "low", "mid", "high", "timeBased"),
}
UNITS: Mapping[str, str] = {
    **dict.fromkeys((f"safe-current-modbus-l{phase}" for phase in (1, 2, 3)), "A"),
    **dict.fromkeys((f"current-limit-external-meter-modbus-l{phase}" for phase in (1, 2, 3)), "A"),
    **dict.fromkeys(("operator-current-limit", "installationSettings.currentLimiterValue"), "A"),
    **dict.fromkeys(("communication-timeout-modbus", "register-refresh-interval-modbus"), "s"),
    **dict.fromkeys(("recalculation-interval-modbus", "randomised-delay-range"), "s"),
    **dict.fromkeys(("duration-of-current-charging-session",), "s"),
    "generalSettings.randomisedDelayMaximumDuration": "s",
    **dict.fromkeys(("led-brightness", "free-buffer-modbus"), "%"),
}
LIMITS: Mapping[str, tuple[float, float]] = {
    "led-brightness": (0, 100),
    "operator-current-limit": (6, 32),
    "installationSettings.currentLimiterValue": (6, 32),
    "installationSettings.currentLimiterPhase": (0, 1),
    "generalSettings.randomisedDelayMaximumDuration": (0, 1800),
}
"""Where the charger tells none."""
UNKNOWN_LIMITS = (0.0, 65535.0)

DONE_OTHERWISE = frozenset({"button", "upload"})
"""Kinds without a value: actions, and `charger2mqtt upload`."""
IN_SECTIONS_TOO = frozenset({"free-charging", "total-charging-sessions", "ocpp-state"})
"""Entries of the dashboard whose key a field has as well, which says it better."""
_WIDEST = 1e9
_LONGEST_TEXT = 4000
_TRUE, _FALSE = frozenset({"true", "on", "1", "enabled"}), frozenset({"false", "off", "0", "disabled"})


def limits(document: Document, key: str) -> Bounds:
    """Return what a number may be: as the charger says, else as the documents say, and never narrower than it is."""
    field = field_of(document, key) or {}
    low, high = LIMITS.get(key, UNKNOWN_LIMITS)
    if key not in LIMITS:
        present = _number_or_none(field.get("value"))
        low, high = (low, high) if present is None else (min(low, present), max(high, present))
    told_low, told_high = field.get("min"), field.get("max")
    low = float(told_low) if isinstance(told_low, int | float) else low
    high = float(told_high) if isinstance(told_high, int | float) else high
    if low > high:
        raise ValueError(f"{key} has its bounds the wrong way round")
    return Bounds(minimum=low, maximum=high, step=1)


def truth(value: Json) -> bool:
    """Return a truth value in any of the charger's forms; raises TypeError or ValueError."""
    word = str(value).strip().lower() if isinstance(value, str | bool | int) else None
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f"{str(value)[:40]!r} is neither true nor false")


class Rows:
    """The rows of one charger; `bindings` grows at its end."""

    def __init__(
        self,
        bindings: Sequence[Binding[Any]],
        wanted: Literal["all"] | tuple[str, ...] | None,
        *,
        credentials: bool,
    ) -> None:
        """Begin with the normalised ones; `wanted` are the configuration's `vendor_keys`."""
        self.bindings = list(bindings)
        self._wanted = wanted if wanted is None or wanted == "all" else {vendor_key(key) for key in wanted}
        self._credentials = credentials
        self._done: set[str] = set()

    def learn(self, document: Document) -> None:
        """Add rows for what the charger tells for the first time."""
        fields, entries = document.get("fields"), document.get("dashboard")
        for key, field in fields.items() if isinstance(fields, dict) else ():
            if vendor_key(key) not in self._done and isinstance(field, dict):
                self._add(key, field)
        for key in entries if isinstance(entries, dict) else ():
            if key not in IN_SECTIONS_TOO and vendor_key(key) not in self._done and not is_secret(key):
                self._take(key, _entry(key))

    def _add(self, key: str, field: Mapping[str, Json]) -> None:
        kind, writable = str(field.get("kind")), field.get("writable") is True
        secret = is_secret(key, kind)
        if kind in DONE_OTHERWISE or (secret and not writable) or "logfile" in key.lower():
            return
        if secret:
            self._take(key, _write_only(key), secret=True)
        elif kind in _KINDS or writable:
            self._take(key, _KINDS.get(kind, _text)(key, field))
        elif field.get("value") is not None:  # what it is shows with its first value
            self._take(key, _reading(key, field.get("value")))

    def _take(self, key: str, row: Binding[Any], *, secret: bool = False) -> None:
        self._done.add(vendor_key(key))
        if self._is_wanted(key) or (secret and self._credentials):
            self.bindings.append(row)

    def _is_wanted(self, key: str) -> bool:
        if self._wanted == "all":
            return True
        return key in USUAL if self._wanted is None else vendor_key(key) in self._wanted


def _row(
    key: str,
    type_: ValueType[Any],
    read: Callable[[Json], Value],
    *,
    settable: bool,
    options: tuple[str, ...] = (),
    bounded: bool = False,
) -> Binding[Any]:
    property_: Property[Any] = Property(
        key=vendor_key(key),
        name=key,
        type=type_,
        unit=UNITS.get(key),
        category="config" if settable else "diagnostic",
        settable=settable,
        options=options,
        bounds=Bounds(minimum=-_WIDEST, maximum=_WIDEST, step=1) if bounded else None,
        vendor=True,
    )

    def read_field(document: Document) -> Value:
        value = value_of(document, key)
        return None if value is None else read(value)

    return Binding(
        property=property_,
        read=read_field,
        write=(lambda value, document: set_field(document, key, value)) if settable else None,
        bounds=(lambda document: limits(document, key)) if bounded else None,
        supported=lambda document: field_of(document, key) is not None,
    )


def _number(key: str, field: Mapping[str, Json]) -> Binding[Any]:
    settable = field.get("writable") is True
    return _row(key, NUMBER, plain, settable=settable, bounded=settable)


def _flag(key: str, field: Mapping[str, Json]) -> Binding[Any]:
    return _row(key, BOOLEAN, truth, settable=field.get("writable") is True)


def _text(key: str, field: Mapping[str, Json]) -> Binding[Any]:
    read = shown_link if "uri" in key.lower() or "url" in key.lower() else text_of
    return _row(key, TEXT, read, settable=field.get("writable") is True)


def _choice(key: str, field: Mapping[str, Json]) -> Binding[Any]:
    if key not in CHOICES:
        return _text(key, field)  # the charger itself says what it does not take
    options, value = CHOICES[key], field.get("value")
    options = (*options, value) if isinstance(value, str) and value and value not in options else options

    def read(value: Json) -> Value:
        if value not in options:
            raise ValueError(f"{str(value)[:40]!r} is not one of {', '.join(options)}")
        return text_of(value)

    return _row(key, Choice(options), read, settable=field.get("writable") is True, options=options)


def _time(key: str, field: Mapping[str, Json]) -> Binding[Any]:
    return _row(key, TIME_OF_DAY, text_of, settable=field.get("writable") is True)


def _reading(key: str, value: Json) -> Binding[Any]:
    """Make a row for what can only be read, of the type of its first value."""
    if isinstance(value, bool):
        return _row(key, BOOLEAN, truth, settable=False)
    if isinstance(value, int | float):
        return _row(key, NUMBER, plain, settable=False)
    return _text(key, {})


def _write_only(key: str) -> Binding[Any]:
    property_: Property[str] = Property(
        key=vendor_key(key), name=key, type=SECRET, category="config", settable=True, vendor=True, secret=True
    )
    return Binding(
        property=property_,
        read=lambda _: None,
        write=lambda value, document: set_field(document, key, value),
        supported=lambda document: field_of(document, key) is not None,
        settle_s=0.2,  # there is nothing to wait for
    )


def _entry(key: str) -> Binding[Any]:
    property_: Property[str] = Property(key=vendor_key(key), name=key, type=TEXT, category="diagnostic", vendor=True)

    def read(document: Document) -> str | None:
        value = entry_of(document, key)
        return None if value is None else text_of(value)

    return Binding(property=property_, read=read, supported=lambda document: entry_of(document, key) is not None)


_KINDS: Mapping[str, Callable[[str, Mapping[str, Json]], Binding[Any]]] = {
    "number": _number,
    "boolean": _flag,
    "select": _choice,
    "time": _time,
}


def text_of(value: Json) -> str:
    """Return anything as text: words as they are, the rest as JSON."""
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return told[:_LONGEST_TEXT]


def _number_or_none(value: Json) -> float | None:
    try:
        return plain(value)
    except (TypeError, ValueError):
        return None
