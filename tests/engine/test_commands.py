"""The life of a command: accepted, then exactly one final result."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bridge.charger.values import Json, timestamp_text
from bridge.engine.command import CommandLimits
from bridge.engine.intake import Received
from bridge.engine.results import Outcome
from bridge.errors import (
    BadAnswerError,
    ChargerError,
    Code,
    NoAnswerError,
    RefusedError,
    UnreachableError,
)
from tests.engine.pretend import PATIENT, RARE, Notes, PretendCharger, driven, make_poller, pace, taken, told
from tests.support.waiting import until


async def test_a_command_is_accepted_sent_and_confirmed_by_reading_again() -> None:
    """The value shows before the final result; both results repeat what was asked for as its type reads it."""
    charger = PretendCharger()
    async with driven(charger) as box:
        result = await box.result(id="7f3c", current_limit="13,0")

    assert box.notes.course("7f3c") == ["accepted", "confirmed"]
    assert box.notes.shown("current_limit") == [10, 13]
    assert [write.body for write in charger.writes] == [{"amp": 13}]
    accepted, final = (r.json() for r in box.notes.of("7f3c"))
    assert set(final) == {
        *("id", "property", "requested", "applied", "status", "code", "message", "ts", "latency_ms"),
    }
    same = {"id": "7f3c", "property": "current_limit", "requested": 13, "code": "ok", "message": None}
    assert accepted | same | {"applied": None, "status": "accepted"} == accepted
    assert final | same | {"applied": 13, "status": "confirmed"} == final
    assert 0 <= accepted["latency_ms"] <= final["latency_ms"]  # type: ignore[operator]
    assert abs(result.moment - datetime.now(UTC)) < timedelta(minutes=1)
    order = [kind if kind == "values" else what.outcome for kind, what in box.notes.told]
    assert order == ["values", Outcome.ACCEPTED, "values", Outcome.CONFIRMED]


@pytest.mark.parametrize(
    ("key", "raw", "body", "applied"),
    [
        ("charging_enabled", "on", {"force": 2}, True),
        ("charge_override", "OFF", {"force": 1}, "off"),
        ("led_brightness", 75, {"led": 75}, 75),
        ("phase_mode", "single", {"phases": "single"}, "single"),
        ("session_energy_limit", 7.5, {"kwh": 7.5}, 7.5),
        ("locked", "yes", {"locked": True, "pin": "0000"}, True),
    ],
)
async def test_every_kind_of_value(key: str, raw: Json, body: Json, applied: Json) -> None:
    """Switches, options, numbers."""
    charger = PretendCharger()
    async with driven(charger) as box:
        result = await box.result(**{key: raw})

    assert told(result) == (Outcome.CONFIRMED, "ok", applied)
    assert result.requested == applied
    assert [write.body for write in charger.writes] == [body]


async def test_a_scalar_command_and_where_its_answer_goes() -> None:
    """Both results carry the correlation data as id; the reply address is part of the result."""
    charger = PretendCharger()
    async with driven(charger) as box:
        box.poller.receive(
            Received(key="led_brightness", payload=b" 20 ", correlation=b"\x00\x01", response_topic="my/answers")
        )
        result = await box.notes.final("0001")

    assert box.notes.course("0001") == ["accepted", "confirmed"]
    assert result.reply is not None
    assert (result.reply.topic, result.reply.correlation) == ("my/answers", b"\x00\x01")


async def test_an_action_is_confirmed_when_the_charger_takes_it() -> None:
    """There is no value to look at afterwards."""
    charger = PretendCharger()
    async with driven(charger) as box:
        result = await box.result(restart="PRESS")

    assert told(result) == (Outcome.CONFIRMED, "ok", None)
    assert [write.request.path for write in charger.writes] == ["/restart"]
    assert len(charger.reads) == 1


async def test_refresh_reads_and_writes_nothing() -> None:
    """The newest values are published before the result."""
    charger = PretendCharger()
    async with driven(charger, min_write_interval=60) as box:
        for led in (60, 70):
            charger.settings["led"] = led
            result = await box.result(refresh="PRESS")
            assert told(result) == (Outcome.CONFIRMED, "ok", None)
            assert box.notes.shown("led_brightness")[-1] == led

    assert charger.writes == []


async def test_refresh_of_a_charger_that_does_not_answer_is_rejected() -> None:
    """With the reason why reading failed."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.read_error = NoAnswerError("no answer within 10 s")
        result = await box.result(refresh="PRESS")

    assert told(result) == (Outcome.REJECTED, "vendor_unreachable", None)
    assert result.message == "no answer within 10 s"


