"""What can be set at a charger and done with it, and when the cloud refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bridge.simulators.wallbox.actions import Action
from bridge.simulators.wallbox.call import Call, RefusedError
from bridge.simulators.wallbox.cloud import Place
from bridge.simulators.wallbox.schedules import BadScheduleError
from bridge.simulators.wallbox.shown_charger import basic
from bridge.simulators.wallbox.shown_config import CURRENCIES, config_data
from bridge.simulators.wallbox.statuses import FLOWING, RESUMABLE, StatusId
from bridge.simulators.wire import Json, JsonValue

HIGHEST_HOUSE_LIMIT_A = 255
LONGEST_NAME = 256

Check = Callable[[Place, JsonValue], JsonValue]


def put_charger(call: Call) -> Json:
    """`PUT v2/charger`: lock, current, name; without a body it is a read."""
    if not call.request.body.strip():
        return basic(call.cloud, call.place())
    place = call.own_place()
    taken = _checked(place, call.sent(), _CHARGER_KEYS)
    if taken.get("locked") == 0 and _under_ocpp(place):
        del taken["locked"]  # seen live: accepted, and nothing happens
    return basic(call.cloud, place, _written(call, place, taken))


def post_config(call: Call) -> Json:
    """`POST chargers/config`: price, limits and the like; keys that it does not know it passes over."""
    place = call.own_place()
    taken = _checked(place, call.sent(), _CONFIG_KEYS)
    return config_data(place, _written(call, place, taken))


def remote_action(call: Call) -> Json:
    """`remote-action`: the answer repeats the number of the action."""
    place = call.own_place()
    number = call.sent().get("action")
    action = next((each for each in Action if each == number and not isinstance(number, bool)), None)
    if action is None:
        raise RefusedError(400, "Unknown action")
    _check_action(place, action)
    call.write(place, "action", action.value)
    return {"action": action.value}


def put_eco_smart(call: Call) -> None:
    """`eco-smart`: answers with an empty body."""
    place = call.own_place()
    eco = place.charger.config.eco_smart
    if eco is None:
        raise RefusedError(404, "Eco-Smart is not supported")
    data = call.sent().get("data")
    attributes = data.get("attributes") if isinstance(data, dict) and data.get("type") == "eco_smart" else None
    value = {**eco.shown(), **(attributes if isinstance(attributes, dict) else {"enabled": None})}
    if not (_is_flag(value["enabled"]) and _is_flag(value["mode"]) and _is_whole(value["percentage"], 0, 100)):
        raise RefusedError(400, "Bad Request")
    call.write(place, "ecosmart", value)


def post_schedules(call: Call) -> Json:
    """`POST schedules`: says that all is well also when it takes nothing."""
    place = call.own_place()
    entries = call.sent().get("schedules")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise RefusedError(400, "Bad Request")
    now = call.cloud.times.since_1970()
    try:
        place.charger.schedules.after([entry for entry in entries if isinstance(entry, dict)], now)
    except BadScheduleError as bad:
        raise RefusedError(400, str(bad)) from bad
    call.write(place, "schedules", entries)
    return {"sync_timestamp": int(now), "error": False}


def _checked(place: Place, sent: Json, keys: Mapping[str, tuple[str, Check]]) -> Json:
    return {name: check(place, sent[key]) for key, (name, check) in keys.items() if key in sent}


def _written(call: Call, place: Place, taken: Json) -> Json:
    """What the answer shows: all that has been accepted, even though reading does not show it yet."""
    for name, value in taken.items():
        call.write(place, name, value)
    return {**place.charger.pending, **taken}


def _check_action(place: Place, action: Action) -> None:
    charger = place.charger
    status = charger.charging.status
    if _under_ocpp(place):
        raise RefusedError(403, "Charger is controlled by OCPP")
    if charger.offline or charger.away or charger.charging.stopped == StatusId.UPDATING:
        raise RefusedError(409, "Charger is not available")
    if action == Action.PAUSE and charger.charging.is_locked:
        raise RefusedError(403, "Charger is locked")
    if action == Action.PAUSE and status not in FLOWING:
        raise RefusedError(409, "Nothing to pause")
    if action == Action.RESUME and status not in RESUMABLE:
        raise RefusedError(409, "Nothing to resume")


def _under_ocpp(place: Place) -> bool:
    return place.charger.config["operation_mode"] == "ocpp"


# Which values are refused, and that it is with 400, is a guess everywhere below.


def _flag(_: Place, value: JsonValue) -> JsonValue:
    if not _is_flag(value):
        raise RefusedError(400, "Bad Request")
    return int(value is True or value == 1)


def _current(place: Place, value: JsonValue) -> JsonValue:
    most = place.charger.config.whole("max_available_current")
    if not _is_whole(value, -most if place.charger.model.bidirectional else 0, most):
        raise RefusedError(400, "Bad Request")
    return value


def _house_limit(place: Place, value: JsonValue) -> JsonValue:
    if not _is_whole(value, -HIGHEST_HOUSE_LIMIT_A, HIGHEST_HOUSE_LIMIT_A):
        raise RefusedError(400, "Bad Request")
    return _power_boost(place, value)


def _home_sharing(place: Place, value: JsonValue) -> JsonValue:
    return _power_boost(place, _flag(place, value))


def _power_boost(place: Place, value: JsonValue) -> JsonValue:
    if "POWER_BOOST" not in place.charger.spec.features:
        raise RefusedError(403, "Power Boost is not available")
    return value


def _price(_: Place, value: JsonValue) -> JsonValue:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise RefusedError(400, "Bad Request")
    return value


def _currency(_: Place, value: JsonValue) -> JsonValue:
    if not isinstance(value, int) or value not in CURRENCIES:
        raise RefusedError(400, "Bad Request")
    return value


def _name(_: Place, value: JsonValue) -> JsonValue:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME:
        raise RefusedError(400, "Bad Request")
    return value


def _is_whole(value: JsonValue, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_flag(value: JsonValue) -> bool:
    return isinstance(value, bool) or _is_whole(value, 0, 1)


_CHARGER_KEYS: Mapping[str, tuple[str, Check]] = MappingProxyType(
    {
        "locked": ("locked", _flag),
        "maxChargingCurrent": ("max_charging_current", _current),
        "name": ("name", _name),
    }
)
_CONFIG_KEYS: Mapping[str, tuple[str, Check]] = MappingProxyType(
    {
        "energy_price": ("energy_price", _price),
        "energyCost": ("energy_price", _price),
        "currency_id": ("currency_id", _currency),
        "max_charging_current": ("max_charging_current", _current),
        "icp_max_current": ("icp_max_current", _house_limit),
        "home_sharing": ("home_sharing", _home_sharing),
    }
)
