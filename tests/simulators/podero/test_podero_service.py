"""The pretend Podero service over its socket, with time in the test's hand."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bridge.simulators.podero import PoderoSimulator
from bridge.simulators.podero.service import FORM_TYPE, JSON_TYPE
from bridge.simulators.podero.shown import Snapshot
from bridge.simulators.secret import SECRET
from tests.simulators.fake_clock import FakeClock

GRANT = {"grant_type": "client_credentials"}


@dataclass
class Client:
    """Calls the service as a partner would."""

    http: aiohttp.ClientSession
    sim: PoderoSimulator
    token: str = ""

    async def ask_token(self, secret: str | None = None, **request: Any) -> tuple[int, Any]:
        """Ask for a token, as JSON unless the request says otherwise."""
        service = self.sim.service
        pair = f"{service.ids.client}:{service.client_secret if secret is None else secret}"
        headers = {"Authorization": "Basic " + b64encode(pair.encode()).decode()}
        return await self._call("POST", self.sim.token_url, headers, **(request or {"json": GRANT}))

    async def call(self, method: str, leaf: str = "", **request: Any) -> tuple[int, Any]:
        """Call the wallbox, or something below it."""
        url = f"http://{self.sim.address}{self.sim.service.wallbox_path}{leaf}"
        return await self._call(method, url, {"Authorization": f"Bearer {self.token}"}, **request)

    async def _call(self, method: str, url: str, headers: dict[str, str], **request: Any) -> tuple[int, Any]:
        async with self.http.request(method, url, headers=headers, **request) as response:
            return response.status, await response.json() if await response.read() else None

    async def shown(self, *names: str) -> Any:
        """Read one field, or several as a tuple."""
        status, document = await self.call("GET")
        assert status == 200
        return document[names[0]] if len(names) == 1 else tuple(document[name] for name in names)


@pytest.fixture
async def service(clock: FakeClock) -> AsyncIterator[PoderoSimulator]:
    """The service, without a car."""
    async with PoderoSimulator(clock=clock) as simulator:
        yield simulator


@pytest.fixture
async def client(http: aiohttp.ClientSession, service: PoderoSimulator) -> Client:
    """A client with a token."""
    found = Client(http, service)
    found.token = (await found.ask_token())[1]["access_token"]
    return found


# Tokens


@pytest.mark.parametrize("request_", [{"json": GRANT}, {"data": GRANT}], ids=["json", "form"])
async def test_a_token(client: Client, service: PoderoSimulator, request_: dict[str, Any]) -> None:
    """In JSON as documented or as a form: for ten hours, and it opens the door."""
    status, told = await client.ask_token(**request_)
    assert (status, told["expires_in"], told["token_type"]) == (200, 36_000, "Bearer")
    assert SECRET in told["access_token"]
    assert service.service.counters.tokens == 2
    client.token = told["access_token"]
    assert (await client.call("GET"))[0] == 200


async def test_a_wrong_secret_is_refused_and_counted(client: Client, service: PoderoSimulator) -> None:
    """With 401 and the word of the standard."""
    assert await client.ask_token(secret="wrong") == (401, {"error": "invalid_client"})
    assert service.service.counters.refused_clients == 1


@pytest.mark.parametrize(
    ("takes", "request_", "status"),
    [
        (JSON_TYPE, {"json": GRANT}, 200),
        (JSON_TYPE, {"data": GRANT}, 400),
        (FORM_TYPE, {"json": GRANT}, 400),
        (FORM_TYPE, {"data": GRANT}, 200),
        (JSON_TYPE, {"json": {"grant_type": "password"}}, 400),
        (JSON_TYPE, {"json": []}, 400),
        (JSON_TYPE, {"data": "{"}, 400),
    ],
)
async def test_the_form_of_the_request(
    client: Client, service: PoderoSimulator, takes: str, request_: dict[str, Any], status: int
) -> None:
    """A service that takes one form alone refuses the other."""
    service.service.takes = frozenset({takes})
    assert (await client.ask_token(**request_))[0] == status


async def test_a_token_ends(client: Client, service: PoderoSimulator, clock: FakeClock) -> None:
    """By itself after its life, and when the service drops it."""
    clock.pass_time(35_999)
    assert (await client.call("GET"))[0] == 200
    clock.pass_time(1)
    assert (await client.call("GET"))[0] == 401
    client.token = (await client.ask_token())[1]["access_token"]
    service.service.expire_tokens()
    assert (await client.call("GET"))[0] == 401
    assert service.service.counters.unauthorized == 2


async def test_the_wrong_place(client: Client, http: aiohttp.ClientSession, service: PoderoSimulator) -> None:
    """Another user's wallbox is not found, the token address needs its slash, and methods are as documented."""
    assert (await client.call("GET", "/nothing"))[0] == 404
    assert (await client.call("POST"))[0] == 405
    assert (await client.call("GET", "/boost"))[0] == 405
    async with http.post(service.token_url.rstrip("/"), json=GRANT) as response:
        assert response.status == 404
    client.token = "nonsense"
    assert (await client.call("GET", "/nothing"))[0] == 401


