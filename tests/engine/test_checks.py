"""Whether a wished value may be sent: every code, in the order of the contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.charger.binding import Request
from bridge.charger.values import Json, Value
from bridge.engine.checks import Checked, check
from bridge.errors import Code, CommandRejectedError
from tests.engine.pretend import FACTORY, known


def _refusal(key: str, raw: Json, **settings: Any) -> CommandRejectedError:
    with pytest.raises(CommandRejectedError) as caught:
        check(key, raw, known(**settings))
    return caught.value


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        *((raw, True) for raw in (True, 1, "true", "TRUE", " on ", "On", "1", "yes", "YES", '"true"', '" on "')),
        *((raw, False) for raw in (False, 0, "false", "False", "off", "OFF\n", "0", "no", "No", '"off"')),
    ],
)
def test_truth_has_many_spellings(raw: Json, value: bool) -> None:  # noqa: FBT001 - the value itself
    """Any case, blanks around, and the quotes that flow editors add."""
    assert check("charging_enabled", raw, known()).value is value


@pytest.mark.parametrize("raw", ["", "maybe", "10", "2", "-1", "truee", "on off", 2, 1.0, None, [], {}, "None", '"'])
def test_what_is_neither_true_nor_false_is_an_invalid_value(raw: Json) -> None:
    """The message quotes it."""
    error = _refusal("charging_enabled", raw)

    assert error.code is Code.INVALID_VALUE
    assert error.message.endswith("is not true or false")


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("current_limit", 13, 13),
        ("current_limit", 13.0, 13),
        ("current_limit", "13", 13),
        ("current_limit", " 13.0 ", 13),
        ("current_limit", "13,5", 13.5),
        ("current_limit", "+1.3e1", 13),
        ("current_limit", '"13"', 13),
        ("current_limit", 6, 6),
        ("current_limit", 16, 16),
        ("current_limit", 6.5, 6.5),
        ("session_energy_limit", 0.1 + 0.2, 0.3),
        ("session_energy_limit", "3.1400000000001", 3.14),
        ("session_energy_limit", 0, 0),
        ("session_energy_limit", 1000, 1000),
        ("led_brightness", 29.000000000000004, 29),
    ],
)
def test_numbers_may_be_written_in_many_ways(key: str, raw: Json, value: float) -> None:
    """What a person or a program would write as that number, with the noise of binary fractions taken off."""
    found = check(key, raw, known()).value

    assert found == value
    assert isinstance(found, int) == isinstance(value, int)


@pytest.mark.parametrize(
    "raw",
    ["", "abc", "13 A", "1_3", "0x10", "1.3.0", "1.000,5", "--1", "٣", "1" * 41, True, None, [13], {"a": 1}],
)
def test_what_is_no_number_is_an_invalid_value(raw: Json) -> None:
    """Units, groups of thousands, digits of other scripts, truth values: nothing is guessed."""
    assert _refusal("current_limit", raw).code is Code.INVALID_VALUE


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), "NaN", "Infinity", "1e16", 1e16, 10**400, -(10**400)])
def test_numbers_beyond_all_measure_are_an_invalid_value(raw: Json) -> None:
    """Also whole numbers that no double can hold."""
    assert _refusal("current_limit", raw).code is Code.INVALID_VALUE


@pytest.mark.parametrize("raw", [5.5, 16.5, 0, -6, "5", 1e15, 99])
def test_the_live_bounds_count(raw: Json) -> None:
    """A number outside what the charger takes now is out of range, and the message says what it takes."""
    error = _refusal("current_limit", raw)

    assert error.code is Code.OUT_OF_RANGE
    assert "6 to 16 A" in error.message


def test_the_bounds_follow_the_charger() -> None:
    """The same value passes once the charger allows it."""
    assert _refusal("current_limit", 20).code is Code.OUT_OF_RANGE
    assert check("current_limit", 20, known(max=32)).value == 20
    assert _refusal("current_limit", 6, min=8).code is Code.OUT_OF_RANGE


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("current_limit", 6.25),
        ("current_limit", "13.4"),
        ("current_limit", 13.01),
        ("current_limit", 13.001),
        ("led_brightness", 0.5),
    ],
)
def test_a_number_off_the_step_is_an_invalid_value(key: str, raw: Json) -> None:
    """Nothing is rounded silently. The step counts from the lowest value."""
    error = _refusal(key, raw)

    assert error.code is Code.INVALID_VALUE
    assert "not a step of" in error.message


def test_the_step_counts_from_the_minimum() -> None:
    """With a minimum between two steps the steps shift."""
    assert check("current_limit", 6.75, known(min=6.25)).value == 6.75
    assert _refusal("current_limit", 7, min=6.25).code is Code.INVALID_VALUE


@pytest.mark.parametrize("raw", ["single", " Single ", "THREE", '"three"'])
def test_options_are_words(raw: Json) -> None:
    """Any case, blanks around."""
    assert check("phase_mode", raw, known()).value in {"single", "three"}


@pytest.mark.parametrize("raw", ["auto", "", "two", "unknown", "None", "x" * 100, 1, True, None, ["single"]])
def test_what_is_no_option_now_is_an_invalid_value(raw: Json) -> None:
    """`auto` is in the catalogue, but this charger does not offer it at present."""
    assert _refusal("phase_mode", raw).code is Code.INVALID_VALUE


def test_the_options_follow_the_charger() -> None:
    """The message names what there is."""
    assert _refusal("phase_mode", "auto").message == "'auto' is not one of single, three"
    assert check("phase_mode", "auto", known(phases_possible=["auto"])).value == "auto"


@pytest.mark.parametrize("key", ["status", "power", "online", "iec61851", "current_limit_max", "last_update", "stale"])
def test_a_reading_cannot_be_set(key: str) -> None:
    """Whether the vendor reports it or the bridge adds it."""
    error = _refusal(key, "charging")

    assert error.code is Code.NOT_SUPPORTED
    assert error.message == f"{key} is a reading and cannot be set"


@pytest.mark.parametrize(
    "key", ["charge_mode", "no_such_thing", "", "vendor/xyz", "Current_Limit", "factory_reset", "\ud800", "x" * 5000]
)
def test_what_the_charger_does_not_have_is_an_unknown_property(key: str) -> None:
    """Also one that only other chargers have, or that the configuration does not allow. The message is short."""
    error = _refusal(key, 1)

    assert error.code is Code.UNKNOWN_PROPERTY
    assert "current_limit" in error.message
    assert "restart" in error.message
    assert len(error.message) < 400


def test_a_state_that_forbids_it() -> None:
    """The vendor's row says why."""
    error = _refusal("current_limit", 13, locked=True)

    assert (error.code, error.message) == (Code.WRONG_STATE, "the charger is locked")


