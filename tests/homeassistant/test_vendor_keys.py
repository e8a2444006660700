"""A vendor's own keys in Home Assistant: announced, disabled at first, each from its own topic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, Undefined

from bridge.charger.binding import capability, read_all
from bridge.charger.nullable import Nullable
from bridge.charger.values import BOOLEAN, ENUM, INTEGER, JSON, NOTHING, NUMBER, TEXT, TIMESTAMP, ValueType
from bridge.homeassistant.device import Mode
from bridge.homeassistant.naming import component_key
from bridge.homeassistant.values import Output
from bridge.http import Http
from bridge.mqtt.topics import SetTopic, Topics
from bridge.settings import Settings
from bridge.simulators.goe import GoeSimulator
from bridge.vendors import VENDORS
from tests.homeassistant.chargers import TIME, announcement, components, discovery, own
from tests.homeassistant.rules import faults
from tests.support.bridges import goe, make_settings, running
from tests.support.broker import TestBroker
from tests.support.probe import probe
from tests.vendors.bench import connected, simulated, supported

NEVER_READ = {f"vendor_{key}" for key in ("rst", "lrn", "del", "delw", "oct", "awpl", "ocppfai", "wak", "pass")}
"""Keys of a go-e that take a value and never tell one."""
MODES: tuple[Mode, ...] = ("device", "component")
FUP = "charger2mqtt/garage/vendor/fup"


def entity(type_: ValueType[Any], *, output: Output = "both", **more: Any) -> dict[str, Any]:
    """Return the entity of the vendor's key `fup`."""
    found: dict[str, Any] = components(own("fup", type_, **more), output=output)["vendor_fup"]
    return found


def rendered(template: str, payload: str) -> str:
    """Return what Home Assistant makes of a payload: `value_json` is there where it can be read."""
    environment = Environment(autoescape=False)  # noqa: S701 - as Home Assistant does
    environment.filters["to_json"] = lambda value: json.dumps(value, default=str)
    try:
        value_json = json.loads(payload)
    except ValueError:
        value_json = Undefined(name="value_json")
    return environment.from_string(template).render(value=payload, value_json=value_json).strip()


@pytest.mark.parametrize("vendor", VENDORS)
async def test_home_assistant_takes_every_key(vendor: str) -> None:
    """Whatever a charger has, set or read, in either mode: nothing that Home Assistant refuses or warns of."""
    async with simulated(vendor) as simulator, Http() as http, connected(vendor, simulator, http) as charger:
        document = await charger.fetch()
        rows = supported(charger, document)
    values = read_all(rows.values(), document).values
    hidden = {component_key(key) for key, row in rows.items() if row.property.secret or row.property.write_only}
    for read_only in (False, True):
        able = {key: capability(row, document, read_only=read_only) for key, row in rows.items()}
        for mode in MODES:
            messages = discovery(mode).charger_messages(announcement(able, values))
            assert {topic: found for topic, payload in messages.items() if (found := faults(topic, payload))} == {}
        shown = {key: one for key, one in components(able, values).items() if key.startswith("vendor_")}
        assert shown.keys() == {component_key(key) for key, row in rows.items() if row.property.vendor} - hidden
        assert not shown.keys() & NEVER_READ
        assert {one["enabled_by_default"] for one in shown.values()} == {False}


@pytest.mark.parametrize("output", ["both", "json", "scalar"])
@pytest.mark.parametrize("mode", MODES)
def test_values_come_from_the_keys_own_topic(mode: Mode, output: Output) -> None:
    """The `state` document has none of them, and their own topics are there whatever `publish.output` says."""
    told = announcement(own("fup", BOOLEAN, settable=True))
    found = [json.loads(payload) for payload in discovery(mode, output).charger_messages(told).values()]
    every = found[0]["components"].values() if mode == "device" else found
    (shown,) = [one for one in every if one["unique_id"].endswith("_vendor_fup")]
    assert (shown["state_topic"], shown["command_topic"]) == (FUP, f"{FUP}/set")
    assert "value_template" not in shown
    assert Topics("charger2mqtt").parse(shown["command_topic"]) == SetTopic("garage", "vendor/fup")


