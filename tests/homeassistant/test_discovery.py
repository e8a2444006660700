"""The messages that announce a charger and the bridge."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bridge.charger.properties import CATALOGUE
from bridge.charger.session import EventType
from bridge.charger.values import TEXT
from bridge.homeassistant.device import Mode, web_address
from bridge.homeassistant.discovery import Announcement
from bridge.homeassistant.values import Output
from bridge.mqtt.topics import RefreshTopic, RequestTopic, SetTopic, Topics
from tests.homeassistant.chargers import (
    action,
    announcement,
    capability,
    components,
    discovery,
    every_capability,
    own,
)
from tests.homeassistant.rules import faults

ACTIONS = (
    action("restart", device_class="restart", category="config", enabled=True),
    action("resume_schedule", enabled=True),
    action("unlock_cable"),
)
DEVICE_TOPIC = "homeassistant/device/charger2mqtt_123456/config"
BRIDGE_TOPIC = "homeassistant/device/charger2mqtt_charger2mqtt/config"


def whole(**identity: str) -> dict[str, Any]:
    """Return the message of a charger that has everything, as a whole device."""
    messages = discovery().charger_messages(announcement(every_capability(), None, ACTIONS, **identity))
    assert list(messages) == [f"homeassistant/device/charger2mqtt_{identity.get('serial', '123456')}/config"]
    (payload,) = messages.values()
    found: dict[str, Any] = json.loads(payload)
    return found


def bridge(instance: str = "charger2mqtt") -> dict[str, Any]:
    """Return the message of the bridge itself, as a whole device."""
    (payload,) = discovery(instance=instance).bridge_messages().values()
    found: dict[str, Any] = json.loads(payload)
    return found


@pytest.mark.parametrize("mode", ["device", "component"])
@pytest.mark.parametrize("output", ["both", "json", "scalar"])
@pytest.mark.parametrize("settable", [True, False])
def test_home_assistant_takes_every_property(mode: Mode, output: Output, *, settable: bool) -> None:
    """The whole catalogue passes Home Assistant's rules, in every mode, set or read."""
    told = announcement(every_capability(settable=settable), actions=ACTIONS, url="http://192.168.1.40/")
    there = discovery(mode, output)
    messages = there.bridge_messages() | there.charger_messages(told)
    assert {topic: found for topic, payload in messages.items() if (found := faults(topic, payload))} == {}


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("power", {"unit_of_measurement": "A"}),
        ("session_energy", {"state_class": "measurement"}),
        ("energy_last_day", {"entity_category": "config"}),
        ("status", {"state_class": "measurement"}),
        ("status", {"options": []}),
        ("current_limit", {"min": 90}),
        ("current_limit", {"retain": True}),
        ("charge_mode", {"options": ["none"]}),
        ("charging", {"payload_onn": "true"}),
        ("charging", {"device_class": "power"}),
        ("vendor_fna", {"max": 256}),
    ],
)
def test_the_rules_find_what_home_assistant_refuses(key: str, wrong: dict[str, Any]) -> None:
    """The check above can fail: these were refused or warned of, or are slips that Home Assistant does not tell."""
    told = announcement(every_capability() | own("fna", TEXT, settable=True))
    (payload,) = discovery().charger_messages(told).values()
    message = json.loads(payload)
    message["components"][key] |= wrong
    assert len(faults(DEVICE_TOPIC, json.dumps(message))) == 1


def test_both_modes_announce_the_same_entities() -> None:
    """A change of the mode loses no history: the same unique ids, the same options."""
    told = announcement(every_capability() | own("fna", TEXT, settable=True), actions=ACTIONS)
    (payload,) = discovery("device").charger_messages(told).values()
    device = json.loads(payload)
    shared = {key: value for key, value in device.items() if key != "components"}
    expected = {
        f"homeassistant/{entity['platform']}/charger2mqtt_123456/{key}/config": {**shared, **entity}
        for key, entity in device["components"].items()
    }
    single = discovery("component").charger_messages(told)
    assert {topic: json.loads(message) for topic, message in single.items()} == expected


def test_switched_off_there_is_nothing() -> None:
    """Discovery can be switched off."""
    assert discovery("off").charger_messages(announcement(every_capability())) == {}
    assert discovery("off").bridge_messages() == {}


