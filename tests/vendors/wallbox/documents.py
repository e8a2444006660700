"""Answers of the Wallbox cloud, as the parts of a charger's document, with every field that is known."""

from __future__ import annotations

import copy
from typing import Any

from bridge.charger.binding import Binding, read_all
from bridge.charger.document import Document
from bridge.charger.values import Json, Value
from bridge.vendors.wallbox.bindings import BINDINGS

CHARGER = 9_988_552
NOW = 1_792_341_426
"""When the newest part was read, in seconds since the epoch."""

SOFTWARE: dict[str, Json] = {
    "updateAvailable": True,
    "currentVersion": "5.17.59",
    "latestVersion": "6.7.36",
    "fileName": "plp1_6.7.36.tar",
}

GROUPS: dict[str, Json] = {
    "id": CHARGER,
    "uid": "01HCHARGERCHARGERCHARGER00",
    "access": True,
    "name": "Street",
    "status": 194,
    "chargerType": "PulsarPlus",
    "ocppReady": "ocpp_1.6j",
    "ocppConnectionStatus": 1,
    "connectionType": "wifi",
    "locked": 0,
    "maxChargingCurrent": 16,
    "addedEnergy": 6.857,
    "energyUnit": "kWh",
    "chargingPower": 7.36,
    "powerUnit": "kW",
    "chargingTime": 4028,
    "image": "https://images.example/charger?token=secret",
    "lastConnection": 1_792_341_408,
    "lastSync": 1_792_341_400,
    "wifiSignal": 75,
    "chargerLoadType": "Private",
    "currency": 1,
    "energyPrice": 0.24,
    "energyCost": {"value": 0.24, "inheritedGroupId": None},
    "remoteAction": 0,
    "software": SOFTWARE,
    "midStatus": 1,
    "midEnabled": False,
    "country": "DE",
    "state": "a state",
    "operationMode": "wallbox",
    "group": {
        "id": 289_814,
        "uid": "11111111-2222-3333-4444-555555555555",
        "parent": None,
        "name": "Family Person",
        "profile": {"id": 1, "name": "super-admin"},
        "currency": 1,
        "energyPrice": 0.2,
        "payments_account": False,
        "plan": {
            "id": 7,
            "product_id": "basic",
            "name": "Basic",
            "description": None,
            "features": ["DEFAULT_FEATURE", "POWER_BOOST"],
        },
        "billingInformation": None,
        "customer": None,
        "subscription": None,
    },
}

CONFIG: dict[str, Json] = {
    "charger_id": CHARGER,
    "uid": "01HCHARGERCHARGERCHARGER00",
    "serial_number": str(CHARGER),
    "name": "Street",
    "locked": 0,
    "auto_lock": 1,
    "auto_lock_time": 300,
    "multiuser": 0,
    "max_charging_current": 16,
    "language": "EN",
    "icp_max_current": 25,
    "grid_type": 1,
    "energy_price": 0.24,
    "energyCost": {"value": 0.24, "inheritedGroupId": None},
    "unlock_user_id": 286_113,
    "power_sharing_config": 256,
    "purchased_power": 0,
    "show_name": 1,
    "show_lastname": 1,
    "show_email": 1,
    "show_profile": 1,
    "show_default_user": 1,
    "gesture_status": 7,
    "home_sharing": 1,
    "dca_status": 0,
    "connection_type": 1,
    "max_available_current": 32,
    "live_refresh_time": 30,
    "update_refresh_time": 300,
    "owner_id": 286_113,
    "remote_action": 0,
    "rfid_type": None,
    "charger_has_image": 0,
    "sha256_charger_image": None,
    "plan": {"plan_name": "Basic", "features": ["DEFAULT_FEATURE", "POWER_BOOST"]},
    "sync_timestamp": 1_792_301_922,
    "currency": {"id": 1, "name": "Euro Member Countries", "symbol": "€", "code": "EUR"},
    "charger_load_type": "Private",
    "contract_charging_available": False,
    "country": {"id": 4, "code": "DEU", "iso2": "DE", "name": "ALEMANIA", "phone_code": "49"},
    "state": {"id": 1, "code": "XX", "name": "a state"},
    "timezone": "Europe/Berlin",
    "zipcode": "zip code",
    "part_number": "PLP1-M-2-4-9-002-F",
    "software": SOFTWARE,
    "available": 1,
    "operation_mode": "wallbox",
    "ocpp_ready": "ocpp_1.6j",
    "tariffs": [],
    "mid_enabled": 0,
    "mid_margin": 1,
    "mid_margin_unit": 1,
    "mid_serial_number": "",
    "mid_status": 1,
    "session_segment_length": 0,
    "group_id": 289_814,
    "user_socket_locking": 0,
    "sim_iccid": "8949000000000000000",
    "ecosmart": {"enabled": False, "mode": 0, "percentage": 100},
    "home_power_export_setpoint": None,
    "max_charging_unit": "amp",
    "max_charging_value": 32,
    "phase_switch": {"enabled": False},
}

STATUS: dict[str, Json] = {
    "user_id": 286_113,
    "user_name": "Person",
    "car_id": 1,
    "car_plate": "B-XY 123",
    "depot_price": 0.2,
    "last_sync": "2026-10-18 16:36:50",
    "power_sharing_status": 256,
    "mid_status": 1,
    "status_id": 194,
    "status_description": "Charging",
    "name": "Street",
    "charging_power": 7.36,
    "max_available_power": 32,
    "depot_name": "Family Person",
    "charging_speed": 0,
    "added_range": 57,
    "added_energy": 6.857,
    "added_green_energy": 1.5,
    "added_discharged_energy": 0,
    "added_grid_energy": 5.357,
    "charging_time": 85_072,
    "finished": False,
    "cost": 0,
    "current_mode": 3,
    "preventive_discharge": False,
    "state_of_charge": None,
    "ocpp_status": 1,
    "grid": {"status": 0},
    "pru": {"status": 0},
    "config_data": dict(CONFIG),
}