@pytest.mark.parametrize(
    ("key", "name", "id_", "entity_id", "shown_name"),
    [
        ("rbc", "Restarts", "vendor_rbc", "garage_vendor_rbc", "Restarts (rbc)"),
        ("modelStatus", "Reason", "vendor_modelStatus", "garage_vendor_modelstatus", "Reason (modelStatus)"),
        ("a.b-c", "Colour", "vendor_a_b-c", "garage_vendor_a_b_c", "Colour (a_b-c)"),
        ("led.level", "led.level", "vendor_led_level", "garage_vendor_led_level", "led.level"),
    ],
)
def test_names(key: str, name: str, id_: str, entity_id: str, shown_name: str) -> None:
    """The key is in every name: people know it, and the same words may stand for a normalised property too."""
    shown = components(own(key, INTEGER, name=name))[id_]
    assert shown["unique_id"] == f"charger2mqtt_123456_{id_}"
    assert (shown["default_entity_id"], shown["object_id"]) == (f"sensor.{entity_id}", entity_id)
    assert shown["name"] == shown_name
    topics = discovery("component").charger_messages(announcement(own(key, INTEGER, name=name)))
    assert f"homeassistant/sensor/charger2mqtt_123456/{id_}/config" in topics


@pytest.mark.parametrize(
    ("type_", "when_set", "when_read"),
    [
        (BOOLEAN, "switch", "binary_sensor"),
        (NUMBER, "number", "sensor"),
        (INTEGER, "number", "sensor"),
        (Nullable(INTEGER), "number", "sensor"),
        (TEXT, "text", "sensor"),
        (Nullable(TEXT), "text", "sensor"),
        (TIME, "text", "sensor"),
        (JSON, "sensor", "sensor"),
        (TIMESTAMP, "sensor", "sensor"),
    ],
)
def test_platform_follows_from_the_type(type_: ValueType[Any], when_set: str, when_read: str) -> None:
    """A setting has a control where Home Assistant has one for its type, and a reading is a reading."""
    setting, reading = entity(type_, settable=True), entity(type_)
    assert (setting["platform"], reading["platform"]) == (when_set, when_read)
    assert ("command_topic" in setting, "command_topic" in reading) == (when_set != "sensor", False)


def test_a_choice_is_a_select_and_a_reading_lists_its_options() -> None:
    """Where the vendor names the options."""
    shown = entity(ENUM, settable=True, options=("low", "high"))
    assert (shown["platform"], shown["options"]) == ("select", ["low", "high"])
    reading = entity(ENUM, options=("low", "high"))
    assert (reading["platform"], reading["device_class"], reading["options"]) == ("sensor", "enum", ["low", "high"])


@pytest.mark.parametrize("unit", ["A", "ct", "B", "Wh", "bananas"])
def test_units_are_shown_without_a_class(unit: str) -> None:
    """Home Assistant checks a unit against the device class, and takes any where there is no class."""
    for settable in (True, False):
        shown = entity(NUMBER, settable=settable, unit=unit)
        assert shown["unit_of_measurement"] == unit
        assert "device_class" not in shown


@pytest.mark.parametrize("type_", [TEXT, JSON, TIME, TIMESTAMP])
def test_what_is_no_number_has_no_unit(type_: ValueType[Any]) -> None:
    """With a unit, Home Assistant would want a number."""
    assert "unit_of_measurement" not in entity(type_, unit="s")


def test_a_moment_is_shown_as_one() -> None:
    """Its topic has the zone that Home Assistant wants."""
    assert entity(TIMESTAMP)["device_class"] == "timestamp"