def test_every_property_is_announced_but_for_those_of_the_documents_alone() -> None:
    """The values that stand in `state` only are no entities."""
    rows = {key for key, row in CATALOGUE.items() if not row.json_only}
    assert set(components(every_capability())) == rows | {"refresh", "event", "last_session"}


def test_nothing_is_announced_that_the_charger_does_not_have() -> None:
    """What it reports decides."""
    assert set(components({"power": capability("power")})) == {"power", "refresh", "event"}


def test_device_says_what_the_charger_says() -> None:
    """The identity, and nothing for what is not known."""
    assert whole()["device"] == {
        "identifiers": ["charger2mqtt_123456"],
        "name": "garage",
        "manufacturer": "go-e",
        "serial_number": "123456",
        "via_device": "charger2mqtt_charger2mqtt",
    }
    full = whole(model="Gemini", firmware="60.3", hardware="V4", name="Left one", url="http://192.168.1.40")["device"]
    assert full["name"] == "Left one"
    assert (full["model"], full["sw_version"], full["hw_version"]) == ("Gemini", "60.3", "V4")
    assert full["configuration_url"] == "http://192.168.1.40"


@pytest.mark.parametrize(
    ("configured", "own", "shown"),
    [("Garage", "go-e 123", "Garage"), (None, "go-e 123", "go-e 123"), (None, None, "garage")],
)
def test_shown_name(configured: str | None, own: str | None, shown: str) -> None:
    """The configured name, else the charger's own, else its key in the configuration."""
    told = announcement({})
    told = replace(told, name=configured, identity=replace(told.identity, name=own))
    assert told.shown_name == shown


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        (None, False),
        ("", False),
        ("http://192.168.1.40", True),
        ("https://[fe80::1]:8443/x", True),
        ("192.168.1.40", False),
        ("http://", False),
        ("http://host:port", False),
        ("http://[::1", False),
        ("http://a b/", False),
        ("ftp://host/", False),
    ],
)
def test_an_address_that_is_none_is_left_out(url: str | None, *, usable: bool) -> None:
    """With a bad one, Home Assistant would refuse the whole device."""
    assert web_address(url) == (url if usable else None)


def test_names_hang_on_the_serial_number_and_entity_ids_on_the_key() -> None:
    """Renaming a charger, or its key in the configuration, keeps the unique ids."""
    told = announcement({"power": capability("power")}, serial="AB:12/x")
    for charger in ("garage", "my--garage_2"):
        (item,) = discovery().charger_messages(replace(told, charger=charger)).items()
        topic, payload = item
        power = json.loads(payload)["components"]["power"]
        assert topic == "homeassistant/device/charger2mqtt_AB_12_x/config"
        assert power["unique_id"] == "charger2mqtt_AB_12_x_power"
        slug = {"garage": "garage", "my--garage_2": "my_garage_2"}[charger]
        assert (power["default_entity_id"], power["object_id"]) == (f"sensor.{slug}_power", f"{slug}_power")


def test_no_entity_repeats_the_name_of_its_device() -> None:
    """Home Assistant puts the device's name before it."""
    names = [entity["name"] for entity in whole()["components"].values()]
    assert len(names) == len(set(names))
    assert not any("garage" in name.lower() or not name[0].isupper() for name in names)


def test_availability() -> None:
    """Everything needs the bridge and the charger; what tells of the connection, and the refresh, the bridge alone."""
    message = whole()
    bridge_state, charger = {"topic": "charger2mqtt/bridge/state"}, {"topic": "charger2mqtt/garage/availability"}
    assert (message["availability"], message["availability_mode"]) == ([bridge_state, charger], "all")
    own = {key: entity["availability"] for key, entity in message["components"].items() if "availability" in entity}
    rows = {key for key, row in CATALOGUE.items() if row.about_connection}
    assert own == {key: [bridge_state] for key in rows | {"refresh"}}


def test_actions_are_buttons() -> None:
    """Pressed, they send PRESS to the action's topic."""
    shown = whole()["components"]
    buttons = {key: entity for key, entity in shown.items() if entity["platform"] == "button"}
    assert set(buttons) == {"restart", "resume_schedule", "unlock_cable", "refresh"}
    assert {entity["payload_press"] for entity in buttons.values()} == {"PRESS"}
    restart = buttons["restart"]
    assert (restart["device_class"], restart["entity_category"]) == ("restart", "config")
    assert "enabled_by_default" not in restart
    assert buttons["unlock_cable"]["enabled_by_default"] is False


