"""The JSON schemas that `charger2mqtt schema` prints."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.charger.properties import CATALOGUE
from bridge.settings import Settings
from bridge.settings.schema import Schema, configuration_schema, state_schema
from bridge.vendors import VENDORS


def _entries(schema: Schema, section: str) -> Schema:
    """Return what is said of every account or charger."""
    (entries,) = schema["properties"][section]["patternProperties"].values()
    found: Schema = entries
    return found


def test_the_configuration_has_every_section_and_vendor() -> None:
    """A vendor is an alternative of its own, told apart by `vendor`."""
    schema = configuration_schema()

    assert set(schema["properties"]) == set(Settings.model_fields)
    chargers = _entries(schema, "chargers")["oneOf"]
    assert [charger["properties"]["vendor"]["const"] for charger in chargers] == list(VENDORS)
    assert not any(charger["additionalProperties"] for charger in chargers)
    accounts = {account["properties"]["vendor"]["const"] for account in _entries(schema, "accounts")["oneOf"]}
    assert accounts == {name for name, vendor in VENDORS.items() if vendor.account_settings is not None}


def test_a_secret_may_be_in_a_file() -> None:
    """The models do not have these keys, but the file may."""
    mqtt = configuration_schema()["$defs"]["Mqtt"]["properties"]

    assert mqtt["password_file"]["type"] == "string"
    assert not [key for key in mqtt if key.endswith("_file_file")]


@pytest.mark.usefixtures("acme")
def test_a_required_secret_is_required_in_one_of_its_forms() -> None:
    """Whether here or in a file, also in a section of a vendor's."""
    schema = configuration_schema()

    account = _entries(schema, "accounts")["oneOf"][-1]
    assert account["required"] == ["vendor", "email"]
    assert account["allOf"] == [{"anyOf": [{"required": ["password"]}, {"required": ["password_file"]}]}]
    assert set(schema["$defs"]["Door"]["properties"]) == {"code", "code_file"}
    assert len(_entries(schema, "chargers")["oneOf"]) == len(VENDORS)


def test_the_state_has_every_property() -> None:
    """Any of them may be unknown, and none must be there."""
    schema = state_schema()
    properties = {key: value for key, value in schema["properties"].items() if key not in {"schema", "ts"}}

    assert list(properties) == list(CATALOGUE)
    assert all("null" in value["type"] for value in properties.values())
    assert schema["required"] == ["schema", "ts"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("power", {"title": "Power", "type": ["number", "null"], "unit": "W"}),
        ("current_limit", {"title": "Current limit", "type": ["number", "null"], "unit": "A", "settable": True}),
        ("charging", {"title": "Charging", "type": ["boolean", "null"]}),
        ("phases_active", {"title": "Active phases", "type": ["integer", "null"]}),
        ("last_update", {"title": "Last update", "type": ["string", "null"], "format": "date-time"}),
        (
            "phase_mode",
            {
                "title": "Phase mode",
                "type": ["string", "null"],
                "enum": ["auto", "single", "three", None],
                "settable": True,
            },
        ),
    ],
)
def test_a_property_is_described_by_its_row(key: str, expected: dict[str, Any]) -> None:
    """Type, unit and options come from the catalogue."""
    assert state_schema()["properties"][key] == expected
