"""The wire of the go-e, over real sockets: filters, refusals, writes, lost connections, restarts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from bridge.charger.binding import Request
from bridge.charger.values import Json
from bridge.demo.broker import free_port
from bridge.errors import BadAnswerError, ChargerError, Code, NoAnswerError, RefusedError, UnreachableError
from bridge.http import Http
from bridge.simulators.goe import GoeSimulator
from bridge.vendors.goe.local import LocalApi
from bridge.vendors.goe.writes import set_key
from tests.simulators.fake_clock import FakeClock
from tests.vendors.raw_server import answer, raw_server

PATIENT_S = 30.0

SWITCHED_OFF = (
    "the HTTP API v2 is switched off in the app: open the go-e app, Settings, Connection, API settings, "
    "and allow access to the local HTTP API v2"
)


@pytest.fixture
def clock() -> FakeClock:
    """The charger's time, which stands still unless a test moves it."""
    return FakeClock()


@pytest.fixture
async def sim(clock: FakeClock) -> AsyncIterator[GoeSimulator]:
    """A Gemini with firmware 055.5."""
    async with GoeSimulator(clock=clock) as simulator:
        yield simulator


@pytest.fixture
def api(http: Http, sim: GoeSimulator) -> LocalApi:
    """Its API."""
    return LocalApi(http, sim.address, PATIENT_S)


def queries(sim: GoeSimulator) -> list[str]:
    """Return what was asked for, as it came."""
    return [request.raw_query for request in sim.requests]


# Reading


async def test_keys_are_asked_for_with_commas(api: LocalApi, sim: GoeSimulator) -> None:
    """The form of firmware 051.4 and later, in one GET request, not encoded."""
    assert await api.read(["car", "amp", "fwv"]) == {"car": 1, "amp": 16, "fwv": "055.5"}
    assert [(request.method, request.path, request.raw_query) for request in sim.requests] == [
        ("GET", "/api/status", "filter=car,amp,fwv")
    ]


async def test_keys_that_the_charger_does_not_have_are_missing(api: LocalApi) -> None:
    """No error, and no null in their place."""
    assert await api.read(["amp", "nosuchkey", "amx"]) == {"amp": 16}


async def test_many_keys_are_asked_for_in_parts(api: LocalApi, sim: GoeSimulator) -> None:
    """About 350 characters of filter are what all firmware answers."""
    keys = [key for key in sim.device.status() if key != "rbt"]
    assert len(keys) > 100
    assert set(await api.read(keys)) == set(keys)
    asked = [query.removeprefix("filter=").split(",") for query in queries(sim)]
    assert [key for some in asked for key in some] == keys
    assert max(len(some) for some in asked) == 40


async def test_old_firmware_is_asked_in_its_own_form(http: Http, clock: FakeClock) -> None:
    """Up to 051.3 only a JSON array of a few keys works; that is found out once, and remembered."""
    async with GoeSimulator(family="051", clock=clock) as sim:
        api = LocalApi(http, sim.address, PATIENT_S)
        keys = ["fwv", "car", "amp", "frc", "lmo", "wh", "eto", "err", "alw", "psm", "sse", "typ"]
        for _ in range(2):
            document = await api.read(keys)
            assert set(document) == set(keys)
            assert document["fwv"] == "051.3"
        asked = [request.query["filter"] for request in sim.requests]
    arrays = [json.dumps(some, separators=(",", ":")) for some in (keys[:10], keys[10:])]
    assert asked == [",".join(keys), *arrays, *arrays]
    assert '"' not in sim.requests[-1].raw_query


async def test_the_old_form_is_remembered_only_when_it_helped(http: Http) -> None:
    """An answer without a single key in both forms is a bad answer; the next read begins anew."""
    async with raw_server(lambda _: answer("{}")) as server:
        api = LocalApi(http, server.address, PATIENT_S)
        for _ in range(2):
            with pytest.raises(BadAnswerError, match=r"^the answer has none of the keys that were asked for$"):
                await api.read(["car", "amp"])
        array = quote('["car","amp"]', safe=",")
        assert server.targets == [f"/api/status?filter={form}" for form in ("car,amp", array) * 2]


@pytest.mark.parametrize("key", ["cbl", "cus", "nosuchkey"])
async def test_core_answers_400_with_all_it_has(http: Http, clock: FakeClock, key: str) -> None:
    """CORE and PRO do so when they lack one of the keys; the body is complete and valid."""
    async with GoeSimulator(family="60", clock=clock) as sim:
        api = LocalApi(http, sim.address, PATIENT_S)
        assert await api.read(["amp", key, "fwv"]) == {"amp": 16, "fwv": "60.4"}
        assert len(sim.requests) == 1


