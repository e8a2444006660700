"""Finished sessions, from the three places where the cloud tells them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bridge.charger.session import SessionRecord
from bridge.charger.values import Json
from bridge.vendors.wallbox import sessions
from bridge.vendors.wallbox.sessions import PAGE, CloudSession

CHARGER = 12_345
START, END = 1_728_417_604, 1_728_539_458
STARTED, FINISHED = datetime(2024, 10, 8, 20, 0, 4, tzinfo=UTC), datetime(2024, 10, 10, 5, 50, 58, tzinfo=UTC)

STATS: dict[str, Json] = {
    "type": "charger_log_session",
    "id": "123456789",
    "attributes": {
        "group": 1,
        "charger": CHARGER,
        "user": 286_113,
        "start": START,
        "end": END,
        "energy": 15.06,
        "discharged_energy": 0,
        "mid_energy": 0,
        "green_energy": 0,
        "time": 13_577,
        "discharging_time": 0,
        "cost": 6.024,
        "cost_savings": 0,
        "cost_unit": "€",
        "currency": {"id": 1, "name": "Euro Member Countries", "symbol": "€", "code": "EUR"},
        "range": 125,
        "group_name": "Family Person",
        "charger_name": "Street",
        "user_name": "Person",
        "user_email": "person@example.com",
        "user_rfid": "04A1B2C3",
        "user_is_rfid": 0,
        "user_plate": "B-XY 123",
        "energy_unit": "kWh",
    },
}

OF_GROUP: dict[str, Json] = {
    "type": "charger_charging_session",
    "attributes": {
        "id": "123456789",
        "start_time": START,
        "end_time": END,
        "charging_time": 13_577,
        "user_name": "Person",
        "charger_id": CHARGER,
        "charger_name": "Street",
        "group_id": 1,
        "energy": 15_060,
        "mid_energy": 0,
        "energy_price": 0.4,
        "currency_code": "EUR",
        "session_type": "free",
        "total_cost": 6.024,
    },
}

LAST: dict[str, Json] = {
    "type": "charger_last_sessions",
    "id": "123456789",
    "attributes": {
        "charger_id": CHARGER,
        "user_id": 286_113,
        "charging_energy": 15.06,
        "charging_energy_unit": "kWh",
        "start_time": START,
        "end_time": END,
    },
}

READERS = {"stats": (sessions.read_stats, STATS), "group": (sessions.read_group, OF_GROUP)}
ALL_READERS = {**READERS, "last": (sessions.read_last, LAST)}


def answer(*entries: Json, count: Json = None) -> dict[str, Json]:
    """Return a page."""
    return {"meta": {"count": len(entries) if count is None else count}, "links": {}, "data": list(entries)}


def changed(entry: dict[str, Json], **attributes: Json) -> dict[str, Json]:
    """Return a session with other attributes."""
    about = entry["attributes"]
    assert isinstance(about, dict)
    return {**entry, "attributes": {**about, **attributes}}


def record(**other: Any) -> SessionRecord:
    """Return what all three tell of the same session."""
    known: dict[str, Any] = {
        "started_at": STARTED,
        "finished_at": FINISHED,
        "energy": 15.06,
        "duration": END - START,
        "cost": 6.024,
        "currency": "EUR",
        "card": None,
    }
    return SessionRecord(**{**known, **other})


# Reading


def test_the_three_tell_the_same_session() -> None:
    """In kWh, in UTC, from plug to plug; the last one without money."""
    wanted = [CloudSession(id="123456789", record=record())]
    assert sessions.read_stats(answer(STATS), CHARGER) == wanted
    assert sessions.read_group(answer(OF_GROUP), CHARGER) == wanted
    without_money = [CloudSession(id="123456789", record=record(cost=None, currency=None))]
    assert sessions.read_last(answer(LAST), CHARGER) == without_money


def test_a_session_as_it_is_answered() -> None:
    """The form of `last_session` and the cloud's id; no person, card, plate or address."""
    for read, entry in READERS.values():
        (found,) = read(answer(entry), CHARGER)
        assert found.json() == {
            "id": "123456789",
            "started_at": "2024-10-08T20:00:04.000Z",
            "finished_at": "2024-10-10T05:50:58.000Z",
            "energy": 15.06,
            "duration": 121_854,
            "cost": 6.024,
            "currency": "EUR",
            "card": None,
        }


@pytest.mark.parametrize("source", ALL_READERS)
@pytest.mark.parametrize("other", [CHARGER + 1, str(CHARGER) + "0", None, "garage"])
def test_sessions_of_other_chargers_are_left_out(source: str, other: Json) -> None:
    """A group has several."""
    read, entry = ALL_READERS[source]
    key = "charger" if source == "stats" else "charger_id"
    assert read(answer(changed(entry, **{key: other}), entry), CHARGER) == read(answer(entry), CHARGER) != []
    assert len(read(answer(changed(entry, **{key: str(CHARGER)})), CHARGER)) == 1


@pytest.mark.parametrize("source", READERS)
def test_other_types_are_left_out(source: str) -> None:
    """Lists hold other things than sessions, too."""
    read, entry = READERS[source]
    assert read(answer({**entry, "type": "charger_log_alarm"}, {**entry, "type": None}), CHARGER) == []


@pytest.mark.parametrize("source", ALL_READERS)
@pytest.mark.parametrize("nonsense", [None, "text", 5, [], {}, {"attributes": None}, {"attributes": {}}])
def test_nonsense_does_not_cost_the_other_sessions(source: str, nonsense: Json) -> None:
    """It is left out."""
    read, entry = ALL_READERS[source]
    assert len(read(answer(nonsense, entry), CHARGER)) == 1


