"""Rows that are not simply written and read back: what lapses, what does not show, what must not be repeated."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.charger.binding import Binding, Request
from bridge.charger.property import Property
from bridge.charger.values import JSON, TEXT, Json, timestamp_text
from bridge.engine.command import CommandLimits
from bridge.engine.results import Outcome
from bridge.errors import ChargerError, NoAnswerError, RefusedError
from tests.engine.pretend import BINDINGS, PATIENT, PretendCharger, driven, pace, taken, told
from tests.support.waiting import until

HUSH = 'open "sesame"  ü\\now'
"""With everything that chargers and JSON write in more than one way."""


def row(
    *, type_: Any = TEXT, readable: bool = True, secret: bool = False, confidential: bool = False, **how: Any
) -> Any:
    """Return the row `vendor/own`, which the charger has under `own`."""
    wanted = Property(
        key="vendor/own", name="Own", type=type_, settable=True, vendor=True, secret=secret, confidential=confidential
    )
    return Binding(
        property=wanted,
        read=lambda document: document["own"] if readable else None,
        write=lambda value, _: Request(method="PUT", path="/settings", body={"own": value}),
        **how,
    )


def charger_with(binding: Any, **settings: Any) -> PretendCharger:
    """Return a pretend charger that has this row too."""
    charger = PretendCharger(**{"own": "before", **settings})
    charger.bindings = [*BINDINGS, binding]
    return charger


# What the charger forgets


@pytest.mark.parametrize(("lapses", "writes"), [(True, 3), (False, 1)])
async def test_what_lapses_is_written_although_it_shows(lapses: bool, writes: int) -> None:  # noqa: FBT001 - a case
    """Each time anew, and confirmed each time."""
    charger = charger_with(row(lapses=lapses))
    async with driven(charger) as box:
        for _ in range(3):
            assert told(await box.result(**{"vendor/own": "on"})) == (Outcome.CONFIRMED, "ok", "on")
    assert len(charger.writes) == writes


async def test_what_lapses_is_written_although_it_came_to_show_while_it_waited() -> None:
    """The same once more when its turn comes."""
    charger = charger_with(row(lapses=True))
    async with driven(charger) as box:
        charger.hold_writes()
        box.command(led_brightness=20)
        await until(lambda: charger.writing)
        id_ = box.command(**{"vendor/own": "before"})
        charger.let_go()
        assert (await box.notes.final(id_)).outcome is Outcome.CONFIRMED
    assert [write.body for write in charger.writes] == [{"led": 20}, {"own": "before"}]


# What only the answer shows


async def test_a_yes_is_all_there_is_to_know() -> None:
    """Confirmed without another look, and written each time."""
    charger = charger_with(row(readable=False, answer_decides=True))
    async with driven(charger) as box:
        for _ in range(2):
            assert told(await box.result(**{"vendor/own": "go"})) == (Outcome.CONFIRMED, "ok", None)
    assert len(charger.writes) == 2
    assert len(charger.reads) == 1


async def test_what_shows_counts_for_nothing_where_the_answer_decides() -> None:
    """A clock shows another time than it was set to, and perhaps the same one as it is set to."""
    charger = charger_with(row(answer_decides=True))
    charger.takes = False
    async with driven(charger) as box:
        for text in ("before", "after"):
            assert told(await box.result(**{"vendor/own": text})) == (Outcome.CONFIRMED, "ok", None)
    assert [write.body for write in charger.writes] == [{"own": "before"}, {"own": "after"}]


async def test_without_that_nothing_confirms_what_cannot_be_read() -> None:
    """It was taken, and the result says that nobody saw it."""
    charger = charger_with(row(readable=False))
    async with driven(charger) as box:
        assert told(await box.result(**{"vendor/own": "go"})) == (Outcome.UNCONFIRMED, "not_confirmed", None)
    assert len(charger.reads) == 1 + charger.pace.confirm_reads


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (RefusedError("no"), Outcome.REJECTED, "vendor_refused"),
        (NoAnswerError("no answer"), Outcome.FAILED, "vendor_unreachable"),
    ],
)
async def test_a_no_is_a_no(error: ChargerError, outcome: Outcome, code: str) -> None:
    """Also where refusals may be wrong: there is nothing to look at."""
    charger = charger_with(row(readable=False, answer_decides=True), pace=pace(refusals_may_be_wrong=True))
    charger.write_error = error
    async with driven(charger) as box:
        assert told(await box.result(**{"vendor/own": "go"})) == (outcome, code, None)
    assert len(charger.reads) == 1


async def test_what_is_being_done_is_not_replaced() -> None:
    """A newer command comes after it; both have their results."""
    charger = charger_with(row(readable=False, answer_decides=True))
    async with driven(charger) as box:
        charger.hold_writes()
        first = box.command(**{"vendor/own": "one"})
        await until(lambda: charger.writing)
        second = box.command(**{"vendor/own": "two"})
        charger.let_go()
        for id_ in (first, second):
            assert (await box.notes.final(id_)).outcome is Outcome.CONFIRMED
    assert [write.body for write in charger.writes] == [{"own": "one"}, {"own": "two"}]


# Its own pace


@pytest.mark.parametrize("configured", [0.0, 3600.0])
async def test_its_own_interval_counts_whatever_the_configuration_says(configured: float) -> None:
    """Others keep to the configured one; what comes meanwhile is replaced by the newest."""
    charger = charger_with(row(min_interval_s=0.4))
    async with driven(charger, CommandLimits(min_write_interval_s=configured)) as box:
        assert (await box.result(**{"vendor/own": "1"})).outcome is Outcome.CONFIRMED
        skipped, last = box.command(**{"vendor/own": "2"}), box.command(**{"vendor/own": "3"})
        assert (await box.result(led_brightness=20)).outcome is Outcome.CONFIRMED
        assert (await box.notes.final(last)).outcome is Outcome.CONFIRMED
        assert box.notes.course(skipped) == ["accepted", "superseded"]
    first, *between, second = charger.writes
    assert [write.body for write in between] == [{"led": 20}]
    assert second.body == {"own": "3"}
    assert 0.4 <= second.at - first.at < 3600


async def test_waiting_for_its_interval_does_not_make_it_too_old() -> None:
    """That was the bridge's own doing."""
    charger = charger_with(row(min_interval_s=0.4, max_age_s=0.2))
    async with driven(charger) as box:
        for value in ("1", "2"):
            assert (await box.result(**{"vendor/own": value})).outcome is Outcome.CONFIRMED