def test_commands_arrive_where_the_bridge_listens() -> None:
    """Each command topic is one that the bridge understands, and means what the entity is called."""
    topics = Topics("charger2mqtt")
    heard = {
        key: topics.parse(entity["command_topic"])
        for key, entity in whole()["components"].items()
        if "command_topic" in entity
    }
    settable = {key for key, row in CATALOGUE.items() if row.settable}
    wanted = {key: SetTopic("garage", key) for key in settable | {one.key for one in ACTIONS}}
    assert heard == wanted | {"refresh": RefreshTopic("garage")}
    assert topics.parse(bridge()["components"]["refresh"]["command_topic"]) == RequestTopic(None, "refresh")


def test_events() -> None:
    """Every kind of event is announced: for another, Home Assistant logs a warning."""
    event = whole()["components"]["event"]
    assert event["state_topic"] == "charger2mqtt/garage/event"
    assert event["event_types"] == [kind.value for kind in EventType]


def test_last_session_needs_a_session() -> None:
    """Its energy is the state and the rest of the record are attributes; without a session energy it is left out."""
    last = whole()["components"]["last_session"]
    assert last["state_topic"] == last["json_attributes_topic"] == "charger2mqtt/garage/last_session"
    assert last["value_template"] == "{{ (value_json | default({})).get('energy') }}"
    assert last["json_attributes_template"] == "{{ value_json | default({}) | to_json }}"


def test_bridge() -> None:
    """Its connection is always shown, the rest while it is online."""
    message = bridge()
    assert message["origin"] == {"name": "charger2mqtt", "sw_version": "1.2.3"}
    assert (message["device"]["name"], message["device"]["sw_version"]) == ("charger2mqtt", "1.2.3")
    assert "availability" not in message
    assert list(message["components"]) == ["connection", "version", "started_at", "refresh"]
    connection = message["components"].pop("connection")
    assert "availability" not in connection
    assert (connection["payload_on"], connection["payload_off"]) == ("online", "offline")
    online = [{"topic": "charger2mqtt/bridge/state"}]
    assert all(entity["availability"] == online for entity in message["components"].values())


@pytest.mark.parametrize(
    ("instance", "node", "name", "entity"),
    [
        ("charger2mqtt", "charger2mqtt_charger2mqtt", "charger2mqtt", "sensor.charger2mqtt_version"),
        ("North side", "charger2mqtt_North_side", "charger2mqtt North side", "sensor.charger2mqtt_north_side_version"),
        (
            "charger2mqtt-b",
            "charger2mqtt_charger2mqtt-b",
            "charger2mqtt charger2mqtt-b",
            "sensor.charger2mqtt_b_version",
        ),
    ],
)
def test_several_bridges_on_one_broker(instance: str, node: str, name: str, entity: str) -> None:
    """They differ by their instance, whatever their topics are; a charger belongs to the one that announces it."""
    there = discovery(instance=instance)
    for base in ("charger2mqtt", "ev/south"):
        ((topic, payload),) = replace(there, topics=Topics(base)).bridge_messages().items()
        message = json.loads(payload)
        assert topic == f"homeassistant/device/{node}/config"
        assert message["device"]["identifiers"] == [node]
        assert message["device"]["name"] == name
        assert message["components"]["version"]["unique_id"] == f"{node}_version"
        assert message["components"]["version"]["default_entity_id"] == entity
    (payload,) = there.charger_messages(announcement({})).values()
    assert json.loads(payload)["device"]["via_device"] == node


def test_a_charger_without_a_letter_in_its_key_still_has_entity_ids() -> None:
    """`-` is allowed as a key."""
    told: Announcement = replace(announcement({"power": capability("power")}), charger="-")
    (payload,) = discovery().charger_messages(told).values()
    assert json.loads(payload)["components"]["power"]["default_entity_id"] == "sensor.charger_power"


def test_the_prefix_is_the_configured_one() -> None:
    """It may have several levels."""
    there = replace(discovery(), prefix="ha/discovery")
    assert list(there.bridge_messages()) == ["ha/discovery/device/charger2mqtt_charger2mqtt/config"]


def test_the_same_comes_out_the_same() -> None:
    """Whoever sends them compares them with the last ones."""
    assert whole() == whole()
    told = announcement(every_capability(), {"current_limit": 16})
    again = announcement(every_capability(), {"current_limit": 10, "power": 5.0})
    assert discovery().charger_messages(told) == discovery().charger_messages(again)
