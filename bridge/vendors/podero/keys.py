"""Podero's own fields beyond the normalised properties: one row each.

Where each is documented is in docs/vendors/podero.md. None of them can be set: for which of a wallbox's fields the API
takes changes is not documented, beyond the one that is `smart_charging` here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bridge.charger.binding import Binding
from bridge.charger.document import Document, boolean, optional_integer, optional_number
from bridge.charger.property import Property, vendor_key
from bridge.charger.values import BOOLEAN, INTEGER, JSON, NUMBER, TEXT, TIMESTAMP, Json, Value, ValueType
from bridge.vendors.podero.reading import at, codes, deadline, has, moment, words

Kind = Literal["bool", "int", "number", "text", "time", "deadline", "codes"]

_TYPES: dict[Kind, ValueType[Any]] = {
    "bool": BOOLEAN,
    "int": INTEGER,
    "number": NUMBER,
    "text": TEXT,
    "time": TIMESTAMP,
    "deadline": TEXT,
    "codes": JSON,
}

_READERS: dict[Kind, Callable[[Json], Value]] = {
    "bool": lambda value: None if value is None else boolean(value),
    "int": optional_integer,
    "number": optional_number,
    "text": words,
    "time": moment,
    "deadline": deadline,
    "codes": codes,
}


@dataclass(frozen=True, slots=True)
class Key:
    """One field; `usual` ones are published without being asked for."""

    key: str
    name: str
    kind: Kind
    unit: str | None = None
    usual: bool = False


KEYS = (
    Key("boost_state", "Boost state", "text", usual=True),
    Key("boost_for_next_session", "Boost for the next session", "bool", usual=True),
    Key("is_pause_power_active", "Pause active", "bool", usual=True),
    Key("charge_deadline_at", "Charging deadline", "deadline", usual=True),
    Key("minimum_charge_limit", "Lowest charge limit", "int", "%", usual=True),
    Key("action_needed", "Action needed", "bool", usual=True),
    Key("actions", "Pending actions", "codes"),
    Key("mode", "Mode", "text"),
    Key("connection", "Connection", "text"),
    Key("connection_status", "Connection health", "text"),
    Key("monitoring_status", "Monitoring health", "text"),
    Key("steering_status", "Steering health", "text"),
    Key("lifecycle_state", "Lifecycle", "text"),
    Key("lifecycle_error", "Lifecycle error", "text"),
    Key("actual_steering_state", "Steering state", "text"),
    Key("current_mode", "Current mode", "text"),
    Key("is_authenticated", "Signed in at its maker", "bool"),
    Key("is_plugged_in", "Plugged in", "bool"),
    Key("is_charging", "Charging", "bool"),
    Key("is_fully_charged", "Fully charged", "bool"),
    Key("charge_power_max_w", "Highest charging power", "int", "W"),
    # Its unit is not documented.
    Key("charge_time_remaining", "Charging time left", "int"),
    Key("is_over_charge_allowed", "Charging beyond the target allowed", "bool"),
    Key("is_charge_policy_enabled", "Charge policy enabled", "bool"),
    Key("is_trading_enabled", "Trading enabled", "bool"),
    Key("is_forecasting_enabled", "Forecasting enabled", "bool"),
    Key("is_inverter_forced_mode_enabled", "Inverter forced mode enabled", "bool"),
    Key("is_inverter_forced_mode_active", "Inverter forced mode active", "bool"),
    Key("inverter_forced_mode_since", "Inverter forced mode since", "time"),
    Key("pause_power_until", "Pause until", "time"),
    Key("optimization_score", "Optimisation score", "number"),
    Key("needs_gateway", "Needs a gateway", "bool"),
    Key("price_zone", "Price zone", "text"),
    Key("comment", "Comment", "text"),
    Key("id", "Wallbox id", "text"),
    Key("building", "Building id", "text"),
    Key("external_device_id", "External id", "text"),
    Key("created_at", "Created", "time"),
    Key("updated_at", "Changed", "time"),
    Key("deleted_at", "Deleted", "time"),
    Key("current_state_last_updated_at", "State as of", "time"),
    Key("charge_state_last_updated_at", "Charging state as of", "time"),
    Key("last_monitoring_executed_at", "Last monitoring", "time"),
    Key("charge_policy_last_updated_at", "Charge policy as of", "time"),
    Key("consumption_last_updated_at", "Consumption as of", "time"),
    Key("device_model.manufacturer", "Manufacturer", "text"),
    Key("device_model.model", "Model", "text"),
    Key("device_model.year", "Model year", "int"),
    Key("device_model.device_type.short_name", "Kind of device", "text"),
    Key("device_model.device_type.long_name", "Kind of device in words", "text"),
    Key("device_model.cloud_service", "Cloud service id", "text"),
    Key("device_model.cloud_service_instructions", "Cloud service instructions", "text"),
)

BY_NAME = {row.key: row for row in KEYS}


def chosen(wanted: Literal["all"] | tuple[str, ...] | None) -> tuple[Key, ...]:
    """Return the rows that a configuration asks for; without a word the usual ones."""
    if wanted == "all":
        return KEYS
    return tuple(row for row in KEYS if (row.usual if wanted is None else row.key in wanted))


def bindings(rows: Sequence[Key]) -> tuple[Binding[Any], ...]:
    """Return the bindings of these keys."""
    return tuple(_binding(row) for row in rows)


def _binding(row: Key) -> Binding[Any]:
    property_: Property[Any] = Property(
        key=vendor_key(row.key),
        name=row.name,
        type=_TYPES[row.kind],
        unit=row.unit,
        category="diagnostic",
        vendor=True,
    )

    def read(document: Document) -> Value:
        return _READERS[row.kind](at(document, row.key))

    return Binding(property=property_, read=read, supported=has(row.key))
