"""The JSON schemas: of the configuration, and of the `state` documents that the bridge publishes."""

from __future__ import annotations

from typing import Any, TypeAlias

from bridge.charger.properties import CATALOGUE
from bridge.charger.property import Property
from bridge.settings.model import Settings

Schema: TypeAlias = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def configuration_schema() -> Schema:
    """Return the schema of the configuration file, with one alternative per vendor for chargers and accounts."""
    schema = Settings.model_json_schema()
    _allow_secret_files(schema)
    for section in ("accounts", "chargers"):  # whose names are a pattern; others are faults
        schema["properties"][section]["additionalProperties"] = False
    return {"$schema": _DIALECT, **schema, "title": "Configuration of charger2mqtt"}


def _allow_secret_files(schema: object) -> None:
    """Add `<name>_file` beside each secret, which the models themselves never see."""
    if isinstance(schema, list):
        for item in schema:
            _allow_secret_files(item)
    if not isinstance(schema, dict):
        return
    for item in schema.values():
        _allow_secret_files(item)
    properties = schema.get("properties", {})
    for name, field in list(properties.items()):
        if any(kind.get("format") == "password" for kind in (field, *field.get("anyOf", ()))):
            file_name = f"{name}_file"
            properties[file_name] = {"type": "string", "description": f"The file that holds the {name}."}
            if name in schema.get("required", ()):
                schema["required"].remove(name)
                either = {"anyOf": [{"required": [name]}, {"required": [file_name]}]}
                schema.setdefault("allOf", []).append(either)


def state_schema() -> Schema:
    """Return the schema of `<base>/<id>/state` for any charger: a null is unknown, an absent property not supported."""
    moment = {"type": "string", "format": "date-time"}
    return {
        "$schema": _DIALECT,
        "title": "State of a charger",
        "type": "object",
        "properties": {
            "schema": {"type": "integer", "description": "Version of this form."},
            "ts": {**moment, "description": "When the charger was read, in UTC."},
            **{row.key: _property(row) for row in CATALOGUE.values()},
        },
        "required": ["schema", "ts"],
    }


_TYPES: dict[str, Schema] = {
    "boolean": {"type": ["boolean", "null"]},
    "number": {"type": ["number", "null"]},
    "integer": {"type": ["integer", "null"]},
    "text": {"type": ["string", "null"]},
    "enum": {"type": ["string", "null"]},
    "timestamp": {"type": ["string", "null"], "format": "date-time"},
    "firmware": {
        "type": ["object", "null"],
        "properties": {"installed": {"type": ["string", "null"]}, "latest": {"type": ["string", "null"]}},
        "required": ["installed", "latest"],
    },
}


def _property(row: Property[Any]) -> Schema:
    # `unit` and `settable` are no words of JSON Schema, which asks readers to pass over what they do not know.
    schema: Schema = {"title": row.name, **_TYPES[row.type.name]}
    if row.unit is not None:
        schema["unit"] = row.unit
    if row.options:
        schema["enum"] = [*row.options, None]
    if row.settable:
        schema["settable"] = True
    return schema