# Refused at once


@pytest.mark.parametrize(
    ("key", "payload", "code"),
    [
        ("current_limit", b"abc", "invalid_value"),
        ("current_limit", b"6.25", "invalid_value"),
        ("current_limit", b"99", "out_of_range"),
        ("current_limit", b"\xff", "invalid_value"),
        ("current_limit", b"1" * 4097, "too_large"),
        ("no_such_thing", b"1", "unknown_property"),
        ("power", b"1", "not_supported"),
        ("restart", b"1", "invalid_value"),
        (None, b"nonsense", "invalid_value"),
        (None, b'{"led_brightness": ' + b" " * 65536 + b"}", "too_large"),
    ],
)
async def test_nonsense_gets_its_result_at_once_and_alone(key: str | None, payload: bytes, code: str) -> None:
    """Before the next message is looked at; nothing is sent."""
    charger = PretendCharger()
    async with driven(charger) as box:
        box.poller.receive(Received(key=key, payload=payload))
        [result] = box.notes.results

    assert told(result) == (Outcome.REJECTED, code, None)
    assert result.key == key
    assert result.message
    assert charger.writes == []


async def test_nonsense_is_answered_while_the_charger_hangs() -> None:
    """Whatever the charger does: checking needs no answer from it."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.hold_writes()
        box.command(led_brightness=20)
        await until(lambda: charger.writing)
        box.command(id="a", current_limit=99)
        box.command(id="b", led_brightness=50)

        assert box.notes.course("a") == ["rejected"]
        assert box.notes.course("b") == ["accepted"]
        charger.let_go()
        await box.notes.final("b")


async def test_a_state_that_forbids_it_is_told() -> None:
    """The charger was asked before: it is locked."""
    charger = PretendCharger(locked=True)
    async with driven(charger) as box:
        result = await box.result(current_limit=13)

    assert told(result) == (Outcome.REJECTED, "wrong_state", None)
    assert result.message == "the charger is locked"


async def test_read_only_sends_nothing() -> None:
    """Neither values nor actions, and people are shown no buttons but refresh."""
    charger = PretendCharger()
    async with driven(charger, read_only=True) as box:
        for wish in ({"current_limit": 13}, {"restart": "PRESS"}):
            assert told(await box.result(**wish)) == (Outcome.REJECTED, "read_only", None)
        assert (await box.result(refresh="PRESS")).outcome is Outcome.CONFIRMED
        assert [action.key for action in box.view.actions] == ["refresh"]

    assert charger.writes == []


async def test_before_the_first_answer_nothing_is_known() -> None:
    """Whatever it is, the charger cannot be asked."""
    charger = PretendCharger()
    charger.read_error = UnreachableError("no connection")
    async with driven(charger, answers=False) as box:
        await until(lambda: box.view.health.consecutive_failures)
        for wish in ({"current_limit": 13}, {"no_such_thing": 1}, {"refresh": "PRESS"}):
            result = await box.result(**wish)
            assert told(result) == (Outcome.REJECTED, "vendor_unreachable", None)
            assert "has not answered yet" in str(result.message)


@pytest.mark.parametrize(
    ("key", "payload", "named"),
    [
        ("led_brightness", b"20", ["led_brightness"]),
        ("led_brightness", b"nonsense", ["led_brightness"]),
        ("no_such_thing", b"20", ["no_such_thing"]),
        (None, b'{"led_brightness":20,"current_limit":99,"ts":"never"}', ["led_brightness", "current_limit"]),
        (None, b"nonsense", [None]),
    ],
)
async def test_a_retained_command_is_never_carried_out(
    key: str | None, payload: bytes, named: list[str | None]
) -> None:
    """Whatever else is wrong with it, that is what its sender has to know."""
    charger = PretendCharger()
    async with driven(charger) as box:
        box.poller.receive(Received(key=key, payload=payload, retained=True))

    assert [result.key for result in box.notes.results] == named
    for result in box.notes.results:
        assert told(result) == (Outcome.REJECTED, "retained", None)
        assert "retained" in str(result.message)
    assert charger.writes == []


@pytest.mark.parametrize(
    ("age_s", "outcome"),
    [(-3600, Outcome.CONFIRMED), (0, Outcome.CONFIRMED), (50, Outcome.CONFIRMED), (61, Outcome.EXPIRED)],
)
async def test_a_command_says_when_it_was_sent(age_s: float, outcome: Outcome) -> None:
    """Older than a minute is too old; a sender whose clock is ahead is believed."""
    charger = PretendCharger()
    moment = timestamp_text(datetime.now(UTC) - timedelta(seconds=age_s))
    async with driven(charger) as box:
        result = await box.result(id="a", led_brightness=20, ts=moment)

    assert result.outcome is outcome
    assert result.code is (Code.EXPIRED if outcome is Outcome.EXPIRED else Code.OK)
    assert box.notes.course("a") == (["expired"] if outcome is Outcome.EXPIRED else ["accepted", "confirmed"])


@pytest.mark.parametrize("field", ['"ts":"yesterday"', '"ts":"2026-11-20T10:15:02"', '"id":[1]'])
async def test_an_unusable_time_or_id_is_told_for_each_property(field: str) -> None:
    """One result each; nothing is carried out."""
    charger = PretendCharger()
    async with driven(charger) as box:
        payload = f'{{"led_brightness":20,{field},"phase_mode":"single"}}'
        box.poller.receive(Received(key=None, payload=payload.encode()))

    assert [(r.key, *told(r)) for r in box.notes.results] == [
        ("led_brightness", Outcome.REJECTED, "invalid_value", None),
        ("phase_mode", Outcome.REJECTED, "invalid_value", None),
    ]
    assert charger.writes == []


async def test_each_property_of_one_message_has_one_final_result() -> None:
    """All under the same id, whatever becomes of each."""
    charger = PretendCharger()
    async with driven(charger) as box:
        id_ = box.command(current_limit=13, led_brightness=50, phase_mode="two", power=1, restart="PRESS", nothing=None)
        await until(lambda: sum(result.final for result in box.notes.results) == 6)

    finals = {result.key: told(result) for result in box.notes.of(id_) if result.final}
    assert finals == {
        "current_limit": (Outcome.CONFIRMED, "ok", 13),
        "led_brightness": (Outcome.CONFIRMED, "ok", 50),
        "phase_mode": (Outcome.REJECTED, "invalid_value", None),
        "power": (Outcome.REJECTED, "not_supported", None),
        "restart": (Outcome.CONFIRMED, "ok", None),
        "nothing": (Outcome.REJECTED, "unknown_property", None),
    }
    assert len(charger.writes) == 2


# Nothing to do


async def test_a_value_that_is_there_already_is_confirmed_alone() -> None:
    """Without a write, at once."""
    charger = PretendCharger()
    async with driven(charger) as box:
        for wish, applied in (({"current_limit": 10}, 10), ({"phase_mode": "THREE"}, "three"), ({"locked": 0}, False)):
            id_ = box.command(**wish)
            [result] = box.notes.of(id_)
            assert told(result) == (Outcome.CONFIRMED, "ok", applied)

    assert charger.writes == []


async def test_an_action_is_never_there_already() -> None:
    """Each press is a press."""
    charger = PretendCharger()
    async with driven(charger) as box:
        await box.result(restart="PRESS")
        await box.result(restart="PRESS")

    assert len(charger.writes) == 2


async def test_the_last_known_value_counts_for_nothing_while_the_charger_is_away() -> None:
    """Nobody knows what it is set to now, so the wish is tried and the truth told."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.read_error = charger.write_error = UnreachableError("no connection")
        box.poller.refresh()
        await until(lambda: box.view.health.consecutive_failures)
        result = await box.result(current_limit=10)

    assert told(result) == (Outcome.REJECTED, "vendor_unreachable", None)
    assert len(charger.writes) == 1