RECORD: dict[str, Json] = {
    "id": CHARGER,
    "uid": "01HCHARGERCHARGERCHARGER00",
    "uniqueIdentifier": "wsUnanQQ",
    "serialNumber": str(CHARGER),
    "name": "Street",
    "group": 289_814,
    "groupUid": "11111111-2222-3333-4444-555555555555",
    "chargerType": "PulsarPlus",
    "softwareVersion": "5.17.59",
    "softwareUpdatedAt": 1_689_715_588,
    "status": 194,
    "ocppConnectionStatus": 1,
    "ocppReady": "ocpp_1.6j",
    "stateOfCharge": None,
    "maxChgCurrent": None,
    "maxAvailableCurrent": 32,
    "maxChargingCurrent": 16,
    "locked": 0,
    "lastConnection": 1_792_341_408,
    "lastSync": {"date": "2026-10-18 06:01:46.000000", "timezone_type": 3, "timezone": "UTC"},
    "midEnabled": 0,
    "midMargin": 1,
    "midMarginUnit": 1,
    "midSerialNumber": "",
    "midStatus": 1,
    "wifiSignal": 75,
    "connectionType": "wifi",
    "chargerLoadName": "Private",
    "chargerLoadId": 1,
    "chargingType": "AC",
    "connectorType": "Type 2/Socket",
    "protocolCommunication": "wifi",
    "accessType": "guest",
    "powerSharingStatus": 256,
    "resume": {
        "totalUsers": 1,
        "totalSessions": 7,
        "chargingTime": "123456",
        "totalEnergy": "56677",
        "totalMidEnergy": 0,
        "energyUnit": "kWh",
    },
}

USERS: list[Json] = [
    {
        "id": 286_113,
        "avatar": None,
        "name": "Person",
        "surname": "Of Somewhere",
        "email": "person@example.com",
        "profile": "super-admin",
        "assigned": 1,
        "createdByUser": False,
    }
]

EVERY_DAY: dict[str, Json] = dict.fromkeys(
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), True
)

SCHEDULES: dict[str, Json] = {
    "schedules": [
        {
            "uid": "01HSCHEDULESCHEDULESCHED00",
            "id": 0,
            "enable": True,
            "start": "2100",
            "stop": "0530",
            "days": EVERY_DAY,
            "max_current": 1,
            "max_energy": 0,
            "name": None,
            "type": 0,
            "created_at": 1_719_136_123,
            "user_uid": "01HPERSONPERSONPERSONPER00",
        }
    ],
    "lastSchedule": 1_719_136_123,
}

FULL: dict[str, Json] = {
    "groups": GROUPS,
    "status": STATUS,
    "record": RECORD,
    "users": USERS,
    "config": CONFIG,
    "schedules": SCHEDULES,
    "read_at": {
        "groups": NOW,
        "status": NOW - 60,
        "record": NOW - 3600,
        "config": NOW - 7200,
        "schedules": NOW - 3600,
    },
}
"""A Pulsar Plus that charges, with the fields of all years, and the answer to a write of its configuration."""

PARTS = ("groups", "status", "record", "config", "schedules")


def changed(document: Document = FULL, /, **values: Json) -> dict[str, Json]:
    """Return the document with other values; `part__field__field` names a place, which is made where it is missing."""
    found: dict[str, Any] = copy.deepcopy(dict(document))
    for place, value in values.items():
        *way, last = place.split("__")
        inner = found
        for name in way:
            inner = inner.setdefault(name, {})
        inner[last] = value
    return found


def without(*places: str, document: Document = FULL) -> dict[str, Json]:
    """Return the document without some fields or parts, named `part.field.field`."""
    found: dict[str, Any] = copy.deepcopy(dict(document))
    for place in places:
        *way, last = place.split(".")
        inner = found
        for name in way:
            inner = inner[name]
        del inner[last]
    return found


def only(*parts: str) -> dict[str, Json]:
    """Return a document in which nothing else has been read."""
    return {key: value for key, value in FULL.items() if key in {*parts, "read_at"}}


def with_status(number: Json) -> dict[str, Json]:
    """Return the document with this status number everywhere."""
    return changed(groups__status=number, status__status_id=number, record__status=number)


def with_config(**values: Json) -> dict[str, Json]:
    """Return the document with these configuration values in both places."""
    places = {f"{part}__{key}": value for key, value in values.items() for part in ("status__config_data", "config")}
    return changed(**places)


def rows(document: Document = FULL) -> dict[str, Binding[Any]]:
    """Return the rows that this charger supports."""
    found = [binding for binding in BINDINGS if binding.supported(document)]
    by_key = {binding.property.key: binding for binding in found}
    assert len(by_key) == len(found), "two rows for one property"
    return by_key


def value(key: str, document: Document) -> Value:
    """Return what a row reads, which must not fail."""
    reading = read_all([rows(document)[key]], document)
    assert reading.failures == {}
    return reading.values[key]


def failure(key: str, document: Document) -> str:
    """Return why a row cannot be read."""
    return read_all([rows(document)[key]], document).failures[key]
