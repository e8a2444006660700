"""The pretend electricity meter: ramps, energy, and readings with a little noise that is the same on every run."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

PHASES = 3
MAINS_V = 230.0
CLIMB_A_PER_S = 4.0
AVERAGE_OVER_S = 30.0
SECONDS_PER_HOUR = 3600.0


@dataclass(slots=True, kw_only=True)
class Meter:
    """What flows to the car.

    Attributes:
        seed: Two meters with one seed have the same noise.
        current: A per phase.
        phases: How many phases carry it.
        session_wh: Since a car was plugged in last.
        total_wh: Lifetime.
        average_w: Roughly over the last 30 s.
        highest_w: Since the start.
    """

    seed: int
    current: float = 0.0
    phases: int = 0
    session_wh: float = 0.0
    total_wh: float = 0.0
    average_w: float = 0.0
    highest_w: float = 0.0

    def run(self, seconds: float, *, aim: float, phases: int, room_wh: float) -> float:
        """Let time pass with a car that aims for a current, and return the Wh that flowed.

        The current climbs over a few seconds and drops at once, and no more flows than there is room for.
        """
        before = self.current
        self.current = min(aim, before + CLIMB_A_PER_S * seconds)
        self.phases = phases if self.current > 0 else 0
        mean_power = MAINS_V * phases * (min(before, aim) + self.current) / 2
        flowed = max(0.0, min(room_wh, mean_power * seconds / SECONDS_PER_HOUR))
        self.session_wh += flowed
        self.total_wh += flowed
        self.average_w += (mean_power - self.average_w) * min(1.0, seconds / AVERAGE_OVER_S)
        self.highest_w = max(self.highest_w, mean_power)
        return flowed

    def noise(self, second: int, which: int) -> float:
        """A number from -1 to 1 that depends on nothing but the seed, the second and which reading it is for."""
        return crc32(f"{self.seed}/{second}/{which}".encode()) / 2**31 - 1
