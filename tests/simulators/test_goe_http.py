"""The pretend go-e over a real socket: paths, filters, encodings, status codes, headers."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from bridge.simulators.goe import GoeSimulator
from bridge.simulators.goe_api import LONGEST_RAW_VALUE
from tests.simulators.fake_clock import FakeClock


async def get(http: aiohttp.ClientSession, sim: GoeSimulator, path_and_query: str) -> tuple[int, Any]:
    """Status and decoded answer; the query is sent exactly as it is given."""
    async with http.get(URL(f"http://{sim.address}{path_and_query}", encoded=True)) as response:
        text = await response.text()
        return response.status, json.loads(text) if response.content_type == "application/json" else text


async def read_back(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock, name: str) -> Any:
    """The value of one key a second later."""
    clock.pass_time(1)
    _, document = await get(http, sim, f"/api/status?filter={name}")
    return document[name]


async def test_the_unfiltered_status_has_everything(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """Without a filter it is the device's whole status, in chunks, and the connection is closed."""
    async with http.get(f"http://{sim.address}/api/status") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["Connection"] == "close"
        assert response.headers["Transfer-Encoding"] == "chunked"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Content-Length" not in response.headers
        document = await response.json()
    assert set(document) == set(sim.device.status())
    assert len(json.dumps(document)) > 4_096


@pytest.mark.parametrize(
    "query",
    [
        "filter=rfb,alw,acu,adi,amp",
        'filter=["rfb","alw","acu","adi","amp"]',
        "filter=%5B%22rfb%22%2C%22alw%22%2C%22acu%22%2C%22adi%22%2C%22amp%22%5D",
        "filter=rfb%2Calw%2Cacu%2Cadi%2Camp",
    ],
)
async def test_both_filters(http: aiohttp.ClientSession, sim: GoeSimulator, query: str) -> None:
    """A comma list and a JSON array ask for the same, encoded or not."""
    status, document = await get(http, sim, f"/api/status?{query}")
    assert status == 200
    assert document == {"rfb": 1_663, "alw": True, "acu": 16, "adi": False, "amp": 16}


