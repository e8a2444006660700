"""One Wallbox charger against the pretend cloud: refusals, questions, sessions, and where a write is seen."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bridge.account.budget import MINUTE_S, Budget
from bridge.charger.binding import Request
from bridge.charger.contract import Question
from bridge.charger.session import SessionRecord
from bridge.charger.values import Json
from bridge.engine.accounts import AccountReader
from bridge.errors import BadAnswerError, ChargerError, Code, CommandRejectedError, RefusedError
from bridge.simulators.secret import SECRET
from bridge.simulators.wallbox import AccountSpec, ChargerSpec, GroupSpec, StatusId, WallboxSimulator
from bridge.simulators.wallbox.sessions import Session
from bridge.vendors.wallbox import refusals, writes
from bridge.vendors.wallbox.account import WallboxAccount
from bridge.vendors.wallbox.charger import SETTLE_S, WallboxCharger
from bridge.vendors.wallbox.settings import WallboxSettings
from tests.support.waiting import until
from tests.vendors.wallbox.conftest import STREET, Connect, Open, paths

SCHEDULES_PATH = f"/chargers/{STREET}/schedules"
NIGHT: dict[str, Json] = {"start": "22:00", "stop": "06:00", "days": ["monday", "friday"], "max_current": 16}
NOON: dict[str, Json] = {"enabled": False, "start": "11:30", "stop": "13:00", "days": ["sunday"], "max_current": 6}
PAUSE, RESUME = (writes.remote_action(STREET, action) for action in (writes.Action.PAUSE, writes.Action.RESUME))


@asynccontextmanager
async def reading(charger: WallboxCharger) -> AsyncIterator[None]:
    """Read the charger's account for the time of the context, as the bridge does."""
    reader = AccountReader("home", charger.account, {})
    task = asyncio.create_task(reader.run())
    try:
        yield
    finally:
        reader.stop()
        async with asyncio.timeout(20):
            await task


async def told(question: Question, **arguments: Json) -> list[Json]:
    """Return the list that answers a question, whose own name is in it."""
    async with asyncio.timeout(30):
        answer = await question(arguments)
    assert isinstance(answer, dict)
    (found,) = answer.values()
    assert isinstance(found, list)
    return found


# Refusals of writes


@pytest.mark.parametrize(
    ("held", "request_", "code", "sentence"),
    [
        (StatusId.LOCKED, PAUSE, Code.WRONG_STATE, "unlock it first"),
        (StatusId.READY, PAUSE, Code.WRONG_STATE, "no car is connected"),
        (StatusId.READY, RESUME, Code.WRONG_STATE, "no car is connected"),
        (StatusId.CHARGING, RESUME, Code.WRONG_STATE, refusals.NOT_NOW),
    ],
)
async def test_what_the_state_does_not_permit(
    cloud: WallboxSimulator, connect: Connect, held: StatusId, request_: Request, code: Code, sentence: str
) -> None:
    """403 and 409 become a sentence about the state, with the cloud's words behind it."""
    if held is StatusId.LOCKED:
        cloud.car.config["locked"] = 1
    cloud.car.hold(held)
    charger = connect()
    await charger.fetch()
    with pytest.raises(RefusedError, match=sentence) as caught:
        await charger.send(request_)
    assert caught.value.code is code
    assert "(the cloud says: HTTP 4" in caught.value.message
    assert cloud.counters.writes == 1


async def test_a_charger_of_another_system(cloud: WallboxSimulator, connect: Connect) -> None:
    """With OCPP the cloud may not pause it."""
    cloud.car.hold(StatusId.CHARGING)
    cloud.car.set_ocpp(ocpp=True)
    charger = connect()
    await charger.fetch()
    with pytest.raises(RefusedError, match="OCPP") as caught:
        await charger.send(PAUSE)
    assert caught.value.code is Code.NOT_PERMITTED
    assert caught.value.message.startswith(refusals.BY_OTHERS)


