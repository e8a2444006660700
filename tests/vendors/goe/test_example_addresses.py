"""The addresses in the vendor's first document: what they do at a charger, and that the bridge uses the same."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest

from bridge.charger.values import Json
from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_family import FamilyName
from tests.simulators.fake_clock import FakeClock
from tests.vendors.goe.walking import FAMILIES, over_http, told

STATUS = {"rfb": 1663, "alw": True, "acu": 16, "adi": False, "amp": 16}


async def asked(sim: GoeSimulator, target: str) -> tuple[int, dict[str, Json]]:
    """Send exactly this, as typed into an address bar (which sends a blank as %20), and return status and answer."""
    host, _, port = sim.address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET {target.replace(' ', '%20')} HTTP/1.1\r\nHost: {sim.address}\r\nConnection: close\r\n\r\n".encode()
    )
    async with asyncio.timeout(10):
        answer = await reader.read(-1)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"chunked" in head:
        sizes_and_parts = body.split(b"\r\n")
        body = b"".join(sizes_and_parts[1::2])
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    ("query", "answer", "kept"),
    [
        ('fna="mein charger"', {"fna": True}, {"fna": "mein charger"}),
        ("amp=16", {"amp": True}, {"amp": 16}),
        ("dwo=null", {"dwo": True}, {"dwo": None}),
        ("dwo=3.14", {"dwo": True}, {"dwo": 3.14}),
        ("bac=false&sdp=true", {"bac": True, "sdp": True}, {"bac": False, "sdp": True}),
    ],
)
async def test_writing(query: str, answer: dict[str, Json], kept: dict[str, Json]) -> None:
    """Each key with whether it was taken; a second later it shows."""
    clock = FakeClock()
    async with GoeSimulator(family="051", clock=clock) as sim:
        assert await asked(sim, f"/api/set?{query}") == (200, answer)
        clock.pass_time(1)
        assert {key: sim.device.status()[key] for key in kept} == kept


async def test_writing_to_newer_firmware() -> None:
    """Which has numbers for the two buttons and still takes truth values."""
    clock = FakeClock()
    async with GoeSimulator(clock=clock) as sim:
        assert await asked(sim, "/api/set?bac=false&sdp=true") == (200, {"bac": True, "sdp": True})
        clock.pass_time(1)
        assert (sim.device.status()["bac"], sim.device.status()["sdp"]) == (0, 1)


@pytest.mark.parametrize("family", FAMILIES)
async def test_reading(family: FamilyName) -> None:
    """Some keys as a JSON array; all of them without a word; a list with commas only where it is known."""
    clock = FakeClock()
    async with GoeSimulator(family=family, clock=clock, wall_clock=clock) as sim:
        wanted = STATUS | ({"adi": True} if family == "60" else {})
        assert await asked(sim, '/api/status?filter=["rfb","alw","acu","adi","amp"]') == (200, wanted)
        status, everything = await asked(sim, "/api/status")
        assert status == 200
        assert everything == sim.device.status()
        assert len(everything) > 250
        found = await asked(sim, "/api/status?filter=rfb,alw,acu,adi,amp")
        assert found == (200, {} if family == "051" else wanted)


@pytest.mark.parametrize(
    ("key", "wish", "raw"),
    [
        ("fna", "mein charger", "fna=%22mein%20charger%22"),
        ("amp", 13, "amp=13"),
        ("dwo", 3.14, "dwo=3.14"),
        ("bac", 0, "bac=false"),
        ("sdp", False, "sdp=false"),
    ],
)
async def test_the_bridge_writes_the_same(key: str, wish: Json, raw: str) -> None:
    """One key at a time, so that each has a result of its own."""
    async with over_http("051", visible_after_s=0.0) as walk:
        result = (await walk.carried_out({key: wish}))[key]
        assert told(result) == ("confirmed", "ok")
        assert [request.raw_query for request in walk.sim.requests if request.path == "/api/set"] == [raw]


async def test_the_bridge_takes_a_limit_away() -> None:
    """With null, after there was one; with none nothing has to be written."""
    async with over_http("051", visible_after_s=0.0) as walk:
        assert told((await walk.carried_out({"dwo": None}))["dwo"]) == ("confirmed", "ok")
        assert walk.writes() == []
        for wish in (3.14, None):
            assert told((await walk.carried_out({"dwo": wish}))["dwo"]) == ("confirmed", "ok")
        assert walk.writes() == [{"dwo": "3.14"}, {"dwo": "null"}]
        assert walk.kept("dwo") is None


@pytest.mark.parametrize(("family", "form"), [("051", 'filter=["'), ("055", "filter=car,"), ("60", "filter=car,")])
async def test_the_bridge_asks_in_the_form_that_is_understood(family: FamilyName, form: str) -> None:
    """Old firmware takes the array alone, ten keys at a time; all newer ones a list, forty at a time."""
    async with over_http(family) as walk:
        last = walk.sim.requests[-1].query["filter"]
        keys = json.loads(last) if family == "051" else last.split(",")
        assert len(keys) <= (10 if family == "051" else 40)
        queries = {request.raw_query.replace("%5B", "[").replace("%22", '"') for request in walk.sim.requests}
        assert any(query.startswith(form) for query in queries)
