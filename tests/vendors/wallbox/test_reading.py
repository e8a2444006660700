"""What is read of an account next: within its budget, and evenly for all of its chargers. In pretend time."""

from __future__ import annotations

import itertools

import pytest

from bridge.account.budget import Budget
from bridge.vendors.wallbox.reading import HOUR_S, Call, Part, ReadingPlan


def an_hour(chargers: int, per_minute: float) -> list[tuple[float, Call]]:
    """Return the calls that an account with so many chargers makes in an hour, as soon as each is permitted."""
    plan, budget = ReadingPlan(chargers=list(range(chargers)), rare={Part.RECORD, Part.SCHEDULES}), Budget(per_minute)
    made: list[tuple[float, Call]] = []
    now, last = 0.0, float("-inf")
    while (now := max(now, budget.ready_at(), last + budget.spacing_s)) < HOUR_S:
        call = plan.choose(now)
        budget.spend(now)
        plan.made(call, now)
        made.append((now, call))
        last = now
    return made


@pytest.mark.parametrize("per_minute", [1, 3])
@pytest.mark.parametrize("chargers", [1, 2, 5, 20])
def test_an_hour_keeps_the_limit_and_treats_all_alike(chargers: int, per_minute: float) -> None:
    """No minute has more calls than permitted, and no charger's data gets older than another's."""
    made = an_hour(chargers, per_minute)
    times = [at for at, _ in made]
    assert all(sum(start <= at < start + 60 for at in times) <= per_minute for start in times)
    assert len(made) == HOUR_S / 60 * per_minute

    # What every charger shows comes with every second call, whatever their number.
    states = [at for at, call in made if call.part is Part.GROUPS]
    assert max(after - before for before, after in itertools.pairwise(states)) <= 2 * 60 / per_minute

    # Details go round: nobody is read twice before all others were read once more.
    details = [call.charger for _, call in made if call.part is Part.STATUS]
    counts = [details.count(charger) for charger in range(chargers)]
    assert max(counts) - min(counts) <= 1


def test_everything_that_is_shown_is_read_before_what_hardly_changes() -> None:
    """After a start, states come first, then every charger's details, then the rest."""
    calls = [call for _, call in an_hour(2, 1)][:8]
    assert calls == [
        Call(Part.GROUPS, None),
        Call(Part.STATUS, 0),
        Call(Part.GROUPS, None),
        Call(Part.STATUS, 1),
        Call(Part.GROUPS, None),
        Call(Part.RECORD, 0),
        Call(Part.GROUPS, None),
        Call(Part.RECORD, 1),
    ]


def test_parts_that_nobody_wants_are_not_read() -> None:
    """Without keys that need them, records and schedules cost nothing."""
    plan = ReadingPlan(chargers=[7])
    parts = set()
    for second in range(100):
        call = plan.choose(float(second))
        plan.made(call, float(second))
        parts.add(call.part)
    assert parts == {Part.GROUPS, Part.STATUS}


def test_a_command_is_looked_at_first_but_not_too_early() -> None:
    """What somebody waits for comes before its turn, as soon as it is worth looking."""
    plan = ReadingPlan(chargers=[1, 2])
    plan.ask(Call(Part.STATUS, 2), at=10.0)
    assert plan.next_asked() == 10.0
    assert plan.choose(5.0) == Call(Part.GROUPS, None)
    assert plan.choose(10.0) == Call(Part.STATUS, 2)
    plan.made(Call(Part.STATUS, 2), 10.0)
    assert plan.next_asked() is None
