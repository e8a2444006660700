"""The types of values: what a command may say, and what stands on a topic (contract section 2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bridge.charger.values import (
    BOOLEAN,
    ENUM,
    FIRMWARE,
    INTEGER,
    JSON,
    NUMBER,
    TEXT,
    TIMESTAMP,
    UNKNOWN_TEXT,
    Firmware,
    Json,
    ValueType,
    plain_number,
    timestamp_text,
)
from bridge.errors import Code, CommandRejectedError

TYPES: tuple[ValueType[Any], ...] = (BOOLEAN, NUMBER, INTEGER, TEXT, ENUM, TIMESTAMP, FIRMWARE, JSON)

NONSENSE: tuple[Json, ...] = (
    None,
    "",
    "   ",
    '""',
    "None",
    "null",
    "unknown",
    "unavailable",
    [],
    [13],
    {},
    {"value": 13},
    "[13]",
    "{}",
    "\x00",
    "\ud800",
    "x" * 5_000,
    float("nan"),
    float("inf"),
    float("-inf"),
    "NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "inf",
)
"""What no type but text takes."""


def nested(depth: int) -> Json:
    """Return a list in a list in a list."""
    found: list[Json] = []
    for _ in range(depth):
        found = [found]
    return found


NO_NUMBERS: tuple[Json, ...] = (
    True,
    False,
    "true",
    "on",
    "thirteen",
    "13 A",
    "13A",
    "13 000",
    "13.5.1",
    "1,000.5",
    "1.000,5",
    "1_000",
    "0x10",
    "0b1",
    "1e",
    "e5",
    ".",
    ",",
    "-",
    "+",
    "--1",
    "1-",
    "+-1",
    "1e999",
    "-1e999",
    1e999,
    "1e9999",
    "1e16",
    1e16,
    -1e16,
    10**16,
    10**400,
    -(10**400),
    "1" * 41,
    "0" * 41,
    "１３",  # noqa: RUF001 - full-width digits are the case
    "١٣",
    "1³",
    "½",
    "13'000",
    "$13",
    "13%",
    '"13',
    '""13""',
    "13\n14",
)


def shown(value: object) -> str:
    """Return a short name for a case."""
    return repr(value)[:40]


def rejected(type_: ValueType[Any], raw: Json) -> CommandRejectedError:
    """Return the error with which a value is refused."""
    with pytest.raises(CommandRejectedError) as caught:
        type_.parse(raw)
    assert caught.value.code is Code.INVALID_VALUE
    return caught.value


@pytest.mark.parametrize("type_", [BOOLEAN, NUMBER, INTEGER, TIMESTAMP, FIRMWARE], ids=lambda type_: type_.name)
@pytest.mark.parametrize("raw", NONSENSE, ids=shown)
def test_nonsense_is_an_invalid_value(type_: ValueType[Any], raw: Json) -> None:
    """Whatever comes, it is refused in a sentence of one readable length."""
    assert len(rejected(type_, raw).message) < 200


@pytest.mark.parametrize("type_", TYPES, ids=lambda type_: type_.name)
def test_what_is_too_deep_to_be_shown_is_refused(type_: ValueType[Any]) -> None:
    """A list in a list in a list ... stops nobody."""
    assert rejected(type_, nested(50_000)).message.startswith("'that' is not ")


# Booleans


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        *[(raw, True) for raw in (True, 1, "true", "TRUE", "True", "on", "On", "1", "yes", "YES", " on ", '"on"')],
        *[(raw, False) for raw in (False, 0, "false", "FALSE", "off", "Off", "0", "no", "NO", "\toff\n", '" no "')],
    ],
    ids=shown,
)
def test_words_for_yes_and_no(raw: Json, value: bool) -> None:  # noqa: FBT001 - the value itself
    """Those of the contract, in any case, with blanks around them."""
    assert BOOLEAN.parse(raw) is value


@pytest.mark.parametrize("raw", [2, -1, 1.5, "2", "y", "n", "t", "f", "enable", "ON!", "o n", "-1", "1.0", 10**400])
def test_other_words_are_not_guessed(raw: Json) -> None:
    """A charger is not switched on a guess."""
    assert rejected(BOOLEAN, raw).message.endswith("is not true or false")


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false")])
def test_booleans_on_topics(value: bool, text: str) -> None:  # noqa: FBT001 - the value itself
    """The words of JSON, and nothing else."""
    assert (BOOLEAN.json(value), BOOLEAN.text(value)) == (value, text)
    assert BOOLEAN.parse(text) is value


# Numbers


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (13, 13),
        (13.0, 13),
        (13.5, 13.5),
        (-1.5, -1.5),
        (0, 0),
        (-0.0, 0),
        ("13", 13),
        ("13.0", 13),
        ("13.", 13),
        ("13,5", 13.5),
        ("13,0", 13),
        (".5", 0.5),
        (",5", 0.5),
        ("+13", 13),
        ("-13", -13),
        ("  13 ", 13),
        ('"13"', 13),
        ('" 13.5 "', 13.5),
        ("013", 13),
        ("1e1", 10),
        ("1.3E+1", 13),
        ("130e-1", 13),
        ("1e-999", 0),
        ("13.0004", 13),
        ("13.0006", 13.001),
        (0.1 + 0.2, 0.3),
        ("1" * 15, 111_111_111_111_111),
        (1e15, 10**15),
    ],
    ids=shown,
)
def test_what_a_person_or_a_program_writes_as_a_number(raw: Json, value: float) -> None:
    """Plain, with a decimal point or comma, with an exponent, as JSON text; kept to three places."""
    assert NUMBER.parse(raw) == value


@pytest.mark.parametrize("raw", NO_NUMBERS, ids=shown)
@pytest.mark.parametrize("type_", [NUMBER, INTEGER], ids=lambda type_: type_.name)
def test_what_is_no_number(type_: ValueType[Any], raw: Json) -> None:
    """Nothing is guessed, nothing is cut off, and nothing is so large that it would not be exact."""
    assert rejected(type_, raw).message.endswith("is not a number")


@pytest.mark.parametrize(("raw", "value"), [("13", 13), (13.0, 13), ("13,0", 13), ("1e2", 100), ("-0", 0)])
def test_whole_numbers(raw: Json, value: int) -> None:
    """However they are written, they are whole."""
    found = INTEGER.parse(raw)
    assert (found, type(found)) == (value, int)


@pytest.mark.parametrize("raw", ["13.5", 13.5, "1e-1", "0,1"])
def test_a_whole_number_is_not_rounded_to(raw: Json) -> None:
    """Nothing is clamped silently."""
    assert rejected(INTEGER, raw).message.endswith("is not a whole number")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (13, "13"),
        (13.0, "13"),
        (13.5, "13.5"),
        (-1.5, "-1.5"),
        (0.001, "0.001"),
        (0.0004, "0"),
        (-0.0004, "0"),
        (1e-7, "0"),
        (1 / 3, "0.333"),
        (2.0005, "2.001"),
        (1_234_567.891, "1234567.891"),
        (1e15, "1000000000000000"),
        (1e16, "10000000000000000"),
        (1e22, "10000000000000000000000"),
        (123_456_789_012.5, "123456789012.5"),
    ],
)
def test_numbers_on_topics_are_plain(value: float, text: str) -> None:
    """No exponent, no `.0`, at most three places; JSON says the same as the scalar."""
    assert NUMBER.text(value) == text
    assert json.dumps(NUMBER.json(value)) == text
    assert repr(plain_number(value)) == text


@pytest.mark.parametrize("value", [0, -71, 3, 10**15])
def test_whole_numbers_on_topics(value: int) -> None:
    """As they are."""
    assert (INTEGER.json(value), INTEGER.text(value)) == (value, str(value))


# Text and enumerations


@pytest.mark.parametrize("raw", ["", " a b ", "None", "Größe", "x" * 5_000, '"quoted"'])
def test_text_is_taken_as_it_is(raw: str) -> None:
    """Blanks and quotes may be meant."""
    assert TEXT.parse(raw) == raw
    assert (TEXT.json(raw), TEXT.text(raw)) == (raw, raw)


@pytest.mark.parametrize("raw", [None, 1, 1.5, True, [], {}, ["a"]], ids=shown)
def test_what_is_no_text(raw: Json) -> None:
    """A number is not turned into words."""
    assert rejected(TEXT, raw).message.endswith("is not text")
    assert rejected(ENUM, raw).message.endswith("is not one of the options")


@pytest.mark.parametrize("raw", ["single", "SINGLE", " Single\n", '"single"', '" single "'])
def test_options_in_any_case(raw: str) -> None:
    """Whether the word is an option is not the type's to say."""
    assert ENUM.parse(raw) == "single"
    assert (ENUM.json("single"), ENUM.text("single")) == ("single", "single")