@pytest.mark.parametrize(
    ("attributes", "other"),
    [
        ({"start": None}, {"started_at": None, "duration": None}),
        ({"start": 0}, {"started_at": None, "duration": None}),
        ({"start": END}, {"started_at": FINISHED, "duration": 0}),
        ({"energy": None}, {"energy": None}),
        ({"energy": 0}, {"energy": 0}),
        ({"energy": "15.06"}, {}),
        ({"energy": 15_060, "energy_unit": "Wh"}, {}),
        ({"energy_unit": None}, {}),
        ({"cost": None}, {"cost": None}),
        ({"cost": 0}, {"cost": 0}),
        ({"currency": None}, {"currency": None}),
        ({"currency": {"id": 1}}, {"currency": None}),
        ({"currency": {"code": 5}}, {"currency": None}),
    ],
)
def test_what_may_be_missing(attributes: dict[str, Json], other: dict[str, Any]) -> None:
    """Unknown is null; a unit that is told counts."""
    (found,) = sessions.read_stats(answer(changed(STATS, **attributes)), CHARGER)
    assert found.record.json() == record(**other).json()


@pytest.mark.parametrize(
    "attributes",
    [
        {"end": None},
        {"end": 0},
        {"end": START - 1},
        {"end": "soon"},
        {"start": "then"},
        {"energy": "much"},
        {"energy_unit": "MJ"},
        {"cost": "dear"},
    ],
)
def test_what_is_no_finished_session(attributes: dict[str, Json]) -> None:
    """One that still runs has no end."""
    assert sessions.read_stats(answer(changed(STATS, **attributes)), CHARGER) == []


@pytest.mark.parametrize("end", [None, 0])
def test_the_last_session_may_still_run(end: Json) -> None:
    """Then it is not told."""
    assert sessions.read_last(answer(changed(LAST, end_time=end)), CHARGER) == []


def test_energy_of_the_group_is_in_wh() -> None:
    """Where it does not say another unit."""
    (found,) = sessions.read_group(answer(changed(OF_GROUP, energy=1, energy_unit="kWh")), CHARGER)
    assert found.record.energy == 1
    (found,) = sessions.read_group(answer(changed(OF_GROUP, energy=1)), CHARGER)
    assert found.record.energy == 0.001


@pytest.mark.parametrize("source", ALL_READERS)
@pytest.mark.parametrize("page", [None, [], "text", {}, {"data": None}, {"data": {}}])
def test_what_is_no_page(source: str, page: Json) -> None:
    """The cloud answered something else."""
    with pytest.raises(TypeError):
        ALL_READERS[source][0](page, CHARGER)


def test_ids_may_be_numbers() -> None:
    """They come out as text."""
    (found,) = sessions.read_stats(answer({**STATS, "id": 5}), CHARGER)
    assert found.id == "5"


def test_each_session_once_and_in_order() -> None:
    """Pages overlap when a session ends between two reads; the newer form counts."""
    first, second = (
        CloudSession(id=id_, record=record(finished_at=FINISHED + timedelta(days=int(id_)))) for id_ in "12"
    )
    again = CloudSession(id="1", record=record(finished_at=first.record.finished_at, cost=7))
    assert sessions.in_order([second, first, again]) == [again, second]


# Asking

SINCE = datetime(2024, 9, 10, 19, 49, 34, 205_194, tzinfo=UTC)
UNTIL = datetime(2024, 10, 10, 21, 49, 34, 205_203, tzinfo=timezone(timedelta(hours=2)))


def test_a_page_of_one_charger() -> None:
    """In seconds since the epoch, whatever the zone."""
    asked = sessions.stats_page(CHARGER, SINCE, UNTIL, offset=1000)
    assert (asked.method, asked.path, asked.body) == ("GET", "v4/sessions/stats", None)
    assert asked.query == (
        ("charger", "12345"),
        ("start_date", "1725997774"),
        ("end_date", "1728589774"),
        ("limit", "1000"),
        ("offset", "1000"),
    )


def test_a_page_of_a_group() -> None:
    """The filters are JSON inside the query."""
    asked = sessions.group_page(7, SINCE, UNTIL)
    assert (asked.method, asked.path) == ("GET", "v4/groups/7/charger-charging-sessions")
    query = dict(asked.query)
    assert json.loads(query.pop("filters")) == {
        "filters": [
            {"field": "start_time", "operator": "gte", "value": 1_725_997_774},
            {"field": "start_time", "operator": "lt", "value": 1_728_589_774},
        ]
    }
    assert query == {"fields[charger_charging_session]": "", "limit": "1000", "offset": "0"}


def test_the_last_sessions() -> None:
    """Of all chargers of the account at once."""
    asked = sessions.last_page()
    assert (asked.method, asked.path, asked.query) == ("GET", "v4/charger-last-sessions", ())


@pytest.mark.parametrize(
    ("entries", "count", "offset", "following"),
    [
        (0, 0, 0, None),
        (2, 2, 0, None),
        (2, None, 0, None),
        (2, "2", 0, None),
        (PAGE, PAGE, 0, PAGE),
        (PAGE, 2500, PAGE, 2 * PAGE),
        (500, 2500, 2 * PAGE, None),
        (100, 250, 0, 100),
        (50, 250, 200, None),
        (0, 250, 200, None),
    ],
)
def test_where_the_next_page_begins(entries: int, count: Json, offset: int, following: int | None) -> None:
    """After a full page, and as long as the count says so; an empty one is always the last."""
    page: dict[str, Json] = {"data": [{}] * entries, "meta": {"count": count}}
    assert sessions.next_offset(page, offset) == following
    if count is None:
        assert sessions.next_offset({"data": []}, offset) is None
