"""The Webasto table: each property, where it is read from, and the write that sets it.

Units on the wire: the dashboard has kWh and minutes, the section `system` mW, A, V and s; each in text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge.charger import properties as p
from bridge.charger.binding import Action, Binding, Request
from bridge.charger.document import Document
from bridge.charger.property import Property
from bridge.charger.values import Firmware, Json
from bridge.vendors.webasto import keys, status, writes
from bridge.vendors.webasto.fields import entry_of, field_of, value_of
from bridge.vendors.webasto.status import RESTARTING
from bridge.vendors.webasto.values import AMPERE, KWH, VOLT, WATT, converted, plain, seconds, triple

LIMIT = "operator-current-limit"
UNITE_LIMIT = "installationSettings.currentLimiterValue"
LED = "led-brightness"
START = "local-remote-start"
SKIP = ("skip-randomized-delay", "skip-random-delay")
NO_CAR = "no car is connected, so that there is nothing to start or stop"


def _is_next(document: Document) -> bool:
    return document.get("model") == "next"


def _is_unite(document: Document) -> bool:
    return document.get("model") == writes.UNITE


def _has(*names: str) -> Callable[[Document], bool]:
    return lambda document: field_of(document, *names) is not None


def _may_set(*names: str) -> Callable[[Document], bool]:
    return lambda document: (field_of(document, *names) or {}).get("writable") is True


def _number(key: str) -> Callable[[Document], float | None]:
    def read(document: Document) -> float | None:
        value = value_of(document, key)
        return None if value is None else plain(value)

    return read


def _setting(property_: Property[float], key: str) -> tuple[Binding[float], Binding[float]]:
    """Return the row with a write and the one without, of which the charger's permission chooses one."""
    read = _number(key)
    return (
        Binding(
            property=property_,
            read=read,
            write=lambda value, document: writes.set_field(document, key, value),
            bounds=lambda document: keys.limits(document, key),
            supported=_may_set(key),
        ),
        Binding(property=property_, read=read, supported=lambda doc: _has(key)(doc) and not _may_set(key)(doc)),
    )


def _phases(
    rows: tuple[Property[float], ...], key: str, units: Mapping[str, float], usual: str
) -> tuple[Binding[float], ...]:
    def reader(phase: int) -> Callable[[Document], float | None]:
        def read(document: Document) -> float | None:
            value = value_of(document, key)
            return None if value is None else triple(value, units, usual)[phase]

        return read

    return tuple(Binding(property=row, read=reader(phase), supported=_has(key)) for phase, row in enumerate(rows))


def _power(document: Document) -> float | None:
    value = value_of(document, "power-of-current-charging-session")
    found = () if value is None else triple(value, WATT, "mw")
    known = [watts for watts in found if watts is not None]
    return sum(known) if known else None


def _energy(document: Document) -> float | None:
    value = entry_of(document, "power")
    return None if value is None or value == "" else converted(value, KWH, "kwh")


def _duration(document: Document) -> int | None:
    """Return the dashboard's, which is newer; without it that of the section."""
    shown = entry_of(document, "duration")
    if shown is not None and shown != "":
        return round(seconds(shown))
    value = value_of(document, "duration-of-current-charging-session")
    return None if value is None else round(plain(value))


def _firmware(document: Document) -> Firmware:
    installed = value_of(document, "comboard-sw-version") or _system(document, "hmiVersion")
    return Firmware(installed if isinstance(installed, str) and installed else None, None)


def _system(document: Document, key: str) -> Json:
    told = document.get("system")
    return told.get(key) if isinstance(told, dict) else None


def _start_or_stop(on: bool, document: Document) -> Request:  # noqa: ARG001, FBT001 - the value itself
    return writes.act(START, {"action": "start" if on else "stop"})


def _without_car(on: bool, document: Document) -> str | None:  # noqa: ARG001, FBT001 - the value itself
    return NO_CAR if status.read_status(document) == "disconnected" else None


BINDINGS: tuple[Binding[Any], ...] = (
    Binding(property=p.STATUS, read=status.read_status, supported=_is_next),
    Binding(property=p.STATUS_REASON, read=status.read_reason, supported=_is_next),
    Binding(property=p.STATUS_RAW, read=status.read_status_raw, supported=_is_next),
    Binding(property=p.ERROR_CODE, read=status.read_error_code, supported=_is_next),
    Binding(property=p.ERROR_TEXT, read=status.read_error_text, supported=_is_next),
    Binding(property=p.ONLINE, read=lambda document: document.get("away") != RESTARTING),
    # It has a login, but no account: a refused one is told here.
    Binding(property=p.REAUTH_REQUIRED, read=lambda _: False),
    Binding(
        property=p.CHARGING_ENABLED,
        read=status.read_enabled,
        write=_start_or_stop,
        forbidden=_without_car,
        supported=_may_set(START),
    ),
    *_setting(p.CURRENT_LIMIT, LIMIT),
    *_setting(p.CURRENT_LIMIT, UNITE_LIMIT),
    *_setting(p.LED_BRIGHTNESS, LED),
    Binding(property=p.POWER, read=_power, supported=_has("power-of-current-charging-session")),
    *_phases((p.POWER_L1, p.POWER_L2, p.POWER_L3), "power-of-current-charging-session", WATT, "mw"),
    *_phases((p.CURRENT_L1, p.CURRENT_L2, p.CURRENT_L3), "signal-current", AMPERE, "a"),
    *_phases((p.VOLTAGE_L1, p.VOLTAGE_L2, p.VOLTAGE_L3), "signal-voltage", VOLT, "v"),
    Binding(property=p.SESSION_ENERGY, read=_energy, supported=_is_next),
    Binding(property=p.SESSION_DURATION, read=_duration, supported=_is_next),
    Binding(
        property=p.FIRMWARE_VERSIONS,
        read=_firmware,
        supported=lambda document: _firmware(document).installed is not None,
    ),
)

ACTIONS = (
    Action(
        key="restart",
        name="Restart",
        request=lambda _: writes.act("restart-system", drops_connection=True),
        device_class="restart",
        category="config",
        supported=lambda document: _is_unite(document) or _may_set("restart-system")(document),
    ),
    Action(
        key="soft_reset",
        name="Soft reset",
        request=lambda _: writes.act("soft-reset", drops_connection=True),
        device_class="restart",
        category="config",
        supported=_is_unite,
    ),
    Action(
        key="skip_random_delay",
        name="Skip random delay",
        request=lambda _: writes.act("skip-random-delay"),
        enabled=True,
        supported=_may_set(*SKIP),
    ),
    Action(
        key="factory_reset",
        name="Factory reset",
        request=lambda _: writes.act("factory-reset", drops_connection=True),
        category="config",
        needs_allow=True,
        supported=_may_set("factory-reset"),
    ),
)
