"""Home Assistant's rules for discovery messages, written down a second time to hold ours against.

Taken from `components/mqtt/{discovery,schemas}.py`, from the files of the platforms below in the same folder and from
`components/{sensor,number,binary_sensor,button}/const.py` of 2026.11.0, for what a charger can need. Where Home
Assistant passes over an unknown option in silence, a fault is reported all the same: it would be a slip of ours.
"""

from __future__ import annotations

import json
import re
from typing import Any

_AVAILABILITY = {"availability", "availability_mode"}
_ROOT = {"device", "origin", "components", *_AVAILABILITY}
_DEVICE = {"identifiers", "name", "manufacturer", "model", "serial_number", "sw_version", "hw_version", "via_device"}
_DEVICE |= {"configuration_url"}
_ENTITY = {"platform", "unique_id", "name", "default_entity_id", "object_id", "entity_category", "enabled_by_default"}
_ENTITY |= {"icon", *_AVAILABILITY}
_READ = {"state_topic", "value_template"}
_WRITE = {"command_topic", "qos", "retain"}

# By platform: the options it must have, and those it may have
_PLATFORMS: dict[str, tuple[set[str], set[str]]] = {
    "sensor": (
        {"state_topic"},
        _READ
        | {"device_class", "state_class", "unit_of_measurement", "suggested_display_precision", "options"}
        | {"json_attributes_topic", "json_attributes_template"},
    ),
    "binary_sensor": ({"state_topic", "payload_on", "payload_off"}, _READ | {"device_class"}),
    "switch": ({"state_topic", "command_topic", "payload_on", "payload_off"}, _READ | _WRITE | {"device_class"}),
    "lock": (
        {"state_topic", "command_topic", "payload_lock", "payload_unlock", "state_locked", "state_unlocked"},
        _READ | _WRITE,
    ),
    "number": (
        {"state_topic", "command_topic", "min", "max", "step", "mode"},
        _READ | _WRITE | {"device_class", "unit_of_measurement"},
    ),
    "select": ({"state_topic", "command_topic", "options"}, _READ | _WRITE),
    "text": ({"state_topic", "command_topic", "min", "max"}, _READ | _WRITE | {"mode", "pattern"}),
    "update": ({"state_topic"}, _READ | {"device_class", "latest_version_topic", "latest_version_template"}),
    "event": ({"state_topic", "event_types"}, set()),
    "button": ({"command_topic", "payload_press"}, _WRITE | {"device_class"}),
}

_LONGEST_STATE = 255
_ANY = {"measurement", "total", "total_increasing"}
_NO_UNIT: set[str | None] = {None}

# By device class of sensors and numbers: the units and the state classes it allows. Monetary takes any unit.
_MEASURED: dict[str, tuple[set[str | None], set[str]]] = {
    "battery": ({"%"}, {"measurement"}),
    "current": ({"A", "mA"}, {"measurement"}),
    "distance": ({"km", "m"}, _ANY),
    "duration": ({"d", "h", "min", "s", "ms"}, _ANY),
    "energy": ({"kWh", "Wh"}, {"total", "total_increasing"}),
    "enum": (_NO_UNIT, set()),
    "frequency": ({"Hz"}, {"measurement"}),
    "monetary": ({None, "EUR", "EUR/kWh"}, {"total"}),
    "power": ({"W", "kW"}, {"measurement"}),
    "power_factor": ({"%", None}, {"measurement"}),
    "signal_strength": ({"dB", "dBm"}, {"measurement"}),
    "temperature": ({"°C"}, {"measurement"}),
    "timestamp": (_NO_UNIT, set()),
    "voltage": ({"V", "mV"}, {"measurement"}),
}

# The same of the other platforms
_CLASSES = {
    "binary_sensor": {"battery_charging", "connectivity", "lock", "plug", "problem"},
    "button": {"restart", "identify", "update"},
    "switch": {"outlet", "switch"},
    "update": {"firmware"},
}

_ID = re.compile(r"[a-zA-Z0-9_-]+")
_URL = re.compile(r"https?://[^\s/]+(/\S*)?")


def faults(topic: str, payload: str, *, prefix: str = "homeassistant") -> list[str]:
    """Return what Home Assistant would refuse, warn of, or not understand in one message."""
    message = json.loads(payload)
    found = [] if topic.startswith(f"{prefix}/") else ["not below the prefix"]
    levels = topic.removeprefix(f"{prefix}/").split("/")
    if levels.pop() != "config" or not all(_ID.fullmatch(level) for level in levels):
        found.append(f"illegal topic {topic}")
    found += _device_faults(message.get("device", {}), message.get("origin", {}))
    if levels[0] == "device":
        found += [f"unknown root option {key}" for key in message.keys() - _ROOT]
        shared = {key: message[key] for key in _AVAILABILITY & message.keys()}
        for key, component in message["components"].items():
            found += [f"{key}: {fault}" for fault in _entity_faults(component["platform"], shared | component)]
        ids = [component["unique_id"] for component in message["components"].values()]
        if len(ids) != len(set(ids)):
            found.append("the same unique id twice")
        return found
    entity = {key: value for key, value in message.items() if key not in {"device", "origin"}}
    return found + [f"{levels[-1]}: {fault}" for fault in _entity_faults(levels[0], entity)]