async def test_an_account_with_too_few_rights(connect: Connect, open_account: Open) -> None:
    """A plain user reads, and is told who can help."""
    guest = AccountSpec(email="guest@example.com", id=2)
    members = {AccountSpec().email: "super-admin", guest.email: "user"}
    group = GroupSpec(chargers=(ChargerSpec(id=STREET),), members=members)  # type: ignore[arg-type]
    async with WallboxSimulator(accounts=(AccountSpec(), guest), groups=(group,)) as other:
        account = open_account(email=guest.email, api_url=other.api_url, auth_url=other.auth_url)
        charger = connect(account=account)
        await charger.fetch()
        for request in (writes.set_current(STREET, 10), writes.set_energy_price(STREET, 1)):
            with pytest.raises(RefusedError) as caught:
                await charger.send(request)
            assert caught.value.code is Code.NOT_PERMITTED
            assert caught.value.message.startswith(refusals.NO_RIGHTS)


# Who it is


@pytest.mark.parametrize(
    ("groups", "model", "name"),
    [
        ({"chargerType": "Copper", "name": "Yard"}, "Copper", "Yard"),
        ({"chargerType": None, "name": ""}, None, None),
        ({"name": 5}, None, None),
    ],
)
def test_who_it_is(connect: Connect, groups: dict[str, Json], model: str | None, name: str | None) -> None:
    """By its number; what is missing is unknown, and without a number it is nobody."""
    charger = connect()
    found = charger.identify({"groups": {"id": STREET, **groups}})
    assert (found.serial, found.model, found.name, found.firmware) == (str(STREET), model, name, None)
    with pytest.raises(LookupError):
        charger.identify({"groups": groups})


async def test_when_it_was_last_heard_of(connect: Connect) -> None:
    """Not when we read it."""
    charger = connect()
    heard = charger.as_of(await charger.fetch())
    assert heard is not None
    assert abs(heard - datetime.now(UTC)) < timedelta(minutes=10)
    assert charger.as_of({}) is None
    assert charger.as_of({"groups": {"lastSync": "0001-01-01T00:00:00+14:00"}}) is None


# Where a write is seen


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (writes.set_locked(STREET, locked=True), f"/v2/charger/{STREET}"),
        (writes.set_energy_price(STREET, 1), f"/chargers/status/{STREET}"),
        (writes.remote_action(STREET, writes.Action.RESUME_SCHEDULE), "/v3/chargers/groups"),
        (writes.set_schedules(STREET, []), SCHEDULES_PATH),
        (None, "/v3/chargers/groups"),
    ],
)
async def test_what_is_looked_at_after_a_write(
    cloud: WallboxSimulator, connect: Connect, request_: Request | None, path: str
) -> None:
    """What shows it; then again what tells of all."""
    charger = connect()
    if request_ is not None:
        await charger.send(request_)
    for wanted in (path, "/v3/chargers/groups"):
        charger.look((), time.monotonic())
        await charger.account.read()
        assert paths(cloud, "GET")[-1] == wanted


async def test_a_question_does_not_take_a_commands_look(cloud: WallboxSimulator, connect: Connect) -> None:
    """A question that writes looks for itself."""
    charger = connect()
    await charger.fetch()
    await charger.send(writes.set_locked(STREET, locked=True))
    async with reading(charger):
        await told(charger.questions["schedules"], add=NIGHT)
    charger.look((), time.monotonic())
    await charger.account.read()
    assert paths(cloud, "GET")[-1] == f"/v2/charger/{STREET}"


# Sessions


def history(cloud: WallboxSimulator, count: int) -> list[int]:
    """Give the charger so many sessions, an hour apart, of half an hour each; returns when they ended."""
    first = int(time.time()) - (count + 1) * 3600
    starts = [first + number * 3600 for number in range(count)]
    cloud.car.sessions = deque(
        Session(number=number, start=start, end=start + 1800, energy_wh=1500, price=0.2)
        for number, start in enumerate(starts)
    )
    return [start + 1800 for start in starts]


