"""Which reading judges which command, and what is not published meanwhile. Moments are given, so nothing waits."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace

import pytest

from bridge.charger.contract import Pace
from bridge.charger.values import Json, Value
from bridge.engine.command import Command, CommandLimits
from bridge.engine.commands import Commands
from bridge.engine.intake import Received
from bridge.engine.results import Outcome, Result
from bridge.errors import Code, NoAnswerError, RefusedError
from tests.engine.pretend import known, told

PRESENT: dict[str, Value] = {"current_limit": 10.0, "charging_enabled": False, "led_brightness": 50.0}
SLOW = Pace(idle_s=60, charging_s=60, settle_s=100, confirm_reads=2)


class Bench:
    """The commands of a charger whose task is the test itself."""

    def __init__(self, pace: Pace = SLOW, limits: CommandLimits | None = None) -> None:
        self.results: list[Result] = []
        self.commands = Commands(pace, limits or CommandLimits(), self.results.append)
        self.known = known()

    def receive(self, **values: Json) -> None:
        """Take a JSON command."""
        self.commands.receive(Received(key=None, payload=json.dumps(values).encode()), self.known, PRESENT)

    def begin(self) -> Command:
        """Take the next command off the queue to send it."""
        command, _ = self.commands.next()
        assert command is not None
        assert self.commands.begin(command, PRESENT)
        return command

    def send(self, **values: Json) -> Command:
        """Take a JSON command and have the charger say yes."""
        self.receive(**values)
        command = self.begin()
        self.commands.sent(command)
        return command

    def read(self, moment: float, **values: Value) -> dict[str, Value]:
        """Take a reading that began then; returns what is to be published."""
        published = dict(PRESENT | values)
        results = self.commands.judge(moment, published)
        self.commands.hold_back(published, self.shown)
        self.shown = published
        for result in results:
            self.commands.report(result)
        return published

    shown: dict[str, Value] = PRESENT

    @property
    def outcomes(self) -> list[Outcome]:
        """What was reported, in order."""
        return [result.outcome for result in self.results]


def test_only_a_reading_that_began_after_the_settling_time_judges() -> None:
    """An earlier one proves nothing, whatever it shows."""
    bench = Bench()
    bench.send(current_limit=13)
    due = bench.commands.next_look

    assert due == pytest.approx(time.monotonic() + 100, abs=10)
    bench.read(due - 0.001, current_limit=13)
    assert bench.outcomes == [Outcome.ACCEPTED]
    bench.read(due, current_limit=13)
    assert bench.outcomes == [Outcome.ACCEPTED, Outcome.CONFIRMED]
    assert bench.commands.next_look == math.inf
    assert bench.commands.idle


def test_a_row_may_settle_at_its_own_pace() -> None:
    """Some settings take longer than the vendor's usual time."""
    bench = Bench()
    row = bench.known.bindings["current_limit"]
    bench.known = replace(bench.known, bindings={"current_limit": replace(row, settle_s=1000)})
    bench.send(current_limit=13)

    assert bench.commands.next_look == pytest.approx(time.monotonic() + 1000, abs=10)


def test_each_look_is_a_settling_time_apart() -> None:
    """Readings in between, at the charger's usual pace, do not count."""
    bench = Bench()
    bench.send(current_limit=13)
    first = bench.commands.next_look
    for _ in range(5):
        bench.read(first - 1)
    bench.read(first)
    second = bench.commands.next_look

    assert second == pytest.approx(time.monotonic() + 100, abs=10)
    assert bench.outcomes == [Outcome.ACCEPTED]
    bench.read(first + 1000)
    assert told(bench.results[-1]) == (Outcome.UNCONFIRMED, "not_confirmed", 10)


def test_a_failed_reading_counts_as_a_look() -> None:
    """Else nobody would ever get a result from a charger that went away."""
    bench = Bench()
    bench.send(current_limit=13)
    late = time.monotonic() + 1000

    assert bench.commands.judge(late, None) == []
    [result] = bench.commands.judge(late, None)
    assert told(result) == (Outcome.UNCONFIRMED, "not_confirmed", None)


