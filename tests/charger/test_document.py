"""Reading a vendor's JSON: strict enough to notice nonsense, lenient enough to survive firmware."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.charger.document import boolean, integer, items, number, optional_integer, optional_number, text
from bridge.charger.values import Json

NO_NUMBERS: tuple[Json, ...] = (True, False, [], [1], {}, "", "one", "1,5", "nan", "inf", "-Infinity", "1 A")
NOT_FINITE: tuple[Json, ...] = (1e999, -1e999, float("nan"), "1e999", 10**400, -(10**400), "NaN")


@pytest.mark.parametrize(
    ("value", "found"),
    [(1, 1.0), (1.5, 1.5), (-1, -1.0), (0, 0.0), ("1", 1.0), ("1.5", 1.5), (" -3 ", -3.0), ("1e3", 1000.0)],
)
def test_numbers(value: Json, found: float) -> None:
    """Also in strings, as some firmware has them."""
    assert number(value) == found
    assert optional_number(value) == found
    assert isinstance(number(value), float)


@pytest.mark.parametrize(("value", "found"), [(1, 1), (1.0, 1), ("1", 1), ("1.0", 1), (-70, -70), (1e15, 10**15)])
def test_whole_numbers(value: Json, found: int) -> None:
    """However they are written."""
    assert integer(value) == found
    assert isinstance(integer(value), int)
    assert optional_integer(value) == found


@pytest.mark.parametrize("read", [number, optional_number, integer, optional_integer])
@pytest.mark.parametrize("value", [*NO_NUMBERS, *NOT_FINITE], ids=lambda value: repr(value)[:30])
def test_what_is_no_number(read: Callable[[Json], float | None], value: Json) -> None:
    """Raised as one of the errors that cost a row and not the charger."""
    with pytest.raises((TypeError, ValueError)):
        read(value)


@pytest.mark.parametrize("value", [1.5, "1.5", 0.0001])
def test_what_is_no_whole_number(value: Json) -> None:
    """A code with a fraction is none."""
    with pytest.raises(ValueError, match="where a whole number was expected"):
        integer(value)


@pytest.mark.parametrize("read", [number, integer, boolean, text, items])
def test_null_is_no_value(read: Callable[[Json], object]) -> None:
    """Only where the vendor says that a value is optional does null mean unknown."""
    with pytest.raises(TypeError, match=r"^NoneType where"):
        read(None)
    assert optional_number(None) is None
    assert optional_integer(None) is None


@pytest.mark.parametrize(("value", "found"), [(True, True), (False, False), (1, True), (0, False), (1.0, True)])
def test_truth_values(value: Json, found: bool) -> None:  # noqa: FBT001 - the value itself
    """Also as 0 and 1: firmware changed from one form to the other."""
    assert boolean(value) is found


@pytest.mark.parametrize("value", [2, -1, 0.5, "true", "1", "", [], {}])
def test_what_is_no_truth_value(value: Json) -> None:
    """Words are not guessed at."""
    with pytest.raises(TypeError, match="where true or false was expected"):
        boolean(value)


@pytest.mark.parametrize("value", ["", "a", "Größe"])
def test_text(value: str) -> None:
    """As it is."""
    assert text(value) == value


@pytest.mark.parametrize("value", [1, True, [], {}])
def test_what_is_no_text(value: Json) -> None:
    """A serial number as a number may have lost its zeros."""
    with pytest.raises(TypeError, match="where text was expected"):
        text(value)


def test_lists() -> None:
    """As they are; text is not a list of letters."""
    assert items([1, None]) == [1, None]


@pytest.mark.parametrize("value", ["abc", {"a": 1}, 1, True])
def test_what_is_no_list(value: Json) -> None:
    """Nor is an object."""
    with pytest.raises(TypeError, match="where a list was expected"):
        items(value)
