"""Signing in at the Wallbox cloud, renewing, and the older way, against the pretend cloud."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64decode
from collections.abc import Callable
from typing import Literal

import pytest

from bridge.charger.values import Json
from bridge.errors import BadAnswerError, ChargerError, LoginRefusedError, NoAnswerError, RefusedError, ThrottledError
from bridge.http import Http
from bridge.simulators.secret import SECRET
from bridge.simulators.wallbox import Manners, WallboxSimulator
from bridge.simulators.wallbox.api import respond_auth
from bridge.simulators.wire import Answer, ReceivedRequest
from bridge.vendors.wallbox.auth import UNTOLD_LIFE_S, WallboxAuth
from bridge.vendors.wallbox.settings import WallboxAccountSettings
from tests.vendors.wallbox.conftest import STREET, Connect, Open, instead, url

ACCESS = "token-of-a-test"

Settings = Callable[..., WallboxAccountSettings]


def asked(cloud: WallboxSimulator, path: str) -> list[ReceivedRequest]:
    """Return every request for a path."""
    return [request for request in cloud.requests if request.path == path]


def answering(document: Json, status: int = 200) -> Callable[[ReceivedRequest], Answer]:
    """Return what answers everything with this."""
    return lambda _: Answer(body=json.dumps(document).encode(), status=status)


# Signing in


async def test_a_sign_in_is_as_the_clients_make_it(cloud: WallboxSimulator, open_account: Open) -> None:
    """GET with basic authorisation at the server that knows people; the token is shown at the other one."""
    password = f"{SECRET}:ü"
    cloud.account().password = password
    await open_account(password=password).discover()
    (sign_in,) = asked(cloud, "/users/signin")
    pair = b64decode(sign_in.headers["authorization"].removeprefix("Basic ")).decode()
    assert (sign_in.method, pair) == ("GET", f"{cloud.account().spec.email}:{password}")
    assert sign_in.headers["partner"] == "wallbox"
    (read,) = asked(cloud, "/v3/chargers/groups")
    assert read.headers["authorization"] == f"Bearer {SECRET}-access-286113-1"
    assert read.headers["user-agent"] == "charger2mqtt"


@pytest.mark.parametrize("status", [404, 405, 410])
async def test_the_older_sign_in_where_the_newer_one_is_not_there(
    cloud: WallboxSimulator, open_account: Open, status: int
) -> None:
    """It gives no refresh token, so that every end of a token is followed by a sign-in."""
    async with instead(answering({}, status)) as people:
        account = open_account(auth_url=url(people))
        await account.discover()
        assert account.health().login == "valid"
        cloud.account().expire()
        await account.discover()
    assert [request.path for request in people.requests] == ["/users/signin"] * 2
    assert cloud.counters.sign_ins == len(asked(cloud, "/auth/token/user")) == 2


@pytest.mark.parametrize(
    ("status", "kind"), [(500, RefusedError), (503, RefusedError), (400, RefusedError), (429, ThrottledError)]
)
async def test_other_refusals_do_not_lead_to_the_older_sign_in(
    cloud: WallboxSimulator, open_account: Open, status: int, kind: type[ChargerError]
) -> None:
    """The server is there, and says by which number it refuses; the next sign-in waits."""
    async with instead(answering({"error": True}, status)) as people:
        account = open_account(auth_url=url(people))
        with pytest.raises(ChargerError, match=f"HTTP {status}") as caught:
            await account.discover()
        with pytest.raises(ChargerError, match="waits before it signs in again"):
            await account.discover()
    assert type(caught.value) is kind
    assert (len(people.requests), len(cloud.requests)) == (1, 0)


async def test_neither_way_is_there(open_account: Open) -> None:
    """The number is said, nothing of a missing token."""
    async with instead(answering({}, 404)) as nothing:
        with pytest.raises(RefusedError, match="the sign-in answers HTTP 404"):
            await open_account(auth_url=url(nothing), api_url=url(nothing)).discover()
    assert [request.path for request in nothing.requests] == ["/users/signin", "/auth/token/user"]


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_password_is_shown_once(open_account: Open, status: int, older: Json) -> None:
    """Also after restarts; a changed one is tried at once. The sentence names the account, not the person."""

    def respond(request: ReceivedRequest) -> Answer:
        return Answer(body=b"{}", status=404 if older and request.path == "/users/signin" else status)

    async with instead(respond) as people:
        for _ in range(3):
            with pytest.raises(LoginRefusedError, match="home") as caught:
                await open_account(auth_url=url(people), api_url=url(people)).discover()
            assert SECRET not in caught.value.message
        once = len(people.requests)
        with pytest.raises(LoginRefusedError):
            await open_account(auth_url=url(people), api_url=url(people), password="another").discover()
    assert (once, len(people.requests)) == ((2, 4) if older else (1, 2))


@pytest.mark.parametrize(
    "document",
    [
        [],
        "token",
        {},
        {"data": []},
        {"data": {"attributes": {"token": ""}}},
        {"data": {"attributes": {"token": 5}}},
        {"error": True, "msg": "no"},
    ],
)
async def test_an_answer_without_a_token(open_account: Open, document: Json) -> None:
    """It is none, whatever its number says."""
    async with instead(answering(document)) as people:
        with pytest.raises(BadAnswerError, match="without a token"):
            await open_account(auth_url=url(people)).discover()


# How long a token lives

HOUR_S = 3600.0


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize(
    ("told", "life_s"),
    [
        (lambda now: int((now + HOUR_S) * 1000), HOUR_S),
        (lambda now: str(int((now + HOUR_S) * 1000)), HOUR_S),
        (lambda now: now + HOUR_S, HOUR_S),
        (lambda _: 900, 900),
        (lambda _: "900", 900),
        (lambda _: -5, 0),
        (lambda _: None, UNTOLD_LIFE_S),
        (lambda _: "soon", UNTOLD_LIFE_S),
        (lambda _: True, UNTOLD_LIFE_S),
        (lambda _: {}, UNTOLD_LIFE_S),
        (None, UNTOLD_LIFE_S),
    ],
)
async def test_when_a_token_ends(
    account_settings: Settings, http: Http, told: Callable[[float], Json] | None, life_s: float, flat: Json
) -> None:
    """Absolute in ms or, until 2022, in s; a small number is a duration; about a minute where it is not said."""
    began = time.time()
    ttl = {} if told is None else {"ttl": told(began), "refresh_token_ttl": told(began)}
    document: Json = (
        {"jwt": ACCESS, **ttl} if flat else {"data": {"attributes": {"token": ACCESS, "refresh_token": "again", **ttl}}}
    )
    async with instead(answering(document)) as people:
        token = await WallboxAuth("home", account_settings(auth_url=url(people)), http).sign_in()
    assert (token.access, token.refresh) == (ACCESS, None if flat else "again")
    assert token.expires_at == pytest.approx(began + life_s, abs=20)
    untold = life_s == UNTOLD_LIFE_S
    assert token.refresh_expires_at == (None if untold else pytest.approx(began + life_s, abs=20))


@pytest.mark.parametrize("unit", ["ms", "s"])
async def test_the_clouds_own_times(cloud: WallboxSimulator, open_account: Open, unit: Literal["ms", "s"]) -> None:
    """In both units the end of the token is known, to the health document, too."""
    cloud.cloud.manners = Manners(ttl_unit=unit)
    account = open_account()
    await account.discover()
    assert account.health().expires_at == pytest.approx(time.time() + cloud.account().token_life_s, abs=20)


# Renewing


async def test_refresh_tokens_rotate(cloud: WallboxSimulator, open_account: Open) -> None:
    """Each is used once, also after a restart: the newest one is kept."""
    for _ in range(3):
        cloud.account().expire()
        await open_account().discover()
    cloud.account().expire()
    account = open_account()
    await account.discover()
    used = [request.headers["authorization"] for request in asked(cloud, "/users/refresh-token")]
    assert used == [f"Bearer {SECRET}-refresh-286113-{number}" for number in (1, 2, 3)]
    assert (cloud.counters.sign_ins, cloud.counters.refreshes, cloud.counters.refused_refreshes) == (1, 3, 0)


async def test_a_token_is_renewed_before_it_ends(cloud: WallboxSimulator, open_account: Open) -> None:
    """At half the life of a short one: the cloud never sees one that has ended."""
    cloud.account().token_life_s = 2.0
    account = open_account()
    deadline = time.monotonic() + 20
    while not cloud.counters.refreshes and time.monotonic() < deadline:
        await account.discover()
        await asyncio.sleep(0.02)
    assert (cloud.counters.sign_ins, cloud.counters.refreshes) == (1, 1)
    assert cloud.counters.unauthorized == 0


async def test_a_refresh_token_that_ends_early(cloud: WallboxSimulator, open_account: Open) -> None:
    """About once a day: it is followed by one sign-in, and the read goes through."""
    account = open_account()
    await account.discover()
    cloud.account().revoke()
    assert len(await account.discover()) == 2
    assert (cloud.counters.sign_ins, cloud.counters.refused_refreshes, cloud.counters.unauthorized) == (2, 1, 1)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 422])
async def test_whatever_is_said_against_a_refresh_token(
    cloud: WallboxSimulator, open_account: Open, status: int
) -> None:
    """It is followed by a sign-in: nothing else would ever get away from it."""

    def respond(request: ReceivedRequest) -> Answer:
        refused = Answer(body=b"{}", status=status)
        return refused if request.path == "/users/refresh-token" else respond_auth(cloud.cloud, request, None)

    async with instead(respond) as people:
        account = open_account(auth_url=url(people))
        await account.discover()
        cloud.account().expire()
        assert len(await account.discover()) == 2
    wanted = ["/users/signin", "/users/refresh-token", "/users/signin"]
    assert [request.path for request in people.requests] == wanted


@pytest.mark.parametrize(
    ("fault", "kind", "sign_ins"),
    [("500", RefusedError, 1), ("429", ThrottledError, 1), ("garbage", BadAnswerError, 2), ("cut", NoAnswerError, 2)],
)
async def test_a_cloud_in_trouble_while_renewing(
    cloud: WallboxSimulator, open_account: Open, fault: str, kind: type[ChargerError], sign_ins: int
) -> None:
    """The refresh token is tried again when it is well; one that was used up by an answer that got lost is no harm."""
    account = open_account()
    await account.discover()
    cloud.account().expire()
    await cloud.set_fault(fault, prefix="/users")
    with pytest.raises(kind):
        await account.discover()
    assert cloud.counters.sign_ins == 1
    await cloud.clear_fault()
    assert len(await account.discover()) == 2
    assert (cloud.counters.sign_ins, cloud.counters.refreshes) == (sign_ins, 1)


async def test_refused_in_the_middle(cloud: WallboxSimulator, connect: Connect) -> None:
    """A password that was changed while we run: a write says so, and nothing of missing rights."""
    charger = connect(STREET)
    document = await charger.fetch()
    cloud.account().password = "changed"
    cloud.account().revoke()
    request = next(action for action in charger.actions if action.key == "restart").request(document)
    with pytest.raises(LoginRefusedError, match="refuses the credentials of account home"):
        await charger.send(request)
    assert charger.account.health().login == "refused"
