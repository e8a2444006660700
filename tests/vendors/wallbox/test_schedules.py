"""Schedules: read, checked, and sent in the shape that takes effect."""

from __future__ import annotations

import json

import pytest

from bridge.charger.binding import Request
from bridge.charger.document import Document
from bridge.charger.values import Json
from bridge.engine.checks import Checked
from bridge.errors import Code, CommandRejectedError
from bridge.vendors.wallbox import schedules, writes
from bridge.vendors.wallbox.schedules import SCHEDULES
from tests.vendors.wallbox.documents import CHARGER, EVERY_DAY, FULL, NOW, changed, without

DAYS: list[Json] = list(EVERY_DAY)
WEEKEND: list[Json] = ["saturday", "sunday"]

NIGHT: dict[str, Json] = {"enabled": True, "start": "21:00", "stop": "05:30", "days": DAYS, "max_current": 1}
NOON: dict[str, Json] = {"enabled": False, "start": "12:00", "stop": "14:00", "days": WEEKEND, "max_current": 16}


def in_cloud(position: int, shown: dict[str, Json], **more: Json) -> dict[str, Json]:
    """Return a schedule as the cloud answers it."""
    days = shown["days"]
    assert isinstance(days, list)
    return {
        "uid": f"01HSCHEDULE{position}",
        "id": position,
        "enable": shown["enabled"],
        "start": str(shown["start"]).replace(":", ""),
        "stop": str(shown["stop"]).replace(":", ""),
        "days": {day: day in days for day in EVERY_DAY},
        "max_current": shown["max_current"],
        "max_energy": 0,
        "name": None,
        "type": 0,
        "created_at": 1_719_136_123 + position,
        "user_uid": "01HPERSON",
        **more,
    }


def document(*entries: Json, last: Json = 1_719_136_123) -> Document:
    """Return a charger with these schedules."""
    return changed(schedules__schedules=list(entries), schedules__lastSchedule=last)


def sent(wanted: list[Json], charger: Document) -> list[dict[str, Json]]:
    """Return the entries of a write."""
    request = schedules.write(wanted, charger)
    assert (request.method, request.path) == ("POST", f"chargers/{CHARGER}/schedules")
    assert isinstance(request.body, dict)
    entries = request.body["schedules"]
    assert isinstance(entries, list)
    assert list(request.body) == ["schedules"]
    return [entry for entry in entries if isinstance(entry, dict)]


# Reading


def test_a_schedule_as_people_see_it() -> None:
    """Without the person, the cloud's ids and what nobody has explained."""
    assert schedules.read(FULL) == [NIGHT]


@pytest.mark.parametrize(
    ("entries", "shown"),
    [
        ([], []),
        ([in_cloud(1, NOON), in_cloud(0, NIGHT)], [NIGHT, NOON]),
        ([in_cloud(0, NIGHT, enable=1)], [NIGHT]),
        ([in_cloud(0, NOON, enable=0)], [NOON]),
        ([in_cloud(0, NOON, days={"sunday": True, "saturday": 1})], [NOON]),
        ([in_cloud(0, NIGHT, max_current=None)], None),
        ([{key: told for key, told in in_cloud(0, NIGHT).items() if key != "max_current"}], [NIGHT]),
    ],
)
def test_schedules_are_read_in_their_order(entries: list[Json], shown: list[Json] | None) -> None:
    """Truth values may be numbers and days may be missing."""
    if shown is None:
        with pytest.raises(TypeError):
            schedules.read(document(*entries))
    else:
        assert schedules.read(document(*entries)) == shown


@pytest.mark.parametrize(
    "entry",
    [
        "text",
        {},
        in_cloud(0, NIGHT, start="2460"),
        in_cloud(0, NIGHT, stop="later"),
        in_cloud(0, NIGHT, start=2100),
        in_cloud(0, NIGHT, days=["monday"]),
        in_cloud(0, NIGHT, days={"monday": "yes"}),
        in_cloud(0, NIGHT, id=None),
        in_cloud(0, NIGHT, enable="yes"),
    ],
)
def test_what_is_no_schedule(entry: Json) -> None:
    """Then the list is unknown, and nothing is written over it."""
    with pytest.raises((LookupError, TypeError, ValueError)):
        schedules.read(document(entry))
    assert not schedules.are_shown([], document(entry))


