"""Budgets and pauses, in pretend time."""

from __future__ import annotations

import pytest

from bridge.account.budget import Budget, Throttle


@pytest.mark.parametrize("per_minute", [0.5, 1, 3, 4, 60])
def test_no_minute_has_more_calls_than_permitted(per_minute: float) -> None:
    """Calling whenever it is permitted never passes the limit in any minute, and uses it up."""
    budget, now, made = Budget(per_minute), 0.0, []
    while now < 3600:
        now = max(now, budget.ready_at())
        budget.spend(now)
        made.append(now)
    window = max(60.0, 60 / per_minute)
    permitted = max(1, int(per_minute))
    assert all(sum(start <= at < start + window for at in made) <= permitted for start in made)
    assert len(made) >= 3600 / 60 * per_minute


def test_what_is_left_and_when_it_is_whole_again() -> None:
    """A budget says what may be called right now and when everything may be again."""
    budget = Budget(3)
    assert (budget.left(0.0), budget.reset_in_s(0.0)) == (3, 0.0)
    budget.spend(0.0)
    budget.spend(10.0)
    assert (budget.left(20.0), budget.reset_in_s(20.0)) == (1, 50.0)
    assert budget.left(60.5) == 2
    assert budget.left(71.0) == 3


def test_calls_spread_evenly_are_a_spacing_apart() -> None:
    """The spacing follows from the limit."""
    assert Budget(4).spacing_s == 15.0


def test_pause_doubles_from_two_to_fifteen_minutes() -> None:
    """Without a word from the cloud each refusal doubles the pause, with a jitter that only lengthens it."""
    throttle, now = Throttle(), 0.0
    for expected in (120, 240, 480, 900, 900):
        throttle.hit(now, None)
        assert expected <= throttle.until - now <= expected * 1.2
        assert throttle.active(now)
        now = throttle.until
        assert not throttle.active(now)
    throttle.passed()
    throttle.hit(now, None)
    assert throttle.until - now <= 120 * 1.2


def test_pause_is_as_long_as_the_cloud_says() -> None:
    """`Retry-After` counts, but not beyond an hour."""
    throttle = Throttle()
    throttle.hit(0.0, 30.0)
    assert 30 <= throttle.until <= 36
    throttle.hit(0.0, 10**9)
    assert throttle.until <= 3600 * 1.2