async def test_what_is_of_no_use_later_expires_sooner() -> None:
    """While the charger was busy; other commands may wait longer."""
    charger = charger_with(row(max_age_s=0.1))
    async with driven(charger) as box:
        charger.hold_writes()
        box.command(led_brightness=20)
        await until(lambda: charger.writing)
        stale, patient = box.command(**{"vendor/own": "now"}), box.command(current_limit=13)
        began = datetime.now(UTC)
        await until(lambda: datetime.now(UTC) - began > timedelta(seconds=0.2))
        charger.let_go()
        assert told(await box.notes.final(stale)) == (Outcome.EXPIRED, "expired", None)
        assert (await box.notes.final(patient)).outcome is Outcome.CONFIRMED
    assert {"own": "now"} not in [write.body for write in charger.writes]


@pytest.mark.parametrize(("age_s", "outcome"), [(3, Outcome.CONFIRMED), (30, Outcome.EXPIRED)])
async def test_its_age_counts_from_when_it_was_sent(age_s: float, outcome: Outcome) -> None:
    """One message may hold what is too old and what is not."""
    charger = charger_with(row(max_age_s=20.0))
    moment = timestamp_text(datetime.now(UTC) - timedelta(seconds=age_s))
    async with driven(charger) as box:
        id_ = box.command(ts=moment, led_brightness=20, **{"vendor/own": "now"})
        await until(lambda: sum(result.final for result in box.notes.of(id_)) == 2)
    finals = {result.key: result.outcome for result in box.notes.of(id_) if result.final}
    assert finals == {"vendor/own": outcome, "led_brightness": Outcome.CONFIRMED}


# Another form


def _loudly(wished: str, observed: str) -> bool:
    return wished.upper() == observed


async def test_a_value_that_comes_back_in_another_form_is_confirmed() -> None:
    """What counts as shown is the row's to say, also for whether there is anything to write."""
    charger = charger_with(row(shows=_loudly))
    async with driven(charger) as box:
        charger.takes = False
        charger.on_write = {"own": "WORD"}
        for _ in range(2):
            assert told(await box.result(**{"vendor/own": "word"})) == (Outcome.CONFIRMED, "ok", "WORD")
        assert told(await box.result(**{"vendor/own": "WORD"})) == (Outcome.CONFIRMED, "ok", "WORD")
        assert told(await box.result(**{"vendor/own": "other"})) == (Outcome.UNCONFIRMED, "not_confirmed", "WORD")
    assert [write.body for write in charger.writes] == [{"own": "word"}, {"own": "other"}]


async def test_a_value_in_another_form_does_not_go_back_before_its_result() -> None:
    """Once it showed, an older one is not published until the command is judged."""
    charger = charger_with(row(shows=_loudly), pace=pace(settle_s=0.3))
    async with driven(charger) as box:
        charger.takes = False
        charger.on_write = {"own": "WORD"}
        id_ = box.command(**{"vendor/own": "word"})
        await taken(charger, 1)
        for _ in range(2):
            reads = len(charger.reads)
            box.poller.refresh()
            await until(lambda reads=reads: len(charger.reads) > reads and not charger.reading)  # type: ignore[misc]
            charger.settings["own"] = "before"
        charger.settings["own"] = "WORD"
        assert (await box.notes.final(id_)).outcome is Outcome.CONFIRMED
    assert box.notes.shown("vendor/own") == ["before", "WORD"]


