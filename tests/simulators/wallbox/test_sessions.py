"""The three lists of sessions of the pretend cloud."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from bridge.simulators.wallbox import ChargerSpec, GroupSpec, WallboxSimulator
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import CHARGER, NOW, Client

GROUP = 289814


async def stats(client: Client, query: str) -> Any:
    """Sessions of a charger."""
    return await client.get(f"v4/sessions/stats?charger={CHARGER}&{query}")


async def of_group(client: Client, *filters: tuple[str, str, float], query: str = "") -> Any:
    """Sessions of a group."""
    rows = [{"field": name, "operator": sign, "value": value} for name, sign, value in filters]
    sent = quote(json.dumps({"filters": rows}))
    path = f"v4/groups/{GROUP}/charger-charging-sessions"
    return await client.get(f"{path}?filters={sent}&fields[charger_charging_session]=&{query}")


ALL = "start_date=0&end_date=1900000000.5"


async def test_the_same_session_in_both(client: Client, clock: FakeClock) -> None:
    """One gives kWh and `start`, the other Wh and `start_time`, under different numbers."""
    client.sim.car.plug(capacity_kwh=2, max_current=16)
    clock.pass_time(3_600)
    client.sim.car.unplug()
    await client.sign_in()
    first = (await stats(client, ALL))["data"][0]
    second = (await of_group(client))["data"][0]
    assert (first["type"], second["type"]) == ("charger_log_session", "charger_charging_session")
    one, other = first["attributes"], second["attributes"]
    assert (one["start"], one["end"]) == (other["start_time"], other["end_time"])
    assert one["start"] == NOW.timestamp()
    assert one["end"] == NOW.timestamp() + 3_600
    assert (one["energy"], other["energy"]) == (2, 2_000)
    assert one["time"] == other["charging_time"] < 3_600
    assert one["cost"] == other["total_cost"] == pytest.approx(0.48)
    assert (one["range"], one["energy_unit"], one["currency"]["code"]) == (16, "kWh", other["currency_code"])
    assert first["id"] != second["id"] == other["id"]


async def test_a_session_is_there_when_it_is_over(client: Client, clock: FakeClock) -> None:
    """Not before; and one without energy is none."""
    client.sim.car.plug(capacity_kwh=2)
    clock.pass_time(60)
    assert (await stats(client, ALL))["meta"]["count"] == 3
    client.sim.car.plug()
    client.sim.car.unplug()
    assert (await stats(client, ALL))["meta"]["count"] == 4


async def test_paging(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """Newest first, a thousand at a time unless told otherwise; the count is that of all."""
    spec = ChargerSpec(past_sessions=25)
    async with WallboxSimulator(clock=clock, epoch=NOW.timestamp(), groups=[GroupSpec(chargers=[spec])]) as sim:
        client = Client(http, sim)
        await client.sign_in()
        for key in ("start", "start_time"):
            starts: list[int] = []
            for offset in (0, 10, 20, 30):
                query = f"limit=10&offset={offset}"
                page = await (stats(client, f"{ALL}&{query}") if key == "start" else of_group(client, query=query))
                assert page["meta"] == {"count": 25}
                assert page["links"]["self"].endswith(query)
                starts += [each["attributes"][key] for each in page["data"]]
            assert len(starts) == 25
            assert starts == sorted(starts, reverse=True)
        assert len((await stats(client, ALL))["data"]) == 25


async def test_spans_of_time(client: Client) -> None:
    """Both lists give those that began in it."""
    starts = [session.start for session in client.sim.charger().sessions]
    found = await stats(client, f"start_date={starts[1]}.0&end_date={starts[1]}")
    assert [each["attributes"]["start"] for each in found["data"]] == [starts[1]]
    found = await of_group(client, ("start_time", "gte", starts[1]), ("start_time", "lt", starts[2]))
    assert [each["attributes"]["start_time"] for each in found["data"]] == [starts[1]]
    found = await of_group(client, ("start_time", "lte", starts[0]), ("charger_id", "eq", CHARGER))
    assert found["meta"]["count"] == 1
    assert (await of_group(client, ("charger_id", "eq", 5)))["meta"]["count"] == 0


@pytest.mark.parametrize(
    "path",
    [
        "v4/sessions/stats",
        f"v4/sessions/stats?charger={CHARGER}&start_date=x&end_date=1",
        f"v4/sessions/stats?charger={CHARGER}&{ALL}&limit=-1",
        f"v4/groups/{GROUP}/charger-charging-sessions?filters=x",
        f"v4/groups/{GROUP}/charger-charging-sessions?filters=[]",
        f"v4/groups/{GROUP}/charger-charging-sessions?filters=%7B%22filters%22:[%7B%22field%22:%22a%22%7D]%7D",
        f"v4/groups/{GROUP}/charger-charging-sessions?offset=x",
    ],
)
async def test_questions_that_make_no_sense(client: Client, path: str) -> None:
    """Are a bad request."""
    assert (await client.call("GET", path))[0] == 400


async def test_unknown_operators(client: Client) -> None:
    """Too."""
    for row in ({"field": "start_time", "operator": "ne", "value": 1}, {"field": 1, "operator": "eq", "value": 1}):
        sent = quote(json.dumps({"filters": [row]}))
        path = f"v4/groups/{GROUP}/charger-charging-sessions?filters={sent}"
        assert (await client.call("GET", path))[0] == 400


async def test_sessions_of_unknown_chargers(client: Client) -> None:
    """There are none."""
    assert (await client.call("GET", f"v4/sessions/stats?charger=5&{ALL}"))[0] == 404


async def test_the_last_session_of_each(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """The present one where there is a car, else the one before; a charger without any is not in the list."""
    specs = [ChargerSpec(id=1, past_sessions=2), ChargerSpec(id=2), ChargerSpec(id=3, past_sessions=0)]
    groups = [GroupSpec(chargers=specs)]
    async with WallboxSimulator(clock=clock, epoch=NOW.timestamp(), groups=groups, live_refresh_s=0) as sim:
        client = Client(http, sim)
        await client.sign_in()
        sim.charger(2).plug(capacity_kwh=50)
        clock.pass_time(600)
        first, second = (each["attributes"] for each in (await client.get("v4/charger-last-sessions"))["data"])
        last = sim.charger(1).sessions[-1]
        assert (first["charger_id"], first["start_time"], first["end_time"]) == (1, last.start, last.end)
        assert (first["charging_energy"], first["charging_energy_unit"]) == (last.energy_wh / 1_000, "kWh")
        assert (second["charger_id"], second["start_time"]) == (2, NOW.timestamp())
        assert 1 < second["charging_energy"] < 2
        assert len((await client.get("v4/charger-last-sessions?limit=1"))["data"]) == 1