async def test_unknown_and_write_only_keys_are_missing(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """A filter that names what is not there gets the rest."""
    assert await get(http, sim, "/api/status?filter=amp,nonsense,rst,amx") == (200, {"amp": 16})


@pytest.mark.parametrize("wanted", ["", "[", '["amp"', '{"amp":1}', "[1,null]"])
async def test_senseless_filters_give_nothing(http: aiohttp.ClientSession, sim: GoeSimulator, wanted: str) -> None:
    """A filter without a name in it is no reason to fail."""
    assert await get(http, sim, f"/api/status?filter={wanted}") == (200, {})


async def test_old_firmware_knows_the_array_filter_only(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """Firmware 051.3: the comma form gives nothing, the array form works for about ten keys."""
    async with GoeSimulator(legacy_filter_only=True, clock=clock) as sim:
        assert await get(http, sim, "/api/status?filter=amp,fwv") == (200, {})
        assert await get(http, sim, '/api/status?filter=["amp","fwv"]') == (200, {"amp": 16, "fwv": "051.3"})
        eleven = json.dumps(list(sim.device.status())[:11], separators=(",", ":"))
        status, _ = await get(http, sim, f"/api/status?filter={eleven}")
        assert status == 500


async def test_core_and_pro_answer_400_with_everything(http: aiohttp.ClientSession, clock: FakeClock) -> None:
    """Firmware 60: one key that this hardware lacks, and the status is 400 although the body is complete."""
    async with GoeSimulator(family="60", clock=clock) as sim:
        assert await get(http, sim, "/api/status?filter=amp,cbl,fwv") == (400, {"amp": 16, "fwv": "60.4"})
        assert await get(http, sim, "/api/status?filter=amp,fwv") == (200, {"amp": 16, "fwv": "60.4"})


@pytest.mark.parametrize(
    ("query", "read_back"),
    [
        ("fna=%22mein%20charger%22", {"fna": "mein charger"}),
        ("fna=%22mein+charger%22", {"fna": "mein charger"}),
        ('fna="mein%20charger"', {"fna": "mein charger"}),
        ("fna=%22K%C3%BCche%20%26%20Hof%20100%25%22", {"fna": "Küche & Hof 100%"}),
        ("amp=10", {"amp": 10}),
        ("dwo=null", {"dwo": None}),
        ("dwo=3.14", {"dwo": 3.14}),
        ("bac=false&sdp=true", {"bac": 0, "sdp": 1}),
        ("cch=%22%23FF0000%22", {"cch": "#FF0000"}),
        ("clp=[6,8]", {"clp": [6, 8]}),
    ],
)
async def test_setting(
    http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock, query: str, read_back: dict[str, object]
) -> None:
    """The examples of the first document and their relatives are accepted and show a second later."""
    assert await get(http, sim, f"/api/set?{query}") == (200, dict.fromkeys(read_back, True))
    clock.pass_time(1)
    assert await get(http, sim, f"/api/status?filter={','.join(read_back)}") == (200, read_back)


async def test_a_refusal_is_a_500_with_a_length(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """A rejected value: status 500, JSON that is not chunked; what was accepted beside it counts."""
    async with http.get(f"http://{sim.address}/api/set?amp=0&lmo=4&alw=true") as response:
        body = await response.read()
        assert response.status == 500
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["Content-Length"] == str(len(body))
        assert "Transfer-Encoding" not in response.headers
        assert response.headers["Connection"] == "close"
    assert json.loads(body) == {
        "amp": "amp: failed: Value 0 exceeds range 6 to 32 (0)",
        "lmo": True,
        "alw": "alw: tried to set api key without setter (true)",
    }


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("cch=", "cch: tried to set api key with invalid json EmptyInput ()"),
        ("cch", "cch: tried to set api key with invalid json EmptyInput ()"),
        (
            "mcu=mqtt://192.0.2.1",
            "mcu: tried to set api key with invalid json InvalidInput (mqtt://192.0.2.1)",
        ),
        ("fna=%22mein", 'fna: tried to set api key with invalid json IncompleteInput ("mein)'),
    ],
)
async def test_values_that_are_no_json(http: aiohttp.ClientSession, sim: GoeSimulator, query: str, words: str) -> None:
    """A value without quotes, or cut off by a `#` that was not encoded."""
    assert await get(http, sim, f"/api/set?{query}") == (500, {query.partition("=")[0]: words})


async def test_a_value_may_not_be_long(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock) -> None:
    """The limit is on the encoded value; beyond it there is plain text, and nothing is set."""
    longest = quote('"' + "x" * (LONGEST_RAW_VALUE - 6) + '"')
    assert len(longest) == LONGEST_RAW_VALUE
    assert await get(http, sim, f"/api/set?fna={longest}") == (200, {"fna": True})
    status, text = await get(http, sim, f"/api/set?amp=10&fna={longest}x")
    assert (status, text) == (500, "httpd_query_key_value() failed with ESP_ERR_HTTPD_RESULT_TRUNC")
    assert await read_back(http, sim, clock, "amp") == 16


async def test_a_schedule_as_it_is_read_is_too_long_to_be_written(
    http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock
) -> None:
    """Seconds, and more encoding than necessary, have to be left out."""
    read = sim.device.status(["sch_week"])["sch_week"]
    status, _ = await get(http, sim, f"/api/set?sch_week={quote(json.dumps(read, separators=(',', ':')))}")
    assert status == 500
    end = {"hour": 14, "minute": 0}
    short = {"control": 1, "ranges": [{"begin": {"hour": 6, "minute": 0}, "end": end}, {"begin": end, "end": end}]}
    query = quote(json.dumps(short, separators=(",", ":")), safe=":,{}[]")
    assert await get(http, sim, f"/api/set?sch_week={query}") == (200, {"sch_week": True})
    schedule = await read_back(http, sim, clock, "sch_week")
    assert schedule["control"] == 1
    assert schedule["ranges"][0]["end"] == {"hour": 14, "minute": 0, "second": 0}


@pytest.mark.parametrize("path", ["/", "/status", "/api", "/api/statuses", "/control", "/plug"])
async def test_other_paths_do_not_exist(http: aiohttp.ClientSession, sim: GoeSimulator, path: str) -> None:
    """Only the two paths of the interface answer; the control paths are not on this port."""
    assert await get(http, sim, path) == (404, "Nothing matches the given URI")


async def test_only_get_is_known(http: aiohttp.ClientSession, sim: GoeSimulator) -> None:
    """The charger reads and writes with GET."""
    async with http.post(f"http://{sim.address}/api/set?amp=10") as response:
        assert response.status == 405


async def test_the_interface_can_be_switched_off(
    http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock
) -> None:
    """With `hai` false everything is 404 with a plain text, as long as nobody switches it on in the app."""
    assert await get(http, sim, "/api/set?hai=false") == (200, {"hai": True})
    clock.pass_time(1)
    assert await get(http, sim, "/api/status") == (404, "This URI does not exist")
    assert await get(http, sim, "/api/set?hai=true") == (404, "This URI does not exist")


async def test_a_reboot_drops_the_connection(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock) -> None:
    """`rst=true` is not answered; a moment later the charger is back with a new uptime."""
    with pytest.raises(aiohttp.ClientError):
        await get(http, sim, "/api/set?rst=true")
    with pytest.raises(aiohttp.ClientError):
        await get(http, sim, "/api/status?filter=rbt")
    clock.pass_time(sim.device.reboot_s + 1)
    assert await get(http, sim, "/api/status?filter=rbt,rbc") == (200, {"rbt": 1_000, "rbc": 8})


async def test_requests_are_remembered(http: aiohttp.ClientSession, sim: GoeSimulator, clock: FakeClock) -> None:
    """Each request is there with its path, its query as sent and decoded, and its time; only the last ones are kept."""
    await get(http, sim, "/api/status?filter=%5B%22amp%22%5D")
    clock.pass_time(3)
    await get(http, sim, "/api/set?fna=%22a+b%22&amp=10")
    first, second = sim.requests
    assert (first.path, first.query, first.at) == ("/api/status", {"filter": '["amp"]'}, 1_000)
    assert (second.path, second.query, second.at) == ("/api/set", {"fna": '"a b"', "amp": "10"}, 1_003)
    assert second.raw_query == "fna=%22a+b%22&amp=10"
    assert sim.counts == {"/api/status": 1, "/api/set": 1}
    assert sim.requests.maxlen is not None


async def test_a_port_that_is_taken(sim: GoeSimulator) -> None:
    """A second charger cannot have the same port."""
    with pytest.raises(OSError, match="in use"):
        await GoeSimulator().start(sim.port)


async def test_many_chargers_in_one_process(clock: FakeClock) -> None:
    """Hundreds of them listen and answer, each with its own state, without a task of their own."""
    chargers = [GoeSimulator(clock=clock, serial=f"{number:06}") for number in range(300)]
    tasks_before = len(asyncio.all_tasks())
    try:
        for charger in chargers:
            await charger.start()
        assert len(asyncio.all_tasks()) == tasks_before
        limit = aiohttp.TCPConnector(limit=20)
        async with aiohttp.ClientSession(connector=limit, timeout=aiohttp.ClientTimeout(total=20)) as http:
            answers = [await get(http, charger, "/api/status?filter=sse") for charger in chargers]
        assert answers == [(200, {"sse": charger.device.serial}) for charger in chargers]
    finally:
        for charger in chargers:
            await charger.stop()