# Timestamps

MOMENT = datetime(2026, 11, 20, 10, 15, 2, 140_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-20T10:15:02.140Z",
        "2026-11-20T10:15:02.140+00:00",
        "2026-11-20 11:15:02.140+01:00",
        "2026-11-19T22:15:02.140-12:00",
        "20261120T101502.140Z",
        " 2026-11-20T10:15:02.140Z\n",
    ],
)
def test_times_with_a_zone(raw: str) -> None:
    """Any form of ISO 8601, kept in UTC."""
    found = TIMESTAMP.parse(raw)
    assert (found, found.utcoffset()) == (MOMENT, timedelta(0))


@pytest.mark.parametrize(
    "raw",
    [
        "2026-11-20T10:15:02",
        "2026-11-20",
        "10:15:02Z",
        "yesterday",
        "1795169702",
        1_795_169_702,
        1_795_169_702.14,
        True,
        "2026-13-20T10:15:02Z",
        "2026-11-20T25:15:02Z",
        "2026-11-20T10:15:02.140 Z",
        "2026-11-20T10:15:02+99:00",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-11-20T10:15:02Z" * 100,
    ],
    ids=shown,
)
def test_what_is_no_time_with_a_zone(raw: Json) -> None:
    """A time without zone would be read in the wrong one; a number does not say its unit."""
    assert "is not an ISO 8601 time with zone" in rejected(TIMESTAMP, raw).message


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (MOMENT, "2026-11-20T10:15:02.140Z"),
        (MOMENT.astimezone(timezone(timedelta(hours=-5))), "2026-11-20T10:15:02.140Z"),
        (MOMENT.replace(microsecond=999), "2026-11-20T10:15:02.000Z"),
        (MOMENT.replace(microsecond=999_999), "2026-11-20T10:15:02.999Z"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00.000Z"),
    ],
)
def test_times_on_topics(moment: datetime, text: str) -> None:
    """UTC with milliseconds, cut and never rounded into the future."""
    assert (TIMESTAMP.json(moment), TIMESTAMP.text(moment), timestamp_text(moment)) == (text, text, text)
    assert TIMESTAMP.parse(text) == moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