async def test_a_part_of_which_core_has_nothing(http: Http, clock: FakeClock) -> None:
    """It answers 400 with an empty object; the other parts count."""
    async with GoeSimulator(family="60", clock=clock) as sim:
        api = LocalApi(http, sim.address, PATIENT_S)
        assert await api.read([*(f"x{number}" for number in range(40)), "amp"]) == {"amp": 16}
        assert len(sim.requests) == 2


async def test_400_on_any_answer(api: LocalApi, sim: GoeSimulator) -> None:
    """PRO with 60.3 does so without a reason."""
    await sim.set_fault("400_with_body")
    assert await api.read(["amp"]) == {"amp": 16}


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (404, "This URI does not exist", RefusedError, SWITCHED_OFF),
        (404, "Nothing matches the given URI", RefusedError, SWITCHED_OFF),
        (404, "", RefusedError, SWITCHED_OFF),
        (400, "{}", BadAnswerError, "the answer has none of the keys that were asked for"),
        (400, "Bad request", BadAnswerError, "the answer (HTTP 400) is not JSON"),
        (400, "[]", BadAnswerError, "the answer is not a JSON object"),
        (
            500,
            "couldn't take api lock in 3s, please try again later",
            RefusedError,
            "HTTP 500: couldn't take api lock in 3s, please try again later",
        ),
        (500, "", RefusedError, "HTTP 500: no text"),
        (503, "<html>\n<b>busy</b>\n</html>", RefusedError, "HTTP 503: <html> <b>busy</b> </html>"),
        (302, "", RefusedError, "HTTP 302: no text"),
        (204, "", RefusedError, "HTTP 204: no text"),
        (200, "[]", BadAnswerError, "the answer is not a JSON object"),
        (200, "null", BadAnswerError, "the answer is not a JSON object"),
        (200, '"text"', BadAnswerError, "the answer is not a JSON object"),
        (200, "", BadAnswerError, "the answer (HTTP 200) is not JSON"),
        (200, "<html></html>", BadAnswerError, "the answer (HTTP 200) is not JSON"),
        (200, '{"amp":16', BadAnswerError, "the answer (HTTP 200) is not JSON"),
        (200, '{"amp":NaN}', BadAnswerError, "the answer (HTTP 200) is not JSON"),
    ],
)
async def test_answers_to_reading_that_are_none(
    http: Http, status: int, body: str, kind: type[ChargerError], message: str
) -> None:
    """Each is one of the family, with a sentence for a person."""
    async with raw_server(answer(body, status)) as server:
        with pytest.raises(kind) as caught:
            await LocalApi(http, server.address, PATIENT_S).read(["amp"])
    assert caught.value.message == message


async def test_an_api_that_is_switched_off_in_the_app(api: LocalApi, sim: GoeSimulator) -> None:
    """Reading and writing say so in so many words, until it is switched on."""
    sim.device.settings["hai"] = False
    for attempt in (api.read(["amp"]), api.write(set_key("amp", 10))):
        with pytest.raises(RefusedError, match=r"^the HTTP API v2 is switched off in the app") as caught:
            await attempt
        assert caught.value.message == SWITCHED_OFF
    sim.device.settings["hai"] = True
    assert await api.read(["amp"]) == {"amp": 16}


async def test_every_request_has_a_connection_of_its_own(http: Http) -> None:
    """The charger closes it after each answer, often without saying so: that is normal, read after read."""
    async with raw_server(lambda _: answer('{"amp":16}')) as server:
        api = LocalApi(http, server.address, PATIENT_S)
        for _ in range(50):
            assert await api.read(["amp"]) == {"amp": 16}
        assert (len(server.targets), server.connections) == (50, 50)
        assert all("Connection: close\r\n" in head for head in server.heads)


async def test_a_charger_that_keeps_the_connection_open_is_left_all_the_same(http: Http) -> None:
    """Nothing is left that it could close behind our back."""
    async with raw_server(lambda _: answer('{"amp":16}'), stays=True) as server:
        api = LocalApi(http, server.address, PATIENT_S)
        for _ in range(5):
            assert await api.read(["amp"]) == {"amp": 16}
        assert server.connections == 5


