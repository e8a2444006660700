"""What can be set at a Next, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.webasto.client import Client


@pytest.mark.parametrize(
    ("section", "key", "value", "update_type"),
    [
        ("system", "led-brightness", 50, "number"),
        ("power", "operator-current-limit", 10, "number"),
        ("auth", "free-charging", False, "boolean"),
        ("auth", "free-charging-alais", "ABC", "simple-string"),
        ("hems", "mode-modbus", "HEMS", "select"),
        ("power", "off-peak-period1-start", "07:30", "time"),
        ("network", "wlan-pre-shared-key", "secret", "password"),
        ("system", "local-system-time-setting", "2026-11-20T11:00:00", "datetime"),
    ],
)
async def test_what_can_be_set(client: Client, section: str, key: str, value: object, update_type: str) -> None:
    """It shows at once, and the answer names it; also when the charger insists on the exact type."""
    client.sim.manners.strict_types = True
    assert await client.value(section, key) != value
    status, answer = await client.update(key, value, update_type)
    assert (status, answer) == (200, {"success": True, "updatedFields": [key]})
    assert await client.value(section, key) == value


@pytest.mark.parametrize(
    ("key", "value", "update_type", "status"),
    [
        ("led-brightness", 101, "number", 400),
        ("led-brightness", -1, "number", 400),
        ("led-brightness", "50", "number", 400),
        ("led-brightness", True, "number", 400),
        ("led-brightness", True, "boolean", 400),
        ("led-brightness", None, "number", 400),
        ("operator-current-limit", 5, "number", 400),
        ("operator-current-limit", 33, "number", 400),
        ("free-charging", "false", "boolean", 400),
        ("free-charging", 0, "boolean", 400),
        ("free-charging", "false", "simple-string", 400),
        ("free-charging-alais", 1, "simple-string", 400),
        ("mode-modbus", "ON", "select", 400),
        ("off-peak-period1-start", "24:00", "time", 400),
        ("off-peak-period1-start", "7:30", "time", 400),
        ("restart-system", True, "button", 400),
        ("no-such-field", 1, "number", 400),
        (7, 1, "number", 400),
        ("plug-cycles", 1, "number", 403),
        ("phases-connected-to-charge-point", 1, "number", 403),
        ("ocpp-state", "Available", "readonly", 403),
    ],
)
async def test_what_is_refused(client: Client, key: Any, value: object, update_type: str, status: int) -> None:
    """With a problem document that does not repeat the value, and nothing changes."""
    before = dict(client.sim.device.settings)
    found, answer = await client.update(key, value, update_type)
    assert (found, answer["status"]) == (status, status)
    assert client.sim.device.settings == before


@pytest.mark.parametrize(
    "body",
    [
        {"fieldKey": "led-brightness", "value": 1, "configurationFieldUpdateType": "number-configuration-field-update"},
        [1],
        [{"fieldKey": "led-brightness", "value": 1}],
        [{"fieldKey": "led-brightness", "value": 1, "configurationFieldUpdateType": "number"}],
        [{"value": 1, "configurationFieldUpdateType": "number-configuration-field-update"}],
        [{"fieldKey": "led-brightness", "configurationFieldUpdateType": "number-configuration-field-update"}],
        b"[",
    ],
)
async def test_updates_that_are_none(client: Client, body: Any) -> None:
    """An array of objects with three members each, nothing else."""
    assert (await client.post("configuration-updates", body))[0] == 400
    assert await client.value("system", "led-brightness") == 10


async def test_all_or_nothing(client: Client) -> None:
    """One bad update among good ones spoils them all."""
    good = {
        "fieldKey": "led-brightness",
        "value": 1,
        "configurationFieldUpdateType": "number-configuration-field-update",
    }
    bad = {**good, "fieldKey": "port-modbus", "value": "x"}
    assert (await client.post("configuration-updates", [good, bad]))[0] == 400
    assert await client.value("system", "led-brightness") == 10
    both = [good, {**bad, "value": 503}]
    status, answer = await client.post("configuration-updates", both)
    assert (status, answer["updatedFields"]) == (200, ["led-brightness", "port-modbus"])


async def test_a_charger_that_insists_on_types(client: Client) -> None:
    """It refuses a type that goes with another field."""
    assert (await client.update("mode-modbus", "DLM", "simple-string"))[0] == 200
    client.sim.manners.strict_types = True
    assert (await client.update("mode-modbus", "HEMS", "simple-string"))[0] == 400


async def test_a_limit_without_bounds(client: Client) -> None:
    """Some may not tell any; then any number is taken."""
    client.sim.manners.limit_bounds = None
    assert "validation" not in (await client.fields("power"))["operator-current-limit"]
    assert (await client.update("operator-current-limit", 5))[0] == 200


async def test_settings_stay_over_a_day_without_anybody(client: Client) -> None:
    """Writes need a token like all else."""
    client.sim.expire_token()
    assert (await client.update("led-brightness", 50))[0] == 401
    assert client.sim.device.settings["led-brightness"] == 10
