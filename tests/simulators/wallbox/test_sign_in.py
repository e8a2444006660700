"""Who is let in: signing in both ways, new tokens, the end of tokens."""

from __future__ import annotations

import aiohttp
import pytest

from bridge.simulators.secret import SECRET
from bridge.simulators.wallbox import DEFAULT_EMAIL, AccountSpec, Manners, WallboxSimulator
from bridge.simulators.wallbox.account import MOST_TOKENS
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import NOW, Client, basic


async def test_signing_in(client: Client, cloud: WallboxSimulator) -> None:
    """Two tokens, and when they end: in ms since 1970, 15 minutes and a week from now."""
    status, answer = await client.sign_in()
    attributes = answer["data"]["attributes"]
    assert status == 200
    assert attributes["ttl"] == (NOW.timestamp() + 900) * 1_000
    assert attributes["refresh_token_ttl"] == (NOW.timestamp() + 7 * 86_400) * 1_000
    assert (attributes["error"], attributes["status"]) == ("false", 200)
    assert SECRET in attributes["token"]
    assert SECRET in attributes["refresh_token"]
    assert cloud.counters.sign_ins == cloud.account().counters.sign_ins == 2


async def test_only_get_signs_in(client: Client) -> None:
    """POST is not allowed at the user API."""
    assert (await client.auth("users/signin", method="POST", authorization=basic("a", "b")))[0] == 405


@pytest.mark.parametrize("authorization", ["", "Basic", "Basic ?", "Basic /w==", "Bearer x", basic("", "")])
async def test_without_credentials_nobody_signs_in(client: Client, authorization: str) -> None:
    """Whatever stands in their place."""
    assert (await client.auth("users/signin", authorization=authorization))[0] == 403


async def test_wrong_credentials_are_refused_and_counted(client: Client, cloud: WallboxSimulator) -> None:
    """A wrong password counts for its account, an unknown account for the cloud alone."""
    assert (await client.sign_in(password="wrong"))[0] == 403
    assert (await client.sign_in(email="nobody@example.com", password="x"))[0] == 403
    assert (cloud.counters.refused_sign_ins, cloud.account().counters.refused_sign_ins) == (2, 1)
    cloud.account().password = "changed"
    assert (await client.auth("users/signin", authorization=basic(DEFAULT_EMAIL, f"{SECRET}-password")))[0] == 403
    assert (await client.sign_in())[0] == 200