def _device_faults(device: dict[str, Any], origin: dict[str, Any]) -> list[str]:
    found = [f"unknown device option {key}" for key in device.keys() - _DEVICE]
    found += [f"unknown origin option {key}" for key in origin.keys() - {"name", "sw_version", "support_url"}]
    if not device.get("identifiers") or not all(isinstance(one, str) for one in device["identifiers"]):
        found.append("a device without identifiers")
    if not device.get("name"):
        found.append("a device without name")
    if not origin.get("name"):
        found.append("no origin")
    if "configuration_url" in device and not _URL.fullmatch(device["configuration_url"]):
        found.append("a configuration_url that costs the whole device")
    return found


def _entity_faults(platform: str, entity: dict[str, Any]) -> list[str]:
    if platform not in _PLATFORMS:
        return [f"unknown platform {platform}"]
    must, may = _PLATFORMS[platform]
    found = [f"{platform} without {key}" for key in (must | {"unique_id", "name"}) - entity.keys()]
    found += [f"{platform} with unknown {key}" for key in entity.keys() - _ENTITY - must - may]
    found += [f"{key} is null" for key, value in entity.items() if value is None]
    if not str(entity.get("default_entity_id")).startswith(f"{platform}."):
        found.append("default_entity_id of another domain")
    if platform in {"sensor", "binary_sensor"} and entity.get("entity_category") not in {None, "diagnostic"}:
        found.append(f"entity_category {entity['entity_category']} is refused for a {platform}")
    if entity.get("entity_category") not in {None, "diagnostic", "config"}:
        found.append("unknown entity_category")
    if "availability" in entity and not all(one.keys() == {"topic"} for one in entity["availability"]):
        found.append("availability is not a list of topics")
    if "icon" in entity and not entity["icon"].startswith("mdi:"):
        found.append("not an icon")
    if "command_topic" in entity and (entity.get("qos"), entity.get("retain")) != (1, False):
        found.append("commands are to be sent with QoS 1 and never retained")
    return found + _class_faults(platform, entity)


def _class_faults(platform: str, entity: dict[str, Any]) -> list[str]:
    match platform:
        case "sensor":
            return _sensor_faults(entity)
        case "number":
            return _number_faults(entity)
        case "select":
            return _option_faults(entity["options"])
        case "text" if not 0 <= entity["min"] <= entity["max"] <= _LONGEST_STATE:
            return ["lengths that cost the entity"]
    device_class = entity.get("device_class")
    if device_class is not None and device_class not in _CLASSES.get(platform, set()):
        return [f"unknown device class {device_class}"]
    return []


def _sensor_faults(entity: dict[str, Any]) -> list[str]:
    device_class, state_class = entity.get("device_class"), entity.get("state_class")
    unit, options = entity.get("unit_of_measurement"), entity.get("options")
    found: list[str] = []
    if state_class not in {None, *_ANY}:
        found.append(f"unknown state class {state_class}")
    if (options is not None) != (device_class == "enum"):
        found.append("options and the class enum belong together")
    if options is not None:
        found += _option_faults(options)
    if device_class is not None:
        units, state_classes = _MEASURED.get(device_class, (set(), set()))
        if unit not in units:
            found.append(f"unit {unit} with device class {device_class}")
        if state_class not in {None, *state_classes}:
            found.append(f"state class {state_class} with device class {device_class}")
    return found


def _number_faults(entity: dict[str, Any]) -> list[str]:
    device_class, unit = entity.get("device_class"), entity.get("unit_of_measurement")
    found: list[str] = []
    if device_class in {"enum", "timestamp"} or (
        device_class is not None and unit not in _MEASURED.get(device_class, (set(), set()))[0]
    ):
        found.append(f"unit {unit} with device class {device_class}")
    if entity["min"] > entity["max"]:
        found.append("min above max")
    if entity["step"] < 0.001:
        found.append("step below 0.001")
    if entity["mode"] not in {"auto", "box", "slider"}:
        found.append("unknown mode")
    return found


def _option_faults(options: list[str]) -> list[str]:
    found = [] if options else ["no options"]
    # "unavailable" is taken, though it looks like an entity whose charger is away; the contract has it as a status.
    if any(option.lower() in {"none", "unknown"} for option in options):
        found.append("an option that means unknown")
    if len(options) != len(set(options)):
        found.append("the same option twice")
    return found