# What the charger says and shows


@pytest.mark.parametrize("takes", [True, False])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoAnswerError("no answer within 10 s"), "vendor_unreachable"),
        (BadAnswerError("the answer is not JSON"), "vendor_unreachable"),
    ],
)
async def test_without_a_good_answer_the_charger_is_looked_at(error: ChargerError, code: str, takes: bool) -> None:  # noqa: FBT001 - a case
    """Confirmed if it shows, else failed, because it may still come; never written again."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.write_error, charger.takes = error, takes
        result = await box.result(id="a", current_limit=13)

    if takes:
        assert told(result) == (Outcome.CONFIRMED, "ok", 13)
    else:
        assert told(result) == (Outcome.FAILED, code, 10)
        assert result.message == error.message
    assert box.notes.course("a")[0] == "accepted"
    assert len(charger.writes) == 1


async def test_unreachable_means_that_nothing_changed() -> None:
    """Rejected at once, with the value that stands."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.write_error, charger.takes = UnreachableError("no connection to 192.0.2.1"), False
        result = await box.result(current_limit=13)

    assert told(result) == (Outcome.REJECTED, "vendor_unreachable", 10)
    assert result.message == "no connection to 192.0.2.1"
    assert (len(charger.writes), len(charger.reads)) == (1, 1)