# What people may write


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ([], []),
        ("[]", []),
        ([NIGHT, NOON], [NIGHT, NOON]),
        (json.dumps([NIGHT]), [NIGHT]),
        ([{"start": "2100", "stop": " 05:30", "days": DAYS}], [NIGHT]),
        ([{"start": "21:00", "stop": "0530", "days": dict(EVERY_DAY)}], [NIGHT]),
        (
            [{**NOON, "days": {"saturday": True, "sunday": True, "monday": False}}],
            [NOON],
        ),
        ([{**NOON, "days": ["Sunday", " SATURDAY ", "sunday"]}], [NOON]),
        ([{**NIGHT, "start": "00:00", "stop": "23:59"}], [{**NIGHT, "start": "00:00", "stop": "23:59"}]),
    ],
)
def test_what_people_may_write(raw: Json, found: list[Json]) -> None:
    """Short or complete, as JSON or as its text; it comes out in the form that is read."""
    assert SCHEDULES.parse(raw) == found
    assert SCHEDULES.parse(SCHEDULES.text(found)) == SCHEDULES.json(found) == found


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ("nonsense", "is not a JSON list or object"),
        (None, "is not a JSON list or object"),
        ({}, "schedules are a list"),
        ({"schedules": [NIGHT]}, "schedules are a list"),
        (["21:00"], "schedule 0 is no object"),
        ([NIGHT, 5], "schedule 1 is no object"),
        ([{**NIGHT, "max_energy": 5}], "schedule 0: 'max_energy' is not known; known are enabled, start"),
        ([{**NIGHT, "enable": True}], "schedule 0: 'enable' is not known"),
        ([{**NIGHT, "x" * 1000: True}], "schedule 0: 'xxx"),
        ([{**NIGHT, "enabled": 0}], "schedule 0: enabled must be true or false"),
        ([{**NIGHT, "enabled": None}], "schedule 0: enabled must be true or false"),
        ([{**NIGHT, "start": "24:00"}], "schedule 0: start must be a time such as 21:00"),
        ([{**NIGHT, "start": "9:00"}], "schedule 0: start must be a time such as 21:00"),
        ([{**NIGHT, "start": 2100}], "schedule 0: start must be a time such as 21:00"),
        ([{**NIGHT, "stop": "\u0662\u0661:00"}], "schedule 0: stop must be a time such as 21:00"),
        ([{"start": "21:00", "days": DAYS}], "schedule 0: stop must be a time such as 21:00"),
        ([{"start": "21:00", "stop": "05:30"}], "schedule 0: days must be a list of monday, tuesday"),
        ([{**NIGHT, "days": "monday"}], "schedule 0: days must be a list of monday, tuesday"),
        ([{**NIGHT, "days": ["mon"]}], "schedule 0: days must be a list of monday, tuesday"),
        ([{**NIGHT, "days": [1]}], "schedule 0: days must be a list of monday, tuesday"),
        ([{**NIGHT, "days": [["monday"]]}], "schedule 0: days must be a list of monday, tuesday"),
        ([{**NIGHT, "days": {"monday": 1}}], "schedule 0: each of the days must be true or false"),
        ([{**NIGHT, "days": {"mon": True}}], "schedule 0: days must be a list of monday, tuesday"),
        ([{**NIGHT, "days": []}], "schedule 0: it needs at least one day"),
        ([{**NIGHT, "days": {"monday": False}}], "schedule 0: it needs at least one day"),
        ([{**NIGHT, "max_current": "16"}], "schedule 0: max_current must be a whole number from 0 to 80"),
        ([{**NIGHT, "max_current": True}], "schedule 0: max_current must be a whole number from 0 to 80"),
        ([{**NIGHT, "max_current": -1}], "schedule 0: max_current must be a whole number from 0 to 80"),
        ([{**NIGHT, "max_current": 81}], "schedule 0: max_current must be a whole number from 0 to 80"),
        ([{**NIGHT, "max_current": None}], "schedule 0: max_current must be a whole number from 0 to 80"),
    ],
)
def test_what_is_refused(raw: Json, sentence: str) -> None:
    """What the cloud would refuse with a bare 400, or take and misunderstand, gets a sentence instead."""
    with pytest.raises(CommandRejectedError) as caught:
        SCHEDULES.parse(raw)
    assert caught.value.code is Code.INVALID_VALUE
    assert sentence in caught.value.message
    assert len(caught.value.message) < 200


def test_one_after_another() -> None:
    """Added at the end, changed and removed by position, the first one being 0; the given list stays."""
    present: list[Json] = [NIGHT]
    both = schedules.added(present, NOON)
    assert both == [NIGHT, NOON]
    assert schedules.changed(both, 0, NOON) == [NOON, NOON]
    assert schedules.changed(both, 1, {**NOON, "start": "1130"}) == [NIGHT, {**NOON, "start": "11:30"}]
    assert schedules.removed(both, 0) == [NOON]
    assert schedules.removed(both, 1) == [NIGHT]
    assert present == [NIGHT]
    assert schedules.added([], NIGHT) == [NIGHT]


@pytest.mark.parametrize(
    ("present", "position", "sentence"),
    [
        ([NIGHT], 1, "there are 1, the first one is 0"),
        ([NIGHT], -1, "no schedule in that position"),
        ([NIGHT], "0", "no schedule in that position"),
        ([NIGHT], False, "no schedule in that position"),
        ([NIGHT], None, "no schedule in that position"),
        ([], 0, "there is none"),
    ],
)
def test_positions_that_do_not_exist(present: list[Json], position: Json, sentence: str) -> None:
    """Nothing is guessed."""
    for refused in (schedules.removed, lambda have, where: schedules.changed(have, where, NIGHT)):
        with pytest.raises(CommandRejectedError, match=sentence) as caught:
            refused(present, position)
        assert caught.value.code is Code.INVALID_VALUE