# The wallbox


async def test_a_day_of_a_car(client: Client, service: PoderoSimulator, clock: FakeClock) -> None:
    """It comes, charges by the plan after a handshake, is full, goes; the windows tell what flowed."""
    fields = ("mode", "is_plugged_in", "is_charging", "is_fully_charged", "charge_rate_w")
    assert await client.shown(*fields) == ("READY", False, False, False, 0)
    service.car.plug(capacity_kwh=11)
    assert await client.shown(*fields) == ("PLUGGED_IN", True, False, False, 0)
    clock.pass_time(3)
    assert await client.shown(*fields) == ("CHARGING", True, True, False, 5_500)
    clock.pass_time(3_600)
    assert await client.shown("consumption_last_day_kwh") == pytest.approx(5.5, abs=0.1)
    clock.pass_time(4_000)
    assert await client.shown(*fields) == ("PLUGGED_IN", True, False, True, 0)
    service.car.unplug()
    assert await client.shown(*fields) == ("READY", False, False, False, 0)
    assert await client.shown("consumption_last_week_kwh") == 11
    clock.pass_time(25 * 3_600)
    client.token = (await client.ask_token())[1]["access_token"]
    assert await client.shown("consumption_last_day_kwh", "consumption_last_month_kwh") == (0, 11)


async def test_filling_and_pausing(client: Client, service: PoderoSimulator, clock: FakeClock) -> None:
    """A pause holds the car back, and it can be filled at once."""
    service.car.plug()
    service.car.paused = True
    clock.pass_time(10)
    assert await client.shown("is_charging", "is_pause_power_active") == (False, True)
    service.car.paused = False
    clock.pass_time(10)
    assert await client.shown("is_charging") is True
    service.car.fill()
    assert await client.shown("is_charging", "is_fully_charged", "boost_state") == (False, True, "unavailable")


async def test_smart_charging(client: Client, service: PoderoSimulator, clock: FakeClock) -> None:
    """A PUT answers with the whole description; without the plan the car charges at its full rate."""
    service.car.plan_waits = True
    service.car.plug()
    clock.pass_time(10)
    assert await client.shown("is_charging") is False
    status, told = await client.call("PUT", json={"is_smart_optimization_active": False})
    assert (status, told["is_smart_optimization_active"]) == (200, False)
    clock.pass_time(10)
    assert await client.shown("charge_rate_w", "is_smart_optimization_active") == (11_000, False)


@pytest.mark.parametrize(
    "body", [{"is_smart_optimization_active": "no"}, {"comment": "x"}, [], "text", {"charge_target_max": 90}], ids=repr
)
async def test_what_is_not_documented_is_not_taken(client: Client, body: Any) -> None:
    """Only the documented field, and only with its type."""
    assert (await client.call("PUT", json=body))[0] == 422
    assert await client.shown("is_smart_optimization_active") is True


async def test_a_boost(client: Client, service: PoderoSimulator, clock: FakeClock) -> None:
    """Requested first, ongoing after the settle time, at the full rate; then it ends."""
    service.car.plan_waits = True
    service.car.plug()
    clock.pass_time(10)
    assert await client.shown("boost_state", "is_charging") == ("available", False)
    assert await client.call("POST", "/boost") == (204, None)
    assert await client.shown("boost_state", "is_charging") == ("requested", False)
    assert await client.call("POST", "/boost") == (409, {"state": "requested", "reason": "already_charging"})
    clock.pass_time(2)
    assert await client.shown("boost_state", "charge_rate_w") == ("ongoing", 11_000)
    assert await client.call("POST", "/boost") == (409, {"state": "ongoing", "reason": "already_charging"})
    assert await client.call("DELETE", "/boost") == (204, None)
    clock.pass_time(1)
    assert await client.shown("boost_state", "is_charging") == ("available", False)
    assert await client.call("DELETE", "/boost") == (204, None)


async def test_an_armed_boost(client: Client, service: PoderoSimulator, clock: FakeClock) -> None:
    """Without a car it waits for the next one, which clears it; asking twice is no fault."""
    fields = ("boost_state", "boost_for_next_session")
    assert await client.shown(*fields) == ("unavailable", False)
    for _ in range(2):
        assert await client.call("POST", "/boost") == (204, None)
    assert await client.shown(*fields) == ("unavailable", True)
    service.car.plug()
    assert await client.shown(*fields) == ("requested", False)
    clock.pass_time(2)
    assert await client.shown(*fields) == ("ongoing", False)
    service.car.unplug()
    assert await client.shown(*fields) == ("unavailable", False)