REFUSALS = [
    RefusedError("not yours", Code.NOT_PERMITTED),
    RefusedError("not now", Code.WRONG_STATE),
    RefusedError("not so often", Code.RATE_LIMITED),
    RefusedError("Value 13 exceeds range 6 to 10"),
]
"""As vendors' HTTP 403, 409, 429 and any other no are translated."""


@pytest.mark.parametrize("error", REFUSALS)
async def test_a_refusal_is_believed(error: RefusedError) -> None:
    """Rejected at once, with the vendor's words and the value that stands."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.write_error, charger.takes = error, False
        result = await box.result(current_limit=13)

    assert told(result) == (Outcome.REJECTED, error.code.value, 10)
    assert result.message == error.message
    assert (len(charger.writes), len(charger.reads)) == (1, 1)


@pytest.mark.parametrize("error", REFUSALS)
@pytest.mark.parametrize("takes", [True, False])
async def test_a_refusal_is_looked_at_where_it_may_be_wrong(error: RefusedError, takes: bool) -> None:  # noqa: FBT001 - a case
    """Some firmware says no and does it: one look, then the vendor's words."""
    charger = PretendCharger(pace(refusals_may_be_wrong=True, confirm_reads=5))
    async with driven(charger) as box:
        charger.write_error, charger.takes = error, takes
        result = await box.result(current_limit=13)

    if takes:
        assert told(result) == (Outcome.CONFIRMED, "ok", 13)
    else:
        assert told(result) == (Outcome.REJECTED, error.code.value, 10)
        assert result.message == error.message
    assert (len(charger.writes), len(charger.reads)) == (1, 2)


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (UnreachableError("away"), Outcome.REJECTED, "vendor_unreachable"),
        (RefusedError("no", Code.NOT_PERMITTED), Outcome.REJECTED, "not_permitted"),
        (NoAnswerError("silence"), Outcome.FAILED, "vendor_unreachable"),
    ],
)
@pytest.mark.parametrize("doubtful", [True, False])
async def test_an_action_that_goes_wrong_cannot_be_looked_at(
    error: ChargerError, outcome: Outcome, code: str, *, doubtful: bool
) -> None:
    """Its result is what the error tells."""
    charger = PretendCharger(pace(refusals_may_be_wrong=doubtful))
    async with driven(charger) as box:
        charger.write_error = error
        result = await box.result(restart="PRESS")

    assert told(result) == (outcome, code, None)
    assert len(charger.writes) == 1


async def test_a_value_that_does_not_show_is_unconfirmed() -> None:
    """After as many looks as the vendor needs, with what the charger shows instead; never written again."""
    charger = PretendCharger(pace(confirm_reads=3))
    async with driven(charger) as box:
        charger.takes = False
        charger.on_write = {"amp": 12}
        result = await box.result(current_limit=13)

    assert told(result) == (Outcome.UNCONFIRMED, "not_confirmed", 12)
    assert result.message == "the charger took the command but does not show the value"
    assert (len(charger.writes), len(charger.reads)) == (1, 1 + 3)
    assert box.notes.shown("current_limit") == [10, 12]
    assert box.notes.told[-1] == ("result", result)


async def test_a_value_that_shows_late_is_confirmed() -> None:
    """At the last of the looks; what the charger showed meanwhile was published."""
    charger = PretendCharger(pace(confirm_reads=3))
    async with driven(charger) as box:
        charger.takes = False
        charger.later = [{}, {"amp": 11}, {"amp": 13}]
        result = await box.result(current_limit=13)

    assert told(result) == (Outcome.CONFIRMED, "ok", 13)
    assert box.notes.shown("current_limit") == [10, 11, 13]
    assert len(charger.writes) == 1


