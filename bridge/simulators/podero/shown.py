"""The wallbox as the partner API describes it, in each of the forms that the description has had."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, TypeAlias

from bridge.simulators.podero.wallbox import Wallbox
from bridge.simulators.secret import SECRET
from bridge.simulators.wire import Json

Snapshot: TypeAlias = Literal["first", "later", "newest"]
"""Which form: of the first copy of the page, of one with a lifecycle, of the one with mode and boost."""

CREATED = "2025-03-01T09:30:00Z"
CLOUD_SERVICE_ID = "7d1f3f5e-6f0e-4a2f-8d0b-1f2e3d4c5b6a"
BUILDING_ID = "5b6d0f0c-0d44-4b50-8888-0c0c0c0c0c0c"
CONNECTIONS = {True: "online", False: "offline", None: "never_connected"}


def described(wallbox: Wallbox, wallbox_id: str, user_id: str, snapshot: Snapshot) -> Json:
    """The answer to GET and PUT."""
    told = _time(wallbox, wallbox.times.clock())
    return {
        **wallbox.health,
        "device_model": _model(),
        "owner": _owner(user_id),
        "created_at": CREATED,
        "updated_at": told,
        "price_zone": "AT",
        "id": wallbox_id,
        "building": BUILDING_ID,
        "pause_power_until": None,
        "is_pause_power_active": wallbox.paused,
        "external_device_id": "wallbox-1",
        "is_authenticated": wallbox.authenticated,
        "is_smart_optimization_active": wallbox.smart,
        "current_mode": None,
        "comment": "left of the door",
        "current_state_last_updated_at": told,
        "last_monitoring_executed_at": told,
        "is_inverter_forced_mode_enabled": False,
        "is_inverter_forced_mode_active": False,
        "inverter_forced_mode_since": "0001-01-01T00:00:00Z",
        "is_trading_enabled": False,
        "actual_steering_state": "unknown",
        "charge_target_min": 50,
        "charge_target_max": 80,
        "charge_power_max_w": wallbox.max_power_w,
        "is_charge_policy_enabled": False,
        "charge_policy_last_updated_at": None,
        "minimum_charge_limit": 80,
        "charge_deadline_at": None if snapshot == "first" else "07:30",
        "is_over_charge_allowed": False,
        "charge_time_remaining": None,
        "charge_rate_w": round(wallbox.power_w),
        "is_fully_charged": wallbox.full,
        "is_plugged_in": wallbox.car is not None,
        "is_charging": wallbox.charging,
        "charge_state_last_updated_at": told,
        "consumption_last_day_kwh": wallbox.consumed_kwh("day"),
        "consumption_last_week_kwh": wallbox.consumed_kwh("week"),
        "consumption_last_month_kwh": wallbox.consumed_kwh("month"),
        "consumption_last_updated_at": told,
        "needs_gateway": False,
        "embeddable_url": f"https://podero.example/embed?token={SECRET}",
        "authorization_url": f"https://podero.example/authorize?state={SECRET}",
        **_since(wallbox, snapshot),
    }


def _model() -> Json:
    return {
        "device_type": {"short_name": "wallbox", "long_name": "Wallbox"},
        "manufacturer": "Pretend",
        "model": "Box 11",
        "cloud_service_instructions": "Connect the box by OCPP.",
        "cloud_service_signup_link": f"https://maker.example/signup?token={SECRET}",
        "year": 2024,
        "cloud_service": CLOUD_SERVICE_ID,
    }


def _owner(user_id: str) -> Json:
    return {
        "id": user_id,
        "email": f"{SECRET}@example.com",
        "first_name": f"First {SECRET}",
        "last_name": f"Last {SECRET}",
        "external_id": f"customer-{SECRET}",
    }


def _since(wallbox: Wallbox, snapshot: Snapshot) -> Json:
    """What came after the first form; its own last field went."""
    if snapshot == "first":
        return {"is_forecasting_enabled": False}
    later: Json = {
        "optimization_score": 0.75,
        "deleted_at": CREATED if wallbox.deleted else None,
        "lifecycle_state": "authenticated" if wallbox.authenticated else "error",
        "lifecycle_error": None if wallbox.authenticated else "the sign-in lapsed",
    }
    if snapshot == "later":
        return later
    return {
        **later,
        "mode": _mode(wallbox),
        "connection": CONNECTIONS[wallbox.connected],
        "action_needed": not wallbox.authenticated,
        "actions": [] if wallbox.authenticated else [_action()],
        "boost_state": str(wallbox.boost_state),
        "boost_for_next_session": wallbox.armed,
    }


def _action() -> Json:
    return {"code": "reauthenticate", "resolution_link": f"https://podero.example/cues/1?secret={SECRET}"}


def _mode(wallbox: Wallbox) -> str:
    if not wallbox.authenticated:
        return "UNAVAILABLE"
    if wallbox.charging:
        return "CHARGING"
    return "READY" if wallbox.car is None else "PLUGGED_IN"


def _time(wallbox: Wallbox, at: float) -> str:
    return datetime.fromtimestamp(wallbox.times.since_1970(at), UTC).isoformat().replace("+00:00", "Z")
