"""Where each value stands in the cloud's answers, and which of these answers is the newest.

The same value comes with several reads and with the answers to writes, under different names. A place is written
`part.field.field`; the parts are those of the charger's document, and `read_at` tells when each was read.
Which fields there are and what they mean is collected, with sources, in docs/vendors/wallbox.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bridge.charger.document import Document, integer, number, text
from bridge.charger.values import Json


@dataclass(frozen=True, slots=True)
class Field:
    """One value and all places where it is told; of places that were read together the first one counts."""

    places: tuple[str, ...]

    def newest(self, document: Document) -> Json:
        """Return what the newest part says that has the field, be it null; raises KeyError when none has it."""
        for value in self._told(document):
            return value
        raise KeyError(self.places[0])

    def known(self, document: Document) -> Json:
        """Return the newest that is not null, for what no charger forgets; raises KeyError when there is none."""
        for value in self._told(document):
            if value is not None:
                return value
        raise KeyError(self.places[0])

    def present(self, document: Document) -> bool:
        """Tell whether any part has the field, be it null."""
        return any(_find(document, place) for place in self.places)

    def filled(self, document: Document) -> bool:
        """Tell whether any part has the field with a value."""
        return any(found[0] is not None for place in self.places if (found := _find(document, place)))

    def _told(self, document: Document) -> Iterator[Json]:
        for place in sorted(self.places, key=lambda place: -read_at(document, place.partition(".")[0])):
            if found := _find(document, place):
                yield found[0]


def _find(document: Document, place: str) -> tuple[Json] | None:
    """Return the value at a place, wrapped because null is a value; None when there is no such field."""
    part, *names = place.split(".")
    found = document.get(part)
    for name in names:
        if not isinstance(found, dict) or name not in found:
            return None
        found = found[name]
    return (found,)


def read_at(document: Document, part: str) -> float:
    """Return when a part was read, in seconds since the epoch; before all time if that is not known."""
    times = document.get("read_at")
    when = times.get(part) if isinstance(times, dict) else None
    return float("-inf") if when is None else number(when)


def of_config(name: str) -> tuple[str, str]:
    """Return the two places of a configuration value."""
    return f"status.config_data.{name}", f"config.{name}"


CHARGER_ID = Field(("groups.id", "status.config_data.charger_id", "record.id", "config.charger_id"))
NAME = Field(("groups.name", "status.name", *of_config("name"), "record.name"))
PART_NUMBER = Field(of_config("part_number"))
OPERATION_MODE = Field((*of_config("operation_mode"), "groups.operationMode"))
FEATURES = Field(of_config("plan.features"))

STATUS = Field(("status.status_id", "groups.status", "record.status"))
LOCKED = Field((*of_config("locked"), "groups.locked", "record.locked"))
CURRENT = Field((*of_config("max_charging_current"), "groups.maxChargingCurrent", "record.maxChargingCurrent"))
HIGHEST_CURRENT = Field(
    (*of_config("max_available_current"), "status.max_available_power", "record.maxAvailableCurrent")
)
"""`max_available_power` is in amperes, whatever its name says."""
ECO_SMART = Field(of_config("ecosmart"))
ECO_SMART_ENABLED = Field(of_config("ecosmart.enabled"))
ECO_SMART_MODE = Field(of_config("ecosmart.mode"))
ECO_SMART_PERCENTAGE = Field(of_config("ecosmart.percentage"))
HOUSE_CURRENT = Field(of_config("icp_max_current"))
HOME_SHARING = Field(of_config("home_sharing"))

POWER = Field(("status.charging_power", "groups.chargingPower"))
DETAILED_POWER = Field(("status.charging_power",))
DETAILED_STATUS = Field(("status.status_id",))
ENERGY = Field(("status.added_energy", "groups.addedEnergy"))
GREEN_ENERGY = Field(("status.added_green_energy",))
GRID_ENERGY = Field(("status.added_grid_energy",))
DISCHARGED_ENERGY = Field(("status.added_discharged_energy",))
PLUGGED_TIME = Field(("status.charging_time",))
COST = Field(("status.cost",))
PRICE = Field(
    (
        *of_config("energy_price"),
        "groups.energyPrice",
        *of_config("energyCost.value"),
        "groups.energyCost.value",
    )
)
ADDED_RANGE = Field(("status.added_range",))
CHARGE_LEVEL = Field(("status.state_of_charge", "record.stateOfCharge"))
CURRENCY_CODE = Field(of_config("currency.code"))
CURRENCY_ID = Field((*of_config("currency.id"), "groups.currency"))
FIRMWARE_INSTALLED = Field(
    ("groups.software.currentVersion", *of_config("software.currentVersion"), "record.softwareVersion")
)
FIRMWARE_LATEST = Field(("groups.software.latestVersion", *of_config("software.latestVersion")))
UPDATE_AVAILABLE = Field(("groups.software.updateAvailable", *of_config("software.updateAvailable")))
GROUP_ID = Field(("groups.group.id", *of_config("group_id")))
SCHEDULES = Field(("schedules.schedules",))
LAST_SCHEDULE = Field(("schedules.lastSchedule",))

FIELDS: tuple[Field, ...] = tuple(value for value in tuple(globals().values()) if isinstance(value, Field))
"""Everything above, for those who want to know what is read at all."""

_CONTACTS = ("groups.lastConnection", "groups.lastSync", "status.last_sync", "record.lastConnection")


def charger_id(document: Document) -> int:
    """Return the number by which the cloud knows the charger."""
    return integer(CHARGER_ID.known(document))


def moment(value: Json) -> datetime | None:
    """Read a time in any of the cloud's forms; None for null and for 0, which is never.

    They are seconds since the epoch, `YYYY-MM-DD HH:MM:SS` in UTC, and the same in an object with the zone beside it.
    """
    if value is None or value == 0:
        return None
    if isinstance(value, dict):
        if value.get("timezone") != "UTC":
            raise ValueError("a time in another zone than UTC")
        value = value.get("date")
    if isinstance(value, str):
        found = datetime.fromisoformat(text(value))
    try:
        if isinstance(value, str):
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        return datetime.fromtimestamp(number(value), UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("a time beyond all calendars") from error


def told_at(document: Document) -> datetime | None:
    """Return when the charger last told its cloud anything, as far as the answers say."""
    found: list[datetime] = []
    for place in _CONTACTS:
        try:
            when = moment((_find(document, place) or (None,))[0])
        except (TypeError, ValueError):
            continue
        if when is not None:
            found.append(when)
    return max(found, default=None)