# What must not be repeated


@pytest.mark.parametrize("kind", ["secret", "confidential"])
async def test_what_was_set_is_not_repeated(kind: str) -> None:
    """Neither in results nor in the log, whatever becomes of it; what is read of a confidential row is shown."""
    charger = charger_with(row(**{kind: True}, readable=kind == "confidential", shows=lambda _, seen: seen == "there"))
    charger.takes = False
    charger.on_write = {"own": "there"}
    with capture_logs() as logged:
        async with driven(charger, allow=["credentials"]) as box:
            taken_ = await box.result(**{"vendor/own": HUSH})
            charger.write_error = RefusedError(f"own: {HUSH} is not allowed")
            refused = await box.result(**{"vendor/own": f"{HUSH}!"})
            wish: Json = [HUSH]
            wrong = await box.result(**{"vendor/own": wish})
    assert taken_.outcome is (Outcome.CONFIRMED if kind == "confidential" else Outcome.UNCONFIRMED)
    assert taken_.applied == ("there" if kind == "confidential" else None)
    assert told(refused)[:2] == (Outcome.REJECTED, "vendor_refused")
    assert refused.message == "own: *** is not allowed"
    assert told(wrong)[:2] == (Outcome.REJECTED, "invalid_value")
    for result in box.notes.results:
        assert result.requested is None
        assert "sesame" not in json.dumps(result.json())
    assert "sesame" not in repr(logged)
    sent = [entry for entry in logged if entry["event"] == "command sent"]
    assert [entry["value"] for entry in sent] == [None]


async def test_what_is_read_of_a_confidential_row_does_not_tell_whether_it_is_the_same() -> None:
    """There is a card already, but perhaps another one: it is written."""
    charger = charger_with(row(confidential=True, shows=lambda _, seen: seen == "there"), own="there")
    charger.takes = False
    async with driven(charger) as box:
        for text in ("04a1", "04a2"):
            assert told(await box.result(**{"vendor/own": text})) == (Outcome.CONFIRMED, "ok", "there")
    assert [write.body for write in charger.writes] == [{"own": "04a1"}, {"own": "04a2"}]


AS_JSON = json.dumps(HUSH)
AS_PLAIN_JSON = json.dumps(HUSH, ensure_ascii=False)


@pytest.mark.parametrize(
    ("value", "words", "shown"),
    [
        (HUSH, f"bad {HUSH}", "bad ***"),
        (HUSH, f"bad {AS_JSON}", 'bad "***"'),
        (HUSH, f"bad {AS_PLAIN_JSON}", 'bad "***"'),
        (HUSH, f"bad {HUSH[:9]}", "bad ***"),
        (HUSH, f"bad {HUSH}, {HUSH}", "bad ***, ***"),
        ("a" * 300, "bad " + "a" * 196, "bad ***"),
        ("one  two", "bad one two", "bad ***"),
        ("pin", "bad pin, spin", "bad ***, s***"),
        ("1234", "code 12345 is wrong", "code ***5 is wrong"),
        ("password", "a word about nothing", "a *** about nothing"),
        ("password", "not now", "not now"),
        ("", "not now", "not now"),
        (
            [{"name": "Anna", "id": "04a1b2"}, {}],
            'bad [{"id":"04a1b2","name":"Anna"}]',
            'bad [{"id":"***","name":"***"}]',
        ),
        ([{"energy": 5}, None, True], "bad 5", "bad 5"),
    ],
)
async def test_the_chargers_words_are_kept_without_it(value: Json, words: str, shown: str) -> None:
    """Nor any part that is long enough to tell something: words are cut, and each has its own way to write a text."""
    charger = charger_with(row(confidential=True, type_=TEXT if isinstance(value, str) else JSON))
    charger.write_error = RefusedError(words)
    async with driven(charger) as box:
        result = await box.result(**{"vendor/own": value})
    assert (result.outcome, result.message) == (Outcome.REJECTED, shown)


async def test_other_rows_keep_all_of_the_chargers_words() -> None:
    """There the value is what a person looks for."""
    charger = charger_with(row(), pace=PATIENT)
    charger.write_error = RefusedError("own: no such word as HELLO")
    async with driven(charger) as box:
        result = await box.result(**{"vendor/own": "HELLO"})
    assert result.message == "own: no such word as HELLO"
    assert result.requested == "HELLO"