async def test_a_charger_that_cannot_be_read_afterwards_leaves_it_open() -> None:
    """Unconfirmed, and nothing is said of what is applied."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.read_error = NoAnswerError("silence")
        result = await box.result(current_limit=13)

    assert told(result) == (Outcome.UNCONFIRMED, "not_confirmed", None)
    assert result.message == "the charger took the command but its value could not be read afterwards"


async def test_a_value_that_becomes_unknown_leaves_it_open() -> None:
    """As if it could not be read."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.takes = False
        charger.on_write = {"amp": "broken"}
        result = await box.result(current_limit=13)

    assert told(result) == (Outcome.UNCONFIRMED, "not_confirmed", None)


async def test_a_command_that_the_newest_answer_makes_impossible() -> None:
    """The charger no longer says what this write has to repeat: rejected, at once or when its turn comes."""
    charger = PretendCharger()
    async with driven(charger, CommandLimits(min_write_interval_s=0.2)) as box:
        await box.result(locked=True)
        waiting = box.command(id="waiting", locked=False)
        del charger.settings["pin"]
        await box.result(refresh="PRESS")
        results = [await box.notes.final(waiting), await box.result(locked=False)]
        after = await box.result(led_brightness=30)

    for result in results:
        assert told(result) == (Outcome.REJECTED, "wrong_state", None)
        assert result.message == "the charger's last answer lacks what this command needs"
    assert box.notes.course("waiting")[0] == "accepted"
    assert after.outcome is Outcome.CONFIRMED


async def test_the_look_comes_after_the_settling_time() -> None:
    """Not before the vendor says that a write shows."""
    charger = PretendCharger(pace(settle_s=0.3))
    async with driven(charger) as box:
        result = await box.result(current_limit=13)

    assert result.outcome is Outcome.CONFIRMED
    assert charger.reads[1] - charger.writes[0].at >= 0.3


# The queue


