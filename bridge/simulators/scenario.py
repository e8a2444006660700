"""What a day in front of a charger looks like, in about a minute."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bridge.simulators.contract import Car

SPEED_FOR_DEMO = 100.0
"""At this speed of the simulator a car of `DailyLife` fills up in about the time it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyLife:
    """The times of one round, in s, and the car.

    Attributes:
        first_after_s: From the start until the first car comes.
        charging_s: From plugging in until the car is full, at the latest.
        staying_s: From then until it leaves.
        absent_s: From then until it is back.
        capacity_kwh: What it takes.
    """

    first_after_s: float = 5.0
    charging_s: float = 40.0
    staying_s: float = 12.0
    absent_s: float = 12.0
    capacity_kwh: float = 10.0


async def daily_life(car: Car, stop: asyncio.Event, times: DailyLife | None = None) -> None:
    """Let a car come, charge, be full, stay a little and go, again and again, until `stop` is set.

    The car is gone when this returns.
    """
    times = times or DailyLife()
    try:
        if await _stopped_within(stop, times.first_after_s):
            return
        while True:
            car.plug(capacity_kwh=times.capacity_kwh)
            if await _stopped_within(stop, times.charging_s):
                return
            car.fill()  # whatever the charger was told meanwhile, the round goes on
            if await _stopped_within(stop, times.staying_s):
                return
            car.unplug()
            if await _stopped_within(stop, times.absent_s):
                return
    finally:
        car.unplug()


async def _stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True
