"""The catalogue: every row of contract section 3, said a second time."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bridge.charger import properties
from bridge.charger.properties import CATALOGUE
from bridge.charger.property import RESERVED_NAMES, Bounds, Property, vendor_key
from bridge.charger.values import BOOLEAN, INTEGER, NUMBER, TEXT, ValueType


@dataclass(frozen=True, slots=True)
class Row:
    """What the contract says of a property; `alone` means that its availability is the bridge's only."""

    type: str
    unit: str | None = None
    device_class: str | None = None
    state_class: str | None = None
    category: str | None = None
    settable: bool = False
    enabled: bool = False
    options: str = ""
    alone: bool = False
    json_only: bool = False


def measured(unit: str, device_class: str, category: str | None = None, *, enabled: bool = False) -> Row:
    """Return a reading that goes up and down."""
    return Row("number", unit, device_class, "measurement", category, enabled=enabled)


def energy(*, enabled: bool = False, state_class: str | None = "total_increasing") -> Row:
    """Return a reading in kWh."""
    return Row("number", "kWh", "energy", state_class, enabled=enabled)


def diagnostic(unit: str, device_class: str) -> Row:
    """Return a reading for those who look closer."""
    return measured(unit, device_class, "diagnostic")


STATUSES = (
    "disconnected connected awaiting_authorization scheduled queued charging discharging paused suspended_ev finished"
    " locked reserved unavailable error offline"
)

CONTRACT = {
    "status": Row("enum", device_class="enum", enabled=True, options=STATUSES),
    "status_reason": Row("text", enabled=True),
    "status_raw": Row("text", category="diagnostic"),
    "iec61851": Row("enum", device_class="enum", category="diagnostic", options="A B C D E F"),
    "vehicle_connected": Row("boolean", device_class="plug", enabled=True),
    "charging": Row("boolean", device_class="battery_charging", enabled=True),
    "online": Row("boolean", device_class="connectivity", category="diagnostic", enabled=True, alone=True),
    "problem": Row("boolean", device_class="problem", category="diagnostic", enabled=True),
    "error_code": Row("text", category="diagnostic", enabled=True),
    "error_text": Row("text", category="diagnostic", enabled=True),
    "reauth_required": Row("boolean", device_class="problem", category="diagnostic", enabled=True, alone=True),
    "rate_limited": Row("boolean", device_class="problem", category="diagnostic"),
    "charging_enabled": Row("boolean", settable=True, enabled=True),
    "charge_override": Row("enum", settable=True, options="auto off on"),
    "charge_mode": Row("enum", settable=True, enabled=True, options="standard eco full_solar next_trip"),
    "current_limit": Row("number", "A", "current", settable=True, enabled=True),
    "current_limit_min": diagnostic("A", "current"),
    "current_limit_max": diagnostic("A", "current"),
    "current_offered": measured("A", "current"),
    "limit_reason": Row(
        "enum",
        device_class="enum",
        category="diagnostic",
        options="setting installation cable hardware dynamic temperature phase vehicle",
    ),
    "phase_mode": Row("enum", settable=True, enabled=True, options="auto single three"),
    "phases_active": Row("integer", state_class="measurement", category="diagnostic", enabled=True),
    "locked": Row("boolean", device_class="lock", settable=True, enabled=True),
    "cable_locked": Row("boolean", device_class="lock", category="diagnostic"),
    "power": measured("W", "power", enabled=True),
    "power_l1": measured("W", "power"),
    "power_l2": measured("W", "power"),
    "power_l3": measured("W", "power"),
    "current_l1": diagnostic("A", "current"),
    "current_l2": diagnostic("A", "current"),
    "current_l3": diagnostic("A", "current"),
    "voltage_l1": diagnostic("V", "voltage"),
    "voltage_l2": diagnostic("V", "voltage"),
    "voltage_l3": diagnostic("V", "voltage"),
    "power_factor_l1": diagnostic("%", "power_factor"),
    "power_factor_l2": diagnostic("%", "power_factor"),
    "power_factor_l3": diagnostic("%", "power_factor"),
    "frequency": diagnostic("Hz", "frequency"),
    "temperature": diagnostic("°C", "temperature"),
    "wifi_rssi": Row("integer", "dBm", "signal_strength", "measurement", "diagnostic"),
    "session_energy": energy(enabled=True),
    "session_energy_green": energy(),
    "session_energy_grid": energy(),
    "session_energy_discharged": energy(),
    "total_energy": energy(enabled=True),
    "session_energy_limit": Row("number", "kWh", "energy", settable=True, enabled=True),
    "session_duration": Row("integer", "s", "duration", "measurement", enabled=True),
    "session_start": Row("timestamp", device_class="timestamp"),
    "session_cost": Row("number", device_class="monetary", state_class="total"),
    "session_card": Row("text", category="diagnostic"),
    "energy_price": Row("number", category="config", settable=True),
    "energy_last_day": energy(state_class=None),
    "energy_last_week": energy(state_class=None),
    "energy_last_month": energy(state_class=None),
    "added_range": measured("km", "distance"),
    "vehicle_soc": measured("%", "battery"),
    "house_current_limit": Row("number", "A", "current", category="config", settable=True),
    "power_boost": Row("boolean", category="config", settable=True),
    "smart_charging": Row("boolean", settable=True, enabled=True),
    "boost": Row("boolean", settable=True, enabled=True),
    "soc_target_min": Row("number", "%"),
    "soc_target_max": Row("number", "%"),
    "led_brightness": Row("number", "%", category="config", settable=True),
    "firmware": Row("firmware", device_class="firmware", enabled=True),
    "last_update": Row("timestamp", device_class="timestamp", category="diagnostic", enabled=True, alone=True),
    "stale": Row("boolean", json_only=True),
    "data_age_s": Row("integer", "s", json_only=True),
}
"""Where the contract names no state class for a measurement, `measurement` is what Home Assistant's users expect."""