def iso(seconds: float) -> str:
    """Return a time as people ask for it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


async def test_sessions_of_a_month(cloud: WallboxSimulator, connect: Connect) -> None:
    """The oldest first, in kWh and seconds, and nothing of persons; without arguments those of 30 days."""
    ends = history(cloud, 30 * 24 + 100)
    charger = connect()
    async with reading(charger):
        found = await told(charger.questions["sessions"])
    assert 30 * 24 - 3 <= len(found) <= 30 * 24 + 3
    last = found[-1]
    assert isinstance(last, dict)
    assert {key: last[key] for key in ("energy", "duration", "cost", "currency")} == {
        "energy": 1.5,
        "duration": 1800,
        "cost": 0.3,
        "currency": "EUR",
    }
    assert str(last["finished_at"]).startswith(iso(ends[-1])[:19])
    assert SECRET not in json.dumps(found)


async def test_sessions_over_several_pages(cloud: WallboxSimulator, connect: Connect) -> None:
    """As many as there are, each once."""
    ends = history(cloud, 2300)
    charger = connect()
    async with reading(charger):
        found = await told(charger.questions["sessions"], **{"from": iso(ends[0] - 3600)})
    assert len(found) == 2300
    times = [str(each["finished_at"]) for each in found if isinstance(each, dict)]
    assert times == sorted(times)
    asked = [request.query["offset"] for request in cloud.requests if request.path == "/v4/sessions/stats"]
    assert asked == ["0", "1000", "2000"]


async def test_sessions_of_the_group_where_the_other_list_is_refused(cloud: WallboxSimulator, connect: Connect) -> None:
    """The same sessions, told in Wh by the cloud, when the charger's own list is not to be had."""
    history(cloud, 40)
    charger = connect()
    await charger.fetch()  # which tells the group
    async with reading(charger):
        usual = await told(charger.questions["sessions"])
        await cloud.set_fault("404", prefix="/v4/sessions/stats")
        others = await told(charger.questions["sessions"])
    assert len(others) == len(usual) > 0
    figures = ("started_at", "finished_at", "energy")
    assert [[each[key] for key in figures] for each in others if isinstance(each, dict)] == [
        [each[key] for key in figures] for each in usual if isinstance(each, dict)
    ]
    assert any(request.path.endswith("/charger-charging-sessions") for request in cloud.requests)


async def test_sessions_of_a_span(cloud: WallboxSimulator, connect: Connect) -> None:
    """From and to, in any zone; only `to` means the 30 days before it."""
    ends = history(cloud, 50)
    charger = connect()
    ask = charger.questions["sessions"]
    async with reading(charger):
        found = await told(ask, **{"from": iso(ends[10] - 1900), "to": iso(ends[12]).replace("+00:00", "Z")})
        assert len(found) == 3
        assert len(await told(ask, to=iso(ends[4]))) == 5
        assert await told(ask, **{"from": "2001-01-01T00:00:00+02:00", "to": "2001-02-01T00:00:00+02:00"}) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "from must be before to"),
        ({"from": "2999-01-01T00:00:00Z"}, "from must be before to"),
        ({"to": "0001-01-01T00:00:00Z"}, "from must be before to"),
        ({"to": "1999-12-31T00:00:00Z"}, "from must be before to"),
        ({"from": "yesterday"}, "ISO 8601"),
        ({"from": "2026-01-01"}, "ISO 8601"),
        ({"to": "0001-01-01T00:00:00+14:00"}, "ISO 8601"),
        ({"to": 5}, "ISO 8601"),
        ({"from": {}}, "ISO 8601"),
    ],
)
async def test_spans_that_are_none(
    cloud: WallboxSimulator, connect: Connect, arguments: dict[str, Json], sentence: str
) -> None:
    """Refused at once; no read is spent."""
    with pytest.raises(CommandRejectedError, match=sentence) as caught:
        await connect().questions["sessions"](arguments)
    assert caught.value.code is Code.INVALID_VALUE
    assert not cloud.requests


