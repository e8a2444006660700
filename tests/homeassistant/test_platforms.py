"""Which entity shows which property."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.charger.binding import Capability
from bridge.charger.properties import CATALOGUE
from bridge.charger.property import Bounds, Property
from bridge.charger.status import Status
from bridge.charger.values import NUMBER, TEXT, Value
from bridge.homeassistant.platforms import platform_options
from bridge.homeassistant.values import Output
from tests.homeassistant.chargers import component, components, every_capability


@pytest.mark.parametrize(
    ("key", "when_set", "when_read"),
    [
        ("charging_enabled", "switch", "binary_sensor"),
        ("locked", "lock", "binary_sensor"),
        ("charging", "binary_sensor", "binary_sensor"),
        ("current_limit", "number", "sensor"),
        ("power", "sensor", "sensor"),
        ("phases_active", "sensor", "sensor"),
        ("charge_mode", "select", "sensor"),
        ("status", "sensor", "sensor"),
        ("error_text", "sensor", "sensor"),
        ("session_start", "sensor", "sensor"),
        ("firmware", "update", "update"),
    ],
)
def test_platform_follows_from_the_type_and_from_whether_it_can_be_set(key: str, when_set: str, when_read: str) -> None:
    """A property that this charger does not let us set is shown as a reading."""
    shown = [components(every_capability(settable=settable))[key]["platform"] for settable in (True, False)]
    assert shown == [when_set, when_read]


@pytest.mark.parametrize("output", ["both", "scalar"])
def test_a_text_that_can_be_set_is_a_text_to_edit(output: Output) -> None:
    """It offers the empty text, not the word for unknown: the text platform knows no such word."""
    row: Property[str] = Property(key="note", name="Note", type=TEXT, settable=True)
    shown = components({"note": Capability(property=row, settable=True)}, output=output)["note"]
    assert (shown["platform"], shown["min"], shown["max"]) == ("text", 0, 255)
    assert shown["command_topic"] == "charger2mqtt/garage/note/set"
    template = shown["value_template"]
    if output == "both":
        assert template == "{{ ((value_json | default({})).get('note') or '')[:255] }}"
    else:
        assert template == "{{ '' if value in ('None', '\"\"') else value[:255] }}"


def test_firmware_is_text_where_only_scalars_are_published() -> None:
    """The scalar topic has the installed version alone, which is no update entity."""
    shown = component("firmware", output="scalar")
    assert (shown["platform"], shown["entity_category"], "device_class" in shown) == ("sensor", "diagnostic", False)


@pytest.mark.parametrize(
    ("reported", "minimum", "maximum"),
    [(None, 6, 16), (6, 6, 16), (16, 6, 16), (0, 0, 16), (20, 6, 20), (16.5, 6, 16.5), (5.1239, 5.124, 16)],
)
def test_bounds_include_the_reported_value(reported: Value, minimum: float, maximum: float) -> None:
    """Home Assistant logs an error for a value outside its bounds, and keeps the old one."""
    shown = component("current_limit", reported, bounds=Bounds(minimum=6, maximum=16, step=1))
    assert (shown["min"], shown["max"], shown["step"]) == (minimum, maximum, 1)


def test_bounds_of_the_catalogue_hold_where_the_charger_gives_none() -> None:
    """Home Assistant's own defaults, 1 to 100, never do."""
    shown = component("led_brightness")
    assert (shown["min"], shown["max"], shown["step"], shown["mode"]) == (0, 100, 1, "box")


def test_number_without_any_bounds_takes_what_comes() -> None:
    """A row cannot be without bounds and settable; if a capability says so, nothing is held back by a made-up limit."""
    reading: Property[float] = Property(key="odd", name="Odd", type=NUMBER)
    options = platform_options("number", Capability(property=reading, settable=True), None)
    assert (options["min"], options["max"], options["step"]) == (-1_000_000_000, 1_000_000_000, 0.001)


