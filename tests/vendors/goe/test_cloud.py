"""go-e's cloud, over real sockets: the token, filters, every kind of refusal, writes that are made once."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.charger.binding import Request
from bridge.demo.broker import free_port
from bridge.errors import (
    BadAnswerError,
    ChargerError,
    Code,
    LoginRefusedError,
    NoAnswerError,
    RefusedError,
    UnreachableError,
)
from bridge.http import Http
from bridge.simulators.goe import GoeSimulator
from bridge.simulators.secret import SECRET
from bridge.vendors.goe.charger import CLOUD_PACE, AskedCharger
from bridge.vendors.goe.cloud import AS_OF, CloudApi
from bridge.vendors.goe.connect import connect
from bridge.vendors.goe.settings import GoeSettings
from bridge.vendors.goe.writes import set_key
from tests.simulators.fake_clock import FakeClock
from tests.support.feeds import no_feed
from tests.vendors.raw_server import answer, raw_server

TOKEN = f"{SECRET}-cak"
BOOT = 1_700_000_000.0  # seconds since 1970
PATIENT_S = 30.0


@pytest.fixture
def clock() -> FakeClock:
    """The charger's time, which stands still unless a test moves it."""
    return FakeClock()


@pytest.fixture
async def sim(clock: FakeClock) -> AsyncIterator[GoeSimulator]:
    """A charger with a cloud."""
    async with GoeSimulator(cloud=True, clock=clock, wall_clock=lambda: BOOT + clock() - 1_000) as simulator:
        yield simulator


@pytest.fixture
def api(http: Http, sim: GoeSimulator) -> CloudApi:
    """Its cloud."""
    return CloudApi(http, f"http://{sim.cloud_address}", TOKEN, PATIENT_S)


def charger_at(address: str, http: Http, **settings: Any) -> AskedCharger:
    """Return a charger with these settings."""
    document = {"vendor": "go-e", "transport": "cloud", "serial": "123456", "token": TOKEN, "api_url": address}
    charger = connect(GoeSettings.model_validate(document | settings), http, no_feed)
    assert isinstance(charger, AskedCharger)
    return charger


# Reading


async def test_keys_are_asked_for_with_the_token_in_the_head(api: CloudApi, sim: GoeSimulator) -> None:
    """Never in the address, which servers and proxies write down."""
    document = await api.read(["car", "amp", "nosuch"])
    assert {key: document[key] for key in ("car", "amp")} == {"car": 1, "amp": 16}
    assert "nosuch" not in document
    (request,) = sim.requests
    assert (request.method, request.path, request.raw_query) == ("GET", "/api/status", "filter=car,amp,nosuch")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"


async def test_many_keys_are_asked_for_in_parts(api: CloudApi, sim: GoeSimulator) -> None:
    """As on the charger itself, and put together."""
    keys = list(sim.device.status())
    assert set(await api.read(keys)) == {*keys, AS_OF}
    asked = [request.query["filter"].split(",") for request in sim.requests]
    assert [key for some in asked for key in some] == keys
    assert max(len(some) for some in asked) == 40


async def test_it_says_when_the_charger_told_it(http: Http, sim: GoeSimulator, clock: FakeClock) -> None:
    """What the cloud has kept for a while is as old as it is; a charger that is asked itself is never behind."""
    clock.pass_time(100)
    charger = charger_at(f"http://{sim.cloud_address}", http)
    for age in (0, 20):
        if age:
            sim.cloud.outdate(age)
        assert charger.as_of(await charger.fetch()) == datetime.fromtimestamp(BOOT + 100 - age, UTC)
    assert charger.as_of({"amp": 16}) is None


@pytest.mark.parametrize(
    "line", [(), ("Last-Modified: yesterday",), ("Last-Modified: Thu, 99 Nov 2026 10:00:00 GMT",), ("Last-Modified: ",)]
)
async def test_a_cloud_that_does_not_say_when(http: Http, line: tuple[str, ...]) -> None:
    """Then it counts as told when it was read."""
    async with raw_server(answer('{"amp":16,"sse":"1"}', 200, *line), stays=True) as server:
        document = await CloudApi(http, f"http://{server.address}", TOKEN, PATIENT_S).read(["amp"])
        assert document == {"amp": 16, "sse": "1"}
        charger = charger_at(f"http://{server.address}", http)
        assert charger.as_of(await charger.fetch()) is None


