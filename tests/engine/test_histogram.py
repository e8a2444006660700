"""Durations are counted in classes."""

from __future__ import annotations

from bridge.engine.histogram import Histogram


def test_each_duration_is_in_one_class() -> None:
    """The smallest limit that it does not exceed; what exceeds all has a class of its own."""
    found = Histogram((0.1, 1.0))
    for seconds in (0.0, 0.1, 0.11, 1.0, 7.5):
        found.observe(seconds)
    assert found.counts == [2, 2, 1]
    assert found.number == 5
    assert found.total == 8.71


def test_two_do_not_share() -> None:
    """What is counted in one is not in another."""
    one, other = Histogram((1.0,)), Histogram((1.0,))
    one.observe(0.5)
    assert (one.number, other.number) == (1, 0)
