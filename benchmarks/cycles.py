"""What a reading costs from the poll to the publish, against a bare loop that does the same number of readings.

Bridge and bare loops run at the same time and at the same pace, each in a process of its own with chargers of its own,
so that whatever else the machine does meets them alike.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ear import ear
from benchmarks.processes import Chargers, Measured, bridge, pretend_chargers, started
from bridge.demo.broker import free_port

SHORTEST_INTERVAL_S = 0.2
SECONDS_TO_SETTLE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """What was measured with so many chargers; processor time in microseconds for each reading."""

    chargers: int
    interval_s: float
    readings: int
    bridge_us: float
    bare_us: dict[int, float]
    """By QoS of its publish."""
    memory_mb: float

    def ratio(self, qos: int) -> float:
        """Return how many times the bare loop a cycle costs."""
        return self.bridge_us / self.bare_us[qos]


@dataclass(slots=True)
class _Meter:
    """The processor time for each reading of one process."""

    process: Measured
    chargers: Chargers
    cpu_s: float = 0.0
    reads: int = 0

    async def begin(self) -> None:
        self.cpu_s, self.reads = self.process.cpu_s(), await self.chargers.reads()

    async def end(self) -> None:
        self.cpu_s, self.reads = self.process.cpu_s() - self.cpu_s, await self.chargers.reads() - self.reads

    @property
    def us_per_read(self) -> float:
        return self.cpu_s / self.reads * 1e6


async def measure(folder: Path, broker_port: int, chargers: int, reads_per_second: float, seconds: float) -> Cycle:
    """Measure for so many seconds after everything has settled, with so many readings per second in all."""
    interval_s = max(SHORTEST_INTERVAL_S, chargers / reads_per_second)
    base = f"cycle{chargers}"
    async with AsyncExitStack() as running:
        enter = running.enter_async_context
        bare: dict[int, _Meter] = {}
        for qos in (0, 1):
            theirs = await enter(pretend_chargers(chargers))
            options = ("--broker", str(broker_port), "--interval", str(interval_s), "--qos", str(qos))
            loop = await enter(started("-m", "benchmarks.bare_loop", *options, *map(str, theirs.ports)))
            bare[qos] = _Meter(loop, theirs)
        ours = await enter(pretend_chargers(chargers))
        async with ear(broker_port, base) as heard:
            process = await enter(bridge(folder, broker_port, free_port(), base, ours.ports, interval_s))
            # The first state comes with everything that is said only once.
            await heard.until_each_told(chargers, 3, SECONDS_TO_SETTLE)
        meter = _Meter(process, ours)
        meters = (meter, *bare.values())
        for each in meters:
            await each.begin()
        await asyncio.sleep(seconds)
        for each in meters:
            await each.end()
        return Cycle(
            chargers=chargers,
            interval_s=interval_s,
            readings=meter.reads,
            bridge_us=meter.us_per_read,
            bare_us={qos: each.us_per_read for qos, each in bare.items()},
            memory_mb=process.memory_mb(),
        )
