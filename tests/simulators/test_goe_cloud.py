"""go-e's cloud in front of the pretend charger, over a real socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from yarl import URL

from bridge.simulators.goe import GoeSimulator
from bridge.simulators.secret import SECRET
from tests.simulators.fake_clock import FakeClock

BOOT = 1_700_000_000.0  # seconds since 1970


@pytest.fixture
async def sim(clock: FakeClock) -> AsyncIterator[GoeSimulator]:
    """A charger with a cloud, whose time is the test's own."""
    async with GoeSimulator(cloud=True, clock=clock, wall_clock=lambda: BOOT + clock() - 1_000) as simulator:
        yield simulator


async def ask(
    http: aiohttp.ClientSession, sim: GoeSimulator, path_and_query: str, *, token: str | None = f"{SECRET}-cak"
) -> tuple[int, Any]:
    """Status and decoded answer of the cloud; the query is sent exactly as it is given."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with http.get(URL(f"http://{sim.cloud_address}{path_and_query}", encoded=True), headers=headers) as response:
        text = await response.text()
        return response.status, json.loads(text) if response.content_type == "application/json" else text


async def test_a_status(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """With the token as a header or in the query it is the charger's status, all of it or the keys of a filter."""
    status, document = await ask(http, sim, "/api/status")
    assert status == 200
    assert document == json.loads(json.dumps(sim.device.status()))
    wanted = {"amp": 16, "acu": 16, "car": 1}
    assert await ask(http, sim, "/api/status?filter=amp,acu,car,nosuch") == (200, wanted)
    in_query = f"/api/status?token={SECRET}-cak&age=5&filter=amp,acu,car"
    assert await ask(http, sim, in_query, token=None) == (200, wanted)


async def test_when_the_data_are_from(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock) -> None:
    """`Last-Modified` says it."""
    clock.pass_time(100)
    for age in (0, 7):
        if age:
            sim.cloud.outdate(age)
        async with http.get(f"http://{sim.cloud_address}/api/status?token={sim.cloud.token}") as response:
            assert parsedate_to_datetime(response.headers["Last-Modified"]).timestamp() == BOOT + 100 - age
            assert response.headers.get("Connection") != "close"


@pytest.mark.parametrize("path", ["/api/status?filter=amp", "/api/set?amp=10"])
@pytest.mark.parametrize("token", ["wrong", "", None, SECRET])
async def test_a_wrong_token(http: aiohttp.ClientSession, sim: GoeSimulator, path: str, token: str | None) -> None:
    """It gets 401, or 403 as the document says; nothing is written."""
    assert await ask(http, sim, path, token=token) == (401, "")
    assert await ask(http, sim, f"{path}&token=wrong", token=None) == (401, "")
    sim.cloud.wrong_token_status = 403
    assert await ask(http, sim, path, token=token) == (403, "")
    assert sim.device.status(["amp"]) == {"amp": 16}


