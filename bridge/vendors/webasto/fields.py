"""The fields of the configuration as both models tell them, in one form. Pure.

A document of the bridge has under `fields` an object for each field: `kind`, `value`, `writable`, `place` (the section)
and, where the charger says so, `min`, `max`, `options`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from bridge.charger.document import Document
from bridge.charger.values import Json
from bridge.errors import BadAnswerError

_SECRET = re.compile(
    r"pass(word|wd|phrase|code)|pre-?shared|psk|secret|token|private-?key|auth-?key|ssid|rfid|alais|alias|e-?mail|pin$",
    re.IGNORECASE,
)
"""Names of what must not be published: passwords and keys, Wi-Fi names, card ids, addresses of people."""

Fields: TypeAlias = dict[str, Json]

TYPE_ENDING = "-configuration-field"
UNITE_FLAGS = frozenset({"TRUE", "FALSE"})

UNITE_KNOWN: Mapping[str, str] = {
    "ocppConfigurations.freeModeActive": "boolean",
    "ocppConfigurations.freeModeRfid": "simple-string",
    "ocppConfigurations.connectorSwitch3To1PhaseSupported": "boolean",
    "generalSettings.ledDimmingLevel": "select",
    "generalSettings.randomisedDelayMaximumDuration": "number",
    "installationSettings.currentLimiterValue": "number",
    "installationSettings.currentLimiterPhase": "number",
    "wifiSettings.ssid": "simple-string",
}
"""All fields of a Unite that are published, and what they are; which of the others can be set is not known."""
UNITE_READ_ONLY = frozenset({"ocppConfigurations.connectorSwitch3To1PhaseSupported"})
"""It tells what the charger can."""


def is_secret(key: str, kind: str = "") -> bool:
    """Tell whether a field may be set at most, but never shown."""
    return kind == "password" or _SECRET.search(key) is not None


def of_section(answer: Json, section: str) -> Fields:
    """Return the fields of an answer of `sections/{key}`; raises BadAnswerError if it is no list."""
    return {key: _field(key, told, section, _kind(told)) for key, told in _told(answer)}


def of_unite(answer: Json) -> Fields:
    """Return the fields of an answer of `configuration-fields`; raises BadAnswerError if it is no list."""
    found: Fields = {}
    for key, told in _told(answer):
        kind = _kind(told) or UNITE_KNOWN.get(key) or _unite_kind(told.get("value"))
        field = _field(key, told, "configuration-fields", kind)
        if "permission" not in told:
            field["writable"] = key in UNITE_KNOWN and key not in UNITE_READ_ONLY
        found[key] = field
    return found


def _told(answer: Json) -> list[tuple[str, dict[str, Json]]]:
    if not isinstance(answer, list):
        raise BadAnswerError("the list of fields is none")
    found = [each for each in answer if isinstance(each, dict)]
    return [(key, each) for each in found if isinstance(key := each.get("fieldKey"), str) and key]


def _field(key: str, told: dict[str, Json], place: str, kind: str) -> dict[str, Json]:
    value = None if is_secret(key, kind) else told.get("value")
    field: dict[str, Json] = {"kind": kind, "value": value, "writable": _writable(told), "place": place}
    limits = told.get("validation")
    for name in ("min", "max"):
        limit = limits.get(name) if isinstance(limits, dict) else None
        if isinstance(limit, int | float) and not isinstance(limit, bool):
            field[name] = limit
    return field


def _kind(told: Mapping[str, Json]) -> str:
    found = told.get("configurationFieldType")
    return found.removesuffix(TYPE_ENDING) if isinstance(found, str) else ""


def _writable(told: Mapping[str, Json]) -> bool:
    permission = told.get("permission")
    return isinstance(permission, dict) and permission.get("permissionLevel") == "WRITE"


def _unite_kind(value: Json) -> str:
    if isinstance(value, str) and value.upper() in UNITE_FLAGS:
        return "boolean"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else "simple-string"


def blank(found: Json) -> Fields:
    """Return these fields with no value: what they are and take is still known."""
    told = found.items() if isinstance(found, dict) else ()
    return {key: {**field, "value": None} for key, field in told if isinstance(field, dict)}


# Reading them in a document


def field_of(document: Document, *keys: str) -> Mapping[str, Json] | None:
    """Return the first of these fields that the charger tells now."""
    fields = document.get("fields")
    if isinstance(fields, dict):
        for key in keys:
            found = fields.get(key)
            if isinstance(found, dict):
                return found
    return None


def value_of(document: Document, *keys: str) -> Json:
    """Return the value of the first of these fields that the charger tells now; None if it tells none."""
    field = field_of(document, *keys)
    return None if field is None else field.get("value")


def entry_of(document: Document, key: str) -> Json:
    """Return the value of an entry of the dashboard; None if it is not there now."""
    dashboard = document.get("dashboard")
    return dashboard.get(key) if isinstance(dashboard, dict) else None


def dashboard(answer: Json) -> Fields:
    """Return the values of `dashboard-information` by key; raises BadAnswerError if there are no groups."""
    groups = [each for each in answer if isinstance(each, dict)] if isinstance(answer, list) else []
    found: Fields = {}
    for group in groups:
        entries = group.get("entries")
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and isinstance(key := entry.get("key"), str):
                found[key] = entry.get("value")
    if not groups:
        raise BadAnswerError("the dashboard is none")
    return found
