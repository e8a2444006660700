"""How the cloud shows what is set for a charger: `config_data`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bridge.simulators.wallbox.cloud import Place
from bridge.simulators.wallbox.names import ulid
from bridge.simulators.wire import Json, JsonValue

CURRENCIES: Mapping[int, Json] = MappingProxyType(
    {
        1: {"id": 1, "name": "Euro Member Countries", "symbol": "€", "code": "EUR"},
        48: {"id": 48, "name": "United Kingdom Pound", "symbol": "£", "code": "GBP"},
        148: {"id": 148, "name": "United States Dollar", "symbol": "$", "code": "USD"},
    }
)
_GERMANY: Json = {"id": 4, "code": "DEU", "iso2": "DE", "name": "ALEMANIA", "phone_code": "49"}
_USA: Json = {"id": 75, "code": "USA", "iso2": "US", "name": "ESTADOS UNIDOS", "phone_code": "1"}
_GEORGIA: Json = {"id": 55, "code": "GA", "name": "Georgia"}
_NOT_IN_2022 = frozenset({"timezone", "sim_iccid", "ecosmart"})


def config_data(place: Place, fresh: Json | None = None) -> Json:
    """The settings of a charger.

    Args:
        place: The charger.
        fresh: Settings to show in place of those that show already, by their names here.
    """
    data = {**_settings(place), **_firmware(place), **_person(place), **_REST}
    for name, value in (fresh or {}).items():
        if name == "currency_id" and isinstance(value, int):
            data["currency"] = dict(CURRENCIES[value])
        elif name == "energy_price":
            data |= {"energy_price": value, "energyCost": {"value": value, "inheritedGroupId": None}}
        else:
            data[name] = value
    if place.charger.spec.snapshot == "2022":
        return {name: value for name, value in data.items() if name not in _NOT_IN_2022}
    if place.charger.spec.snapshot == "2026":
        data |= {
            "home_power_export_setpoint": None,
            "max_charging_unit": "amp",
            "max_charging_value": data["max_charging_current"],
            "phase_switch": {"enabled": False},
            "zipcode": None,
        }
    return data


def in_america(place: Place) -> bool:
    """Whether a charger stands where the other recordings come from."""
    return place.charger.spec.model.endswith("US")


def software(place: Place) -> Json:
    """The firmware it has, and what there is."""
    config = place.charger.config
    return {
        "updateAvailable": config.version != config.latest_version,
        "currentVersion": config.version,
        "latestVersion": config.latest_version,
        "fileName": config.firmware_file,
    }


def charger_uid(place: Place) -> str:
    """Its identifier beside its number."""
    return ulid(f"charger/{place.charger.spec.id}")


def _settings(place: Place) -> Json:
    config = place.charger.config
    price = config["energy_price"]
    data: Json = {
        "charger_id": place.charger.spec.id,
        "uid": charger_uid(place),
        "serial_number": str(place.charger.spec.id),
        "name": config["name"],
        "locked": config["locked"],
        "max_charging_current": config["max_charging_current"],
        "max_available_current": config["max_available_current"],
        "icp_max_current": config["icp_max_current"],
        "home_sharing": config["home_sharing"],
        "energy_price": price,
        "energyCost": {"value": price, "inheritedGroupId": None},
        "currency": dict(CURRENCIES[config.whole("currency_id")]),
        "operation_mode": config["operation_mode"],
        "grid_type": 0 if place.charger.model.phases == 1 else 1,
    }
    if config.eco_smart is not None:
        data["ecosmart"] = config.eco_smart.shown()
    return data


def _firmware(place: Place) -> Json:
    times = place.charger.times
    return {
        "software": software(place),
        "part_number": place.charger.model.part_number,
        "ocpp_ready": "ocpp_1.6j",
        "live_refresh_time": 30,
        "update_refresh_time": 300,
        "sync_timestamp": int(times.since_1970()) // 86_400 * 86_400,  # of the settings; hours old in recordings
        "mid_enabled": 0,
        "mid_margin": 1,
        "mid_margin_unit": 1,
        "mid_serial_number": "",
        "mid_status": 1,
    }


def _person(place: Place) -> Json:
    owner = place.group.owner.spec.id
    return {
        "owner_id": owner,
        "unlock_user_id": owner,
        "group_id": place.group.spec.id,
        "multiuser": 0,
        "rfid_type": None,
        "sim_iccid": None,
        "plan": {"plan_name": "Basic", "features": list(place.charger.spec.features)},
        "tariffs": [],
        "contract_charging_available": False,
        "charger_load_type": "Private",
        "country": dict(_USA if in_america(place) else _GERMANY),
        "state": dict(_GEORGIA) if in_america(place) else None,
        "timezone": "America/New_York" if in_america(place) else "Europe/Berlin",
        "language": "EN",
    }


_REST: Mapping[str, JsonValue] = MappingProxyType(
    {
        **dict.fromkeys(("show_name", "show_lastname", "show_email", "show_profile", "show_default_user"), 1),
        "auto_lock": 0,
        "auto_lock_time": 300,
        "available": 1,
        "charger_has_image": 0,
        "connection_type": 1,
        "dca_status": 0,
        "gesture_status": 7,
        "power_sharing_config": 256,
        "purchased_power": 0,
        "remote_action": 0,
        "session_segment_length": 0,
        "sha256_charger_image": None,
        "user_socket_locking": 0,
    }
)
