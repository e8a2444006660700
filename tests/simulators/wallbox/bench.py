"""A pretend charger without any socket, for the tests of its state machine."""

from __future__ import annotations

from typing import Any

from bridge.simulators.wallbox import Charger, ChargerSpec
from bridge.simulators.wallbox.schedules import DAYS
from bridge.simulators.wallbox.times import Times
from tests.simulators.fake_clock import FakeClock
from tests.simulators.wallbox.client import NOW

SETTLED_S = 2.0


def make(clock: FakeClock, times: dict[str, Any] | None = None, **spec: Any) -> Charger:
    """A charger that reports whenever somebody looks, unless it is told otherwise."""
    options = {"live_refresh_s": 0.0, **(times or {})}
    return Charger(ChargerSpec(**spec), Times(clock=clock, epoch=NOW.timestamp(), **options), "01OWNER")


def after(charger: Charger, clock: FakeClock, seconds: float) -> int:
    """The status some time later."""
    clock.pass_time(seconds)
    charger.advance()
    return charger.status


def written(charger: Charger, clock: FakeClock, name: str, value: Any) -> int:
    """The status as soon as a write shows."""
    charger.write(name, value)
    return after(charger, clock, SETTLED_S)


def schedule(start: str, stop: str, *, enable: bool = True, days: tuple[str, ...] = DAYS) -> dict[str, Any]:
    """One that takes effect."""
    return {
        "id": 0,
        "enable": enable,
        "start": start,
        "stop": stop,
        "days": {day: day in days for day in DAYS},
        "max_current": 1,
        "created_at": int(NOW.timestamp()) + 1,
    }
