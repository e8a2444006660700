"""How the cloud lists sessions: three ways, with other names and units each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from operator import eq, ge, le, lt
from types import MappingProxyType

from bridge.simulators.wallbox.call import Call, RefusedError
from bridge.simulators.wallbox.cloud import Place
from bridge.simulators.wallbox.names import ulid
from bridge.simulators.wallbox.report import kilo, range_km
from bridge.simulators.wallbox.sessions import Session
from bridge.simulators.wallbox.shown_config import CURRENCIES, charger_uid
from bridge.simulators.wire import Json, JsonValue

MOST_AT_ONCE = 1_000

_NEVER_SET = (
    *("order_uid", "rate_price", "rate_variable_type", "order_energy", "access_price"),
    *("fee_amount", "total", "subtotal", "tax_amount", "tax_percentage"),
)
_SIGNS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType({"gte": ge, "lte": le, "lt": lt, "eq": eq})


def stats(call: Call) -> Json:
    """`v4/sessions/stats`: those of one charger that began in a span of time, newest first, in kWh."""
    charger_id = int(_number(call, "charger"))
    place = call.cloud.place(call.account, charger_id)
    if place is None:
        raise RefusedError(404, "Charger not found")
    first, last = _number(call, "start_date"), _number(call, "end_date")
    found = [session for session in reversed(place.charger.sessions) if first <= session.start <= last]
    return _page(call, [_log_session(place, session) for session in found])


def charging_sessions(call: Call) -> Json:
    """`v4/groups/…/charger-charging-sessions`: those of a group that filters let through, newest first, in Wh."""
    group = call.group()
    found: list[Json] = []
    for charger in group.chargers:
        place = call.cloud.place(call.account, charger.spec.id)
        if place is not None:
            found += [_charging_session(place, session) for session in charger.sessions]
    for name, sign, value in _filters(call):
        found = [entry for entry in found if _holds(entry, name, sign, value)]
    found.sort(key=_start, reverse=True)
    return _page(call, found)


def last_sessions(call: Call) -> Json:
    """`v4/charger-last-sessions`: the present or last one of each charger, in kWh."""
    found: list[Json] = []
    for group in call.cloud.groups_of(call.account):
        for charger in group.chargers:
            place = call.cloud.place(call.account, charger.spec.id)
            if place is not None and (entry := _last_session(place)) is not None:
                found.append(entry)
    page = found[_whole(call, "offset", 0) :][: _whole(call, "limit", MOST_AT_ONCE)]
    return {"data": list(page)}


def _log_session(place: Place, session: Session) -> Json:
    owner = place.group.owner.spec
    currency = CURRENCIES[place.charger.config.whole("currency_id")]
    return {
        "type": "charger_log_session",
        "id": str(place.charger.spec.id * 10_000 + session.number),
        "attributes": {
            "group": place.group.spec.id,
            "charger": place.charger.spec.id,
            "user": owner.id,
            "start": session.start,
            "end": session.end,
            "energy": kilo(session.energy_wh),
            "discharged_energy": kilo(session.discharged_wh),
            "mid_energy": 0,
            "green_energy": kilo(session.green_wh),
            "time": session.charged_s,
            "discharging_time": session.discharged_s,
            "cost": session.cost,
            "cost_savings": 0,
            "cost_unit": currency["symbol"],
            "currency": dict(currency),
            "range": range_km(session.energy_wh),
            "group_name": place.group.spec.name,
            "base_group_name": place.group.spec.name,
            "charger_name": place.charger.config["name"],
            "user_subgroup": place.group.spec.name,
            "user_name": owner.name,
            "user_email": owner.email,
            "user_rfid": None,
            "user_is_rfid": 0,
            "user_plate": None,
            "energy_unit": "kWh",
            "amount": None,
            "service_price": None,
            "service_time": None,
            "tax_rate": None,
            "tax_sales": None,
        },
    }


def _charging_session(place: Place, session: Session) -> Json:
    owner = place.group.owner.spec
    number = ulid(f"session/{place.charger.spec.id}/{session.number}")
    return {
        "type": "charger_charging_session",
        "id": number,
        "attributes": {
            "id": number,
            "start_time": session.start,
            "end_time": session.end,
            "charging_time": session.charged_s,
            "user_id": owner.id,
            "user_name": owner.name,
            "user_surname": owner.surname,
            "user_email": owner.email,
            "charger_id": place.charger.spec.id,
            "charger_name": place.charger.config["name"],
            "group_id": place.group.spec.id,
            "location_id": place.group.spec.id,
            "location_name": place.group.spec.name,
            "energy": round(session.energy_wh),
            "mid_energy": 0,
            "energy_price": session.price,
            "currency_code": CURRENCIES[place.charger.config.whole("currency_id")]["code"],
            "session_type": "free",
            "application_fee_percentage": 5,
            "user_avatar": None,
            **dict.fromkeys(_NEVER_SET),
            "total_cost": session.cost,
            "public_charge_uid": None,
        },
    }


def _last_session(place: Place) -> Json | None:
    """The present or last session; that the present one ends at the last report is a guess, the `type` as well."""
    charger, report = place.charger, place.charger.report
    last = charger.sessions[-1] if charger.sessions else None
    if charger.charging.car is not None:
        energy, green, discharged = report.energy_wh, report.green_wh, report.discharged_wh
        start, end = int(report.started_at), int(report.at)
    elif last is not None:
        energy, green, discharged, start, end = (
            *(last.energy_wh, last.green_wh, last.discharged_wh),
            *(last.start, last.end),
        )
    else:
        return None
    return {
        "type": "charger_last_session",
        "id": charger_uid(place),
        "attributes": {
            "charger_id": charger.spec.id,
            "user_id": place.group.owner.spec.id,
            "charging_energy": kilo(energy),
            "charging_energy_unit": "kWh",
            "charging_green_energy": kilo(green),
            "charging_green_energy_unit": "kWh",
            "discharged_energy": kilo(discharged),
            "discharged_energy_unit": "kWh",
            "start_time": start,
            "end_time": end,
        },
    }


def _page(call: Call, found: list[Json]) -> Json:
    limit, offset = _whole(call, "limit", MOST_AT_ONCE), _whole(call, "offset", 0)
    query = "&".join(part for part in call.request.raw_query.split("&") if not part.startswith(("limit=", "offset=")))
    # Of the vendor's own inner host in recordings: nobody outside can follow it.
    link = f"http://wallbox-api.example{call.request.path}?{query}&limit={limit}&offset={offset}"
    return {"meta": {"count": len(found)}, "links": {"self": link}, "data": list(found[offset:][:limit])}


def _filters(call: Call) -> list[tuple[str, str, float]]:
    sent = call.request.query.get("filters", "")
    if not sent:
        return []
    try:
        document = json.loads(sent)
        rows = [(row["field"], row["operator"], row["value"]) for row in document["filters"]]
    except (ValueError, LookupError, TypeError) as error:
        raise RefusedError(400, "Bad filters") from error
    for name, sign, value in rows:
        if (
            not isinstance(name, str)
            or not isinstance(sign, str)
            or sign not in _SIGNS
            or not isinstance(value, int | float)
        ):
            raise RefusedError(400, "Bad filters")
    return rows


def _holds(entry: Json, name: str, sign: str, value: float) -> bool:
    attributes = entry["attributes"]
    actual: JsonValue = attributes.get(name) if isinstance(attributes, dict) else None
    return isinstance(actual, int | float) and _SIGNS[sign](actual, value)


def _start(entry: Json) -> int:
    attributes = entry["attributes"]
    start = attributes["start_time"] if isinstance(attributes, dict) else 0
    return start if isinstance(start, int) else 0


def _number(call: Call, name: str) -> float:
    try:
        return float(call.request.query[name])
    except (LookupError, ValueError) as error:
        raise RefusedError(400, f"{name} has to be a number") from error


def _whole(call: Call, name: str, default: int) -> int:
    sent = call.request.query.get(name, str(default))
    if not sent.isascii() or not sent.isdigit():
        raise RefusedError(400, f"{name} has to be a number")
    return int(sent)
