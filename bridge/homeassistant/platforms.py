"""Which of Home Assistant's platforms shows a property, and the options that only that platform has.

The catalogue says what a value is; the platform follows from its type and from whether it can be set. The conditions
are those of Home Assistant's `components/mqtt/{sensor,binary_sensor,number,select,switch,text,lock,update}.py`.
"""

from __future__ import annotations

from bridge.charger.binding import Capability
from bridge.charger.property import Bounds
from bridge.charger.values import Json, Value, plain_number
from bridge.homeassistant.values import MAX_STATE_LENGTH, Output

COMMANDED = frozenset({"switch", "lock", "number", "select", "text"})
"""Platforms that send commands. Each needs its state topic as well, or Home Assistant shows what it only assumes."""

_SMALLEST_STEP = 0.001  # a smaller one is refused
_WHOLE_RANGE = Bounds(minimum=-1e9, maximum=1e9, step=_SMALLEST_STEP)  # without any, 1 to 100 would hold

_LOCK: dict[str, Json] = {
    "payload_lock": "true",
    "payload_unlock": "false",
    "state_locked": "true",
    "state_unlocked": "false",
}


def platform_of(capability: Capability, output: Output) -> str:
    """Return the platform; a property that this charger does not let us set becomes a reading."""
    row = capability.property
    match row.type.name:
        case "boolean" if capability.settable:
            return "lock" if row.device_class == "lock" else "switch"
        case "boolean":
            return "binary_sensor"
        case "number" | "integer" if capability.settable:
            return "number"
        case "enum" if capability.settable and _options(capability, None):
            return "select"
        case "text" | "time" if capability.settable:  # its own platform for times is newer than what is supported
            return "text"
        case "firmware" if output != "scalar":  # the scalar topic has the installed version alone
            return "update"
    return "sensor"


def platform_options(platform: str, capability: Capability, reported: Value) -> dict[str, Json]:
    """Return what this platform wants to know of the property, `reported` being its present value."""
    row = capability.property
    match platform:
        case "number":
            options = _number(capability, reported)
        case "select":
            options = {"options": _options(capability, reported)}
        case "text":
            # Without a shortest length of 0, a text that is not known would be an error.
            options = {"min": 0, "max": MAX_STATE_LENGTH}
        case "switch":
            options = {"payload_on": "true", "payload_off": "false"}
        case "lock":
            options = _LOCK
        case "binary_sensor":
            # Home Assistant's lock class says on for unlocked.
            on, off = ("false", "true") if row.device_class == "lock" else ("true", "false")
            options = _known(device_class=row.device_class) | {"payload_on": on, "payload_off": off}
        case "update":
            # What Home Assistant's own update entities are when they cannot install.
            options = _known(device_class=row.device_class) | {"entity_category": "diagnostic"}
        case _:
            options = _sensor(capability, reported)
    return options


def _number(capability: Capability, reported: Value) -> dict[str, Json]:
    """Widen the bounds to the reported value: for one outside Home Assistant logs an error and does not show it."""
    row = capability.property
    bounds = _bounds(capability)
    lowest, highest = bounds.minimum, bounds.maximum
    if isinstance(reported, int | float):
        lowest, highest = min(lowest, reported), max(highest, reported)
    return _known(device_class=row.device_class, unit_of_measurement=capability.unit) | {
        "min": plain_number(lowest),
        "max": plain_number(highest),
        "step": max(plain_number(bounds.step), _SMALLEST_STEP),
        "mode": "box",
    }


def _sensor(capability: Capability, reported: Value) -> dict[str, Json]:
    row = capability.property
    match row.type.name:
        case "enum":
            # A value outside the options costs a warning, so the list is the widest there is.
            options = list(dict.fromkeys([*row.options, *_options(capability, reported)]))
            return {"device_class": "enum", "options": options} if options else {}
        case "firmware":
            return {"entity_category": "diagnostic"}
        case "text" | "time" | "json":
            return _known(device_class=row.device_class)  # with a unit it would have to be a number
        case "timestamp":
            return {"device_class": "timestamp"}
    return _known(
        device_class=row.device_class,
        state_class=row.state_class,
        unit_of_measurement=capability.unit,
        # Without it, whole seconds would be shown with two decimals.
        suggested_display_precision=0 if row.type.name == "integer" else row.display_decimals,
    )


def _bounds(capability: Capability) -> Bounds:
    return capability.bounds or capability.property.bounds or _WHOLE_RANGE


def _options(capability: Capability, reported: Value) -> list[Json]:
    """Return the options, with the reported one for the same reason as a number's bounds are widened."""
    options: list[Json] = list(capability.options or capability.property.options)
    if isinstance(reported, str) and reported not in options:
        options.append(reported)
    return options


def _known(**options: Json) -> dict[str, Json]:
    return {key: value for key, value in options.items() if value is not None}
