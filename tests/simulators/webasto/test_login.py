"""Who is let in: the password, the token and its life, one token at a time, the lock-out."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bridge.simulators.secret import SECRET
from bridge.simulators.webasto import Manners, WebastoSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.webasto.client import NOW, Client, claims


async def test_login(client: Client) -> None:
    """It gives a token in the form of a JWT, which says when it ends."""
    status, answer = await client.login()
    assert status == 200
    assert answer == {"access_token": client.token, "token_type": "bearer"}
    assert client.token.startswith("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.")
    assert claims(client.token) == {"iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 3600}
    assert await client.status() == 200


async def test_without_a_good_token(client: Client) -> None:
    """Nothing is told, in the form of a problem document or of a page."""
    for token in ("", "x", f"{client.token}x"):
        status, answer = await client.ask("GET", "/api/dashboard-information", token=token)
        assert (status, answer["status"], answer["title"], answer["type"]) == (401, 401, "Unauthorized", "about:blank")
    client.sim.manners.unauthorized = "page"
    status, answer = await client.ask("GET", "/api/dashboard-information", token="x")
    assert (status, answer[:6]) == (401, "<html>")
    assert client.sim.counters.unauthorized == 4


async def test_a_token_ends(client: Client, clock: FakeClock) -> None:
    """After its life, which can be set."""
    clock.pass_time(3599)
    assert await client.status() == 200
    clock.pass_time(1)
    assert await client.status() == 401
    client.sim.manners.token_life_s = 10
    await client.login()
    clock.pass_time(11)
    assert await client.status() == 401


async def test_one_token_at_a_time(client: Client) -> None:
    """Whoever logs in pushes the others out."""
    first = client.token
    await client.login()
    assert (await client.ask("GET", "/api/current-errors", token=first))[0] == 401
    assert await client.status() == 200
    client.sim.someone_logs_in()
    assert await client.status() == 401


async def test_refresh(client: Client) -> None:
    """A good token is changed for a new one; whether that works can be set."""
    first = client.token
    assert await client.refresh() == 200
    assert client.token != first
    assert await client.status() == 200
    client.sim.manners.refresh = "refused"
    assert await client.refresh() == 401
    client.sim.manners.refresh = "missing"
    assert await client.refresh() == 404
    client.sim.manners.refresh = "works"
    client.sim.expire_token()
    assert await client.refresh() == 401


@pytest.mark.parametrize("body", [[], {}, {"username": "admin"}, {"username": 1, "password": 2}, b"{"])
async def test_a_login_that_is_none(client: Client, body: Any) -> None:
    """It is refused, and is no wrong password."""
    assert (await client.ask("POST", "/api/login", body, token=""))[0] == 400
    assert client.sim.counters.refused_logins == 0


async def test_wrong_passwords_lock_everybody_out(client: Client, clock: FakeClock) -> None:
    """For a while even the right one is refused; the present token stays good."""
    for _ in range(5):
        assert (await client.login("wrong"))[0] == 401
    assert (await client.login())[0] == 403
    assert await client.status() == 200
    clock.pass_time(60)
    assert (await client.login())[0] == 200
    assert (client.sim.counters.logins, client.sim.counters.refused_logins) == (2, 6)


async def test_what_can_be_so_or_so(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """Statuses, a token without times, a wrong clock."""
    manners = Manners(login_status=201, wrong_password_status=403, most_wrong=None, token_times=False)
    async with WebastoSimulator(clock=clock, epoch=0, clock_error_s=-3600, manners=manners) as sim:
        client = Client(http, sim)
        assert [(await client.login("wrong"))[0] for _ in range(9)] == [403] * 9
        assert (await client.login())[0] == 201
        assert claims(client.token) == {}
        manners.token_times = True
        await client.login()
        assert claims(client.token) == {"iat": -3600, "exp": 0}
        assert await client.status() == 200


async def test_secrets_are_marked(client: Client) -> None:
    """So that a test can look for them anywhere."""
    values = [
        client.token,
        client.sim.password,
        await client.value("network", "wlan-ssid"),
        await client.value("network", "wlan-pre-shared-key"),
        await client.value("auth", "free-charging-alais"),
    ]
    assert all(SECRET in value for value in values)
