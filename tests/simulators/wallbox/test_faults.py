"""The faults, as a client of the pretend cloud sees them, and where they apply."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bridge.simulators.faults import NEED_KEYS, Fault
from bridge.simulators.wallbox import Charger, WallboxSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import CHARGER, Client

STATUS = f"chargers/status/{CHARGER}"
GROUPS = "v3/chargers/groups"


async def seen(client: Client, path: str = STATUS) -> tuple[int, Any]:
    """Status and answer of a read."""
    return await client.call("GET", path)


@pytest.mark.parametrize("fault", Fault)
async def test_every_fault_can_be_set_and_cleared(client: Client, fault: Fault) -> None:
    """Afterwards all is well, on both servers."""
    await client.sim.set_fault(fault, keys=["name"] if fault in NEED_KEYS else [])
    assert client.sim.state()["fault"] == fault
    await client.sim.clear_fault()
    assert client.sim.state()["fault"] is None
    assert (await seen(client))[0] == 200
    assert (await client.sign_in())[0] == 200


@pytest.mark.parametrize(
    ("fault", "status", "answer"),
    [
        ("401", 401, "Unauthorized"),
        ("403", 403, "Forbidden"),
        ("404", 404, {"error": True, "msg": "Not Found"}),
        ("429", 429, "Too Many Requests"),
        ("500", 500, {"error": True, "msg": "Internal Server Error"}),
        ("empty", 200, ""),
    ],
)
async def test_answers_that_are_none(client: Client, fault: str, status: int, answer: object) -> None:
    """The same from both servers."""
    await client.sim.set_fault(fault)
    assert await seen(client) == (status, answer)
    assert (await client.auth("users/me", authorization=f"Bearer {client.token}")) == (status, answer)


@pytest.mark.parametrize(("fault", "status"), [("garbage", 200), ("503", 503)])
async def test_web_pages(client: Client, fault: str, status: int) -> None:
    """In the place of JSON."""
    await client.sim.set_fault(fault)
    found, text = await seen(client)
    assert found == status
    assert text.startswith("<!DOCTYPE html>")


async def test_asked_too_often_with_a_time_to_wait(client: Client) -> None:
    """As long as one likes."""
    await client.sim.set_fault("429_retry_after", seconds=120)
    async with client.http.get(client.sim.api_url + GROUPS) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "120")


async def test_a_bad_status_with_a_good_body(client: Client) -> None:
    """The answer itself is whole."""
    _, good = await seen(client)
    await client.sim.set_fault("400_with_body")
    assert await seen(client) == (400, good)


@pytest.mark.parametrize(
    ("prefix", "status", "groups", "sign_in"),
    [
        ("", 500, 500, 500),
        ("/users", 200, 200, 500),
        ("/chargers", 500, 200, 200),
        ("/v3/", 200, 500, 200),
        ("/users/refresh-token", 200, 200, 200),
    ],
)
async def test_a_fault_can_concern_some_paths(
    client: Client, *, prefix: str, status: int, groups: int, sign_in: int
) -> None:
    """Those that begin so."""
    await client.sim.set_fault("500", prefix=prefix)
    assert (await seen(client))[0] == status
    assert (await seen(client, GROUPS))[0] == groups
    assert (await client.sign_in())[0] == sign_in


@pytest.mark.parametrize(("prefix", "gone"), [("", {"api", "auth"}), ("/users", {"auth"}), ("/chargers", {"api"})])
async def test_unreachable(client: Client, *, prefix: str, gone: set[str]) -> None:
    """Concerns a whole server, and both come back on their ports."""
    urls = {"api": client.sim.api_url, "auth": client.sim.auth_url}
    await client.sim.set_fault("unreachable", prefix=prefix)
    for name, url in urls.items():
        if name in gone:
            with pytest.raises(aiohttp.ClientConnectorError):
                await client.ask("GET", url, authorization="")
        else:
            assert (await client.ask("GET", url, authorization=""))[0] == 404
    await client.sim.clear_fault()
    assert urls == {"api": client.sim.api_url, "auth": client.sim.auth_url}
    assert (await seen(client))[0] == (await client.sign_in())[0] == 200


async def test_a_write_that_gets_no_answer_has_been_done(client: Client, clock: FakeClock, charger: Charger) -> None:
    """The connection is reset in the middle of the answer."""
    await client.sim.set_fault("reset")
    with pytest.raises(aiohttp.ClientError):
        await client.put(locked=1)
    clock.pass_time(2)
    charger.advance()
    assert charger.status == 209


async def test_writes_that_are_refused(client: Client) -> None:
    """Reading works; the refusal is in this part's own form."""
    await client.sim.set_fault("refuse_writes")
    assert await client.put(locked=1) == (403, {"message": "Forbidden"})
    assert await client.act(9) == (403, {"error": True, "msg": "Forbidden"})
    assert (await seen(client))[0] == 200


async def test_writes_that_are_ignored(client: Client, clock: FakeClock) -> None:
    """Every answer is as if all had been done, and nothing has."""
    before = (await seen(client))[1]["config_data"]
    await client.sim.set_fault("ignore_writes")
    _, answer = await client.put(locked=1)
    assert answer["data"]["chargerData"]["locked"] == 1
    assert await client.act(3) == (200, {"action": 3})
    assert (await client.config(energyCost=1))[1]["energy_price"] == 1
    clock.pass_time(30)
    status = (await seen(client))[1]
    assert (status["status_id"], status["config_data"]) == (161, before)


async def test_missing_keys(client: Client) -> None:
    """Wherever they stand, and in every answer; also whole blocks."""
    await client.sim.set_fault("missing_key", keys=["name", "ecosmart", "software", "added_energy"])
    _, status = await seen(client)
    assert {"name", "added_energy"}.isdisjoint(status)
    assert {"name", "ecosmart", "software"}.isdisjoint(status["config_data"])
    assert "symbol" in status["config_data"]["currency"]
    assert "name" not in status["config_data"]["currency"]
    _, answer = await seen(client, GROUPS)
    assert "name" not in answer["result"]["groups"][0]["chargers"][0]


async def test_null_keys(client: Client) -> None:
    """The same, with null."""
    await client.sim.set_fault("null_key", keys=["status_id", "config_data"])
    _, status = await seen(client)
    assert (status["status_id"], status["config_data"], status["added_energy"]) == (None, None, 0)


async def test_unknown_codes(client: Client) -> None:
    """By default a status that nobody knows, else a number for any key."""
    await client.sim.set_fault("unknown_code")
    _, status = await seen(client)
    assert status["status_id"] == 200
    _, answer = await seen(client, GROUPS)
    assert answer["result"]["groups"][0]["chargers"][0]["status"] == 200
    await client.sim.set_fault("unknown_code", keys=["operation_mode"])
    _, status = await seen(client)
    assert (status["status_id"], status["config_data"]["operation_mode"]) == (161, 99)


async def test_requests_that_a_fault_keeps_away_are_counted_by_path(client: Client, cloud: WallboxSimulator) -> None:
    """So a test can see who storms a door that is shut."""
    await cloud.set_fault("403", prefix="/users")
    for _ in range(3):
        await client.sign_in()
    assert cloud.counts["/users/signin"] == 4
    assert cloud.counters.sign_ins == 1
