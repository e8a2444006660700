"""What is remembered of chargers, and that it does not grow."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge.charger.session import Event, EventType, SessionRecord
from bridge.engine.outlet import Fan
from bridge.engine.results import Outcome, Result
from bridge.engine.view import ChargerView
from bridge.errors import Code
from bridge.web.history import History, PowerHistory, Watcher
from tests.engine.pretend import Notes
from tests.web.conftest import PACE

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RECORD = SessionRecord(started_at=None, finished_at=NOON, energy=1.0, duration=60, cost=None, currency=None, card=None)


def _view(id_: str = "garage", power: object = 1000.0, *, available: bool = True) -> ChargerView:
    view = ChargerView(id=id_, name=None, vendor="go-e", pace=PACE, available=available)
    view.values = {"power": power}  # type: ignore[dict-item]
    return view


def _result(id_: str, outcome: Outcome = Outcome.CONFIRMED, key: str = "locked") -> Result:
    told = {"requested": True, "applied": None, "message": None, "moment": NOON, "latency_ms": 5}
    return Result(id=id_, key=key, outcome=outcome, code=Code.OK, **told)  # type: ignore[arg-type]


def _samples(history: PowerHistory) -> list[tuple[float, float | None]]:
    return list(history.samples())


def test_there_is_one_sample_per_ten_seconds() -> None:
    """However often the charger is read; the first one of each ten seconds counts."""
    power = PowerHistory()
    for second in range(25):
        power.add(second, second * 100)

    assert _samples(power) == [(0, 0), (10, 1000), (20, 2000)]


def test_an_hour_is_kept() -> None:
    """Older samples go, so that there are never more than fit into an hour."""
    power = PowerHistory()
    for second in range(0, 20_000, 10):
        power.add(second, 1)

    times = [at for at, _ in power.samples()]
    assert (times[0], times[-1], len(times)) == (16_390, 19_990, 361)


@pytest.mark.parametrize(
    ("told", "expected"),
    [([500, None], None), ([None, 500], 500), ([500, 600], 500), ([None, None], None)],
    ids=["goes", "comes back", "stays", "stays away"],
)
def test_a_charger_that_goes_is_seen_at_once(told: list[float | None], expected: float | None) -> None:
    """Within ten seconds, too: unknown is not the power of before."""
    power = PowerHistory()
    for second, watts in enumerate(told):
        power.add(second, watts)

    assert _samples(power) == [(0, expected)]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (_view(power=7000), 7000),
        (_view(power=-3000.5), -3000.5),
        (_view(power=None), None),
        (_view(power="much"), None),
        (_view(power=7000, available=False), None),
    ],
)
def test_only_what_is_known_now_is_a_sample(view: ChargerView, expected: float | None) -> None:
    """The last value of a charger that has gone away says nothing of now."""
    history = History(clock=lambda: 5.0)
    history.changed(view)

    assert _samples(history.of("garage").power) == [(5, expected)]


def test_the_last_20_commands_are_kept() -> None:
    """The oldest ones go."""
    history = History()
    for number in range(30):
        history.result("garage", _result(f"c{number}"))

    assert [result.id for result in history.of("garage").commands] == [f"c{number}" for number in range(10, 30)]


def test_a_command_has_one_line() -> None:
    """Its final result takes the place of `accepted`; another property of the same message has its own."""
    history = History()
    history.result("garage", _result("a", Outcome.ACCEPTED))
    history.result("garage", _result("a", Outcome.ACCEPTED, "power_boost"))
    history.result("garage", _result("b"))
    history.result("garage", _result("a", Outcome.FAILED))

    told = [(result.id, result.key, result.outcome.value) for result in history.of("garage").commands]
    assert told == [("a", "locked", "failed"), ("a", "power_boost", "accepted"), ("b", "locked", "confirmed")]


def test_an_id_that_is_used_again_is_another_command() -> None:
    """Senders may give the same id to everything; what has ended stays as it was."""
    history = History()
    history.result("garage", _result("a", Outcome.FAILED))
    history.result("garage", _result("a", Outcome.ACCEPTED))
    history.result("garage", _result("a"))

    assert [result.outcome.value for result in history.of("garage").commands] == ["failed", "confirmed"]


def test_the_last_50_events_are_kept() -> None:
    """And the session that ended last."""
    history = History()
    for minute in range(60):
        moment = NOON.replace(minute=minute)
        history.event(_view(), Event(type=EventType.PLUGGED, moment=moment))
    history.session(_view(), RECORD)

    kept = history.of("garage")
    assert [event.moment.minute for event in kept.events] == list(range(10, 60))
    assert kept.session is RECORD


def test_chargers_that_are_gone_are_forgotten() -> None:
    """Those that are configured keep what they have, and unknown ones have nothing."""
    history = History()
    for id_ in ("garage", "street"):
        history.result(id_, _result("a"))
    history.keep_only({"street", "new"})

    assert [len(history.of(id_).commands) for id_ in ("garage", "street", "new")] == [0, 1, 0]


def test_who_watches_is_woken_by_their_chargers_alone() -> None:
    """What changed meanwhile comes together, and costs nothing however long nobody fetches it."""
    history = History()
    watcher = Watcher(["garage", "street"])
    watcher.changed.clear()
    history.watchers.add(watcher)
    history.changed(_view("depot"))
    assert not watcher.wake.is_set()
    for _ in range(100):
        history.changed(_view("garage"))
        history.result("garage", _result("a"))

    assert watcher.wake.is_set()
    assert watcher.changed == {"garage"}


def test_a_fan_tells_everyone_everything() -> None:
    """In their order, so that what the broker is told comes first."""
    first, second = Notes(), Notes()
    fan = Fan((first, second))
    fan.changed(_view())
    fan.event(_view(), Event(type=EventType.PLUGGED, moment=NOON))
    fan.session(_view(), RECORD)
    fan.result("garage", _result("a"))

    assert [kind for kind, _ in first.told] == ["values", "event", "session", "result"]
    assert first.told == second.told
