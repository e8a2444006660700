"""JSON documents of the bridge and its chargers (contract section 1). Pure, but for the clocks handed in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from bridge.charger.binding import Capability
from bridge.charger.contract import Account, AccountHealth
from bridge.charger.properties import DATA_AGE
from bridge.charger.values import Json, Value, plain_number, timestamp_text
from bridge.engine.view import ChargerView

SCHEMA = 1
"""Version of the contract; a change that breaks consumers raises it."""


def encode(document: Json) -> bytes:
    """Return compact JSON; what is no valid text (lone surrogates in a sender's id) becomes a question mark."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode(errors="replace")


def state(view: ChargerView, moment: datetime, values: Mapping[str, Value] | None = None) -> dict[str, Json]:
    """Return the snapshot of a charger; `values` are what consumers are told instead of the newest ones."""
    document: dict[str, Json] = {"schema": SCHEMA, "ts": timestamp_text(moment)}
    capabilities = view.capabilities
    for key, value in (values or view.values).items():
        row = capabilities[key].property
        if not row.vendor:
            document[key] = None if value is None else row.type.json(value)
    if view.as_of is not None:
        document[DATA_AGE.key] = max(0, int((moment - view.as_of).total_seconds()))
    return document


def capability(ability: Capability, api_cost: int, settle_s: float) -> dict[str, Json]:
    """Return what a consumer must know to offer a control or a display for one property."""
    row = ability.property
    bounds = ability.bounds if ability.settable else None
    return {
        "type": row.type.name,
        "unit": ability.unit,
        "min": None if bounds is None else plain_number(bounds.minimum),
        "max": None if bounds is None else plain_number(bounds.maximum),
        "step": None if bounds is None else plain_number(bounds.step),
        "options": list(ability.options or row.options) or None,
        "settable": ability.settable,
        "settle_s": settle_s if ability.settable else None,
        "api_cost": api_cost if ability.settable else None,
    }


def charger(view: ChargerView) -> dict[str, Json]:
    """Return a charger's entry in the list of chargers."""
    identity = view.identity
    # A write, and the read that confirms it.
    api_cost = 2
    abilities: dict[str, Json] = {
        key: capability(ability, api_cost, view.pace.settle_s) for key, ability in view.capabilities.items()
    }
    for action in view.actions:
        button: dict[str, Json] = {"type": "action", "unit": None, "min": None, "max": None, "step": None}
        options: list[Json] = ["PRESS"]
        button |= {"options": options, "settable": True, "settle_s": None, "api_cost": 1}
        abilities[action.key] = button
    return {
        "id": view.id,
        "vendor": view.vendor,
        "model": None if identity is None else identity.model,
        "serial": None if identity is None else identity.serial,
        "firmware": None if identity is None else identity.firmware,
        "capabilities": abilities,
    }


def health(
    views: Iterable[ChargerView], accounts: Mapping[str, Account], moment: datetime, process: Mapping[str, Json]
) -> dict[str, Json]:
    """Return the health document; `process` holds what is about neither chargers nor accounts."""
    return {
        "ts": timestamp_text(moment),
        **process,
        "chargers": {view.id: _charger_health(view) for view in views},
        "accounts": {name: _account_health(account.health(), moment) for name, account in accounts.items()},
    }


def _account_health(known: AccountHealth, moment: datetime) -> dict[str, Json]:
    reset_at = timestamp_text(moment + timedelta(seconds=known.reset_in_s))
    expires_at = None if known.expires_at is None else timestamp_text(datetime.fromtimestamp(known.expires_at, UTC))
    return {
        "budget": {"reads_left": known.reads_left, "writes_left": known.writes_left, "reset_at": reset_at},
        "token": {"state": known.login, "expires_at": expires_at},
    }


def _charger_health(view: ChargerView) -> dict[str, Json]:
    known = view.health
    error = known.last_error
    told: Json = None
    if error is not None:
        told = {"code": error.code.value, "message": error.message, "ts": timestamp_text(error.moment)}
    return {
        "last_success": None if known.last_success is None else timestamp_text(known.last_success),
        "last_error": told,
        "consecutive_failures": known.consecutive_failures,
        "latency_ms": known.latency_ms,
        "next_poll": None if known.next_poll is None else timestamp_text(known.next_poll),
        "interval_s": plain_number(known.interval_s),
    }