async def test_commands_are_sent_in_the_order_in_which_they_came() -> None:
    """One after the other."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.hold_writes()
        ids = [box.command(led_brightness=20), box.command(current_limit=13), box.command(phase_mode="single")]
        charger.let_go()
        for id_ in ids:
            assert (await box.notes.final(id_)).outcome is Outcome.CONFIRMED

    assert [write.body for write in charger.writes] == [{"led": 20}, {"amp": 13}, {"phases": "single"}]


async def test_a_full_queue_takes_no_other_property() -> None:
    """But a newer value for one that waits takes its place."""
    charger = PretendCharger()
    async with driven(charger, CommandLimits(queue=2)) as box:
        charger.hold_writes()
        ids = [box.command(led_brightness=20)]
        await until(lambda: charger.writing)
        ids += [box.command(current_limit=13), box.command(phase_mode="single")]
        [refused] = box.notes.of(box.command(session_energy_limit=5))
        ids += [box.command(current_limit=14)]
        charger.let_go()
        outcomes = [(await box.notes.final(id_)).outcome for id_ in ids]

    assert told(refused) == (Outcome.REJECTED, "queue_full", None)
    assert outcomes == [Outcome.CONFIRMED, Outcome.SUPERSEDED, Outcome.CONFIRMED, Outcome.CONFIRMED]
    assert [write.body for write in charger.writes] == [{"led": 20}, {"amp": 14}, {"phases": "single"}]


async def test_a_command_that_waited_too_long_is_not_sent_any_more() -> None:
    """The charger was not free in time."""
    charger = PretendCharger()
    async with driven(charger, CommandLimits(max_age_s=0.5)) as box:
        charger.hold_writes()
        box.command(led_brightness=20)
        await until(lambda: charger.writing)
        late = box.command(id="late", current_limit=13)
        sent = time.monotonic()
        await until(lambda: time.monotonic() > sent + 0.6)
        charger.let_go()
        result = await box.notes.final(late)

    assert told(result) == (Outcome.EXPIRED, "expired", None)
    assert box.notes.course("late") == ["accepted", "expired"]
    assert [write.body for write in charger.writes] == [{"led": 20}]


async def test_writes_of_one_setting_keep_their_distance() -> None:
    """Meanwhile the last value wins, and other settings do not wait."""
    charger = PretendCharger()
    async with driven(charger, CommandLimits(min_write_interval_s=0.4)) as box:
        await box.result(current_limit=11)
        ids = [box.command(current_limit=amps) for amps in (12, 13, 14)]
        other = await box.result(led_brightness=20)
        outcomes = [(await box.notes.final(id_)).outcome for id_ in ids]

    assert other.outcome is Outcome.CONFIRMED
    assert outcomes == [Outcome.SUPERSEDED, Outcome.SUPERSEDED, Outcome.CONFIRMED]
    assert [write.body for write in charger.writes] == [{"amp": 11}, {"led": 20}, {"amp": 14}]
    assert charger.writes[2].at - charger.writes[0].at >= 0.4


async def test_waiting_for_the_distance_does_not_make_a_command_too_old() -> None:
    """Else the last value would never be written where the distance is longer than the age."""
    charger = PretendCharger()
    async with driven(charger, CommandLimits(min_write_interval_s=0.8, max_age_s=0.5)) as box:
        await box.result(current_limit=11)
        result = await box.result(current_limit=12)

    assert told(result) == (Outcome.CONFIRMED, "ok", 12)


async def test_a_write_that_never_got_there_needs_no_distance() -> None:
    """Nothing was switched by it."""
    charger = PretendCharger()
    async with driven(charger, CommandLimits(min_write_interval_s=30)) as box:
        charger.write_error, charger.takes = UnreachableError("away"), False
        await box.result(current_limit=11)
        charger.write_error, charger.takes = None, True
        result = await box.result(current_limit=12)

    assert result.outcome is Outcome.CONFIRMED


async def test_two_properties_of_one_setting_share_the_distance_and_end_as_the_last_one_says() -> None:
    """`charging_enabled` and `charge_override` move the same relay."""
    charger = PretendCharger()
    async with driven(charger, CommandLimits(min_write_interval_s=0.3)) as box:
        await box.result(charge_override="off")
        ids = [
            box.command(charge_override="on"),
            box.command(charging_enabled=True),
            box.command(charge_override="auto"),
        ]
        outcomes = [(await box.notes.final(id_)).outcome for id_ in ids]

    assert outcomes == [Outcome.SUPERSEDED, Outcome.CONFIRMED, Outcome.CONFIRMED]
    assert [write.body for write in charger.writes] == [{"force": 1}, {"force": 2}, {"force": 0}]
    times = [write.at for write in charger.writes]
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(times))


# Replaced by a newer one


async def test_a_queued_command_is_superseded() -> None:
    """Only the newest is sent."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.hold_writes()
        box.command(led_brightness=20)
        await until(lambda: charger.writing)
        first, second = box.command(id="first", current_limit=13), box.command(current_limit=14)

        assert box.notes.course("first") == ["accepted", "superseded"]
        charger.let_go()
        assert (await box.notes.final(second)).outcome is Outcome.CONFIRMED

    assert told(box.notes.of(first)[-1]) == (Outcome.SUPERSEDED, "superseded", None)
    assert [write.body for write in charger.writes] == [{"led": 20}, {"amp": 14}]


async def test_a_queued_command_gives_way_to_the_present_value() -> None:
    """Then there is nothing to write at all."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.hold_writes()
        box.command(led_brightness=20)
        await until(lambda: charger.writing)
        first, second = box.command(current_limit=13), box.command(id="second", current_limit=10)
        charger.let_go()
        await box.notes.final(second)

    assert box.notes.of(first)[-1].outcome is Outcome.SUPERSEDED
    assert box.notes.course("second") == ["accepted", "confirmed"]
    assert [write.body for write in charger.writes] == [{"led": 20}]


@pytest.mark.parametrize("amps", [14, 10])
async def test_a_command_being_sent_is_superseded(amps: float) -> None:
    """It has its final result, and the newer one is written after it, also where it only restores the old value."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.hold_writes()
        first = box.command(id="first", current_limit=13)
        await until(lambda: charger.writing)
        second = box.command(current_limit=amps)

        assert box.notes.course(first) == ["accepted", "superseded"]
        charger.let_go()
        result = await box.notes.final(second)

    assert told(result) == (Outcome.CONFIRMED, "ok", amps)
    assert [write.body for write in charger.writes] == [{"amp": 13}, {"amp": amps}]
    assert charger.settings["amp"] == amps