@pytest.mark.parametrize("slash", ["", "/"])
async def test_another_address_with_or_without_a_slash(http: Http, sim: GoeSimulator, slash: str) -> None:
    """`api_url` may lead through a proxy."""
    charger = charger_at(f"http://{sim.cloud_address}{slash}", http)
    assert (await charger.fetch())["amp"] == 16
    await charger.send(set_key("amp", 10))
    assert {request.path for request in sim.requests} == {"/api/status", "/api/set"}


async def test_the_usual_address_has_the_serial_number(http: Http) -> None:
    """With its zeros."""
    charger = charger_at("https://127.0.0.1", http, serial="012345", api_url=None)
    assert charger._wire._base == "https://012345.api.v3.go-e.io"  # type: ignore[attr-defined]


async def test_its_pace_is_its_own(http: Http) -> None:
    """No faster than the charger reports."""
    pace = charger_at("https://127.0.0.1", http).pace
    assert pace is CLOUD_PACE
    assert pace.cloud
    assert pace.idle_s >= 1


# Refusals, the same for reading and for writing


async def failure(api: CloudApi, *, write: bool) -> ChargerError:
    """Return what reading or writing raises, which must not show the token."""
    with pytest.raises(ChargerError) as caught:
        await (api.write(set_key("amp", 10)) if write else api.read(["amp"]))
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    return caught.value


@pytest.mark.parametrize("write", [False, True])
async def test_a_wrong_token(http: Http, sim: GoeSimulator, *, write: bool) -> None:
    """401 means that asking again does not help."""
    error = await failure(CloudApi(http, f"http://{sim.cloud_address}", TOKEN + "x", PATIENT_S), write=write)
    assert isinstance(error, LoginRefusedError)
    assert error.message == "the cloud refuses the token: the app shows it under the settings of the API"
    assert sim.device.status(["amp"]) == {"amp": 16}


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("why", ["offline", "switched off", "wrong token, as documented"])
async def test_what_403_may_mean(http: Http, sim: GoeSimulator, why: str, *, write: bool) -> None:
    """The cloud says the same to all of them, so the sentence names them all; it may pass by itself."""
    token = TOKEN
    if why == "offline":
        sim.cloud.online = False
    elif why == "switched off":
        sim.device.settings["cae"] = False
    else:
        sim.cloud.wrong_token_status, token = 403, TOKEN + "x"
    error = await failure(CloudApi(http, f"http://{sim.cloud_address}", token, PATIENT_S), write=write)
    assert type(error) is RefusedError
    assert error.code is Code.NOT_PERMITTED
    for cause in ("offline", "switched off", "token is wrong"):
        assert cause in error.message


@pytest.mark.parametrize("write", [False, True])
async def test_data_that_are_too_old(api: CloudApi, sim: GoeSimulator, *, write: bool) -> None:
    """404: the charger is not there, as far as the cloud knows; when it tells again, all is well."""
    sim.cloud.outdate(31)
    error = await failure(api, write=write)
    assert isinstance(error, RefusedError)
    assert (error.code, error.message) == (Code.VENDOR_UNREACHABLE, "the charger has told the cloud nothing recently")
    sim.cloud.refresh()
    assert (await api.read(["amp"]))["amp"] == 16


@pytest.mark.parametrize("write", [False, True])
async def test_a_bad_gateway(api: CloudApi, sim: GoeSimulator, *, write: bool) -> None:
    """502 now and then: nothing is asked or written a second time by itself."""
    sim.cloud.bad_gateways = 1
    error = await failure(api, write=write)
    assert isinstance(error, NoAnswerError)
    assert error.message == "the cloud has trouble of its own (HTTP 502)"
    assert len(sim.requests) == 1
    assert (await api.read(["amp"]))["amp"] == 16


