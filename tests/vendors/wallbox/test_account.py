"""A Wallbox account against the pretend cloud: one call at a time, what its answers mean, and when it must wait."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable

import pytest

from bridge.charger.binding import Request
from bridge.charger.values import Json
from bridge.errors import BadAnswerError, ChargerError, Code, NoAnswerError, RefusedError, ThrottledError
from bridge.simulators.secret import SECRET
from bridge.simulators.wallbox import Limits, WallboxSimulator
from bridge.simulators.wire import Answer, ReceivedRequest
from bridge.vendors.wallbox import writes
from bridge.vendors.wallbox.account import MOST_QUESTIONS, WallboxAccount
from bridge.vendors.wallbox.reading import Part
from tests.support.waiting import until
from tests.vendors.wallbox.conftest import STREET, YARD, Open, instead, paths, url

LOCK = writes.set_locked(STREET, locked=True)
GROUPS = "/v3/chargers/groups"
NOBODYS = 9999


def waits(at: float) -> float:
    """Return how long it is until then."""
    return at - time.monotonic()


def answering(document: Json, status: int = 200) -> Callable[[ReceivedRequest], Answer]:
    """Return what answers everything with this."""
    return lambda _: Answer(body=json.dumps(document).encode(), status=status)


async def signed_in(account: WallboxAccount) -> WallboxAccount:
    """Return it with a token."""
    await account.discover()
    return account


# Tokens that are not taken


async def test_a_read_is_repeated_with_a_new_token(cloud: WallboxSimulator, open_account: Open) -> None:
    """Once, after the token was renewed; nobody notices."""
    account = await signed_in(open_account())
    cloud.account().expire()
    assert len(await account.discover()) == 2
    assert (cloud.counters.unauthorized, cloud.counters.refreshes, cloud.counters.sign_ins) == (1, 1, 1)


async def test_a_write_that_was_not_let_in_is_repeated(cloud: WallboxSimulator, open_account: Open) -> None:
    """It was not carried out, so that it is carried out once."""
    account = await signed_in(open_account())
    account.join(STREET)
    cloud.account().expire()
    await account.write(STREET, LOCK)
    assert paths(cloud, "PUT") == [f"/v2/charger/{STREET}"] * 2
    assert (cloud.counters.unauthorized, cloud.counters.writes) == (1, 1)


@pytest.mark.parametrize("fault", ["reset", "cut"])
async def test_a_write_whose_answer_is_lost_is_not_repeated(
    cloud: WallboxSimulator, open_account: Open, fault: str
) -> None:
    """It has been carried out."""
    account = await signed_in(open_account())
    account.join(STREET)
    await cloud.set_fault(fault)
    with pytest.raises(NoAnswerError):
        await account.write(STREET, LOCK)
    assert cloud.counters.writes == 1


@pytest.mark.parametrize("worked_before", [False, True])
async def test_a_token_that_is_never_taken(cloud: WallboxSimulator, open_account: Open, worked_before: Json) -> None:
    """No storm: renewed, then signed in anew, then there is a wait, however often it is tried."""
    account = open_account()
    if worked_before:
        await account.discover()
    await cloud.set_fault("401", prefix="/v3")
    said = []
    for _ in range(6):
        with pytest.raises(ChargerError) as caught:
            await account.discover()
        said.append(caught.value.message)
    assert said[0] == "the cloud does not take a token that it has just given"
    assert said[-1] == "account home waits before it signs in again"
    assert cloud.counters.sign_ins + cloud.counters.refreshes <= 4
    assert account.health().login == "expired"


# Throttling


@pytest.mark.parametrize("seen_by", ["read", "write"])
@pytest.mark.parametrize(
    ("fault", "least_s", "most_s"), [("429", 115, 145), ("429_retry_after", 25, 37), ("403", 115, 145)]
)
async def test_throttling_pauses_reads_and_writes(
    cloud: WallboxSimulator, open_account: Open, fault: str, least_s: float, most_s: float, seen_by: str
) -> None:
    """As long as the cloud says, a little more, or two minutes; a 403 means that to a read only."""
    account = await signed_in(open_account())
    account.join(STREET)
    await cloud.set_fault(fault, seconds=30)
    with pytest.raises(RefusedError) as caught:
        await (account.read() if seen_by == "read" else account.write(STREET, LOCK))
    if (fault, seen_by) == ("403", "write"):
        assert caught.value.code is Code.NOT_PERMITTED
        assert waits(account.next_read_at()) < 5
        assert waits(account.may_write_at()) <= 0
        return
    assert isinstance(caught.value, ThrottledError)
    assert caught.value.code is Code.RATE_LIMITED
    assert least_s < waits(account.next_read_at()) < most_s
    assert least_s < waits(account.may_write_at()) < most_s
    health = account.health()
    assert (health.reads_left, health.writes_left) == (0, 0)
    assert least_s < health.reset_in_s < max(most_s, 61)


@pytest.mark.parametrize("limits", [Limits(reads_per_minute=1), Limits(reads_per_minute=1, status=403)])
async def test_the_clouds_own_limit(cloud: WallboxSimulator, open_account: Open, limits: Limits) -> None:
    """A pause ends with a read that goes through."""
    account = open_account()
    cloud.limits = limits
    await account.read()
    with pytest.raises(ThrottledError):
        await account.read()
    assert waits(account.may_write_at()) > 100
    cloud.limits = Limits()
    account._throttle.until = time.monotonic()
    await account.read()
    await until(lambda: waits(account.may_write_at()) <= 0)
    assert account.health().reads_left
    assert cloud.counters.too_many == 1


async def test_a_read_under_way_does_not_end_a_pause(open_account: Open, cloud: WallboxSimulator) -> None:
    """A write was turned away while its answer was on the way."""
    groups = json.dumps({"result": {"groups": []}}).encode()

    def respond(request: ReceivedRequest) -> Answer:
        return Answer(body=groups, after_s=1.0) if request.method == "GET" else Answer(body=b"", status=429)

    async with instead(respond) as slow:
        account = open_account(api_url=url(slow))
        reading = asyncio.create_task(account.discover())
        await until(lambda: slow.requests, within=10)
        with pytest.raises(ThrottledError):
            await account.write(STREET, LOCK)
        assert not reading.done(), "this machine is too slow for this test"
        await reading
    assert waits(account.may_write_at()) > 100
    assert cloud.counters.sign_ins == 1


async def test_the_budget_is_kept(cloud: WallboxSimulator, open_account: Open) -> None:
    """A charger that is read by itself is read as far as the budget permits, but read."""
    account = open_account(reads_per_minute=1, writes_per_minute=2)
    account.join(STREET, [Part.RECORD])
    assert "groups" in await account.read_one(STREET)
    assert paths(cloud, "GET") == [GROUPS]
    assert 50 < waits(account.next_read_at()) <= 60
    assert waits(account.may_write_at()) <= 0
    assert account.health().reads_left == 0
    assert account.spacing_s == 60


# Errors in the cloud's words


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(method="POST", path=f"v3/chargers/{STREET}/remote-action", body={"action": 77}), "Unknown action"),
        (Request(method="PUT", path=f"v2/charger/{STREET}", body={"maxChargingCurrent": 500}), "Bad Request"),
        (Request(method="PUT", path="v4/chargers/1/eco-smart", body={}), "Charger not found"),
    ],
)
async def test_the_clouds_words(open_account: Open, request_: Request, words: str) -> None:
    """Under `msg`, `message` or `title`, by the part of the cloud."""
    with pytest.raises(RefusedError, match=f"^HTTP 40[04]: {words}$"):
        await open_account().write(STREET, request_)


@pytest.mark.parametrize(
    ("document", "status", "code", "message"),
    [
        ({"msg": "a", "message": "b"}, 400, Code.VENDOR_REFUSED, "HTTP 400: a"),
        ({"msg": None, "message": "b"}, 400, Code.VENDOR_REFUSED, "HTTP 400: b"),
        ({"title": "c"}, 403, Code.NOT_PERMITTED, "HTTP 403: c"),
        ({"detail": "d"}, 409, Code.WRONG_STATE, "HTTP 409: d"),
        ({"error": "e"}, 500, Code.VENDOR_REFUSED, "HTTP 500"),
        (["no"], 400, Code.VENDOR_REFUSED, "HTTP 400"),
        ({"msg": "x" * 500}, 400, Code.VENDOR_REFUSED, "HTTP 400: " + "x" * 200),
        ({"error": True, "msg": "no"}, 200, Code.VENDOR_REFUSED, "no"),
        ({"error": True}, 200, Code.VENDOR_REFUSED, "the cloud refuses it without a word"),
    ],
)
async def test_what_a_refusal_says(open_account: Open, document: Json, status: int, code: Code, message: str) -> None:
    """Number and words, never more than a line of them; an error may come with 200."""
    async with instead(answering(document, status)) as api:
        with pytest.raises(RefusedError) as caught:
            await open_account(api_url=url(api)).write(STREET, LOCK)
    assert (caught.value.code, caught.value.message) == (code, message)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": false}', b'{"data": {}}'])
async def test_answers_that_tell_nothing(open_account: Open, body: bytes) -> None:
    """A good number is enough; reading shows what came of it."""
    async with instead(lambda _: Answer(body=body)) as api:
        assert await open_account(api_url=url(api)).write(STREET, LOCK) is None


# Answers of writes


async def test_what_a_write_answers_counts_as_a_read(cloud: WallboxSimulator, open_account: Open) -> None:
    """The record and the configuration: no read is spent to see it."""
    account = open_account()
    account.join(STREET)
    shown = await account.write(STREET, LOCK)
    assert shown is not None
    record = shown["record"]
    assert isinstance(record, dict)
    assert record["locked"] == 1
    shown = await account.write(STREET, writes.set_energy_price(STREET, 0.31))
    assert shown is not None
    config = shown["config"]
    assert isinstance(config, dict)
    assert config["energy_price"] == 0.31
    assert shown["record"] == record
    assert paths(cloud, "GET") == []


async def test_eco_smart_answers_with_nothing(cloud: WallboxSimulator, open_account: Open) -> None:
    """It is accepted, and seen by reading."""
    account = open_account()
    account.join(STREET)
    assert await account.write(STREET, writes.set_eco_smart(STREET, enabled=True, mode=1, percentage=100)) is None

    def eco() -> Json:
        return cloud.state()["chargers"][str(STREET)]["config_data"]["ecosmart"]  # type: ignore[call-overload,index]

    await until(lambda: eco() == {"enabled": True, "mode": 1, "percentage": 100})


# Reading


async def test_one_call_at_a_time_for_all(cloud: WallboxSimulator, open_account: Open) -> None:
    """Every second call tells of all chargers; what is rare comes once; each charger gets a document of its own."""
    account = open_account()
    account.join(STREET, [Part.SCHEDULES, Part.STATUS])
    account.join(STREET)
    account.join(YARD)
    told = [set(await account.read()) for _ in range(8)]
    assert told[::2] == [{STREET, YARD}] * 4
    assert told[1::2] == [{STREET}, {YARD}, {STREET}, {YARD}]
    assert paths(cloud, "GET")[1::2] == [
        f"/chargers/status/{STREET}",
        f"/chargers/status/{YARD}",
        f"/chargers/{STREET}/schedules",
        f"/chargers/{YARD}/schedules",
    ]
    assert account.document(STREET)["groups"] != account.document(YARD)["groups"]
    assert SECRET not in repr(account.document(STREET)["groups"])


async def test_a_charger_that_the_account_does_not_have(cloud: WallboxSimulator, open_account: Open) -> None:
    """It is said of that one only, and costs no read; the others do not notice."""
    account = open_account()
    account.join(NOBODYS)
    account.join(STREET)
    for _ in range(4):
        told = await account.read()
        assert not isinstance(told[STREET], ChargerError)
        if NOBODYS in told:
            assert isinstance(told[NOBODYS], BadAnswerError)
    assert paths(cloud, "GET") == [GROUPS, f"/chargers/status/{STREET}"] * 2
    with pytest.raises(BadAnswerError, match="no charger with this charger_id"):
        await account.read_one(NOBODYS)


@pytest.mark.parametrize("fault", ["404", "500"])
async def test_details_that_are_refused(cloud: WallboxSimulator, open_account: Open, fault: str) -> None:
    """The refusal is about that charger; read by itself, it is an error."""
    account = open_account()
    account.join(STREET)
    account.join(YARD)
    await cloud.set_fault(fault, prefix=f"/chargers/status/{STREET}")
    told = [await account.read() for _ in range(4)]
    assert list(told[1]) == [STREET]
    assert isinstance(told[1][STREET], RefusedError)
    assert list(told[3]) == [YARD]
    assert not isinstance(told[3][YARD], ChargerError)
    with pytest.raises(RefusedError, match=f"HTTP {fault}"):
        await account.read_one(STREET)


async def test_a_refusal_that_is_about_all(cloud: WallboxSimulator, open_account: Open) -> None:
    """It is raised."""
    account = open_account()
    account.join(STREET)
    await cloud.set_fault("500")
    with pytest.raises(RefusedError, match="HTTP 500"):
        await account.read()


@pytest.mark.parametrize("document", [[], {}, {"result": []}, {"result": {"groups": None}}, {"result": {"groups": {}}}])
async def test_what_is_no_list_of_groups(open_account: Open, document: Json) -> None:
    """It is no answer, rather than an account without chargers."""
    async with instead(answering(document)) as api:
        with pytest.raises(BadAnswerError, match="list of groups"):
            await open_account(api_url=url(api)).discover()


async def test_what_is_no_charger_is_passed_over(open_account: Open) -> None:
    """It does not cost the others."""
    nonsense: list[Json] = [None, {"chargers": None}, {"chargers": [None, {}, {"id": "x"}, {"id": 5, "name": "Five"}]}]
    async with instead(answering({"result": {"groups": nonsense}})) as api:
        found = await open_account(api_url=url(api)).discover()
    assert found == [{"vendor": "wallbox", "account": "home", "charger_id": 5, "name": "Five"}]


async def test_a_look_comes_before_its_turn(cloud: WallboxSimulator, open_account: Open) -> None:
    """At the time that was asked for, and whoever reads is told to look again when that is."""
    account = open_account(reads_per_minute=6)
    account.join(STREET)
    news: list[None] = []
    account.on_news = lambda: news.append(None)
    await account.read()
    soon = time.monotonic() + 0.3
    assert waits(account.next_read_at()) > 3
    account.look(STREET, Part.RECORD, soon)
    account.look(STREET, Part.GROUPS, soon + 100)
    assert (account.next_read_at(), len(news)) == (soon, 2)
    await until(lambda: time.monotonic() >= soon)
    assert list(await account.read()) == [STREET]
    assert paths(cloud, "GET")[-1] == f"/v2/charger/{STREET}"
    assert isinstance(account.document(STREET)["record"], dict)


# Questions


async def test_a_question_goes_first(cloud: WallboxSimulator, open_account: Open) -> None:
    """It takes the next read, which then tells no charger anything; its failure is the asker's alone."""
    account = open_account(reads_per_minute=6)
    account.join(STREET)
    await account.read()
    path = f"chargers/{STREET}/schedules"
    asking = asyncio.create_task(account.ask(path))
    await until(lambda: waits(account.next_read_at()) <= 0)
    assert await account.read() == {}
    assert "schedules" in (await asking)  # type: ignore[operator]
    await cloud.set_fault("404", prefix=f"/{path}")
    failing = asyncio.create_task(account.ask(path))
    await until(lambda: waits(account.next_read_at()) <= 0)
    assert await account.read() == {}
    with pytest.raises(RefusedError, match="HTTP 404"):
        await failing


