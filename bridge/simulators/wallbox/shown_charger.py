"""How the cloud shows a charger: in detail, in brief, and in the list of all."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.simulators.secret import SECRET
from bridge.simulators.wallbox.account import Account
from bridge.simulators.wallbox.cloud import Cloud, Group, Place
from bridge.simulators.wallbox.names import ulid
from bridge.simulators.wallbox.report import kilo, range_km
from bridge.simulators.wallbox.sessions import of_this_month
from bridge.simulators.wallbox.shown_config import charger_uid, config_data, in_america, software
from bridge.simulators.wallbox.specs import Profile
from bridge.simulators.wallbox.statuses import FLOWING, TEXTS
from bridge.simulators.wire import Json, JsonValue

_PROFILES: dict[Profile, int] = {"super-admin": 4, "admin": 3, "user": 1}  # only the first number is from a recording
_WIFI = 75  # %


def detailed(cloud: Cloud, place: Place) -> Json:
    """The answer of `chargers/status`."""
    charger, owner = place.charger, place.group.owner.spec
    report, level = charger.report, charger.report.charge_level
    document: Json = {
        "user_id": owner.id,
        "user_name": owner.name,
        "car_id": 1,
        "car_plate": f"{SECRET}-plate",
        "depot_price": 0.2,
        "last_sync": f"{datetime.fromtimestamp(report.at, tz=UTC):%Y-%m-%d %H:%M:%S}",
        "power_sharing_status": 256,
        "mid_status": 1,
        "status_id": charger.status,
        "name": charger.config["name"],
        "charging_power": _power(cloud, place),
        "max_available_power": charger.config["max_available_current"],  # in A, whatever it is called
        "depot_name": place.group.spec.name,
        "charging_speed": 0,
        "added_range": range_km(report.energy_wh),
        "added_energy": kilo(report.energy_wh),
        "added_green_energy": kilo(report.green_wh),
        "added_discharged_energy": kilo(report.discharged_wh),
        "added_grid_energy": kilo(report.energy_wh - report.green_wh),
        "charging_time": int(report.plugged_s),
        "finished": charger.status not in FLOWING,
        "cost": 0,  # in every recording, whatever was charged
        "current_mode": report.phases,
        "preventive_discharge": False,
        "state_of_charge": None if level is None else round(100 * level),
        "ocpp_status": _ocpp_status(place),
        "config_data": config_data(place),
    }
    if charger.spec.snapshot == "2022":
        del document["added_grid_energy"], document["finished"]
        document["status_description"] = TEXTS.get(charger.status, "")
    elif charger.spec.snapshot == "2026":
        document |= {"grid": {"status": 0}, "pru": {"status": 0}}
    return document | charger.forced


def basic(cloud: Cloud, place: Place, fresh: Json | None = None) -> Json:
    """The answer of `v2/charger`.

    Args:
        cloud: Where it is.
        place: The charger.
        fresh: Settings to show in place of those that show already, by their names in `config_data`.
    """
    charger, level = place.charger, place.charger.report.charge_level
    settings = config_data(place, fresh)
    users: list[JsonValue] = [_user(cloud.accounts[email], profile) for email, profile in place.group.members.items()]
    last_sync = datetime.fromtimestamp(charger.report.at, tz=UTC)
    data: Json = {
        "id": charger.spec.id,
        "uid": charger_uid(place),
        "uniqueIdentifier": f"ws{ulid(str(charger.spec.id))[-6:]}",
        "serialNumber": str(charger.spec.id),
        "name": settings["name"],
        "group": place.group.spec.id,
        "groupUid": place.group.uid,
        "chargerType": charger.model.charger_type,
        "softwareVersion": charger.config.version,
        "softwareUpdatedAt": 1_689_715_588,
        "status": charger.status,
        "ocppConnectionStatus": _ocpp_status(place),
        "ocppReady": "ocpp_1.6j",
        "stateOfCharge": None if level is None else round(100 * level),
        "maxChgCurrent": None,
        "maxAvailableCurrent": settings["max_available_current"],
        "maxChargingCurrent": settings["max_charging_current"],
        "locked": settings["locked"],
        "lastConnection": int(charger.report.at),
        "lastSync": {"date": f"{last_sync:%Y-%m-%d %H:%M:%S.000000}", "timezone_type": 3, "timezone": "UTC"},
        "midEnabled": 0,
        "midMargin": 1,
        "midMarginUnit": 1,
        "midSerialNumber": "",
        "midStatus": 0,
        "wifiSignal": _WIFI,
        "connectionType": "wifi",
        "chargerLoadName": "Private",
        "chargerLoadId": 2,
        "chargingType": "AC",
        "connectorType": charger.model.connector,
        "protocolCommunication": "wifi",
        "accessType": "guest",
        "powerSharingStatus": 0,
        "resume": _month(place),
    }
    if charger.spec.snapshot == "2022":
        del data["uniqueIdentifier"], data["softwareUpdatedAt"]
    return {"data": {"chargerData": data, "users": users}}


def all_groups(cloud: Cloud, account: Account) -> Json:
    """The answer of `v3/chargers/groups`."""
    return {"result": {"groups": [_group(cloud, account, group) for group in cloud.groups_of(account)]}}


def models(group: Group) -> Json:
    """The answer of `v4/groups/…/chargers`, as far as it is known."""
    chargers: list[JsonValue] = [
        {"attributes": {"model_name": charger.spec.model, "location_name": group.spec.name}}
        for charger in group.chargers
    ]
    return {"data": chargers}


def _group(cloud: Cloud, account: Account, group: Group) -> Json:
    profile = group.members[account.spec.email]
    places = (cloud.place(account, charger.spec.id) for charger in group.chargers)
    chargers: list[JsonValue] = [_summary(cloud, place) for place in places if place is not None]
    return {
        "id": group.spec.id,
        "uid": group.uid,
        "parent": None,
        "name": group.spec.name,
        "profile": {"id": _PROFILES[profile], "name": profile},
        "currency": 1,
        "energyPrice": 0.2,
        "chargers": chargers,
        "payments_account": False,
        "plan": {
            "id": 1,
            "product_id": 1,
            "name": "Basic",
            "description": None,
            "features": list(group.chargers[0].spec.features) if group.chargers else [],
        },
        "billingInformation": None,
        "customer": None,
        "subscription": None,
    }


def _summary(cloud: Cloud, place: Place) -> Json:
    charger, report = place.charger, place.charger.report
    part_number = charger.model.part_number
    return {
        "id": charger.spec.id,
        "uid": charger_uid(place),
        "access": True,
        "name": charger.config["name"],
        "status": charger.status,
        "chargerType": charger.model.charger_type,
        "ocppReady": "ocpp_1.6j",
        "ocppConnectionStatus": _ocpp_status(place),
        "connectionType": "wifi",
        "locked": charger.config["locked"],
        "maxChargingCurrent": charger.config["max_charging_current"],
        "addedEnergy": kilo(report.energy_wh),
        "chargingPower": 0 if charger.summary_lags else _power(cloud, place),
        "chargingTime": int(report.charged_s),  # of the charging alone, unlike `charging_time`
        "energyUnit": "kWh",
        "powerUnit": "kW",
        "image": f"https://api.wall-box.com/uploads/{part_number}.png",
        "lastConnection": int(report.at),
        "lastSync": int(report.at),
        "wifiSignal": _WIFI,
        "chargerLoadType": "Private",
        "currency": charger.config["currency_id"],
        "energyPrice": charger.config["energy_price"],
        "energyCost": {"value": charger.config["energy_price"], "inheritedGroupId": None},
        "remoteAction": 0,
        "software": software(place),
        "midStatus": 0,
        "midEnabled": False,
        "country": "US" if in_america(place) else "DE",
        "state": "GA" if in_america(place) else None,
        "operationMode": charger.config["operation_mode"],
    }


def _user(account: Account, profile: Profile) -> Json:
    return {
        "id": account.spec.id,
        "avatar": None,
        "name": account.spec.name,
        "surname": account.spec.surname,
        "email": account.spec.email,
        "profile": profile,
        "assigned": True,
        "createdByUser": False,
    }


def _month(place: Place) -> Json:
    """What has been charged since the first of the month, without today: texts, and in Wh whatever the unit says."""
    sessions = of_this_month(place.charger.sessions, place.charger.times.since_1970())
    return {
        "totalUsers": 1,
        "totalSessions": len(sessions),
        "chargingTime": str(sum(session.charged_s for session in sessions)) if sessions else None,
        "totalEnergy": str(round(sum(session.energy_wh for session in sessions))) if sessions else 0,
        "totalMidEnergy": "0" if sessions else 0,
        "energyUnit": "kWh",
    }


def _power(cloud: Cloud, place: Place) -> float:
    power_w = place.charger.report.power_w or 0.0  # not -0.0
    return kilo(power_w if power_w >= 0 else cloud.manners.discharge_power * -power_w)


def _ocpp_status(place: Place) -> int:
    return 4 if place.charger.config["operation_mode"] == "ocpp" else 1