def test_a_bad_entry_is_refused_alone_too() -> None:
    """With the same sentences."""
    with pytest.raises(CommandRejectedError, match="the schedule: start must be"):
        schedules.added([NIGHT], {**NOON, "start": "noon"})
    with pytest.raises(CommandRejectedError, match="the schedule is no object"):
        schedules.changed([NIGHT], 0, None)


# What is sent


def test_the_shape_that_takes_effect() -> None:
    """No uid, no person, a truth value, all seven days, and newer than everything."""
    (entry,) = sent([NOON], FULL)
    assert entry == {
        "id": 0,
        "enable": False,
        "start": "1200",
        "stop": "1400",
        "days": {**dict.fromkeys(EVERY_DAY, False), "saturday": True, "sunday": True},
        "max_current": 16,
        "type": 0,
        "created_at": NOW + 1,
    }
    assert entry["enable"] is False


def test_the_whole_list_is_sent() -> None:
    """A schedule that is left out is deleted, and an empty list deletes all."""
    assert [entry["id"] for entry in sent([NIGHT, NOON, NIGHT], FULL)] == [0, 1, 2]
    assert sent([], FULL) == []


@pytest.mark.parametrize(
    ("entries", "last", "created_at"),
    [
        ([in_cloud(0, NIGHT)], None, NOW + 1),
        ([in_cloud(0, NIGHT, created_at=NOW + 500)], 0, NOW + 501),
        ([in_cloud(0, NIGHT, created_at=NOW + 5), in_cloud(1, NOON, created_at=NOW + 900)], NOW + 7, NOW + 901),
        ([in_cloud(0, NIGHT, created_at=None)], NOW + 700, NOW + 701),
        ([], NOW + 0.5, NOW + 1),
    ],
)
def test_newer_than_all_there_has_been(entries: list[Json], last: Json, created_at: int) -> None:
    """Also where the cloud's clock is ahead of ours, and where it does not tell when it was changed last."""
    if last is None:
        assert sent([NIGHT], without("schedules.lastSchedule"))[0]["created_at"] == created_at
    assert {entry["created_at"] for entry in sent([NIGHT, NOON], document(*entries, last=last))} == {created_at}


@pytest.mark.parametrize(("now", "created_at"), [(NOW + 3600.7, NOW + 3601), (NOW - 3600, NOW + 1), (NOW, NOW + 1)])
def test_newer_than_the_moment_of_sending(now: float, created_at: int) -> None:
    """The command may have waited; a clock that goes back does no harm."""
    request = schedules.write([NIGHT, NOON], FULL)
    stamped = schedules.stamped(request, now)
    assert isinstance(stamped.body, dict)
    entries = stamped.body["schedules"]
    assert isinstance(entries, list)
    assert [entry["created_at"] for entry in entries if isinstance(entry, dict)] == [created_at, created_at]
    assert request == schedules.write([NIGHT, NOON], FULL)


@pytest.mark.parametrize(
    "request_", [writes.set_locked(1, locked=True), Request(method="POST", path="/x"), writes.set_schedules(1, [])]
)
def test_other_writes_are_not_stamped(request_: Request) -> None:
    """They go out as they are."""
    assert schedules.stamped(request_, NOW) == request_


def test_what_nobody_has_explained_stays() -> None:
    """With the schedule that it belongs to, also when that moves; a changed one keeps it, a new one has none."""
    before = document(
        in_cloud(0, NIGHT, type=0, repeat=1, target=None), in_cloud(1, NOON, type=2, repeat=3, target={"soc": 80})
    )
    noon = {"type": 2, "repeat": 3, "target": {"soc": 80}}

    def carried(entry: dict[str, Json]) -> dict[str, Json]:
        return {key: entry[key] for key in ("type", "repeat", "target") if key in entry}

    assert [carried(entry) for entry in sent([NIGHT, NOON], before)] == [{"type": 0, "repeat": 1}, noon]
    assert [carried(entry) for entry in sent([NOON], before)] == [noon]
    assert carried(sent([NIGHT, {**NOON, "start": "11:00"}], before)[1]) == noon
    assert carried(sent([NIGHT, NOON, {**NOON, "start": "11:00"}], before)[2]) == {"type": 0}


@pytest.mark.parametrize("charger", [without("schedules"), document("nonsense"), changed(schedules__schedules=None)])
def test_nothing_is_written_over_what_is_not_known(charger: Document) -> None:
    """The write would delete it."""
    with pytest.raises((LookupError, TypeError)):
        schedules.write([NIGHT], charger)


# Whether it took effect


def test_only_reading_again_shows_it() -> None:
    """The cloud says 200 also to what it ignores; a person, ids and times do not matter for the comparison."""
    wanted = SCHEDULES.parse([{"start": "1200", "stop": "1400", "days": WEEKEND, "enabled": False, "max_current": 16}])
    assert not schedules.are_shown(wanted, FULL)
    after = document(in_cloud(0, NOON, uid="01HNEW", created_at=NOW + 1))
    assert schedules.are_shown(wanted, after)
    assert Checked(value=wanted).equals(schedules.read(after))
    assert not Checked(value=wanted).equals(schedules.read(FULL))
    assert not schedules.are_shown(wanted, without("schedules"))
