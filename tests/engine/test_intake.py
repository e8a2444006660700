"""From the bytes of a command to what it asks for."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.charger.values import Json
from bridge.engine.intake import Received, UnreadableError, Wish, read_wish, refusals
from bridge.engine.results import Outcome
from bridge.errors import Code

KIB = 1024


def _json(payload: bytes | str, **options: Any) -> Wish:
    return read_wish(Received(key=None, payload=payload.encode() if isinstance(payload, str) else payload, **options))


def _refused(payload: bytes, key: str | None = None) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        read_wish(Received(key=key, payload=payload))
    return caught.value


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (b"13", 13),
        (b"13.5", 13.5),
        (b" 13 ", 13),
        (b"true", True),
        (b"on", "on"),
        (b'"13"', '"13"'),
        (b"", ""),
        (b"null", "null"),
        (b"NaN", "nan"),
        (b"1e400", "inf"),
        (b"[1]", "[1]"),
        ("käse".encode(), "käse"),
        (b"x" * 300, "x" * 200 + "..."),
        (b"1" * 300, "1" * 200 + "..."),
        (b"1" * 4096, "1" * 200 + "..."),
    ],
)
def test_a_scalar_message_asks_for_one_property(payload: bytes, shown: Json) -> None:
    """The text goes to the check as it is; results repeat it as the number or truth value it stands for, shortened."""
    wish = read_wish(Received(key="current_limit", payload=payload))

    assert wish.values == (("current_limit", payload.decode()),)
    assert wish.shown == (shown,)
    assert type(wish.shown[0]) is type(shown)
    assert wish.sent_at is None
    assert wish.fault is None


def test_a_json_message_asks_for_several_under_one_id() -> None:
    """Everything but id and ts is a property, in the order of the message."""
    wish = _json('{"phase_mode":"auto","id":"7f3c","current_limit":13,"ts":"2026-11-20T11:15:02+01:00"}')

    assert wish.id == "7f3c"
    assert wish.sent_at == datetime(2026, 11, 20, 10, 15, 2, tzinfo=UTC)
    assert wish.values == (("phase_mode", "auto"), ("current_limit", 13))
    assert wish.shown == ("auto", 13)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("null", None),
        ("false", False),
        ("1e3", 1000.0),
        ("1e15", 1e15),
        ("NaN", "nan"),
        ("-Infinity", "-inf"),
        ("1e999", "inf"),
        ("9" * 400, "9" * 200 + "..."),
        ('{"a":[1,2]}', '{"a": [1, 2]}'),
        ('"' + "x" * 201 + '"', "x" * 200 + "..."),
    ],
)
def test_what_results_repeat_is_short_and_is_json(raw: str, shown: Json) -> None:
    """NaN, Infinity and numbers of hundreds of digits are repeated as text, long values cut."""
    wish = _json(f'{{"current_limit":{raw}}}')

    assert wish.shown == (shown,)
    assert type(wish.shown[0]) is type(shown)
    assert len(json.dumps(wish.shown, allow_nan=False)) < 300


def test_of_a_key_that_is_there_twice_the_last_one_counts() -> None:
    """As JSON readers do; there is one result for it."""
    assert _json('{"current_limit":6,"phase_mode":"auto","current_limit":13}').values == (
        ("current_limit", 13),
        ("phase_mode", "auto"),
    )


# Ids


@pytest.mark.parametrize(
    ("raw", "id_"),
    [
        ('"7f3c"', "7f3c"),
        ('""', ""),
        ("17", "17"),
        ("1.5", "1.5"),
        ("0", "0"),
        ('"' + "x" * 128 + '"', "x" * 128),
        ('"' + "x" * 129 + '"', "x" * 128),
        ("9" * 300, "9" * 128),
    ],
)
def test_the_id_of_a_json_message_is_text_or_a_number(raw: str, id_: str) -> None:
    """It comes back as text of at most 128 characters, and wins over the correlation data."""
    assert _json(f'{{"id":{raw},"led_brightness":1}}', correlation=b"other").id == id_


@pytest.mark.parametrize("raw", ["true", "false", "[]", '["a"]', "{}"])
def test_an_id_of_another_kind_is_refused_for_every_property(raw: str) -> None:
    """The message can be read, so each property it names is told why nothing is done."""
    wish = _json(f'{{"id":{raw},"led_brightness":1,"current_limit":6}}', correlation=b"other")

    assert wish.fault is not None
    assert (wish.fault.code, wish.fault.message) == (Code.INVALID_VALUE, "id is neither text nor a number")
    assert wish.id == "other"
    assert [key for key, _ in wish.values] == ["led_brightness", "current_limit"]


@pytest.mark.parametrize("key", ["current_limit", None])
@pytest.mark.parametrize(
    ("data", "id_"),
    [
        (b"7f3c", "7f3c"),
        ("käse".encode(), "käse"),
        (b"\x00\xff\x10", "00ff10"),
        (b"\x01\x02", "0102"),
        (b"a\nb", "610a62"),
        (b"x" * 200, "x" * 128),
        (b"\xff" * 200, "ff" * 128),
    ],
)
def test_correlation_data_serves_as_id(key: str | None, data: bytes, id_: str) -> None:
    """Printable text as it is, anything else as hexadecimal digits."""
    payload = b"13" if key else b'{"current_limit":13}'

    assert read_wish(Received(key=key, payload=payload, correlation=data)).id == id_


@pytest.mark.parametrize("data", [None, b""])
def test_without_one_an_id_is_made_up(data: bytes | None) -> None:
    """Each message gets one of its own; `null` in JSON counts as none."""
    scalar = Received(key="current_limit", payload=b"13", correlation=data)
    ids = {read_wish(scalar).id, read_wish(scalar).id, _json('{"id":null,"a":1}', correlation=data).id}

    assert len(ids) == 3
    assert all(len(id_) == 12 for id_ in ids)


# Times


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("null", None),
        ('"2026-11-20T10:15:02Z"', datetime(2026, 11, 20, 10, 15, 2, tzinfo=UTC)),
        ('" 2026-11-20T10:15:02.140Z "', datetime(2026, 11, 20, 10, 15, 2, 140_000, tzinfo=UTC)),
        ('"2026-11-20T10:15:02-05:30"', datetime(2026, 11, 20, 15, 45, 2, tzinfo=UTC)),
        ('"1999-01-01T00:00:00+00:00"', datetime(1999, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_time_has_a_zone(raw: str, moment: datetime | None) -> None:
    """How old it may be is not decided here."""
    wish = _json(f'{{"ts":{raw},"led_brightness":1}}')

    assert wish.sent_at == moment
    assert wish.fault is None


@pytest.mark.parametrize(
    "raw",
    [
        '"2026-11-20T10:15:02"',
        '"yesterday"',
        '""',
        "1763633702",
        "true",
        "NaN",
        "{}",
        '"0001-01-01T00:00:00+23:59"',
        '"2026-13-01T00:00:00Z"',
    ],
)
def test_a_time_that_makes_no_sense_is_refused_for_every_property(raw: str) -> None:
    """Nothing is carried out, and each property is told so under the id of the message."""
    wish = _json(f'{{"id":"a","ts":{raw},"led_brightness":1,"current_limit":6}}')

    assert wish.fault is not None
    assert wish.fault.code is Code.INVALID_VALUE
    assert wish.fault.message.startswith("ts: ")
    assert wish.id == "a"
    assert [key for key, _ in wish.values] == ["led_brightness", "current_limit"]


# What cannot be read


def test_sizes_are_limited_to_the_byte() -> None:
    """4 KiB for one value, 64 KiB for JSON, and not a byte more."""
    beginning, end = b'{"current_limit":"', b'"}'
    filling = 64 * KIB - len(beginning) - len(end)

    assert read_wish(Received(key="x", payload=b"1" * 4 * KIB)).values[0][1] == "1" * 4 * KIB
    assert _json(beginning + b"1" * filling + end).values[0][0] == "current_limit"

    scalar, document = _refused(b"1" * (4 * KIB + 1), "x"), _refused(beginning + b"1" * (filling + 1) + end)
    assert (scalar.code, scalar.shown) == (Code.TOO_LARGE, None)
    assert "4097" in scalar.message
    assert (document.code, document.shown) == (Code.TOO_LARGE, None)
    assert "65537" in document.message


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "the message is not JSON"),
        (b"{", "the message is not JSON"),
        (b"13 A", "the message is not JSON"),
        (b"{'current_limit': 13}", "the message is not JSON"),
        (b"\xef\xbb\xbf{}", "the message is not JSON"),
        (b'{"current_limit":' + b"9" * 5000 + b"}", "the message is not JSON"),
        (b"13", "the message is not a JSON object of properties"),
        (b"[]", "the message is not a JSON object of properties"),
        (b"null", "the message is not a JSON object of properties"),
        (b'"current_limit"', "the message is not a JSON object of properties"),
        (b"{}", "the message names no property"),
        (b'{"id":"a"}', "the message names no property"),
        (b'{"id":"a","ts":"2026-11-20T10:15:02Z"}', "the message names no property"),
        (b'{"id":[],"ts":1}', "the message names no property"),
        (b'{"a":\xff}', "the message is not UTF-8 text"),
        (b"\xed\xa0\x80", "the message is not UTF-8 text"),
    ],
)
def test_json_that_asks_for_nothing_is_refused(payload: bytes, message: str) -> None:
    """With a sentence that says what is wrong, and the beginning of the message where it is text."""
    error = _refused(payload)

    assert (error.code, error.message) == (Code.INVALID_VALUE, message)
    assert error.id
    assert error.shown is None if message.endswith("text") else payload.decode().startswith(str(error.shown)[:200])


def test_a_scalar_that_is_not_text_is_refused() -> None:
    """Nothing of it is repeated."""
    error = _refused(b"\xff\xfe", "current_limit")

    assert (error.code, error.message, error.shown) == (
        Code.INVALID_VALUE,
        "the message is not UTF-8 text",
        None,
    )


def _nested(depth: int) -> bytes:
    return b'{"current_limit":' + b"[" * depth + b"]" * depth + b"}"


def test_json_nested_deeply_is_refused_at_any_depth() -> None:
    """Also around the depth at which the reader still gets through and the writer no longer does."""
    limit = sys.getrecursionlimit()

    assert _json(_nested(19)).shown == ("[" * 19 + "]" * 19,)
    for depth in (20, 100, *range(limit - 150, limit + 20), 20_000):
        assert _refused(_nested(depth)).code is Code.INVALID_VALUE


def test_lone_surrogates_do_no_harm() -> None:
    """JSON can name half a character; it is kept until results are written, where it becomes a question mark."""
    wish = _json(r'{"id":"\ud800","a\udfff":"\ud83d"}')

    assert (wish.id, wish.values, wish.shown) == ("\ud800", (("a\udfff", "\ud83d"),), ("\ud83d",))


# Messages that nobody carries out


@pytest.mark.parametrize(
    ("key", "payload", "expected"),
    [
        ("current_limit", b"13", [("current_limit", 13)]),
        ("current_limit", b"x" * 5000, [("current_limit", None)]),
        ("current_limit", b"\xff", [("current_limit", None)]),
        (None, b'{"a":1,"b":"x"}', [("a", 1), ("b", "x")]),
        (None, b'{"a":1,"ts":"never"}', [("a", 1)]),
        (None, b"nonsense", [(None, "nonsense")]),
        (None, b"{}", [(None, "{}")]),
    ],
)
def test_a_message_that_nobody_carries_out_is_answered(
    key: str | None, payload: bytes, expected: list[tuple[str | None, Json]]
) -> None:
    """One result for each property it names, one without a property where it cannot be read."""
    received = Received(key=key, payload=payload, correlation=b"c7", response_topic="answers/here")

    results = refusals(received, Code.UNKNOWN_PROPERTY, "no such charger")

    assert [(result.key, result.requested) for result in results] == expected
    for result in results:
        assert (result.outcome, result.code) == (Outcome.REJECTED, Code.UNKNOWN_PROPERTY)
        assert (result.message, result.id, result.applied) == ("no such charger", "c7", None)
        assert result.reply is not None
        assert (result.reply.topic, result.reply.correlation) == ("answers/here", b"c7")


def test_without_a_response_topic_there_is_no_reply() -> None:
    """Correlation data alone says nothing of where to answer."""
    [result] = refusals(Received(key="a", payload=b"1", correlation=b"c"), Code.UNKNOWN_PROPERTY, "no")

    assert result.reply is None
