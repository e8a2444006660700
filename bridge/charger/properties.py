"""The catalogue: every property a charger can report or accept, said once (contract section 3).

Topics, validation, discovery, the JSON schema and the documentation are derived from these rows. A vendor adds a
binding for each row it supports; a row without binding is absent from everything that charger publishes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bridge.charger.property import Bounds, Category, Property
from bridge.charger.status import IEC_LETTERS, Status
from bridge.charger.values import BOOLEAN, ENUM, FIRMWARE, INTEGER, NUMBER, TEXT, TIMESTAMP, Firmware


def _measured(
    key: str,
    name: str,
    unit: str,
    device_class: str | None,
    *,
    decimals: int = 1,
    enabled: bool = False,
    category: Category | None = None,
    noisy: bool = True,
) -> Property[float]:
    return Property(
        key=key,
        name=name,
        type=NUMBER,
        unit=unit,
        device_class=device_class,
        state_class="measurement",
        category=category,
        enabled=enabled,
        display_decimals=decimals,
        measured=noisy,
    )


def _diagnostic(
    key: str, name: str, unit: str, device_class: str | None, *, decimals: int = 1, noisy: bool = True
) -> Property[float]:
    return _measured(key, name, unit, device_class, decimals=decimals, category="diagnostic", noisy=noisy)


def _energy(key: str, name: str, *, enabled: bool = False, counter: bool = True) -> Property[float]:
    return Property(
        key=key,
        name=name,
        type=NUMBER,
        unit="kWh",
        device_class="energy",
        state_class="total_increasing" if counter else None,
        enabled=enabled,
        display_decimals=2,
        measured=True,
    )


def _flag(
    key: str,
    name: str,
    device_class: str | None,
    *,
    enabled: bool = False,
    category: Category | None = None,
    about_connection: bool = False,
) -> Property[bool]:
    return Property(
        key=key,
        name=name,
        type=BOOLEAN,
        device_class=device_class,
        category=category,
        enabled=enabled,
        about_connection=about_connection,
    )


def _switch(
    key: str, name: str, *, category: Category | None = None, device_class: str | None = None
) -> Property[bool]:
    return Property(
        key=key,
        name=name,
        type=BOOLEAN,
        device_class=device_class,
        category=category,
        enabled=category is None,
        settable=True,
    )


def _select(key: str, name: str, options: tuple[str, ...], *, enabled: bool) -> Property[str]:
    return Property(key=key, name=name, type=ENUM, options=options, enabled=enabled, settable=True)


def _number(
    key: str,
    name: str,
    unit: str | None,
    device_class: str | None,
    bounds: Bounds,
    *,
    category: Category | None = None,
) -> Property[float]:
    return Property(
        key=key,
        name=name,
        type=NUMBER,
        unit=unit,
        device_class=device_class,
        category=category,
        enabled=category is None,
        settable=True,
        bounds=bounds,
    )


def _text(key: str, name: str, *, enabled: bool = False, category: Category | None = None) -> Property[str]:
    return Property(key=key, name=name, type=TEXT, category=category, enabled=enabled)


def _enum(
    key: str, name: str, options: tuple[str, ...], *, enabled: bool = False, diagnostic: bool = True
) -> Property[str]:
    return Property(
        key=key,
        name=name,
        type=ENUM,
        device_class="enum",
        options=options,
        category="diagnostic" if diagnostic else None,
        enabled=enabled,
    )


# What is happening
STATUS = _enum("status", "Status", tuple(Status), enabled=True, diagnostic=False)
STATUS_REASON = _text("status_reason", "Status reason", enabled=True)
STATUS_RAW = _text("status_raw", "Vendor status", category="diagnostic")
IEC61851 = _enum("iec61851", "IEC 61851 state", IEC_LETTERS)
VEHICLE_CONNECTED = _flag("vehicle_connected", "Vehicle", "plug", enabled=True)
CHARGING = _flag("charging", "Charging", "battery_charging", enabled=True)
ONLINE = _flag("online", "Online", "connectivity", enabled=True, category="diagnostic", about_connection=True)
PROBLEM = _flag("problem", "Problem", "problem", enabled=True, category="diagnostic")
ERROR_CODE = _text("error_code", "Error code", enabled=True, category="diagnostic")
ERROR_TEXT = _text("error_text", "Error", enabled=True, category="diagnostic")
REAUTH_REQUIRED = _flag(
    "reauth_required", "Sign-in required", "problem", enabled=True, category="diagnostic", about_connection=True
)
RATE_LIMITED = _flag("rate_limited", "Rate limited", "problem", category="diagnostic")

# Control
CHARGING_ENABLED = _switch("charging_enabled", "Charging enabled")
CHARGE_OVERRIDE = _select("charge_override", "Charge override", ("auto", "off", "on"), enabled=False)
CHARGE_MODE = _select("charge_mode", "Charge mode", ("standard", "eco", "full_solar", "next_trip"), enabled=True)
CURRENT_LIMIT = _number("current_limit", "Current limit", "A", "current", Bounds(minimum=-80, maximum=80, step=1))
CURRENT_LIMIT_MIN = _diagnostic("current_limit_min", "Lowest current limit", "A", "current", decimals=0, noisy=False)
CURRENT_LIMIT_MAX = _diagnostic("current_limit_max", "Highest current limit", "A", "current", decimals=0, noisy=False)
CURRENT_OFFERED = _measured("current_offered", "Current offered", "A", "current")
LIMIT_REASON = _enum(
    "limit_reason",
    "Limit reason",
    ("setting", "installation", "cable", "hardware", "dynamic", "temperature", "phase", "vehicle"),
)
PHASE_MODE = _select("phase_mode", "Phase mode", ("auto", "single", "three"), enabled=True)
PHASES_ACTIVE: Property[int] = Property(
    key="phases_active",
    name="Active phases",
    type=INTEGER,
    state_class="measurement",
    category="diagnostic",
    enabled=True,
)
LOCKED = _switch("locked", "Lock", device_class="lock")
CABLE_LOCKED = _flag("cable_locked", "Cable lock", "lock", category="diagnostic")

# Measurements
POWER = _measured("power", "Power", "W", "power", decimals=0, enabled=True)
POWER_L1 = _measured("power_l1", "Power L1", "W", "power", decimals=0)
POWER_L2 = _measured("power_l2", "Power L2", "W", "power", decimals=0)
POWER_L3 = _measured("power_l3", "Power L3", "W", "power", decimals=0)
CURRENT_L1 = _diagnostic("current_l1", "Current L1", "A", "current")
CURRENT_L2 = _diagnostic("current_l2", "Current L2", "A", "current")
CURRENT_L3 = _diagnostic("current_l3", "Current L3", "A", "current")
VOLTAGE_L1 = _diagnostic("voltage_l1", "Voltage L1", "V", "voltage")
VOLTAGE_L2 = _diagnostic("voltage_l2", "Voltage L2", "V", "voltage")
VOLTAGE_L3 = _diagnostic("voltage_l3", "Voltage L3", "V", "voltage")
POWER_FACTOR_L1 = _diagnostic("power_factor_l1", "Power factor L1", "%", "power_factor")
POWER_FACTOR_L2 = _diagnostic("power_factor_l2", "Power factor L2", "%", "power_factor")
POWER_FACTOR_L3 = _diagnostic("power_factor_l3", "Power factor L3", "%", "power_factor")
FREQUENCY = _diagnostic("frequency", "Frequency", "Hz", "frequency", decimals=2)
TEMPERATURE = _diagnostic("temperature", "Temperature", "°C", "temperature")
WIFI_RSSI: Property[int] = Property(
    key="wifi_rssi",
    name="Wi-Fi signal",
    type=INTEGER,
    unit="dBm",
    device_class="signal_strength",
    state_class="measurement",
    category="diagnostic",
    measured=True,
)

# Energy and sessions
SESSION_ENERGY = _energy("session_energy", "Session energy", enabled=True)
SESSION_ENERGY_GREEN = _energy("session_energy_green", "Session energy from the sun")
SESSION_ENERGY_GRID = _energy("session_energy_grid", "Session energy from the grid")
SESSION_ENERGY_DISCHARGED = _energy("session_energy_discharged", "Session energy discharged")
TOTAL_ENERGY = _energy("total_energy", "Total energy", enabled=True)
SESSION_ENERGY_LIMIT = _number(
    "session_energy_limit", "Session energy limit", "kWh", "energy", Bounds(minimum=0, maximum=1000, step=0.001)
)
SESSION_DURATION: Property[int] = Property(
    key="session_duration",
    name="Session duration",
    type=INTEGER,
    unit="s",
    device_class="duration",
    state_class="measurement",
    enabled=True,
    ticks=True,
)
SESSION_START: Property[datetime] = Property(
    key="session_start", name="Session start", type=TIMESTAMP, device_class="timestamp"
)
SESSION_COST: Property[float] = Property(
    key="session_cost",
    name="Session cost",
    type=NUMBER,
    device_class="monetary",
    state_class="total",
    display_decimals=2,
    measured=True,
)
SESSION_CARD = _text("session_card", "Session card", category="diagnostic")
ENERGY_PRICE = _number(
    "energy_price", "Energy price", None, None, Bounds(minimum=-10, maximum=10, step=0.001), category="config"
)
ENERGY_LAST_DAY = _energy("energy_last_day", "Energy last day", counter=False)
ENERGY_LAST_WEEK = _energy("energy_last_week", "Energy last week", counter=False)
ENERGY_LAST_MONTH = _energy("energy_last_month", "Energy last month", counter=False)
ADDED_RANGE = _measured("added_range", "Added range", "km", "distance", decimals=0)
VEHICLE_SOC = _measured("vehicle_soc", "Vehicle charge", "%", "battery", decimals=0)

# Settings of the site and the smart services
HOUSE_CURRENT_LIMIT = _number(
    "house_current_limit",
    "House current limit",
    "A",
    "current",
    Bounds(minimum=0, maximum=400, step=1),
    category="config",
)
POWER_BOOST = _switch("power_boost", "Power boost", category="config")
SMART_CHARGING = _switch("smart_charging", "Smart charging")
BOOST = _switch("boost", "Boost")
SOC_TARGET_MIN: Property[float] = Property(key="soc_target_min", name="Lowest charge target", type=NUMBER, unit="%")
SOC_TARGET_MAX: Property[float] = Property(key="soc_target_max", name="Highest charge target", type=NUMBER, unit="%")
LED_BRIGHTNESS = _number(
    "led_brightness", "LED brightness", "%", None, Bounds(minimum=0, maximum=100, step=1), category="config"
)

# About the charger and the bridge's view of it
FIRMWARE_VERSIONS: Property[Firmware] = Property(
    key="firmware", name="Firmware", type=FIRMWARE, device_class="firmware", enabled=True
)
LAST_UPDATE: Property[datetime] = Property(
    key="last_update",
    name="Last update",
    type=TIMESTAMP,
    device_class="timestamp",
    category="diagnostic",
    enabled=True,
    about_connection=True,
    ticks=True,
)
STALE: Property[bool] = Property(key="stale", name="Stale", type=BOOLEAN, json_only=True)
DATA_AGE: Property[int] = Property(
    key="data_age_s", name="Age of the data", type=INTEGER, unit="s", json_only=True, ticks=True
)

CATALOGUE: dict[str, Property[Any]] = {row.key: row for row in tuple(globals().values()) if isinstance(row, Property)}
"""Every row by its key, in the order above, which is the order of the documentation."""
