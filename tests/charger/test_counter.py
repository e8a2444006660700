"""A counter that does not fall by accident."""

from __future__ import annotations

import pytest

from bridge.charger.counter import READINGS_TO_BELIEVE_A_DROP, Counter


@pytest.mark.parametrize(
    ("readings", "published"),
    [
        pytest.param([1, 2, 2, 3.5], [1, 2, 2, 3.5], id="rises"),
        pytest.param([0, 0, 1], [0, 0, 1], id="starts at nothing"),
        pytest.param([5, 0, 5.1, 5.2], [5, 5, 5.1, 5.2], id="a glitch to 0"),
        pytest.param([5, 0, 0, 5.1], [5, 5, 5, 5.1], id="a glitch of two readings"),
        pytest.param([5, 0, 5, 0, 5, 0, 5], [5] * 7, id="a glitch every other time"),
        pytest.param([5, 0, 0, 0, 0.1], [5, 5, 5, 0, 0.1], id="a new meter"),
        pytest.param([5, 1, 1.2, 1.4, 1.6], [5, 5, 5, 1.4, 1.6], id="a new meter that counts meanwhile"),
        pytest.param([5, 4, 3, 2, 1], [5] * 5, id="falls and falls: no two agree"),
        pytest.param([5, 4, 3, 3, 3], [5, 5, 5, 5, 3], id="falls, then agrees"),
        pytest.param([5, 1, 0, 0, 0], [5, 5, 5, 5, 0], id="agreement starts anew with each fall"),
        pytest.param([5, 0, 0, 5, 0, 0, 0], [5, 5, 5, 5, 5, 5, 0], id="a recovery is forgotten agreement"),
        pytest.param([5, None, 5], [5, None, 5], id="unknown"),
        pytest.param([5, 0, None, 0, None, 0], [5, 5, None, 5, None, 0], id="unknown does not disagree"),
        pytest.param([None, None, 3], [None, None, 3], id="unknown at first"),
        pytest.param([5, 0, 0, 0, 0, 0, 0, 0.5], [5, 5, 5, 0, 0, 0, 0, 0.5], id="believed is believed"),
    ],
)
def test_what_is_published(readings: list[float | None], published: list[float | None]) -> None:
    """A rise at once; a drop when three readings in a row agree on it; unknown as unknown, never the last value."""
    counter = Counter()
    assert [counter.update(reading) for reading in readings] == published


def test_a_drop_needs_three() -> None:
    """Consumers' statistics jump by the whole reading if one is enough."""
    assert READINGS_TO_BELIEVE_A_DROP == 3


def test_the_value_is_kept_over_unknown_readings() -> None:
    """It is what a drop is measured against."""
    counter = Counter()
    counter.update(5)
    counter.update(None)
    assert counter.value == 5
    assert counter.update(0) == 5
