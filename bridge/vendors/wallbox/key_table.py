"""The vendor's own keys beyond the normalised properties: one row each, in the vendor's words and units.

They are all fields that clients and recordings know (docs/vendors/wallbox.md), but for those of persons. What has the
same meaning in several answers is one row. Fields of the configuration come with `status`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.vendors.wallbox import sources
from bridge.vendors.wallbox.sources import Field, of_config

Kind = Literal["bool", "int", "number", "text", "label", "time", "json"]
"""A label is text or a whole number, as which of them it comes is not known."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key, named like its field, with `_` for the dots; `usual` keys are read by default."""

    key: str
    name: str
    kind: Kind
    field: Field
    unit: str | None = None
    usual: bool = False


def _config(path: str, name: str, kind: Kind, *also: str, unit: str | None = None) -> Key:
    return Key(path.replace(".", "_"), name, kind, Field((*of_config(path), *also)), unit)


def _answer(place: str, name: str, kind: Kind, *also: str, unit: str | None = None, usual: bool = False) -> Key:
    return Key(place.partition(".")[2].replace(".", "_"), name, kind, Field((place, *also)), unit, usual)


KEYS = (
    # Who it is
    Key("name", "Name", "text", sources.NAME, usual=True),
    Key("charger_id", "Number", "int", sources.CHARGER_ID),
    Key("part_number", "Part number", "text", sources.PART_NUMBER),
    _config("serial_number", "Serial number", "text", "record.serialNumber"),
    _config("uid", "Identifier", "text", "groups.uid", "record.uid"),
    _answer("record.uniqueIdentifier", "Other identifier", "text"),
    _answer("groups.chargerType", "Model", "text", "record.chargerType"),
    _answer("record.connectorType", "Connector", "text"),
    _answer("record.chargingType", "Kind of current", "text"),
    _answer("record.softwareUpdatedAt", "Firmware updated at", "time"),
    Key("software_updateAvailable", "Newer firmware is there", "bool", sources.UPDATE_AVAILABLE),
    _config("software.fileName", "Firmware file", "text", "groups.software.fileName"),
    # Its connection
    _answer("status.last_sync", "Last report", "time", usual=True),
    _answer("groups.lastConnection", "Last connection", "time", "record.lastConnection"),
    _answer("groups.lastSync", "Last synchronisation", "time", "record.lastSync"),
    _config("sync_timestamp", "Last synchronisation of the settings", "time"),
    _answer("groups.wifiSignal", "Wi-Fi signal", "number", "record.wifiSignal", unit="%", usual=True),
    _answer("groups.connectionType", "Connection", "text", "record.connectionType"),
    _config("connection_type", "Connection (number)", "int"),
    _config("live_refresh_time", "Time between reports while charging", "number", unit="s"),
    _config("update_refresh_time", "Time between other reports", "number", unit="s"),
    _config("available", "Available", "bool"),
    _answer("groups.access", "Access", "bool"),
    _answer("record.accessType", "Kind of access", "text"),
    _answer("record.protocolCommunication", "Protocol", "text"),
    # Who else controls it
    Key("operation_mode", "Operation mode (wallbox or ocpp)", "text", sources.OPERATION_MODE, usual=True),
    _answer(
        "status.ocpp_status",
        "OCPP connection (number)",
        "int",
        "groups.ocppConnectionStatus",
        "record.ocppConnectionStatus",
        usual=True,
    ),
    _config("ocpp_ready", "OCPP version", "text", "groups.ocppReady", "record.ocppReady"),
    _config("remote_action", "Remote action", "int", "groups.remoteAction"),
    # The session
    _answer("groups.chargingTime", "Time in which energy flowed", "number", unit="s", usual=True),
    Key("charging_time", "Charging time, as the cloud says it", "number", sources.PLUGGED_TIME, "s"),
    Key("cost", "Cost, as the cloud says it", "number", sources.COST),
    _answer("status.status_description", "Status in words (until March 2022)", "text"),
    _answer("status.finished", "Session finished", "bool"),
    _answer("status.charging_speed", "Charging speed (unit unknown)", "number"),
    _answer("status.current_mode", "Current mode (1 or 3, probably phases)", "int", usual=True),
    _answer("status.preventive_discharge", "Preventive discharge", "bool"),
    _answer("groups.energyUnit", "Unit of the energy", "text"),
    _answer("groups.powerUnit", "Unit of the power", "text"),
    # This month, sessions that ended before today
    _answer("record.resume.totalEnergy", "Energy this month", "number", unit="Wh", usual=True),
    _answer("record.resume.totalMidEnergy", "Energy this month by the MID meter", "number", unit="Wh"),
    _answer("record.resume.energyUnit", "Unit of the month's energy, wrongly", "text"),
    _answer("record.resume.totalSessions", "Sessions this month", "int", usual=True),
    _answer("record.resume.totalUsers", "Users this month", "int"),
    _answer("record.resume.chargingTime", "Charging time this month", "number", unit="s"),
    # Programmes
    Key("ecosmart_percentage", "Eco-smart percentage", "int", sources.ECO_SMART_PERCENTAGE, "%", usual=True),
    Key("schedules", "Schedules", "json", sources.SCHEDULES, usual=True),
    Key("lastSchedule", "Schedules changed at", "time", sources.LAST_SCHEDULE),
    # Limits and installation
    _answer("record.maxChgCurrent", "Another highest current", "number", unit="A"),
    _config("max_charging_value", "Highest current, in its unit", "number"),
    _config("max_charging_unit", "Unit of the highest current", "text"),
    _config("grid_type", "Kind of grid (0 one phase, 1 three)", "int"),
    _config("purchased_power", "Purchased power", "number"),
    _config("power_sharing_config", "Power sharing set-up", "int"),
    _answer("status.power_sharing_status", "Power sharing", "int", "record.powerSharingStatus"),
    _config("dca_status", "DCA status", "int"),
    _config("phase_switch.enabled", "Phase switch", "bool"),
    _config("home_power_export_setpoint", "Export set-point", "number"),
    _answer("status.grid.status", "Grid", "int"),
    _answer("status.pru.status", "PRU", "int"),
    _config("user_socket_locking", "Socket locks", "bool"),
    # The certified meter
    _answer("status.mid_status", "MID meter", "int", *of_config("mid_status"), "groups.midStatus", "record.midStatus"),
    _config("mid_enabled", "MID meter in use", "bool", "groups.midEnabled", "record.midEnabled"),
    _config("mid_margin", "Margin of the MID meter", "number", "record.midMargin"),
    _config("mid_margin_unit", "Unit of that margin", "int", "record.midMarginUnit"),
    _config("mid_serial_number", "Serial number of the MID meter", "text", "record.midSerialNumber"),
    # Use
    _config("auto_lock", "Locks by itself", "bool"),
    _config("auto_lock_time", "Locks by itself after", "number", unit="s"),
    _config("multiuser", "Several users", "bool"),
    _config("gesture_status", "Gestures", "int"),
    _config("language", "Language", "text"),
    _config("show_name", "Shows names", "bool"),
    _config("show_lastname", "Shows last names", "bool"),
    _config("show_email", "Shows e-mail addresses", "bool"),
    _config("show_profile", "Shows profiles", "bool"),
    _config("show_default_user", "Shows the default user", "bool"),
    _config("charger_has_image", "Has a picture", "bool"),
    _config("sha256_charger_image", "Digest of the picture", "text"),
    _config("charger_load_type", "Kind of load", "text", "groups.chargerLoadType", "record.chargerLoadName"),
    _answer("record.chargerLoadId", "Kind of load (number)", "int"),
    _config("contract_charging_available", "Contract charging", "bool"),
    _config("session_segment_length", "Length of a session's segments", "number", unit="s"),
    # Money
    Key("currency_id", "Currency (number)", "int", sources.CURRENCY_ID),
    Key("currency_code", "Currency", "text", sources.CURRENCY_CODE),
    _config("currency.name", "Name of the currency", "text"),
    _config("currency.symbol", "Symbol of the currency", "text"),
    _config("tariffs", "Tariffs", "json"),
    _config("energyCost.inheritedGroupId", "Group that sets the price", "int", "groups.energyCost.inheritedGroupId"),
    _answer("status.depot_price", "Price of the group", "number", "groups.group.energyPrice"),
    # Place
    _config("timezone", "Time zone", "text"),
    _config("country.iso2", "Country", "text", "groups.country"),
    _config("country.code", "Country (three letters)", "text"),
    _config("country.name", "Name of the country", "text"),
    _config("country.id", "Country (number)", "int"),
    _config("country.phone_code", "Telephone code", "text"),
    # The group and its plan
    _config("group_id", "Group", "int", "groups.group.id", "record.group"),
    _answer("groups.group.uid", "Identifier of the group", "text", "record.groupUid"),
    _answer("groups.group.parent", "Group above", "int"),
    _answer("groups.group.currency", "Currency of the group (number)", "int"),
    _answer("groups.group.profile.id", "Rights of the account (number)", "int"),
    _answer("groups.group.profile.name", "Rights of the account", "text"),
    _answer("groups.group.payments_account", "Payments", "bool"),
    _config("plan.plan_name", "Plan", "text", "groups.group.plan.name"),
    Key("plan_features", "Features of the plan", "json", sources.FEATURES),
    _answer("groups.group.plan.features", "Features of the group's plan", "json"),
    _answer("groups.group.plan.id", "Plan (number)", "int"),
    _answer("groups.group.plan.product_id", "Product of the plan", "label"),
    _answer("groups.group.plan.description", "About the plan", "text"),
)

_WHO = "tells who uses the charger"
_WHERE = "tells where somebody lives"

WITHHELD = {
    "users": "names and e-mail addresses of persons",
    "status.user_id": _WHO,
    "status.user_name": "a person's name",
    "status.car_id": _WHO,
    "status.car_plate": "a number plate",
    "status.depot_name": "a name that persons gave their group, often their own",
    "groups.group.name": "a name that persons gave their group, often their own",
    "groups.group.customer": "a person's or company's data",
    "groups.group.billingInformation": "a person's or company's data",
    "groups.group.subscription": "a person's or company's data",
    "groups.image": "a link that may carry a token",
    "groups.state": _WHERE,
    "config.state": _WHERE,
    "config.zipcode": _WHERE,
    "config.unlock_user_id": _WHO,
    "config.owner_id": _WHO,
    "config.rfid_type": "about cards",
    "config.sim_iccid": "the number of a SIM card",
    "schedules.schedules.user_uid": _WHO,
}
"""Fields that are on no topic, with the reason; those of `config` are meant in `status.config_data` as well."""
