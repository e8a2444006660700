"""Where Home Assistant finds the values."""

from __future__ import annotations

import pytest

from tests.homeassistant.chargers import component

STATE = "charger2mqtt/garage/state"


@pytest.mark.parametrize(
    ("key", "template"),
    [
        ("power", "{{ (value_json | default({})).get('power') }}"),
        ("status", "{{ (value_json | default({})).get('status') }}"),
        ("last_update", "{{ (value_json | default({})).get('last_update') }}"),
        ("error_text", "{{ ((value_json | default({})).get('error_text') | string)[:255] }}"),
        (
            "charging",
            (
                "{% set on = (value_json | default({})).get('charging') %}"
                "{{ 'None' if on is none else 'true' if on else 'false' }}"
            ),
        ),
    ],
)
def test_values_come_out_of_the_snapshot(key: str, template: str) -> None:
    """Null, a missing key and an empty payload come out as None, which means unknown; booleans as on the topics."""
    shown = component(key)
    assert (shown["state_topic"], shown["value_template"]) == (STATE, template)
    assert component(key, output="json") == shown


@pytest.mark.parametrize(
    ("key", "template"),
    [
        ("power", None),
        ("charging", None),
        ("error_text", "{{ '' if value == '\"\"' else value[:255] or 'None' }}"),
        ("firmware", None),
    ],
)
def test_values_come_from_scalars_where_there_is_no_snapshot(key: str, template: str | None) -> None:
    """The scalar topics need no template, but for texts, which may be empty or too long for Home Assistant."""
    shown = component(key, output="scalar")
    assert (shown["state_topic"], shown.get("value_template")) == (f"charger2mqtt/garage/{key}", template)


def test_firmware_versions_that_are_not_known_come_out_empty() -> None:
    """Home Assistant has no unknown version and takes `None` for one, but passes over the empty text."""
    shown = component("firmware")
    firmware = "((value_json | default({})).get('firmware') or {})"
    assert shown["state_topic"] == shown["latest_version_topic"] == STATE
    assert shown["value_template"] == f"{{{{ {firmware}.get('installed') or '' }}}}"
    assert shown["latest_version_template"] == f"{{{{ {firmware}.get('latest') or '' }}}}"
    assert "command_topic" not in shown


@pytest.mark.parametrize("key", ["charging_enabled", "locked", "current_limit", "charge_mode"])
def test_commands_go_to_the_property(key: str) -> None:
    """With QoS 1 and never retained: a retained command would be carried out again at every reconnect."""
    shown = component(key)
    assert (shown["command_topic"], shown["qos"], shown["retain"]) == (f"charger2mqtt/garage/{key}/set", 1, False)