ORDER: list[tuple[str, Json, Code]] = [
    ("no_such_thing", "nonsense", Code.UNKNOWN_PROPERTY),
    ("power", "nonsense", Code.NOT_SUPPORTED),
    ("current_limit", "nonsense", Code.INVALID_VALUE),
    ("current_limit", 99, Code.OUT_OF_RANGE),
    ("current_limit", 6.25, Code.INVALID_VALUE),
    ("phase_mode", "auto", Code.INVALID_VALUE),
    ("current_limit", 13, Code.READ_ONLY),
    ("restart", "nonsense", Code.INVALID_VALUE),
    ("restart", "PRESS", Code.READ_ONLY),
]


@pytest.mark.parametrize(("key", "raw", "code"), ORDER)
def test_the_order_of_the_checks(key: str, raw: Json, code: Code) -> None:
    """Property, type, bounds or options, read_only, state: of several reasons the first one is told."""
    assert _refusal(key, raw, read_only=True, locked=True).code is code


@pytest.mark.parametrize("raw", ["PRESS", "press", " Press ", '"PRESS"'])
@pytest.mark.parametrize("key", ["restart", "refresh"])
def test_a_button_takes_press(key: str, raw: str) -> None:
    """The write is the action's own."""
    checked = check(key, raw, known())

    assert checked.action is not None
    assert checked.action.key == key
    assert checked.request(FACTORY).path == f"{'/' if key == 'restart' else ''}{key}"


@pytest.mark.parametrize("raw", ["", "true", "on", "PRESSED", "1", True, 1, None, ["PRESS"]])
def test_a_button_takes_nothing_else(raw: Json) -> None:
    """What another program publishes there by mistake restarts nothing."""
    error = _refusal("restart", raw)

    assert (error.code, error.message) == (Code.INVALID_VALUE, "restart is a button and takes PRESS")


def test_a_read_only_charger_can_be_read_anew() -> None:
    """`refresh` writes nothing, so nothing forbids it."""
    assert check("refresh", "PRESS", known(read_only=True)).action is not None


def test_an_action_that_needs_it_must_be_allowed() -> None:
    """The configuration names it under `allow`."""
    assert check("factory_reset", "PRESS", known(allow=("factory_reset",))).action is not None


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("current_limit", 13, Request(method="PUT", path="/settings", body={"amp": 13})),
        ("charging_enabled", "off", Request(method="PUT", path="/settings", body={"force": 1})),
        ("locked", True, Request(method="PUT", path="/lock", body={"locked": True, "pin": "0000"})),
    ],
)
def test_the_write_comes_from_the_newest_document(key: str, value: Json, expected: Request) -> None:
    """Some writes repeat what the charger said."""
    assert check(key, value, known()).request(FACTORY) == expected


def test_a_document_that_lacks_what_a_write_needs() -> None:
    """The command is not possible now; the bridge goes on."""
    checked = check("locked", "on", known())

    with pytest.raises(CommandRejectedError) as caught:
        checked.request({})

    assert caught.value.code is Code.WRONG_STATE


def test_a_document_that_lacks_what_a_check_needs() -> None:
    """As with a write."""
    told = known()
    document = {key: value for key, value in told.document.items() if key != "locked"}

    with pytest.raises(CommandRejectedError) as caught:
        check("current_limit", 13, replace(told, document=document))

    assert caught.value.code is Code.WRONG_STATE


@pytest.mark.parametrize(
    ("key", "raw", "observed", "equal"),
    [
        ("current_limit", 13, 13.0, True),
        ("current_limit", 13, 13.2, True),
        ("current_limit", 13, 12.8, True),
        ("current_limit", 13, 13.25, False),
        ("current_limit", 13, 13.5, False),
        ("current_limit", 13, None, False),
        ("current_limit", 13, "13", False),
        ("session_energy_limit", 0.3, 0.30000000000000004, True),
        ("session_energy_limit", 0.3, 0.301, False),
        ("led_brightness", 1, True, False),
        ("charging_enabled", True, True, True),
        ("charging_enabled", True, 1, False),
        ("charging_enabled", False, None, False),
        ("phase_mode", "three", "three", True),
        ("phase_mode", "three", "single", False),
    ],
)
def test_equal_means_less_than_half_a_step_apart(key: str, raw: Json, observed: Value, equal: bool) -> None:  # noqa: FBT001 - the expected value
    """The step is the one the charger has now, which may be finer than the catalogue's."""
    assert check(key, raw, known()).equals(observed) is equal


def test_numbers_without_a_step_are_equal_only_to_themselves() -> None:
    """Apart from the noise of binary fractions."""
    assert Checked(value=0.3).equals(0.1 + 0.2)
    assert not Checked(value=0.3).equals(0.3001)