async def test_the_time_limit_is_that_of_the_settings(http: Http) -> None:
    """For each request."""
    async with raw_server(None) as server:
        with pytest.raises(NoAnswerError, match=r"^no answer within 0\.2 s$"):
            await LocalApi(http, server.address, 0.2).read(["amp"])


# Writing

VALUES: tuple[Json, ...] = (
    16,
    3.14,
    None,
    True,
    False,
    "mein charger",
    'a "quoted" name',
    "#00FF00",
    "50 % & more?",
    "a+b=c/d",
    "Größe ☃",
    "\\ and ' and ;",
    "",
    {"pGrid": 1000.0, "pPv": -1.5},
    {"control": 1, "ranges": [{"begin": {"hour": 0, "minute": 0}, "end": {"hour": 24, "minute": 0}}]},
    [{}, {"ssid": "", "key": ""}],
)


@pytest.mark.parametrize("value", VALUES, ids=repr)
async def test_values_arrive_as_json_literals(http: Http, value: Json) -> None:
    """Compact, quoted and encoded, so that no character ends the value or the address."""
    async with raw_server(answer('{"key":true}')) as server:
        await LocalApi(http, server.address, PATIENT_S).write(set_key("key", value))
        (target,) = server.targets
    path, _, query = target.partition("?")
    name, _, raw = query.partition("=")
    assert (path, name) == ("/api/set", "key")
    assert raw == quote(json.dumps(value, separators=(",", ":"), ensure_ascii=False), safe=":,")
    assert not set(raw) & set('"#&+ ?=')


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        (16, "16"),
        (None, "null"),
        ("a b", "%22a%20b%22"),
        ("#0F0", "%22%230F0%22"),
        ({"a": [1, 2]}, "%7B%22a%22:%5B1,2%5D%7D"),
    ],
)
async def test_what_need_not_be_encoded_is_not(http: Http, value: Json, raw: str) -> None:
    """The charger takes about 256 bytes of a value as it is encoded."""
    async with raw_server(answer('{"key":true}')) as server:
        await LocalApi(http, server.address, PATIENT_S).write(set_key("key", value))
        assert server.targets == [f"/api/set?key={raw}"]


@pytest.mark.parametrize("name", ['a "b"', "#1", "50 % & more", "a+b", "Größe ☃", "c:\\d,e;f=g?h/i'j"])
async def test_a_name_survives_the_way_there_and_back(
    api: LocalApi, sim: GoeSimulator, clock: FakeClock, name: str
) -> None:
    """As the charger understood it."""
    await api.write(set_key("fna", name))
    clock.pass_time(1)
    assert await api.read(["fna"]) == {"fna": name}
    assert sim.counts["/api/set"] == 1


async def test_an_accepted_write_shows_a_second_later(api: LocalApi, clock: FakeClock) -> None:
    """`true` means accepted, not done."""
    await api.write(set_key("amp", 10))
    assert await api.read(["amp"]) == {"amp": 16}
    clock.pass_time(1)
    assert await api.read(["amp"]) == {"amp": 10}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("amp", 5, "amp: failed: Value 5 exceeds range 6 to 32 (5)"),
        ("amp", -1, "amp: failed: value must be uint8_t (-1)"),
        ("amp", None, "amp: failed: null not allowed (null)"),
        ("alw", True, "alw: tried to set api key without setter (true)"),
    ],
)
async def test_a_refusal_keeps_the_chargers_own_words(api: LocalApi, key: str, value: Json, words: str) -> None:
    """HTTP 500 with an error text: who sent the command reads it in the result."""
    with pytest.raises(RefusedError) as caught:
        await api.write(set_key(key, value))
    assert (caught.value.message, caught.value.code) == (words, Code.VENDOR_REFUSED)


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (200, '{"amp":"not now"}', RefusedError, "not now"),
        (200, '{"amp":false}', RefusedError, "false"),
        (200, '{"amp":1}', RefusedError, "1"),
        (200, '{"amp":16}', RefusedError, "16"),
        (200, "{}", RefusedError, "null"),
        (200, '{"frc":true}', RefusedError, "null"),
        (200, json.dumps({"amp": "x" * 1_000}), RefusedError, "x" * 200),
        (200, json.dumps({"amp": ["no", {"a": 1}]}), RefusedError, '["no", {"a": 1}]'),
        (500, '{"amp":"amp: failed"}', RefusedError, "amp: failed"),
        (500, "[]", RefusedError, "HTTP 500: []"),
        (500, "{}", RefusedError, "HTTP 500: {}"),
        (400, '{"amp":true}', RefusedError, "true"),
        (404, '{"amp":true}', RefusedError, SWITCHED_OFF),
        (302, "", RefusedError, "HTTP 302: no text"),
        (200, "true", BadAnswerError, "the answer is not a JSON object"),
        (200, "<html></html>", BadAnswerError, "the answer (HTTP 200) is not JSON"),
        (200, "", BadAnswerError, "the answer (HTTP 200) is not JSON"),
    ],
)
async def test_answers_to_writing_that_are_no_yes(
    http: Http, status: int, body: str, kind: type[ChargerError], message: str
) -> None:
    """Only `true` for the very key is one."""
    async with raw_server(answer(body, status)) as server:
        with pytest.raises(kind) as caught:
            await LocalApi(http, server.address, PATIENT_S).write(set_key("amp", 16))
        assert server.targets == ["/api/set?amp=16"]
    assert caught.value.message == message