@pytest.mark.parametrize("write", [False, True])
async def test_a_lost_connection_is_not_tried_again(http: Http, *, write: bool) -> None:
    """To the library a GET may be sent twice; here it may be a write."""
    async with raw_server([]) as server:
        error = await failure(CloudApi(http, f"http://{server.address}", TOKEN, PATIENT_S), write=write)
        assert isinstance(error, NoAnswerError)
        assert len(server.targets) == 1


@pytest.mark.parametrize("write", [False, True])
async def test_no_cloud(http: Http, *, write: bool) -> None:
    """Certain that nothing was sent."""
    error = await failure(CloudApi(http, f"http://127.0.0.1:{free_port()}", TOKEN, PATIENT_S), write=write)
    assert isinstance(error, UnreachableError)


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (200, "{}", BadAnswerError, "the answer has none of the keys that were asked for"),
        (200, "[]", BadAnswerError, "the answer is not a JSON object"),
        (200, "<html>", BadAnswerError, "the answer (HTTP 200) is not JSON"),
        (302, "", RefusedError, "HTTP 302: no text"),
        (400, '{"success":false,"reason":"no"}', RefusedError, "false; no"),
        (429, "slowly", RefusedError, "HTTP 429: slowly"),
        (500, "", NoAnswerError, "the cloud has trouble of its own (HTTP 500)"),
        (503, "<html>", NoAnswerError, "the cloud has trouble of its own (HTTP 503)"),
    ],
)
async def test_answers_to_reading_that_are_none(
    http: Http, status: int, body: str, kind: type[ChargerError], message: str
) -> None:
    """Each is one of the family, with a sentence for a person."""
    async with raw_server(answer(body, status)) as server:
        error = await failure(CloudApi(http, f"http://{server.address}", TOKEN, PATIENT_S), write=False)
    assert (type(error), error.message) == (kind, message)


# Writing


async def test_a_write_is_one_request(api: CloudApi, sim: GoeSimulator, clock: FakeClock) -> None:
    """Encoded as for the charger itself; 202 is a yes, and the value shows a little later."""
    await api.write(set_key("fna", 'My "garage" #1'))
    await api.write(set_key("amp", 10))
    assert [(request.path, request.raw_query) for request in sim.requests] == [
        ("/api/set", "fna=%22My%20%5C%22garage%5C%22%20%231%22"),
        ("/api/set", "amp=10"),
    ]
    clock.pass_time(2)
    assert sim.device.status(["fna", "amp"]) == {"fna": 'My "garage" #1', "amp": 10}


async def test_422_has_the_clouds_words(api: CloudApi, sim: GoeSimulator) -> None:
    """What it rejects is certain not to have been done."""
    request = Request(method="GET", path="/api/set", query=(("nosuch", "1"),))
    with pytest.raises(RefusedError) as caught:
        await api.write(request)
    assert (caught.value.code, caught.value.message) == (Code.VENDOR_REFUSED, 'the cloud rejects [{"nosuch": "1"}]')
    await sim.set_fault("refuse_writes")
    with pytest.raises(RefusedError, match=r'^the cloud rejects \[\{"amp": "10"\}\]$'):
        await api.write(set_key("amp", 10))


async def test_a_write_that_is_rejected_in_part(api: CloudApi, sim: GoeSimulator, clock: FakeClock) -> None:
    """202, because one key was passed on, and yet not all was done."""
    request = Request(method="GET", path="/api/set", query=(("amp", "10"), ("nosuch", "1")))
    with pytest.raises(RefusedError, match="nosuch"):
        await api.write(request)
    clock.pass_time(2)
    assert sim.device.status(["amp"]) == {"amp": 10}


@pytest.mark.parametrize(
    ("status", "body"), [(200, '{"amp":true}'), (200, ""), (202, ""), (202, "<html>"), (202, "[]"), (202, "{}")]
)
async def test_a_yes_needs_no_words(http: Http, status: int, body: str) -> None:
    """What stands in the answer is known from one report alone, so the status decides."""
    async with raw_server(answer(body, status)) as server:
        await CloudApi(http, f"http://{server.address}", TOKEN, PATIENT_S).write(set_key("amp", 10))
        assert server.targets == ["/api/set?amp=10"]
