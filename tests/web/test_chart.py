"""The drawing of the last hour, and what it says to who does not see it."""

from __future__ import annotations

import re

import pytest

from bridge.web import chart

NOW = 10_000.0


def test_an_hour_runs_from_left_to_right() -> None:
    """A sample an hour old stands at the left edge, the newest value is drawn up to the right one."""
    drawn = chart.draw([(NOW - 3600, 0.0), (NOW - 1800, 10_000.0)], NOW)

    assert drawn.line == "M0 100L300 0L600 0"
    assert drawn.area == "M0 100L300 0L600 0V100.0H0Z"
    assert (drawn.top, drawn.middle, drawn.bottom) == ("10 kW", "5 kW", "0 kW")


def test_what_is_not_known_is_a_gap() -> None:
    """Nothing is drawn between the last value before it and the first one after it, nor after it at the end."""
    samples = [(NOW - 3600, 0.0), (NOW - 2700, None), (NOW - 1800, 0.0), (NOW - 900, None)]

    assert chart.draw(samples, NOW).line == "M0 100L0 100M300 100L300 100"


def test_what_is_older_than_an_hour_is_not_drawn() -> None:
    """Even where the samples stay because the charger told nothing since."""
    assert chart.draw([(NOW - 3700, 5000.0)], NOW).line == ""


def test_discharging_lies_below_zero() -> None:
    """The scale goes down as far as it must, and the area starts at zero."""
    drawn = chart.draw([(NOW - 3600, -4000.0), (NOW, 4000.0)], NOW)

    assert (drawn.top, drawn.bottom, drawn.line) == ("4 kW", "-4 kW", "M0 100L600 0L600 0")
    assert "V50.0H0Z" in drawn.area


@pytest.mark.parametrize(
    ("highest", "top"),
    [
        (0, "1 kW"),
        (1, "1 kW"),
        (1001, "1.2 kW"),
        (7360, "8 kW"),
        (11_010, "12 kW"),
        (22_080, "25 kW"),
        (99_999, "100 kW"),
    ],
)
def test_the_scale_ends_at_a_round_number(highest: float, top: str) -> None:
    """Above the highest value, and never at nothing."""
    assert chart.draw([(NOW, highest)], NOW).top == top


@pytest.mark.parametrize(
    ("samples", "text"),
    [
        ([], "Nothing is known of the last hour's power."),
        ([(NOW, None)], "Nothing is known of the last hour's power."),
        ([(NOW - 10, 0.0), (NOW, 7360.0)], "Between 0 W and 7.36 kW in the last hour, 7.36 kW at the end."),
        ([(NOW - 10, 230.0), (NOW, None)], "Between 230 W and 230 W in the last hour, now unknown."),
    ],
)
def test_it_can_be_read_aloud(samples: list[tuple[float, float | None]], text: str) -> None:
    """One sentence says what is drawn."""
    assert chart.draw(samples, NOW).text == text


def test_a_small_drawing_has_a_point_a_minute() -> None:
    """Fifty of them stand on one page."""
    samples = [(NOW - 3600 + 10 * number, float(number % 7) * 1000) for number in range(361)]

    line = chart.spark(samples, NOW)

    assert len(re.findall("[ML]", line)) == 62
    assert re.fullmatch(r"[ML0-9. ]+", line)


def test_a_small_drawing_shows_a_gap_of_less_than_a_minute() -> None:
    """A charger that was away for a moment was away."""
    assert chart.spark([(NOW - 60, 1000.0), (NOW - 40, None), (NOW - 20, 1000.0)], NOW).count("M") == 2
