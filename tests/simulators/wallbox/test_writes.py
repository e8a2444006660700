"""Writing to the pretend cloud: what is taken, when it shows, and the ways in which it is refused."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bridge.simulators.wallbox import Charger, ChargerSpec, GroupSpec, WallboxSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import CHARGER, Client


async def eco(client: Client, *, kind: str = "eco_smart", **attributes: Any) -> tuple[int, Any]:
    """Set the solar mode."""
    body = {"data": {"attributes": attributes, "type": kind}}
    return await client.call("PUT", f"v4/chargers/{CHARGER}/eco-smart", body)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [("locked", 1, "locked"), ("maxChargingCurrent", 13, "max_charging_current"), ("name", "Garage", "name")],
)
async def test_settings_show_after_a_while(
    client: Client, clock: FakeClock, charger: Charger, key: str, value: object, shown: str
) -> None:
    """The answer to a write shows it at once; reading does so two seconds later."""
    before = (await client.status())["config_data"][shown]
    status, answer = await client.put(**{key: value})
    assert (status, answer["data"]["chargerData"][key]) == (200, value)
    clock.pass_time(1.9)
    assert (await client.status())["config_data"][shown] == before
    clock.pass_time(0.1)
    assert (await client.status())["config_data"][shown] == value
    assert charger.pending == {}


async def test_the_answer_still_shows_the_old_status(client: Client, clock: FakeClock) -> None:
    """What the charger makes of a setting comes later; an earlier write is not forgotten in a later answer."""
    _, answer = await client.put(locked=1)
    assert answer["data"]["chargerData"]["status"] == 161
    _, answer = await client.put(maxChargingCurrent=10)
    assert answer["data"]["chargerData"]["locked"] == 1
    clock.pass_time(2)
    assert (await client.status())["status_id"] == 209


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"energyCost": 0.31}, {"energy_price": 0.31, "energyCost": {"value": 0.31, "inheritedGroupId": None}}),
        ({"energy_price": -0.05}, {"energy_price": -0.05}),
        ({"max_charging_current": 9}, {"max_charging_current": 9}),
        ({"icp_max_current": 40, "home_sharing": 1}, {"icp_max_current": 40, "home_sharing": 1}),
        ({"icp_max_current": -40, "home_sharing": 0}, {"icp_max_current": -40, "home_sharing": 0}),
    ],
)
async def test_the_other_way(client: Client, clock: FakeClock, sent: dict[str, Any], shown: dict[str, Any]) -> None:
    """Keys of the configuration; the answer is all of it."""
    status, answer = await client.config(**sent)
    assert status == 200
    clock.pass_time(2)
    config = (await client.status())["config_data"]
    for name, value in shown.items():
        assert answer[name] == config[name] == value


async def test_another_currency(client: Client, clock: FakeClock) -> None:
    """By its number, with the price."""
    _, answer = await client.config(energy_price=0.2, currency_id=48)
    assert (answer["currency"]["code"], answer["energy_price"]) == ("GBP", 0.2)
    clock.pass_time(2)
    assert (await client.status())["config_data"]["currency"]["symbol"] == "£"


async def test_unknown_keys_are_passed_over(client: Client) -> None:
    """Here as there."""
    assert (await client.config(nonsense=1))[0] == (await client.put(nonsense=1))[0] == 200


@pytest.mark.parametrize("body", ["", "{", "[]", "1", '"x"'])
async def test_bodies_that_are_no_object(client: Client, body: str) -> None:
    """Are a bad request, except that nothing at all reads the brief record."""
    assert (await client.call("POST", f"chargers/config/{CHARGER}", body))[0] == 400
    assert (await client.call("PUT", f"v2/charger/{CHARGER}", body))[0] == (400 if body else 200)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(("locked", value) for value in (2, "1", None, -1)),
        *(("maxChargingCurrent", value) for value in (33, -6, "10", 10.5, None, True)),
        *(("name", value) for value in ("", "x" * 300, 5, None)),
    ],
)
async def test_values_that_cannot_be(client: Client, setting: str, value: object) -> None:
    """Are a bad request, explained under this part's own key."""
    status, answer = await client.put(**{setting: value})
    assert (status, answer) == (400, {"message": "Bad Request"})