async def test_a_boost_that_cannot_be(client: Client, service: PoderoSimulator) -> None:
    """A full car, and trouble within the service."""
    service.car.plug()
    service.car.fill()
    assert await client.call("POST", "/boost") == (409, {"state": "unavailable", "reason": "fully_charged"})
    service.car.broken_boost = True
    assert (await client.call("POST", "/boost"))[1]["reason"] == "internal_error"


async def test_a_boost_ends_with_a_full_car(client: Client, service: PoderoSimulator, clock: FakeClock) -> None:
    """So that it can be asked for again with the next one."""
    service.car.plug(capacity_kwh=1)
    await client.call("POST", "/boost")
    clock.pass_time(3_600)
    assert await client.shown("boost_state", "is_fully_charged") == ("unavailable", True)
    service.car.plug()
    assert await client.shown("boost_state") == "available"


@pytest.mark.parametrize(
    ("snapshot", "there", "gone"),
    [
        ("first", {"is_forecasting_enabled"}, {"mode", "lifecycle_state", "boost_state"}),
        ("later", {"lifecycle_state", "deleted_at", "optimization_score"}, {"mode", "is_forecasting_enabled"}),
        ("newest", {"mode", "connection", "boost_state", "actions"}, {"is_forecasting_enabled"}),
    ],
)
async def test_forms_of_the_description(
    client: Client, service: PoderoSimulator, snapshot: Snapshot, there: set[str], gone: set[str]
) -> None:
    """Each has what its page had."""
    service.service.snapshot = snapshot
    _, told = await client.call("GET")
    assert there <= set(told)
    assert not gone & set(told)


async def test_a_lapsed_sign_in(client: Client, service: PoderoSimulator) -> None:
    """Shows in mode, lifecycle and a pending action with a link that is a secret; so are owner and addresses."""
    service.car.authenticated = False
    service.car.connected = None
    _, told = await client.call("GET")
    assert (told["mode"], told["connection"], told["lifecycle_state"]) == ("UNAVAILABLE", "never_connected", "error")
    assert told["actions"][0]["code"] == "reauthenticate"
    secret = [name for name, value in told.items() if SECRET in repr(value)]
    assert secret == ["device_model", "owner", "embeddable_url", "authorization_url", "actions"]


# Faults


async def test_writes_that_are_refused_or_ignored(client: Client, service: PoderoSimulator) -> None:
    """Refused with words that nobody may see; ignored with a good answer that shows the old value."""
    await service.set_fault("refuse_writes")
    for method, leaf in (("PUT", ""), ("POST", "/boost"), ("DELETE", "/boost")):
        status, told = await client.call(method, leaf, json={"is_smart_optimization_active": False})
        assert status == 422
        assert SECRET in told["detail"]
    await service.set_fault("ignore_writes")
    status, told = await client.call("PUT", json={"is_smart_optimization_active": False})
    assert (status, told["is_smart_optimization_active"]) == (200, True)
    assert await client.call("POST", "/boost") == (204, None)
    assert await client.shown("boost_for_next_session") is False
    await service.clear_fault()
    assert await client.call("POST", "/boost") == (204, None)
    assert await client.shown("boost_for_next_session") is True


async def test_spoiled_descriptions(client: Client, service: PoderoSimulator) -> None:
    """Keys are left out, null or unheard-of, also within the model; others stay."""
    await service.set_fault("missing_key", keys=["mode", "year"])
    _, told = await client.call("GET")
    assert "mode" not in told
    assert "year" not in told["device_model"]
    assert told["is_plugged_in"] is False
    await service.set_fault("null_key", keys=["mode", "model"])
    _, told = await client.call("GET")
    assert (told["mode"], told["device_model"]["model"]) == (None, None)
    await service.set_fault("unknown_code")
    assert await client.shown("mode", "is_charging") == ("LEVITATING", "perhaps")
    await service.set_fault("unknown_code", keys=["price_zone"])
    assert await client.shown("price_zone", "mode") == ("unheard_of", "READY")


@pytest.mark.parametrize(("fault", "status"), [("404", 404), ("500", 500), ("400_with_body", 400)])
async def test_faults_of_the_whole_service(client: Client, service: PoderoSimulator, fault: str, status: int) -> None:
    """With a prefix the token address alone suffers."""
    await service.set_fault(fault, prefix="/oauth2")
    assert (await client.ask_token())[0] == status
    assert (await client.call("GET"))[0] == 200


async def test_state_tells_how_to_get_in(client: Client, service: PoderoSimulator) -> None:
    """Addresses, ids, secret, counts and the description."""
    await client.call("GET")
    told: Any = service.state()
    assert told["client_secret"] == service.service.client_secret
    assert told["ids"]["wallbox"] == told["wallbox"]["id"]
    assert (told["counters"]["tokens"], told["counters"]["reads"]) == (1, 1)
    assert told["counts"]["/oauth2/token/"] == 1