async def test_too_many_questions(open_account: Open) -> None:
    """One more than may wait is refused at once; when the bridge stops, those that wait are, and all later ones."""
    account = open_account()
    waiting = [asyncio.create_task(account.ask(f"chargers/{number}/schedules")) for number in range(MOST_QUESTIONS)]
    await asyncio.sleep(0)
    with pytest.raises(ThrottledError, match="too many questions"):
        await account.ask(GROUPS)
    account.abandon()
    for answer in [*waiting, account.ask(GROUPS)]:
        with pytest.raises(ChargerError, match="the bridge is stopping"):
            await answer


async def test_who_asked_may_be_gone(cloud: WallboxSimulator, open_account: Open) -> None:
    """The read is made, and nobody minds."""
    account = open_account()
    for fault in (None, "500"):
        asking = asyncio.create_task(account.ask(GROUPS))
        await asyncio.sleep(0)
        asking.cancel()
        if fault:
            await cloud.set_fault(fault, prefix="/v3")
        assert await account.read() == {}
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_resting(open_account: Open) -> None:
    """As long as was asked for, and not when the bridge stops."""
    account = open_account()
    began = time.monotonic()
    await account.rest(0.2)
    assert 0.15 < time.monotonic() - began < 10
    await account.rest(-1)
    resting = asyncio.create_task(account.rest(600))
    await asyncio.sleep(0)
    account.abandon()
    async with asyncio.timeout(5):
        with pytest.raises(ChargerError, match="the bridge is stopping"):
            await resting