@pytest.mark.parametrize("error", [UnreachableError("away"), NoAnswerError("silence"), RefusedError("no")])
async def test_what_becomes_of_a_superseded_write_is_not_told(error: ChargerError) -> None:
    """One final result is enough."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.hold_writes()
        charger.write_error, charger.takes = error, False
        first = box.command(current_limit=13)
        await until(lambda: charger.writing)
        second = box.command(current_limit=14)
        charger.let_go()
        await until(lambda: not charger.writing)
        charger.write_error, charger.takes = None, True
        await box.notes.final(second)

    assert box.notes.course(first) == ["accepted", "superseded"]


@pytest.mark.parametrize("amps", [14, 10])
async def test_a_command_waiting_to_be_judged_is_superseded(amps: float) -> None:
    """The newer one is written, although the old value may still be the one that is shown."""
    charger = PretendCharger(PATIENT)
    async with driven(charger) as box:
        charger.takes = False
        first = box.command(current_limit=13)
        await taken(charger, 1)
        charger.takes = True
        result = await box.result(current_limit=amps)

    assert box.notes.course(first) == ["accepted", "superseded"]
    assert told(result) == (Outcome.CONFIRMED, "ok", amps)
    assert [write.body for write in charger.writes] == [{"amp": 13}, {"amp": amps}]


async def test_the_same_value_again_is_not_written_again() -> None:
    """The newer command takes over what was sent: a program that repeats itself every second wears nothing out."""
    charger = PretendCharger(PATIENT)
    async with driven(charger) as box:
        charger.takes = False
        first = box.command(current_limit=13)
        await taken(charger, 1)
        second, third = box.command(id="second", current_limit=13), box.command(id="third", current_limit=13)
        charger.settings["amp"] = 13
        await box.notes.final(third)

    assert box.notes.course(first) == ["accepted", "superseded"]
    assert box.notes.course(second) == ["accepted", "superseded"]
    assert box.notes.course(third) == ["accepted", "confirmed"]
    assert len(charger.writes) == 1


async def test_the_same_value_is_written_again_after_doubt() -> None:
    """A person who tries again after silence means it."""
    charger = PretendCharger(PATIENT)
    async with driven(charger) as box:
        charger.write_error, charger.takes = NoAnswerError("silence"), False
        first = box.command(current_limit=13)
        await taken(charger, 1)
        charger.write_error, charger.takes = None, True
        result = await box.result(current_limit=13)

    assert box.notes.course(first) == ["accepted", "superseded"]
    assert result.outcome is Outcome.CONFIRMED
    assert len(charger.writes) == 2


async def test_the_same_value_is_written_again_after_something_else_touched_it() -> None:
    """The last word counts, not the first."""
    charger = PretendCharger(PATIENT)
    async with driven(charger) as box:
        charger.takes = False
        first = box.command(charging_enabled=True)
        await taken(charger, 1)
        between = box.command(charge_override="off")
        await taken(charger, 2)
        charger.takes = True
        result = await box.result(charging_enabled=True)
        charger.settings["force"] = 1
        await box.notes.final(between)

    assert box.notes.course(first) == ["accepted", "superseded"]
    assert told(result) == (Outcome.CONFIRMED, "ok", True)
    assert [write.body for write in charger.writes] == [{"force": 2}, {"force": 1}, {"force": 2}]


@pytest.mark.parametrize("stage", ["waiting", "being sent", "sent"])
async def test_a_value_is_not_there_already_while_another_property_changes_the_same_setting(stage: str) -> None:
    """`charging_enabled` off is what is shown, but `charge_override` on is under way: off is written after it."""
    charger = PretendCharger(PATIENT, force=1)
    async with driven(charger) as box:
        charger.hold_writes()
        if stage == "waiting":
            box.command(led_brightness=20)
            await until(lambda: charger.writing)
        other = box.command(charge_override="on")
        if stage != "waiting":
            await until(lambda: charger.writing)
        if stage == "sent":
            charger.takes = False
            charger.let_go()
            await taken(charger, 1)
            charger.takes = True
        id_ = box.command(charging_enabled=False)

        assert box.notes.course(id_) == ["accepted"]
        charger.let_go()
        result = await box.notes.final(id_)
        assert charger.settings["force"] == 1
        charger.settings["force"] = 2
        await box.notes.final(other)

    assert told(result) == (Outcome.CONFIRMED, "ok", False)
    assert [write.body for write in charger.writes][-2:] == [{"force": 2}, {"force": 1}]


async def test_a_button_that_is_being_pressed_gets_its_own_result() -> None:
    """A second press does not undo the first."""
    charger = PretendCharger()
    async with driven(charger) as box:
        charger.hold_writes()
        first = box.command(restart="PRESS")
        await until(lambda: charger.writing)
        second, third = box.command(restart="PRESS"), box.command(restart="PRESS")
        charger.let_go()
        outcomes = [(await box.notes.final(id_)).outcome for id_ in (first, second, third)]

    assert outcomes == [Outcome.CONFIRMED, Outcome.SUPERSEDED, Outcome.CONFIRMED]
    assert len(charger.writes) == 2


# The end


async def test_at_the_end_what_waits_is_refused_and_what_was_sent_is_judged() -> None:
    """Nobody is left without a result, and nothing is sent any more."""
    charger = PretendCharger(pace(settle_s=0.2))
    async with driven(charger) as box:
        sent = box.command(current_limit=13)
        await taken(charger, 1)
        charger.hold_writes()
        writing = box.command(led_brightness=20)
        await until(lambda: charger.writing)
        waiting = box.command(phase_mode="single")
        box.poller.stop()
        [late] = box.notes.of(box.command(session_energy_limit=5))

        assert told(box.notes.of(waiting)[-1]) == (Outcome.REJECTED, "shutting_down", None)
        assert told(late) == (Outcome.REJECTED, "shutting_down", None)
        charger.let_go()

    assert told(box.notes.of(sent)[-1]) == (Outcome.CONFIRMED, "ok", 13)
    assert told(box.notes.of(writing)[-1]) == (Outcome.CONFIRMED, "ok", 20)
    assert len(charger.writes) == 2


async def test_at_the_end_the_bridge_does_not_wait_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not show in time is unconfirmed."""
    monkeypatch.setattr("bridge.engine.poller.SECONDS_TO_JUDGE_AT_STOP", 0.2)
    charger = PretendCharger(pace(settle_s=60))
    async with driven(charger) as box:
        id_ = box.command(current_limit=13)
        await taken(charger, 1)

    assert told(box.notes.of(id_)[-1]) == (Outcome.UNCONFIRMED, "shutting_down", None)


