"""The calls to Podero: tokens, reading, writing, and what is made of its refusals."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64decode
from pathlib import Path

import pytest

from bridge.charger.document import Document
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, ChargerError, Code, LoginRefusedError, RefusedError, ThrottledError
from bridge.http import Answer
from bridge.simulators.podero import PoderoSimulator
from bridge.simulators.podero.service import FORM_TYPE, JSON_TYPE
from bridge.simulators.secret import SECRET
from bridge.vendors.podero.bindings import BINDINGS, set_boost, set_smart
from bridge.vendors.podero.charger import PoderoCharger
from bridge.vendors.podero.refusals import refusal
from tests.support.waiting import until
from tests.vendors.podero.conftest import Connect, always, bodies

BOOST = next(binding for binding in BINDINGS if binding.property.key == "boost")


def token_calls(service: PoderoSimulator) -> list[tuple[str, bytes]]:
    """Return content type and body of every call for a token."""
    return [
        (request.headers["content-type"].partition(";")[0], request.body)
        for request in service.requests
        if request.path == "/oauth2/token/"
    ]


# Tokens


async def test_a_token_is_asked_for_as_documented(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """POST with basic authorisation and a JSON body; the token is then shown at every call."""
    await charger.fetch()
    first, second = service.requests
    assert (first.method, first.path, json.loads(first.body)) == (
        "POST",
        "/oauth2/token/",
        {"grant_type": "client_credentials"},
    )
    pair = b64decode(first.headers["authorization"].removeprefix("Basic ")).decode()
    assert pair == f"{service.service.ids.client}:{service.service.client_secret}"
    assert first.headers["cache-control"] == "no-cache"
    assert (second.method, second.path) == ("GET", service.service.wallbox_path)
    assert second.headers["authorization"] == f"Bearer token-1-{SECRET}"
    assert second.headers["accept"] == "application/json"


async def test_one_token_for_all_calls(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """Also for those at the same time."""
    await asyncio.gather(*(charger.fetch() for _ in range(5)))
    await charger.fetch()
    assert (service.service.counters.tokens, service.service.counters.reads) == (1, 6)


async def test_a_token_outlives_a_restart(connect: Connect, service: PoderoSimulator, token_file: Path) -> None:
    """It is kept, for its owner alone to read, and not asked for again."""
    await connect().fetch()
    await connect().fetch()
    assert service.service.counters.tokens == 1
    assert token_file.stat().st_mode & 0o777 == 0o600


async def test_the_form_as_a_fall_back(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """After JSON was not understood; from then on it is the first choice."""
    service.service.takes = frozenset({FORM_TYPE})
    service.service.token_life_s = 0
    await asyncio.gather(charger.fetch(), return_exceptions=True)
    service.service.token_life_s = 36_000
    charger.account._login.worked()
    await charger.fetch()
    form = (FORM_TYPE, b"grant_type=client_credentials")
    assert token_calls(service)[0] == (JSON_TYPE, b'{"grant_type": "client_credentials"}')
    assert set(token_calls(service)[1:]) == {form}


async def test_a_dropped_token_is_asked_for_once_anew(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """The call is made again with the new one."""
    await charger.fetch()
    service.service.expire_tokens()
    assert (await charger.fetch())["id"] == service.service.ids.wallbox
    assert (service.service.counters.tokens, service.service.counters.unauthorized) == (2, 1)


async def test_a_token_is_renewed_before_it_ends(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """At half the life of a short one: the service never sees one that has ended."""
    service.service.token_life_s = 1.0

    async def renewed() -> None:
        while service.service.counters.tokens < 2:
            await charger.fetch()
            await asyncio.sleep(0.02)

    await asyncio.wait_for(renewed(), 10)
    assert service.service.counters.unauthorized == 0


async def test_a_wrong_secret_is_shown_once(connect: Connect, service: PoderoSimulator) -> None:
    """Refused, and not tried again, nor after a restart; a changed one is tried at once."""
    for _ in range(3):
        with pytest.raises(LoginRefusedError) as caught:
            await connect(client_secret="wrong").fetch()
        assert "wrong" not in caught.value.message
    assert service.service.counters.refused_clients == 1
    await connect().fetch()
    assert service.service.counters.tokens == 1


@pytest.mark.parametrize("worked_before", [False, True])
async def test_a_token_that_never_works(charger: PoderoCharger, service: PoderoSimulator, worked_before: Json) -> None:
    """No storm: two calls for a token, then a wait."""
    if worked_before:
        await charger.fetch()
    await service.set_fault("401", prefix="/api")
    for _ in range(4):
        with pytest.raises(ChargerError):
            await charger.fetch()
    assert service.service.counters.tokens <= 2


@pytest.mark.parametrize(
    ("status", "body", "kind", "calls"),
    [
        (400, {"error": "invalid_client"}, LoginRefusedError, 1),
        (401, {}, LoginRefusedError, 1),
        (400, {"error": "invalid_request"}, RefusedError, 2),
        (415, "no", RefusedError, 2),
        (403, {}, RefusedError, 1),
        (404, {}, RefusedError, 1),
        (429, {}, ThrottledError, 1),
        (500, "no", RefusedError, 1),
        (200, {}, BadAnswerError, 1),
        (200, {"access_token": 5}, BadAnswerError, 1),
        (200, [], BadAnswerError, 1),
        (200, "no", BadAnswerError, 1),
    ],
)
async def test_other_answers_of_the_token_address(
    connect: Connect, status: int, body: Json, kind: type[ChargerError], calls: int
) -> None:
    """What each of them means, and whether a form is tried."""
    said = body if isinstance(body, str) else json.dumps(body)
    async with always(said, status) as server:
        with pytest.raises(ChargerError) as caught:
            await connect(token_url=f"http://{server.host}:{server.port}/t/").fetch()
        assert type(caught.value) is kind
        assert [request.path for request in server.requests] == ["/t/"] * calls


@pytest.mark.parametrize(("told", "life"), [(36_000, 36_000), ("120", 120), (None, 600), ("x", 600), (-5, 0)])
async def test_how_long_a_token_lives(connect: Connect, told: Json, life: float) -> None:
    """`expires_in` in seconds; ten minutes where it says nothing of use."""
    async with always(json.dumps({"access_token": "a", "expires_in": told})) as server:
        charger = connect(token_url=f"http://{server.host}:{server.port}/t/")
        with pytest.raises(ChargerError):
            await charger.fetch()  # the service does not know this token
        expires_at = charger.account.health().expires_at
    assert charger.account.health().login != "refused"
    assert expires_at == 0.0 or expires_at == pytest.approx(time.time() + life, abs=20)


# Reading


async def test_nothing_private_is_in_the_document(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """Owner and links are gone before anyone sees it; so are fields that nobody knows."""
    service.car.authenticated = False
    document = await charger.fetch()
    assert SECRET not in repr(document)
    assert not {"owner", "embeddable_url", "authorization_url"} & set(document)


@pytest.mark.parametrize("body", ['{"id": "5a1b2c3d-1111-4222-8333-444455556666"}', "{}", "[]", '{"detail": "x"}'])
async def test_answers_that_are_no_description(connect: Connect, body: str) -> None:
    """Another wallbox, nothing, or something else altogether."""
    async with always(body) as server:
        with pytest.raises(BadAnswerError):
            await connect(api_url=f"http://{server.host}:{server.port}/v2.0/").fetch()
        assert server.requests[0].path.startswith("/v2.0/org/")


async def test_who_it_is(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """By the configured id, also where a description lacks its own."""
    found = charger.identify(await charger.fetch())
    assert (found.serial, found.manufacturer, found.model) == (service.service.ids.wallbox, "Pretend", "Box 11")
    thin = charger.identify({"id": None})
    assert (thin.serial, thin.manufacturer, thin.model) == (found.serial, "Podero", None)


@pytest.mark.parametrize(
    ("document", "when"),
    [
        ({}, None),
        ({"charge_state_last_updated_at": "nonsense"}, None),
        ({"charge_state_last_updated_at": "0001-01-01T00:00:00Z"}, None),
        ({"charge_state_last_updated_at": None, "current_state_last_updated_at": "2026-01-01T00:00:00Z"}, "2026-01-01"),
        (
            {
                "charge_state_last_updated_at": "2026-01-03T00:00:00Z",
                "current_state_last_updated_at": "2026-01-02T00:00:00Z",
            },
            "2026-01-03",
        ),
    ],
)
def test_how_old_it_is(charger: PoderoCharger, document: Document, when: str | None) -> None:
    """By Podero's own time stamps, the newest that can be read."""
    found = charger.as_of(document)
    assert (None if found is None else found.date().isoformat()) == when


