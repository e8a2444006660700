"""What a Next answers with a good token."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from bridge.simulators.webasto.call import Call
from bridge.simulators.webasto.device import WebastoDevice
from bridge.simulators.webasto.fields import Field, json_name
from bridge.simulators.webasto.labels import GROUPS, SECTIONS, Language, word
from bridge.simulators.webasto.readings import dashboard, readings
from bridge.simulators.webasto.refusals import NO_SUCH_URL, RefusedError
from bridge.simulators.wire import Json, JsonValue

TAG_KEY = "free-charging-alais"
UPDATE_TYPE = re.compile(r"[a-z-]+-configuration-field-update")
_VALUES_OF_TYPES: dict[str, tuple[type, ...]] = {
    "number-configuration-field-update": (int, float),
    "boolean-configuration-field-update": (bool,),
    "simple-string-configuration-field-update": (str,),
}
"""The three that clients are known to send."""


def dashboard_information(call: Call) -> JsonValue:
    """`dashboard-information`."""
    return dashboard(call.device, call.language)


def current_errors(call: Call) -> JsonValue:
    """`current-errors`."""
    return list(call.device.errors)


def configuration_structure(call: Call) -> JsonValue:
    """`configuration-structure`."""
    language = call.language

    def group(section: str, key: str) -> JsonValue:
        return {"key": key, "label": word(GROUPS[section], key, language)}

    sections: list[JsonValue] = [
        {
            "key": key,
            "label": word(SECTIONS, key, language),
            "groups": [group(key, each) for each in GROUPS[key]],
        }
        for key in call.device.sections
    ]
    return {"sections": sections}


def section(call: Call) -> JsonValue:
    """`sections/…`."""
    fields = call.device.sections.get(call.target)
    if fields is None:
        raise RefusedError(404, NO_SUCH_URL)
    return shown_fields(call.device, fields, call.language)


def configuration_updates(call: Call) -> JsonValue:
    """`configuration-updates`: all of them or none, which is a guess."""
    updates = call.json()
    if not isinstance(updates, list):
        raise RefusedError(400, f"{json_name(updates)} is not of type 'array'")
    taken = dict(_taken(call.device, update) for update in updates)
    if not call.ignores_writes:
        call.device.set(taken)
    updated: list[JsonValue] = [_shown_key(call.device, key) for key in taken]
    return {"success": True, "updatedFields": updated}


def shown_fields(device: WebastoDevice, fields: Iterable[Field], language: Language) -> list[JsonValue]:
    """Fields with their present values."""
    live = readings(device, language)
    return [_shown(device, field, live, language) for field in fields]


def _shown(device: WebastoDevice, field: Field, live: Json, language: Language) -> Json:
    key = _shown_key(device, field.key)
    value = {**device.settings, **live, **device.forced}[field.key]
    if device.manners.flags_as_text and isinstance(value, bool):
        value = "true" if value else "false"
    shown: Json = {
        "fieldKey": key,
        "fieldLabel": field.german if language == "de" else field.label,
        "groupKey": field.group,
        "configurationFieldType": field.type,
        "value": value,
        "permission": {"permissionLevel": "WRITE" if field.writable else "READ"},
    }
    bounded = _bounded(device, field)
    if bounded.least is not None and bounded.most is not None:
        shown["validation"] = {"min": bounded.least, "max": bounded.most}
    return shown


def _taken(device: WebastoDevice, update: JsonValue) -> tuple[str, JsonValue]:
    """The key and the value of one update, after all checks."""
    if not isinstance(update, dict):
        raise RefusedError(400, f"{json_name(update)} is not of type 'object'")
    missing = next((name for name in ("fieldKey", "value", "configurationFieldUpdateType") if name not in update), None)
    if missing is not None:
        raise RefusedError(400, f"'{missing}' is a required property")
    key, value, update_type = update["fieldKey"], update["value"], update["configurationFieldUpdateType"]
    field = _field(device, key)
    if field is None:
        raise RefusedError(400, "Unknown field")
    if not isinstance(update_type, str) or not UPDATE_TYPE.fullmatch(update_type):
        raise RefusedError(400, "Unknown configurationFieldUpdateType")
    if device.manners.strict_types and update_type != f"{field.type}-update":
        raise RefusedError(400, f"configurationFieldUpdateType must be {field.type}-update")
    expected = _VALUES_OF_TYPES.get(update_type)
    if expected is not None and (not isinstance(value, expected) or isinstance(value, bool) is not (bool in expected)):
        raise RefusedError(400, f"{json_name(value)} is not a value for {update_type}")
    _bounded(device, field).check(value)
    return field.key, value


def _field(device: WebastoDevice, key: JsonValue) -> Field | None:
    if not isinstance(key, str):
        return None
    if key == device.manners.tag_key:
        return device.field(TAG_KEY)
    return device.field(key) if key != TAG_KEY else None


def _shown_key(device: WebastoDevice, key: str) -> str:
    return device.manners.tag_key if key == TAG_KEY else key


def _bounded(device: WebastoDevice, field: Field) -> Field:
    """A field with its bounds where these can be so or so."""
    bounds = device.manners.limit_bounds
    if field.key != "operator-current-limit" or bounds is None:
        return field
    return replace(field, least=bounds[0], most=bounds[1])