@pytest.mark.parametrize(
    ("type_", "settable", "payload", "state"),
    [
        (TEXT, False, "warm", "warm"),
        (TEXT, False, "x" * 300, "x" * 255),
        (TEXT, False, "None", "None"),
        (TEXT, False, '""', ""),
        (TEXT, False, "", "None"),
        (TEXT, True, "warm", "warm"),
        (TEXT, True, "x" * 300, "x" * 255),
        (TEXT, True, "None", ""),
        (TEXT, True, '""', ""),
        (TEXT, True, "", ""),
        (JSON, False, '{"a":1}', '{"a":1}'),
        (JSON, True, f"[{'1,' * 200}1]", f"[{'1,' * 200}1]"[:255]),
        (JSON, False, "None", "None"),
        (JSON, False, "", "None"),
    ],
)
def test_texts(type_: ValueType[Any], payload: str, state: str, *, settable: bool) -> None:
    """They are cut to what Home Assistant takes; unknown is `None`, but a control offers the empty text for editing."""
    assert rendered(entity(type_, settable=settable)["value_template"], payload) == state


@pytest.mark.parametrize(
    ("payload", "value"),
    [("[1,2]", [1, 2]), ('{"a":"ä"}', {"a": "ä"}), ("None", None), ("", None), ("5", 5)],
)
def test_lists_and_objects_are_whole_in_an_attribute(payload: str, value: Any) -> None:
    """Cut, they would be no JSON any more; Home Assistant takes only an object for attributes."""
    shown = entity(JSON)
    assert shown["json_attributes_topic"] == shown["state_topic"] == FUP
    assert json.loads(rendered(shown["json_attributes_template"], payload)) == {"value": value}


def test_lengths_of_a_text() -> None:
    """The empty text is one, and Home Assistant takes no longer state than this."""
    shown = entity(TEXT, settable=True)
    assert (shown["min"], shown["max"]) == (0, 255)


def test_a_number_that_is_nothing_is_unknown() -> None:
    """`None` resets a number in Home Assistant, unless the entity names another word; nothing is no bound either."""
    able = own("dwo", Nullable(INTEGER), settable=True)
    shown = components(able, {"vendor/dwo": NOTHING})["vendor_dwo"]
    assert Nullable(INTEGER).text(NOTHING) == "None"
    assert not {"payload_reset", "value_template"} & shown.keys()
    assert (shown["min"], shown["max"]) == (0, 100)


@pytest.mark.parametrize("flag", ["secret", "write_only"])
def test_what_is_never_read_is_not_announced(flag: str) -> None:
    """There is nothing to show, and a secret is never a text to edit."""
    assert set(components(own("wak", TEXT, settable=True, **{flag: True}))) == {"refresh", "event"}


@pytest.mark.mosquitto
async def test_a_key_goes_from_the_configuration(
    shared_broker: TestBroker, base: str, tmp_path: Path, simulator: GoeSimulator
) -> None:
    """Its entity is taken back and its topic emptied, and the others stay; a setting takes what its entity sends."""
    switch = f"/{base}-ha/switch/charger2mqtt_123456/vendor_fup/config"
    sensor = f"/{base}-ha/sensor/charger2mqtt_123456/vendor_rbc/config"

    def settings(*keys: str) -> Settings:
        return make_settings(
            shared_broker.port,
            {"garage": goe(simulator, vendor_keys=list(keys))},
            mqtt={"base_topic": base, "client_id": base},
            homeassistant={"prefix": f"{base}-ha", "discovery": "component"},
            publish={"health_interval": 0.2, "output": "json"},
        )

    async with probe(shared_broker.port, base, topics=(f"{base}/#", f"{base}-ha/#")) as ear:
        async with running(settings("fup", "rbc"), tmp_path):
            fup, rbc = (await ear.until(switch)).json, (await ear.until(sensor)).json
            await ear.until(f"/{rbc['state_topic']}")
            await ear.until(f"/{fup['state_topic']}", fup["payload_on"])
            await ear.send(f"/{fup['command_topic']}", fup["payload_off"])
            await ear.until(f"/{fup['state_topic']}", fup["payload_off"], within=15)
        ear.forget()
        async with running(settings("rbc"), tmp_path):
            await ear.until(switch, "", within=15)
            await ear.until(f"/{fup['state_topic']}", "", within=15)
        assert "" not in [heard.text for heard in ear.all(sensor) + ear.all(f"/{rbc['state_topic']}")]
