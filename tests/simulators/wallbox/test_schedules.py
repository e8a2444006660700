"""The schedules of the pretend cloud, and how it passes over new ones without a word."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.simulators.wallbox.schedules import DAYS, MOST
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import CHARGER, NOW, Client

PATH = f"chargers/{CHARGER}/schedules"
ALWAYS = dict.fromkeys(DAYS, True)
SOON = int(NOW.timestamp()) + 10


def entry(number: int = 0, created_at: int | None = SOON, **more: Any) -> dict[str, Any]:
    """One in the form that takes effect."""
    made = {"id": number, "enable": True, "start": "2100", "stop": "0500", "days": ALWAYS, "max_current": 16}
    return {**made, "type": 0, "repeat": 1, "target": 0, "created_at": created_at, **more}


def without(name: str, **more: Any) -> dict[str, Any]:
    """One that lacks something."""
    return {key: value for key, value in entry(**more).items() if key != name}


async def post(client: Client, clock: FakeClock, *entries: Any) -> Any:
    """Send a list, and read what there is when it has settled."""
    status, answer = await client.call("POST", PATH, {"schedules": list(entries)})
    assert (status, answer) == (200, {"sync_timestamp": int(client.sim.cloud.times.since_1970()), "error": False})
    clock.pass_time(2)
    return (await client.get(PATH))["schedules"]


async def test_at_first_there_are_none(client: Client) -> None:
    """An empty list."""
    assert await client.get(PATH) == {"schedules": [], "lastSchedule": 0}


async def test_the_form_that_takes_effect(client: Client, clock: FakeClock) -> None:
    """Without `uid`, with a `created_at` that is new; it is read in the recorded form."""
    await client.call("POST", PATH, {"schedules": [entry()]})
    assert (await client.get(PATH))["schedules"] == []
    clock.pass_time(2)
    answer = await client.get(PATH)
    (shown,) = answer["schedules"]
    assert len(shown.pop("uid")) == len(shown.pop("user_uid")) == 26
    assert shown == {
        "id": 0,
        "enable": True,
        "start": "2100",
        "stop": "0500",
        "days": ALWAYS,
        "max_current": 16,
        "max_energy": 0,
        "name": None,
        "type": 0,
        "created_at": SOON,
    }
    assert answer["lastSchedule"] == SOON


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": SOON},
        {"created_at": SOON - 1},
        {"created_at": None},
        {"created_at": str(SOON + 5)},
    ],
)
async def test_what_is_not_new_is_passed_over(client: Client, clock: FakeClock, change: dict[str, Any]) -> None:
    """The answer says that all is well, and nothing changes."""
    before = await post(client, clock, entry())
    assert await post(client, clock, entry(start="2300", **change)) == before


async def test_what_was_read_and_is_sent_again_is_passed_over(client: Client, clock: FakeClock) -> None:
    """It has the `uid` that is known."""
    (shown,) = before = await post(client, clock, entry())
    assert await post(client, clock, {**shown, "start": "2300"}) == before
    assert await post(client, clock, {**shown, "start": "2300", "created_at": SOON + 5}) == before


async def test_the_form_of_the_python_module_is_passed_over(client: Client, clock: FakeClock) -> None:
    """It once worked."""
    old = {"id": 0, "chargerId": CHARGER, "enable": 1, "max_current": 1, "max_energy": 0, "days": ALWAYS}
    assert await post(client, clock, {**old, "start": "2100", "stop": "0500"}) == []


async def test_a_list_replaces_the_list(client: Client, clock: FakeClock) -> None:
    """What is left out is gone; what is sent again as it was read stays beside what is new."""
    first, second = await post(client, clock, entry(0), entry(1, start="1000", stop="1100"))
    shown = await post(client, clock, first, entry(2, SOON + 5))
    assert [each["id"] for each in shown] == [0, 2]
    assert shown[0] == first
    assert second not in shown
    assert await post(client, clock) == []


async def test_after_deletion_only_the_new_is_taken(client: Client, clock: FakeClock) -> None:
    """What came before the last change is old, also when nothing is left."""
    await post(client, clock, entry())
    await post(client, clock)
    assert await post(client, clock, entry(created_at=SOON)) == []
    assert len(await post(client, clock, entry(created_at=SOON + 100))) == 1


@pytest.mark.parametrize(("enable", "shown"), [(True, True), (False, False), (0, True), (1, True)])
async def test_a_number_is_read_as_enabled(client: Client, clock: FakeClock, *, enable: bool, shown: bool) -> None:
    """Also 0; only the boolean disables."""
    (found,) = await post(client, clock, entry(enable=enable))
    assert found["enable"] is shown


async def test_a_schedule_without_a_day_is_dropped(client: Client, clock: FakeClock) -> None:
    """And it replaces what was there."""
    await post(client, clock, entry())
    assert await post(client, clock, entry(created_at=SOON + 5, days=dict.fromkeys(DAYS, False))) == []


@pytest.mark.parametrize(
    "wrong",
    [
        entry(days={"monday": True}),
        entry(days={**ALWAYS, "monday": 1}),
        entry(days=None),
        entry(max_energy=None),
        entry(start="2400"),
        entry(start="9:00"),
        entry(stop=None),
        entry(number="0"),  # type: ignore[arg-type]
        entry(uid=5),
        without("enable"),
        without("max_current"),
        without("id"),
        without("days"),
        "text",
    ],
)
async def test_wrong_forms(client: Client, clock: FakeClock, wrong: Any) -> None:
    """Are a bad request, and nothing changes, not even what is right beside them."""
    body = {"schedules": [entry(7), wrong]}
    assert (await client.call("POST", PATH, body))[0] == 400
    clock.pass_time(2)
    assert (await client.get(PATH))["schedules"] == []


@pytest.mark.parametrize("body", [{}, {"schedules": None}, {"schedules": {}}, {"schedules": [entry()] * (MOST + 1)}])
async def test_lists_that_are_none(client: Client, body: Any) -> None:
    """Or too long ones."""
    assert (await client.call("POST", PATH, body))[0] == 400