@pytest.mark.parametrize(
    "sent",
    [
        *({"energyCost": value} for value in ("1", None, True)),
        *({"icp_max_current": value} for value in (256, "1", None)),
        *({"home_sharing": value} for value in (2, None)),
        *({"currency_id": value} for value in (2, "1", None)),
    ],
)
async def test_configurations_that_cannot_be(client: Client, sent: dict[str, Any]) -> None:
    """Are a bad request, explained under another key."""
    assert await client.config(**sent) == (400, {"error": True, "msg": "Bad Request"})


async def test_a_bidirectional_charger_takes_negative_currents(http: aiohttp.ClientSession) -> None:
    """Down to what it can give."""
    async with WallboxSimulator(groups=[GroupSpec(chargers=[ChargerSpec(model="Quasar")])]) as sim:
        client = Client(http, sim)
        await client.sign_in()
        assert (await client.put(maxChargingCurrent=-32))[0] == 200
        assert (await client.put(maxChargingCurrent=-33))[0] == 400


async def test_power_boost_has_to_be_in_the_plan(http: aiohttp.ClientSession) -> None:
    """Otherwise its two settings are refused."""
    async with WallboxSimulator(groups=[GroupSpec(chargers=[ChargerSpec(features=())])]) as sim:
        client = Client(http, sim)
        await client.sign_in()
        assert (await client.config(icp_max_current=10))[0] == 403
        assert (await client.config(home_sharing=1))[0] == 403
        assert (await client.config(energyCost=1))[0] == 200


@pytest.mark.parametrize("enabled", [0, 1, False, True])
@pytest.mark.parametrize("mode", [0, 1])
async def test_eco_smart(client: Client, clock: FakeClock, *, enabled: bool, mode: int) -> None:
    """An empty answer; the setting shows later, the percentage stays unless it is sent."""
    assert await eco(client, enabled=enabled, mode=mode) == (200, "")
    assert (await client.status())["config_data"]["ecosmart"]["mode"] == 0
    clock.pass_time(2)
    shown = (await client.status())["config_data"]["ecosmart"]
    assert shown == {"enabled": bool(enabled), "mode": mode, "percentage": 100}
    await eco(client, enabled=enabled, mode=mode, percentage=50)
    clock.pass_time(2)
    assert (await client.status())["config_data"]["ecosmart"]["percentage"] == 50


@pytest.mark.parametrize(
    "attributes",
    [
        {"enabled": 2, "mode": 0},
        {"enabled": 1, "mode": 2},
        {"enabled": "1", "mode": 0},
        {"enabled": 1, "mode": 0, "percentage": 101},
        {"enabled": 1, "mode": 0, "kind": "other"},
    ],
)
async def test_eco_smart_that_cannot_be(client: Client, attributes: dict[str, Any]) -> None:
    """Is a bad request."""
    assert await eco(client, **attributes) == (400, {"title": "Bad Request"})


async def test_eco_smart_has_to_be_known(http: aiohttp.ClientSession) -> None:
    """A charger without it refuses."""
    async with WallboxSimulator(groups=[GroupSpec(chargers=[ChargerSpec(eco_smart=False)])]) as sim:
        client = Client(http, sim)
        await client.sign_in()
        assert (await eco(client, enabled=1, mode=0))[0] == 404


async def test_under_ocpp_unlocking_does_nothing(client: Client, clock: FakeClock, charger: Charger) -> None:
    """It is accepted all the same; the answer shows that it is still locked. Locking works."""
    charger.set_ocpp(ocpp=True)
    assert (await client.put(locked=1))[0] == 200
    clock.pass_time(2)
    status, answer = await client.put(locked=0)
    assert (status, answer["data"]["chargerData"]["locked"]) == (200, 1)
    clock.pass_time(2)
    config = (await client.status())["config_data"]
    assert (config["locked"], config["operation_mode"]) == (1, "ocpp")


async def test_settling_can_be_at_once(http: aiohttp.ClientSession) -> None:
    """For tests that do not care."""
    async with WallboxSimulator(settle_s=0) as sim:
        client = Client(http, sim)
        await client.sign_in()
        await client.put(maxChargingCurrent=7)
        assert (await client.status())["config_data"]["max_charging_current"] == 7
