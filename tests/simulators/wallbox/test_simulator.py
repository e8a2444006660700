"""The pretend cloud as a simulator: addresses, requests, control, what is secret."""

from __future__ import annotations

import json
import socket
from typing import Any

import aiohttp
import pytest

from bridge.simulators import SIMULATORS
from bridge.simulators.http_bytes import MOST_BODY_BYTES
from bridge.simulators.http_face import MOST_REQUESTS
from bridge.simulators.secret import SECRET
from bridge.simulators.wallbox import ChargerSpec, GroupSpec, Manners, WallboxSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import CHARGER, Client


def free_pair() -> int:
    """A port that is free together with the next one."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port: int = first.getsockname()[1]
            try:
                with socket.create_server(("127.0.0.1", port + 1)):
                    return port
            except OSError:
                continue


async def test_two_addresses(client: Client, cloud: WallboxSimulator) -> None:
    """One for each of the vendor's hosts, each with a slash at its end."""
    assert cloud.api_url == f"http://127.0.0.1:{cloud.port}/"
    assert cloud.auth_url != cloud.api_url
    state = cloud.state()
    assert (state["api_url"], state["auth_url"]) == (cloud.api_url, cloud.auth_url)
    assert state["accounts"] == [{"email": cloud.account().spec.email, "password": cloud.account().password}]
    chargers: Any = state["chargers"]
    assert chargers[str(CHARGER)] == await client.status()


async def test_a_given_port() -> None:
    """The server that knows people takes the next one."""
    port = free_pair()
    sim = WallboxSimulator()
    await sim.start(port)
    try:
        assert (sim.port, sim.auth_url) == (port, f"http://127.0.0.1:{port + 1}/")
    finally:
        await sim.stop()


async def test_a_port_that_is_taken_stops_the_start() -> None:
    """Then nothing listens."""
    port = free_pair()
    with socket.create_server(("127.0.0.1", port + 1)):
        sim = WallboxSimulator()
        with pytest.raises(OSError, match="ddress already in use"):
            await sim.start(port)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


async def test_requests_are_remembered_in_their_order(client: Client, cloud: WallboxSimulator) -> None:
    """Those at both servers, with headers and body."""
    await client.put(locked=1)
    await client.refresh()
    assert [(request.method, request.path) for request in cloud.requests] == [
        ("GET", "/users/signin"),
        ("PUT", f"/v2/charger/{CHARGER}"),
        ("GET", "/users/refresh-token"),
    ]
    _, put, refresh = cloud.requests
    assert put.json() == {"locked": 1}
    assert put.headers["authorization"].startswith("Bearer ")
    assert refresh.body == b""
    with pytest.raises(ValueError, match="Expecting value"):
        refresh.json()


async def test_connections_are_kept(client: Client, cloud: WallboxSimulator) -> None:
    """As those of a cloud are, unlike those of a charger."""
    async with client.http.get(cloud.api_url) as response:
        assert response.headers.get("Connection", "keep-alive") == "keep-alive"


async def test_a_body_that_is_too_large(client: Client, cloud: WallboxSimulator) -> None:
    """Is refused and not remembered."""
    before = len(cloud.requests)
    assert (await client.call("PUT", f"v2/charger/{CHARGER}", " " * (MOST_BODY_BYTES + 1)))[0] == 413
    assert len(cloud.requests) == before
    assert (await client.call("PUT", f"v2/charger/{CHARGER}", '{"locked":1}' + " " * 60_000))[0] == 200


async def test_what_is_remembered_is_bounded(client: Client, cloud: WallboxSimulator) -> None:
    """The last requests only."""
    for _ in range(MOST_REQUESTS + 5):
        await client.call("GET", "v3/chargers/groups")
    assert len(cloud.requests) == MOST_REQUESTS
    assert cloud.counts["/v3/chargers/groups"] == MOST_REQUESTS + 5


async def test_the_control_port_shows_no_headers(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """They carry tokens; what was sent is there."""
    async with WallboxSimulator(clock=clock, control_port=0) as sim:
        client = Client(http, sim)
        await client.sign_in()
        await client.put(locked=1)
        async with http.get(f"http://{sim.control}/requests") as response:
            requests = await response.json()
        assert [set(request) for request in requests] == [
            {"method", "path", "query", "raw_query", "at"},
            {"method", "path", "query", "raw_query", "at", "body"},
        ]
        assert requests[1]["body"] == '{"locked": 1}'
        async with http.get(f"http://{sim.control}/fault?name=500&prefix=/users") as response:
            assert response.status == 200
        assert (await client.sign_in())[0] == 500
        assert (await client.call("GET", "v3/chargers/groups"))[0] == 200


async def test_all_about_people_is_marked(client: Client, cloud: WallboxSimulator) -> None:
    """Tokens, password, address and names: so that a test can look for them anywhere."""
    account = cloud.account()
    secrets = [client.token, client.refresh_token, account.password, *vars_of(account.spec)]
    assert all(SECRET in secret for secret in secrets)
    paths = (
        "v3/chargers/groups",
        f"v2/charger/{CHARGER}",
        f"chargers/status/{CHARGER}",
        f"v4/sessions/stats?charger={CHARGER}&start_date=0&end_date=1900000000",
        "v4/groups/289814/charger-charging-sessions",
    )
    told = {path: SECRET in json.dumps(await client.get(path)) for path in paths}
    assert told == {path: path != "v3/chargers/groups" for path in paths}


def vars_of(spec: Any) -> list[str]:
    """What an account says about a person."""
    return [spec.email, spec.name, spec.surname]


async def test_it_is_in_the_table() -> None:
    """As the vendor's name in the configuration, with the options that all have."""
    sim = SIMULATORS["wallbox"](speed=50, control_port=0)
    assert isinstance(sim, WallboxSimulator)
    assert sim.cloud.times.speed == 50


async def test_many_chargers_are_cheap(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """They run only when somebody looks: a day of twenty of them in two reads."""
    groups = [GroupSpec(id=group, chargers=[ChargerSpec(id=group * 100 + n) for n in range(10)]) for group in (1, 2)]
    async with WallboxSimulator(clock=clock, groups=groups, manners=Manners(token_life_s=1e6)) as sim:
        client = Client(http, sim)
        await client.sign_in()
        for charger in sim.cloud.chargers.values():
            charger.plug(capacity_kwh=20)
        clock.pass_time(86_400)
        found = (await client.get("v3/chargers/groups"))["result"]["groups"]
        energies = [charger["addedEnergy"] for group in found for charger in group["chargers"]]
        assert energies == [pytest.approx(20, rel=0.01)] * 20
