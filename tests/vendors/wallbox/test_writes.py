"""Every write of both documents, as it goes over the wire."""

from __future__ import annotations

import json

import pytest

from bridge.charger.binding import Request
from bridge.charger.values import Json
from bridge.vendors.wallbox import writes
from bridge.vendors.wallbox.reading import Part
from bridge.vendors.wallbox.writes import Action

C = 123


@pytest.mark.parametrize(
    ("request_", "method", "path", "body", "part"),
    [
        (writes.set_locked(C, locked=True), "PUT", "v2/charger/123", {"locked": 1}, Part.RECORD),
        (writes.set_locked(C, locked=False), "PUT", "v2/charger/123", {"locked": 0}, Part.RECORD),
        (writes.set_current(C, 13), "PUT", "v2/charger/123", {"maxChargingCurrent": 13}, Part.RECORD),
        (writes.set_current(C, -13), "PUT", "v2/charger/123", {"maxChargingCurrent": -13}, Part.RECORD),
        (writes.set_name(C, "Größe"), "PUT", "v2/charger/123", {"name": "Größe"}, Part.RECORD),
        (writes.set_current_in_config(C, 13), "POST", "chargers/config/123", {"max_charging_current": 13}, Part.STATUS),
        (writes.set_energy_price(C, 0.3), "POST", "chargers/config/123", {"energyCost": 0.3}, Part.STATUS),
        (
            writes.set_energy_price_and_currency(C, 0.1 + 0.2),
            "POST",
            "chargers/config/123",
            {"energy_price": 0.3},
            Part.STATUS,
        ),
        (
            writes.set_energy_price_and_currency(C, 1.0, 48),
            "POST",
            "chargers/config/123",
            {"energy_price": 1, "currency_id": 48},
            Part.STATUS,
        ),
        (
            writes.set_house_current(C, 25, power_boost=True),
            "POST",
            "chargers/config/123",
            {"icp_max_current": 25, "home_sharing": 1},
            Part.STATUS,
        ),
        (
            writes.set_house_current(C, 25, power_boost=False),
            "POST",
            "chargers/config/123",
            {"icp_max_current": -25, "home_sharing": 0},
            Part.STATUS,
        ),
        (
            writes.set_house_current(C, 25, power_boost=None),
            "POST",
            "chargers/config/123",
            {"icp_max_current": 25},
            Part.STATUS,
        ),
        (writes.remote_action(C, Action.RESUME), "POST", "v3/chargers/123/remote-action", {"action": 1}, Part.GROUPS),
        (writes.remote_action(C, Action.PAUSE), "POST", "v3/chargers/123/remote-action", {"action": 2}, Part.GROUPS),
        (writes.remote_action(C, Action.RESTART), "POST", "v3/chargers/123/remote-action", {"action": 3}, Part.GROUPS),
        (
            writes.remote_action(C, Action.FACTORY_RESET),
            "POST",
            "v3/chargers/123/remote-action",
            {"action": 4},
            Part.GROUPS,
        ),
        (
            writes.remote_action(C, Action.UPDATE_FIRMWARE),
            "POST",
            "v3/chargers/123/remote-action",
            {"action": 5},
            Part.GROUPS,
        ),
        (
            writes.remote_action(C, Action.RESUME_SCHEDULE),
            "POST",
            "v3/chargers/123/remote-action",
            {"action": 9},
            Part.GROUPS,
        ),
        (
            writes.set_eco_smart(C, enabled=True, mode=1, percentage=100),
            "PUT",
            "v4/chargers/123/eco-smart",
            {"data": {"attributes": {"percentage": 100, "enabled": 1, "mode": 1}, "type": "eco_smart"}},
            Part.STATUS,
        ),
        (writes.set_schedules(C, []), "POST", "chargers/123/schedules", {"schedules": []}, Part.SCHEDULES),
    ],
)
def test_each_write(request_: Request, method: str, path: str, body: Json, part: Part) -> None:
    """Method, path and body, and the part that shows what came of it; numbers stand as numbers in the JSON."""
    assert request_ == Request(method=method, path=path, body=body)
    assert json.dumps(request_.body) == json.dumps(body)
    assert writes.shown_by(request_) is part


def test_settings_of_one_kind_touch_each_other() -> None:
    """Pause and the buttons are one thing for the cloud, as are the limit of the house and power boost."""
    pause, restart = (writes.remote_action(C, action) for action in (Action.PAUSE, Action.RESTART))
    assert pause.touches & restart.touches
    limit, boost = (writes.set_house_current(C, amps, power_boost=True) for amps in (25, 30))
    assert limit.touches & boost.touches
    assert not limit.touches & writes.set_current(C, 13).touches