def test_the_catalogue_has_the_rows_of_the_contract_and_no_other() -> None:
    """A new property is a new row in both."""
    assert set(CATALOGUE) == set(CONTRACT)


@pytest.mark.parametrize("key", CONTRACT)
def test_each_row_is_that_of_the_contract(key: str) -> None:
    """Key, type, unit, classes, category, settable, enabled, options."""
    row = CATALOGUE[key]
    found = Row(
        type=row.type.name,
        unit=row.unit,
        device_class=row.device_class,
        state_class=row.state_class,
        category=row.category,
        settable=row.settable,
        enabled=row.enabled,
        options=" ".join(row.options),
        alone=row.about_connection,
        json_only=row.json_only,
    )
    assert (row.key, found) == (key, CONTRACT[key])


@pytest.mark.parametrize("key", CATALOGUE)
def test_each_row_can_be_checked_and_shown(key: str) -> None:
    """What can be set has limits or options, what is chosen from is closed, and everything has a name for people."""
    row = CATALOGUE[key]
    assert row.name[0].isupper()
    assert not row.vendor
    assert bool(row.options) is (row.type.name == "enum")
    assert not {"unknown", "none"} & set(row.options)
    assert len(set(row.options)) == len(row.options)
    if row.type in {NUMBER, INTEGER} and row.settable:
        assert row.bounds is not None
        assert row.bounds.minimum < row.bounds.maximum
        assert row.bounds.step > 0
    else:
        assert row.bounds is None


@pytest.mark.parametrize("key", CATALOGUE)
def test_controls_are_never_damped(key: str) -> None:
    """Only measurements are noisy."""
    row = CATALOGUE[key]
    assert not (row.measured and row.settable)
    assert not row.measured or row.type in {NUMBER, INTEGER}


def test_names_for_people_are_told_apart() -> None:
    """Two entities of one device with the same name could not be."""
    assert len({row.name for row in CATALOGUE.values()}) == len(CATALOGUE)


def test_the_module_names_each_row_once() -> None:
    """A vendor's table says `p.POWER`, and no row is hidden under another."""
    rows = [row for row in vars(properties).values() if isinstance(row, Property)]
    assert rows == list(CATALOGUE.values())


# What cannot be a row

FIXED_LEAVES = "state set availability result event refresh last_session vendor request response"  # contract section 1


def test_the_reserved_names_are_those_of_the_contract() -> None:
    """The fixed leaves of a charger's topics."""
    assert set(FIXED_LEAVES.split()) == RESERVED_NAMES


@pytest.mark.parametrize("name", FIXED_LEAVES.split())
def test_a_property_cannot_be_named_like_a_fixed_topic(name: str) -> None:
    """Refused when the table is made, so at the first import."""
    with pytest.raises(ValueError, match=f"^{name} is a fixed name of the topic tree$"):
        Property(key=name, name="Whatever", type=TEXT)
    assert Property(key=name, name="Whatever", type=TEXT, vendor=True).key == name


@pytest.mark.parametrize("type_", [NUMBER, INTEGER], ids=lambda type_: type_.name)
def test_a_settable_number_needs_bounds(type_: ValueType[float]) -> None:
    """Nobody could say `out_of_range` without."""
    with pytest.raises(ValueError, match=r"^speed is a settable number without bounds$"):
        Property(key="speed", name="Speed", type=type_, settable=True)
    Property(key="speed", name="Speed", type=type_)
    Property(key="speed", name="Speed", type=BOOLEAN, settable=True)
    Property(key="speed", name="Speed", type=type_, settable=True, bounds=Bounds(minimum=0, maximum=1, step=1))


@pytest.mark.parametrize(
    ("key", "topic"),
    [
        ("amp", "vendor/amp"),
        ("modelStatus", "vendor/modelStatus"),
        ("a-b_C9", "vendor/a-b_C9"),
        ("grid.power", "vendor/grid_power"),
        ("a b/c#+$", "vendor/a_b_c___"),
        ("größe", "vendor/gr__e"),
        ("", "vendor/"),
    ],
)
def test_a_vendors_key_is_safe_for_every_broker(key: str, topic: str) -> None:
    """Every character outside `[A-Za-z0-9_-]` becomes `_`."""
    assert vendor_key(key) == topic