async def test_a_token_of_ones_own(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """It is the key `cak`: a new one makes the old one invalid."""
    async with GoeSimulator(cloud=True, cloud_token="mine", clock=clock) as sim:
        assert (await ask(http, sim, "/api/status?filter=cak", token="mine")) == (200, {"cak": "mine"})
        async with http.get(URL(f"http://{sim.address}/api/set?cak=%22new%22", encoded=True)) as response:
            assert response.status == 200
        clock.pass_time(1)
        assert (await ask(http, sim, "/api/status?filter=amp", token="mine"))[0] == 401
        assert (await ask(http, sim, "/api/status?filter=amp", token="new"))[0] == 200


@pytest.mark.parametrize("path", ["/api/status", "/api/set?amp=10"])
async def test_an_absent_charger(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock, path: str) -> None:
    """403 while it is offline, while it reboots and while its cloud interface is switched off."""
    sim.cloud.online = False
    assert await ask(http, sim, path) == (403, "")
    sim.cloud.online = True
    sim.device.reboot()
    assert await ask(http, sim, path) == (403, "")
    clock.pass_time(5)
    assert (await ask(http, sim, path))[0] in {200, 202}
    sim.device.write("cae", "false")
    clock.pass_time(1)
    assert await ask(http, sim, path) == (403, "")


async def test_old_data(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock) -> None:
    """Older than 30 s, or than `age`, they are refused with their age; younger ones are what they were."""
    sim.cloud.outdate(10)
    sim.device.plug()
    assert await ask(http, sim, "/api/status?filter=car") == (200, {"car": 1})
    assert (await ask(http, sim, "/api/status?filter=car&age=5"))[0] == 404
    assert (await ask(http, sim, "/api/set?lbr=9"))[0] == 202
    clock.pass_time(21)
    old = {"success": False, "reason": "Data is outdated", "age": 31.0}
    assert await ask(http, sim, "/api/status?filter=car") == (404, old)
    assert await ask(http, sim, "/api/set?amp=10&age=60") == (404, old)
    assert await ask(http, sim, "/api/status?filter=car&age=60") == (200, {"car": 1})
    sim.cloud.refresh()
    assert (await ask(http, sim, "/api/status?filter=car,amp"))[1] == {"car": 2, "amp": 16}


@pytest.mark.parametrize(
    ("query", "status", "answer", "after"),
    [
        ("amp=10", 202, {"succeeded": [{"amp": 10}], "failed": []}, {"amp": 10}),
        ("amp=8&fna=%22my%20box%22", 202, {"succeeded": [{"amp": 8}, {"fna": "my box"}], "failed": []}, {"amp": 8}),
        ("eto=0", 202, {"succeeded": [{"eto": 0}], "failed": []}, {"eto": 1_234_567}),
        ("amp=99", 202, {"succeeded": [{"amp": 99}], "failed": []}, {"amp": 16}),
        ("dwo=null", 202, {"succeeded": [{"dwo": None}], "failed": []}, {"dwo": None}),
        ("amp=9&nosuch=1", 202, {"succeeded": [{"amp": 9}], "failed": [{"nosuch": "1"}]}, {"amp": 9}),
        ("nosuch=1", 422, {"succeeded": [], "failed": [{"nosuch": "1"}]}, {"amp": 16}),
        ("fna=box", 422, {"succeeded": [], "failed": [{"fna": "box"}]}, {"fna": "go-eCharger"}),
        ("", 422, {"succeeded": [], "failed": []}, {"amp": 16}),
    ],
)
async def test_a_write(  # noqa: PLR0917
    http: aiohttp.ClientSession,
    sim: GoeSimulator,
    clock: FakeClock,
    query: str,
    status: int,
    answer: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """202 when anything was passed on, whether the charger takes it or not; 422 when nothing was."""
    assert await ask(http, sim, f"/api/set?token={SECRET}-cak&{query}", token=None) == (status, answer)
    clock.pass_time(1)
    assert sim.device.status(after) == after


async def test_bad_gateways(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """So many requests get 502, then all is well again; the charger itself is not concerned."""
    sim.cloud.bad_gateways = 2
    assert await ask(http, sim, "/api/status?filter=amp") == (502, "")
    async with http.get(f"http://{sim.address}/api/status?filter=amp") as response:
        assert response.status == 200
    assert await ask(http, sim, "/api/set?amp=10") == (502, "")
    assert await ask(http, sim, "/api/status?filter=amp") == (200, {"amp": 16})


async def test_faults(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock) -> None:
    """The same that the charger has, in the words of the cloud."""
    await sim.set_fault("refuse_writes")
    assert (await ask(http, sim, "/api/set?amp=10"))[0] == 422
    await sim.set_fault("ignore_writes")
    assert (await ask(http, sim, "/api/set?amp=10"))[0] == 202
    clock.pass_time(1)
    await sim.set_fault("null_key", keys=["car"])
    assert await ask(http, sim, "/api/status?filter=car,amp") == (200, {"car": None, "amp": 16})
    for name, status in {"401": 401, "404": 404, "429": 429, "500": 500, "503": 503}.items():
        await sim.set_fault(name)
        assert (await ask(http, sim, "/api/status"))[0] == status
    await sim.set_fault("unreachable")
    with pytest.raises(aiohttp.ClientConnectorError):
        await ask(http, sim, "/api/status")
    await sim.clear_fault()
    assert (await ask(http, sim, "/api/nothing"))[0] == 404
    assert (await ask(http, sim, "/api/status"))[0] == 200


async def test_where_it_is(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """Its address and token are in the state; requests to it and to the charger are remembered and counted together."""
    assert sim.cloud_address != sim.address
    state = sim.state()
    assert (state["cloud"], state["cloud_token"]) == (sim.cloud_address, f"{SECRET}-cak")
    await ask(http, sim, "/api/status?filter=amp")
    async with http.get(f"http://{sim.address}/api/status?filter=car") as response:
        assert response.status == 200
    assert [request.query["filter"] for request in sim.requests] == ["amp", "car"]
    assert sim.counts == {"/api/status": 2}


async def test_without_a_cloud(clock: FakeClock) -> None:
    """By default there is none, and the charger's key for it is off."""
    async with GoeSimulator(clock=clock) as sim:
        assert sim.cloud_address == ""
        assert "cloud" not in sim.state()
        assert sim.device.status(["cae"]) == {"cae": False}