def test_step_is_never_finer_than_home_assistant_takes() -> None:
    """A finer one would cost the entity."""
    assert component("energy_price", bounds=Bounds(minimum=0, maximum=1, step=0.0001))["step"] == 0.001


@pytest.mark.parametrize(
    ("settable", "reported", "options"),
    [
        (True, None, ["standard", "eco"]),
        (True, "eco", ["standard", "eco"]),
        (True, "next_trip", ["standard", "eco", "next_trip"]),
        (False, None, ["standard", "eco", "full_solar", "next_trip"]),
    ],
)
def test_options_include_the_reported_one(*, settable: bool, reported: Value, options: list[str]) -> None:
    """A select offers what the charger has and what it reports; a sensor lists every value there is."""
    shown = component("charge_mode", reported, settable=settable, options=("standard", "eco"))
    assert shown["options"] == options


def test_status_lists_every_status() -> None:
    """A status outside the list would not be shown, and be a warning in the log."""
    assert component("status")["options"] == [status.value for status in Status]


@pytest.mark.parametrize(
    ("key", "settable", "options"),
    [
        ("cable_locked", False, {"device_class": "lock", "payload_on": "false", "payload_off": "true"}),
        ("locked", False, {"device_class": "lock", "payload_on": "false", "payload_off": "true"}),
        (
            "locked",
            True,
            {"payload_lock": "true", "payload_unlock": "false", "state_locked": "true", "state_unlocked": "false"},
        ),
        ("boost", True, {"payload_on": "true", "payload_off": "false"}),
        ("problem", False, {"device_class": "problem", "payload_on": "true", "payload_off": "false"}),
    ],
)
def test_booleans_are_sent_and_read_as_on_the_topics(key: str, options: dict[str, Any], *, settable: bool) -> None:
    """Of a binary sensor of class lock, on means unlocked: it is turned round."""
    assert component(key, settable=settable).items() >= options.items()


@pytest.mark.parametrize(
    ("key", "options"),
    [
        (
            "power",
            {
                "device_class": "power",
                "state_class": "measurement",
                "unit_of_measurement": "W",
                "suggested_display_precision": 0,
            },
        ),
        ("session_duration", {"device_class": "duration", "suggested_display_precision": 0}),
        ("total_energy", {"device_class": "energy", "state_class": "total_increasing", "unit_of_measurement": "kWh"}),
        ("last_update", {"device_class": "timestamp"}),
    ],
)
def test_sensor_says_what_the_catalogue_says(key: str, options: dict[str, Any]) -> None:
    """Class, unit and decimals are those of the row."""
    assert component(key).items() >= options.items()


@pytest.mark.parametrize(
    ("key", "settable", "unit"),
    [("energy_price", True, "EUR/kWh"), ("session_cost", False, "EUR"), ("power", False, "kW")],
)
def test_unit_is_the_chargers_where_it_has_one(key: str, *, settable: bool, unit: str) -> None:
    """Prices come in the currency of the account."""
    ability = Capability(property=CATALOGUE[key], settable=settable, unit=unit)
    platform = "number" if settable else "sensor"
    assert platform_options(platform, ability, None)["unit_of_measurement"] == unit


def test_category_config_is_left_out_of_readings() -> None:
    """Home Assistant refuses a sensor that calls itself a setting."""
    assert component("energy_price")["entity_category"] == "config"
    assert "entity_category" not in component("energy_price", settable=False)
    assert "entity_category" not in component("power_boost", settable=False)
    assert component("frequency")["entity_category"] == "diagnostic"


def test_only_what_a_newcomer_should_see_is_enabled() -> None:
    """Everything else waits, disabled, until someone wants it."""
    shown = components(every_capability())
    hidden = {key for key in CATALOGUE if not CATALOGUE[key].enabled and not CATALOGUE[key].json_only}
    assert {key for key, entity in shown.items() if entity.get("enabled_by_default") is False} == hidden