@pytest.mark.parametrize("hanging", ["write", "read"])
async def test_at_the_end_a_charger_that_hangs_costs_nobody_a_result(
    monkeypatch: pytest.MonkeyPatch, hanging: str
) -> None:
    """Unconfirmed in time, although the poller itself still waits for the charger; a late answer adds nothing."""
    monkeypatch.setattr("bridge.engine.poller.SECONDS_TO_JUDGE_AT_STOP", 0.2)
    charger = PretendCharger()
    async with driven(charger) as box:
        if hanging == "write":
            charger.hold_writes()
        else:
            charger.hold_reads()
        id_ = box.command(current_limit=13)
        await until(lambda: charger.writing if hanging == "write" else charger.reading)
        box.poller.stop()
        result = await box.notes.final(id_)

        assert charger.writing or charger.reading

    assert told(result) == (Outcome.UNCONFIRMED, "shutting_down", None)
    assert box.notes.course(id_) == ["accepted", "unconfirmed"]


async def test_finals_are_counted() -> None:
    """By outcome and code, for the metrics; `accepted` is no outcome."""
    charger = PretendCharger()
    async with driven(charger) as box:
        await box.result(current_limit=13)
        await box.result(current_limit=99)
        await box.result(current_limit=98)
        counts = dict(box.view.health.commands)

    assert counts == {("confirmed", Code.OK): 1, ("rejected", Code.OUT_OF_RANGE): 2}


def test_any_bytes_get_a_final_result_without_a_running_loop() -> None:
    """Receiving is a plain call: it neither waits nor fails, whatever comes."""
    notes = Notes()
    poller = make_poller(PretendCharger(RARE), notes)
    payloads = [bytes([byte]) * length for byte in range(0, 256, 5) for length in (0, 1, 7, 5000)]
    for payload in [*payloads, b"[" * 60_000, json.dumps({"a" * 60_000: 1}).encode()]:
        for key in (None, "current_limit", "\u0001", "vendor/x"):
            before = len(notes.results)
            poller.receive(Received(key=key, payload=payload))
            assert [result.final for result in notes.results[before:]] == [True]