@pytest.mark.parametrize("fault", ["missing_key", "null_key"])
async def test_a_list_of_sessions_that_is_none(cloud: WallboxSimulator, connect: Connect, fault: str) -> None:
    """It is an error of that question."""
    charger = connect()
    await cloud.set_fault(fault, keys=("data",), prefix="/v4")
    async with reading(charger):
        with pytest.raises(BadAnswerError, match="list of sessions"):
            await told(charger.questions["sessions"])


def seen(finished_at: float, **other: float | None) -> SessionRecord:
    """Return a session as the bridge saw it end."""
    started_at = other.get("started_at", finished_at - 1800)
    return SessionRecord(
        started_at=None if started_at is None else datetime.fromtimestamp(started_at, UTC),
        finished_at=datetime.fromtimestamp(finished_at, UTC),
        energy=1.4,
        duration=1800,
        cost=None,
        currency=None,
        card=None,
    )


@pytest.mark.parametrize("known", [True, False])
async def test_the_clouds_record_of_a_session(cloud: WallboxSimulator, connect: Connect, known: Json) -> None:
    """The one that ended when we saw it end, within a quarter of an hour; it knows the cost."""
    ends = history(cloud, 5)
    charger = connect()
    own = seen(ends[3] + 600, **({} if known else {"started_at": None}))
    async with reading(charger):
        record = await charger.record_of(own)
        assert (record.finished_at.timestamp(), record.cost, record.energy) == (ends[3], 0.3, 1.5)
        strange = seen(ends[3] + 1200)
        assert await charger.record_of(strange) is strange


# Schedules


async def test_schedules_are_added_changed_and_removed(cloud: WallboxSimulator, connect: Connect) -> None:
    """Each time the list is answered as it is then, and the other schedules stay."""
    charger = connect()
    await charger.fetch()
    ask = charger.questions["schedules"]
    night: Json = {"enabled": True, **NIGHT}
    async with reading(charger):
        assert await told(ask) == []
        assert await told(ask, add=NIGHT) == [night]
        assert await told(ask, add=NOON) == [night, NOON]
        later: dict[str, Json] = {**NIGHT, "start": "23:15"}
        changed: Json = {"enabled": True, **later}
        assert await told(ask, change={"position": 0, **later}) == [changed, NOON]
        assert await told(ask, remove=0) == [NOON]
        assert await told(ask) == [NOON]
    assert cloud.counters.writes == 4


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"add": 5}, "the schedule is no object"),
        ({"add": {**NIGHT, "days": []}}, "at least one day"),
        ({"remove": 3}, "there is none"),
        ({"remove": None}, "no schedule in that position"),
        ({"change": NIGHT}, "change must be a schedule with its position"),
        ({"change": 5}, "change must be a schedule with its position"),
        ({"change": {"position": 0, **NIGHT}}, "no schedule in that position"),
    ],
)
async def test_wishes_that_cannot_be(
    cloud: WallboxSimulator, connect: Connect, arguments: dict[str, Json], sentence: str
) -> None:
    """Nothing is sent."""
    charger = connect()
    async with reading(charger):
        with pytest.raises(CommandRejectedError, match=sentence):
            await told(charger.questions["schedules"], **arguments)
    assert cloud.counters.writes == 0


async def test_a_charger_that_is_only_read(cloud: WallboxSimulator, connect: Connect) -> None:
    """It shows its schedules and takes none."""
    charger = connect(read_only=True)
    async with reading(charger):
        assert await told(charger.questions["schedules"]) == []
        with pytest.raises(CommandRejectedError) as caught:
            await told(charger.questions["schedules"], add=NIGHT)
    assert caught.value.code is Code.READ_ONLY
    assert cloud.counters.writes == 0