async def test_nothing_to_discover(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """No call that lists wallboxes is documented, so none is made."""
    assert await charger.account.discover() == []
    assert not service.requests


# Writing


async def test_smart_charging_is_a_put_of_one_field(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """The answer tells what holds now, without what is private."""
    shown = await charger.send(set_smart(False))
    assert shown is not None
    assert shown["is_smart_optimization_active"] is False
    assert SECRET not in repr(shown)
    assert bodies(service, "PUT") == [{"is_smart_optimization_active": False}]
    assert service.requests[-1].path == service.service.wallbox_path


async def test_an_echo_without_the_change_is_a_refusal(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """Whatever the status says."""
    await service.set_fault("ignore_writes")
    with pytest.raises(RefusedError, match="left is_smart_optimization_active as it was") as caught:
        await charger.send(set_smart(False))
    assert caught.value.code is Code.VENDOR_REFUSED


async def test_an_echo_that_does_not_say_it(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """Leaves the judging to the next reading."""
    await service.set_fault("missing_key", keys=["is_smart_optimization_active"])
    shown = await charger.send(set_smart(False))
    assert shown is not None
    assert "is_smart_optimization_active" not in shown
    assert service.car.smart is False


async def test_boost_and_its_end(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """POST and DELETE without a body; the reading shows it, requested or ongoing, and its end."""
    service.car.plan_waits = True
    service.car.plug()
    assert BOOST.read(await charger.fetch()) is False
    assert await charger.send(set_boost(True)) is None
    assert BOOST.read(await charger.fetch()) is True

    def ongoing() -> bool:
        service.car.advance()
        return service.car.boost_state == "ongoing"

    await until(ongoing, 5, "the boost")
    assert BOOST.read(await charger.fetch()) is True
    assert await charger.send(set_boost(False)) is None
    assert BOOST.read(await charger.fetch()) is False
    assert (bodies(service, "POST"), bodies(service, "DELETE")) == ([None], [None])
    assert service.requests[-2].path == f"{service.service.wallbox_path}/boost"


async def test_an_armed_boost(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """Without a car it is on, too, until it is taken back."""
    await charger.send(set_boost(True))
    document = await charger.fetch()
    assert (BOOST.read(document), document["boost_state"]) == (True, "unavailable")
    await charger.send(set_boost(False))
    assert BOOST.read(await charger.fetch()) is False
    assert service.car.armed is False


async def refused(charger: PoderoCharger) -> RefusedError:
    """Return what a boost ends with."""
    with pytest.raises(RefusedError) as caught:
        await charger.send(set_boost(True))
    return caught.value


async def test_reasons_of_a_409(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """Each is a state that forbids it, in a sentence that names Podero's own word."""
    service.car.plug()
    await charger.send(set_boost(True))
    running = await refused(charger)
    service.car.fill()
    full = await refused(charger)
    service.car.broken_boost = True
    broken = await refused(charger)
    assert {running.code, full.code, broken.code} == {Code.WRONG_STATE}
    assert running.message.startswith("a boost runs or is requested already (already_charging, boost_state ")
    assert full.message == "the car is fully charged (fully_charged, boost_state unavailable)"
    assert broken.message.startswith("Podero could not pass it on to the wallbox; try again later (internal_error")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
async def test_a_refusal_does_not_repeat_what_is_private(
    charger: PoderoCharger, service: PoderoSimulator, method: str
) -> None:
    """Error texts with an e-mail address are not shown."""
    await charger.fetch()
    await service.set_fault("refuse_writes")
    request = set_smart(False) if method == "PUT" else set_boost(method == "POST")
    with pytest.raises(RefusedError) as caught:
        await charger.send(request)
    assert caught.value.message == "Podero answers HTTP 422"


def refusal_of(status: int, body: Json, **headers: str) -> RefusedError:
    """Return what an answer becomes."""
    return refusal(Answer(status, {name.replace("_", "-"): told for name, told in headers.items()}, _bytes(body)))


def _bytes(body: Json) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


@pytest.mark.parametrize(
    ("status", "body", "code", "message"),
    [
        (400, {"detail": "Bad thing"}, Code.VENDOR_REFUSED, "Podero answers HTTP 400 (Bad thing)"),
        (422, {"detail": [{"msg": "not a boolean"}]}, Code.VENDOR_REFUSED, "Podero answers HTTP 422 (not a boolean)"),
        (422, {"detail": "see https://x/?token=1"}, Code.VENDOR_REFUSED, "Podero answers HTTP 422"),
        (400, {"detail": "x" * 200}, Code.VENDOR_REFUSED, "Podero answers HTTP 400"),
        (503, "<html>", Code.VENDOR_REFUSED, "Podero answers HTTP 503"),
        (302, "", Code.VENDOR_REFUSED, "Podero answers HTTP 302"),
        (409, {}, Code.WRONG_STATE, "the wallbox cannot do that in its present state"),
        (409, "", Code.WRONG_STATE, "the wallbox cannot do that in its present state"),
        (409, {"reason": "new_one"}, Code.WRONG_STATE, "the wallbox cannot do that in its present state (new_one)"),
        (409, {"reason": "a b@c", "state": 5}, Code.WRONG_STATE, "the wallbox cannot do that in its present state"),
        (409, {"detail": {"reason": "fully_charged"}}, Code.WRONG_STATE, "the car is fully charged (fully_charged)"),
        (409, {"reason": "no_active_session"}, Code.WRONG_STATE, "no charging session is active (no_active_session)"),
    ],
    ids=repr,
)
def test_other_refusals(status: int, body: Json, code: Code, message: str) -> None:
    """Code and sentence, with Podero's words where they are harmless."""
    found = refusal_of(status, body)
    assert (found.code, found.message) == (code, message)


def test_ids_that_are_wrong() -> None:
    """404 and 403 say what to look at."""
    assert refusal_of(403, {}).code is Code.NOT_PERMITTED
    assert "check org_id, user_id and wallbox_id" in refusal_of(404, {}).message


@pytest.mark.parametrize(("status", "waits"), [(429, "7"), (403, "7"), (429, None)])
def test_being_asked_too_often(status: int, waits: str | None) -> None:
    """429, and 403 that says when to come back."""
    found = refusal_of(status, {}, **({} if waits is None else {"Retry_After": waits}))
    assert isinstance(found, ThrottledError)
    assert found.retry_after_s == (None if waits is None else 7)


# Being throttled


async def test_a_wait_that_podero_asks_for(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """Nothing is sent before it is over, neither reads nor writes; the account's health tells."""
    await charger.fetch()
    assert charger.account.may_write_at() == float("-inf")
    assert charger.account.health().reads_left is None
    await service.set_fault("429_retry_after", seconds=100)
    for _ in range(3):
        with pytest.raises(ThrottledError):
            await charger.fetch()
    assert [request.method for request in service.requests].count("GET") == 2
    assert 95 <= charger.account.may_write_at() - time.monotonic() <= 120
    health = charger.account.health()
    assert (health.reads_left, health.writes_left) == (0, 0)
    assert 95 <= health.reset_in_s <= 120


async def test_a_wait_that_is_over(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """Then it goes on as if nothing had been."""
    await service.set_fault("429_retry_after", seconds=0, prefix="/api")
    with pytest.raises(ThrottledError):
        await charger.fetch()
    await service.clear_fault()
    await charger.fetch()
    assert charger.account.may_write_at() == float("-inf")


async def test_too_often_without_a_wait(charger: PoderoCharger, service: PoderoSimulator) -> None:
    """Writes wait at once; the next read is far away anyway, and from the second refusal on reads wait, too."""
    await charger.fetch()
    await service.set_fault("429")
    for _ in range(4):
        with pytest.raises(ThrottledError):
            await charger.fetch()
    assert [request.method for request in service.requests].count("GET") == 3
    assert charger.account.may_write_at() - time.monotonic() > 200
