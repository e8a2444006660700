"""What the pretend charger can be told to do, and when the cloud refuses."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bridge.simulators.wallbox import Action, Charger, ChargerSpec, GroupSpec, WallboxSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import CHARGER, Client


@pytest.mark.parametrize("action", Action)
async def test_actions_are_repeated_in_the_answer(client: Client, clock: FakeClock, action: Action) -> None:
    """Those that fit the state."""
    client.sim.car.plug()
    clock.pass_time(20)
    if action == Action.RESUME:
        client.sim.charger().write("action", Action.PAUSE.value)
        clock.pass_time(2)
    assert await client.act(action) == (200, {"action": action.value})


async def test_paths_may_end_with_a_slash(client: Client) -> None:
    """As one of the documents has them."""
    answer = await client.call("POST", f"v3/chargers/{CHARGER}/remote-action/", {"action": 9})
    assert answer == (200, {"action": 9})
    body = {"data": {"attributes": {"enabled": 0, "mode": 0}, "type": "eco_smart"}}
    assert await client.call("PUT", f"v4/chargers/{CHARGER}/eco-smart/", body) == (200, "")


@pytest.mark.parametrize("action", [0, 6, 7, 8, 10, "1", None, True, 1.5, [1]])
async def test_actions_that_there_are_not(client: Client, action: Any) -> None:
    """Are a bad request."""
    assert (await client.act(action))[0] == 400


CHARGING, READY, LOCKED, PAUSED, OCPP, AWAY = "charging", "ready", "locked", "paused", "ocpp", "away"


@pytest.mark.parametrize(
    ("situation", "action", "status", "words"),
    [
        (READY, 1, 409, "Nothing to resume"),
        (READY, 2, 409, "Nothing to pause"),
        (READY, 9, 200, None),
        (CHARGING, 1, 409, "Nothing to resume"),
        (CHARGING, 2, 200, None),
        (PAUSED, 1, 200, None),
        (PAUSED, 2, 409, "Nothing to pause"),
        (LOCKED, 1, 409, "Nothing to resume"),
        (LOCKED, 2, 403, "Charger is locked"),
        (LOCKED, 3, 200, None),
        *((OCPP, action, 403, "Charger is controlled by OCPP") for action in (1, 2, 3, 5, 9)),
        *((AWAY, action, 409, "Charger is not available") for action in (1, 2, 3)),
    ],
)
async def test_refusals(
    client: Client, clock: FakeClock, charger: Charger, *, situation: str, action: int, status: int, words: str | None
) -> None:
    """By state: 403 for what is not allowed, 409 for what does not fit."""
    if situation != READY:
        charger.plug()
        clock.pass_time(20)
    if situation in {PAUSED, LOCKED}:
        charger.write(*(("action", 2) if situation == PAUSED else ("locked", 1)))
        clock.pass_time(2)
    charger.set_ocpp(ocpp=situation == OCPP)
    charger.go_offline(offline=situation == AWAY)
    before = charger.status
    expected = {"action": action} if words is None else {"error": True, "msg": words}
    assert await client.act(action) == (status, expected)
    if words is not None:
        clock.pass_time(5)
        charger.advance()
        assert charger.status == before, "nothing has changed"


async def test_nothing_while_it_updates(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """No action interrupts new firmware."""
    groups = [GroupSpec(chargers=[ChargerSpec(latest_version="6.7.36")])]
    async with WallboxSimulator(clock=clock, groups=groups) as sim:
        client = Client(http, sim)
        await client.sign_in()
        assert (await client.status())["config_data"]["software"]["updateAvailable"] is True
        await client.act(5)
        clock.pass_time(3)
        assert (await client.status())["status_id"] == 166
        assert (await client.act(3))[0] == 409
        clock.pass_time(60)
        assert (await client.status())["config_data"]["software"]["currentVersion"] == "6.7.36"
