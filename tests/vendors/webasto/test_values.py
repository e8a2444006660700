"""Numbers in text: every form that the vendor's documents and other clients know."""

from __future__ import annotations

import pytest

from bridge.charger.values import Json
from bridge.vendors.webasto.values import AMPERE, KWH, VOLT, WATT, Triple, converted, measured, plain, seconds, triple


@pytest.mark.parametrize(
    ("told", "number", "word"),
    [
        ("28 Sessions", 28, "Sessions"),
        ("28 Ladevorgänge", 28, "Ladevorg"),
        ("819.46 minutes", 819.46, "minutes"),
        ("819,46 Minuten", 819.46, "Minuten"),
        ("0.013 kWh", 0.013, "kWh"),
        ("0,013kWh", 0.013, "kWh"),
        ("-5 A", -5, "A"),
        ("1.234,5 W", 1234.5, "W"),
        ("1,234.5 W", 1234.5, "W"),
        ("1'234.5", 1234.5, ""),
        ("1.234.567", 1234567, ""),
        (" 12. ", 12, ""),
        (7, 7, ""),
        (0.5, 0.5, ""),
    ],
)
def test_a_number_and_the_word_after_it(told: Json, number: float, word: str) -> None:
    """With a point or a comma; where both occur, the last one is the decimal one."""
    assert measured(told) == (number, word)
    assert plain(told) == number


@pytest.mark.parametrize("told", ["", "kWh", "none", None, True, [], {}, float("nan"), float("inf"), "NaN"])
def test_what_is_no_number(told: Json) -> None:
    """Is an error, never 0."""
    with pytest.raises((TypeError, ValueError)):
        measured(told)


@pytest.mark.parametrize(
    ("told", "kwh"), [("0.013 kWh", 0.013), ("13 Wh", 0.013), ("1,5 MWh", 1500), ("2.5", 2.5), (2.5, 2.5)]
)
def test_energy(told: Json, kwh: float) -> None:
    """In kWh unless it says otherwise."""
    assert converted(told, KWH, "kwh") == pytest.approx(kwh)


def test_a_unit_that_is_not_known_is_an_error() -> None:
    """The dashboard's `power` is energy; if firmware makes it a power one day, it must not pass for energy."""
    with pytest.raises(ValueError, match="not a unit"):
        converted("3.7 kW", KWH, "kwh")


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("819.46 minutes", 49167.6),
        ("819,46 Minuten", 49167.6),
        ("2 min", 120),
        ("2", 120),
        (2, 120),
        ("90 s", 90),
        ("90 seconds", 90),
        ("90 Sekunden", 90),
        ("1.5 h", 5400),
        ("1,5 Stunden", 5400),
        ("2 hours", 7200),
    ],
)
def test_durations(told: Json, found: float) -> None:
    """In minutes unless the word says otherwise, in English and German."""
    assert seconds(told) == pytest.approx(found)


def test_a_unit_of_time_that_is_not_known() -> None:
    """Is an error, not minutes."""
    with pytest.raises(ValueError, match="unit of time"):
        seconds("3 days")


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("L1: 230.5V, L2: 231.0V, L3: 229.8V", (230.5, 231.0, 229.8)),
        ("L1 = 230.5 V, L2 = 231.0 V, L3 = 229.8 V", (230.5, 231.0, 229.8)),
        ("L1: 230,5V, L2: 231,0V, L3: 229,8V", (230.5, 231.0, 229.8)),
        ("L1 = 230,5 V; L2 = 231 V; L3 = 229,8 V", (230.5, 231.0, 229.8)),
        ("l1:230 l2:231 l3:229", (230, 231, 229)),
        ("228 V, 227 V, 229 V", (228, 227, 229)),
        ("228,5 V, 227 V, 229 V", (228.5, 227, 229)),
        ("228, 227, 229", (228, 227, 229)),
        ("228,227,229", (228, 227, 229)),
        ("228.5;227;229", (228.5, 227, 229)),
        ("228.5 / 227 / 229", (228.5, 227, 229)),
        ({"l1": 230.5, "l2": 231, "l3": "229,8"}, (230.5, 231, 229.8)),
        ({"L1": "230.5 V", "L2": 231, "L3": None}, (230.5, 231, None)),
        ([230.5, 231, 229.8], (230.5, 231, 229.8)),
        ("L1: 230.5V", (230.5, None, None)),
    ],
)
def test_three_phases(told: Json, found: Triple) -> None:
    """Every form that is known; a phase that is not named is unknown."""
    assert triple(told, VOLT, "v") == found


@pytest.mark.parametrize(
    "told",
    ["", "230", "230,5,231,0,229,8", "228, 227", "n/a", None, 230, True, {}, {"x": 1}, [1, 2], "L1: 5 X, L2: 5, L3: 5"],
)
def test_what_is_not_three_phases(told: Json) -> None:
    """Is an error: a list of commas of which nobody knows which are decimal is not guessed."""
    with pytest.raises((TypeError, ValueError)):
        triple(told, VOLT, "v")


def test_milliwatts() -> None:
    """The usual unit of power; another one that is written counts."""
    assert triple("L1: 3680000mW, L2: 0mW, L3: 0mW", WATT, "mw") == (3680, 0, 0)
    assert triple("3680000, 0, 0", WATT, "mw") == (3680, 0, 0)
    assert triple("3.68 kW, 0 kW, 0 kW", WATT, "mw") == (3680, 0, 0)
    assert triple("1 MW, 0 W, 0 W", WATT, "mw") == (1e6, 0, 0)
    assert triple("16000 mA, 0 mA, 0 mA", AMPERE, "a") == (16, 0, 0)