async def test_several_keys_are_one_request(api: LocalApi, sim: GoeSimulator, clock: FakeClock) -> None:
    """As the vendor's app does; all must be accepted."""
    await api.write(Request(method="GET", path="/api/set", query=(("amp", "10"), ("frc", "1"))))
    clock.pass_time(1)
    assert await api.read(["amp", "frc"]) == {"amp": 10, "frc": 1}
    with pytest.raises(RefusedError, match="exceeds range"):
        await api.write(Request(method="GET", path="/api/set", query=(("amp", "10"), ("frc", "9"))))
    assert queries(sim)[0] == "amp=10&frc=1"


@pytest.mark.parametrize("fault", ["reset", "cut", "hang"])
async def test_a_write_whose_answer_is_lost_is_in_doubt_and_not_repeated(
    http: Http, sim: GoeSimulator, clock: FakeClock, fault: str
) -> None:
    """The charger may have taken it: here it has, but for the one that hangs."""
    await sim.set_fault(fault)
    limit_s = 0.2 if fault == "hang" else PATIENT_S
    with pytest.raises(NoAnswerError):
        await LocalApi(http, sim.address, limit_s).write(set_key("amp", 10))
    await sim.clear_fault()
    assert sim.counts["/api/set"] == 1
    clock.pass_time(1)
    wanted = 16 if fault == "hang" else 10
    assert await LocalApi(http, sim.address, PATIENT_S).read(["amp"]) == {"amp": wanted}


async def test_a_write_that_never_got_there(http: Http) -> None:
    """Certain that nothing changed."""
    with pytest.raises(UnreachableError):
        await LocalApi(http, f"127.0.0.1:{free_port()}", PATIENT_S).write(set_key("amp", 10))


# Restarting


async def test_a_restart_drops_the_connection(api: LocalApi, sim: GoeSimulator, clock: FakeClock) -> None:
    """That is what success looks like, and it is told once; then the charger is away for a moment."""
    await api.write(set_key("rst", value=True))
    assert (sim.counts["/api/set"], queries(sim)[-1]) == (1, "rst=true")
    with pytest.raises(NoAnswerError):
        await api.read(["rbc"])
    clock.pass_time(5)
    assert await api.read(["rbc"]) == {"rbc": 8}


@pytest.mark.parametrize("body", ['{"rst":true}', None])
async def test_a_restart_may_be_answered_or_not(http: Http, body: str | None) -> None:
    """Firmware differs."""
    async with raw_server(answer(body) if body else []) as server:
        await LocalApi(http, server.address, PATIENT_S).write(set_key("rst", value=True))
        assert server.targets == ["/api/set?rst=true"]


@pytest.mark.parametrize(
    ("respond", "kind"),
    [(answer('{"rst":"rst: not now"}', 500), RefusedError), (answer("This URI does not exist", 404), RefusedError)],
)
async def test_a_restart_that_is_refused(http: Http, respond: Any, kind: type[ChargerError]) -> None:
    """No is no."""
    async with raw_server(respond) as server:
        with pytest.raises(kind):
            await LocalApi(http, server.address, PATIENT_S).write(set_key("rst", value=True))


async def test_a_restart_of_a_charger_that_is_not_there(http: Http) -> None:
    """Nothing was restarted."""
    with pytest.raises(UnreachableError):
        await LocalApi(http, f"127.0.0.1:{free_port()}", PATIENT_S).write(set_key("rst", value=True))
