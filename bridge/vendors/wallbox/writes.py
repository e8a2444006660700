"""Every write that the documents of the Wallbox cloud know, as a value. Pure.

Where the documents know two ways to the same end, the one that is used is the one that the widest used clients use; the
other one is here too and says so. Sources: docs/vendors/wallbox.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

from bridge.charger.binding import Request
from bridge.charger.values import Json, plain_number
from bridge.vendors.wallbox.reading import Part


class Action(IntEnum):
    """What a charger can be told to do at once."""

    RESUME = 1
    PAUSE = 2
    RESTART = 3
    FACTORY_RESET = 4
    UPDATE_FIRMWARE = 5
    RESUME_SCHEDULE = 9


def remote_action(charger: int, action: Action) -> Request:
    """Tell the charger to do something."""
    return Request(method="POST", path=f"v3/chargers/{charger}/remote-action", body={"action": int(action)})


def set_locked(charger: int, *, locked: bool) -> Request:
    """Lock or unlock."""
    return _put(charger, {"locked": int(locked)})


def set_current(charger: int, amps: int) -> Request:
    """Set the highest charging current; a negative one lets a bidirectional charger discharge."""
    return _put(charger, {"maxChargingCurrent": amps})


def set_current_in_config(charger: int, amps: int) -> Request:
    """Set the highest charging current the other way that the API document knows; not used."""
    return _configure(charger, {"max_charging_current": amps})


def set_name(charger: int, name: str) -> Request:
    """Give the charger another name."""
    return _put(charger, {"name": name})


def set_energy_price(charger: int, price: float) -> Request:
    """Set the price of a kWh."""
    return _configure(charger, {"energyCost": plain_number(price)})


def set_energy_price_and_currency(charger: int, price: float, currency: int | None = None) -> Request:
    """Set the price of a kWh as the API document says, which is the way to set the currency along with it."""
    body: dict[str, Json] = {"energy_price": plain_number(price)}
    return _configure(charger, body if currency is None else {**body, "currency_id": currency})


def set_house_current(charger: int, amps: int, *, power_boost: bool | None) -> Request:
    """Set the limit of the house per phase and switch power boost along with it.

    The limit is sent as a negative number while power boost is off (API document). None for `power_boost` leaves that
    alone, which is for chargers that do not tell it.
    """
    if power_boost is None:
        return _configure(charger, {"icp_max_current": amps})
    return _configure(charger, {"icp_max_current": amps if power_boost else -amps, "home_sharing": int(power_boost)})


def set_eco_smart(charger: int, *, enabled: bool, mode: int, percentage: int) -> Request:
    """Set how the charger uses the sun; the cloud answers with nothing."""
    attributes: dict[str, Json] = {"percentage": percentage, "enabled": int(enabled), "mode": mode}
    body: dict[str, Json] = {"data": {"attributes": attributes, "type": "eco_smart"}}
    return Request(method="PUT", path=f"v4/chargers/{charger}/eco-smart", body=body)


def set_schedules(charger: int, entries: Sequence[Mapping[str, Json]]) -> Request:
    """Replace all schedules; the entries are in the cloud's own form."""
    body: dict[str, Json] = {"schedules": [dict(entry) for entry in entries]}
    return Request(method="POST", path=f"chargers/{charger}/schedules", body=body)


def shown_by(request: Request) -> Part:
    """Tell which part shows, when it is read, what a write did.

    The answers to `v2/charger` and to `chargers/config` are that part themselves.
    """
    if request.path.startswith("v2/charger/"):
        return Part.RECORD
    if request.path.endswith("/remote-action"):
        return Part.GROUPS
    return Part.SCHEDULES if request.path.endswith("/schedules") else Part.STATUS


def _put(charger: int, body: dict[str, Json]) -> Request:
    return Request(method="PUT", path=f"v2/charger/{charger}", body=body)


def _configure(charger: int, body: dict[str, Json]) -> Request:
    return Request(method="POST", path=f"chargers/config/{charger}", body=body)