def test_a_refusal_in_doubt_gets_one_look() -> None:
    """Others get as many as the vendor needs."""
    bench = Bench(replace(SLOW, refusals_may_be_wrong=True))
    bench.receive(current_limit=13)
    bench.commands.failed(bench.begin(), RefusedError("no", Code.NOT_PERMITTED), PRESENT)
    bench.receive(led_brightness=20)
    bench.commands.failed(bench.begin(), NoAnswerError("silence"), PRESENT)
    late = time.monotonic() + 1000
    bench.read(late)

    assert told(bench.results[-1]) == (Outcome.REJECTED, "not_permitted", 10)
    bench.read(late)
    assert told(bench.results[-1]) == (Outcome.FAILED, "vendor_unreachable", 50)


def test_a_value_does_not_go_back_before_it_is_judged() -> None:
    """Once the new value was published, the old one is not, until the judgement; unknown is published as it is."""
    bench = Bench()
    bench.send(current_limit=13)
    due = bench.commands.next_look
    early = [bench.read(due - 1, current_limit=amps)["current_limit"] for amps in (10, 13, 10, 13, None, 10)]

    assert early == [10, 13, 13, 13, None, None]
    assert bench.outcomes == [Outcome.ACCEPTED]
    assert bench.read(due, current_limit=13)["current_limit"] == 13
    assert bench.outcomes == [Outcome.ACCEPTED, Outcome.CONFIRMED]
    assert bench.read(due, current_limit=10)["current_limit"] == 10


def test_what_really_went_back_is_published_with_the_judgement() -> None:
    """Held back until then and not longer; other properties never are."""
    bench = Bench()
    bench.send(current_limit=13)
    due = bench.commands.next_look
    bench.read(due - 1, current_limit=13)

    looks = [bench.read(time.monotonic() + 1000, current_limit=10, led_brightness=led) for led in (60.0, 70.0)]
    assert [look["current_limit"] for look in looks] == [13, 10]
    assert [look["led_brightness"] for look in looks] == [60, 70]
    assert told(bench.results[-1]) == (Outcome.UNCONFIRMED, "not_confirmed", 10)


def test_another_value_is_published_before_it_was_ever_the_new_one() -> None:
    """Not optimistic: what the charger shows is shown, also on the way to the new value."""
    bench = Bench()
    bench.send(current_limit=13)

    assert bench.read(0, current_limit=11)["current_limit"] == 11


def test_commands_for_different_properties_are_judged_each_by_itself() -> None:
    """One shows, the other does not."""
    bench = Bench(replace(SLOW, confirm_reads=1))
    bench.send(current_limit=13)
    bench.send(led_brightness=20)
    bench.read(time.monotonic() + 1000, current_limit=13)

    finals = {result.key: result.outcome for result in bench.results if result.final}
    assert finals == {"current_limit": Outcome.CONFIRMED, "led_brightness": Outcome.UNCONFIRMED}


def test_the_queue_tells_when_the_next_write_may_be() -> None:
    """So that the charger's task sleeps until then, and not longer."""
    bench = Bench(limits=CommandLimits(min_write_interval_s=100))
    assert bench.commands.next() == (None, math.inf)

    bench.send(current_limit=13)
    bench.receive(current_limit=14)
    command, earliest = bench.commands.next()
    assert command is None
    assert earliest == pytest.approx(time.monotonic() + 100, abs=10)

    bench.receive(led_brightness=20)
    command, _ = bench.commands.next()
    assert command is not None
    assert command.key == "led_brightness"


def test_nothing_is_left_after_the_end() -> None:
    """What waits, what is being sent and what was sent: each gets one final result, and later news adds none."""
    bench = Bench()
    bench.send(current_limit=13)
    bench.receive(led_brightness=20)
    writing = bench.begin()
    bench.receive(charging_enabled=True)
    bench.commands.close()
    bench.commands.abandon()
    bench.commands.sent(writing)
    bench.commands.abandon()
    bench.read(time.monotonic() + 1000, current_limit=13, led_brightness=20)

    finals = [(result.key, result.outcome, result.code) for result in bench.results if result.final]
    assert finals == [
        ("charging_enabled", Outcome.REJECTED, Code.SHUTTING_DOWN),
        ("current_limit", Outcome.UNCONFIRMED, Code.SHUTTING_DOWN),
        ("led_brightness", Outcome.UNCONFIRMED, Code.SHUTTING_DOWN),
    ]
    assert bench.commands.idle
