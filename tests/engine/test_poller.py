"""One charger's life: when it is read, what is made of it, what is said of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.charger.contract import ChargerSettings
from bridge.charger.values import Json
from bridge.engine.command import CommandLimits
from bridge.engine.poller import Poller
from bridge.errors import BadAnswerError, ChargerError, Code, NoAnswerError, UnreachableError
from tests.engine.pretend import RARE, Driven, Notes, PretendCharger, bugs, driven, make_poller, pace
from tests.support.waiting import until

OFTEN = pace(idle_s=0.02, charging_s=0.02)


async def _read_again(charger: PretendCharger, box: Driven) -> None:
    """Wait for a reading that begins from now on to be over."""
    done = box.view.health.reads.number + (1 if charger.reading else 0)
    box.poller.refresh()
    await until(lambda: box.view.health.reads.number > done, what="another reading")


def _events(logged: list[MutableMapping[str, Any]], name: str) -> list[MutableMapping[str, Any]]:
    return [entry for entry in logged if entry["event"] == name]


# When


@pytest.mark.parametrize(("status", "interval_s"), [("connected", 0.3), ("charging", 0.1), ("paused", 0.3)])
async def test_a_charger_is_read_faster_while_it_charges(status: str, interval_s: float) -> None:
    """From the beginning of one reading to the beginning of the next; the health document tells the interval."""
    charger = PretendCharger(pace(idle_s=0.3, charging_s=0.1), status=status)
    async with driven(charger) as box:
        await until(lambda: len(charger.reads) == 4)
        before = datetime.now(UTC)
        await until(lambda: box.view.health.reads.number == 4)

        assert box.view.health.interval_s == interval_s
        assert box.view.health.next_poll is not None
        assert box.view.health.next_poll < before + timedelta(seconds=interval_s + 5)

    assert all(later - earlier > interval_s * 0.9 for earlier, later in pairwise(charger.reads))


async def test_the_pace_changes_with_the_charger() -> None:
    """With the first reading that shows it."""
    charger = PretendCharger(pace(idle_s=60, charging_s=0.05))
    async with driven(charger) as box:
        charger.settings["status"] = "charging"
        await _read_again(charger, box)
        await until(lambda: len(charger.reads) > 4)
        charger.settings["status"] = "connected"
        await until(lambda: box.view.health.interval_s == 60)


async def test_a_refresh_reads_at_once() -> None:
    """However long the interval is."""
    charger = PretendCharger(RARE)
    async with driven(charger) as box:
        charger.settings["led"] = 77
        box.poller.refresh()
        await until(lambda: box.view.values["led_brightness"] == 77)
        assert len(charger.reads) == 2


async def test_a_refresh_during_a_reading_reads_again() -> None:
    """That reading may have begun before what the sender wants to see."""
    charger = PretendCharger(RARE)
    async with driven(charger) as box:
        charger.hold_reads()
        box.poller.refresh()
        await until(lambda: charger.reading)
        for _ in range(10):
            box.poller.refresh()
        charger.let_go()
        await until(lambda: box.view.health.reads.number == 3)
        await _read_again(charger, box)

    assert len(charger.reads) == 4


async def test_the_first_reading_of_many_chargers_is_spread() -> None:
    """Each may begin a little later than the one before."""
    charger = PretendCharger(RARE)
    began = time.monotonic()
    settings = ChargerSettings(vendor="pretend")
    poller = Poller("box", settings, charger, Notes(), CommandLimits(), start_after_s=0.2)
    async with asyncio.TaskGroup() as group:
        group.create_task(poller.run(), name="poller")
        await until(lambda: charger.reads)
        poller.stop()

    assert charger.reads[0] - began >= 0.2


# Away and back


async def test_three_failures_in_a_row_mean_unavailable() -> None:
    """Not one and not two; the first good answer means available again."""
    charger = PretendCharger(RARE)
    async with driven(charger) as box:
        for times in (2, 3):
            charger.read_error = NoAnswerError("no answer within 10 s")
            for _ in range(times):
                await _read_again(charger, box)
            assert box.view.available is (times == 2)
            assert box.view.values["online"] is (times == 2)
            assert box.view.health.consecutive_failures == times
            charger.read_error = None
            await _read_again(charger, box)
            assert box.view.available
            assert box.view.values["online"] is True
            assert box.view.health.consecutive_failures == 0

    assert box.view.health.read_failures == {Code.VENDOR_UNREACHABLE: 5}


async def test_a_charger_of_a_cloud_is_given_more_time() -> None:
    """Three failures within a moment say nothing of it."""
    charger = PretendCharger(pace(cloud=True))
    async with driven(charger) as box:
        charger.read_error = NoAnswerError("silence")
        for _ in range(5):
            await _read_again(charger, box)
        assert box.view.available


async def test_waits_double_while_a_charger_is_away_and_it_comes_back_by_itself() -> None:
    """Up to ten times the interval."""
    charger = PretendCharger(OFTEN)
    async with driven(charger) as box:
        charger.read_error = UnreachableError("no connection")
        await until(lambda: box.view.health.consecutive_failures >= 8)
        health, reads = box.view.health, charger.reads[-4:]
        assert 0.9 * 0.2 <= health.interval_s <= 0.2
        assert all(later - earlier > 0.15 for earlier, later in pairwise(reads[-3:]))
        charger.read_error = None
        await until(lambda: box.view.available)
        assert box.view.health.interval_s == 0.02


async def test_what_is_known_of_a_charger_that_is_away() -> None:
    """The values stay, marked as old; the reason and the counts are in the health."""
    charger = PretendCharger(OFTEN)
    async with driven(charger) as box:
        assert (box.view.values["stale"], box.view.values["data_age_s"]) == (False, 0)
        last = box.view.values["last_update"]
        error = BadAnswerError("the answer is not JSON")
        charger.read_error = error
        await until(lambda: box.view.values["stale"])
        await until(lambda: box.view.values["data_age_s"] != 0)

        assert box.view.values["current_limit"] == 10
        assert isinstance(last, datetime)
        assert box.view.values["last_update"] == box.view.health.last_success
        told = box.view.health.last_error
        assert told is not None
        assert (told.code, told.message) == (error.code, "the answer is not JSON")
        charger.read_error = None
        await until(lambda: box.view.available)
        assert (box.view.values["stale"], box.view.values["data_age_s"]) == (False, 0)


async def test_one_failure_makes_nothing_stale() -> None:
    """Only what is older than two intervals."""
    charger = PretendCharger(RARE)
    async with driven(charger) as box:
        charger.read_error = NoAnswerError("silence")
        await _read_again(charger, box)
        assert box.view.values["stale"] is False


async def test_a_charger_that_never_answered_has_no_values() -> None:
    """Nothing is invented, and it is not available."""
    charger = PretendCharger(OFTEN)
    charger.read_error = UnreachableError("no connection")
    async with driven(charger, answers=False) as box:
        await until(lambda: box.view.health.consecutive_failures > 3)
        assert (box.view.values, box.view.identity, box.view.available) == ({}, None, False)
        charger.read_error = None
        await until(lambda: box.view.available)
        assert box.view.values["current_limit"] == 10


async def test_an_outage_is_logged_once_and_the_return_once() -> None:
    """However long it lasts; a new reason is said, too, but not again and again."""
    charger = PretendCharger(RARE)
    reasons: list[ChargerError] = [NoAnswerError("silence"), UnreachableError("no connection")]
    with capture_logs() as logged:
        async with driven(charger) as box:
            for _ in range(2):
                for number in range(10):
                    charger.read_error = reasons[number % 2]
                    await _read_again(charger, box)
                charger.read_error = None
                await _read_again(charger, box)

    names = [entry["event"] for entry in logged]
    outage = ["read failed", "read failed", "charger unavailable", "charger available"]
    assert names == ["charger available", *outage, *outage]
    assert {entry["charger"] for entry in logged} == {"box"}
    gone = _events(logged, "charger unavailable")[0]
    assert (gone["reason"], gone["failures"]) == ("silence", 3)
    back = _events(logged, "charger available")[-1]
    assert isinstance(back["silent_s"], int)
    assert back["failed_reads"] == 10


async def test_a_charger_that_fails_now_and_then_does_not_fill_the_log() -> None:
    """Neither does one that words the reason differently each time."""
    charger = PretendCharger(RARE)
    with capture_logs() as logged:
        async with driven(charger) as box:
            for number in range(60):
                error = NoAnswerError("silence" if number < 30 else f"heap {number}")
                charger.read_error = error if number % 2 else None
                await _read_again(charger, box)

    assert len(_events(logged, "read failed")) <= 20
    assert sum(entry["reason"] == "silence" for entry in _events(logged, "read failed")) == 1


# Who


async def test_a_charger_must_say_who_it_is_first() -> None:
    """An answer without a serial number is no good answer."""
    charger = PretendCharger(RARE, serial=None)
    async with driven(charger, answers=False) as box:
        await until(lambda: box.view.health.consecutive_failures)
        told = box.view.health.last_error
        assert told is not None
        assert "who the charger is" in told.message
        assert box.view.values == {}
        charger.settings["serial"] = "P-1"
        await _read_again(charger, box)
        assert box.view.identity is not None


async def test_an_answer_without_a_serial_number_is_forgiven_later() -> None:
    """Who it is does not change."""
    charger = PretendCharger(RARE)
    async with driven(charger) as box:
        del charger.settings["serial"]
        charger.settings["led"] = 99
        await _read_again(charger, box)
        assert box.view.identity is not None
        assert (box.view.identity.serial, box.view.values["led_brightness"]) == ("P-1", 99)


async def test_another_charger_at_the_same_address_is_told() -> None:
    """Once, with both serial numbers."""
    charger = PretendCharger(RARE)
    with capture_logs() as logged:
        async with driven(charger) as box:
            charger.settings["serial"] = "P-2"
            await _read_again(charger, box)
            await _read_again(charger, box)
            assert box.view.identity is not None
            assert box.view.identity.serial == "P-2"

    [warning] = _events(logged, "another charger answers")
    assert (warning["serial"], warning["before"]) == ("P-2", "P-1")


# What


async def test_a_value_that_is_not_understood_is_unknown_and_told_once() -> None:
    """Also when it comes and goes; everything else is read as always."""
    charger = PretendCharger(RARE)
    with capture_logs() as logged:
        async with driven(charger) as box:
            for led in ("broken", "broken", 20, "broken", None):
                charger.settings["led"] = led
                await _read_again(charger, box)
                assert box.view.values["led_brightness"] == (20 if led == 20 else None)
                assert box.view.values["current_limit"] == 10
            del charger.settings["led"]
            for _ in range(2):
                await _read_again(charger, box)
                assert box.view.values["led_brightness"] is None
                assert "led_brightness" in box.view.capabilities

    warnings = _events(logged, "value not understood")
    assert [warning["property"] for warning in warnings] == ["led_brightness"] * 3
    assert len({str(warning["reason"]) for warning in warnings}) == 3


@pytest.mark.parametrize("watt", [1e308, 10**400, "1e999", [], {}, True, "", "nan"])
async def test_no_value_stops_the_bridge(watt: Json) -> None:
    """Numbers beyond all measure and things that are no numbers make one property unknown."""
    charger = PretendCharger(RARE, watt=watt)
    async with driven(charger) as box:
        assert box.view.values["power"] is None
        assert box.view.values["current_limit"] == 10


async def test_a_value_that_is_broken_differently_each_time_does_not_fill_the_log() -> None:
    """The warnings end at some point."""
    charger = PretendCharger(RARE)
    with capture_logs() as logged:
        async with driven(charger) as box:
            for number in range(40):
                charger.settings["led"] = f"broken {number} " + "x" * 1000
                await _read_again(charger, box)

    warnings = _events(logged, "value not understood")
    assert 1 <= len(warnings) <= 20
    assert all(len(str(warning["reason"])) <= 200 for warning in warnings)


async def test_what_follows_from_the_status() -> None:
    """The bridge adds what every charger has; the bounds of the current come with it."""
    charger = PretendCharger(RARE, status="charging", max=32)
    async with driven(charger) as box:
        values = dict(box.view.values)

    assert (
        values
        | {
            "iec61851": "C",
            "vehicle_connected": True,
            "charging": True,
            "problem": False,
            "online": True,
            "current_limit_min": 6,
            "current_limit_max": 32,
        }
        == values
    )
    assert set(values) == set(box.view.capabilities)
    assert [action.key for action in box.view.actions] == ["refresh", "restart"]


async def test_events_come_after_the_values_that_show_them() -> None:
    """Plugged in, charging, a fault, its end, unplugged with a record."""
    charger = PretendCharger(RARE, status="disconnected")
    async with driven(charger) as box:
        for status in ("connected", "charging", "error", "charging", "finished", "disconnected"):
            charger.settings["status"] = status
            await _read_again(charger, box)

    assert [event.type.value for event in box.notes.events] == [
        *("plugged", "session_started", "status_changed"),
        "status_changed",
        *("status_changed", "fault"),
        *("status_changed", "fault_cleared"),
        "status_changed",
        *("session_finished", "unplugged", "status_changed"),
    ]
    for place, (kind, what) in enumerate(box.notes.told):
        if kind == "event" and what.type.value == "fault":
            shown = [values for kind, values in box.notes.told[:place] if kind == "values"][-1]
            assert (shown["status"], shown["problem"]) == ("error", True)
    assert len(box.notes.sessions) == 1
    assert box.notes.told[-1][0] == "session"


async def test_the_session_goes_on_through_an_outage() -> None:
    """A car that leaves while the charger does not answer has its record afterwards."""
    charger = PretendCharger(RARE, status="disconnected")
    async with driven(charger) as box:
        charger.settings["status"] = "charging"
        await _read_again(charger, box)
        charger.read_error = NoAnswerError("silence")
        for _ in range(4):
            await _read_again(charger, box)
        assert box.notes.sessions == []
        charger.read_error, charger.settings["status"] = None, "disconnected"
        await _read_again(charger, box)

    assert len(box.notes.sessions) == 1


async def test_a_car_that_was_changed_during_an_outage_is_noticed() -> None:
    """Its energy is lower than that of the one before: another session, which a single odd reading is not."""
    charger = PretendCharger(RARE, status="disconnected")
    async with driven(charger) as box:
        charger.settings |= {"status": "charging", "session": 0}
        await _read_again(charger, box)
        for session in (5, 1, 5.5):
            charger.settings["session"] = session
            await _read_again(charger, box)
        assert box.notes.sessions == []
        charger.read_error = NoAnswerError("silence")
        await _read_again(charger, box)
        charger.read_error, charger.settings["session"] = None, 1
        await _read_again(charger, box)

    assert [record.energy for record in box.notes.sessions] == [5.5]


async def test_a_bug_is_not_swallowed() -> None:
    """It ends the task, and with it the process; the service manager starts it again."""
    charger = PretendCharger(RARE)
    poller = make_poller(charger, Notes())
    charger.read_error = AttributeError("a bug")

    with pytest.raises((AttributeError, ExceptionGroup)) as caught:
        await poller.run()

    assert bugs(caught.value) == [charger.read_error]


async def test_a_poller_that_was_stopped_before_it_began_reads_nothing() -> None:
    """It ends at once."""
    charger = PretendCharger(RARE)
    poller = make_poller(charger, Notes())
    poller.stop()
    await poller.run()

    assert charger.reads == []
