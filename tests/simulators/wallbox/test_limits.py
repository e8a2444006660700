"""How often one may ask the pretend cloud."""

from __future__ import annotations

import aiohttp
import pytest

from bridge.simulators.wallbox import (
    ANNOUNCED,
    EFFECTIVE,
    NO_LIMITS,
    AccountSpec,
    Limits,
    WallboxSimulator,
)
from bridge.simulators.wallbox.limits import MOST_REMEMBERED, Window
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import CHARGER, Client

READ = ("GET", "v3/chargers/groups")
WRITE = ("PUT", f"v2/charger/{CHARGER}", {"locked": 0})


async def ask(client: Client, *calls: tuple[object, ...]) -> list[int]:
    """The status of each of these calls."""
    return [(await client.call(*call))[0] for call in calls]  # type: ignore[arg-type]


async def test_without_limits(client: Client) -> None:
    """As often as one likes, which is the default."""
    assert client.sim.limits == NO_LIMITS
    assert set(await ask(client, *[READ] * 20, *[WRITE] * 20)) == {200}


async def test_reads_and_writes_have_limits_of_their_own(client: Client, clock: FakeClock) -> None:
    """As announced: three GET and five others in any minute; what was refused does not count."""
    client.sim.limits = ANNOUNCED
    assert await ask(client, *[READ] * 4, *[WRITE] * 6) == [200] * 3 + [429] + [200] * 5 + [429]
    clock.pass_time(59)
    assert await ask(client, READ, WRITE) == [429, 429]
    clock.pass_time(1)
    assert await ask(client, *[READ] * 4) == [200] * 3 + [429]


async def test_a_minute_slides(client: Client, clock: FakeClock) -> None:
    """It does not begin with the clock's."""
    client.sim.limits = EFFECTIVE
    statuses = []
    for _ in range(5):
        statuses += await ask(client, READ)
        clock.pass_time(30)
    assert statuses == [200, 429, 200, 429, 200]


async def test_a_write_without_a_body_counts_as_a_write(client: Client) -> None:
    """The method decides, not what it does."""
    client.sim.limits = Limits(writes_per_minute=0)
    assert await ask(client, READ, ("PUT", f"v2/charger/{CHARGER}")) == [200, 429]


async def test_each_account_has_its_own(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """One that asks too often does no harm to the other."""
    accounts = [AccountSpec(id=1, email="a@example.com"), AccountSpec(id=2, email="b@example.com")]
    async with WallboxSimulator(clock=clock, accounts=accounts, limits=EFFECTIVE) as sim:
        clients = []
        for spec in accounts:
            clients.append(Client(http, sim))
            await clients[-1].sign_in(spec.email)
        assert await ask(clients[0], READ, READ) == [200, 429]
        assert await ask(clients[1], READ) == [200]
        assert [account.counters.too_many for account in sim.cloud.accounts.values()] == [1, 0]
        assert (sim.counters.reads, sim.counters.too_many) == (3, 1)
        assert [account.reads.busiest for account in sim.cloud.accounts.values()] == [2, 1]


@pytest.mark.parametrize(("limits", "status"), [(ANNOUNCED, 429), (Limits(reads_per_minute=3, status=403), 403)])
async def test_the_answer_to_one_too_many(client: Client, limits: Limits, status: int) -> None:
    """Without a word on how long to wait; some have seen 403."""
    client.sim.limits = limits
    await ask(client, READ, READ, READ)
    url = client.sim.api_url + READ[1]
    async with client.http.get(url, headers={"Authorization": f"Bearer {client.token}"}) as response:
        assert response.status == status
        assert "Retry-After" not in response.headers


async def test_it_can_say_how_long(client: Client, clock: FakeClock) -> None:
    """Until the oldest request is a minute old."""
    client.sim.limits = Limits(reads_per_minute=2, retry_after=True)
    for _ in range(2):
        await ask(client, READ)
        clock.pass_time(10)
    url = client.sim.api_url + READ[1]
    async with client.http.get(url, headers={"Authorization": f"Bearer {client.token}"}) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "40")
    clock.pass_time(40)
    assert await ask(client, READ, READ) == [200, 429]


async def test_signing_in_may_count(client: Client) -> None:
    """Nobody knows; both ways and refreshing."""
    client.sim.limits = Limits(reads_per_minute=2, sign_in_counts=True)
    assert (await client.sign_in())[0] == 200
    assert (await client.refresh())[0] == 200
    assert (await client.sign_in())[0] == 429
    assert (await client.refresh())[0] == 429
    client.sim.limits = Limits(reads_per_minute=2)
    assert (await client.refresh())[0] == 200, "a refresh that was turned away has not used up its token"


async def test_a_bad_token_is_no_read(client: Client) -> None:
    """Whoever is not let in uses nobody's budget."""
    client.sim.limits = EFFECTIVE
    good, client.token = client.token, "x"
    assert await ask(client, READ, READ) == [401, 401]
    client.token = good
    assert await ask(client, READ) == [200]


def test_the_memory_is_bounded() -> None:
    """However often somebody asks within a minute."""
    window = Window()
    for _ in range(3 * MOST_REMEMBERED):
        window.admit(0.0, None)
    assert window.busiest == MOST_REMEMBERED