async def test_an_unusual_password(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """Colons and letters beyond ASCII are part of it; some accounts see 401 for a wrong one."""
    spec = AccountSpec(password="pä:ss:wörd")
    async with WallboxSimulator(clock=clock, accounts=[spec], manners=Manners(wrong_password_status=401)) as sim:
        client = Client(http, sim)
        assert (await client.sign_in())[0] == 200
        assert (await client.sign_in(password="pä"))[0] == 401


async def test_refreshing_changes_both_tokens(client: Client, cloud: WallboxSimulator) -> None:
    """Each refresh token works once; earlier access tokens stay good."""
    before = (client.token, client.refresh_token)
    assert (await client.refresh())[0] == 200
    assert client.token != before[0]
    assert client.refresh_token != before[1]
    for token in (before[0], client.token):
        client.token = token
        await client.status()
    client.refresh_token = before[1]
    assert (await client.refresh())[0] == 401
    assert (cloud.counters.refreshes, cloud.counters.refused_refreshes) == (1, 1)
    assert cloud.account().counters.refused_refreshes == 1


async def test_an_access_token_ends_with_its_time(client: Client, cloud: WallboxSimulator, clock: FakeClock) -> None:
    """Then reading needs a new one, which the refresh token gives."""
    clock.pass_time(899)
    await client.status()
    clock.pass_time(1)
    assert await client.call("GET", "v3/chargers/groups") == (401, {"error": True, "msg": "Unauthorized"})
    assert cloud.counters.unauthorized == 1
    assert (await client.refresh())[0] == 200
    await client.status()


async def test_a_refresh_token_ends_with_its_time(client: Client, clock: FakeClock) -> None:
    """Then one has to sign in."""
    clock.pass_time(7 * 86_400)
    assert (await client.refresh())[0] == 401
    assert (await client.sign_in())[0] == 200


@pytest.mark.parametrize(
    ("end", "access", "refresh"),
    [("expire", 401, 200), ("revoke", 401, 401), ("revoke_refresh", 200, 401)],
)
async def test_tokens_end_early(client: Client, cloud: WallboxSimulator, end: str, access: int, refresh: int) -> None:
    """As the cloud ends them at times; signing in helps."""
    getattr(cloud.account(), end)()
    assert (await client.call("GET", "v3/chargers/groups"))[0] == access
    assert (await client.refresh())[0] == refresh
    assert (await client.sign_in())[0] == 200
    await client.status()


async def test_refreshing_can_be_refused_for_good(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """However new the token; some accounts see 403."""
    async with WallboxSimulator(clock=clock, manners=Manners(refused_refresh_status=403)) as sim:
        client = Client(http, sim)
        await client.sign_in()
        sim.account().refusing_refresh = True
        assert (await client.refresh())[0] == 403
        sim.account().refusing_refresh = False
        assert (await client.refresh())[0] == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_older_way(client: Client, cloud: WallboxSimulator, method: str) -> None:
    """A flat answer without a refresh token, from the server that knows chargers; the token is as good."""
    account = cloud.account()
    words = basic(account.spec.email, account.password)
    status, answer = await client.ask(method, cloud.api_url + "auth/token/user", authorization=words)
    assert (status, answer["user_id"], answer["error"], answer["status"]) == (200, account.spec.id, False, 200)
    assert answer["ttl"] == (NOW.timestamp() + 900) * 1_000
    client.token = answer["jwt"]
    await client.status()


async def test_the_older_way_explains_a_refusal(client: Client, cloud: WallboxSimulator) -> None:
    """In words of its own."""
    url = cloud.api_url + "auth/token/user"
    refusal = (403, {"error": True, "msg": "Invalid credentials"})
    assert await client.ask("POST", url, authorization=basic("a", "b")) == refusal
    assert (await client.ask("PUT", url, authorization=""))[0] == 405


async def test_older_manners(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """Times can be in seconds, tokens can live for 15 days, and the older way can be gone."""
    manners = Manners(ttl_unit="s", token_life_s=15 * 86_400, legacy_sign_in=False)
    async with WallboxSimulator(clock=clock, epoch=1_660_000_000, manners=manners) as sim:
        client = Client(http, sim)
        _, answer = await client.sign_in()
        assert answer["data"]["attributes"]["ttl"] == 1_660_000_000 + 15 * 86_400
        words = basic(sim.account().spec.email, sim.account().password)
        assert (await client.ask("GET", sim.api_url + "auth/token/user", authorization=words))[0] == 404


async def test_each_server_knows_its_own_paths(client: Client, cloud: WallboxSimulator) -> None:
    """As with the vendor's two hosts, the other one's are not there."""
    assert (await client.call("GET", "users/signin"))[0] == 404
    for path in (f"chargers/status/{cloud.charger().spec.id}", "v3/chargers/groups", "auth/token/user"):
        assert (await client.auth(path, authorization=f"Bearer {client.token}"))[0] == 404


async def test_who_one_is(client: Client, cloud: WallboxSimulator) -> None:
    """The name needs a token; whether there is an account does not."""
    account = cloud.account()
    _, answer = await client.auth("users/me", authorization=f"Bearer {client.token}")
    names = {"name": account.spec.name, "surname": account.spec.surname}
    assert answer == {"data": {"id": account.uid, "attributes": names}}
    assert (await client.auth("users/me", authorization="Bearer x"))[0] == 401
    address = account.spec.email.replace("@", "%40")
    assert await client.auth(f"users/emails/{address}") == (200, {"data": {"attributes": {"status": "confirmed"}}})
    assert (await client.auth("users/emails/nobody%40example.com"))[0] == 404


async def test_old_tokens_are_forgotten(client: Client) -> None:
    """A client that signs in for ever does not fill the memory; its newest tokens are good."""
    first = client.token
    for _ in range(MOST_TOKENS):
        await client.sign_in()
    await client.status()
    client.token = first
    assert (await client.call("GET", "v3/chargers/groups"))[0] == 401
