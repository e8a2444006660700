"""How fast a bridge with four chargers is there, how fast it passes a command on, and how much memory it takes."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ear import Ear, ear
from benchmarks.processes import Chargers, bridge, pretend_chargers
from bridge.demo.broker import free_port

CHARGERS = 4
SECONDS_UNTIL_STATE = 20.0
SECONDS_UNTIL_REQUEST = 5.0
SECONDS_BETWEEN_COMMANDS = (0.4, 0.6)
"""Each charger has had its last command confirmed when its next one comes, and no rhythm meets that of the polls."""
CURRENTS = range(6, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """What was measured: seconds from the start to the first state, milliseconds from a command to the request."""

    starts_s: Sequence[float]
    commands_ms: Sequence[float]
    memory_mb: float
    peak_memory_mb: float

    @property
    def start_s(self) -> float:
        """The median."""
        return statistics.median(self.starts_s)

    @property
    def command_ms(self) -> float:
        """The median."""
        return statistics.median(self.commands_ms)


async def measure(folder: Path, broker_port: int, starts: int, commands: int) -> Reactions:
    """Start a bridge so often, and send the last one so many commands."""
    starts_s: list[float] = []
    async with pretend_chargers(CHARGERS) as chargers:
        while True:
            async with (
                ear(broker_port, "reactions") as heard,
                bridge(folder, broker_port, free_port(), "reactions", chargers.ports, None) as process,
            ):
                await heard.until_each_told(CHARGERS, 1, SECONDS_UNTIL_STATE)
                assert heard.first_at is not None
                starts_s.append(heard.first_at - process.started)
                if len(starts_s) < starts:
                    continue
                return Reactions(
                    starts_s=starts_s,
                    commands_ms=await _command(heard, chargers, commands),
                    memory_mb=process.memory_mb(),
                    peak_memory_mb=process.peak_memory_mb(),
                )


async def _command(heard: Ear, chargers: Chargers, commands: int) -> list[float]:
    """Send commands to one charger after the other and return how long each took to get there."""
    took_ms: list[float] = []
    for number in range(commands):
        await asyncio.sleep(random.uniform(*SECONDS_BETWEEN_COMMANDS))
        port = chargers.ports[number % CHARGERS]
        amps = CURRENTS[number // CHARGERS % len(CURRENTS)]
        sent = time.monotonic()
        await heard.client.publish(f"reactions/c{port}/current_limit/set", str(amps), qos=1)
        async with asyncio.timeout(SECONDS_UNTIL_REQUEST):
            write = await chargers.writes.get()
        assert write.port == port
        took_ms.append((write.at - sent) * 1000)
    return took_ms