async def test_schedules_that_are_taken_and_ignored(cloud: WallboxSimulator, connect: Connect) -> None:
    """Some shapes are, so that only reading again tells."""
    charger = connect()
    await charger.fetch()
    await cloud.set_fault("ignore_writes")
    async with reading(charger):
        with pytest.raises(RefusedError, match="does not show them"):
            await told(charger.questions["schedules"], add=NIGHT)


@pytest.mark.parametrize("fault", ["missing_key", "null_key", "unknown_code"])
async def test_schedules_that_cannot_be_understood(cloud: WallboxSimulator, connect: Connect, fault: str) -> None:
    """Nothing is written over them, and the bridge lives on."""
    charger = connect()
    await cloud.set_fault(fault, keys=("schedules",), prefix=SCHEDULES_PATH)
    async with reading(charger):
        for arguments in ({}, {"add": NIGHT}):
            with pytest.raises(BadAnswerError, match="schedules cannot be understood"):
                await told(charger.questions["schedules"], **arguments)
    assert cloud.counters.writes == 0


async def test_a_wish_before_anything_was_read(cloud: WallboxSimulator, connect: Connect) -> None:
    """Questions come first, and the number of the charger is told by what comes after them."""
    charger = connect()
    asking = asyncio.create_task(told(charger.questions["schedules"], add=NIGHT))
    await until(lambda: charger.account._questions)
    await charger.account.read()
    with pytest.raises(BadAnswerError, match="has not been read yet"):
        await asking
    assert cloud.counters.writes == 0


async def waiting_to_write(account: WallboxAccount) -> None:
    """Use up the writes of the account's minute."""
    while account.may_write_at() <= time.monotonic():
        await account.write(STREET, writes.set_current(STREET, 10))


@pytest.mark.parametrize("before", ["before it is sent", "before it is seen"])
async def test_the_bridge_stops_during_a_wish(
    cloud: WallboxSimulator, connect: Connect, open_account: Open, before: str
) -> None:
    """The question ends at once, however long it would have waited."""
    sends = before == "before it is seen"
    account = open_account(writes_per_minute=600 if sends else 1)
    charger = connect(account=account, settle_s=600)
    await charger.fetch()
    if not sends:
        await waiting_to_write(account)
    async with reading(charger):
        asking = asyncio.create_task(told(charger.questions["schedules"], add=NIGHT))
        await until(lambda: SCHEDULES_PATH in paths(cloud, "POST" if sends else "GET"), within=20)
        account.abandon()
        async with asyncio.timeout(10):
            with pytest.raises(ChargerError, match="the bridge is stopping"):
                await asking
    assert paths(cloud, "POST") == ([SCHEDULES_PATH] if sends else [])


async def test_a_wish_waits_for_the_budget(cloud: WallboxSimulator, connect: Connect) -> None:
    """It is sent when the account may write again."""
    charger = connect()
    await charger.fetch()
    charger.account._writes = Budget(1)
    charger.account._writes.spend(time.monotonic() + 0.5 - MINUTE_S)
    ready_at = charger.account.may_write_at()
    async with reading(charger):
        assert len(await told(charger.questions["schedules"], add=NIGHT)) == 1
    (sent,) = [request for request in cloud.requests if request.method == "POST"]
    assert sent.at >= ready_at


def test_how_it_wants_to_be_read(open_account: Open) -> None:
    """Every second call tells of all chargers; a cloud is given time."""
    settings = WallboxSettings(vendor="wallbox", account="home", charger_id=STREET)
    charger = WallboxCharger(settings, open_account(reads_per_minute=1))
    assert (charger.pace.idle_s, charger.pace.charging_s) == (120, 120)
    assert charger.pace.cloud
    assert charger.pace.settle_s == SETTLE_S