# Firmware


@pytest.mark.parametrize(
    ("value", "document", "text"),
    [
        (Firmware("055.5", "056.1"), {"installed": "055.5", "latest": "056.1"}, "055.5"),
        (Firmware("055.5", None), {"installed": "055.5", "latest": None}, "055.5"),
        (Firmware(None, "056.1"), {"installed": None, "latest": "056.1"}, UNKNOWN_TEXT),
    ],
)
def test_firmware_is_an_object_and_as_a_scalar_what_is_installed(value: Firmware, document: Json, text: str) -> None:
    """An unknown version is the word for unknown, never an empty text."""
    assert (FIRMWARE.json(value), FIRMWARE.text(value)) == (document, text)


def test_firmware_is_not_set_like_a_value() -> None:
    """It is displayed."""
    assert "is not something that can be set" in rejected(FIRMWARE, "056.1").message


# Lists and objects


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ([], []),
        ({}, {}),
        ("[]", []),
        (' {"a": [1, null, true, "b"]}\n', {"a": [1, None, True, "b"]}),
        ([{"start": "21:00"}], [{"start": "21:00"}]),
    ],
)
def test_json_comes_as_text_or_as_it_is(raw: Json, value: Json) -> None:
    """On a scalar topic it is text, inside a JSON message it is not."""
    assert JSON.parse(raw) == value


@pytest.mark.parametrize(
    "raw",
    [
        *(None, 1, True, "", "abc", "1", '"a"', "null", "[1", "[1] [2]", "{'a': 1}"),
        *("[NaN]", '{"a": [1e999]}', [float("inf")], {"a": float("nan")}, "[" * 100_000),
    ],
    ids=shown,
)
def test_what_is_no_list_and_no_object(raw: Json) -> None:
    """Also numbers that JSON cannot say, and what is nested deeper than can be read."""
    assert rejected(JSON, raw).message.endswith("is not a JSON list or object")


@pytest.mark.parametrize(
    ("value", "text"),
    [([], "[]"), ([{"a": 1.5, "b": None}, "c"], '[{"a":1.5,"b":null},"c"]'), ({"größe": "☀"}, '{"größe":"☀"}')],
)
def test_json_on_topics_is_compact(value: Any, text: str) -> None:
    """The same in a document."""
    assert (JSON.json(value), JSON.text(value), JSON.parse(text)) == (value, text, value)


# Refusals


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("abc", "'abc' is not a number"),
        ("x" * 61, f"'{'x' * 60}...' is not a number"),
        (["a"], "\"['a']\" is not a number"),
        ({"a": "b" * 100}, f"\"{{'a': '{'b' * 53}...\" is not a number"),
    ],
)
def test_a_refusal_repeats_at_most_60_characters(raw: Json, message: str) -> None:
    """It names what was sent, and cannot fill a log."""
    assert rejected(NUMBER, raw).message == message


def test_unknown_is_the_word_of_home_assistant() -> None:
    """Its template for unknown gives exactly this."""
    assert UNKNOWN_TEXT == "None"


def test_types_are_named_for_the_capabilities() -> None:
    """Consumers choose a control by these words."""
    types: tuple[ValueType[Any], ...] = (BOOLEAN, NUMBER, INTEGER, TEXT, ENUM, TIMESTAMP, FIRMWARE, JSON)
    names = ["boolean", "number", "integer", "text", "enum", "timestamp", "firmware", "json"]
    assert [type_.name for type_ in types] == names
